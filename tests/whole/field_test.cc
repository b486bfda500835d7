// What happens around a program in the field: words as voters say them, odd folders, a terminal that is closed, a
// laptop that sleeps, small limits, ports that others hold. Real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/api/dispatcher.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/daemon/daemon.h"
#include "common/record/json.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/loopback.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kBinaries = InBuild("/bin/");

class Field : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Liaison({"hub", "init", "--data", In("hub"), "--roster", InSource("/hub/fixture")}).exit_code, 0);
    ASSERT_EQ(Liaison({"enrol", "--station", "HK-D057", "--data", In("st"), "--hub-data", In("hub")}).exit_code, 0);
  }
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  cli::ProcessResult Liaison(const std::vector<std::string>& args) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(kBinaries + "liaison", args, "");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : cli::ProcessResult();
  }
  int Log(const std::string& dir, const std::vector<std::string>& words) {
    std::vector<std::string> args = {"log",           "--data",   dir,        "--category", "01",
                                     "--disposition", "村级办理", "--deputy", "HK-R001"};
    args.insert(args.end(), words.begin(), words.end());
    return Liaison(args).exit_code;
  }
  // What was said, newest first.
  std::vector<std::string> Words(const std::string& dir) {
    v1::ListVisitsResponse visits;
    absl::Status read = FromJson(Liaison({"list", "--data", dir, "--json"}).out, &visits);
    EXPECT_TRUE(read.ok()) << read;
    std::vector<std::string> words;
    for (const v1::VisitView& visit : visits.visits()) words.push_back(visit.entry().original_words());
    return words;
  }
  Daemon Station(const std::string& dir, const std::string& http = "127.0.0.1:0") {
    return Daemon(kBinaries + "liaison-station", dir, {"run", "--data", dir, "--http", http});
  }

  TempDir dir_;
};

TEST_F(Field, WordsOnTheCommandLineAreSavedAsTheyWereSaid) {
  Daemon station = Station(In("st"));
  ASSERT_NO_FATAL_FAILURE(station.Start());
  for (const char* words :
       {"-3度水管冻裂了", "--路灯不亮", "[三组,四组]都停水", "[甲]", "\"水渠\"垮了", "'水渠'垮了", "C:\\new\\table",
        "{\"a\":1}", "@张三说的", "a=b", "%s%n", "第一行\n第二行", "  前后有空格  ", "`id`$(id)", "/", "-", "true"}) {
    ASSERT_EQ(Log(In("st"), {"--words", words}), 0) << words;
    EXPECT_EQ(Words(In("st")).at(0), words);
    ASSERT_EQ(Log(In("st"), {Cat("--words=", words)}), 0) << words;
    EXPECT_EQ(Words(In("st")).at(0), words);
  }
}

TEST_F(Field, AFolderMayHaveAnyName) {
  for (const char* name : {"数据 文件夹", "a'b\"c", "x;y$(z)", "50%20", "带　全角空格"}) {
    std::filesystem::copy(In("st"), In(name), std::filesystem::copy_options::recursive);
    EXPECT_EQ(Log(In(name), {"--words", "不在运行"}), 0) << name;
    Daemon station = Station(In(name));
    ASSERT_NO_FATAL_FAILURE(station.Start()) << name;
    EXPECT_EQ(Log(In(name), {"--words", "在运行"}), 0) << name;
    EXPECT_THAT(Words(In(name)), ElementsAre("在运行", "不在运行")) << name;
  }
}

TEST_F(Field, ATerminalThatIsClosedLosesNothing) {
  Daemon station = Station(In("st"));
  ASSERT_NO_FATAL_FAILURE(station.Start());
  ASSERT_EQ(Log(In("st"), {"--words", "路灯不亮"}), 0);
  station.Stop(SIGHUP);
  EXPECT_THAT(Words(In("st")), ElementsAre("路灯不亮"));
  EXPECT_EQ(Liaison({"verify", "--data", In("st")}).exit_code, 0);
}

// The laptop is closed for a while; the hub is started anew meanwhile.
TEST_F(Field, ALaptopThatSleptDeliversAfterwards) {
  const std::string hub_dir = In("hub");
  auto hub = std::make_unique<Daemon>(
      kBinaries + "liaison-hub", hub_dir,
      std::vector<std::string>{"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(hub->Start());
  const std::string sync = Cat("127.0.0.1:", hub->sync_port());
  Daemon station(kBinaries + "liaison-station", In("st"),
                 {"run", "--data", In("st"), "--http", "127.0.0.1:0", "--hub", sync, "--retry-max", "1"});
  ASSERT_NO_FATAL_FAILURE(station.Start());
  ASSERT_EQ(Log(In("st"), {"--words", "路灯不亮"}), 0);
  ASSERT_EQ(Liaison({"wait", "--data", In("st"), "--sent", "--timeout", "120"}).exit_code, 0);
  ASSERT_EQ(kill(station.endpoint().pid(), SIGSTOP), 0);
  hub->Stop(SIGTERM);
  hub = std::make_unique<Daemon>(
      kBinaries + "liaison-hub", hub_dir,
      std::vector<std::string>{"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync", sync});
  ASSERT_NO_FATAL_FAILURE(hub->Start());
  ASSERT_EQ(kill(station.endpoint().pid(), SIGCONT), 0);
  ASSERT_EQ(Log(In("st"), {"--words", "路灯又不亮"}), 0);
  EXPECT_EQ(Liaison({"wait", "--data", In("st"), "--sent", "--timeout", "120"}).exit_code, 0);
}

// With few files a station works or says why it does not; what it has is whole.
TEST_F(Field, SmallLimitsLoseNothing) {
  for (const char* limit : {"ulimit -n 64", "ulimit -n 20", "ulimit -n 12"}) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(
        "/bin/sh", {"-c", Cat(limit, "; exec 2>&1; exec ", kBinaries, "liaison log --data ", In("st"),
                              " --category 01 --disposition 村级办理 --deputy HK-R001 --words '", limit, "'")}, "");
    ASSERT_TRUE(result.ok()) << result.status();
    const std::vector<std::string> words = Words(In("st"));
    EXPECT_EQ(std::find(words.begin(), words.end(), limit) != words.end(), result->exit_code == 0)
        << limit << result->out;
    if (result->exit_code != 0) EXPECT_THAT(result->out, HasSubstr("出错")) << limit;
    EXPECT_EQ(Liaison({"verify", "--data", In("st")}).exit_code, 0) << limit;
  }
}

TEST_F(Field, APortThatAnotherProgramHoldsIsNamedAndAStrangerIsNotBelieved) {
  int port = 0;
  const int stranger = ListenOnLoopback(&port);  // says nothing of ours
  ASSERT_GE(stranger, 0);
  const std::string taken = Cat("127.0.0.1:", port);
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"station", "run", "--data", In("st"), "--http", taken},
           {"hub", "run", "--data", In("hub"), "--http", taken, "--sync", "127.0.0.1:0"},
           {"hub", "run", "--data", In("hub"), "--http", "127.0.0.1:0", "--sync", taken}}) {
    std::string line = Cat("exec 2>&1; exec ", kBinaries, "liaison");
    for (const std::string& arg : args) line += Cat(" ", arg);
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess("/bin/sh", {"-c", line}, "");
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->exit_code, 1) << line;
    EXPECT_THAT(result->out, HasSubstr(std::to_string(port))) << line;
  }
  // Killed, and its old port is another's now: the command goes to the folder itself.
  Daemon station = Station(In("st"));
  ASSERT_NO_FATAL_FAILURE(station.Start());
  ASSERT_EQ(Log(In("st"), {"--words", "路灯不亮"}), 0);
  station.Stop(SIGKILL);
  v1::Endpoint endpoint = station.endpoint();
  endpoint.set_port(port);
  ASSERT_TRUE(WriteConfig(In("st/endpoint.json"), endpoint).ok());
  EXPECT_THAT(Words(In("st")), ElementsAre("路灯不亮"));
  // Two on one folder.
  ASSERT_NO_FATAL_FAILURE(station.Start());
  EXPECT_EQ(Liaison({"station", "run", "--data", In("st"), "--http", "127.0.0.1:0"}).exit_code, 1);
  EXPECT_THAT(Words(In("st")), ElementsAre("路灯不亮"));
  close(stranger);
}

}  // namespace
}  // namespace liaison
