#include "common/cli/core/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace liaison::cli {
namespace {

TEST(TableTest, ChineseTakesTwoPlacesAndCombiningMarksNone) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("王三"), 4);
  EXPECT_EQ(DisplayWidth("〔2026〕"), 8);
  EXPECT_EQ(DisplayWidth("１，"), 4) << "full-width digit and comma";
  EXPECT_EQ(DisplayWidth("𬱖"), 2) << "a name's rare character beyond the basic plane";
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2) << "stray bytes";
}

TEST(TableTest, CuttingNeverHalvesACharacter) {
  EXPECT_EQ(CutTo("三组水渠", 8), "三组水渠");
  EXPECT_EQ(CutTo("三组水渠", 7), "三组水…");
  EXPECT_EQ(CutTo("三组水渠", 6), "三组…");
  EXPECT_LE(DisplayWidth(CutTo("a三组水渠", 6)), 6);
}

TEST(TableTest, ColumnsStandUnderEachOtherInMixedText) {
  Table table({{"姓名"}, {"人数", true}, {"内容", false, 10}});
  table.Add({"王**", "4", "学校门口没有减速带"});
  table.Add({"Li", "12", "灯"});
  std::ostringstream out;
  table.Print(&out);
  EXPECT_EQ(out.str(),
            "姓名  人数  内容\n"
            "王**     4  学校门口…\n"
            "Li      12  灯\n");
}

TEST(TableTest, WithoutRowsNothingIsPrinted) {
  std::ostringstream out;
  Table({{"编号"}}).Print(&out);
  EXPECT_EQ(out.str(), "");
}

TEST(TableTest, TypedTextCannotSteerTheTerminal) {
  EXPECT_EQ(OneLine("水渠\n垮了\x1b[2J"), "水渠 垮了 [2J");
  Table table({{"内容"}});
  table.Add({"a\tb\x1b]0;x\a"});
  std::ostringstream out;
  table.Print(&out);
  EXPECT_EQ(out.str().find('\x1b'), std::string::npos);
  EXPECT_EQ(out.str().find('\t'), std::string::npos);
}

}  // namespace
}  // namespace liaison::cli
