#include "common/causal/op_name.h"

#include <gtest/gtest.h>

namespace liaison {
namespace {

TEST(OpName, ComesBackFromItsBytes) {
  OpName name{{"HK-D057", 7}, 300, std::string(32, 'h')};
  std::string bytes;
  ByteWriter writer(&bytes);
  EncodeOpName(name, &writer);
  ByteReader reader(bytes);
  EXPECT_EQ(DecodeOpName(&reader), name);
  EXPECT_TRUE(reader.Finish("name").ok());
  ByteReader cut(std::string_view(bytes).substr(0, bytes.size() - 1));
  DecodeOpName(&cut);
  EXPECT_FALSE(cut.ok());
}

}  // namespace
}  // namespace liaison
