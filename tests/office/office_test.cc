// The bytes of workbooks, documents and forms.
#include <gtest/gtest.h>

#include <cstring>

#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/sheets/zip_writer.h"
#include "tests/office/programs.h"
#include "tests/office/samples.h"

namespace liaison::office {
namespace {

int Count(const std::string& text, std::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// Every part has a content type, and every relation inside the package leads to a part.
void ExpectWholePackage(const Entries& entries) {
  const std::string& types = entries.at("[Content_Types].xml");
  for (const auto& [name, content] : entries) {
    if (name == "[Content_Types].xml") continue;
    const std::string extension = name.substr(name.rfind('.') + 1);
    EXPECT_TRUE(types.find(Cat("PartName=\"/", name, "\"")) != std::string::npos ||
                types.find(Cat("Extension=\"", extension, "\"")) != std::string::npos)
        << name;
    if (extension != "rels") continue;
    const size_t rels = name.find("_rels/");
    for (size_t at = content.find("Target=\""); at != std::string::npos; at = content.find("Target=\"", at + 1)) {
      std::string target = content.substr(at + 8, content.find('"', at + 8) - at - 8);
      std::string base = name.substr(0, rels);
      for (; target.starts_with("../"); target.erase(0, 3)) base.erase(base.rfind('/', base.size() - 2) + 1);
      EXPECT_TRUE(entries.contains(base + target)) << name << " leads to " << base << target;
    }
  }
}

TEST(Markup, KeepsRareCharactersAndDropsWhatNoDocumentMayHold) {
  EXPECT_EQ(CleanText(kRareNames), kRareNames);
  EXPECT_EQ(CleanText(std::string("a\0b\x01\x1F\x7F"
                                  "c\td",
                                  9)),
            "abc\td");
  EXPECT_EQ(CleanText("a\r\nb\rc"), "a\nb\nc");
  EXPECT_EQ(CleanText("\xEF\xBF\xBE\xEF\xBF\xBF!"), "!");
  for (const char* malformed : {"\xC0\x80", "\xE4\xB8", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    const std::string clean = CleanText(malformed);
    EXPECT_EQ(Count(clean, "\xEF\xBF\xBD"), static_cast<int>(strlen(malformed))) << clean;
  }
}

TEST(Markup, EscapesWhatATagIsMadeOf) {
  EXPECT_EQ(Escape("<a b=\"1\">&'</a>"), "&lt;a b=&quot;1&quot;&gt;&amp;&#39;&lt;/a&gt;");
}

TEST(Markup, WritesNumbersAndDaysAsOfficesDo) {
  EXPECT_EQ(ChineseNumber(1), "一");
  EXPECT_EQ(ChineseNumber(10), "十");
  EXPECT_EQ(ChineseNumber(12), "十二");
  EXPECT_EQ(ChineseNumber(20), "二十");
  EXPECT_EQ(ChineseNumber(99), "九十九");
  EXPECT_EQ(ChineseNumber(100), "100");
  EXPECT_EQ(ChineseDate("2026-03-05"), "2026年3月5日");
  EXPECT_EQ(ChineseDate("2026-11-20"), "2026年11月20日");
  EXPECT_EQ(ChineseDate("3月初"), "3月初");
  EXPECT_EQ(ChineseDate("2026-xx-20"), "2026-xx-20");
}

TEST(Zip, IsReadBackByteForByteAndTheSameEachTime) {
  auto write = [] {
    ZipWriter zip;
    zip.Add("empty", "");
    zip.Add("large", std::string(3'000'000, 'x') + std::string("\0\xFF", 2));
    return zip.Finish();
  };
  EXPECT_EQ(write(), write());
  const Entries entries = Unzip(write());
  EXPECT_EQ(entries.at("empty"), "");
  EXPECT_EQ(entries.at("large"), std::string(3'000'000, 'x') + std::string("\0\xFF", 2));
}

TEST(Workbook, IsAWholePackageWithPrintSetUpAndCharts) {
  const Entries entries = Unzip(WriteXlsx({SampleFigures(), SampleLedger(3), SampleLedger(1)}).value());
  ExpectWholePackage(entries);
  const std::string& sheet = entries.at("xl/worksheets/sheet1.xml");
  const std::string& ledger = entries.at("xl/worksheets/sheet2.xml");
  EXPECT_EQ(Count(sheet, "paperSize=\"9\""), 1);
  EXPECT_EQ(Count(sheet, "orientation=\"landscape\""), 0);
  EXPECT_EQ(Count(ledger, "orientation=\"landscape\""), 1);
  EXPECT_EQ(Count(sheet, "state=\"frozen\""), 1);
  EXPECT_EQ(Count(sheet, "fitToHeight=\"0\""), 1);
  EXPECT_EQ(Count(sheet, "第 &amp;P 页，共 &amp;N 页"), 1);
  const std::string& workbook = entries.at("xl/workbook.xml");
  EXPECT_EQ(Count(workbook, "片区-统计-1-"), 2);  // the tab, and the rows that are repeated
  EXPECT_EQ(Count(workbook, "name=\"台账 2\""), 1);
  EXPECT_EQ(Count(workbook, "_xlnm.Print_Titles"), 3);
  EXPECT_EQ(Count(entries.at("xl/charts/chart1.xml"), "<c:barDir val=\"col\"/>"), 1);
  EXPECT_EQ(Count(entries.at("xl/charts/chart2.xml"), "<c:barDir val=\"bar\"/>"), 1);
  EXPECT_EQ(Count(entries.at("xl/charts/chart3.xml"), "<c:lineChart>"), 1);
}

TEST(Workbook, WritesNumbersSharesAndDaysAsSuchAndTextAsText) {
  Sheet sheet;
  sheet.name = "表";
  sheet.columns = {{"甲"}, {"乙"}, {"丙"}, {"丁"}};
  sheet.rows = {{SheetCell::Number(1234.5), SheetCell::Percent(0.875), SheetCell::Date("2026-03-25"), "=1+1"},
                {"只有一格"},
                {SheetCell::Date("三月"), SheetCell::Date(""), "\x01<&>", "多了", "一格"}};
  const Entries entries = Unzip(WriteXlsx({sheet}).value());
  const std::string& cells = entries.at("xl/worksheets/sheet1.xml");
  EXPECT_EQ(Count(cells, "<v>1234.5</v>"), 1);
  EXPECT_EQ(Count(cells, "<v>0.875</v>"), 1);
  EXPECT_EQ(Count(cells, "<v>46106</v>"), 1);  // days since 1899-12-30
  EXPECT_EQ(Count(cells, "<f>"), 0);
  const std::string& texts = entries.at("xl/sharedStrings.xml");
  EXPECT_EQ(Count(texts, "<t>=1+1</t>"), 1);
  EXPECT_EQ(Count(texts, "<t>三月</t>"), 1);
  EXPECT_EQ(Count(texts, "<t>&lt;&amp;&gt;</t>"), 1);
  EXPECT_EQ(Count(texts, "一格</t>"), 1);  // the row that is too long is cut
}

TEST(Workbook, OfNothingIsRefused) {
  EXPECT_EQ(WriteXlsx({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WriteXlsx({Sheet()}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Report, IsAWholePackageLaidOutAsOfficialDocumentsAre) {
  const Entries entries = Unzip(SampleReport().Bytes());
  ExpectWholePackage(entries);
  const std::string& document = entries.at("word/document.xml");
  // 37, 26, 35 and 28 mm in twentieths of a point, within a tenth of a millimetre.
  EXPECT_EQ(Count(document, "w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\""), 1);
  EXPECT_EQ(Count(document, "<w:tblHeader/>"), 1);
  EXPECT_EQ(Count(document, kRareNames), 1);
  EXPECT_EQ(Count(document, "<w:pStyle w:val=\"Title\"/>"), 3);
  const std::string& styles = entries.at("word/styles.xml");
  for (const char* font : {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"})
    EXPECT_GT(Count(styles, font), 0) << font;
  EXPECT_GT(Count(styles, "w:line=\"560\" w:lineRule=\"exact\""), 0);
  EXPECT_EQ(Count(entries.at("word/fontTable.xml"), "<w:altName"), 5);
  EXPECT_EQ(Count(entries.at("word/settings.xml"), "<w:evenAndOddHeaders/>"), 1);
}

TEST(Report, HoldsTheNumbersOfItsChartsTwice) {
  const Entries entries = Unzip(SampleReport().Bytes());
  const std::string& chart = entries.at("word/charts/chart1.xml");
  EXPECT_EQ(Count(chart, "<c:v>41</c:v>"), 1);
  EXPECT_EQ(Count(chart, "'数据'!$C$2:$C$7"), 1);
  const Entries workbook = Unzip(entries.at("word/embeddings/chart1.xlsx"));
  EXPECT_EQ(Count(workbook.at("xl/worksheets/sheet1.xml"), "<v>41</v>"), 1);
}

TEST(Report, EscapesEveryText) {
  const std::string bad = "<w:p>&\"'\x02";
  Document document(bad, bad);
  document.Heading(1, bad);
  document.Heading(2, bad);
  document.Paragraph(bad);
  document.Table({bad, {{bad}}, {{bad}}, bad});
  document.AddChart({ChartKind::kBar, bad, bad, {bad}, {{bad, {1}}}});
  document.Signature(bad, bad);
  const Entries entries = Unzip(document.Bytes());
  for (const char* part : {"word/document.xml", "word/charts/chart1.xml", "docProps/core.xml"})
    EXPECT_EQ(Count(entries.at(part), "<w:p>&amp;"), 0) << part;
  EXPECT_EQ(Count(entries.at("word/document.xml"), "&lt;w:p&gt;&amp;&quot;&#39;"), 11);
}

TEST(Report, NumbersItsHeadings) {
  Document document("题", "人");
  for (const char* heading : {"甲", "乙"}) {
    document.Heading(1, heading);
    document.Heading(2, "子");
  }
  const std::string xml = Unzip(document.Bytes()).at("word/document.xml");
  EXPECT_EQ(Count(xml, "一、甲"), 1);
  EXPECT_EQ(Count(xml, "二、乙"), 1);
  EXPECT_EQ(Count(xml, "（一）子"), 2);
}

TEST(Form, LoadsNothingAndRunsNothing) {
  for (const auto& [name, html] : SampleForms()) {
    for (const char* foreign : {"<script", "http:", "https:", "src=", "href=", "url(", "@import", "onload"})
      EXPECT_EQ(Count(html, foreign), 0) << name << " has " << foreign;
    EXPECT_EQ(Count(html, "@page{size:A4"), 1) << name;
  }
}

TEST(Form, EscapesWhatPeopleTyped) {
  VisitForm form;
  form.name = form.words = form.place = "<script>alert('x')</script>&";
  const std::string html = Print(form);
  EXPECT_EQ(Count(html, "<script"), 0);
  EXPECT_EQ(Count(html, "&lt;script&gt;"), 3);
}

TEST(Form, LeavesRoomWhereNothingIsKnown) {
  const std::string html = Print(VisitForm());
  EXPECT_EQ(Count(html, "☑"), 0);
  EXPECT_EQ(Count(html, "□"), 7);  // four ways of handling, three ratings
  EXPECT_GT(Count(html, "年   月   日"), 1);
}

}  // namespace
}  // namespace liaison::office
