// HMAC (RFC 2104) with SHA-256, and the comparison of secrets. Threads: any.
#ifndef LIAISON_COMMON_CRYPTO_HMAC_H_
#define LIAISON_COMMON_CRYPTO_HMAC_H_

#include <string>
#include <string_view>

namespace liaison {

// 32 raw bytes; any length of `key`.
std::string HmacSha256(std::string_view key, std::string_view bytes);

// Whether both are equal, in a time that says nothing of where they differ; it may say that their lengths do.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_HMAC_H_
