// What comes in, comes in whole: workbooks and texts as offices really have them, of which every sheet, row, column and
// cell is either taken or named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/folding.h"
#include "common/intake/ledger.h"
#include "common/intake/roster_table.h"
#include "tests/ledger/fixture.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Cells = std::vector<std::string>;

const Cells kColumns = {"序号",   "接待日期", "联络点",   "反映人",   "联系电话", "村组",   "人数",   "反映内容",
                        "类别", "接待代表", "处理方式", "承办单位", "交办日期", "办结日期", "满意度", "备注"};
constexpr size_t kNo = 0, kDay = 1, kWho = 3, kPhone = 4, kCount = 6, kWords = 7, kSolved = 13, kNote = 15;

// A row that is right, with some of its cells otherwise. What begins with < is a whole <c> element for a workbook.
Cells Line(const std::string& serial, const std::string& words, const std::map<size_t, std::string>& other = {}) {
  Cells cells = {serial, "2026-03-05", "鱼姐村委会", "王小明", "13812345678", "三组", "1", words,
                 "",     "姚勇",       "村级办理",   "",       "",            "",     "",  ""};
  for (const auto& [column, text] : other) {
    if (cells.size() <= column) cells.resize(column + 1);
    cells[column] = text;
  }
  return cells;
}

std::string SheetXml(const std::vector<Cells>& rows, const std::string& behind = "") {
  std::string xml = "<worksheet><sheetData>";
  for (size_t i = 0; i < rows.size(); ++i) {
    xml += "<row r=\"" + std::to_string(i + 1) + "\">";
    for (size_t c = 0; c < rows[i].size(); ++c) {
      const std::string at = ColumnLetters(static_cast<int>(c)) + std::to_string(i + 1);
      const std::string& text = rows[i][c];
      if (text.empty()) continue;
      if (text[0] == '<') {
        xml += "<c r=\"" + at + "\"" + text.substr(2);
      } else {
        xml += "<c r=\"" + at + "\" t=\"inlineStr\"><is><t>" + text + "</t></is></c>";
      }
    }
    xml += "</row>";
  }
  return xml + "</sheetData>" + behind + "</worksheet>";
}

struct Page {
  std::string name, xml;
  bool hidden = false;
};

std::string Book(const std::vector<Page>& pages, const std::string& settings = "",
                 std::vector<std::pair<std::string, std::string>> more = {}, char slash = '/') {
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::string sheets, relations;
  std::vector<std::pair<std::string, std::string>> parts = std::move(more);
  for (size_t i = 0; i < pages.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    sheets += "<sheet name=\"" + pages[i].name + "\" sheetId=\"" + id + "\" r:id=\"r" + id + "\"" +
              (pages[i].hidden ? " state=\"hidden\"" : "") + "/>";
    relations +=
        "<Relationship Id=\"r" + id + "\" Type=\"" + office + "worksheet\" Target=\"worksheets/sheet" + id + ".xml\"/>";
    parts.emplace_back("xl/worksheets/sheet" + id + ".xml", pages[i].xml);
  }
  parts.emplace_back("xl/workbook.xml", "<workbook>" + settings + "<sheets>" + sheets + "</sheets></workbook>");
  parts.emplace_back("xl/_rels/workbook.xml.rels", "<Relationships>" + relations + "</Relationships>");
  parts.emplace_back("_rels/.rels", "<Relationships><Relationship Id=\"d\" Type=\"" + office +
                                        "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
  for (auto& [name, content] : parts) std::replace(name.begin(), name.end(), '/', slash);
  return MakeZip(parts);
}

std::string Csv(const std::vector<Cells>& rows) { return WriteCsv(rows); }

const LedgerRoster& Roster() {
  static const auto* roster = new LedgerRoster(FixtureTownship());
  return *roster;
}

LedgerParse Parse(const std::string& bytes) {
  auto book = ReadTable("台账", bytes);
  EXPECT_TRUE(book.ok()) << book.status();
  if (!book.ok()) return LedgerParse();
  auto parse = ParseLedger(*book, Roster(), StandInHash);
  EXPECT_TRUE(parse.ok()) << parse.status();
  return parse.ok() ? *std::move(parse) : LedgerParse();
}

std::string Why(const std::string& bytes) {
  auto book = ReadTable("", bytes);
  if (!book.ok()) return std::string(Message(book.status()));
  return std::string(Message(ParseLedger(*book, Roster(), StandInHash).status()));
}

std::vector<std::string> Reasons(const LedgerParse& parse) {
  std::vector<std::string> out;
  for (const v1::RefusedRow& refusal : parse.refusals)
    out.push_back(refusal.sheet() + std::to_string(refusal.row()) + " " + refusal.column() + " " + refusal.reason());
  return out;
}

std::vector<std::string> Words(const LedgerParse& parse) {
  std::vector<std::string> out;
  for (const LedgerRow& row : parse.rows) out.push_back(row.content);
  return out;
}

std::string All(const std::vector<std::string>& notices) {
  std::string all;
  for (const std::string& notice : notices) all += notice + "\n";
  return all;
}

const std::string kEmptyFormula = "<c><f>2+3</f></c>";
std::string Error(const std::string& value) { return "<c t=\"e\"><f>X!A1</f><v>" + value + "</v></c>"; }

// ---------------------------------------------------------------- sheets

TEST(WholeFile, EverySheetWithAHeaderIsRead) {
  const std::string bytes = Book({{"封面", SheetXml({{"恒口镇台账"}, {"填表说明"}})},
                                  {"1月", SheetXml({{"1月台账"}, kColumns, Line("1", "甲"), Line("2", "乙")})},
                                  {"2月", SheetXml({kColumns, Line("1", "丙"), Line("2", "丁", {{kDay, "2026-02-30"}})})},
                                  {"空", SheetXml({})},
                                  {"选项", SheetXml({{"满意"}}), true}});
  LedgerParse parse = Parse(bytes);
  EXPECT_THAT(Words(parse), ElementsAre("甲", "乙", "丙"));
  EXPECT_THAT(Reasons(parse), ElementsAre("2月3 接待日期 日期不存在：2026-02-30"));
  EXPECT_THAT(All(parse.notices), HasSubstr("“封面”没有台账的表头，没有读"));
  EXPECT_THAT(All(parse.notices), HasSubstr("工作表“选项”是隐藏的，没有读"));
  EXPECT_THAT(All(parse.notices), HasSubstr("1月台账"));
  EXPECT_THAT(All(parse.notices), ::testing::Not(HasSubstr("“空”")));

  // The mend file holds the row, says where it stood, and comes in by itself.
  std::string mend = MendFile(ReadTable("", bytes).value(), parse);
  EXPECT_THAT(mend, HasSubstr("工作表“2月”第 3 行；接待日期"));
  mend.replace(mend.find("2026-02-30"), 10, "2026-02-28");
  EXPECT_THAT(Words(Parse(mend)), ElementsAre("丁"));
}

TEST(WholeFile, SheetsMayOrderTheirColumnsOtherwise) {
  Cells columns = kColumns, line = Line("1", "丙", {{kDay, "昨天"}, {kNote, "附言"}});
  std::reverse(columns.begin(), columns.end());
  std::reverse(line.begin(), line.end());
  columns.push_back("户主");
  line.push_back("张三");
  const std::string bytes =
      Book({{"1月", SheetXml({kColumns, Line("1", "甲", {{kDay, "前天"}})})}, {"2月", SheetXml({columns, line})}});
  LedgerParse parse = Parse(bytes);
  EXPECT_EQ(parse.refused_rows, 2);
  EXPECT_THAT(parse.ignored_columns, ElementsAre("户主"));
  Workbook back = ReadTable("", MendFile(ReadTable("", bytes).value(), parse)).value();
  ASSERT_EQ(back.sheets[0].rows.size(), 3u);
  EXPECT_EQ(back.sheets[0].rows[1].Text(kDay), "前天");
  EXPECT_EQ(back.sheets[0].rows[2].Text(kDay), "昨天");
  EXPECT_EQ(back.sheets[0].rows[2].Text(kNote), "附言");
  EXPECT_EQ(back.sheets[0].rows[0].Text(16), "户主");
  EXPECT_EQ(back.sheets[0].rows[2].Text(16), "张三");
}

TEST(WholeFile, ASheetWithABrokenHeaderIsRefusedByName) {
  Cells columns = kColumns;
  columns[9] = "谁";
  EXPECT_EQ(Why(Book({{"1月", SheetXml({kColumns, Line("1", "甲")})}, {"2月", SheetXml({columns, Line("2", "乙")})}})),
            "工作表“2月”：表头缺少这些列：“接待代表”");
  EXPECT_THAT(Why(Book({{"封面", SheetXml({{"甲"}})}, {"说明", SheetXml({{"乙"}})}})), HasSubstr("工作表“封面”、“说明”："));
}

TEST(WholeFile, ChartsNotesAndPicturesAreNamed) {
  LedgerParse parse = Parse(Book({{"台账", SheetXml({kColumns, Line("1", "甲")})}}, "",
                                 {{"xl/comments1.xml", "<comments/>"}, {"xl/drawings/drawing1.xml", "<wsDr/>"}}));
  EXPECT_EQ(parse.rows.size(), 1u);
  EXPECT_THAT(All(parse.notices), HasSubstr("批注"));
  EXPECT_THAT(All(parse.notices), HasSubstr("图片"));
}

// WPS keeps the pictures of cells in a part of its own, and a formula in the cell.
TEST(WholeFile, PicturesInCellsAreNamedAndAreNoWords) {
  const std::string picture = "<c t=\"str\"><f>_xlfn.DISPIMG(\"ID_1\",1)</f><v>=DISPIMG(\"ID_1\",1)</v></c>";
  Cells columns = kColumns;
  columns.push_back("照片");
  LedgerParse parse = Parse(
      Book({{"台账", SheetXml({columns, Line("1", "甲", {{kNote, picture}}), Line("2", "乙", {{16, picture}})})}}, "",
           {{"xl/cellimages.xml", "<x/>"}, {"xl/media/image1.png", "x"}, {"xl/embeddings/oleObject1.bin", "x"}}));
  EXPECT_THAT(Reasons(parse), ElementsAre("2 备注 是图片，读不出文字"));
  EXPECT_THAT(Words(parse), ElementsAre("乙"));
  EXPECT_THAT(parse.ignored_columns, ElementsAre("照片"));
  EXPECT_THAT(All(parse.notices), HasSubstr("图片"));
  EXPECT_THAT(All(parse.notices), HasSubstr("嵌有别的文件"));
}

TEST(WholeFile, HiddenRowsAndColumnsAreReadAndVeryHiddenSheetsAreNamed) {
  std::string xml = SheetXml({kColumns, Line("1", "甲"), Line("2", "乙")});
  xml.replace(xml.find("<row r=\"3\">"), 11, "<row r=\"3\" hidden=\"1\">");
  xml.insert(xml.find("<sheetData>"), "<cols><col min=\"8\" max=\"8\" hidden=\"1\"/></cols>");
  EXPECT_THAT(Words(Parse(Book({{"a", xml}}))), ElementsAre("甲", "乙"));
  std::string workbook =
      "<sheets><sheet name=\"甲\" r:id=\"r1\"/><sheet name=\"乙\" state=\"veryHidden\" r:id=\"r2\"/></sheets>";
  const auto book = ReadXlsx(MakeXlsx("<row><c t=\"str\"><v>first</v></c></row>", "", workbook));
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_THAT(All(book->notices), HasSubstr("工作表“乙”是隐藏的，没有读"));
}

// ---------------------------------------------------------------- heads

TEST(WholeFile, AHeadOfTwoLinesIsOneWithoutMergedCellsToo) {
  Cells upper = kColumns, lower(kColumns.size());
  upper[kWho] = "群众情况";
  upper[kPhone] = "";
  lower[kWho] = "姓名";
  lower[kPhone] = "电话";
  const std::vector<Cells> rows = {{"台账"}, upper, lower,          Line("1", "甲"), Line("2", "乙", {{kDay, "昨天"}}),
                                   upper,    lower, Line("3", "丙")};
  for (const std::string& bytes :
       {Csv(rows),
        Book({{"a",
               SheetXml(rows, "<mergeCells><mergeCell ref=\"D2:E2\"/><mergeCell ref=\"D6:E6\"/></mergeCells>")}})}) {
    LedgerParse parse = Parse(bytes);
    EXPECT_THAT(Words(parse), ElementsAre("甲", "丙"));
    EXPECT_THAT(Reasons(parse), ElementsAre("5 接待日期 看不懂这个日期，请写成 2026-01-17 的样子：昨天"));
    EXPECT_THAT(parse.ignored_columns, IsEmpty());
    for (const LedgerRow& row : parse.rows) {
      EXPECT_EQ(row.visitor_name, "王小明");
      EXPECT_EQ(row.phone, "13812345678");
    }
    // The mend file has one line of heads, by which the row comes in.
    std::string mend = MendFile(ReadTable("", bytes).value(), parse);
    mend.replace(mend.find("昨天"), std::string("昨天").size(), "2026-03-06");
    ASSERT_THAT(Words(Parse(mend)), ElementsAre("乙"));
    EXPECT_EQ(Parse(mend).rows[0].phone, "13812345678");
  }
}

TEST(WholeFile, AFurtherTableInASheetIsReadByItsOwnHead) {
  Cells columns = kColumns, line = Line("2", "乙", {{kNote, "附言"}});
  std::swap(columns[kWords], columns[kNote]);
  std::swap(line[kWords], line[kNote]);
  Cells wrong = line;
  wrong[kDay] = "昨天";
  const std::string bytes = Csv(
      {kColumns, Line("1", "甲", {{kDay, "前天"}}), {"二月份台账"}, columns, line, wrong, kColumns, Line("3", "丙")});
  LedgerParse parse = Parse(bytes);
  EXPECT_THAT(Words(parse), ElementsAre("乙", "丙"));
  EXPECT_EQ(parse.rows.at(0).remark, "附言");
  EXPECT_EQ(parse.refused_rows, 2);
  EXPECT_THAT(All(parse.notices), HasSubstr("第 3 行（二月份台账）"));
  Workbook back = ReadTable("", MendFile(ReadTable("", bytes).value(), parse)).value();
  ASSERT_EQ(back.sheets[0].rows.size(), 3u);
  EXPECT_EQ(back.sheets[0].rows[1].Text(kWords), "甲");
  EXPECT_EQ(back.sheets[0].rows[2].Text(kWords), "乙");
  columns[9] = "谁";
  EXPECT_EQ(Why(Csv({kColumns, Line("1", "甲"), columns, line})), "第 3 行又有一个表头缺少这些列：“接待代表”");
}

// ---------------------------------------------------------------- cells

TEST(WholeFile, AFormulaWithoutAResultRefusesItsRow) {
  const std::string reason = "公式没有结果，请在表格软件里打开保存一次";
  for (const char* cell : {"<c><f>2+3</f></c>", "<c><f>2+3</f><v></v></c>", "<c><f>2+3</f><v/></c>",
                           "<c t=\"str\"><f>A1</f></c>", "<c t=\"n\"><f>2+3</f></c>"}) {
    LedgerParse parse = Parse(
        Book({{"台账", SheetXml({kColumns, Line("1", "甲", {{kCount, cell}, {kPhone, cell}}), Line("2", "乙")})}}));
    EXPECT_THAT(Reasons(parse), ElementsAre("2 联系电话 " + reason, "2 人数 " + reason)) << cell;
    EXPECT_THAT(Words(parse), ElementsAre("乙"));
  }
  // A program that leaves calculating to the next one writes 0.
  const std::string zero = "<c><f>2+3</f><v>0</v></c>";
  EXPECT_THAT(Reasons(Parse(Book({{"台账", SheetXml({kColumns, Line("1", "甲", {{kNote, zero}})})}},
                                 "<calcPr fullCalcOnLoad=\"1\"/>"))),
              ElementsAre("2 备注 " + reason));
  // An empty text is a result.
  LedgerParse parse = Parse(Book({{"台账", SheetXml({kColumns, Line("1", "甲",
                                                                    {{kNote, "<c t=\"str\"><f>A1</f><v></v></c>"},
                                                                     {kCount, "<c><f>2+3</f><v>5</v></c>"}})})}}));
  ASSERT_EQ(parse.rows.size(), 1u) << ::testing::PrintToString(Reasons(parse));
  EXPECT_EQ(parse.rows[0].headcount, 5);
}

TEST(WholeFile, ErrorValuesRefuseTheirRow) {
  const std::vector<Cells> rows = {kColumns,
                                   Line("1", "甲", {{kWho, Error("#N/A")}, {kNote, Error("#VALUE!")}}),
                                   Line("2", Error("#REF!")),
                                   Line(Error("#NAME?"), "丙"),
                                   Line("4", "丁", {{kPhone, Error("#N/A")}}),
                                   Line("5", "戊")};
  LedgerParse parse = Parse(Book({{"台账", SheetXml(rows)}}));
  EXPECT_THAT(Reasons(parse), ElementsAre("2 反映人 是错误值 #N/A", "2 备注 是错误值 #VALUE!", "3 反映内容 是错误值 #REF!",
                                          "4 序号 是错误值 #NAME?", "5 联系电话 是错误值 #N/A"));
  EXPECT_THAT(Words(parse), ElementsAre("戊"));
  EXPECT_THAT(Reasons(Parse(Csv({kColumns, Line("1", "甲", {{kWho, "#N/A"}}), Line("2", "乙", {{kDay, "########"}})}))),
              ElementsAre("2 反映人 是错误值 #N/A", "3 接待日期 是错误值 ########"));
}

TEST(WholeFile, ErrorValuesAreKnownInEveryWriting) {
  for (const char* error : {"#DIV/0!", " #N/A ", "#n/a", "＃Ｎ／Ａ", "Err:502", "错误:508", "####"}) {
    const std::string reason = std::string(" 是错误值 ") + error;
    EXPECT_THAT(Reasons(Parse(Book(
                    {{"a", SheetXml({kColumns, Line("1", "<c t=\"str\"><v>" + std::string(error) + "</v></c>")})}}))),
                ElementsAre("2 反映内容" + reason));
    EXPECT_THAT(Reasons(Parse(Csv({kColumns, Line("1", "甲", {{kWho, error}})}))), ElementsAre("2 反映人" + reason));
  }
  for (const char* words : {"#12路灯坏了", "Error:", "错误：电费多收了"})
    EXPECT_THAT(Words(Parse(Csv({kColumns, Line("1", words)}))), ElementsAre(words));
}

// An id of 18 digits as a number, a phone that a text file has as 1.38E+10, a tick, a share.
TEST(WholeFile, NumbersThatLostTheirDigitsAndTicksAreNoWords) {
  const std::string lost = "，请把单元格改为文本格式后重新填写";
  LedgerParse parse = Parse(Book(
      {{"a",
        SheetXml({kColumns, Line("1", "<c><v>5.22121199001011E17</v></c>"),
                  Line("2", "乙", {{kNote, "<c><v>6222020200112233</v></c>"}}),
                  Line("3", "<c t=\"b\"><v>true</v></c>", {{kWho, "<c t=\"b\"><v>0</v></c>"}}),
                  Line("4", "丁",
                       {{kPhone, "<c><v>1.3812345678E10</v></c>"}, {kNote, "<c><v>999999999999999</v></c>"}})})}}));
  EXPECT_THAT(Reasons(parse), ElementsAre("2 反映内容 数字太长，后几位已经丢失（5.22121199001011e+17）" + lost,
                                          "3 备注 数字太长，后几位已经丢失（6.22202020011223e+15）" + lost,
                                          "4 反映人 是逻辑值 FALSE，不是文字", "4 反映内容 是逻辑值 TRUE，不是文字"));
  ASSERT_EQ(parse.rows.size(), 1u);
  EXPECT_EQ(parse.rows[0].phone, "13812345678");
  EXPECT_EQ(parse.rows[0].remark, "999999999999999");
  for (const char* text : {"1.38E+10", "5.22121e+17", "１.２Ｅ+18"})
    EXPECT_THAT(Reasons(Parse(Csv({kColumns, Line("1", "甲", {{kNote, text}})}))),
                ElementsAre(std::string("2 备注 数字太长，后几位已经丢失（") + text + "）" + lost));
  EXPECT_EQ(Parse(Csv({kColumns, Line("E+1", "甲")})).rows.at(0).serial, "E+1");
  // A share is read as it is shown.
  const Row row =
      ReadXlsx(MakeXlsx("<row><c s=\"4\"><v>1</v></c><c s=\"4\"><v>0.285</v></c></row>")).value().sheets[0].rows[0];
  EXPECT_EQ(row.Text(0), "100%");
  EXPECT_EQ(row.Text(1), "28.5%");
  // Unmended, the rows are refused again.
  const std::string bytes = Book({{"a", SheetXml({kColumns, Line("1", "<c><v>-5.22121199001011E17</v></c>"),
                                                  Line("2", "<c t=\"b\"><v>1</v></c>")})}});
  parse = Parse(bytes);
  EXPECT_EQ(Reasons(Parse(MendFile(ReadTable("", bytes).value(), parse))), Reasons(parse));
}

TEST(WholeFile, NumbersAreTheSameDaysInAllFiles) {
  const std::string plain = "<c><v>20260305</v></c>", day = "<c><v>46086</v></c>", day_1904 = "<c><v>44624</v></c>";
  EXPECT_EQ(Parse(Csv({kColumns, Line("1", "甲", {{kDay, "20260305"}})})).rows.at(0).date, "2026-03-05");
  EXPECT_EQ(Parse(Book({{"a", SheetXml({kColumns, Line("1", "甲", {{kDay, plain}})})}})).rows.at(0).date, "2026-03-05");
  EXPECT_EQ(Parse(Book({{"a", SheetXml({kColumns, Line("1", "甲", {{kDay, day}})})}})).rows.at(0).date, "2026-03-05");
  const std::string book_1904 = "<workbookPr date1904=\"1\"/>";
  const std::string bytes = Book({{"a", SheetXml({kColumns, Line("1", "甲", {{kDay, day_1904}}),
                                                  Line("2", "乙", {{kDay, day_1904}, {kCount, "0"}}),
                                                  Line("3", "丙", {{kDay, plain}})})}}, book_1904);
  LedgerParse parse = Parse(bytes);
  ASSERT_EQ(parse.rows.size(), 2u);
  for (const LedgerRow& row : parse.rows) EXPECT_EQ(row.date, "2026-03-05");
  // A refused row keeps its day: in the mend file nothing says that days count from 1904.
  EXPECT_THAT(MendFile(ReadTable("", bytes).value(), parse), HasSubstr("2,2026-03-05,"));
}

TEST(WholeFile, MergedCellsCountForAllTheirRows) {
  std::vector<Cells> rows = {kColumns, Line("1", "甲"), Line("2", "乙"), Line("3", "丙")};
  for (size_t i : {2u, 3u}) rows[i][1] = rows[i][2] = rows[i][9] = "";
  LedgerParse parse =
      Parse(Book({{"a", SheetXml(rows,
                                 "<mergeCells><mergeCell ref=\"B2:B4\"/><mergeCell ref=\"C2:C4\"/>"
                                 "<mergeCell ref=\"J2:J4\"/><mergeCell ref=\"A1:A1\"/></mergeCells>")}}));
  EXPECT_THAT(Words(parse), ElementsAre("甲", "乙", "丙")) << ::testing::PrintToString(Reasons(parse));
  EXPECT_EQ(parse.rows.at(2).date, "2026-03-05");
  // Two lines of the header, as offices draw it.
  std::vector<Cells> two = {{"台账"}, kColumns, kColumns, Line("1", "甲")};
  for (size_t c = 0; c < kColumns.size(); ++c) {
    if (c < 11) two[2][c] = "";
    if (c >= 11) two[1][c] = c == 11 ? "办理情况" : "";
  }
  std::string merges = "<mergeCells><mergeCell ref=\"A1:P1\"/><mergeCell ref=\"L2:P2\"/>";
  for (int c = 0; c < 11; ++c) merges += "<mergeCell ref=\"" + ColumnLetters(c) + "2:" + ColumnLetters(c) + "3\"/>";
  parse = Parse(Book({{"a", SheetXml(two, merges + "</mergeCells>")}}));
  EXPECT_THAT(Words(parse), ElementsAre("甲")) << ::testing::PrintToString(Reasons(parse));
  // All of the sheet in one merge, a thousand times: bounded work.
  merges = "<mergeCells>";
  for (int i = 0; i < 1000; ++i) merges += "<mergeCell ref=\"A1:XFD1048576\"/>";
  std::vector<Cells> many(500, Line("1", "甲"));
  EXPECT_THAT(Why(Book({{"a", SheetXml(many, merges + "</mergeCells>")}})), HasSubstr("合并的单元格太多"));
}

TEST(WholeFile, OneBadCellCostsNoRow) {
  std::vector<Cells> rows = {kColumns, Line("1", "甲"), Line("2", "乙", {{256, " "}}), Line("3", "丙", {{300, "远"}}),
                             Line("4", "丁", {{18, "附页"}})};
  LedgerParse parse = Parse(Book({{"a", SheetXml(rows)}}));
  EXPECT_THAT(Words(parse), ElementsAre("甲", "乙", "丙", "丁"));
  EXPECT_THAT(All(parse.notices), HasSubstr("KO4"));
  EXPECT_THAT(All(parse.notices), HasSubstr("S 列没有列名，里面的内容没有用到：第 5 行"));
  // Borders down to the last row of the sheet.
  std::string xml = SheetXml(rows);
  std::string tail;
  for (int row = 8; row < 110'000; ++row) {
    tail += "<row r=\"" + std::to_string(row) + "\" spans=\"1:16\" ht=\"14.25\">";
    for (int c = 0; c < 16; ++c) tail += "<c r=\"" + ColumnLetters(c) + std::to_string(row) + "\" s=\"3\"/>";
    tail += "</row>";
  }
  xml.insert(xml.find("</sheetData>"), tail);
  EXPECT_EQ(Parse(Book({{"a", xml}})).rows.size(), 4u);
  // A cell beyond what a cell may hold.
  std::string words;
  for (size_t i = 0; i <= kMaxCellChars; ++i) words += "水";
  parse = Parse(Csv({kColumns, Line("1", words), Line("2", "乙")}));
  EXPECT_THAT(Reasons(parse), ElementsAre("2 反映内容 超过了 10000 个字"));
  EXPECT_THAT(Words(parse), ElementsAre("乙"));
}

TEST(WholeFile, TheTextOfAllCellsTogetherIsBounded) {
  std::string words(30'000, 'x'), rows;
  for (int i = 0; i < 3000; ++i) rows += "<row><c t=\"s\"><v>0</v></c></row>";
  const auto book = ReadXlsx(MakeXlsx(rows, "<si><t>" + words + "</t></si>"));
  ASSERT_FALSE(book.ok());
  EXPECT_THAT(std::string(Message(book.status())), HasSubstr("文字太多"));
  // By merging, too.
  std::vector<Cells> lines(2500, Cells{"", "x"});
  lines[0][0] = words;
  EXPECT_THAT(Why(Book({{"a", SheetXml(lines, "<mergeCells><mergeCell ref=\"A1:A2500\"/></mergeCells>")}})),
              HasSubstr("文字太多"));
}

// ---------------------------------------------------------------- columns and lines

TEST(WholeFile, ColumnsThatAreNotUsedAreNamed) {
  Cells columns = kColumns;
  columns[kPhone] = "反映人电话";
  columns[kNote] = "办理结果";
  columns.push_back("退回原因");
  columns.push_back("空列");
  for (const std::string& bytes : {Csv({columns, Line("1", "甲", {{kNote, "已修好"}, {16, "旧"}})}),
                                   Book({{"a", SheetXml({columns, Line("1", "甲", {{kNote, "已修好"}, {16, "旧"}})})}})}) {
    LedgerParse parse = Parse(bytes);
    ASSERT_EQ(parse.rows.size(), 1u);
    EXPECT_EQ(parse.rows[0].phone, "13812345678");
    EXPECT_THAT(parse.ignored_columns, ElementsAre("办理结果")) << "one with nothing in it is not missed";
  }
}

TEST(WholeFile, SumsFootersAndRepeatedHeadsAreNoRows) {
  LedgerParse parse = Parse(Csv({{"恒口镇台账"},
                                 kColumns,
                                 Line("1", "一"),
                                 Line("2", "二"),
                                 {"", "", "", "", "", "", "本页小计", "2件"},
                                 {"恒口镇台账"},
                                 kColumns,
                                 Line("3", "三"),
                                 {"4"},
                                 {"合计", "", "", "", "", "", "3"},
                                 {"总 计：3件"},
                                 {"", "合计", "", "", "", "", "3"},
                                 {"共计", "", "", "", "", "", "3"},
                                 {"本月累计", "", "", "", "", "", "3"},
                                 {"填表人:张三", "", "", "", "审核人:李四", "", "", "填表日期:2026年3月31日"},
                                 {"注:本表一式两份"},
                                 {"第 1 页，共 3 页"}}));
  EXPECT_THAT(Words(parse), ElementsAre("一", "二", "三"));
  EXPECT_THAT(Reasons(parse), IsEmpty());
  for (const char* part : {"第 5 行（本页小计）", "第 6 行（恒口镇台账）", "第 7 行（表头）", "第 9 行（只有序号）", "第 11 行（总 计：3件）",
                           "第 15 行（填表人:张三）", "第 16 行（注:本表一式两份）", "第 17 行"})
    EXPECT_THAT(All(parse.notices), HasSubstr(part));
}

// Only what cannot be a record is passed over.
TEST(WholeFile, WhatOnlyBeginsLikeASumIsARow) {
  LedgerParse parse = Parse(Csv({kColumns, Line("合计", "甲"), Line("", "合计金额不对，请查"),
                                 {"", "", "", "", "", "", "", "合计栏的金额不对"}, {"", "", "", "", "", "", "", "备注栏写错了"}}));
  EXPECT_THAT(Words(parse), ElementsAre("甲", "合计金额不对，请查"));
  EXPECT_EQ(parse.refused_rows, 2);
}

TEST(WholeFile, GuardsOfOtherProgramsAreTakenOff) {
  LedgerParse parse = Parse("序号,接待日期,联络点,联系电话,反映内容,接待代表,处理方式\n"
                            "\"=\"\"002\"\"\",\"=\"\"2026-03-05\"\"\",D001,\"=\"\"13812345678\"\"\",甲,姚勇,引导\n"
                            "'003,'2026-03-05,D001,'13812345678,乙,姚勇,引导\n"
                            "4,2026-03-05,D001,13812345678\t,'三改一拆'不公,姚勇,引导\n");
  ASSERT_EQ(parse.rows.size(), 3u) << ::testing::PrintToString(Reasons(parse));
  EXPECT_EQ(parse.rows[0].serial, "002");
  EXPECT_EQ(parse.rows[1].serial, "003");
  for (const LedgerRow& row : parse.rows) EXPECT_EQ(row.phone, "13812345678");
  EXPECT_EQ(parse.rows[2].content, "'三改一拆'不公");
}

TEST(WholeFile, InvisibleMarksChangeNothing) {
  const auto marked = [](const char* before, const std::string& text, const char* after) {
    return before + text + after;
  };
  LedgerParse parse = Parse(Csv({kColumns,
                                 Line("1", "甲", {{kPhone, marked("\u202d", "13812345678", "\u202c")}}),
                                 Line("2", "乙", {{kDay, marked("\u202a", "2026-03-05", "\u202c")}}),
                                 Line("3", "丙", {{2, marked("\u202d", "鱼姐村委会", "\u202c")}}),
                                 Line("4", "丁", {{9, "姚\u00ad勇"}}),
                                 Line("5", "戊", {{10, "村级办理\ufe0f"}}),
                                 Line("6", "己", {{kPhone, "138\u200b1234\u200b5678"}}),
                                 Line("7", "庚", {{kWho, "⻢\u00ad云"}})}));
  ASSERT_EQ(parse.rows.size(), 7u) << ::testing::PrintToString(Reasons(parse));
  EXPECT_EQ(parse.rows[0].phone, "13812345678");
  EXPECT_EQ(parse.rows[6].visitor_name, "⻢\u00ad云") << "kept as typed";
  // And the row is known again without them.
  EXPECT_EQ(Parse(Csv({kColumns, Line("1", "水\u00ad渠\u202c")})).rows.at(0).import_key,
            Parse(Csv({kColumns, Line("1", "水渠")})).rows.at(0).import_key);
}

TEST(WholeFile, ARowOfAnOlderVersionIsKnownByItsOldKey) {
  LedgerRow plain = Parse(Csv({kColumns, Line("1", "水渠（漏水）")})).rows.at(0);
  EXPECT_EQ(plain.older_import_key, "") << "folded alike then and now";
  LedgerRow dashes = Parse(Csv({kColumns, Line("1", "水渠——漏水……")})).rows.at(0);
  EXPECT_NE(dashes.older_import_key, "");
  EXPECT_NE(dashes.older_import_key, dashes.import_key);
}

TEST(WholeFile, LineEndsOfWordProcessorsStay) {
  EXPECT_THAT(Words(Parse(Csv({kColumns, Line("1", "第一行\v第二行\r\n第三行")}))), ElementsAre("第一行\n第二行\n第三行"));
  EXPECT_THAT(Reasons(Parse(Csv({kColumns, Line("1", "响\x07铃")}))), ElementsAre("2 反映内容 有不能保存的控制字符"));
}

// ---------------------------------------------------------------- packages

TEST(WholeFile, OddPackagesAreRead) {
  const std::vector<Cells> rows = {kColumns, Line("1", "甲")};
  EXPECT_EQ(Parse(Book({{"a", SheetXml(rows)}}, "", {}, '\\')).rows.size(), 1u) << "backslashes in the names";
  std::vector<Cells> inline_with_value = {kColumns, {}};
  for (const std::string& text : rows[1])
    inline_with_value[1].push_back(text.empty() ? "" : "<c t=\"inlineStr\"><v>0</v><is><t>" + text + "</t></is></c>");
  EXPECT_THAT(Words(Parse(Book({{"a", SheetXml(inline_with_value)}}))), ElementsAre("甲"));
  Cells iso = Line("1", "甲", {{kDay, "<c t=\"d\"><v>2026-03-05T00:00:00</v></c>"},
                               {kSolved, "<c t=\"d\"><v>2026-03-09</v></c>"}});
  EXPECT_EQ(Parse(Book({{"a", SheetXml({kColumns, iso})}})).rows.at(0).closed_date, "2026-03-09");
  Cells rich = Line("1", "<c t=\"inlineStr\"><is><r><t>三组</t></r><r><t>水渠</t></r><rPh sb=\"0\" eb=\"1\"><t>さん</t></rPh>"
                         "<r><t> 垮了</t></r></is></c>");
  EXPECT_THAT(Words(Parse(Book({{"a", SheetXml({kColumns, rich})}}))), ElementsAre("三组水渠 垮了"));
}

TEST(WholeFile, PackagesOfOtherProgramsAreRead) {
  auto package = [](const std::string& target, const std::string& name, const std::string& part,
                    const std::string& document) {
    const std::string office = "http://purl.oclc.org/ooxml/officeDocument/relationships/";  // strict
    return MakeZip(
        {{"_rels/.rels", "<Relationships><Relationship Id=\"d\" Type=\"" + office + "officeDocument\" Target=\"" +
                             document + "\"/></Relationships>"},
         {document, "<workbook><sheets><sheet name=\"a\" d4p1:id=\"表1\"/></sheets></workbook>"},
         {"xl/_rels/" + document.substr(3) + ".rels", "<Relationships><Relationship Id=\"表1\" Type=\"" + office +
                                                          "worksheet\" Target=\"" + target + "\"/></Relationships>"},
         {name, part}});
  };
  const std::string xml = SheetXml({kColumns, Line("1", "甲")});
  EXPECT_THAT(Words(Parse(package("worksheets/%E8%A1%A8%201.xml", "xl/worksheets/表 1.xml", xml, "xl/workbook.xml"))),
              ElementsAre("甲"));
  EXPECT_THAT(Words(Parse(package("./worksheets/a%.xml", "xl/worksheets/a%.xml", xml, "xl/workbook.xml"))),
              ElementsAre("甲"));
  std::string small = xml;  // addresses in small letters, as some programs write them
  for (size_t at = 0; (at = small.find("<c r=\"", at)) != std::string::npos; at += 6)
    small[at + 6] = static_cast<char>(small[at + 6] - 'A' + 'a');
  EXPECT_THAT(Words(Parse(package("a.xml", "xl/a.xml", small, "xl/workbook.xml"))), ElementsAre("甲"));
  std::string wide = "\xff\xfe";  // a part in UTF-16
  for (std::string_view rest = xml; !rest.empty();) {
    const char32_t code = NextChar(&rest).code;
    wide += {static_cast<char>(code & 0xff), static_cast<char>(code >> 8)};
  }
  EXPECT_THAT(Words(Parse(package("a.xml", "xl/a.xml", wide, "xl/workbook.xml"))), ElementsAre("甲"));
  EXPECT_THAT(Why(package("a.bin", "xl/a.bin", "\x83\x01", "xl/workbook.bin")), HasSubstr("二进制的 .xlsb"));
}

// ---------------------------------------------------------------- the township's lists: the same reader

const Cells kDeputyColumns = {"代表编号", "姓名", "任职层级", "任期起"};

absl::StatusOr<RosterParse> Deputies(const std::string& bytes, v1::RosterKind kind = v1::ROSTER_DEPUTIES) {
  auto book = ReadTable("代表", bytes);
  if (!book.ok()) return book.status();
  auto header = FindRosterHeader(*book, kind);
  if (!header.ok()) return header.status();
  RosterParse parse = ReadRoster(book->sheets[header->sheet], *header, {});
  parse.notices.insert(parse.notices.end(), header->notices.begin(), header->notices.end());
  return parse;
}

TEST(WholeFile, ListsAreReadByTheSameReader) {
  auto deputy = [](const std::string& id, const std::string& since) { return Cells{id, "王强", "镇", since}; };
  const std::string book_1904 = "<workbookPr date1904=\"1\"/>";
  for (const std::string& bytes :
       {Csv({kDeputyColumns, deputy("R1", "二〇二六年三月五日")}), Csv({kDeputyColumns, deputy("R1", "20260305")}),
        std::string("代表编号\t姓名\t任职层级\t任期起\nR1\t王强\t镇\t2026年3月5日(星期四)\n"),
        Book({{"a", SheetXml({kDeputyColumns, deputy("R1", "<c><v>20260305</v></c>")})}}),
        Book({{"a", SheetXml({kDeputyColumns, deputy("R1", "<c><v>44624</v></c>")})}}, book_1904)}) {
    auto parse = Deputies(bytes);
    ASSERT_TRUE(parse.ok()) << parse.status();
    ASSERT_EQ(parse->rows.size(), 1u) << bytes.substr(0, 60);
    EXPECT_EQ(static_cast<const v1::Deputy&>(*parse->rows[0].after).mandates(0).from(), "2026-03-05");
  }
}

TEST(WholeFile, ListsNameWhatTheyDoNotTake) {
  auto parse = Deputies(Book({{"说明", SheetXml({{"填表说明"}})},
                              {"代表", SheetXml({{"恒口镇代表名册"}, kDeputyColumns, {"R1", "王强", "镇", "2026-03-05", "", "附"},
                                                 kDeputyColumns, {"合计", "1人"}, {"填表人：张三"}, {" "}})}}));
  ASSERT_TRUE(parse.ok()) << parse.status();
  EXPECT_EQ(parse->rows.size(), 1u);
  EXPECT_TRUE(parse->faults.empty());
  for (const char* part : {"工作表“说明”没有代表名册的表头", "恒口镇代表名册", "F 列没有列名", "第 4 行（表头）", "第 5 行（合计）", "第 6 行（填表人：张三）"})
    EXPECT_THAT(All(parse->notices), HasSubstr(part));
}

TEST(WholeFile, ListsRefuseBrokenCellsAndSeveralSheets) {
  auto parse = Deputies(Book({{"a", SheetXml({kDeputyColumns, {"R1", Error("#REF!"), "镇", kEmptyFormula}})}}));
  ASSERT_TRUE(parse.ok());
  ASSERT_EQ(parse->faults.size(), 2u);
  EXPECT_EQ(parse->faults[0].reason(), "是错误值 #REF!");
  EXPECT_THAT(parse->faults[1].reason(), HasSubstr("公式没有结果"));
  const std::string sheet = SheetXml({kDeputyColumns, {"R1", "王强", "镇"}});
  EXPECT_THAT(std::string(Message(Deputies(Book({{"东片", sheet}, {"西片", sheet}})).status())),
              HasSubstr("有 2 张工作表是名册：“东片”（代表）、“西片”（代表）"));
  parse = Deputies(Book(
      {{"a", SheetXml({kDeputyColumns, {"R1", "<c t=\"b\"><v>1</v></c>", "镇", "<c><v>6222020200112233</v></c>"}})}}));
  ASSERT_TRUE(parse.ok());
  ASSERT_EQ(parse->faults.size(), 2u);
  EXPECT_EQ(parse->faults[0].reason(), "是逻辑值 TRUE，不是文字");
  EXPECT_THAT(parse->faults[1].reason(), HasSubstr("后几位已经丢失"));
  // A tick is a word where one is asked for.
  parse =
      Deputies(Book({{"a", SheetXml({{"类别代码", "类别名称", "停用"}, {"77", "旧类别", "<c t=\"b\"><v>1</v></c>"}})}}),
               v1::ROSTER_CATEGORIES);
  ASSERT_TRUE(parse.ok() && parse->faults.empty() && parse->rows.size() == 1);
  EXPECT_TRUE(static_cast<const v1::Code&>(*parse->rows[0].after).retired());
  EXPECT_TRUE(Deputies(Book({{"东片", sheet}, {"单位", SheetXml({{"单位编号", "单位名称"}, {"B1", "水利站"}})}})).ok());
}

}  // namespace
}  // namespace liaison
