#include <gtest/gtest.h>

#include <string>

#include "common/crypto/hmac.h"

namespace liaison {
namespace {

TEST(SameSecret, IsEqualInEveryByteAndInLength) {
  const std::string secret = "0123456789abcdef";
  EXPECT_TRUE(SameSecret(secret, std::string(secret)));
  for (size_t i = 0; i < secret.size(); ++i) {
    std::string other = secret;
    other[i] ^= 1;
    EXPECT_FALSE(SameSecret(secret, other)) << i;
  }
  EXPECT_FALSE(SameSecret(secret, secret + "0"));
  EXPECT_FALSE(SameSecret(secret, secret.substr(1)));
  EXPECT_FALSE(SameSecret("", secret));
  EXPECT_TRUE(SameSecret("", ""));
}

}  // namespace
}  // namespace liaison
