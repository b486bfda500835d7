// What services and rules know of the daemon that they run in. It names what that is made of; whoever uses a part
// includes its header.
#ifndef LIAISON_COMMON_ACTIONS_CONTEXT_H_
#define LIAISON_COMMON_ACTIONS_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

class BoxClock;
class FindIndex;
class PeopleCache;
class RosterCache;
class Store;
struct Caller;
namespace v1 {
class FileCounts;
class NetworkState;
class PortState;
}  // namespace v1

// What a daemon is made of, as its services see it. All pointers outlive them.
struct ServiceContext {
  Store* store = nullptr;
  RosterCache* roster = nullptr;
  FindIndex* find = nullptr;
  PeopleCache* people = nullptr;  // null: authors are shown as they are written
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
  std::function<v1::FileCounts()> files;  // unset: nothing is told of files
  BoxClock* box = nullptr;                // null: the clock is taken as it is
  std::function<v1::PortState()> port;    // of a hub; unset: nothing is told of its port
  // Whether this is the secret of the person who has logged in, asked for again; an error says why not, in Chinese, and
  // counts as a wrong guess. Unset: it is not asked for.
  std::function<absl::Status(const Caller& caller, const std::string& secret)> check_secret;
  std::function<v1::NetworkState()> network;  // unset: this daemon serves no village's network

  bool IsHub() const;
  Clock* clock() const;  // of the store, as the next
  Random* random() const;
  std::string Today() const;
  // `date`, or today; an error where today has to be given (BoxClock::DateOr).
  absl::StatusOr<std::string> DateOr(const std::string& date) const;
  // Whether something can have happened on the day that a person gives (CheckPossible).
  absl::Status CheckDate(std::string_view label, std::string_view date, bool meant, bool any_past = false) const;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_CONTEXT_H_
