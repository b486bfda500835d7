#include "common/crypto/hmac.h"

#include "common/crypto/hash.h"

namespace liaison {

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  constexpr size_t kBlock = 64;
  std::string padded = key.size() > kBlock ? Sha256(key) : std::string(key);
  padded.resize(kBlock, '\0');
  std::string inner = padded, outer = padded;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return Sha256(outer + Sha256(inner + std::string(bytes)));
}

}  // namespace liaison
