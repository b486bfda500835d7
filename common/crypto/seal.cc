#include "common/crypto/seal.h"

#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/internal.h"

namespace liaison {
namespace {

using crypto_internal::Bytes;

constexpr size_t kNonceSize = crypto_aead_chacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagSize = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr size_t kBlock = 16;
constexpr size_t kHeaderSize = 1 + kSealKeyIdSize;  // algorithm, key id
constexpr size_t kTextAt = kHeaderSize + kNonceSize;
static_assert(kSealKeySize == crypto_aead_chacha20poly1305_ietf_KEYBYTES && kNonceSize == 12 && kTagSize == 16);

std::string Pad(std::string_view plain) {
  std::string padded;
  padded.reserve(plain.size() + 10 + kBlock);
  ByteWriter(&padded).String(plain);
  padded.resize((padded.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return padded;
}

absl::StatusOr<std::string> Unpad(std::string_view padded) {
  ByteReader in(padded);
  std::string_view plain = in.String();
  std::string_view zeros = in.rest();
  if (!in.ok() || zeros.size() >= kBlock || zeros.find_first_not_of('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("sealed value: bad padding");
  }
  return std::string(plain);
}

// What the tag covers beside the text. The header has one length, so nothing can move between the two.
std::string BoundData(std::string_view header, std::string_view associated_data) {
  std::string bound(header);
  bound.append(associated_data);
  return bound;
}

std::string Nonce(const SealKey& key, std::string_view bound, std::string_view padded, Random* random) {
  static constexpr std::string_view kLabel = "liaison-seal-nonce-1";
  std::string input(kLabel);
  input.append(random->Bytes(kNonceSize));
  ByteWriter(&input).String(bound);
  input.append(padded);
  unsigned char hash[crypto_generichash_BYTES_MIN];
  crypto_generichash(hash, sizeof hash, Bytes(std::string_view(input)), input.size(), Bytes(std::string_view(key.key)),
                     key.key.size());
  sodium_memzero(input.data(), input.size());
  return std::string(reinterpret_cast<const char*>(hash), kNonceSize);
}

absl::Status CheckForm(std::string_view sealed) {
  if (!sealed.empty() && static_cast<uint8_t>(sealed[0]) != kChaCha20Poly1305) {
    return absl::InvalidArgumentError(
        Cat("sealed value: unknown cipher algorithm ", static_cast<int>(static_cast<uint8_t>(sealed[0]))));
  }
  if (sealed.size() < kTextAt + kBlock + kTagSize || (sealed.size() - kTextAt - kTagSize) % kBlock != 0) {
    return absl::InvalidArgumentError(Cat("sealed value: no such length: ", sealed.size()));
  }
  return absl::OkStatus();
}

}  // namespace

SealKey NewSealKey(Random* random) {
  SealKey key;
  key.id = random->Bytes(kSealKeyIdSize);
  key.key = random->Bytes(kSealKeySize);
  return key;
}

absl::Status CheckSealKey(const SealKey& key) {
  if (key.algorithm != kChaCha20Poly1305) {
    return absl::InvalidArgumentError(Cat("seal key: unknown cipher algorithm ", static_cast<int>(key.algorithm)));
  }
  if (key.id.size() != kSealKeyIdSize || key.key.size() != kSealKeySize) {
    return absl::InvalidArgumentError(
        Cat("seal key: an id of ", key.id.size(), " and a key of ", key.key.size(), " bytes"));
  }
  return absl::OkStatus();
}

std::string Seal(const SealKey& key, std::string_view plain, std::string_view associated_data, Random* random) {
  crypto_internal::Require(CheckSealKey(key).ok(), "Seal() with a malformed key");
  crypto_internal::EnsureSodium();
  std::string sealed;
  std::string padded = Pad(plain);
  sealed.reserve(kTextAt + padded.size() + kTagSize);
  ByteWriter out(&sealed);
  out.U8(key.algorithm);
  out.Raw(key.id);
  std::string bound = BoundData(sealed, associated_data);
  out.Raw(Nonce(key, bound, padded, random));
  sealed.resize(kTextAt + padded.size() + kTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(Bytes(sealed.data() + kTextAt), nullptr, Bytes(std::string_view(padded)),
                                            padded.size(), Bytes(std::string_view(bound)), bound.size(), nullptr,
                                            Bytes(sealed.data() + kHeaderSize), Bytes(std::string_view(key.key)));
  sodium_memzero(padded.data(), padded.size());
  return sealed;
}

absl::StatusOr<std::string> Open(const SealKey& key, std::string_view sealed, std::string_view associated_data) {
  RETURN_IF_ERROR(CheckForm(sealed));
  RETURN_IF_ERROR(CheckSealKey(key));
  if (sealed.substr(1, kSealKeyIdSize) != key.id) {
    return absl::FailedPreconditionError(
        Cat("sealed value: the key is ", Hex(sealed.substr(1, kSealKeyIdSize)), ", not ", Hex(key.id)));
  }
  crypto_internal::EnsureSodium();
  std::string bound = BoundData(sealed.substr(0, kHeaderSize), associated_data);
  std::string_view text = sealed.substr(kTextAt);
  std::string padded(text.size() - kTagSize, '\0');
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          Bytes(padded.data()), nullptr, nullptr, Bytes(text), text.size(), Bytes(std::string_view(bound)),
          bound.size(), Bytes(sealed.substr(kHeaderSize)), Bytes(std::string_view(key.key))) != 0) {
    return absl::DataLossError("sealed value: it does not verify under this key and place");
  }
  absl::StatusOr<std::string> plain = Unpad(padded);
  sodium_memzero(padded.data(), padded.size());
  return plain;
}

absl::StatusOr<std::string> SealedKeyId(std::string_view sealed) {
  RETURN_IF_ERROR(CheckForm(sealed));
  return std::string(sealed.substr(1, kSealKeyIdSize));
}

}  // namespace liaison
