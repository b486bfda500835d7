// What `liaison roster` and `liaison policy` ask for, and how they show the answers.
#include <gmock/gmock.h>

#include "common/record/json.h"
#include "liaison/v1/imports.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;

class RosterCommandsTest : public CliTest {
 protected:
  RosterCommandsTest() {
    MakeHub();
    daemon_.Add("RecordService/GetStatus", HubStatus());
    daemon_.Add("ImportService/ImportTable", [this](const std::string&) { return ToJson(answer_); });
    v1::ExportResponse exported;
    exported.set_content("站点编号\r\n");
    exported.set_rows(109);
    daemon_.Add("ImportService/ExportTable", exported);
    v1::SetPolicyResponse set;
    set.mutable_policy()->set_label("当前届次");
    set.mutable_policy()->set_value("20-3");
    daemon_.Add("ImportService/SetPolicy", set);
    v1::ListPoliciesResponse list;
    *list.add_policies() = set.policy();
    daemon_.Add("ImportService/ListPolicies", list);
    daemon_.Start(dir_);
    answer_.set_kind(v1::ROSTER_STATIONS);
    answer_.set_rows(3);
    WriteText(root_ + "/站点.csv", "站点编号,站长\nHK-D001,王二\n");
  }
  Outcome Import(std::vector<std::string> more) {
    std::vector<std::string> args = {"roster", "import", "--data", dir_, root_ + "/站点.csv"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }

  FakeDaemon daemon_;
  v1::ImportTableResponse answer_;
};

TEST_F(RosterCommandsTest, ADryRunShowsOldAndNewAndWhatToExpect) {
  v1::TableChange& change = *answer_.add_changes();
  change.set_row(2);
  change.set_record("HK-D001");
  change.set_name("老街");
  change.set_field("站长");
  change.set_old_value("王一");
  change.set_new_value("王二");
  v1::TableChange& added = *answer_.add_changes();
  added.set_record("HK-D097");
  added.set_name("新街");
  added.set_added(true);
  answer_.set_changed(1);
  answer_.set_added(1);
  answer_.set_unchanged(1);
  answer_.set_fingerprint("0a1b");
  answer_.add_ignored_columns("备用");
  Outcome outcome = Import({"--kind", "站点", "--dry-run"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("没有用到的列：备用"));
  EXPECT_THAT(outcome.out, HasSubstr("新增 HK-D097 新街"));
  EXPECT_THAT(outcome.out, HasSubstr("王一  王二"));
  EXPECT_THAT(outcome.out, HasSubstr("站点 3 行，新增 1，改动 1，没有变化 1"));
  EXPECT_THAT(outcome.out, HasSubstr("--expect 0a1b"));
  auto request = daemon_.Request<v1::ImportTableRequest>("ImportService/ImportTable");
  EXPECT_EQ(request.kind(), v1::ROSTER_STATIONS);
  EXPECT_TRUE(request.dry_run());
  EXPECT_EQ(request.file_name(), "站点.csv");
  EXPECT_THAT(request.content(), HasSubstr("王二"));
  EXPECT_EQ(request.action_id().size(), 20u);
  Import({"--expect", "0a1b"});
  EXPECT_EQ(daemon_.Request<v1::ImportTableRequest>("ImportService/ImportTable", 1).expected(), "0a1b");
}

TEST_F(RosterCommandsTest, FaultsAreListedWrittenAndEndTheCommandAsWrongInput) {
  v1::TableFault& fault = *answer_.add_faults();
  fault.set_row(7);
  fault.set_column("层级");
  fault.set_reason("不能为空");
  answer_.set_mend_file("站点编号,退回原因\r\n");
  Outcome outcome = Import({"--mend", root_ + "/mend.csv"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.out, HasSubstr("1 处错误，全部没有导入"));
  EXPECT_THAT(outcome.out, HasSubstr(" 7  层级  不能为空"));
  EXPECT_EQ(ReadText(root_ + "/mend.csv"), "站点编号,退回原因\r\n");
}

TEST_F(RosterCommandsTest, AnExportIsWrittenInTheFormatThatTheFileIsCalledBy) {
  Outcome outcome = Run({"roster", "export", "--data", dir_, "deputies", root_ + "/out.xlsx"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("已导出 109 行"));
  EXPECT_EQ(ReadText(root_ + "/out.xlsx"), "站点编号\r\n");
  auto request = daemon_.Request<v1::ExportTableRequest>("ImportService/ExportTable");
  EXPECT_EQ(request.kind(), v1::ROSTER_DEPUTIES);
  EXPECT_EQ(request.format(), "xlsx");
  EXPECT_EQ(Run({"roster", "export", "--data", dir_, "选民", root_ + "/no.csv"}).code, kUsage);
  EXPECT_EQ(daemon_.requests["ImportService/ExportTable"].size(), 1u);
}

TEST_F(RosterCommandsTest, APolicyIsListedOrSet) {
  EXPECT_THAT(Run({"policy", "--data", dir_}).out, HasSubstr("当前届次"));
  EXPECT_FALSE(daemon_.requests.contains("ImportService/SetPolicy"));
  EXPECT_EQ(Run({"policy", "--data", dir_, "congress-now", "20-3"}).out, "当前届次 20-3\n");
  auto request = daemon_.Request<v1::SetPolicyRequest>("ImportService/SetPolicy");
  EXPECT_EQ(request.key(), "congress-now");
  EXPECT_EQ(request.value(), "20-3");
}

}  // namespace
}  // namespace liaison::cli
