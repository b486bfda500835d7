// What `liaison print` and `liaison county-export` ask for, and the files they leave.
#include <gmock/gmock.h>

#include "liaison/v1/print.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;

class PrintCommandsTest : public CliTest {
 protected:
  PrintCommandsTest() {
    MakeStation();
    daemon_.Add("RecordService/GetStatus", StationStatus());
    v1::PrintFormResponse printed;
    printed.set_content("<html>表</html>");
    daemon_.Add("PrintService/PrintForm", printed);
    v1::ExportCountyResponse county;
    county.set_content("1,2\r\n");
    county.set_matters(7);
    county.set_suppressed(2);
    daemon_.Add("PrintService/ExportCounty", county);
    v1::FindResponse found;
    v1::FindHit& hit = *found.add_hits();
    hit.set_id("24.00112233445566778899000a");
    hit.set_number("恒民意〔2026〕D057-0001号");
    daemon_.Add("RecordService/Find", found);
    v1::GetRosterResponse roster;
    roster.add_deputies()->set_deputy_id("HK-R001");
    roster.mutable_deputies(0)->set_name("薛云");
    daemon_.Add("RecordService/GetRoster", roster);
    daemon_.Start(dir_);
    file_ = root_ + "/form.html";
  }
  v1::PrintFormRequest Asked(size_t i) { return daemon_.Request<v1::PrintFormRequest>("PrintService/PrintForm", i); }

  FakeDaemon daemon_;
  std::string file_;
};

TEST_F(PrintCommandsTest, AFormIsNamedByNameBeginningOrNumber) {
  for (const char* form : {"交办单", "交办", "5"}) {
    Outcome outcome = Run({"print", "--data", dir_, form, "恒民意〔2026〕D057-0001号", "-o", file_});
    EXPECT_EQ(outcome.code, kDone) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("交办单 已写入 "));
  }
  EXPECT_EQ(ReadText(file_), "<html>表</html>");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(Asked(i).paper(), v1::PAPER_ASSIGNMENT);
    EXPECT_EQ(Asked(i).id(), "24.00112233445566778899000a");
  }
}

TEST_F(PrintCommandsTest, ADeputyIsNamedAndALedgerHasAPeriod) {
  EXPECT_EQ(Run({"print", "--data", dir_, "代表履职登记表", "薛云", "-o", file_}).code, kDone);
  EXPECT_EQ(Asked(0).id(), "HK-R001");
  EXPECT_EQ(Run({"print", "--data", dir_, "社情民意台账", "--from", "2026-01-01", "--to", "2026-06-30", "--station",
                 "HK-D057", "-o", file_})
                .code,
            kDone);
  EXPECT_EQ(Asked(1).from(), "2026-01-01");
  EXPECT_EQ(Asked(1).to(), "2026-06-30");
  EXPECT_EQ(Asked(1).station_id(), "HK-D057");
}

TEST_F(PrintCommandsTest, WhatIsMissingOrUnknownIsSaid) {
  EXPECT_EQ(Run({"print", "--data", dir_, "交办单", "-o", file_}).code, kUsage);
  Outcome unknown = Run({"print", "--data", dir_, "请柬", "1", "-o", file_});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.err, HasSubstr("接待选民登记表"));
  EXPECT_EQ(Run({"print", "--data", dir_, "14", "1", "-o", file_}).code, kUsage);
  Outcome ledger = Run({"print", "--data", dir_, "社情民意台账", "恒民意〔2026〕D057-0001号", "-o", file_});
  EXPECT_EQ(ledger.code, kUsage);
  EXPECT_THAT(ledger.err, HasSubstr("台账不按编号打印"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_EQ(Run({"print", "--data", dir_, "社情民意台账", "-o", root_ + "/none/form.html"}).code, kFailed);
}

TEST_F(PrintCommandsTest, TheCountysExportSaysHowMuchIsWithheld) {
  Outcome outcome =
      Run({"county-export", "--data", dir_, "--format", "csv", "--from", "2026-01-01", "--out", root_ + "/county.csv"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("已导出 7 条"));
  EXPECT_THAT(outcome.out, HasSubstr("不单列的站点 2"));
  EXPECT_EQ(ReadText(root_ + "/county.csv"), "1,2\r\n");
  EXPECT_EQ(Run({"county-export", "--data", dir_, "--format", "pdf", "-o", file_}).code, kUsage);
}

}  // namespace
}  // namespace liaison::cli
