// `hub init`: the township's master records, from the files of its roster.
#ifndef LIAISON_HUB_DESK_SETUP_H_
#define LIAISON_HUB_DESK_SETUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/store/store.h"

namespace liaison {

struct RosterCounts {
  int stations = 0, deputies = 0, departments = 0, holidays = 0, categories = 0;
};

// Reads stations.csv, deputies.csv, departments.csv and holidays-*.csv of `folder` and writes what differs from what
// the store has, so that loading the same roster again writes nothing. Nothing is written if any row is wrong;
// kInvalidArgument names file, row, column and reason.
absl::StatusOr<RosterCounts> LoadRoster(const std::string& folder, Store* store);

// LoadRoster() once, into a new hub. May be repeated after an interruption. kFailedPrecondition (Chinese), nothing
// written: the hub has a roster, and going back to the one of its first day would undo what was changed since.
absl::StatusOr<RosterCounts> SetUp(const std::string& folder, Store* store);

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_SETUP_H_
