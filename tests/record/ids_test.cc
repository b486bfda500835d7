#include "common/record/ids.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"

namespace liaison {
namespace {

const std::string kAction("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99", 10);
const RecordId kVisit = RecordId::Random(24, kAction, 10);
const RecordId kStation = RecordId::Master(1, "HK-D057");

TEST(RecordId, HasOneText) {
  EXPECT_EQ(ToText(kVisit),
            "24.0011223344556677889900"
            "0a");
  EXPECT_EQ(ToText(kStation), "1:HK-D057");
  // Random bytes that all happen to look like a code.
  EXPECT_EQ(ToText(RecordId::Random(24, "abcdefghij", 'k' << 8 | 'l')), "24:abcdefghijkl");
}

TEST(RecordId, ComesBackFromItsText) {
  for (const RecordId& id : {kVisit, kStation, RecordId::Random(255, "abcdefghij", 'k' << 8 | 'l'),
                             RecordId::Random(24, "abcdefghij", 7), RecordId::Master(3, "a.b:c")}) {
    RecordId parsed;
    EXPECT_TRUE(ParseRecordId(ToText(id), &parsed)) << ToText(id);
    EXPECT_EQ(parsed, id);
  }
}

TEST(RecordId, ParsingRefusesEveryOtherText) {
  for (const char* text : {"",
                           "24",
                           "24.",
                           "1:",
                           ":x",
                           ".00",
                           "0:x",
                           "256:x",
                           "-1:x",
                           "+1:x",
                           "01:x",
                           " 1:x",
                           "1 :x",
                           "1:a b",
                           "1:a/b",
                           "1:村",
                           "24.00112233445566778899",
                           "24.00112233445566778899000A",
                           "24.00112233445566778899000a00",
                           "24.6162636465666768696a6b6c",
                           "24,x"}) {
    RecordId untouched = kStation;
    EXPECT_FALSE(ParseRecordId(text, &untouched)) << text;
    EXPECT_EQ(untouched, kStation);
  }
}

TEST(RecordId, BytesSortByTypeThenName) {
  EXPECT_LT(ToBytes(RecordId::Master(1, "Z")), ToBytes(RecordId::Master(2, "A")));
  EXPECT_LT(ToBytes(RecordId::Random(24, kAction, 255)), ToBytes(RecordId::Random(24, kAction, 256)));
  for (const RecordId& id : {kVisit, kStation}) {
    RecordId back;
    EXPECT_TRUE(RecordIdFromBytes(ToBytes(id), &back));
    EXPECT_EQ(back, id);
  }
  RecordId untouched = kStation;
  EXPECT_FALSE(RecordIdFromBytes("", &untouched));
  EXPECT_FALSE(RecordIdFromBytes("\x01", &untouched));
  EXPECT_FALSE(RecordIdFromBytes(std::string_view("\0x", 2), &untouched));
  EXPECT_EQ(untouched, kStation);
}

std::string Encoded(const RecordId& id, std::string_view action) {
  std::string bytes;
  ByteWriter writer(&bytes);
  EncodeRecordId(id, action, &writer);
  return bytes;
}

TEST(RecordId, InsideItsOwnActionTakesFourBytesAtMost) {
  EXPECT_EQ(Encoded(kVisit, kAction).size(), 3u);
  EXPECT_EQ(Encoded(RecordId{}, kAction).size(), 1u);
  EXPECT_GT(Encoded(kVisit, "ABCDEFGHIJ").size(), 12u);
}

TEST(RecordId, ComesBackFromAnOp) {
  for (std::string_view action : {std::string_view(kAction), std::string_view("ABCDEFGHIJ"), std::string_view()}) {
    for (const RecordId& id : {kVisit, kStation, RecordId{}, RecordId::Random(9, kAction, 0xffff)}) {
      std::string bytes = Encoded(id, action);
      ByteReader reader(bytes);
      EXPECT_EQ(DecodeRecordId(action, &reader), id);
      EXPECT_TRUE(reader.Finish("id").ok());
    }
  }
}

TEST(RecordId, InAnOpIsRefusedInAnyOtherForm) {
  auto refused = [](std::string bytes, std::string_view action) {
    ByteReader reader(bytes);
    DecodeRecordId(action, &reader);
    return !reader.Finish("id").ok();
  };
  std::string longer("\x18\x01\x0c", 3);
  EXPECT_TRUE(refused(longer + kVisit.name, kAction));  // has a shorter form
  EXPECT_FALSE(refused(longer + kVisit.name, "ABCDEFGHIJ"));
  EXPECT_TRUE(refused(std::string("\x18\x00\x80\x80\x04", 5), kAction));  // index 65536
  EXPECT_TRUE(refused(std::string("\x18\x00\x01", 3), ""));               // no action to take the name from
  EXPECT_TRUE(refused(std::string("\x18\x01\x00", 3), kAction));          // no name
  EXPECT_TRUE(refused(std::string("\x18\x02\x00", 3), kAction));          // no such form
  EXPECT_TRUE(
      refused("\x18\x01\x03"
              "a b",
              kAction));                                                  // neither a code nor random
  EXPECT_TRUE(refused("\x18\x01\x65" + std::string(101, 'a'), kAction));  // longer than 100
  EXPECT_FALSE(refused("\x18\x01\x64" + std::string(100, 'a'), kAction));
}

}  // namespace
}  // namespace liaison
