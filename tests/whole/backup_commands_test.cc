// Backups as a township makes them: the command line, the daemons, real TLS; the hub's machine is lost in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/daemon/daemon.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");
constexpr absl::Duration kSoon = absl::Seconds(120);  // never waited for in full when the test passes

class BackupCommands : public testing::Test {
 protected:
  std::string Dir(const std::string& name) const { return dir_.path() + "/" + name; }

  // Both of its outputs.
  cli::ProcessResult Liaison(std::vector<std::string> args) {
    args.insert(args.begin(), {"-c", "exec \"$0\" \"$@\" 2>&1", kBinaries + "liaison"});
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess("/bin/sh", args, "");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : cli::ProcessResult();
  }
  std::unique_ptr<Daemon> StartHub(const std::string& name) {
    auto daemon = std::make_unique<Daemon>(
        kBinaries + "liaison-hub", Dir(name),
        std::vector<std::string>{"run", "--data", Dir(name), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
    daemon->Start();
    return daemon;
  }
  std::unique_ptr<Daemon> StartStation(int hub_port) {
    auto daemon =
        std::make_unique<Daemon>(kBinaries + "liaison-station", Dir("station"),
                                 std::vector<std::string>{"run", "--data", Dir("station"), "--http", "127.0.0.1:0",
                                                          "--hub", Cat("127.0.0.1:", hub_port)});
    daemon->Start();
    return daemon;
  }
  void Enrol(int hub_port) {
    cli::ProcessResult invited = Liaison({"hub", "invite", "HK-D057", "--data", Dir("hub"), "--hours", "1"});
    ASSERT_EQ(invited.exit_code, 0) << invited.out;
    size_t at = invited.out.find(Cat("LIAISON/1/127.0.0.1:", hub_port, "/"));
    ASSERT_NE(at, std::string::npos) << invited.out;
    std::string code = invited.out.substr(at, invited.out.find('\n', at) - at);
    cli::ProcessResult enrolled = Liaison({"enrol", "--data", Dir("station"), "--code", code});
    ASSERT_EQ(enrolled.exit_code, 0) << enrolled.out;
  }
  // The session's id, once the hub has its receipt.
  std::string Deliver(Daemon* station, const std::string& deputy) {
    v1::OpenSessionRequest request;
    request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
    request.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
    request.mutable_session()->add_deputies()->set_deputy_id(deputy);
    v1::OpenSessionResponse opened;
    absl::Status status = station->Call("StationService/OpenSession", request, &opened);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(Liaison({"wait", "--data", Dir("station"), "--sent", "--timeout", "120"}).exit_code, 0);
    return opened.session().id();
  }
  static bool Holds(Daemon* hub, const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    v1::GetRecordResponse response;
    return hub->Call("RecordService/GetRecord", request, &response).ok();
  }
  static bool HoldsSoon(Daemon* hub, const std::string& id) {
    for (absl::Time end = absl::Now() + kSoon; absl::Now() < end; hub->process().Breathe(20))
      if (Holds(hub, id)) return true;
    return false;
  }

  TempDir dir_;
};

TEST_F(BackupCommands, ALostHubComesBackAndItsStationsBringTheRest) {
  ASSERT_EQ(Liaison({"hub", "init", "--data", Dir("hub"), "--roster", InSource("/hub/fixture")}).exit_code, 0);
  auto hub = StartHub("hub");
  ASSERT_NO_FATAL_FAILURE(Enrol(hub->sync_port()));
  auto station = StartStation(hub->sync_port());
  std::string before = Deliver(station.get(), "HK-R001");
  cli::ProcessResult done = Liaison({"hub", "backup", Dir("to"), "--data", Dir("hub")});
  ASSERT_EQ(done.exit_code, 0) << done.out;
  EXPECT_THAT(done.out, AllOf(HasSubstr("已备份并核对"), HasSubstr(".archive\n"), HasSubstr("请另外存放")));
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(Dir("to"))) {
    struct stat info {};
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 2u);
  EXPECT_THAT(Liaison({"hub", "backups", "--data", Dir("hub")}).out, HasSubstr("是"));
  done = Liaison({"hub", "verify-backup", Dir("to")});
  EXPECT_EQ(done.exit_code, 0) << done.out;
  EXPECT_THAT(done.out, AllOf(HasSubstr(" 份记录"), HasSubstr(" 个密钥，"), Not(HasSubstr("出错"))));
  std::string after = Deliver(station.get(), "HK-R001");
  hub->Stop(SIGKILL);
  station->Stop(SIGTERM);

  done = Liaison({"hub", "restore", Dir("to"), "--data", Dir("hub")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("不是空的"));
  fs::rename(Dir("hub"), Dir("old"));
  done = Liaison({"hub", "restore", Dir("to"), "--data", Dir("hub")});
  ASSERT_EQ(done.exit_code, 0) << done.out;
  EXPECT_THAT(done.out, AllOf(HasSubstr("已恢复到 "), Not(HasSubstr("注意"))));
  hub = StartHub("hub");
  EXPECT_TRUE(Holds(hub.get(), before));
  EXPECT_FALSE(Holds(hub.get(), after));
  station = StartStation(hub->sync_port());  // its certificate still opens the door
  EXPECT_TRUE(HoldsSoon(hub.get(), after));
  done = Liaison({"hub", "import-folder", Dir("old"), "--data", Dir("hub")});
  EXPECT_EQ(done.exit_code, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr("已接管"));
  EXPECT_EQ(Liaison({"hub", "verify", "--data", Dir("hub")}).exit_code, 0);
}

TEST_F(BackupCommands, WithoutItsKeysFileARestoredHubSaysWhatIsMissing) {
  ASSERT_EQ(Liaison({"hub", "init", "--data", Dir("hub"), "--roster", InSource("/hub/fixture")}).exit_code, 0);
  ASSERT_EQ(Liaison({"hub", "backup", Dir("to"), "--data", Dir("hub")}).exit_code, 0);  // no daemon is needed
  std::string records, keys;
  for (const auto& entry : fs::directory_iterator(Dir("to")))
    (entry.path().extension() == ".keys" ? keys : records) = entry.path();
  fs::create_directory(Dir("safe"));
  fs::rename(keys, Dir("safe") + "/k.keys");
  cli::ProcessResult done = Liaison({"hub", "restore", records, "--data", Dir("bare")});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, AllOf(HasSubstr("注意"), HasSubstr("--keys")));
  done = Liaison({"hub", "run", "--data", Dir("bare"), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("没有镇中心的密钥"));
  done = Liaison({"hub", "restore", records, "--keys", Dir("safe") + "/k.keys", "--data", Dir("whole")});
  EXPECT_EQ(done.exit_code, 0) << done.out;
  for (const char* name : {"key", "authority"}) EXPECT_TRUE(fs::exists(Dir("whole") + "/" + name)) << name;
  EXPECT_EQ(Liaison({"hub", "verify", "--data", Dir("whole")}).exit_code, 0);
  auto hub = StartHub("hub");
  done = Liaison({"hub", "import-folder", Dir("hub"), "--data", Dir("whole")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("还在运行"));
  done = Liaison({"hub", "import-folder", Dir("hub"), "--data", Dir("hub")});
  EXPECT_THAT(done.out, HasSubstr("自己的文件夹"));
  done = Liaison({"hub", "verify-backup", Dir("whole")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("没有备份文件"));
}

}  // namespace
}  // namespace liaison
