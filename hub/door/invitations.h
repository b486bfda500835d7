// The codes that let new devices in: given out once, kept as hashes, used once, until a time by the hub's clock.
//
// The secret has 80 random bits, so guessing it is hopeless, and a right code is taken whatever wrong ones came before
// it: nobody can shut others out by guessing. Wrong ones are counted by address, and above ten a minute all are
// answered alike. Kept as one fact of the store: a township has a handful open at a time.
#ifndef LIAISON_HUB_DOOR_INVITATIONS_H_
#define LIAISON_HUB_DOOR_INVITATIONS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/store/store.h"
#include "liaison/v1/config.pb.h"
#include "liaison/v1/devices.pb.h"

namespace liaison {

inline constexpr int kInviteHours = 72, kMostInviteHours = 24 * 30;

// Thread-safe; calls that write wait for the disk.
class Invitations {
 public:
  explicit Invitations(Store* store) : store_(store) {}  // must outlive this

  struct Made {
    v1::StoredInvitation invitation;
    std::string secret;  // kept nowhere
  };
  // kInvalidArgument: hours out of range. kResourceExhausted: too many are open. Chinese, as are all here.
  absl::StatusOr<Made> Make(const std::string& station_id, const std::string& device_name, int hours);
  std::vector<v1::Invitation> List() const;  // the newest first; old ones that are of no use any more are dropped
  // kNotFound. One that was used, expired or withdrawn stays as it is.
  absl::StatusOr<v1::Invitation> Withdraw(const std::string& id);

  // The invitation of this secret, if the device may use it: it is open, or this device has used it. `peer` is the
  // address that it comes from. kUnauthenticated: no such code. kPermissionDenied: used by another device, expired or
  // withdrawn. kResourceExhausted, instead of these: too many wrong codes from this address lately.
  absl::StatusOr<v1::StoredInvitation> Find(std::string_view secret, std::string_view public_key,
                                            std::string_view peer);
  // Find() again and marks it as used by this device, durably. Idempotent for the device.
  absl::StatusOr<v1::StoredInvitation> Use(std::string_view secret, std::string_view public_key);

 private:
  struct Window {  // wrong codes of one address
    int64_t since_ms = 0;
    int wrong = 0;
  };

  v1::InvitationList Load() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save(v1::InvitationList list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<v1::StoredInvitation*> Look(v1::InvitationList* list, std::string_view secret,
                                             std::string_view public_key) const;
  v1::InvitationState StateOf(const v1::StoredInvitation& stored) const;
  v1::Invitation ToView(const v1::StoredInvitation& stored) const;
  int64_t NowMs() const { return store_->options().clock->NowMs(); }
  Window* WindowOf(std::string_view peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* const store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Window, std::less<>> windows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_INVITATIONS_H_
