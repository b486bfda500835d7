#include "common/base/folding.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <iomanip>
#include <string>

#include "common/base/utf8.h"

namespace liaison {
namespace {

// Every text is the key of the first.
void AllAlike(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_EQ(NameKey(text), NameKey(*texts.begin())) << text;
}

TEST(Folding, LooksTheSameIsTheSame) {
  AllAlike({"薛云", "薛\u00ad云", "薛\u200b云", "\u202d薛云\u202c", "\u2068薛云\u2069", "薛云\ufe0f", "薛\u2060云", "薛\ufeff云",
            "薛 云", "薛　云", "薛\u3164云", "薛\U000e0100云", "薛\u0007云", "薛\ufffc云"});
  AllAlike({"人民门", "⼈⺠⻔", "人⺠⻔", "⼈民门"});
  AllAlike({"HK-D057", "ＨＫ－Ｄ０５７", "hk‐d057", "HK–D057", "HK—D057", "HK−D057", "hk\u2011d057", "HK﹣D057", "𝐇𝐊-𝐃𝟎𝟓𝟕"});
  AllAlike({"(12)3.5,6", "（１２）３．５，６", "⑿3.5,6", "﹙12﹚3﹒5﹐6"});
  AllAlike({"买买提·艾力", "买买提•艾力", "买买提・艾力", "买买提･艾力", "买买提‧艾力", "买买提⋅艾力"});
  AllAlike({"老街", "\uf934街", "⽼街"});
}

TEST(Folding, WhatLooksOtherwiseStaysApart) {
  const char* const texts[] = {"己", "已", "巳", "王小明", "王晓明", "1", "一", "ー", "〇", "零", "(", "〔", "、", "，", "。"};
  for (const char* a : texts)
    for (const char* b : texts) EXPECT_TRUE(a == b || NameKey(a) != NameKey(b)) << a << b;
  EXPECT_EQ(Fold("王小明 Aa 一"), "王小明 Aa 一") << "case stays";
}

// Of every character there is, by itself and doubled.
TEST(Folding, TwiceIsOnce) {
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    if (c == 0x30000) c = 0xe0000;  // nothing is assigned between
    std::string text;
    AppendChar(c, &text);
    const std::string once = Fold(text);
    ASSERT_EQ(Fold(once), once) << std::hex << static_cast<uint32_t>(c);
    ASSERT_EQ(Fold(text + text), once + once) << std::hex << static_cast<uint32_t>(c);
    const std::string key = NameKey(text);
    ASSERT_EQ(NameKey(key), key) << std::hex << static_cast<uint32_t>(c);
    ASSERT_TRUE(IsUtf8(once)) << std::hex << static_cast<uint32_t>(c);
  }
}

TEST(Folding, BrokenBytesNeverMakeACharacter) {
  const std::string bytes = "\xef\x1a\xbc\x90";  // ０, but for the control character that is left out
  EXPECT_EQ(Fold(bytes), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(Fold(Fold(bytes)), Fold(bytes));
}

TEST(Folding, TrimmingKeepsTheGlyphThatASelectorChose) {
  EXPECT_EQ(Trim(" \u200b葛\U000e0100\u202c "), "葛\U000e0100");
  EXPECT_EQ(Trim("\u00ad \u2060"), "");
}

TEST(Folding, LineEndsOfWordProcessorsAreLineEnds) {
  EXPECT_EQ(PlainLines("水渠\v垮了\f路\r\n灯\r不亮\n"), "水渠\n垮了\n路\n灯\n不亮\n");
  EXPECT_EQ(PlainLines("D057\x1e""0031 水\x1f渠\t二"), "D057-0031 水渠\t二");
  EXPECT_EQ(PlainLines("\x07"), "\x07") << "not ours to leave out";
}

TEST(Utf8, IsStrict) {
  for (const char* text : {"", "a", "水", "𬱖", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(IsUtf8(text)) << text;
  for (const char* bytes : {"\xcb\xae\xc7\xfe", "\xe6\xb0", "caf\xe9", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xe0\x80\x80", "\x80", "\xf8\x88\x80\x80\x80", "\xf0\x80\x80\x80"})
    EXPECT_FALSE(IsUtf8(bytes));
  EXPECT_FALSE(IsUtf8(std::string_view("水", 2)));
}

TEST(Utf8, ABrokenByteIsOneCharacterEverywhere) {
  // Cut off, overlong, a surrogate, beyond the last character, no lead at all.
  for (const std::string bytes : {"\xe6\xb0", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(CountChars(bytes), bytes.size());
    std::string walked;
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto byte = static_cast<unsigned char>(rest[0]);
      const Char c = NextChar(&rest);
      EXPECT_EQ(c.code, kBrokenChar + byte);
      walked += c.bytes;
    }
    EXPECT_EQ(walked, bytes);
    EXPECT_EQ(CutBytes(bytes, 1), bytes.substr(0, 1));
  }
}

TEST(Utf8, IsCutBetweenCharacters) {
  EXPECT_EQ(CutBytes("夏𬱖a", 8), "夏𬱖a");
  EXPECT_EQ(CutBytes("夏𬱖a", 7), "夏𬱖");
  EXPECT_EQ(CutBytes("夏𬱖a", 6), "夏");
  EXPECT_EQ(CutBytes("夏𬱖a", 2), "");
}

TEST(Utf8, EveryCharacterIsWrittenAsItIsRead) {
  for (char32_t c : {U'\0', U'a', U'\x7f', U'\x80', U'\x7ff', U'\x800', U'水', U'\xffff', U'\x10000', U'\x10ffff'}) {
    std::string bytes;
    AppendChar(c, &bytes);
    std::string_view rest = bytes;
    EXPECT_EQ(NextChar(&rest).code, c);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(Utf8, ArgumentsOfAnotherEncodingAreRefusedByTheirPlace) {
  EXPECT_TRUE(CheckArguments({"log", "--words", "水渠垮了"}).ok());
  const absl::Status refused = CheckArguments({"log", "--words", "\xcb\xae\xc7\xfe\xbf\xe5\xc1\xcb"});
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_NE(refused.message().find("第 3 个参数"), std::string::npos) << refused;
  EXPECT_TRUE(IsUtf8(std::string(refused.message())));
  const char* argv[] = {"liaison\xff", "find", "\xcb\xae\xc7\xfe"};
  EXPECT_NE(CheckArguments(3, argv).message().find("第 2 个参数"), std::string::npos);
  EXPECT_TRUE(CheckArguments(2, argv).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(CheckInput("{\"a\":\"\xcb\xae\xc7\xfe\"}")));
  EXPECT_TRUE(CheckInput("{\"a\":\"水\"}").ok());
  // One character of GBK may look like UTF-8: the locale tells.
  ASSERT_TRUE(IsUtf8("\xcb\xae"));
  const char* before = std::getenv("LC_ALL");
  const std::string kept = before == nullptr ? "" : before;
  setenv("LC_ALL", "zh_CN.GB18030", 1);
  EXPECT_FALSE(CheckArguments({"find", "\xcb\xae"}).ok());
  EXPECT_TRUE(CheckArguments({"find", "abc"}).ok());
  kept.empty() ? unsetenv("LC_ALL") : setenv("LC_ALL", kept.c_str(), 1);
}

}  // namespace
}  // namespace liaison
