#include "common/sheets/table.h"

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
  Table table = ReadCsv("a,\"b \"\"x\"\", c\",d\r\n\"two\nlines\",,\"\"\n\nlast\r").value().sheets[0];
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
  EXPECT_EQ(Texts(ReadCsv("5\" pipe,\"x\"y").value().sheets[0].rows[0]), (Strings{"5\" pipe", "xy"}));
  EXPECT_EQ(Texts(ReadCsv("one\ntwo\nthree").value().sheets[0].rows[2]), (Strings{"three"}));
  EXPECT_EQ(Texts(ReadCsv(",,x").value().sheets[0].rows[0]), (Strings{"", "", "x"}));
  EXPECT_TRUE(ReadCsv("").value().sheets[0].rows.empty());
  EXPECT_TRUE(ReadCsv(",,,\n,,\n").value().sheets[0].rows.empty());
}

TEST(ReadCsv, AnOpenQuoteCostsItsRowOnly) {
  Table table = ReadCsv("a,b\n\"x\ny\",2\n3,\"never closed\n5,6\n").value().sheets[0];
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[1].Text(0), "x\ny");
  EXPECT_EQ(table.rows[2].Text(1), "never closed");
  EXPECT_EQ(table.rows[2].Fault(1), "引号没有结束");
  EXPECT_EQ(Texts(table.rows[3]), (Strings{"5", "6"}));
  // The next quote in the file does not swallow the rows between.
  table = ReadCsv("1,\"open\n2,b\n3,\"whole\"\n4,d\n").value().sheets[0];
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].Fault(1), "引号没有结束");
  EXPECT_EQ(table.rows[2].Text(1), "whole");
  EXPECT_EQ(table.rows[2].Fault(1), "");
}

TEST(ReadCsv, EveryKindOfLineEndIsReadAlike) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const char* line : {"甲,乙", "\"两", "行\",\"有\"\"引号\"", "1,\"没有结束", "2,\"完整\"的", "3,\"末\""}) text += line + end;
    const Table table = ReadCsv(text).value().sheets[0];
    ASSERT_EQ(table.rows.size(), 5u) << testing::PrintToString(end);
    EXPECT_EQ(Texts(table.rows[1]), (Strings{"两" + end + "行", "有\"引号"}));
    EXPECT_EQ(Texts(table.rows[2]), (Strings{"1", "没有结束"}));
    EXPECT_EQ(table.rows[2].Fault(1), "引号没有结束");
    EXPECT_EQ(Texts(table.rows[3]), (Strings{"2", "完整的"}));
    EXPECT_EQ(Texts(table.rows[4]), (Strings{"3", "末"}));
    EXPECT_EQ(table.rows[4].number, 5);
  }
  // A quote that would close in the middle of a field lines below opens nothing.
  const Table table = ReadCsv("1,\"半\r2,五\"寸\r3,六\r").value().sheets[0];
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0].Fault(1), "引号没有结束");
  EXPECT_EQ(Texts(table.rows[1]), (Strings{"2", "五\"寸"}));
}

TEST(ReadCsv, KnowsItsSeparator) {
  for (const char* separator : {",", "\t", ";", "，", "|"}) {
    std::string text;
    for (const char* row : {"序号|日期|内容", "1|2026-01-05|甲，乙、丙", "2|2026-01-06|丁"}) {
      for (char c : std::string(row)) text += c == '|' ? std::string(separator) : std::string(1, c);
      text += "\n";
    }
    if (std::string(separator) == "，") text.replace(text.find("甲，乙"), 9, "甲和乙");
    Table table = ReadCsv(text).value().sheets[0];
    ASSERT_EQ(table.rows.size(), 3u) << separator;
    EXPECT_EQ(Texts(table.rows[0]), (Strings{"序号", "日期", "内容"})) << separator;
    EXPECT_EQ(table.rows[2].Text(2), "丁") << separator;
  }
  // Lists inside of cells are no columns.
  EXPECT_EQ(ReadCsv("a,b\n1,x;y;z;u\n2,x;y;z;u\n").value().sheets[0].rows[1].Text(1), "x;y;z;u");
  EXPECT_EQ(Texts(ReadCsv("sep=|\r\na|b,c\r\n").value().sheets[0].rows[0]), (Strings{"a", "b,c"}));
}

TEST(ReadCsv, NamesErrorsAndCellsFarAway) {
  Workbook book = ReadCsv("#REF!,####,#1,Err:502\nx" + std::string(kMaxTableColumns, ',') + "far,,  \n").value();
  const Row& row = book.sheets[0].rows[0];
  EXPECT_EQ(row.Fault(0), "是错误值 #REF!");
  EXPECT_EQ(row.Fault(1), "是错误值 ####");
  EXPECT_EQ(row.Fault(2), "");
  EXPECT_EQ(row.Fault(3), "是错误值 Err:502");
  EXPECT_EQ(book.sheets[0].rows[1].Text(0), "x");
  ASSERT_EQ(book.notices.size(), 1u);
  EXPECT_NE(book.notices[0].find("GS2"), std::string::npos) << book.notices[0];
  EXPECT_NE(book.notices[0].find("共 1 个"), std::string::npos) << book.notices[0];
}

TEST(ReadTable, SaysThatAWebPageIsNone) {
  for (const char* text : {"<html><body><table><tr><td>1</td></tr></table></body></html>",
                           "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>"})
    EXPECT_NE(Message(ReadTable("台账.xls", text).status()).find("网页格式"), std::string::npos) << text;
}

TEST(ReadCsv, HoldsItsBounds) {
  EXPECT_TRUE(ReadCsv(std::string(kMaxTableColumns - 1, ',') + "x").ok());
  EXPECT_TRUE(ReadCsv(std::string(1000, ',')).ok());  // nothing in them
  std::string wide;
  for (size_t i = 0; i < kMaxCellChars; ++i) wide += "水";
  EXPECT_TRUE(ReadCsv(wide).ok());
  EXPECT_EQ(ReadCsv(wide + "水").value().sheets[0].rows[0].Fault(0), "超过了 10000 个字");
  EXPECT_EQ(ReadCsv(wide + "水").value().sheets[0].rows[0].Text(0), wide + "水");
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
  EXPECT_EQ(ReadTable("x.csv", ReadFixture("ledger-old.xlsx")).value().sheets[0].rows.size(), 202u);
  EXPECT_EQ(ReadTable("x.xlsx", ReadFixture("ledger-old.csv")).value().sheets[0].rows.size(), 202u);
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
  EXPECT_EQ(UnguardCell("=\"002\""), "002");
  EXPECT_EQ(UnguardCell("'13812345678"), "13812345678");
  EXPECT_EQ(UnguardCell("'2026-03-05"), "2026-03-05");
  for (const char* text : {"'138", "=\"002\"", "''5", "'=\"1\""}) EXPECT_EQ(UnguardCell(GuardCell(text)), text);
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
  Table table = ReadTable("x.csv", bytes + "end").value().sheets[0];
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
