#include "common/crypto/internal.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>

namespace liaison::crypto_internal {

void EnsureSodium() {
  static const int ready = sodium_init();
  Require(ready >= 0, "libsodium does not start");
}

void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "liaison crypto: %s\n", what);
  std::abort();
}

}  // namespace liaison::crypto_internal
