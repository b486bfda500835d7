// SaveKeyPair() and LoadKeyPair() of sign.h, where the format is.
#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"
#include "common/crypto/secret_file.h"
#include "common/crypto/sign.h"

namespace liaison {
namespace {

constexpr std::string_view kKeyFileMagic = "LIAISONK";
constexpr std::string_view kKeyFileKind = "key file";
constexpr uint8_t kKeyFileVersion = 1;
constexpr size_t kFileSize = 8 + 1 + 1 + kPublicKeySize + crypto_sign_SEEDBYTES + kSha256Size;

std::string Encode(const KeyPair& keys) {
  std::string bytes;
  bytes.reserve(kFileSize);  // so that growing leaves no copy of the seed behind
  ByteWriter out(&bytes);
  out.Raw(kKeyFileMagic);
  out.U8(kKeyFileVersion);
  out.U8(keys.algorithm);
  out.Raw(keys.public_key);
  out.Raw(std::string_view(keys.secret_key).substr(0, crypto_sign_SEEDBYTES));
  out.Raw(Sha256(bytes));
  return bytes;
}

absl::StatusOr<KeyPair> Decode(const std::string& path, std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(kKeyFileMagic.size()) != kKeyFileMagic)
    return absl::InvalidArgumentError(Cat("key file ", path, ": not a key file"));
  // The version first: a later one may be longer and put its checksum elsewhere.
  if (uint8_t version = in.U8(); in.ok() && version != kKeyFileVersion) {
    return absl::InvalidArgumentError(Cat("key file ", path, ": unknown version ", static_cast<int>(version)));
  }
  if (bytes.size() != kFileSize ||
      Sha256(bytes.substr(0, kFileSize - kSha256Size)) != bytes.substr(kFileSize - kSha256Size)) {
    return absl::DataLossError(Cat("key file ", path, ": damaged, its checksum does not match"));
  }
  if (uint8_t algorithm = in.U8(); algorithm != kEd25519) {
    return absl::InvalidArgumentError(Cat("key file ", path, ": unknown algorithm ", static_cast<int>(algorithm)));
  }
  std::string_view public_key = in.Raw(kPublicKeySize);
  std::string_view seed = in.Raw(crypto_sign_SEEDBYTES);
  KeyPair keys;
  keys.public_key.resize(kPublicKeySize);
  keys.secret_key.resize(kSecretKeySize);
  crypto_internal::EnsureSodium();
  crypto_sign_seed_keypair(crypto_internal::Bytes(keys.public_key.data()),
                           crypto_internal::Bytes(keys.secret_key.data()), crypto_internal::Bytes(seed));
  if (keys.public_key != public_key) {
    return absl::DataLossError(Cat("key file ", path, ": damaged, its halves do not belong together"));
  }
  return keys;
}

}  // namespace

absl::Status SaveKeyPair(const std::string& path, const KeyPair& keys) {
  crypto_internal::Require(keys.algorithm == kEd25519 && keys.public_key.size() == kPublicKeySize &&
                               keys.secret_key.size() == kSecretKeySize,
                           "SaveKeyPair() without an Ed25519 key");
  std::string bytes = Encode(keys);
  absl::Status status = crypto_internal::WriteNewSecret(kKeyFileKind, path, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return status;
}

absl::StatusOr<KeyPair> LoadKeyPair(const std::string& path) {
  ASSIGN_OR_RETURN(std::string bytes, crypto_internal::ReadSecret(kKeyFileKind, path, kFileSize));
  absl::StatusOr<KeyPair> keys = Decode(path, bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return keys;
}

}  // namespace liaison
