#include "common/crypto/sign.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(Unhex(hex, &bytes)) << hex;
  return bytes;
}

// Gives out the bytes that it was given.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void Fill(char* out, size_t n) override {
    ASSERT_LE(n, bytes_.size());
    std::memcpy(out, bytes_.data(), n);
    bytes_.erase(0, n);
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

absl::StatusCode VerifyCode(const KeyPair& keys, std::string_view message, std::string_view signature) {
  return Verify(kEd25519, keys.public_key, message, signature).code();
}

// RFC 8032, section 7.1, tests 1 to 3.
TEST(Sign, PublishedVectors) {
  struct Vector {
    const char *seed, *public_key, *message, *signature;
  };
  const Vector vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
       "24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
       "eeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
       "8dc027beceea1ec40a"},
  };
  for (const Vector& v : vectors) {
    FixedRandom random(FromHex(v.seed));
    KeyPair keys = GenerateKeyPair(&random);
    EXPECT_EQ(random.left(), 0u);
    EXPECT_EQ(Hex(keys.public_key), v.public_key);
    EXPECT_EQ(Hex(Sign(keys, FromHex(v.message))), v.signature);
    EXPECT_TRUE(Verify(kEd25519, keys.public_key, FromHex(v.message), FromHex(v.signature)).ok());
  }
}

TEST(Sign, OneSeedGivesOneKeyAndAnotherSeedAnother) {
  SeededRandom a(7), b(7), c(8);
  KeyPair first = GenerateKeyPair(&a), second = GenerateKeyPair(&b), third = GenerateKeyPair(&c);
  EXPECT_EQ(first.public_key, second.public_key);
  EXPECT_EQ(first.secret_key, second.secret_key);
  EXPECT_NE(first.public_key, third.public_key);
  EXPECT_NE(first.public_key, GenerateKeyPair(&a).public_key);
}

TEST(Sign, AnyChangedBitIsRefused) {
  SeededRandom random(1);
  KeyPair keys = GenerateKeyPair(&random);
  const std::string message = "liaison-range-1 and its fields";
  const std::string signature = Sign(keys, message);
  ASSERT_TRUE(Verify(kEd25519, keys.public_key, message, signature).ok());
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string changed = signature;
    changed[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(VerifyCode(keys, message, changed), absl::StatusCode::kUnauthenticated) << bit;
  }
  for (size_t bit = 0; bit < message.size() * 8; ++bit) {
    std::string changed = message;
    changed[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(VerifyCode(keys, changed, signature), absl::StatusCode::kUnauthenticated) << bit;
  }
  EXPECT_EQ(VerifyCode(GenerateKeyPair(&random), message, signature), absl::StatusCode::kUnauthenticated);
}

// S + L is the same number modulo the order L: accepted, one message would have two signatures (RFC 8032, 5.1.7).
TEST(Sign, ASecondEncodingOfASignatureIsRefused) {
  SeededRandom random(2);
  KeyPair keys = GenerateKeyPair(&random);
  std::string signature = Sign(keys, "message");
  const std::string order = FromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += static_cast<uint8_t>(signature[32 + i]) + static_cast<uint8_t>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0u);
  EXPECT_EQ(VerifyCode(keys, "message", signature), absl::StatusCode::kUnauthenticated);
}

// With the neutral element as key, R = S*B verifies for every message.
TEST(Sign, AKeyOfSmallOrderIsRefused) {
  std::string neutral(kPublicKeySize, '\0');
  neutral[0] = 1;
  std::string signature = neutral + std::string(32, '\0');
  EXPECT_EQ(Verify(kEd25519, neutral, "anything", signature).code(), absl::StatusCode::kUnauthenticated);
}

TEST(Sign, WrongLengthsAndUnknownAlgorithmsAreInvalid) {
  SeededRandom random(3);
  KeyPair keys = GenerateKeyPair(&random);
  std::string signature = Sign(keys, "m");
  for (size_t size : {size_t{0}, size_t{31}, size_t{33}, size_t{64}}) {
    EXPECT_EQ(Verify(kEd25519, std::string(size, 'k'), "m", signature).code(), absl::StatusCode::kInvalidArgument);
  }
  for (size_t size : {size_t{0}, size_t{63}, size_t{65}}) {
    EXPECT_EQ(VerifyCode(keys, "m", std::string(size, 's')), absl::StatusCode::kInvalidArgument);
  }
  for (int id = 2; id < 256; ++id) {
    EXPECT_EQ(Verify(static_cast<uint8_t>(id), keys.public_key, "m", signature).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(Sign, NotSignedNeverVerifies) {
  SeededRandom random(4);
  KeyPair keys = GenerateKeyPair(&random);
  EXPECT_EQ(Verify(kUnsigned, keys.public_key, "m", Sign(keys, "m")).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Verify(kUnsigned, "", "m", "").code(), absl::StatusCode::kUnauthenticated);
}

TEST(Sign, AKeyIdIsTheHeadOfTheHash) {
  EXPECT_EQ(Hex(KeyId("abc")), "ba7816bf8f01cfea");
  EXPECT_EQ(KeyId("abc").size(), kKeyIdSize);
}

TEST(SignDeathTest, SigningWithoutAKeyAborts) { EXPECT_DEATH(Sign(KeyPair{}, "m"), "without an Ed25519 key"); }

}  // namespace
}  // namespace liaison
