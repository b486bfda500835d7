// A daemon whose folder only a person can open waits for him: with a page that says whom to telephone and takes the
// passphrase or the recovery code, and on DIR/socket for `liaison rest unlock`.
#ifndef LIAISON_COMMON_DAEMON_LOCKED_H_
#define LIAISON_COMMON_DAEMON_LOCKED_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/daemon/rest.h"

namespace liaison {

// POST of a v1::RestUnlockRequest; answers "{}", or the errors of VaultDoor::Try().
inline constexpr char kUnlockPath[] = "/unlock";

struct LockedFace {
  std::string dir;
  std::string address;  // of the page, as Face::address
  std::string whom;     // who is telephoned: 恒源镇人大办
};

// The vault of the folder, by itself or once a person has opened it; null: the folder is not encrypted yet. While it
// waits, `/healthz` answers kUnavailable, the manager (service_manager.h) reads why, and nothing else is served.
// kCancelled: SIGINT or SIGTERM came. Others as OpenVault() and http::Server::Listen(). REQUIRES: BlockSignals().
absl::StatusOr<VaultPtr> VaultOrWait(const LockedFace& face);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_LOCKED_H_
