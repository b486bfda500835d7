// What an office sees: LibreOffice and chromium make pages of everything, and poppler reads them.
#include <gtest/gtest.h>

#include <initializer_list>

#include "common/base/text.h"
#include "tests/office/programs.h"
#include "tests/office/samples.h"

namespace liaison::office {
namespace {

// Line ends and the spaces between columns say nothing about what stands on a page.
std::string Squeezed(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != ' ' && c != '\n' && c != '\f') out += c;
  return out;
}

void ExpectOnPage(const std::string& text, std::initializer_list<const char*> parts) {
  const std::string squeezed = Squeezed(text);
  for (const char* part : parts) EXPECT_NE(squeezed.find(Squeezed(part)), std::string::npos) << part << "\n" << text;
}

TEST(LibreOffice, MakesPagesOfEveryDocumentAndWorkbook) {
  const std::string folder = FreshFolder("office");
  const std::string report = folder + "/report.docx", figures = folder + "/figures.xlsx",
                    ledger = folder + "/ledger.xlsx";
  WriteFile(report, SampleReport().Bytes());
  WriteFile(figures, WriteXlsx({SampleFigures()}).value());
  WriteFile(ledger, WriteXlsx({SampleLedger(60)}).value());
  OfficeToPdf({report, figures, ledger});

  EXPECT_EQ(PdfPaper(report), "A4");
  EXPECT_GE(PdfPages(report), 3);
  EXPECT_LE(PdfPages(report), 6);
  const std::string text = PdfText(report);
  ExpectOnPage(text, {"关于2026年上半年人大代表联络站", "工作情况的报告", "一、基本情况", "（一）站点建设",
                      "（二）接待选民", "二、意见建议办理情况", "三、存在问题和下一步打算", "—1—", "—2—", kRareNames,
                      "各月收集意见建议", "单位：条", "2026年7月10日"});

  EXPECT_EQ(PdfPaper(figures), "A4");
  ExpectOnPage(PdfText(figures),
               {"恒口镇2026年上半年各片区接待情况", "1,201", "91.0%", "2026-06-11", "各片区接待场次", "第1页，共"});

  EXPECT_EQ(PdfPaper(ledger), "A4 landscape");
  EXPECT_GE(PdfPages(ledger), 2);
  const std::string rows = PdfText(ledger);
  ExpectOnPage(rows, {"=1+1", "D057-1060号", kRareNames});
  size_t heads = 0;
  for (size_t at = rows.find("反映人"); at != std::string::npos; at = rows.find("反映人", at + 1)) ++heads;
  EXPECT_EQ(heads, static_cast<size_t>(PdfPages(ledger)));  // the head stands on every page
}

TEST(LibreOffice, RepeatsATablesHeadOnEveryPageOfADocument) {
  const std::string folder = FreshFolder("table");
  Document document("很长的表", "测试");
  DocumentTable table;
  table.columns = {{"站点名称表头"}, {"场次"}};
  for (int i = 0; i < 120; ++i) table.rows.push_back({Cat("第", i, "联络点"), "1"});
  document.Table(table);
  WriteFile(folder + "/table.docx", document.Bytes());
  OfficeToPdf({folder + "/table.docx"});
  const std::string text = PdfText(folder + "/table.docx");
  int heads = 0;
  for (size_t at = text.find("站点名称表头"); at != std::string::npos; at = text.find("站点名称表头", at + 1)) ++heads;
  EXPECT_GE(PdfPages(folder + "/table.docx"), 3);
  EXPECT_EQ(heads, PdfPages(folder + "/table.docx"));
}

TEST(Browser, PrintsEveryFormOnAsManyPagesAsAnOfficeExpects) {
  const std::string folder = FreshFolder("forms");
  for (const auto& [name, html] : SampleForms()) {
    const std::string path = Cat(folder, "/", name, ".html");
    WriteFile(path, html);
    BrowserToPdf(path);
    const bool ledger = name.starts_with("04");
    EXPECT_EQ(PdfPages(path), ledger ? 2 : 1) << name;
    EXPECT_EQ(PdfPaper(path), ledger || name.starts_with("13") ? "A4 landscape" : "A4") << name;
    EXPECT_GT(Squeezed(PdfText(path)).size(), 200u) << name;
  }
  auto text = [&](const char* name) { return PdfText(Cat(folder, "/", name, ".html")); };
  ExpectOnPage(text("01 接待选民登记表"),
               {"𬱖仁·䶮春", "<今年>浇不上水 & 没人管", "□当场答复", "☑上报镇", "☑满意", "2026年11月20日"});
  ExpectOnPage(text("02 接待日记录表"), {"接待选民3批6人次", "请假：外出开会", "站长（签字）"});
  ExpectOnPage(text("05 交办单"), {"恒人交〔2026〕015号", "请于2026年6月25日前办结", "五办", "回执", "主席签字"});
  ExpectOnPage(text("06 办理情况答复函"), {"答复类别：B", "薛云代表：", "2026年5月10日", "（盖章）"});
  ExpectOnPage(text("13 测评统计表"), {"98.3%", "不记录个人投票"});
}

}  // namespace
}  // namespace liaison::office
