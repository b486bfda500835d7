#include "common/service/table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/ledger/fixture.h"

namespace liaison {
namespace {

std::vector<std::string> Texts(const Row& row) {
  std::vector<std::string> texts;
  for (const Cell& cell : row.cells) texts.push_back(cell.text);
  return texts;
}

using Strings = std::vector<std::string>;

TEST(ReadCsv, FollowsRfc4180) {
  Table table = ReadCsv("a,\"b \"\"x\"\", c\",d\r\n\"two\nlines\",,\"\"\n\nlast\r").value();
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(Texts(table.rows[0]), (Strings{"a", "b \"x\", c", "d"}));
  EXPECT_EQ(Texts(table.rows[1]), (Strings{"two\nlines"}));
  EXPECT_EQ(table.rows[1].number, 2);
  EXPECT_EQ(table.rows[2].number, 4);  // the empty row counts, as in the spreadsheet
  EXPECT_EQ(table.rows[2].Text(0), "last");
  EXPECT_EQ(table.rows[2].Text(1), "");
  EXPECT_EQ(table.rows[2].Text(-1), "");
}

TEST(ReadCsv, IsLenientWhereSpreadsheetsAre) {
  EXPECT_EQ(Texts(ReadCsv("5\" pipe,\"x\"y").value().rows[0]), (Strings{"5\" pipe", "xy"}));
  EXPECT_EQ(Texts(ReadCsv("one\ntwo\nthree").value().rows[2]), (Strings{"three"}));
  EXPECT_EQ(Texts(ReadCsv(",,x").value().rows[0]), (Strings{"", "", "x"}));
  EXPECT_TRUE(ReadCsv("").value().rows.empty());
  EXPECT_TRUE(ReadCsv(",,,\n,,\n").value().rows.empty());
}

TEST(ReadCsv, NamesAnOpenQuote) {
  auto open = ReadCsv("a,b\n\"x\ny\",2\n3,\"never closed\n5,6\n");
  ASSERT_FALSE(open.ok());
  EXPECT_EQ(Message(open.status()), "第 3 行第 2 列的引号没有结束");
}

TEST(ReadCsv, HoldsItsBounds) {
  EXPECT_TRUE(ReadCsv(std::string(kMaxTableColumns - 1, ',') + "x").ok());
  EXPECT_FALSE(ReadCsv(std::string(kMaxTableColumns, ',') + "x").ok());
  EXPECT_TRUE(ReadCsv(std::string(1000, ',')).ok());  // nothing in them
  std::string wide;
  for (size_t i = 0; i < kMaxCellChars; ++i) wide += "水";
  EXPECT_TRUE(ReadCsv(wide).ok());
  EXPECT_FALSE(ReadCsv(wide + "水").ok());
  std::string rows;
  for (int i = 0; i < kMaxTableRows; ++i) rows += "x\n";
  EXPECT_TRUE(ReadCsv(rows).ok());
  EXPECT_FALSE(ReadCsv(rows + "x").ok());
  std::string sparse;  // few bytes, many cells
  for (size_t i = 0; i <= kMaxTableCells / kMaxTableColumns; ++i) {
    sparse += std::string(kMaxTableColumns - 1, ',') + "x\n";
  }
  EXPECT_FALSE(ReadCsv(sparse).ok());
  EXPECT_FALSE(ReadCsv(std::string(kMaxTableBytes + 1, ',')).ok());
}

TEST(ReadTable, DecidesByTheContent) {
  EXPECT_EQ(ReadTable("x.csv", ReadFixture("ledger-old.xlsx")).value().rows.size(), 202u);
  EXPECT_EQ(ReadTable("x.xlsx", ReadFixture("ledger-old.csv")).value().rows.size(), 202u);
}

TEST(ReadTable, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(Message(ReadTable("台账.csv", "").status()), "“台账.csv”是空的");
  EXPECT_EQ(Message(ReadTable("台账.csv", "\r\n,,\r\n").status()), "“台账.csv”里没有内容");
  EXPECT_NE(Message(ReadTable("old.xls", "\xd0\xcf\x11\xe0\xa1\xb1").status()).find("旧版 .xls"), std::string::npos);
  EXPECT_NE(Message(ReadTable("a.zip", MakeZip({{"readme", "x"}})).status()).find("不是 .xlsx"), std::string::npos);
  EXPECT_FALSE(ReadTable("big.csv", std::string(kMaxTableBytes + 1, 'x')).ok());
}

TEST(WriteCsv, IsMadeForExcel) {
  EXPECT_EQ(WriteCsv({{"a", "b,\"c\""}, {"行\n行"}}),
            "\xef\xbb\xbf"
            "a,\"b,\"\"c\"\"\"\r\n\"行\n行\"\r\n");
}

TEST(WriteCsv, DisarmsFormulas) {
  for (const char* text : {"=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "＝1+1", "'=1", "-", "+86 138", "-1-1"}) {
    EXPECT_EQ(GuardCell(text), std::string("'") + text);
  }
  for (const char* text : {"-3", "+8613812345678", "-0.5", "三组", "'quoted'", "", "a=b", "'"}) {
    EXPECT_EQ(GuardCell(text), text);
  }
  EXPECT_EQ(UnguardCell("'=1"), "=1");
  EXPECT_EQ(UnguardCell("'tis"), "'tis");
  EXPECT_EQ(WriteCsv({{"=HYPERLINK(\"x\")"}}),
            "\xef\xbb\xbf"
            "\"'=HYPERLINK(\"\"x\"\")\"\r\n");
}

// Texts with the characters that matter, more often than chance would bring them.
rc::Gen<std::string> CellText() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "'", "=", "-", "+", "@", "\t", "\r", "\n", "\"", ",", "3", ".", "水", "𬱖", "＝", " ")),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

RC_GTEST_PROP(WriteCsv, ComesBackByReadCsv, ()) {
  auto rows = *rc::gen::container<std::vector<Strings>>(rc::gen::container<Strings>(CellText()));
  std::string bytes = WriteCsv(rows);
  Table table = ReadTable("x.csv", bytes + "end").value();
  ASSERT_EQ(table.rows.back().Text(0), "end");
  ASSERT_EQ(table.rows.back().number, static_cast<int>(rows.size()) + 1);
  table.rows.pop_back();
  for (Strings& row : rows) {
    while (!row.empty() && row.back().empty()) row.pop_back();
  }
  size_t at = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    RC_ASSERT(at < table.rows.size());
    Strings back;
    for (const Cell& cell : table.rows[at].cells) back.push_back(UnguardCell(cell.text));
    RC_ASSERT(table.rows[at].number == static_cast<int>(i) + 1);
    RC_ASSERT(back == rows[i]);
    ++at;
  }
  RC_ASSERT(at == table.rows.size());
}

RC_GTEST_PROP(WriteCsv, NeverWritesAFormula, ()) {
  std::string text = *CellText();
  std::string guarded = GuardCell(text);
  RC_ASSERT(UnguardCell(guarded) == text);
  if (!guarded.empty() && std::string_view("=@\t\r\n").find(guarded[0]) != std::string_view::npos) RC_FAIL(guarded);
}

RC_GTEST_PROP(ReadTable, NeverBreaksOnAnyBytes, (const std::string& bytes)) {
  (void)ReadTable("x", bytes);
  (void)ReadTable("x", "PK\x03\x04" + bytes);
  (void)ReadCsv(bytes);
}

}  // namespace
}  // namespace liaison
