#include "common/causal/dot.h"

#include <gtest/gtest.h>

#include "tests/testing/literals.h"

namespace liaison {
namespace {

std::string Encoded(const Dot& dot) {
  std::string bytes;
  ByteWriter writer(&bytes);
  EncodeDot(dot, &writer);
  return bytes;
}

TEST(Dot, ComesBackFromItsBytes) {
  for (const Dot& dot : {Dot{{"HK-D057", 0x0123456789abcdef}, 1, 0}, Dot{{"", 0}, ~uint64_t{0}, ~uint64_t{0}}}) {
    std::string bytes = Encoded(dot);
    ByteReader reader(bytes);
    EXPECT_EQ(DecodeDot(&reader), dot);
    EXPECT_TRUE(reader.Finish("dot").ok());
  }
}

TEST(Dot, CountsFromOne) {
  std::string bytes = Encoded({{"HUB", 1}, 0, 7});
  ByteReader reader(bytes);
  DecodeDot(&reader);
  EXPECT_FALSE(reader.ok());
}

TEST(Dot, CutShortIsRefusedAtEveryByte) {
  std::string bytes = Encoded("Alice300"_dot);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    DecodeDot(&reader);
    EXPECT_FALSE(reader.ok()) << size;
  }
}

TEST(Dot, SortsByActorThenNumberThenTag) {
  EXPECT_LT("Alice9"_dot, "Bob1"_dot);
  EXPECT_LT("Alice9"_dot, "Alice10"_dot);
  EXPECT_LT((Dot{{"A", 1}, 1, 1}), (Dot{{"A", 2}, 1, 0}));
  EXPECT_LT((Dot{{"A", 1}, 1, 1}), (Dot{{"A", 1}, 1, 2}));
  EXPECT_NE("Alice2"_dot, "Alice2'"_dot);
}

TEST(Dot, ReadsAsStationRunNumberAndTag) {
  EXPECT_EQ(ToText(Dot{{"HK-D057", 0x0123456789abcdef}, 3, 0x89abcdef01234567}),
            "HK-D057/0123456789abcdef:3~89abcdef01234567");
}

}  // namespace
}  // namespace liaison
