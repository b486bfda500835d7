#include "common/cli/commands/cli.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "common/cli/core/process.h"
#include "common/record/json.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A process id that has just ended and been waited for.
int EndedProcess() {
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

TEST_F(CliTest, WrongUsageIsTwoAndSaysWhat) {
  EXPECT_EQ(Run({}).code, kUsage);
  EXPECT_EQ(Run({"no-such-command"}).code, kUsage);
  Outcome missing = Run({"status"});
  EXPECT_EQ(missing.code, kUsage);
  EXPECT_THAT(missing.err, HasSubstr("缺少 --data"));
  Outcome unknown = Run({"status", "--data", dir_, "--colour"});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.err, HasSubstr("不认识 --colour"));
  EXPECT_EQ(Run({"list", "--data", dir_, "--limit", "many"}).code, kUsage);
  EXPECT_EQ(Run({"export", "--data", dir_, "--format", "pdf", "--out", "x"}).code, kUsage);
  EXPECT_EQ(Run({"void", "--data", dir_, "24.00"}).code, kUsage) << "no reason";
  EXPECT_EQ(Run({"import", "--data", dir_}).code, kUsage) << "neither a file nor a batch";
  EXPECT_EQ(Run({"enrol", "--data", dir_, "--station", "HK-D057"}).code, kUsage) << "no hub";
}

TEST_F(CliTest, NumbersAreReadInAnyWidthAndWhatIsNoneIsRefusedInChinese) {
  MakeStation();
  FakeDaemon daemon;
  daemon.Add("RecordService/GetStatus", StationStatus());
  daemon.Add("StationService/ListVisits", v1::ListVisitsResponse());
  daemon.Start(dir_);
  EXPECT_EQ(Run({"list", "--data", dir_, "--limit", "１２"}).code, kDone);
  EXPECT_EQ(daemon.Request<v1::ListVisitsRequest>("StationService/ListVisits").limit(), 12);
  EXPECT_THAT(Run({"list", "--data", dir_, "--limit", "many"}).err, HasSubstr("--limit 应写一个数，不是“many”"));
  EXPECT_THAT(Run({"list", "--data", dir_, "--limit"}).err, HasSubstr("--limit 后面要写内容"));
  EXPECT_THAT(Run({"import", "a.csv", "--data", dir_, "--undo", "b"}).err, HasSubstr(" 不能同时写"));
  EXPECT_THAT(Run({"export", "--data", dir_, "--format", "pdf", "--out", "x"}).err,
              HasSubstr("--format 不能是“pdf”，应为其中之一：csv,xlsx"));
}

TEST_F(CliTest, AnInvitationAsJsonHasTheAddressThatWasTyped) {
  MakeHub();
  FakeDaemon daemon;
  v1::InviteResponse invited;
  invited.set_code("any");
  invited.set_hub_address("127.0.0.1:4321");
  daemon.Add("RecordService/GetStatus", HubStatus());
  daemon.Add("HubService/Invite", invited);
  daemon.Start(dir_);
  v1::InviteResponse shown;
  Outcome outcome = Run({"hub", "invite", "HK-D057", "--data", dir_, "--address", "192.168.1.10:7061", "--json"});
  ASSERT_TRUE(FromJson(outcome.out, &shown).ok()) << outcome.out << outcome.err;
  EXPECT_EQ(shown.hub_address(), "192.168.1.10:7061");
  outcome = Run({"hub", "invite", "HK-D057", "--data", dir_, "--json"});
  ASSERT_TRUE(FromJson(outcome.out, &shown).ok()) << outcome.out << outcome.err;
  EXPECT_EQ(shown.hub_address(), "127.0.0.1:4321");
}

TEST_F(CliTest, ADeviceThatWaitsIsListedConfirmedAndRefused) {
  MakeHub();
  FakeDaemon daemon;
  v1::ListNodesResponse nodes;
  v1::PendingDevice& waiting = *nodes.add_pending();
  waiting.set_node_id("N-0123456789abcdef");
  waiting.set_station_id("HK-D057");
  waiting.set_digits("012345");
  v1::RevokeNodeResponse revoked;
  revoked.mutable_node()->set_node_id("N-0123456789abcdef");
  revoked.set_held_visitors(7);
  daemon.Add("RecordService/GetStatus", HubStatus());
  daemon.Add("HubService/ListNodes", nodes);
  daemon.Add("HubService/ConfirmDevice", v1::ConfirmDeviceResponse());
  daemon.Add("HubService/RevokeNode", revoked);
  daemon.Add("HubService/AllowNetwork", v1::AllowNetworkResponse());
  daemon.Start(dir_);
  EXPECT_THAT(Run({"hub", "devices", "--data", dir_}).out, HasSubstr("012 345"));
  EXPECT_EQ(Run({"hub", "confirm", "N-0123456789abcdef", "012345", "--data", dir_, "--user", "王主任"}).code, kDone);
  v1::ConfirmDeviceRequest confirm;
  ASSERT_EQ(daemon.requests["HubService/ConfirmDevice"].size(), 1u);
  ASSERT_TRUE(FromJson(daemon.requests["HubService/ConfirmDevice"][0], &confirm).ok());
  EXPECT_EQ(confirm.digits(), "012345");
  EXPECT_EQ(confirm.user(), "王主任");
  EXPECT_THAT(Run({"hub", "revoke", "N-0123456789abcdef", "--data", dir_}).out, HasSubstr("7 名选民的信息"));
  EXPECT_EQ(Run({"hub", "network", "on", "HK-D057", "--data", dir_}).code, kDone);
  EXPECT_EQ(Run({"hub", "network", "yes", "HK-D057", "--data", dir_}).code, kUsage);
  v1::AllowNetworkRequest allow;
  ASSERT_EQ(daemon.requests["HubService/AllowNetwork"].size(), 1u);
  ASSERT_TRUE(FromJson(daemon.requests["HubService/AllowNetwork"][0], &allow).ok());
  EXPECT_TRUE(allow.allowed());
  EXPECT_EQ(allow.place(), "HK-D057");
}

TEST_F(CliTest, HelpIsInChineseAndExplainsTheExitCodes) {
  Outcome chinese = Run({"--help"});
  EXPECT_EQ(chinese.code, kDone);
  for (const char* words : {"退出码", "登记一批来访", "站点入网", "命令"}) EXPECT_THAT(chinese.out, HasSubstr(words));
  for (const char* words : {"Usage", "OPTIONS", "Exit codes"}) EXPECT_THAT(chinese.out, Not(HasSubstr(words)));
  EXPECT_EQ(Run({"log", "--help"}).code, kDone);
}

TEST_F(CliTest, AFolderWithoutDataIsWrongInput) {
  Outcome outcome = Run({"status", "--data", root_ + "/nothing"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("没有站点或镇中心的数据"));
}

TEST_F(CliTest, TheRunningDaemonIsAsked) {
  MakeStation();
  FakeBinary("liaison-station", "{}", 0);
  FakeDaemon daemon;
  v1::GetStatusResponse status = StationStatus();
  status.set_pending_ops(17);
  daemon.Add("RecordService/GetStatus", status);
  daemon.Start(dir_);
  Outcome outcome = Run({"status", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("17"));
  EXPECT_FALSE(std::filesystem::exists(bin_ + "/args")) << "the binary ran although a daemon answers";
  Outcome json = Run({"status", "--data", dir_, "--json"});
  v1::GetStatusResponse again;
  EXPECT_TRUE(FromJson(json.out, &again).ok());
  EXPECT_EQ(again.pending_ops(), 17);
}

TEST_F(CliTest, WithoutADaemonTheBinaryBesideAnswers) {
  MakeStation();
  v1::GetStatusResponse status = StationStatus();
  status.set_records(23);
  FakeBinary("liaison-station", ToJson(status), 0);
  Outcome outcome = Run({"status", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("23"));
  EXPECT_EQ(ReadText(bin_ + "/args"), "call\n--data\n" + dir_ + "\n/liaison.v1.RecordService/GetStatus\n");
}

TEST_F(CliTest, AHubsFolderIsTheHubBinarys) {
  MakeHub();
  v1::GetReportResponse report;
  report.set_sentence("接待选民194批267人次");
  report.add_footnotes("数据截止");
  FakeBinary("liaison-hub", ToJson(report), 0);
  Outcome outcome = Run({"report", "--data", dir_, "--from", "2026-01-01", "--to", "2026-06-30"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "接待选民194批267人次\n注：数据截止\n");
  v1::GetReportRequest request;
  EXPECT_TRUE(FromJson(ReadText(bin_ + "/input"), &request).ok());
  EXPECT_EQ(request.from(), "2026-01-01");
}

TEST_F(CliTest, AnEndpointOfADeadProcessIsStale) {
  MakeStation();
  FakeBinary("liaison-station", ToJson(StationStatus()), 0);
  FakeDaemon daemon;
  daemon.Add("RecordService/GetStatus", StationStatus());
  daemon.Start(dir_, EndedProcess());
  EXPECT_EQ(Run({"status", "--data", dir_}).code, kDone);
  EXPECT_TRUE(daemon.requests.empty()) << "something else has the port now";
  EXPECT_TRUE(std::filesystem::exists(bin_ + "/args"));
}

TEST_F(CliTest, AnEndpointThatNobodyAnswersIsStale) {
  MakeStation();
  FakeBinary("liaison-station", ToJson(StationStatus()), 0);
  FakeDaemon daemon;
  daemon.Start(dir_);
  daemon.Stop();
  EXPECT_EQ(Run({"status", "--data", dir_}).code, kDone);
  EXPECT_TRUE(std::filesystem::exists(bin_ + "/args"));
}

TEST_F(CliTest, AnotherStationOnThePortIsNotBelieved) {
  MakeStation();
  v1::UndoImportResponse undone;
  undone.set_voided(5);
  FakeBinary("liaison-station", ToJson(undone), 0);
  FakeDaemon other;
  other.Add("RecordService/GetStatus", StationStatus("N-2"));
  other.Add("StationService/UndoImport", v1::UndoImportResponse());
  other.Start(dir_);
  Outcome outcome = Run({"import", "--data", dir_, "--undo", "B1"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("作废 5 条"));
  EXPECT_FALSE(other.requests.contains("StationService/UndoImport"));
}

TEST_F(CliTest, ADaemonsErrorIsPassedOnAndItsKindIsTheExitCode) {
  MakeStation();
  FakeDaemon daemon;
  daemon.Add("RecordService/GetStatus", StationStatus());
  absl::Status error;
  daemon.Add("RecordService/Find", [&](const std::string&) { return absl::StatusOr<std::string>(error); });
  daemon.Start(dir_);
  error = absl::InvalidArgumentError("查询：不能为空");
  Outcome outcome = Run({"find", "--data", dir_, "x"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.err, "出错：查询：不能为空\n");
  error = absl::FailedPreconditionError("这条记录已作废");
  EXPECT_EQ(Run({"find", "--data", dir_, "x"}).code, kFailed);
  error = absl::UnavailableError("正在停止");
  EXPECT_EQ(Run({"find", "--data", dir_, "x"}).code, kUnreachable);
}

TEST_F(CliTest, ABinarysErrorIsPassedOnToo) {
  MakeStation();
  FakeBinary("liaison-station", R"({"code":"not_found","message":"没有这一场"})", 1);
  Outcome outcome = Run({"find", "--data", dir_, "x"});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_EQ(outcome.err, "出错：没有这一场\n");
  FakeBinary("liaison-station", "Segmentation fault", 139);
  EXPECT_EQ(Run({"find", "--data", dir_, "x"}).code, kFailed) << "no JSON at all";
}

TEST_F(CliTest, WithoutDaemonAndBinaryNobodyIsReachable) {
  MakeStation();
  Outcome outcome = Run({"status", "--data", dir_});
  EXPECT_EQ(outcome.code, kUnreachable);
  EXPECT_THAT(outcome.err, HasSubstr("不能启动"));
}

TEST_F(CliTest, RunHandsAllArgumentsToTheDaemon) {
  Outcome outcome = Run({"station", "run", "--data", "D", "--http", "127.0.0.1:0", "--help"});
  EXPECT_EQ(executed_, bin_ + "/liaison-station");
  EXPECT_THAT(executed_args_, ElementsAre("run", "--data", "D", "--http", "127.0.0.1:0", "--help"));
  EXPECT_EQ(outcome.code, kUnreachable) << "the program could not be started";
  Run({"hub", "init", "--data", "H", "--roster", "R"});
  EXPECT_EQ(executed_, bin_ + "/liaison-hub");
  EXPECT_THAT(executed_args_, ElementsAre("init", "--data", "H", "--roster", "R"));
}

TEST_F(CliTest, FoundDifferencesAreExitCodeThree) {
  MakeHub();
  v1::VerifyResponse verify;
  verify.set_ok(true);
  verify.set_summary("一致");
  FakeBinary("liaison-hub", ToJson(verify), 0);
  EXPECT_EQ(Run({"verify", "--data", dir_}).code, kDone);
  EXPECT_EQ(Run({"hub", "verify", "--data", dir_}).code, kDone);
  verify.set_ok(false);
  verify.set_summary("不一致");
  verify.add_differences("fact 24.00: 1 != 2");
  FakeBinary("liaison-hub", ToJson(verify), 0);
  Outcome outcome = Run({"hub", "verify", "--data", dir_});
  EXPECT_EQ(outcome.code, kFound);
  EXPECT_EQ(outcome.out, "不一致\n  fact 24.00: 1 != 2\n");
  EXPECT_EQ(Run({"verify", "--data", dir_, "--json"}).code, kFound);
  v1::ListConflictsResponse conflicts;
  FakeBinary("liaison-hub", ToJson(conflicts), 0);
  EXPECT_EQ(Run({"conflicts", "--data", dir_}).code, kDone);
  conflicts.add_conflicts()->set_field_label("标题");
  FakeBinary("liaison-hub", ToJson(conflicts), 0);
  EXPECT_EQ(Run({"conflicts", "--data", dir_}).code, kFound);
  EXPECT_EQ(Run({"conflicts", "--data", dir_, "--json"}).code, kFound);
}

TEST_F(CliTest, WaitingAsksAgainAndIsBounded) {
  MakeStation();
  FakeDaemon daemon;
  v1::GetStatusResponse status = StationStatus();
  status.set_pending_ops(2);
  daemon.Add("RecordService/GetStatus", [&](const std::string&) { return ToJson(status); });
  EXPECT_EQ(Run({"wait", "--data", dir_, "--timeout", "1"}).code, kUnreachable) << "no daemon yet";
  EXPECT_EQ(paused_ms_, 1000);
  daemon.Start(dir_);
  EXPECT_EQ(Run({"wait", "--data", dir_}).code, kDone) << "it answers";
  on_pause_ = [&] { status.set_pending_ops(status.pending_ops() - 1); };
  EXPECT_EQ(Run({"wait", "--data", dir_, "--sent"}).code, kDone);
  on_pause_ = nullptr;
  status.set_pending_ops(3);
  paused_ms_ = 0;
  Outcome outcome = Run({"wait", "--data", dir_, "--sent", "--timeout", "2"});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_THAT(outcome.err, HasSubstr("待传 3"));
  EXPECT_EQ(paused_ms_, 2000);
}

TEST_F(CliTest, WaitingNeverTouchesTheDatabaseItself) {
  MakeStation();
  FakeBinary("liaison-station", ToJson(StationStatus()), 0);
  EXPECT_EQ(Run({"wait", "--data", dir_, "--sent", "--timeout", "0"}).code, kUnreachable);
  EXPECT_FALSE(std::filesystem::exists(bin_ + "/args"));
}

TEST(ProcessTest, LongInputAndOutputPassWhole) {
  std::string input(3 << 20, 'x');
  input += "end";
  absl::StatusOr<ProcessResult> result = RunProcess("/bin/cat", {}, input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_TRUE(result->out == input);
  EXPECT_EQ(RunProcess("/bin/sh", {"-c", "exit 7"}, "")->exit_code, 7);
  EXPECT_EQ(RunProcess("/bin/sh", {"-c", "kill -9 $$"}, input)->exit_code, 137) << "it never read its input";
  EXPECT_EQ(RunProcess("/no/such/program", {}, "").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace liaison::cli
