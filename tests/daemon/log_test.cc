// What the programs log, where it goes, and what never stands in it.
#include "common/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/time/clock.h"
#include "common/api/dispatcher.h"
#include "common/api/record_service.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/store/fixture.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using testing_store::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class DaemonLog : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("JOURNAL_STREAM");
    absl::StatusOr<cli::ProcessResult> made = cli::RunProcess(
        "/bin/sh",
        {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; $L hub init --data hub --roster ",
                   InSource("/hub/fixture"), " && $L enrol --station HK-D057 --data st --hub-data hub")},
        "");
    ASSERT_TRUE(made.ok() && made->exit_code == 0);
  }
  std::string In(const std::string& path) const { return dir_.path() + "/" + path; }
  Daemon Hub(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"run", "--data", In("hub"), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"};
    words.insert(words.end(), more.begin(), more.end());
    return Daemon(kBinaries + "liaison-hub", In("hub"), words);
  }
  Daemon Station(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"run", "--data", In("st"), "--http", "127.0.0.1:0"};
    words.insert(words.end(), more.begin(), more.end());
    return Daemon(kBinaries + "liaison-station", In("st"), words);
  }
  // Until the log has the text. `daemon` runs meanwhile.
  void Await(const std::string& log, std::string_view text, Daemon* daemon) const {
    const absl::Time deadline = absl::Now() + absl::Minutes(2);
    while (TextOf(In(log)).find(text) == std::string::npos) {
      ASSERT_LT(absl::Now(), deadline) << text << " is not in " << TextOf(In(log));
      daemon->process().Breathe(20);
    }
  }
  static void End(Daemon* daemon) {
    daemon->process().Kill(SIGTERM);
    EXPECT_EQ(daemon->process().exit_code(), 0);
  }

  TempDir dir_;
};

TEST_F(DaemonLog, HasStartVersionFolderAndEnd) {
  Daemon hub = Hub(), station = Station();
  hub.Start();
  station.Start();
  End(&station);
  End(&hub);
  const std::string version(AbslView(ProgramVersion()));
  for (const auto& [name, folder, what] :
       {std::tuple("hub/log/hub.log", "hub", "镇中心"), std::tuple("st/log/station.log", "st", "站点")}) {
    const std::string text = TextOf(In(name));
    EXPECT_THAT(text, HasSubstr(Cat("[信息] ", what, "程序启动：版本 ", version, "，数据文件夹 ", In(folder), "\n")));
    EXPECT_THAT(text, HasSubstr("已启动：http://"));
    EXPECT_THAT(text, HasSubstr("[信息] 正在停止\n"));
    EXPECT_TRUE(text.ends_with("[信息] 程序已结束\n")) << text;
    struct stat info {};
    ASSERT_EQ(stat(In(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
}

TEST_F(DaemonLog, TellsConnectionsAndWhyTheyEnded) {
  Daemon hub = Hub();
  hub.Start();
  Daemon station = Station({"--hub", Cat("127.0.0.1:", hub.sync_port())});
  station.Start();
  Await("st/log/station.log", "已连上镇中心 127.0.0.1:", &station);
  Await("hub/log/hub.log", "站点 HK-D057 的设备 ", &hub);
  End(&hub);
  Await("st/log/station.log", "的连接已结束：", &station);
  Await("st/log/station.log", "没有连上镇中心 127.0.0.1:", &station);
  End(&station);
  EXPECT_THAT(TextOf(In("hub/log/hub.log")), HasSubstr(" 的连接已结束：镇中心正在停机"));
}

TEST_F(DaemonLog, HasBackupsAndRestores) {
  Daemon hub = Hub();
  hub.Start();
  absl::StatusOr<cli::ProcessResult> done = cli::RunProcess(
      "/bin/sh",
      {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; $L hub backup ", In("bk"),
                 " --data hub && $L hub restore bk --data again")},
      "");
  ASSERT_TRUE(done.ok() && done->exit_code == 0);
  End(&hub);
  EXPECT_THAT(TextOf(In("hub/log/hub.log")), HasSubstr(Cat("[信息] 已备份并核对：", In("bk"))));
  EXPECT_THAT(TextOf(In("again/log/hub.log")), HasSubstr("[信息] 已从备份恢复：bk/"));
}

TEST_F(DaemonLog, OnAFullDiskStopsNothing) {
  fs::create_directory(In("hub/log"));
  fs::create_symlink("/dev/full", In("hub/log/hub.log"));
  Daemon hub = Hub({"--log-level", "debug"});
  hub.Start();
  v1::GetStatusRequest request;
  v1::GetStatusResponse response;
  EXPECT_TRUE(hub.Call("RecordService/GetStatus", request, &response).ok());
  End(&hub);
}

TEST_F(DaemonLog, GoesToAManagersStandardErrorAndIntoNoFile) {
  Daemon hub("/bin/sh", In("hub"),
             {"-c", Cat("NOTIFY_SOCKET=/nowhere exec ", kBinaries, "liaison-hub run --data ", In("hub"),
                        " --http 127.0.0.1:0 --sync 127.0.0.1:0 2>", In("err"))});
  hub.Start();
  End(&hub);
  const std::string text = TextOf(In("err"));
  EXPECT_TRUE(text.starts_with("<6>镇中心程序启动：版本 ")) << text;
  EXPECT_TRUE(text.ends_with("<6>程序已结束\n")) << text;
  EXPECT_FALSE(fs::exists(In("hub/log")));
}

TEST_F(DaemonLog, HasWhatItsLevelSays) {
  Daemon hub = Hub({"--log-level", "error"});
  hub.Start();
  End(&hub);
  EXPECT_EQ(TextOf(In("hub/log/hub.log")), "");
  Process process(kBinaries + "liaison-hub", {"run", "--data", In("hub"), "--log-level", "loud"});
  EXPECT_FALSE(process.AwaitReady());
  process.Kill(SIGTERM);
  EXPECT_EQ(process.exit_code(), 2);
}

TEST_F(DaemonLog, SaysWhyTheProgramDidNotStart) {
  Daemon station = Station();
  station.Start();
  Process hub(kBinaries + "liaison-hub", {"run", "--data", In("hub"), "--http",
                                          Cat("127.0.0.1:", station.endpoint().port()), "--sync", "127.0.0.1:0"});
  EXPECT_FALSE(hub.AwaitReady());
  hub.Kill(SIGTERM);
  EXPECT_THAT(TextOf(In("hub/log/hub.log")), HasSubstr("[错误] 不能监听 127.0.0.1:"));
  EXPECT_THAT(TextOf(In("hub/log/hub.log")), Not(HasSubstr("程序已结束")));
  End(&station);
}

TEST_F(DaemonLog, IsMadeInNoOtherProgramsFolder) {
  for (const char* folder : {"st", "nowhere"}) {
    Process hub(kBinaries + "liaison-hub", {"run", "--data", In(folder), "--http", "127.0.0.1:0"});
    EXPECT_FALSE(hub.AwaitReady());
    hub.Kill(SIGTERM);
  }
  EXPECT_FALSE(fs::exists(In("st/log")));
  EXPECT_FALSE(fs::exists(In("nowhere")));
}

// One method whose handler is the test's, and the lines about its calls.
class CallLog : public ::testing::Test {
 protected:
  std::string LogOf(LogLevel level, int64_t takes_ms, const absl::Status& status) {
    Dispatcher dispatcher;
    int64_t now_ms = 0;
    dispatcher.set_steady_clock([&] { return now_ms; });
    const bool added = dispatcher.Add("/liaison.v1.StationService/RetryNow",
                                      [&](std::string_view, const Caller&) -> absl::StatusOr<std::string> {
                                        now_ms += takes_ms;
                                        if (!status.ok()) return status;
                                        return "{}";
                                      });
    EXPECT_TRUE(added);
    TempDir dir;
    LogSettings settings;
    settings.folder = dir.path() + "/log";
    settings.name = "station";
    settings.level = level;
    ProgramLog log(settings);
    EXPECT_EQ(dispatcher.Call("/liaison.v1.StationService/RetryNow", "{}", Caller()).status(), status);
    return TextOf(dir.path() + "/log/station.log");
  }
};

TEST_F(CallLog, NamesACallThatTookLongerThanASecond) {
  EXPECT_EQ(LogOf(LogLevel::kDebug, 1000, absl::OkStatus()), "");
  EXPECT_THAT(LogOf(LogLevel::kInfo, 1001, absl::OkStatus()),
              HasSubstr("[注意] 调用 /liaison.v1.StationService/RetryNow 用了 1 秒多\n"));
  EXPECT_THAT(LogOf(LogLevel::kInfo, 12'345, absl::OkStatus()), HasSubstr(" 用了 12 秒多\n"));
}

TEST_F(CallLog, HasTheCodeOfAnErrorAndNeverItsMessage) {
  const std::string lost = LogOf(LogLevel::kDebug, 0, absl::DataLossError("欧阳翠花的水渠"));
  EXPECT_THAT(lost, HasSubstr("[错误] 调用 /liaison.v1.StationService/RetryNow 出错：DATA_LOSS。"));
  EXPECT_THAT(lost, HasSubstr("请检查磁盘"));
  EXPECT_THAT(lost, Not(HasSubstr("翠花")));
  const std::string refused = LogOf(LogLevel::kDebug, 0, absl::InvalidArgumentError("欧阳翠花的水渠"));
  EXPECT_THAT(refused, HasSubstr("[调试] 调用 /liaison.v1.StationService/RetryNow 没有办成：INVALID_ARGUMENT\n"));
  EXPECT_THAT(refused, Not(HasSubstr("翠花")));
  EXPECT_EQ(LogOf(LogLevel::kInfo, 0, absl::InvalidArgumentError("欧阳翠花的水渠")), "") << "what a person was told";
}

}  // namespace
}  // namespace liaison
