// What a station knows of its hub's door, and remembers in DIR/station.json.
//
// A door carries a usage of its own. One of a program up to 0.4.0 does not, and cannot be told from a page that the
// same authority let be made. Such a one passes only with a key behind which the hub has proved its signing key, which
// the station was given at enrolment; and never any more once the hub has shown a door with the usage.
#ifndef LIAISON_STATION_LINK_KNOWN_DOOR_H_
#define LIAISON_STATION_LINK_KNOWN_DOOR_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

// Thread-safe.
class KnownDoor {
 public:
  KnownDoor(std::string dir, v1::StationConfig config) : dir_(std::move(dir)), config_(std::move(config)) {}

  // Whether to speak with whoever shows this certificate (DER). An error: no; complaint() says why.
  absl::Status Accept(const std::string& der);
  // The same, but lets an older program's door pass whose key is not known yet, to be asked for a proof and nothing
  // else. One key for each proof: nobody else may answer the next connection of its channel.
  void BeginProof();
  absl::Status AcceptForProof(const std::string& der);
  // An older door was turned away because its key is not known: a proof may help.
  bool wants_proof() const;
  // The hub behind the door that AcceptForProof() let pass last has signed what was asked: its key is known from now
  // on. An error: it could not be remembered.
  absl::Status Proved();
  // Why the last one was turned away (Chinese); empty: it was not.
  std::string complaint() const;

 private:
  absl::Status Judge(const std::string& der, bool for_proof) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string dir_;
  mutable absl::Mutex mutex_;
  v1::StationConfig config_ ABSL_GUARDED_BY(mutex_);
  bool wants_proof_ ABSL_GUARDED_BY(mutex_) = false;
  std::string shown_ ABSL_GUARDED_BY(mutex_);  // hash of the key of the door that was let pass for a proof
  std::string complaint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_KNOWN_DOOR_H_
