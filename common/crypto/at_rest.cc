#include "common/crypto/at_rest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"

namespace liaison {
namespace {

using crypto_internal::Bytes;
using crypto_internal::Require;

constexpr std::string_view kRestMagic("liaison-rest\0\0\0\0", kRestMagicSize);
constexpr uint8_t kRestVersion = 1;
constexpr size_t kIvSize = 16, kGcmNonceSize = 12, kGcmTagSize = 16, kAesBlock = 16;
constexpr size_t kBoundSize = kRestMagicSize + 1 + 1 + kRestKeyIdSize;  // what stands before the nonce
constexpr size_t kMostAtOnce = size_t{1} << 30;                         // OpenSSL counts in int
constexpr char kNotStarted[] = "AES does not start";

// Fetched once: looking a cipher up costs more than a page of it.
const EVP_CIPHER* Ctr() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  Require(cipher != nullptr, kNotStarted);
  return cipher;
}

const EVP_CIPHER* Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Require(cipher != nullptr, kNotStarted);
  return cipher;
}

class CipherContext {
 public:
  explicit CipherContext(const EVP_CIPHER* cipher) : context_(EVP_CIPHER_CTX_new()) {
    Require(context_ != nullptr && EVP_EncryptInit_ex2(context_, cipher, nullptr, nullptr, nullptr) == 1, kNotStarted);
  }
  ~CipherContext() { EVP_CIPHER_CTX_free(context_); }
  CipherContext(const CipherContext&) = delete;
  CipherContext& operator=(const CipherContext&) = delete;
  EVP_CIPHER_CTX* get() const { return context_; }

 private:
  EVP_CIPHER_CTX* const context_;
};

// iv + blocks, as one number of 128 bits.
void CounterAt(std::string_view iv, uint64_t blocks, unsigned char counter[kIvSize]) {
  std::memcpy(counter, iv.data(), kIvSize);
  unsigned carry = 0;
  for (size_t i = kIvSize; i-- > 0;) {
    const unsigned sum = counter[i] + static_cast<unsigned>(blocks & 0xff) + carry;
    counter[i] = static_cast<unsigned char>(sum);
    carry = sum >> 8;
    blocks >>= 8;
  }
}

std::string GcmSeal(std::string_view key, std::string_view nonce, std::string_view bound, std::string_view plain) {
  const CipherContext context(Gcm());
  std::string sealed(plain.size() + kGcmTagSize, '\0');
  unsigned char* out = Bytes(sealed.data());
  int written = 0, last = 0;
  const bool done =
      EVP_EncryptInit_ex2(context.get(), nullptr, Bytes(key), Bytes(nonce), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, Bytes(bound), static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), out, &written, Bytes(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + written, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagSize, out + plain.size()) == 1;
  Require(done, "AES-256-GCM fails");
  return sealed;
}

std::optional<std::string> GcmOpen(std::string_view key, std::string_view nonce, std::string_view bound,
                                   std::string_view sealed) {
  if (sealed.size() < kGcmTagSize) return std::nullopt;
  const CipherContext context(Gcm());
  const std::string_view text = sealed.substr(0, sealed.size() - kGcmTagSize);
  std::string tag(sealed.substr(text.size())), plain(text.size(), '\0');
  int written = 0, last = 0;
  const bool begun =
      EVP_DecryptInit_ex2(context.get(), nullptr, Bytes(key), Bytes(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, Bytes(bound), static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain.data()), &written, Bytes(text), static_cast<int>(text.size())) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagSize, tag.data()) == 1;
  Require(begun, "AES-256-GCM fails");
  if (EVP_DecryptFinal_ex(context.get(), Bytes(plain.data()) + written, &last) == 1) return plain;
  Wipe(&plain);
  return std::nullopt;
}

std::string KeyIdOf(std::string_view data_key) {
  return Sha256(Cat("liaison-rest-id-1", data_key)).substr(0, kRestKeyIdSize);
}

}  // namespace

absl::Status CheckRestAlgorithm(uint32_t algorithm) {
  if (algorithm == kAes256) return absl::OkStatus();
  return absl::InvalidArgumentError(Cat("加密方法 ", algorithm, " 这个版本的程序不认识，请升级程序"));
}

bool LooksEncrypted(std::string_view beginning) { return beginning.starts_with(kRestMagic); }

FileCipher::FileCipher(std::string key, std::string iv) : key_(std::move(key)), iv_(std::move(iv)) {
  Require(key_.size() == kDataKeySize && iv_.size() == kIvSize, "a file key of another size");
}

void FileCipher::Apply(uint64_t offset, char* bytes, size_t size) const {
  thread_local const CipherContext context(Ctr());
  unsigned char counter[kIvSize], passed[kAesBlock] = {};
  CounterAt(iv_, offset / kAesBlock, counter);
  int written = 0;
  bool done = EVP_EncryptInit_ex2(context.get(), nullptr, Bytes(std::string_view(key_)), counter, nullptr) == 1;
  if (const int inside = static_cast<int>(offset % kAesBlock); inside > 0)
    done = done && EVP_EncryptUpdate(context.get(), passed, &written, passed, inside) == 1;
  while (done && size > 0) {
    const size_t now = std::min(size, kMostAtOnce);
    done = EVP_EncryptUpdate(context.get(), Bytes(bytes), &written, Bytes(bytes), static_cast<int>(now)) == 1;
    bytes += now;
    size -= now;
  }
  Require(done, "AES-256-CTR fails");
}

Vault::Vault(std::string data_key, Random* random) : data_key_(std::move(data_key)), random_(random) {
  Require(data_key_.size() == kDataKeySize, "a data key of another size");
  key_id_ = KeyIdOf(data_key_);
}

std::shared_ptr<const Vault> Vault::New(Random* random) {
  return std::make_shared<const Vault>(random->Bytes(kDataKeySize), random);
}

Vault::~Vault() { Wipe(&data_key_); }

Vault::NewFile Vault::Begin() const {
  std::string key = random_->Bytes(kDataKeySize), iv = random_->Bytes(kIvSize);
  std::string head;
  ByteWriter out(&head);
  out.Raw(kRestMagic);
  out.U8(kRestVersion);
  out.U8(kAes256);
  out.Raw(key_id_);
  const std::string bound(head);
  const std::string nonce = random_->Bytes(kGcmNonceSize);
  std::string secret = Cat(key, iv);
  out.Raw(nonce);
  out.Raw(GcmSeal(data_key_, nonce, bound, secret));
  Wipe(&secret);
  std::string prefix(kRestPrefixSize, '\0');
  prefix.replace(0, head.size(), head);
  return {std::move(prefix), FileCipher(std::move(key), std::move(iv))};
}

absl::StatusOr<FileCipher> Vault::Open(std::string_view prefix) const {
  if (!LooksEncrypted(prefix)) return absl::InvalidArgumentError("没有加密");
  if (prefix.size() < kRestPrefixSize) return absl::InvalidArgumentError("加密文件的开头不完整");
  ByteReader in(prefix);
  in.Raw(kRestMagicSize);
  const uint8_t version = in.U8();
  if (version != kRestVersion)
    return absl::InvalidArgumentError(
        Cat("加密文件的版本 ", static_cast<int>(version), " 这个版本的程序不认识，请升级程序"));
  const uint8_t algorithm = in.U8();
  if (absl::Status known = CheckRestAlgorithm(algorithm); !known.ok()) return known;
  if (in.Raw(kRestKeyIdSize) != key_id_) return absl::FailedPreconditionError("是用另一把数据密钥加密的");
  const std::string_view nonce = in.Raw(kGcmNonceSize);
  const std::string_view sealed = in.Raw(kDataKeySize + kIvSize + kGcmTagSize);
  std::optional<std::string> secret = GcmOpen(data_key_, nonce, prefix.substr(0, kBoundSize), sealed);
  if (!secret) return absl::DataLossError("加密文件的开头已损坏");
  FileCipher cipher(secret->substr(0, kDataKeySize), secret->substr(kDataKeySize));
  Wipe(&*secret);
  return cipher;
}

std::string WrapKey(std::string_view key, std::string_view secret, std::string_view context, Random* random) {
  Require(key.size() == kDataKeySize, "a wrapping key of another size");
  std::string wrapped = random->Bytes(kGcmNonceSize);
  wrapped += GcmSeal(key, wrapped, context, secret);
  return wrapped;
}

absl::StatusOr<std::string> UnwrapKey(std::string_view key, std::string_view wrapped, std::string_view context) {
  Require(key.size() == kDataKeySize, "a wrapping key of another size");
  std::optional<std::string> secret;
  if (wrapped.size() >= kGcmNonceSize)
    secret = GcmOpen(key, wrapped.substr(0, kGcmNonceSize), context, wrapped.substr(kGcmNonceSize));
  if (!secret) return absl::DataLossError("密钥打不开：不是这一把，或者已损坏");
  return *std::move(secret);
}

void Wipe(std::string* secret) {
  OPENSSL_cleanse(secret->data(), secret->size());
  secret->clear();
}

}  // namespace liaison
