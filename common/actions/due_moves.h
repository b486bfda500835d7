// Time limits that move because the holiday table changed: of what is open and was computed, never of what a person
// typed.
#ifndef LIAISON_COMMON_ACTIONS_DUE_MOVES_H_
#define LIAISON_COMMON_ACTIONS_DUE_MOVES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rules/days/deadlines.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"

namespace liaison {

struct MovedDue {
  RecordId matter, assignment;
  std::string number;  // of the matter
  std::string unit;    // main unit's id
  Day before = kUndated, after = kUndated;

  bool operator==(const MovedDue&) const = default;
};

// The last assignments of open matters whose limit is what `before` computes, and which `after` computes otherwise; by
// number. kDataLoss as ScanWork.
absl::StatusOr<std::vector<MovedDue>> MovedDues(const StoreReader& view, const Deadlines& before,
                                                const Deadlines& after);

// The ops that move them, each with its trace in the case. `action_id`: the action's bytes.
void AppendMovedDues(const StoreReader& view, const std::vector<MovedDue>& moved, std::string_view action_id,
                     const std::string& date, Action* action);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_DUE_MOVES_H_
