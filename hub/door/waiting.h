// Devices that have used a code and wait until a person has compared six digits with their screen. Nothing is theirs
// before that: no node, no certificate, no record, no key.
//
// Which device waits: one of a station that has another one at work, or whose visitors' data would come to it. The
// first device of a fresh station is let in by its code alone. Kept as one fact of the store.
#ifndef LIAISON_HUB_DOOR_WAITING_H_
#define LIAISON_HUB_DOOR_WAITING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

// Why a new device of this station has to wait (Chinese); empty: it has not. Reads visitors until one is the station's.
std::string WhyWait(const Roster& roster, const StoreReader& reader, const std::string& station_id);

// Thread-safe; calls that write wait for the disk.
class WaitingDevices {
 public:
  explicit WaitingDevices(Store* store) : store_(store) {}  // must outlive this

  // What is kept of a device that asks: the same for the same key and invitation, however often it asks. A device that
  // comes with another invitation begins anew. Of `asked` the key, the invitation and what describes it are used.
  // kPermissionDenied: a person has refused it. kResourceExhausted: too many wait. Chinese.
  absl::StatusOr<v1::WaitingDevice> Note(const v1::WaitingDevice& asked);
  std::vector<v1::WaitingDevice> List() const;  // the oldest first; refused ones too
  std::optional<v1::WaitingDevice> Find(const std::string& node_id) const;
  absl::Status Remove(const std::string& node_id);  // of an unknown one: nothing
  absl::Status Refuse(const std::string& node_id);

 private:
  v1::WaitingList Load() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save(v1::WaitingList list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* const store_;
  mutable absl::Mutex mutex_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_WAITING_H_
