// The setup code: with it the page of a new hub makes the first admin, and nothing else. It is a slip's code
// (daemon/slip.h), shown once by `liaison hub init` or `liaison hub setup-code`; the store keeps its hash among its own
// facts, so it is in no record, no feed and no other copy of the hub. Thread-safe.
#ifndef LIAISON_COMMON_DAEMON_SETUP_CODE_H_
#define LIAISON_COMMON_DAEMON_SETUP_CODE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/rules/people/people.h"
#include "common/store/store.h"

namespace liaison {

// Whether the hub of these people has no live admin: only then a setup code is good for anything. Whoever asks for a
// code, or takes one, asks this first.
bool AwaitsAdmin(const People& people);

// A new code, as it is typed; OK is durable. The one before it ends. kResourceExhausted: no memory for the hash.
absl::StatusOr<std::string> NewSetupCode(Store* store, Random* random);

// OK: it is the code of this hub. It stays good until EndSetupCode(). Chinese:
//   kInvalidArgument     mistyped; names the field
//   kFailedPrecondition  no code was given out, or it has ended
//   kUnauthenticated     another code
// Guesses are not counted: there are 2^50 codes, and each guess takes a hash of crypto/password.h.
absl::Status CheckSetupCode(Store* store, std::string_view typed);

// The code is good no more: after the first admin was made. OK is durable.
absl::Status EndSetupCode(Store* store);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_SETUP_CODE_H_
