// Real processes, each with a RocksDB of its own, over real sockets, killed with SIGKILL.
#include "tests/whole/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/time/clock.h"
#include "common/base/ports.h"
#include "common/crypto/hash.h"
#include "common/daemon/enrolment.h"
#include "hub/desk/setup.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

const std::string kBinaries = InBuild("/bin/");

class Processes : public testing::Test {
 protected:
  // A hub folder with the roster, made in this process before any daemon runs.
  void SetUp() override {
    HubNode::Options options;
    options.dir = dir_.path() + "/hub";
    options.create = true;
    options.sync_address = "";
    absl::StatusOr<std::unique_ptr<HubNode>> hub = HubNode::Open(std::move(options));
    ASSERT_TRUE(hub.ok()) << hub.status();
    ASSERT_TRUE(LoadRoster(InSource("/hub/fixture"), (*hub)->store()).ok());
    hub_ = *std::move(hub);
  }

  std::string EnrolFolder(const std::string& station_id) {
    std::string dir = dir_.path() + "/" + station_id;
    EnrolInto(dir, station_id, hub_.get(), &random_);
    return dir;
  }

  std::unique_ptr<Daemon> Station(const std::string& dir, int hub_port) {
    return std::make_unique<Daemon>(kBinaries + "liaison-station", dir,
                                    std::vector<std::string>{"run", "--data", dir, "--http", "127.0.0.1:0", "--hub",
                                                             "127.0.0.1:" + std::to_string(hub_port)});
  }

  std::string ActionId() { return Hex(random_.Bytes(kActionIdBytes)); }
  uint64_t Below(uint64_t n) { return random_.U64() % n; }

  v1::SessionView Open(Daemon* station) {
    v1::OpenSessionRequest request;
    request.set_action_id(ActionId());
    request.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
    request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    v1::OpenSessionResponse response;
    absl::Status status = station->Call("StationService/OpenSession", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response.session();
  }

  v1::VisitView Log(Daemon* station, const v1::SessionView& session, const std::string& words, int headcount) {
    v1::LogVisitRequest request;
    request.set_action_id(ActionId());
    request.set_session_id(session.id());
    FillVisit(words, headcount, &request);
    request.mutable_visitor()->set_name("张三");
    v1::LogVisitResponse response;
    absl::Status status = station->Call("StationService/LogVisit", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response.visit();
  }

  TempDir dir_;
  SeededRandom random_{42};
  std::unique_ptr<HubNode> hub_;
};

TEST_F(Processes, AStationKilledRightAfterSavingHasTheVisit) {
  std::string dir = EnrolFolder("HK-D057");
  hub_.reset();
  std::unique_ptr<Daemon> station = Station(dir, 1);  // nothing listens there: the network is unplugged
  station->Start();
  v1::SessionView session = Open(station.get());
  std::vector<v1::VisitView> saved;
  for (int round = 0; round < 10; ++round) {
    saved.push_back(Log(station.get(), session, "第" + std::to_string(round) + "件", 2));
    station->Stop(SIGKILL);
    station->Start();
    for (const v1::VisitView& visit : saved) {
      v1::GetVisitRequest request;
      request.set_id(visit.id());
      v1::GetVisitResponse response;
      absl::Status status = station->Call("StationService/GetVisit", request, &response);
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_EQ(response.visit().entry().number(), visit.entry().number());
      EXPECT_EQ(response.visit().matters_size(), 1);
      EXPECT_EQ(response.visit().visitor_name(), "张**");
    }
  }
}

TEST_F(Processes, EightStationsKilledAtRandomAreCountedAsTheyWereEntered) {
  constexpr int kStations = 8, kEntries = 40;
  std::vector<std::string> dirs;
  for (int i = 1; i <= kStations; ++i) dirs.push_back(EnrolFolder("HK-D00" + std::to_string(i)));
  hub_.reset();
  std::string hub_dir = dir_.path() + "/hub";
  auto hub = std::make_unique<Daemon>(
      kBinaries + "liaison-hub", hub_dir,
      std::vector<std::string>{"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  hub->Start();
  int sync_port = hub->sync_port();
  hub = std::make_unique<Daemon>(kBinaries + "liaison-hub", hub_dir,
                                 std::vector<std::string>{"run", "--data", hub_dir, "--http", "127.0.0.1:0", "--sync",
                                                          "127.0.0.1:" + std::to_string(sync_port)});
  hub->Start();
  std::vector<std::unique_ptr<Daemon>> stations;
  std::vector<v1::SessionView> sessions;
  for (const std::string& dir : dirs) {
    stations.push_back(Station(dir, sync_port));
    stations.back()->Start();
    sessions.push_back(Open(stations.back().get()));
  }
  int64_t headcount = 0;
  int kills = 0;
  for (int k = 0; k < kEntries; ++k) {
    for (int i = 0; i < kStations; ++i) {
      int n = 1 + static_cast<int>(Below(4));
      Log(stations[i].get(), sessions[i], "第" + std::to_string(k) + "件", n);
      headcount += n;
      if (Below(25) == 0) {
        stations[i]->Stop(SIGKILL);
        stations[i]->Start();
        ++kills;
      }
    }
    if (Below(6) == 0) {
      hub->Stop(SIGKILL);
      hub->Start();
      ++kills;
    }
  }
  absl::Time deadline = absl::Now() + absl::Minutes(3);
  for (auto& station : stations) {
    v1::GetStatusResponse status;
    do {
      ASSERT_LT(absl::Now(), deadline) << "not delivered: " << status.DebugString();
      station->process().Breathe(50);
      ASSERT_TRUE(station->Call("RecordService/GetStatus", v1::GetStatusRequest(), &status).ok());
    } while (status.pending_ops() > 0);
  }
  v1::GetFiguresRequest request;
  request.set_from(BusinessDate(SystemClock()->NowMs() - 86'400'000));
  request.set_to(BusinessDate(SystemClock()->NowMs()));
  v1::GetFiguresResponse figures;
  ASSERT_TRUE(hub->Call("HubService/GetFigures", request, &figures).ok());
  std::map<std::string, int64_t> values;
  for (const v1::Figure& figure : figures.figures()) values[figure.code()] = figure.value();
  EXPECT_EQ(values["N5"], kStations * kEntries);
  EXPECT_EQ(values["N5.headcount"], headcount);
  EXPECT_EQ(values["N6"], kStations * kEntries);
  EXPECT_EQ(figures.identity_difference(), 0);
  v1::VerifyResponse verify;
  ASSERT_TRUE(hub->Call("RecordService/Verify", v1::VerifyRequest(), &verify).ok());
  EXPECT_TRUE(verify.ok()) << verify.DebugString();
  for (auto& station : stations) station->Stop(SIGTERM);
  hub->Stop(SIGTERM);
  const int compared = ExpectSameStates(hub_dir, dirs);
  std::printf("8 stations, %d entries, %d kills, %d states compared\n", kStations * kEntries, kills, compared);
}

}  // namespace
}  // namespace liaison
