// The list of the figures: one number, one code and one Chinese name each. For figures.cc; everybody else asks by code
// ("N5.headcount"). What each means stands in hub/FIGURES.md.
#ifndef LIAISON_HUB_FIGURE_CODES_H_
#define LIAISON_HUB_FIGURE_CODES_H_

#include <cstddef>

namespace liaison::figure {

// In the order in which they are shown.
enum Code : size_t {
  kCenters,
  kAreas,
  kHighStandard,
  kPoints,
  kCoverage,
  kActiveRate,
  kActivePoints,
  kSilent,
  kSessions,
  kSessionsLedger,
  kAttendances,
  kDeputies,
  kNation,
  kProvince,
  kCity,
  kDistrict,
  kTown,
  kNationTimes,
  kProvinceTimes,
  kCityTimes,
  kDistrictTimes,
  kTownTimes,
  kPlural,
  kStrangers,
  kVisits,
  kHeadcount,
  kPeople,
  kUnregistered,
  kOpinions,
  kInquiries,
  kPraise,
  kNatureUnset,
  kMerged,
  kCases,
  kOpinionsLedger,
  kAnswered,
  kAnsweredSolved,
  kGuided,
  kAccusations,
  kWithdrawn,
  kAssigned,
  kAssignedChildren,
  kUnits,
  kSuggestionsAssigned,
  kSolved,
  kSolvedLedger,
  kFinished,
  kSumAnswered,
  kSumClosed,
  kSumOpen,
  kContested,
  kDangling,
  kDifference,
  kClosingRate,
  kOnTimeRate,
  kReplyRate,
  kVoterRate,
  kVoterExcellent,
  kVoterSatisfied,
  kVoterBasically,
  kVoterDissatisfied,
  kVoterUnrated,
  kDeputyRate,
  kDeputyExcellent,
  kDeputySatisfied,
  kDeputyBasically,
  kDeputyDissatisfied,
  kDeputyUnrated,
  kUndatedRows,
  kCodeCount,
};

struct Name {
  const char* code;
  const char* label;
  const char* unit;  // "‰": a rate
};

extern const Name kNames[kCodeCount];

}  // namespace liaison::figure

#endif  // LIAISON_HUB_FIGURE_CODES_H_
