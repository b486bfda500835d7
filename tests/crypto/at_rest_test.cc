// Files at rest: the cipher against its specification, the prefix byte by byte, and what does not open.
#include "common/crypto/at_rest.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(Unhex(hex, &bytes));
  return bytes;
}

// NIST SP 800-38A, F.5.5.
const char kAesKey[] = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const char kCounter[] = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
const char kPlainText[] =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const char kCipherText[] =
    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
    "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6";

TEST(FileCipher, IsAesInCounterMode) {
  std::string bytes = FromHex(kPlainText);
  FileCipher(FromHex(kAesKey), FromHex(kCounter)).Apply(0, bytes.data(), bytes.size());
  EXPECT_EQ(Hex(bytes), kCipherText);
}

TEST(FileCipher, AnyPartOfAFileIsReadByItself) {
  const FileCipher cipher(FromHex(kAesKey), std::string(16, '\xff'));  // its counter runs over at once
  SeededRandom random(7);
  const std::string plain = random.Bytes(300);
  std::string whole = plain;
  cipher.Apply(1000, whole.data(), whole.size());
  for (size_t from : {0u, 1u, 7u, 15u, 16u, 17u, 33u, 250u, 299u}) {
    for (size_t size : {0u, 1u, 16u, 31u, 50u}) {
      std::string part = whole.substr(from, size);
      cipher.Apply(1000 + from, part.data(), part.size());
      EXPECT_EQ(part, plain.substr(from, size)) << from << " " << size;
    }
  }
}

TEST(Vault, APrefixIsAsItsHeaderSays) {
  SeededRandom random(1);
  const std::string data_key(kDataKeySize, 'k');
  const Vault vault(data_key, &random);
  const Vault::NewFile file = vault.Begin();
  SeededRandom again(1);
  const std::string key = again.Bytes(32), iv = again.Bytes(16), nonce = again.Bytes(12);
  ASSERT_EQ(file.prefix.size(), 4096u);
  std::string bound("liaison-rest\0\0\0\0\x01\x01", 18);
  bound += Sha256(Cat("liaison-rest-id-1", data_key)).substr(0, 8);
  EXPECT_EQ(file.prefix.substr(0, 26), bound);
  EXPECT_EQ(file.prefix.substr(26, 12), nonce);
  const std::string wrapped = file.prefix.substr(26, 12 + 48 + 16);
  EXPECT_EQ(UnwrapKey(data_key, wrapped, bound).value_or(""), key + iv);
  EXPECT_EQ(file.prefix.substr(102), std::string(4096 - 102, '\0'));
  std::string text = "水渠", same = text;
  file.cipher.Apply(4096, text.data(), text.size());
  FileCipher(key, iv).Apply(4096, same.data(), same.size());
  EXPECT_EQ(text, same);
}

TEST(Vault, FilesHaveKeysOfTheirOwn) {
  const std::shared_ptr<const Vault> vault = Vault::New();
  std::string one(64, 'x'), other = one;
  vault->Begin().cipher.Apply(kRestPrefixSize, one.data(), one.size());
  vault->Begin().cipher.Apply(kRestPrefixSize, other.data(), other.size());
  EXPECT_NE(one, other);
}

TEST(Vault, WhatDoesNotOpenSaysWhy) {
  const std::shared_ptr<const Vault> vault = Vault::New(), other = Vault::New();
  const std::string prefix = vault->Begin().prefix;
  EXPECT_TRUE(vault->Open(prefix).ok());
  EXPECT_TRUE(vault->Open(prefix + "behind it").ok());
  EXPECT_EQ(other->Open(prefix).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(vault->Open("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(vault->Open(std::string(5000, 'x')).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(vault->Open(prefix.substr(0, 4095)).status().code(), absl::StatusCode::kInvalidArgument);
  for (size_t at = 0; at < 102; ++at) {
    std::string damaged = prefix;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(vault->Open(damaged).ok()) << at;
  }
}

TEST(Vault, AnUnknownAlgorithmIsRefusedAndNamed) {
  const std::shared_ptr<const Vault> vault = Vault::New();
  std::string prefix = vault->Begin().prefix;
  prefix[17] = 2;
  const absl::Status status = vault->Open(prefix).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("加密方法 2"), absl::string_view::npos) << status;
}

TEST(WrapKey, OpensUnderItsKeyAndItsContextAlone) {
  SeededRandom random(3);
  const std::string key = random.Bytes(32), wrapped = WrapKey(key, "secret", "slot", &random);
  EXPECT_EQ(UnwrapKey(key, wrapped, "slot").value_or(""), "secret");
  EXPECT_FALSE(UnwrapKey(key, wrapped, "other").ok());
  EXPECT_FALSE(UnwrapKey(random.Bytes(32), wrapped, "slot").ok());
  EXPECT_FALSE(UnwrapKey(key, "", "slot").ok());
  for (size_t at = 0; at < wrapped.size(); ++at) {
    std::string damaged = wrapped;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    EXPECT_FALSE(UnwrapKey(key, damaged, "slot").ok()) << at;
  }
}

}  // namespace
}  // namespace liaison
