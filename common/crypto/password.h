// What a person types and a machine remembers only as a hash: PINs, passwords, one-time codes. Argon2id (RFC 9106), one
// lane, slow and hungry on purpose, so that whoever has the hash guesses slowly.
//
//   hash := algorithm u8 = 1 | memory KiB varint | passes varint | salt 16 | Argon2id tag 32
//
// Six digits stay guessable for whoever has the disk: hours at 42 ms a guess. A PIN stops the person beside the box.
//
// Threads: any. Each call takes its memory for as long as it runs; how many run at once is the caller's to bound.
#ifndef LIAISON_COMMON_CRYPTO_PASSWORD_H_
#define LIAISON_COMMON_CRYPTO_PASSWORD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

enum PasswordAlgorithm : uint8_t {
  kArgon2id = 1,  // one with SM3 = 2 is reserved
};

// OWASP's floor, 2023: 19 MiB and two passes.
inline constexpr uint32_t kLeastMemoryKib = 19 << 10, kLeastPasses = 2;
// What a hash may ask for, wherever it comes from.
inline constexpr uint32_t kMostMemoryKib = 64 << 10, kMostPasses = 64;

struct PasswordCost {
  uint32_t memory_kib = kLeastMemoryKib;
  uint32_t passes = kLeastPasses;
  bool operator==(const PasswordCost&) const = default;
};

// The passes over that memory which take about `target_ms` on this machine, at least kLeastPasses, at most kMostPasses.
// Measures one hash of kLeastPasses. `steady_ms`: milliseconds by a clock that nobody sets.
PasswordCost CalibratePasses(uint32_t memory_kib, int64_t target_ms, const std::function<int64_t()>& steady_ms);

// Draws exactly 16 bytes from `random`. kResourceExhausted: there is no memory for it.
// REQUIRES: memory of 8 to kMostMemoryKib, 1 to kMostPasses; aborts otherwise.
absl::StatusOr<std::string> HashPassword(std::string_view password, const PasswordCost& cost, Random* random);

// The 32 bytes that a password gives with that salt: a key instead of a hash.
// kInvalidArgument: a salt of other than kPasswordSaltSize bytes, or asking for more than a hash may.
// kResourceExhausted: there is no memory for it.
inline constexpr size_t kPasswordSaltSize = 16;
absl::StatusOr<std::string> KeyOfPassword(std::string_view password, const PasswordCost& cost, std::string_view salt);

// Whether the hash is of that password.
// kInvalidArgument: no such hash, of an algorithm that this build does not know, or asking for more than it may.
// kResourceExhausted: there is no memory for it.
absl::StatusOr<bool> IsPassword(std::string_view password, std::string_view hash);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_PASSWORD_H_
