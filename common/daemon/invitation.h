// The code that lets a new device in, as people type it and as a QR code carries it.
//
//   code    := version u8 = 1 | hash algorithm u8 | secret 10 | fingerprint 16 | check 2      30 bytes
//   check    = the first 2 bytes of SHA-256("liaison-code-1", everything before it): finds slips of the finger
//   typed    = the code in Crockford's base 32 (no I, L, O, U), twelve groups of four with "-" between
//   carried  = "LIAISON/1/" HOST:PORT "/" typed; in capitals, which a QR code packs tightest; HOST:PORT may be empty
//
// The fingerprint is the head of the authority's (crypto/certificate.h): whoever has the code can tell the right hub
// before he tells it the secret. Reading takes small letters, spaces, and I, L, O for 1, 1, 0.
#ifndef LIAISON_COMMON_DAEMON_INVITATION_H_
#define LIAISON_COMMON_DAEMON_INVITATION_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

inline constexpr size_t kInviteSecretBytes = 10, kCodeFingerprintBytes = 16;

struct InviteCode {
  std::string secret;
  std::string fingerprint;  // the first kCodeFingerprintBytes
  std::string hub_address;  // empty if not carried
  bool operator==(const InviteCode&) const = default;
};

// REQUIRES: the sizes above.
std::string TypedCode(const InviteCode& code);
std::string CarriedCode(const InviteCode& code);
// Either form. kInvalidArgument (Chinese): mistyped, or of another version.
absl::StatusOr<InviteCode> ParseCode(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_INVITATION_H_
