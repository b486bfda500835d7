// liaison doctor and dump with real programs: what they say of whole folders, and their exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/record/json.h"
#include "liaison/v1/doctor.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/trust/town.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBin = InBuild("/bin/");

cli::ProcessResult Call(const std::vector<std::string>& args) {
  return Must(cli::RunProcess(kBin + "liaison", args, ""));
}

class DoctorPrograms : public testing::Test {
 protected:
  DoctorPrograms() : hub_dir_(dir_.In("hub")), station_dir_(dir_.In("station")) {
    EXPECT_EQ(Call({"hub", "init", "--data", hub_dir_, "--roster", InSource("/hub/fixture")}).exit_code, 0);
    hub_ = std::make_unique<Daemon>(
        kBin + "liaison-hub", hub_dir_,
        std::vector<std::string>{"run", "--data", hub_dir_, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
    hub_->Start();
    const cli::ProcessResult invited = Call({"hub", "invite", "HK-D057", "--data", hub_dir_, "--hours", "1"});
    const size_t at = invited.out.find("LIAISON/1/");
    EXPECT_NE(at, std::string::npos) << invited.out;
    const std::string code = invited.out.substr(at, invited.out.find('\n', at) - at);
    EXPECT_EQ(Call({"enrol", "--data", station_dir_, "--code", code}).exit_code, 0);
  }
  cli::ProcessResult Doctor(const std::string& dir) { return Call({"doctor", "--data", dir}); }

  TempDir dir_;
  const std::string hub_dir_, station_dir_;
  std::unique_ptr<Daemon> hub_;
};

TEST_F(DoctorPrograms, AStationIsWellUntilItsHubStops) {
  const cli::ProcessResult well = Doctor(station_dir_);  // no daemon runs here
  EXPECT_EQ(well.exit_code, 0) << well.out;
  EXPECT_THAT(well.out, AllOf(HasSubstr("镇中心认得这台设备"), HasSubstr("总的来说：正常"), Not(HasSubstr("怎么办"))));
  Daemon station(kBin + "liaison-station", station_dir_, {"run", "--data", station_dir_, "--http", "127.0.0.1:0"});
  station.Start();
  v1::GetStatusResponse status;
  for (int round = 0; round < 600 && !status.link_up(); ++round) {
    Must(station.Call("RecordService/GetStatus", v1::GetStatusRequest(), &status));
    station.process().Breathe(100);
  }
  EXPECT_EQ(Doctor(station_dir_).exit_code, 0) << Doctor(station_dir_).out;
  hub_->Stop(SIGTERM);
  const cli::ProcessResult ill = Doctor(station_dir_);
  EXPECT_EQ(ill.exit_code, 3) << ill.out;
  EXPECT_THAT(ill.out, AllOf(HasSubstr("拒绝连接"), HasSubstr("怎么办"), HasSubstr("总的来说：有问题")));
}

TEST_F(DoctorPrograms, AHubIsWellWithABackupAndItsPortAnswers) {
  const cli::ProcessResult bare = Doctor(hub_dir_);
  EXPECT_EQ(bare.exit_code, 3) << bare.out;
  EXPECT_THAT(bare.out, AllOf(HasSubstr("从来没有做过"), HasSubstr("应答正常"), HasSubstr("总的来说：注意")));
  EXPECT_EQ(Call({"hub", "backup", dir_.In("backups"), "--data", hub_dir_}).exit_code, 0);
  const cli::ProcessResult well = Doctor(hub_dir_);
  EXPECT_EQ(well.exit_code, 0) << well.out;
  hub_->Stop(SIGTERM);
  EXPECT_THAT(Doctor(hub_dir_).out, HasSubstr("镇中心的程序没有运行"));
}

TEST_F(DoctorPrograms, AStoreThatDoesNotOpenIsToldAndTheRestIsExamined) {
  ASSERT_EQ(Call({"status", "--data", station_dir_}).exit_code, 0);  // makes the database
  std::ofstream(station_dir_ + "/db/CURRENT") << "damaged";
  const cli::ProcessResult status = Call({"status", "--data", station_dir_});
  EXPECT_EQ(status.exit_code, 1) << status.out;
  const cli::ProcessResult said = Doctor(station_dir_);
  EXPECT_EQ(said.exit_code, 3) << said.out;
  EXPECT_THAT(said.out, AllOf(HasSubstr("有问题  数据库：打不开"), HasSubstr("镇中心认得这台设备"), HasSubstr("没有看  ")));
  const cli::ProcessResult json = Call({"doctor", "--data", station_dir_, "--json"});
  EXPECT_EQ(json.exit_code, 3);
  v1::ExamineResponse response;
  Must(FromJson(json.out, &response));
  EXPECT_EQ(response.health(), v1::HEALTH_PROBLEM);
  EXPECT_EQ(Call({"dump", "--feed", "all", "--data", station_dir_}).exit_code, 1);
}

TEST_F(DoctorPrograms, AFileThatOthersMayReadIsToldBeforeItIsMended) {
  ASSERT_EQ(chmod((station_dir_ + "/key").c_str(), 0644), 0);
  const cli::ProcessResult said = Doctor(station_dir_);
  EXPECT_EQ(said.exit_code, 3) << said.out;
  EXPECT_THAT(said.out, HasSubstr("别的用户也能读写"));
  EXPECT_EQ(Doctor(station_dir_).exit_code, 0) << "the call itself has mended it";
}

TEST_F(DoctorPrograms, ADumpShowsAFeedAndARecord) {
  const cli::ProcessResult feed = Call({"dump", "--feed", "all", "--limit", "5", "--data", station_dir_});
  EXPECT_EQ(feed.exit_code, 0) << feed.out;
  EXPECT_THAT(feed.out, AllOf(HasSubstr("公共名册"), HasSubstr("下一页：--from 6")));
  const cli::ProcessResult record = Call({"dump", "--record", "1:HK-D057", "--data", hub_dir_});
  EXPECT_EQ(record.exit_code, 0) << record.out;
  EXPECT_THAT(record.out, AllOf(HasSubstr("联络站点"), HasSubstr("vector HUB/"), HasSubstr("station_id")));
  EXPECT_EQ(Call({"dump", "--data", hub_dir_}).exit_code, 2);
  EXPECT_EQ(Call({"dump", "--op", "x", "--data", hub_dir_}).exit_code, 2);
}

}  // namespace
}  // namespace liaison
