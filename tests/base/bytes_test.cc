#include "common/base/bytes.h"

#include <gtest/gtest.h>

#include "common/base/ports.h"

namespace liaison {
namespace {

TEST(Bytes, VarintsComeBackAndHaveOneForm) {
  for (uint64_t v : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{300}, ~uint64_t{0}}) {
    std::string out;
    ByteWriter(&out).Varint(v);
    ByteReader in(out);
    EXPECT_EQ(in.Varint(), v);
    EXPECT_TRUE(in.Finish("number").ok());
  }
  ByteReader longer(std::string_view("\x80\x00", 2));
  longer.Varint();
  EXPECT_FALSE(longer.ok());
  ByteReader eleven(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));
  eleven.Varint();
  EXPECT_FALSE(eleven.ok());
}

TEST(Bytes, ZigzagCarriesTheExtremes) {
  for (int64_t v : {int64_t{0}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    std::string out;
    ByteWriter(&out).Zigzag(v);
    EXPECT_EQ(ByteReader(out).Zigzag(), v);
  }
}

TEST(Bytes, AReaderNeverPassesItsEnd) {
  ByteReader in(
      "\x05"
      "ab");
  EXPECT_EQ(in.String(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0);
  EXPECT_EQ(in.Finish("text").message(), "text: truncated at byte 1");
}

TEST(Bytes, ACountThatCannotFitIsRefused) {
  ByteReader in(std::string_view("\xff\xff\x03\x01", 4));
  EXPECT_EQ(in.Count(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, HexRefusesWhatItDidNotWrite) {
  std::string out;
  EXPECT_TRUE(Unhex("00ff", &out));
  EXPECT_EQ(Hex(out), "00ff");
  EXPECT_FALSE(Unhex("0F", &out));
  EXPECT_FALSE(Unhex("012", &out));
}

TEST(Ports, TheBusinessDayTurnsAtMidnightInTheTownship) {
  EXPECT_EQ(BusinessDate(1'795'190'399'999), "2026-11-20");
  EXPECT_EQ(BusinessDate(1'795'190'400'000), "2026-11-21");
}

}  // namespace
}  // namespace liaison
