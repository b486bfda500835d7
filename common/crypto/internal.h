// For the sources of this folder only.
#ifndef LIAISON_COMMON_CRYPTO_INTERNAL_H_
#define LIAISON_COMMON_CRYPTO_INTERNAL_H_

#include <string_view>

namespace liaison::crypto_internal {

// Lets libsodium choose its implementations for this processor, once. Any thread, any number of times.
void EnsureSodium();

// Aborts with `what` on standard error. For a broken REQUIRES of our own code, never for bytes from elsewhere.
void Require(bool ok, const char* what);

inline const unsigned char* Bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
inline unsigned char* Bytes(char* p) { return reinterpret_cast<unsigned char*>(p); }

}  // namespace liaison::crypto_internal

#endif  // LIAISON_COMMON_CRYPTO_INTERNAL_H_
