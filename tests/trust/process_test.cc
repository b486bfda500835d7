// The command line and the daemons as a township uses them, with real processes.
#include "common/cli/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/service/daemon.h"
#include "liaison/v1/services.pb.h"
#include "tests/trust/town.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

const std::string kBinaries = LIAISON_BINARY_DIR "/bin/";

cli::ProcessResult Liaison(const std::vector<std::string>& args) {
  absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(kBinaries + "liaison", args, "");
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : cli::ProcessResult();
}

TEST(CommandLine, InvitesEnrolsDeliversAndRevokes) {
  TempDir dir;
  std::string hub_dir = dir.In("hub"), station_dir = dir.In("station");
  ASSERT_EQ(Liaison({"hub", "init", "--data", hub_dir, "--roster", LIAISON_SOURCE_DIR "/hub/fixture"}).exit_code, 0);
  Daemon hub(kBinaries + "liaison-hub", hub_dir,
             {"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(hub.Start());

  cli::ProcessResult invited = Liaison({"hub", "invite", "HK-D057", "--data", hub_dir, "--hours", "1"});
  ASSERT_EQ(invited.exit_code, 0) << invited.out;
  size_t at = invited.out.find(Cat("LIAISON/1/127.0.0.1:", hub.sync_port(), "/"));
  ASSERT_NE(at, std::string::npos) << invited.out;
  std::string code = invited.out.substr(at, invited.out.find('\n', at) - at);
  EXPECT_THAT(invited.out, HasSubstr("█"));

  cli::ProcessResult enrolled = Liaison({"enrol", "--data", station_dir, "--code", code});
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.out;
  EXPECT_THAT(enrolled.out, HasSubstr("HK-D057"));
  EXPECT_THAT(Liaison({"hub", "invitations", "--data", hub_dir}).out, HasSubstr("已用"));
  EXPECT_EQ(Liaison({"enrol", "--data", dir.In("other"), "--code", code}).exit_code, 1);

  Daemon station(kBinaries + "liaison-station", station_dir, {"run", "--data", station_dir, "--http", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(station.Start());
  v1::OpenSessionRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date("2026-11-20");
  request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  v1::OpenSessionResponse opened;
  absl::Status status = station.Call("StationService/OpenSession", request, &opened);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Liaison({"wait", "--data", station_dir, "--sent", "--timeout", "120"}).exit_code, 0);

  v1::StationConfig config;
  ASSERT_TRUE(ReadConfig(station_dir + "/station.json", &config).ok());
  EXPECT_THAT(Liaison({"hub", "devices", "--data", hub_dir}).out, HasSubstr(config.node_id()));
  ASSERT_EQ(Liaison({"hub", "revoke", config.node_id(), "--data", hub_dir}).exit_code, 0);
  v1::GetStatusResponse state;
  for (absl::Time end = absl::Now() + kSoon; absl::Now() < end; station.process().Breathe(20)) {
    ASSERT_TRUE(station.Call("RecordService/GetStatus", v1::GetStatusRequest(), &state).ok());
    if (state.link_error().find("吊销") != std::string::npos) break;
  }
  EXPECT_THAT(state.link_error(), HasSubstr("吊销"));

  // What it wrote since comes on a stick: kept, listed, and accepted by a person.
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date("2026-11-21");
  ASSERT_TRUE(station.Call("StationService/OpenSession", request, &opened).ok());
  std::filesystem::create_directory(dir.In("stick"));
  ASSERT_EQ(Liaison({"bundle", "export", "--data", station_dir, dir.In("stick")}).exit_code, 0);
  cli::ProcessResult brought = Liaison({"bundle", "import", "--data", hub_dir, dir.In("stick")});
  EXPECT_THAT(brought.out, HasSubstr("吊销"));
  cli::ProcessResult refused = Liaison({"refused", "--data", hub_dir});
  ASSERT_EQ(refused.exit_code, 0) << refused.out;
  EXPECT_THAT(refused.out, HasSubstr("2026-11-21"));
  EXPECT_THAT(refused.out, HasSubstr("未采用的记录 1 条"));
  std::string op = refused.out.substr(0, refused.out.find('\n'));
  EXPECT_EQ(Liaison({"accept", "--data", hub_dir, "--device", config.node_id()}).exit_code, 2) << "without --yes";
  EXPECT_THAT(Liaison({"accept", op, "--data", hub_dir}).out, HasSubstr("已采用 1 条"));
  EXPECT_THAT(Liaison({"accept", op, "--data", hub_dir}).out, HasSubstr("已经采用过"));
  EXPECT_THAT(Liaison({"refused", "--data", hub_dir}).out, HasSubstr("未采用的记录 0 条"));
  EXPECT_EQ(Liaison({"accept", "--data", hub_dir, "--device", config.node_id(), "--yes"}).exit_code, 0);
  EXPECT_EQ(Liaison({"verify", "--data", hub_dir}).exit_code, 0);
  station.Stop(SIGTERM);
  hub.Stop(SIGTERM);
}

}  // namespace
}  // namespace liaison
