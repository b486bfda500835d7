#include "common/base/text_forms.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "common/find/pinyin.h"
#include "tests/ledger/fixture.h"

namespace liaison {
namespace {

TEST(DecodeText, KnowsTheEncodingsThatOfficesUse) {
  EXPECT_EQ(DecodeText("水渠,1").value(), "水渠,1");
  EXPECT_EQ(DecodeText("\xef\xbb\xbf水渠").value(), "水渠");
  EXPECT_EQ(DecodeText("\xcb\xae\xc7\xfe").value(), "水渠");                          // GB18030
  EXPECT_EQ(DecodeText(std::string("\xff\xfe\x34\x6c\x20\x6e", 6)).value(), "水渠");  // UTF-16 LE
  EXPECT_EQ(DecodeText(std::string("\xfe\xff\x6c\x34\x6e\x20", 6)).value(), "水渠");  // UTF-16 BE
  EXPECT_EQ(DecodeText("").value(), "");
}

TEST(DecodeText, RareCharactersOfNamesSurviveGb18030) {
  EXPECT_EQ(DecodeText("\xfe\x9f\xd1\xe0").value(), "䶮燕");
  EXPECT_EQ(DecodeText("\xcf\xc4\x99\x33\xc3\x36").value(), "夏𬱖");
  const std::string ledger = DecodeText(ReadFixture("ledger-old.csv")).value();
  for (const char* name : {"䶮燕", "龚䶮", "吕𬱖", "夏𬱖", "曾𬱖", "崔𬱖"}) {
    EXPECT_NE(ledger.find(name), std::string::npos) << name;
  }
}

TEST(DecodeText, NamesTheByteThatCannotBeDecoded) {
  auto broken = DecodeText("\xcb\xae\xff,1");
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(Message(broken.status()).find("第 3 个字节"), std::string::npos) << broken.status();
  auto cut = DecodeText("ab\xcb\xae\xc7");
  ASSERT_FALSE(cut.ok());
  EXPECT_NE(Message(cut.status()).find("第 5 个字节"), std::string::npos) << cut.status();
  auto far = DecodeText(std::string(10000, 'a') + "\xcb\xae\xff");  // past the first buffer
  ASSERT_FALSE(far.ok());
  EXPECT_NE(Message(far.status()).find("第 10003 个字节"), std::string::npos) << far.status();
}

TEST(DecodeText, AMarkedFileIsNotGuessedToBeSomethingElse) {
  EXPECT_FALSE(DecodeText("\xef\xbb\xbf\xcb\xae\xc7\xfe").ok());  // would be fine as GB18030
}

TEST(DecodeText, Utf16IsKnownWithoutItsMark) {
  const std::string wide("\x34\x6c,\0\x20\x6e,\0\x31\0\r\0\n\0", 14);
  EXPECT_EQ(DecodeText(wide).value(), "水,渠,1\r\n");
  std::string big = wide;
  for (size_t i = 0; i + 1 < big.size(); i += 2) std::swap(big[i], big[i + 1]);
  EXPECT_EQ(DecodeText(big).value(), "水,渠,1\r\n");
  EXPECT_FALSE(DecodeText(std::string(5000, '\0')).ok());
  EXPECT_FALSE(DecodeText("水渠,1" + std::string(1, '\0')).ok());
}

TEST(DecodeText, BinaryFilesAreNotText) { EXPECT_FALSE(DecodeText(std::string("a\0b", 3)).ok()); }

TEST(Characters, AreCodePointsNotBytes) {
  EXPECT_EQ(CountChars("夏𬱖a"), 3u);
  EXPECT_EQ(Truncate("夏𬱖a", 2), "夏𬱖");
  EXPECT_EQ(Truncate("夏", 9), "夏");
  EXPECT_EQ(CountChars("\xff\xcb"), 2u);
  EXPECT_EQ(Truncate("\xff水", 2), "\xff水");
}

TEST(Characters, WhiteSpaceOfAllKindsIsTrimmed) {
  EXPECT_EQ(Trim(" \t　水 渠\xc2\xa0\xe2\x80\x8b\r\n"), "水 渠");
  EXPECT_EQ(Trim(" 　 "), "");
  EXPECT_EQ(RemoveSpaces(" 水　 渠\n"), "水渠");
}

TEST(Characters, FullWidthFormsFold) {
  EXPECT_EQ(Fold("１３８ＡＢｃ（；，　"), "138ABc(;, ");
  EXPECT_EQ(Fold("水渠、一组。"), "水渠、一组。");
  EXPECT_EQ(NameKey("买买提•艾力"), NameKey("买买提·艾力"));
  EXPECT_EQ(NameKey("买买提・艾力"), NameKey("买买提 · 艾力"));
  EXPECT_EQ(NameKey("王　强"), "王强");
  EXPECT_EQ(NameKey("ｈｋ-d057"), "HK-D057");
  EXPECT_EQ(NameKey("a\xef\t\xbc\x92"), "A\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "no full-width 2";
}

RC_GTEST_PROP(Characters, NothingBreaksOnAnyBytes, (const std::string& bytes)) {
  RC_ASSERT(Truncate(bytes, CountChars(bytes)) == bytes);
  RC_ASSERT(Trim(Trim(bytes)) == Trim(bytes));
  RC_ASSERT(NameKey(NameKey(bytes)) == NameKey(bytes));
  PinyinInitials(bytes);
  MaskName(bytes);
  MaskPhone(bytes);
  (void)ParseDate(bytes);
  (void)ParseCount(bytes);
  (void)NormalisePhone(bytes);
  if (auto text = DecodeText(bytes); text.ok()) RC_ASSERT(IsUtf8(*text));
}

TEST(Pinyin, GivesOneLetterACharacter) {
  EXPECT_EQ(PinyinInitials("水渠"), "sq");
  EXPECT_EQ(PinyinInitials("水渠"), "sq");  // from memory
  EXPECT_EQ(PinyinInitials("三组水渠被冲垮约2米，Ａb"), "szsqbcky2mab");
  EXPECT_EQ(PinyinInitials("吕"), "l");
  EXPECT_EQ(PinyinInitials(""), "");
}

TEST(Pinyin, SurnamesHaveReadingsOfTheirOwn) {
  EXPECT_EQ(PinyinInitials("曾春梅", Reading::kName), "zcm");
  EXPECT_EQ(PinyinInitials("单永强", Reading::kName), "syq");
  EXPECT_EQ(PinyinInitials("仇英", Reading::kName), "qy");
  EXPECT_EQ(PinyinInitials("仇英"), "cy");
  EXPECT_EQ(PinyinInitials("䶮燕", Reading::kName), "yy");
  EXPECT_EQ(PinyinInitials("买买提·艾力", Reading::kName), "mmtal");
  EXPECT_EQ(PinyinInitials("A曾B", Reading::kName), "acb") << "no surname, and nothing in front of it is lost";
}

TEST(Masks, ShowNoMoreThanTheyShould) {
  EXPECT_EQ(MaskName("王小明"), "王**");
  EXPECT_EQ(MaskName("王"), "王**");
  EXPECT_EQ(MaskName("买买提·艾力"), "买**");
  EXPECT_EQ(MaskName("𬱖燕"), "𬱖**");
  EXPECT_EQ(MaskName(" "), "");
  EXPECT_EQ(MaskPhone("13812345678"), "138****5678");
  EXPECT_EQ(MaskPhone("88123456"), "****3456");
  EXPECT_EQ(MaskPhone("8812345"), "****345");
  EXPECT_EQ(MaskPhone("12345"), "****");
  EXPECT_EQ(MaskPhone("1381234567x"), "****");
  EXPECT_EQ(MaskPhone(""), "");
}

TEST(ParseDate, UnderstandsTheSpellingsOfLedgers) {
  for (const char* text :
       {"2026-05-06", "2026/05/06", "2026/5/6", "2026.5.6", "2026年5月6日", "2026年5月6号", "２０２６年５月６日",
        "２０２６－０５－０６", " 2026 年 5 月 6 日 ", "20260506", "46148", "2026/5/6 0:00", "2026-05-06T00:00:00",
        "2026-05-06 09:30:15.000", "2026—05—06", "2026年5月6"}) {
    auto date = ParseDate(text);
    EXPECT_TRUE(date.ok()) << text << ": " << date.status();
    EXPECT_EQ(date.value_or(""), "2026-05-06") << text;
  }
  EXPECT_EQ(ParseDate("2028-02-29").value(), "2028-02-29");
}

TEST(ParseDate, UnderstandsWhatOfficesWriteBehindAndInChineseDigits) {
  for (const char* text :
       {"2026年3月5日(星期四)", "2026年3月5日（周四）", "2026-3-5 周四", "2026年3月5日星期四", "2026年3月5日上午",
        "2026年3月5日上午9时30分", "2026-3-5 9:30 AM", "2026。3。5", "2026、3、5", "2026\\3\\5", "2026 3 5", "2026年03月05",
        "二〇二六年三月五日", "二○二六年三月五日", "二零二六年三月五日", "二O二六年三月五日", "２０２６．３．５",
        "\u202a2026-03-05\u202c", "2026\u201103\u201105", "2026年三月五日"}) {
    EXPECT_EQ(ParseDate(text).value_or(""), "2026-03-05") << text << ParseDate(text).status();
  }
  EXPECT_EQ(ParseDate("二〇二五年十二月二十五日").value_or(""), "2025-12-25");
  EXPECT_EQ(ParseDate("二〇二五年十月廿一日").value_or(""), "2025-10-21");
  EXPECT_EQ(Message(ParseDate("2026年3月5日(星期五)").status()), "日期与星期对不上");
  EXPECT_EQ(Message(ParseDate("3月5日").status()), "日期缺少年份");
  EXPECT_EQ(Message(ParseDate("26-3-5").status()), "年份要写四位数字");
  for (const char* text : {"3/5/2026", "５／３／２０２６", "2026-03-05~06", "2026年3月5-6日", "二〇二六年三月", "正月初五",
                           "2026年3月5日前", "2026-3-5 25:10"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(ParseDate, NumbersInCellsAreDaysInBothWays) {
  EXPECT_EQ(DateFromNumber(20260305).value_or(""), "2026-03-05");
  EXPECT_EQ(DateFromNumber(20260305, true).value_or(""), "2026-03-05");
  EXPECT_EQ(DateFromNumber(46086).value_or(""), "2026-03-05");
  EXPECT_EQ(DateFromNumber(46086 - 1462, true).value_or(""), "2026-03-05");
  for (double number : {20260231.0, 20260305.5, 3.0, -1.0, 1e12}) EXPECT_FALSE(DateFromNumber(number).ok()) << number;
}

TEST(ParseDate, SaysWhyNot) {
  for (const char* text : {"2026-02-30", "2026-13-01", "2026-00-10", "20260231", "2026年2月29日", "2026-04-31"}) {
    EXPECT_EQ(Message(ParseDate(text).status()), "日期不存在") << text;
  }
  EXPECT_EQ(Message(ParseDate("2026年5月").status()), "日期缺少“日”");
  EXPECT_EQ(Message(ParseDate("0026-01-01").status()), "年份应在 1950 至 2100 之间");
  EXPECT_EQ(Message(ParseDate("").status()), "不能为空");
  for (const char* text : {"昨天", "26-1-10", "2026-1-1-1", "2026-01-01 25:00", "5月6日", "2026-1/6", "202601",
                           "46148.5x", "99999", "2026-01-01abc"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(ParseDate, SpreadsheetDayNumbersCountFromTheirSystem) {
  EXPECT_EQ(DateFromSerial(46039).value(), "2026-01-17");
  EXPECT_EQ(DateFromSerial(46039.99).value(), "2026-01-17");
  EXPECT_EQ(DateFromSerial(46039 - 1462, true).value(), "2026-01-17");
  EXPECT_FALSE(DateFromSerial(60).ok());
  EXPECT_FALSE(DateFromSerial(-1).ok());
  EXPECT_FALSE(DateFromSerial(1e300).ok());
  EXPECT_FALSE(DateFromSerial(std::nan("")).ok());
}

TEST(ParseCount, UnderstandsDigitsOfAllKinds) {
  for (const auto& [text, value] : std::vector<std::pair<const char*, int>>{{"3", 3},
                                                                            {"３", 3},
                                                                            {" 3 人", 3},
                                                                            {"3.0", 3},
                                                                            {"三", 3},
                                                                            {"两名", 2},
                                                                            {"十", 10},
                                                                            {"十二人次", 12},
                                                                            {"二十", 20},
                                                                            {"二十三", 23},
                                                                            {"一百零五", 105},
                                                                            {"两百", 200},
                                                                            {"一千零一十", 1010}}) {
    auto count = ParseCount(text);
    EXPECT_TRUE(count.ok()) << text;
    EXPECT_EQ(count.value_or(0), value) << text;
  }
  for (const char* text : {"0", "-3", "", "3.5", "3.", "约5", "零", "一二", "十百", "百", "人", "9999999999", "1e3",
                           "3x", "十十", "三千百"}) {
    EXPECT_FALSE(ParseCount(text).ok()) << text;
  }
}

TEST(NormalisePhone, KeepsDigitsOnly) {
  EXPECT_EQ(NormalisePhone("１３８７６５４３２１０").value(), "13876543210");
  EXPECT_EQ(NormalisePhone("138 7654 3211").value(), "13876543211");
  EXPECT_EQ(NormalisePhone("(0915) 321-4567").value(), "09153214567");
  for (const char* text : {"+86 138-7654-3211", "0086 13876543211", "86 138 7654 3211", "（+86）13876543211",
                           "’13876543211", "\u202d13876543211\u202c", "138\u200b7654\u200b3211",
                           "138\u20117654\u20113211", "138——7654 3211", "13876543211\t", "𝟏𝟑𝟖76543211"})
    EXPECT_EQ(NormalisePhone(text).value_or(""), "13876543211") << text;
  for (const char* text : {"123456", "1234567890123", "1387654321a", "", "无", "13876543210/13876543211"}) {
    EXPECT_FALSE(NormalisePhone(text).ok()) << text;
  }
}

}  // namespace
}  // namespace liaison
