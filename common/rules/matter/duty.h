// What is to be done next with a matter and until when, and in which of the township's working lists it stands.
#ifndef LIAISON_COMMON_RULES_MATTER_DUTY_H_
#define LIAISON_COMMON_RULES_MATTER_DUTY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "common/rules/days/deadlines.h"
#include "common/rules/matter/case_file.h"
#include "liaison/v1/casework.pb.h"

namespace liaison {

// What must be told to the voter who brought a matter, and whether it was: the one rule of the lists, of archiving and
// of R6. Who was answered on the spot has heard it; a deputy's suggestion is answered to the deputy; of an old ledger
// and of an accusation nobody is told.
struct Telling {
  bool wanted = false;   // it is over, and the voter was not there
  bool follows = false;  // merged or converted: wanted as soon as that is over which it follows (IsOver)
  bool told = false;
  bool unreachable = false;  // and not told

  bool open() const { return wanted && !told && !unreachable; }
};
Telling TellingOf(const CaseFile& file);
// Answered or closed, whatever came after: what is merged into a matter in this state has its answer.
bool IsOver(v1::MatterState state);
// The matter that a merged or converted one follows, as its record names it; else empty.
std::string LinkOf(const CaseFile& file);

// What the answer depends on, of one record alone: small enough to be kept as a row. Days are kUndated if not known.
struct DutyFacts {
  v1::MatterState state = v1::STATE_UNSPECIFIED;
  v1::Track track = v1::TRACK_OPINION;
  v1::Rating rating = v1::RATING_UNSPECIFIED;  // of the last round
  Day since = kUndated;                        // in this state
  Day due = kUndated;                          // of the last assignment, with its extensions
  Day replied = kUndated;                      // the last reply
  Day rated = kUndated;
  Day promise = kUndated;
  bool fed_back = false;        // told, or not to be reached
  bool wants_feedback = false;  // Telling::wanted
  bool follows = false;         // Telling::follows
  bool return_asked = false, extension_asked = false;
  bool supervised = false;  // 督办 or 挂牌督办
  bool key = false;
  // Of a merged or converted matter: the last one that it follows, which the record alone does not tell.
  v1::MatterState followed = v1::STATE_UNSPECIFIED;
  Day followed_since = kUndated;  // its last reply, else since when it is in that state

  bool operator==(const DutyFacts&) const = default;
};
DutyFacts DutyFactsOf(const CaseFile& file);

// Whether anything is left to do, now or once what it follows is over: else it stands in no list.
bool HasDuty(const DutyFacts& facts);

struct Duty {
  const char* what = "";  // "答复"; empty: nothing
  Day due = kUndated;     // the last day for it; kUndated: no limit
  v1::Lamp lamp = v1::LAMP_NONE;
  uint32_t lists = 0;  // a bit for each v1::WorkList
};
Duty DutyOf(const DutyFacts& facts, const Deadlines& deadlines, Day today);

// Red after its last day, yellow from so many days before it as the policy says.
v1::Lamp LampOf(Day due, const Deadlines& deadlines, Day today);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_MATTER_DUTY_H_
