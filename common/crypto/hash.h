// SHA-256 (FIPS 180-4), the hash under op names, chain heads, state hashes and photo names.
//
// Wherever a hash is stored or sent, the id of its algorithm stands beside it, so that SM3 (GB/T 32905-2016) can come
// in without a new format. A reader calls CheckHashAlgorithm() and refuses what it does not know: bytes under an
// unknown hash must never pass as checked.
//
// Threads: the free functions may be called from any thread; a Sha256Stream belongs to one thread at a time.
// The forms that write to `out` allocate nothing; those that return a string allocate its 32 bytes.
#ifndef LIAISON_COMMON_CRYPTO_HASH_H_
#define LIAISON_COMMON_CRYPTO_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

enum HashAlgorithm : uint8_t {
  kSha256 = 1,  // SM3 = 2 is reserved
};

inline constexpr size_t kSha256Size = 32;  // bytes

// kInvalidArgument, with the id, unless this build computes that hash.
absl::Status CheckHashAlgorithm(uint8_t algorithm);

// The 32 raw bytes of the hash. Cannot fail.
std::string Sha256(std::string_view bytes);
void Sha256(std::string_view bytes, char out[kSha256Size]);

// The hash of the concatenation of everything given to Update().
// The pieces are not delimited: "ab","c" hashes like "a","bc". Callers whose pieces vary in length write lengths too.
class Sha256Stream {
 public:
  Sha256Stream();
  // A copy goes on independently from the same point: hash a common prefix once.
  Sha256Stream(const Sha256Stream&) = default;
  Sha256Stream& operator=(const Sha256Stream&) = default;

  void Update(std::string_view bytes);

  // Ends this hash and starts the next: the stream is then as newly made.
  std::string Finish();
  void Finish(char out[kSha256Size]);

 private:
  // OpenSSL's SHA256_CTX, held by value; the source asserts that it fits.
  alignas(8) unsigned char state_[112];
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_HASH_H_
