// A secret that only this machine gives back: through `systemd-creds` (systemd 250 and later), which seals it to the
// TPM. It is run as a program, found by PATH; nothing of systemd or of a TPM is linked for it.
//
// Who takes the disk out of the machine does not get the secret. Who takes the machine does, as soon as it starts: what
// stops him then is the login, and a disk that is revoked at the hub.
#ifndef LIAISON_COMMON_DAEMON_TPM_H_
#define LIAISON_COMMON_DAEMON_TPM_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

// Both wait at most 30 s for the program. kUnimplemented (Chinese): there is none, or it does not find a TPM that it
// may use. `secret`: at most 1 KB.
absl::StatusOr<std::string> SealToMachine(std::string_view secret);         // a text
absl::StatusOr<std::string> UnsealFromMachine(std::string_view credential);  // the secret

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_TPM_H_
