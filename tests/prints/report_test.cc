// The report of a township that took in an old ledger, as the files that it sends on.
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "hub/report/report_files.h"
#include "tests/office/programs.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using office::PdfText;

class ReportFiles : public ::testing::Test {
 protected:
  ReportFiles() : town_(5) {
    std::unique_ptr<Site> centre = town_.Enrol("HK-Z001");
    v1::ImportLedgerRequest import;
    import.set_file_name("ledger-old.xlsx");
    import.set_content(office::ReadFile(InSource("/hub/fixture/ledger-old.xlsx")));
    absl::StatusOr<v1::ImportLedgerResponse> imported = centre->node->ledgers()->ImportLedger(import);
    EXPECT_TRUE(imported.ok()) << imported.status();
    EXPECT_TRUE(town_.Sync(centre->node.get()));
    for (const char* words : {"增加学位", "保护古街", "增设路灯"}) {
      v1::RegisterProposalRequest request;
      request.set_action_id(town_.ActionId());
      request.mutable_matter()->set_track(v1::TRACK_SUGGESTION);
      request.mutable_matter()->set_content(words);
      request.mutable_matter()->set_category("05");
      request.mutable_matter()->set_lead_deputy("HK-R001");
      request.mutable_matter()->set_date("2026-03-20");
      EXPECT_TRUE(town_.hub().casework()->RegisterProposal(request).ok());
    }
  }
  // The file, below build/PRESET/prints/report.
  std::string Write(const std::string& folder, const std::string& format, bool restricted = false) {
    v1::ExportReportRequest request;
    request.mutable_scope()->set_from("2026-01-01");
    request.mutable_scope()->set_to("2026-06-30");
    request.set_format(format);
    request.set_restricted(restricted);
    request.set_compare(true);
    absl::StatusOr<v1::ExportResponse> file = town_.hub().statistics()->ExportReport(request);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return "";
    EXPECT_EQ(file->file_name(), Cat("恒口镇2026年上半年工作情况报告.", format));
    EXPECT_GT(file->rows(), 100);
    const std::string path = Cat(folder, "/", restricted ? "restricted-" : "", format, ".", format);  // one PDF each
    office::WriteFile(path, file->content());
    return path;
  }

  Township town_;
};

TEST_F(ReportFiles, ReadAsATownshipOfficeWritesThem) {
  const std::string folder = office::FreshFolder("report");
  const std::string docx = Write(folder, "docx"), xlsx = Write(folder, "xlsx");
  const std::string restricted = Write(folder, "docx", true);
  office::OfficeToPdf({docx, xlsx, restricted});
  EXPECT_EQ(office::PdfPaper(docx), "A4");
  auto squeezed = [](const std::string& text) {
    std::string out;
    for (char c : text)
      if (c != ' ' && c != '\n' && c != '\f') out += c;
    return out;
  };
  const std::string text = squeezed(PdfText(docx)), sheets = squeezed(PdfText(xlsx));
  for (const char* part : {"恒口镇2026年上半年", "一、总体情况", "接待选民194批267人次", "收集意见建议194条",
                           "存在问题", "统计说明", "恒口镇人大主席团", "2026年11月20日", "附表1"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_NE(sheets.find("主要数字"), std::string::npos);
  EXPECT_NE(sheets.find("N5.headcount"), std::string::npos);
  // Who did nothing stands only where that was asked for.
  absl::StatusOr<ReportContents> contents = town_.hub().statistics()->Contents({}, false);
  ASSERT_TRUE(contents.ok()) << contents.status();
  int tables = 0;
  for (const v1::ReportTable& table : contents->tables) {
    if (!table.restricted()) continue;
    ++tables;
    EXPECT_EQ(text.find(squeezed(table.title())), std::string::npos) << table.title();
    EXPECT_EQ(sheets.find(squeezed(table.title())), std::string::npos) << table.title();
    EXPECT_NE(squeezed(PdfText(restricted)).find(squeezed(table.title())), std::string::npos) << table.title();
  }
  EXPECT_EQ(tables, 1);
}

TEST_F(ReportFiles, AnotherFormatIsRefused) {
  v1::ExportReportRequest request;
  request.set_format("pdf");
  EXPECT_EQ(town_.hub().statistics()->ExportReport(request).status().message(), "格式：“pdf”不行，应为 docx 或 xlsx");
}

}  // namespace
}  // namespace liaison
