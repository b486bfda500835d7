// What services and rules know of the daemon that they run in.
#ifndef LIAISON_COMMON_ACTIONS_CONTEXT_H_
#define LIAISON_COMMON_ACTIONS_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

class BoxClock;
class FindIndex;

// What a daemon is made of, as its services see it. All pointers outlive them.
struct ServiceContext {
  Store* store = nullptr;
  RosterCache* roster = nullptr;
  FindIndex* find = nullptr;
  std::string station_id;  // own station; kHubStation at the hub
  std::string node_id;
  std::string block;  // this device's letter in numbers
  std::string hub_address;
  // The state of the link, from whoever keeps it; defaults when there is none.
  struct Link {
    bool up = false;
    int64_t last_receipt_ms = 0;
    std::string error;
  };
  std::function<Link()> link = [] { return Link(); };
  std::function<v1::FileCounts()> files = [] { return v1::FileCounts(); };
  BoxClock* box = nullptr;                                               // null: the clock is taken as it is
  std::function<v1::PortState()> port = [] { return v1::PortState(); };  // of a hub

  bool IsHub() const { return station_id == kHubStation; }
  Clock* clock() const { return store->options().clock; }
  Random* random() const { return store->options().random; }
  std::string Today() const;
  // `date`, or today; an error where today has to be given (BoxClock::DateOr).
  absl::StatusOr<std::string> DateOr(const std::string& date) const;
  // Whether something can have happened on the day that a person gives (CheckPossible).
  absl::Status CheckDate(std::string_view label, std::string_view date, bool meant, bool any_past = false) const;
};

// An op that changes a record as it stands: its context covers all that is visible of it.
NewOp OpOn(const Aggregate& aggregate);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_CONTEXT_H_
