// Hashes that a live link has cut are compared by what is left of them, and never by less.
#include "common/sync/check.h"

#include <gtest/gtest.h>

namespace liaison::sync {
namespace {

const std::string kHash(kHashBytes, 'h');

TEST(SameHash, ACutOneIsComparedByItsEightBytes) {
  std::string cut = kHash.substr(0, kCheckBytes);
  EXPECT_TRUE(SameHash(kHash, cut));
  EXPECT_TRUE(SameHash(cut, kHash));
  EXPECT_TRUE(SameHash(cut, cut));
  for (size_t i = 0; i < kCheckBytes; ++i) {
    std::string other = cut;
    other[i] ^= 1;
    EXPECT_FALSE(SameHash(kHash, other)) << i;
    EXPECT_FALSE(SameHash(other, kHash)) << i;
  }
}

TEST(SameHash, WholeOnesAreComparedWhole) {
  for (size_t i = 0; i < kHashBytes; ++i) {
    std::string other = kHash;
    other[i] ^= 1;
    EXPECT_FALSE(SameHash(kHash, other)) << i;
  }
}

TEST(SameHash, LessThanThatIsNoHash) {
  for (size_t size = 0; size < kCheckBytes; ++size) {
    EXPECT_FALSE(SameHash(kHash, kHash.substr(0, size))) << size;
    EXPECT_FALSE(SameHash(kHash.substr(0, size), kHash)) << size;
  }
  EXPECT_TRUE(SameHash("", "")) << "the head before the first op";
}

TEST(SamePoint, IsTheSamePlaceWithTheSamePast) {
  Cursor a{"all", "", 3, kHash}, b = a;
  EXPECT_TRUE(SamePoint(a, b));
  b.position = 4;
  EXPECT_FALSE(SamePoint(a, b));
  b = a;
  b.interest = "station:D057";
  EXPECT_FALSE(SamePoint(a, b));
  b = a;
  b.prefix[0] ^= 1;
  EXPECT_FALSE(SamePoint(a, b));
  a.position = b.position = 0;
  EXPECT_TRUE(SamePoint(a, b)) << "a start has no past";
}

}  // namespace
}  // namespace liaison::sync
