// Device keys and signatures: Ed25519 (RFC 8032).
//
// A signature says that the holder of a key saw exactly these bytes, nothing about what kind of thing they are. Every
// signed message therefore begins with a label of its kind and version ("liaison-range-1", ...), so that a signature
// over one kind never passes for another. That is the caller's part.
//
// The id of the algorithm is carried beside every signature and public key; SM2 (GB/T 32918) has a reserved one.
//
// Threads: all functions may be called from any thread, as far as the Random that is passed allows it.
// Limit: secret keys stand in ordinary memory; they are not locked there, and wiped only where this folder copied them.
#ifndef LIAISON_COMMON_CRYPTO_SIGN_H_
#define LIAISON_COMMON_CRYPTO_SIGN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

enum SignatureAlgorithm : uint8_t {
  kUnsigned = 0,  // not signed; never verifies
  kEd25519 = 1,   // SM2 = 2 is reserved
};

inline constexpr size_t kPublicKeySize = 32;  // bytes, as are those below
inline constexpr size_t kSecretKeySize = 64;  // the 32-byte seed, then the public key
inline constexpr size_t kSignatureSize = 64;
inline constexpr size_t kKeyIdSize = 8;

struct KeyPair {
  std::string public_key;
  std::string secret_key;
  uint8_t algorithm = kEd25519;
};

// Draws exactly 32 bytes from `random`: the seed of RFC 8032.
KeyPair GenerateKeyPair(Random* random);

// The signature, 64 bytes; the same for the same key and message. Aborts unless `keys` has the sizes above.
// REQUIRES: `keys` comes from GenerateKeyPair() or LoadKeyPair(). (Halves of two pairs would give the secret away.)
std::string Sign(const KeyPair& keys, std::string_view message);

// OK: the holder of `public_key` signed `message`.
// kUnauthenticated: not so, or kUnsigned: nothing was signed.
// kInvalidArgument: an algorithm that this build does not know, or a key or signature of the wrong length.
// Public keys of small order and signatures in a second encoding are refused.
absl::Status Verify(uint8_t algorithm, std::string_view public_key, std::string_view message,
                    std::string_view signature);

// The first 8 bytes of the SHA-256 of the public key. It finds a key in a table; it does not prove one: two keys with
// one id can be made with effort, so whoever looks a key up by id still verifies with the key found.
std::string KeyId(std::string_view public_key);

// The key file, mode 0600:
//
//   file    := magic "LIAISONK" | version u8 = 1 | algorithm u8 | public key 32 | seed 32 | checksum 32
//   checksum = SHA-256 of everything before it; against damage, not against forgery
//
// Save writes a temporary file in the same folder (".XXXXXX" behind the name, O_EXCL), syncs it, renames it without
// replacing, and syncs the folder: a crash leaves the whole file or none, at worst a temporary one that nothing uses.
// An OK is durable.
// kAlreadyExists: something is at `path`, a dangling link included; it is untouched. Keys are never overwritten.
// Others: what the system said. When only the last sync failed, the file may be there: load it before another save.
absl::Status SaveKeyPair(const std::string& path, const KeyPair& keys);

// kNotFound: no such file.
// kFailedPrecondition: users other than the owner have any right to it, or it is not a regular file. Fix, then retry.
// kInvalidArgument: no key file, or one of a version or algorithm that this build does not know.
// kDataLoss: damaged. The key is gone; enrol again.
absl::StatusOr<KeyPair> LoadKeyPair(const std::string& path);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_SIGN_H_
