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

}  // namespace
}  // namespace liaison::cli
