// The one-time code on the slip that a person gets: with it the first PIN or password is set, once.
//
//   code  := 10 digits of Crockford's base 32, 50 random bits
//   check := 2 digits: the first 10 bits of SHA-256("liaison-slip-1", code); finds slips of the finger
//   typed := code check, in three groups of four: "7K2M-C9QX-41TB"
//
// The records keep its Argon2id hash (crypto/password.h) in a OneTimeCode; the code itself is shown once.
#ifndef LIAISON_COMMON_DAEMON_SLIP_H_
#define LIAISON_COMMON_DAEMON_SLIP_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

struct Slip {
  std::string typed;      // for the paper
  std::string code_hash;  // for OneTimeCode
};
// kResourceExhausted: there is no memory for the hash.
absl::StatusOr<Slip> NewSlip(Random* random);

// The code of what was typed, small letters and spaces and all. kInvalidArgument (Chinese): mistyped. Saying so costs
// no guess: the check digits are no secret.
absl::StatusOr<std::string> ParseSlip(std::string_view typed);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_SLIP_H_
