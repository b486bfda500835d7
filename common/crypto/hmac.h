// HMAC (RFC 2104) with SHA-256. Threads: any.
#ifndef LIAISON_COMMON_CRYPTO_HMAC_H_
#define LIAISON_COMMON_CRYPTO_HMAC_H_

#include <string>
#include <string_view>

namespace liaison {

// 32 raw bytes; any length of `key`.
std::string HmacSha256(std::string_view key, std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_HMAC_H_
