// The command line and the daemons as a township uses them, with real processes.
#include "common/cli/core/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/time/clock.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/invitation.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/loopback.h"
#include "tests/testing/places.h"
#include "tests/trust/town.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");

cli::ProcessResult Liaison(const std::vector<std::string>& args, const std::string& input = "") {
  absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(kBinaries + "liaison", args, input);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : cli::ProcessResult();
}

// On a stick comes what a revoked device wrote since: kept, listed, and accepted by a person.
void AcceptFromAStick(const std::string& hub_dir, const std::string& station_dir, const std::string& stick,
                      const std::string& device) {
  std::filesystem::create_directory(stick);
  ASSERT_EQ(Liaison({"bundle", "export", "--data", station_dir, stick}).exit_code, 0);
  cli::ProcessResult brought = Liaison({"bundle", "import", "--data", hub_dir, stick});
  EXPECT_THAT(brought.out, HasSubstr("吊销"));
  cli::ProcessResult refused = Liaison({"refused", "--data", hub_dir});
  ASSERT_EQ(refused.exit_code, 0) << refused.out;
  EXPECT_THAT(refused.out, HasSubstr(BusinessDate(SystemClock()->NowMs())));
  EXPECT_THAT(refused.out, HasSubstr("未采用的记录 1 条"));
  std::string op = refused.out.substr(0, refused.out.find('\n'));
  EXPECT_EQ(Liaison({"accept", "--data", hub_dir, "--device", device}).exit_code, 2) << "without --yes";
  EXPECT_THAT(Liaison({"accept", op, "--data", hub_dir}).out, HasSubstr("已采用 1 条"));
  EXPECT_THAT(Liaison({"accept", op, "--data", hub_dir}).out, HasSubstr("已经采用过"));
  EXPECT_THAT(Liaison({"refused", "--data", hub_dir}).out, HasSubstr("未采用的记录 0 条"));
  EXPECT_EQ(Liaison({"accept", "--data", hub_dir, "--device", device, "--yes"}).exit_code, 0);
  EXPECT_EQ(Liaison({"verify", "--data", hub_dir}).exit_code, 0);
}

TEST(CommandLine, InvitesEnrolsDeliversAndRevokes) {
  TempDir dir;
  std::string hub_dir = dir.In("hub"), station_dir = dir.In("station");
  ASSERT_EQ(Liaison({"hub", "init", "--data", hub_dir, "--roster", InSource("/hub/fixture")}).exit_code, 0);
  Daemon hub(kBinaries + "liaison-hub", hub_dir,
             {"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(hub.Start());

  cli::ProcessResult invited = Liaison({"hub", "invite", "HK-D057", "--data", hub_dir, "--hours", "1"});
  ASSERT_EQ(invited.exit_code, 0) << invited.out;
  size_t at = invited.out.find(Cat("LIAISON/1/127.0.0.1:", hub.sync_port(), "/"));
  ASSERT_NE(at, std::string::npos) << invited.out;
  std::string code = invited.out.substr(at, invited.out.find('\n', at) - at);
  EXPECT_THAT(invited.out, HasSubstr("█"));

  cli::ProcessResult enrolled = Liaison({"enrol", "--data", station_dir, "--code", "-"}, code + "\n");
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.out;
  EXPECT_THAT(enrolled.out, HasSubstr("HK-D057"));
  EXPECT_THAT(Liaison({"hub", "invitations", "--data", hub_dir}).out, HasSubstr("已用"));
  EXPECT_EQ(Liaison({"enrol", "--data", dir.In("other"), "--code", code}).exit_code, 1);

  Daemon station(kBinaries + "liaison-station", station_dir, {"run", "--data", station_dir, "--http", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(station.Start());
  v1::OpenSessionRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
  request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  v1::OpenSessionResponse opened;
  absl::Status status = station.Call("StationService/OpenSession", request, &opened);
  ASSERT_TRUE(status.ok()) << status;
  cli::ProcessResult logged = Liaison(
      {"log", "--data", station_dir, "--words", "路灯不亮", "--category", "01", "--disposition", "村级办理", "--deputy",
       "HK-R001", "--date", BusinessDate(SystemClock()->NowMs()), "--name", "-", "--phone", "-", "--user", "张"},
      "钱月仙\n13900001234\n");
  EXPECT_EQ(logged.exit_code, 0) << logged.out;
  EXPECT_THAT(Liaison({"find", "钱月仙", "--data", station_dir}).out, HasSubstr("路灯不亮"));
  EXPECT_EQ(Liaison({"wait", "--data", station_dir, "--sent", "--timeout", "120"}).exit_code, 0);

  v1::StationConfig config;
  ASSERT_TRUE(ReadConfig(station_dir + "/station.json", &config).ok());
  EXPECT_THAT(Liaison({"hub", "devices", "--data", hub_dir}).out, HasSubstr(config.node_id()));
  ASSERT_EQ(
      Liaison({"hub", "revoke", config.node_id(), "--reason", "被盗", "--user", "李主任", "--data", hub_dir}).exit_code,
      0);
  // Once more, and without a reason: nothing is asked for, and the first word stands.
  EXPECT_EQ(Liaison({"hub", "revoke", config.node_id(), "--data", hub_dir}).exit_code, 0);
  EXPECT_THAT(Liaison({"hub", "devices", "--data", hub_dir}).out, AllOf(HasSubstr("被盗"), Not(HasSubstr("未说明"))));
  v1::GetStatusResponse state;
  for (absl::Time end = absl::Now() + kSoon; absl::Now() < end; station.process().Breathe(20)) {
    ASSERT_TRUE(station.Call("RecordService/GetStatus", v1::GetStatusRequest(), &state).ok());
    if (state.link_error().find("吊销") != std::string::npos) break;
  }
  EXPECT_THAT(state.link_error(), HasSubstr("吊销"));

  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
  ASSERT_TRUE(station.Call("StationService/OpenSession", request, &opened).ok());
  ASSERT_NO_FATAL_FAILURE(AcceptFromAStick(hub_dir, station_dir, dir.In("stick"), config.node_id()));
  station.Stop(SIGTERM);
  hub.Stop(SIGTERM);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// Any account of the machine may read the arguments of a process.
TEST(CommandLine, SecretsAreNotInTheProcessList) {
  TempDir dir;
  std::filesystem::create_directory(dir.In(""));
  int port = 0;
  int listener = ListenOnLoopback(&port);
  ASSERT_GE(listener, 0);
  const std::string code = TypedCode({std::string(10, 's'), std::string(16, 'f'), ""});
  const std::string path = kBinaries + "liaison", at = Cat("127.0.0.1:", port), data = dir.In("station");
  const pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    execl(path.c_str(), "liaison", "enrol", "--data", data.c_str(), "--code", code.c_str(), "--hub", at.c_str(),
          nullptr);
    _exit(127);
  }
  pollfd waits{listener, POLLIN, 0};
  EXPECT_EQ(poll(&waits, 1, 60'000), 1) << "the station's program knocks, and is not answered";
  int seen = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string one = entry.path().filename();
    if (one.find_first_not_of("0123456789") != one.npos) continue;  // no process
    const std::string stat = ReadAll(Cat("/proc/", one, "/stat"));
    const size_t name_end = stat.rfind(") ");  // pid (name) state parent …
    const bool child = name_end != stat.npos && stat.substr(name_end + 4).starts_with(Cat(pid, " "));
    if (one != Cat(pid) && !child) continue;
    const std::string arguments = ReadAll(Cat("/proc/", one, "/cmdline"));
    EXPECT_THAT(arguments, HasSubstr("enrol"));
    EXPECT_EQ(arguments.find(code.substr(0, 9)), std::string::npos) << arguments;
    ++seen;
  }
  EXPECT_EQ(seen, 2);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(listener);
}

// Whoever starts a program may leave 0 to 2 closed; no file of the database may become one of them.
TEST(CommandLine, ClosedDescriptorsAreOpenedOnNothing) {
  TempDir dir;
  std::string hub_dir = dir.In("hub");
  ASSERT_EQ(Liaison({"hub", "init", "--data", hub_dir, "--roster", InSource("/hub/fixture")}).exit_code, 0);
  Process hub("/bin/sh", {"-c", Cat("exec '", kBinaries, "liaison-hub' run --data '", hub_dir,
                                    "' --http 127.0.0.1:0 --sync 127.0.0.1:0 0<&- 1>&- 2>&-")});
  ASSERT_EQ(Liaison({"wait", "--data", hub_dir, "--timeout", "60"}).exit_code, 0);
  v1::Endpoint endpoint;
  ASSERT_TRUE(ReadConfig(hub_dir + "/endpoint.json", &endpoint).ok());
  for (int descriptor : {0, 1, 2})
    EXPECT_EQ(std::filesystem::read_symlink(Cat("/proc/", endpoint.pid(), "/fd/", descriptor)), "/dev/null");
  hub.Kill(SIGTERM);
  // The command line does its work too, whether a daemon runs or not.
  for (const char* method : {"hub verify", "status"}) {
    absl::StatusOr<cli::ProcessResult> ran = cli::RunProcess(
        "/bin/sh", {"-c", Cat("'", kBinaries, "liaison' ", method, " --data '", hub_dir, "' 0<&- 1>&- 2>&-")}, "");
    ASSERT_TRUE(ran.ok()) << ran.status();
    EXPECT_EQ(ran->exit_code, 0) << method;
  }
}

TEST(CommandLine, ReachesAPageAtAnIPv6AddressAndNamesItRightly) {
  TempDir dir;
  std::string hub_dir = dir.In("hub");
  ASSERT_EQ(Liaison({"hub", "init", "--data", hub_dir, "--roster", InSource("/hub/fixture")}).exit_code, 0);
  if (!std::filesystem::exists("/proc/net/if_inet6")) return;  // a machine without IPv6
  absl::StatusOr<cli::ProcessResult> shown = cli::RunProcess(
      "/bin/sh",
      {"-c",
       Cat("D='", hub_dir, "'; '", kBinaries, "liaison-hub' run --data \"$D\" --http '[::1]:0' --sync '[::1]:0' ",
           ">\"$D/said\" & P=$!; '", kBinaries, "liaison' wait --data \"$D\" --timeout 60; echo wait $?; '", kBinaries,
           "liaison' status --data \"$D\" >/dev/null; echo status $?; cat \"$D/said\"; kill $P; wait $P")},
      "");
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_THAT(shown->out, HasSubstr("wait 0"));
  EXPECT_THAT(shown->out, HasSubstr("status 0"));
  EXPECT_THAT(shown->out, HasSubstr("http://[::1]:"));
}

}  // namespace
}  // namespace liaison
