// The command line and the socket in a data folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liaison/v1/station_service.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

class Local : public CliTest {};

TEST_F(Local, TheCommandLineUsesTheSocket) {
  MakeStation();
  FakeDaemon daemon;
  daemon.Add("RecordService/GetStatus", StationStatus());
  daemon.Add("StationService/ListVisits", v1::ListVisitsResponse());
  daemon.StartOnSocket(dir_);
  EXPECT_EQ(Run({"list", "--data", dir_}).code, kDone);
  EXPECT_EQ(daemon.requests["StationService/ListVisits"].size(), 1u);
}

TEST_F(Local, OverThePortADaemonThatWantsALoginSendsOneToItsFolder) {
  MakeStation();
  FakeDaemon daemon;
  daemon.Add("HubService/Enrol", [](const std::string&) -> absl::StatusOr<std::string> {
    return absl::UnauthenticatedError("请先登录");
  });
  daemon.Start(dir_);
  const Outcome asked = Run({"enrol", "--station", "HK-D058", "--data", root_ + "/new", "--hub-http",
                             Cat("127.0.0.1:", daemon.port())});
  EXPECT_NE(asked.code, kDone);
  EXPECT_THAT(asked.err, ::testing::HasSubstr("数据文件夹所在的机器上"));
}

}  // namespace
}  // namespace liaison::cli
