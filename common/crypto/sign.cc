#include "common/crypto/sign.h"

#include <sodium.h>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"

namespace liaison {

using crypto_internal::Bytes;

static_assert(kPublicKeySize == crypto_sign_PUBLICKEYBYTES);
static_assert(kSecretKeySize == crypto_sign_SECRETKEYBYTES);
static_assert(kSignatureSize == crypto_sign_BYTES);

KeyPair GenerateKeyPair(Random* random) {
  crypto_internal::EnsureSodium();
  char seed[crypto_sign_SEEDBYTES];
  random->Fill(seed, sizeof seed);
  KeyPair keys;
  keys.public_key.resize(kPublicKeySize);
  keys.secret_key.resize(kSecretKeySize);
  crypto_sign_seed_keypair(Bytes(keys.public_key.data()), Bytes(keys.secret_key.data()), Bytes(seed));
  sodium_memzero(seed, sizeof seed);
  return keys;
}

std::string Sign(const KeyPair& keys, std::string_view message) {
  crypto_internal::EnsureSodium();
  crypto_internal::Require(keys.algorithm == kEd25519 && keys.secret_key.size() == kSecretKeySize,
                           "Sign() without an Ed25519 key");
  std::string signature(kSignatureSize, '\0');
  crypto_sign_detached(Bytes(signature.data()), nullptr, Bytes(message), message.size(),
                       Bytes(std::string_view(keys.secret_key)));
  return signature;
}

absl::Status Verify(uint8_t algorithm, std::string_view public_key, std::string_view message,
                    std::string_view signature) {
  if (algorithm == kUnsigned) return absl::UnauthenticatedError("not signed");
  if (algorithm != kEd25519) {
    return absl::InvalidArgumentError(Cat("unknown signature algorithm ", static_cast<int>(algorithm)));
  }
  if (public_key.size() != kPublicKeySize) {
    return absl::InvalidArgumentError(Cat("a public key of ", public_key.size(), " bytes"));
  }
  if (signature.size() != kSignatureSize) {
    return absl::InvalidArgumentError(Cat("a signature of ", signature.size(), " bytes"));
  }
  crypto_internal::EnsureSodium();
  if (crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(), Bytes(public_key)) != 0) {
    return absl::UnauthenticatedError("the signature does not match the key and the message");
  }
  return absl::OkStatus();
}

std::string KeyId(std::string_view public_key) { return Sha256(public_key).substr(0, kKeyIdSize); }

}  // namespace liaison
