#include "common/causal/version_vector.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/testing/literals.h"

namespace liaison {
namespace {

std::string Encoded(const VersionVector& vector) {
  std::string bytes;
  ByteWriter writer(&bytes);
  vector.Encode(&writer);
  return bytes;
}

TEST(VersionVector, IsAnOrderedSet) {
  VersionVector vector;
  EXPECT_TRUE(vector.empty());
  EXPECT_TRUE(vector.Insert("Bob2"_dot));
  EXPECT_TRUE(vector.Insert("Alice1"_dot));
  EXPECT_FALSE(vector.Insert("Bob2"_dot));
  EXPECT_EQ(vector, "Alice1 Bob2"_vv);
  EXPECT_EQ(vector.dots().front(), "Alice1"_dot);
  EXPECT_TRUE(vector.Contains("Bob2"_dot));
  EXPECT_FALSE(vector.Contains("Bob1"_dot));  // only the lineage knows what an entry covers
  vector.RemoveAt(0);
  EXPECT_EQ(vector, "Bob2"_vv);
}

// Dropping the oldest entries would make real conflicts look like writes that had seen each other.
TEST(VersionVector, IsNeverPruned) {
  VersionVector vector;
  Dot dot = "Alice1"_dot;
  for (dot.actor.random = 1; dot.actor.random <= 1'000; ++dot.actor.random) EXPECT_TRUE(vector.Insert(dot));
  EXPECT_EQ(vector.size(), 1'000u);
  for (dot.actor.random = 1; dot.actor.random <= 1'000; ++dot.actor.random) EXPECT_TRUE(vector.Contains(dot));
}

TEST(VersionVector, HoldsBothBranchesOfAFork) {
  EXPECT_EQ("Alice2 Alice2'"_vv.size(), 2u);
  EXPECT_FALSE("Alice2"_vv.Contains("Alice2'"_dot));
}

TEST(VersionVector, ComesBackFromItsBytes) {
  for (const VersionVector& vector : {""_vv, "Alice1"_vv, "Alice1 Bob2 Bob2' Carol300"_vv}) {
    std::string bytes = Encoded(vector);
    ByteReader reader(bytes);
    EXPECT_EQ(VersionVector::Decode(&reader), vector);
    EXPECT_TRUE(reader.Finish("vector").ok());
  }
}

TEST(VersionVector, RefusesEntriesOutOfOrderOrTwice) {
  for (auto [first, second] : {std::pair("Bob1"_dot, "Alice1"_dot), std::pair("Bob1"_dot, "Bob1"_dot)}) {
    std::string bytes;
    ByteWriter writer(&bytes);
    writer.Varint(2);
    EncodeDot(first, &writer);
    EncodeDot(second, &writer);
    ByteReader reader(bytes);
    EXPECT_TRUE(VersionVector::Decode(&reader).empty());
    EXPECT_FALSE(reader.ok());
  }
}

TEST(VersionVector, RefusesACountThatItsBytesCannotHold) {
  std::string bytes = Encoded("Alice1"_vv);
  bytes[0] = 100;
  ByteReader reader(bytes);
  EXPECT_TRUE(VersionVector::Decode(&reader).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(VersionVector, CutShortIsRefusedAtEveryByte) {
  std::string bytes = Encoded("Alice1 Bob2"_vv);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(VersionVector::Decode(&reader).empty());
    EXPECT_FALSE(reader.ok()) << size;
  }
}

}  // namespace
}  // namespace liaison
