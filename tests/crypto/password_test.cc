// Passwords as hashes.
#include "common/crypto/password.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

constexpr PasswordCost kCheap{64, 1};

TEST(Password, IsKnownByItsHashAlone) {
  SeededRandom random(1);
  const std::string hash = Must(HashPassword("135790", kCheap, &random));
  EXPECT_EQ(hash.find("135790"), std::string::npos);
  EXPECT_TRUE(Must(IsPassword("135790", hash)));
  EXPECT_FALSE(Must(IsPassword("135791", hash)));
  EXPECT_FALSE(Must(IsPassword("", hash)));
  EXPECT_NE(Must(HashPassword("135790", kCheap, &random)), hash) << "a salt of its own";
}

// It is kept on disks. The tag is what crypto_pwhash of libsodium 1.0.18 gives for this salt.
TEST(Password, HasOneFormat) {
  std::string hash;
  ASSERT_TRUE(
      Unhex("01"
            "40"
            "03"
            "30313233343536373839616263646566"
            "4b8ba32be63b0f40257ef4b2a1fae67cc619b45514775d8849b6cab40c21ed2a",
            &hash));
  EXPECT_TRUE(Must(IsPassword("135790", hash)));
  SeededRandom random(7);
  const std::string made = Must(HashPassword("135790", {64, 3}, &random));
  EXPECT_EQ(made.size(), hash.size());
  EXPECT_EQ(made.substr(0, 3), hash.substr(0, 3));
  EXPECT_EQ(made.substr(3, 16), SeededRandom(7).Bytes(16));
}

TEST(Password, AHashFromElsewhereCannotTakeTheMachine) {
  SeededRandom random(1);
  const std::string hash = Must(HashPassword("135790", kCheap, &random)), rest = hash.substr(3);
  auto with = [&](uint32_t memory_kib, uint32_t passes, uint8_t algorithm = kArgon2id) {
    std::string other;
    ByteWriter out(&other);
    out.U8(algorithm);
    out.Varint(memory_kib);
    out.Varint(passes);
    out.Raw(rest);
    return IsPassword("135790", other).status().code();
  };
  EXPECT_EQ(with(64, 1), absl::StatusCode::kOk);
  EXPECT_EQ(with(kMostMemoryKib + 1, 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with(64, kMostPasses + 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with(0, 1), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with(64, 0), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with(64, 1, 2), absl::StatusCode::kInvalidArgument);
  for (size_t size = 0; size < hash.size(); ++size) EXPECT_FALSE(IsPassword("135790", hash.substr(0, size)).ok());
  EXPECT_FALSE(IsPassword("135790", hash + "x").ok());
}

TEST(Password, PassesFollowTheMachine) {
  int64_t now_ms = 0, each_ms = 0;
  auto clock = [&] { return now_ms += each_ms; };
  each_ms = 40;  // two passes take 40 ms
  EXPECT_EQ(CalibratePasses(64, 300, clock), (PasswordCost{64, 15}));
  each_ms = 900;
  EXPECT_EQ(CalibratePasses(64, 300, clock), (PasswordCost{64, kLeastPasses})) << "never less";
  each_ms = 0;
  EXPECT_EQ(CalibratePasses(64, 300, clock), (PasswordCost{64, kMostPasses}));
}

}  // namespace
}  // namespace liaison
