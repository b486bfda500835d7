// What deputies did in a period, read from the records: the one ground of their files, points and obligations.
#ifndef LIAISON_COMMON_API_CONGRESS_DEEDS_H_
#define LIAISON_COMMON_API_CONGRESS_DEEDS_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/rules/roster/roster.h"
#include "common/store/reader.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

struct SessionDeed {
  RecordId id;
  v1::ReceptionSession session;
  std::vector<std::string> present;
  int visits = 0, headcount = 0, files = 0;
};

struct ActivityDeed {
  RecordId id;
  v1::Activity activity;
  std::vector<std::pair<RecordId, v1::Ballot>> ballots;
};

struct ProjectVisitDeed {
  RecordId project, id;
  std::string project_name;
  v1::ProjectVisit visit;
};

struct MatterDeed {
  RecordId id;
  v1::Matter matter;
  v1::MatterState state = v1::STATE_UNSPECIFIED;
};

// Each by date, oldest first. What is voided counts nowhere, and of sessions only those that are closed.
std::vector<SessionDeed> SessionsIn(const StoreReader& reader, std::string_view from, std::string_view to);
std::vector<ActivityDeed> ActivitiesIn(const StoreReader& reader, std::string_view from, std::string_view to);
std::vector<ProjectVisitDeed> ProjectVisitsIn(const StoreReader& reader, std::string_view from, std::string_view to);
// Suggestions and bills, and opinions that a deputy answered on the spot. Reads every matter of the period.
std::vector<MatterDeed> MattersIn(const StoreReader& reader, std::string_view from, std::string_view to);

// The live children of a type with what they show.
template <typename M>
std::vector<std::pair<RecordId, M>> LiveChildren(const Aggregate& aggregate) {
  std::vector<std::pair<RecordId, M>> children;
  for (const RecordId& id : ChildrenOf<M>(aggregate))
    if (aggregate.VoidOf(id) != VoidState::kVoid) children.emplace_back(id, Show<M>(aggregate, id));
  return children;
}

bool TookPart(const v1::Activity& activity, std::string_view deputy_id);

// What gives points, and how often a deputy did it.
struct PointKind {
  std::string_view key;  // of its policy record
  std::string_view label;
  int tenths;  // the default weight
};
const std::vector<PointKind>& PointKinds();
// The weights in force, by key, in tenths. From policies "points-…": a number with at most one decimal.
std::map<std::string, int> PointWeights(const Roster& roster);
bool ParsePoints(std::string_view text, int* tenths);  // "2", "0.5"; 0 to 1,000
// deputy -> key -> how often.
using DeedCounts = std::map<std::string, std::map<std::string, int>>;
DeedCounts CountDeeds(const StoreReader& reader, std::string_view from, std::string_view to);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_CONGRESS_DEEDS_H_
