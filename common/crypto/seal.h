// Sealing: a visitor's personal fields as one value that only the holder of that visitor's key can read, and nobody can
// change unnoticed. One random key per visitor; destroying the key erases the visitor wherever copies of the value are.
//
//   sealed     := algorithm u8 | key id 8 | nonce 12 | ciphertext 16*k, k >= 1 | tag 16
//   ciphertext := ChaCha20-Poly1305 (RFC 8439) of padded; tag: over it and over algorithm | key id | associated data
//   padded     := length varint | plain | zeros up to the next multiple of 16
//
// A sealed value is 38 to 53 bytes longer than its plain text (up to 127 bytes; one more beyond). Only one encoding of
// the padding opens.
//
// The nonce: 96 bits of a keyed hash of 12 fresh random bytes, the associated data and the plain text. A key seals a
// handful of values (a visitor's first entry and corrections): for 1,000 values under one key the chance of any
// collision is below 1e-23. Counters would be wrong: a restored backup counts again from where it stood. The hash is
// there for a machine resumed twice from one snapshot, whose two runs may draw equal random bytes: different texts
// still get different nonces; equal texts give equal bytes, which shows no more than that they are equal.
//
// What it does not give:
//  - the length, to within 16 bytes, and the time and number of changes stay visible;
//  - an older sealed value of the same visitor opens as well as the newest: which one counts is the record's matter;
//  - it does not say who sealed: whoever can open can also seal;
//  - it does not bind to one key: someone who holds two keys with one id can make a value that opens under both;
//  - no forward secrecy: a leaked key opens all that it sealed. Old backups of keys are the stated limit of erasure.
//
// Threads: all functions may be called from any thread, as far as the Random that is passed allows it.
#ifndef LIAISON_COMMON_CRYPTO_SEAL_H_
#define LIAISON_COMMON_CRYPTO_SEAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

enum CipherAlgorithm : uint8_t {
  kChaCha20Poly1305 = 1,  // SM4 (GB/T 32907-2016) = 2 is reserved
};

inline constexpr size_t kSealKeySize = 32;   // bytes
inline constexpr size_t kSealKeyIdSize = 8;  // bytes

struct SealKey {
  uint8_t algorithm = kChaCha20Poly1305;
  std::string id;   // 8 random bytes; says nothing about the key or the visitor
  std::string key;  // 32 bytes, secret
};

// Draws exactly 40 bytes from `random`.
SealKey NewSealKey(Random* random);

// For keys that come from a file or a peer. kInvalidArgument: unknown algorithm, or wrong sizes.
absl::Status CheckSealKey(const SealKey& key);

// `associated_data` is not stored: it ties the value to its place (the visitor's id), so that a value copied to another
// visitor does not open there. Draws exactly 12 bytes from `random`. Any length of `plain`, none included.
// REQUIRES: CheckSealKey(key) is OK; aborts otherwise.
std::string Seal(const SealKey& key, std::string_view plain, std::string_view associated_data, Random* random);

// The plain text.
// kInvalidArgument: `sealed` or `key` is malformed, or of an algorithm that this build does not know.
// kFailedPrecondition: sealed with a key of another id; look that one up with SealedKeyId().
// kDataLoss: it does not verify: changed bytes, other associated data, or another key under this id.
absl::StatusOr<std::string> Open(const SealKey& key, std::string_view sealed, std::string_view associated_data);

// The 8 bytes of the key id, unverified. kInvalidArgument as for Open().
absl::StatusOr<std::string> SealedKeyId(std::string_view sealed);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_SEAL_H_
