// The hub's sync port under connections that say nothing, are too many, or meet a process without files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "hub/door/listener.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "tests/testing/loopback.h"
#include "tests/testing/places.h"
#include "tests/trust/town.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

const std::string kBinaries = InBuild("/bin/");

// Connections that say nothing.
class Silence {
 public:
  Silence(int port, int count) {
    for (int i = 0; i < count; ++i)
      if (int socket = ConnectToLoopback(port); socket >= 0) sockets_.push_back(socket);
  }
  ~Silence() {
    for (int socket : sockets_) close(socket);
  }
  size_t size() const { return sockets_.size(); }

 private:
  std::vector<int> sockets_;
};

// A hub with few files that writes its standard error into DIR/said.
Daemon HubWithFiles(const std::string& dir, int files) {
  return Daemon("/bin/sh", dir,
                {"-c", Cat("ulimit -n ", files, " && exec '", kBinaries, "liaison-hub' run --data '", dir,
                           "' --http 127.0.0.1:0 --sync 127.0.0.1:0 2>'", dir, "/said'")});
}

bool IsDelivered(Daemon* station) {
  v1::GetStatusResponse status;
  for (absl::Time end = absl::Now() + kSoon; absl::Now() < end; station->process().Breathe(20))
    if (station->Call("RecordService/GetStatus", v1::GetStatusRequest(), &status).ok() && status.link_up() &&
        status.pending_ops() == 0)
      return true;
  return false;
}

TEST(Port, LivesThroughTwelveHundredSilentConnections) {
  RaiseFileLimit();
  TempDir dir;
  std::string hub_dir = dir.In("hub"), station_dir = dir.In("station");
  ASSERT_TRUE(cli::RunProcess(kBinaries + "liaison",
                              {"hub", "init", "--data", hub_dir, "--roster", InSource("/hub/fixture")}, "")
                  .ok());
  Daemon hub = HubWithFiles(hub_dir, 1'024);
  ASSERT_NO_FATAL_FAILURE(hub.Start());
  ASSERT_TRUE(cli::RunProcess(kBinaries + "liaison",
                              {"enrol", "--station", "HK-D057", "--data", station_dir, "--hub-data", hub_dir,
                               "--hub-sync", Cat("127.0.0.1:", hub.sync_port())},
                              "")
                  .ok());
  Silence silence(hub.sync_port(), 1'200);
  ASSERT_GT(silence.size(), 1'100u);

  Daemon station(kBinaries + "liaison-station", station_dir, {"run", "--data", station_dir, "--http", "127.0.0.1:0"});
  ASSERT_NO_FATAL_FAILURE(station.Start());
  v1::OpenSessionRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.mutable_session()->set_date(BusinessDate(SystemClock()->NowMs()));
  request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  v1::OpenSessionResponse opened;
  ASSERT_TRUE(station.Call("StationService/OpenSession", request, &opened).ok());
  EXPECT_TRUE(IsDelivered(&station));

  v1::GetStatusResponse status;
  ASSERT_TRUE(hub.Call("RecordService/GetStatus", v1::GetStatusRequest(), &status).ok());
  EXPECT_EQ(status.port().trouble(), "");
  EXPECT_GT(status.port().turned_away(), 1'000);
  EXPECT_LT(status.port().sockets(), 100);
  station.Stop(SIGTERM);
  hub.Stop(SIGTERM);
  std::ifstream said(hub_dir + "/said");
  int lines = 0;
  for (std::string line; std::getline(said, line);) ++lines;
  EXPECT_LE(lines, 3) << "one for all of them, not one for each";
}

HubNode::Options With(const ListenerOptions& listener) {
  HubNode::Options options;
  options.listener = listener;
  return options;
}

v1::PortState StateOf(Town* town) { return town->hub().records()->GetStatus({})->port(); }

// Until the port has looked at what was just done to it.
bool AwaitPort(Town* town, const std::function<bool(const v1::PortState&)>& done) {
  for (absl::Time end = absl::Now() + kSoon; absl::Now() < end; poll(nullptr, 0, 5))
    if (done(StateOf(town))) return true;
  return false;
}

TEST(Port, OfTheSilentOneMakesRoomForTheNext) {
  ListenerOptions few;
  few.max_unfinished = 3;
  Town town(With(few));
  town.EnrolDevice("a", "D057");
  Silence silence(town.hub().sync_port(), 10);
  ASSERT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.turned_away() == 7 && s.sockets() == 3; }));
  std::unique_ptr<StationNode> station = town.Open("a");
  Work(station.get(), "2026-11-20");
  EXPECT_TRUE(AwaitSynced(station.get()));
  EXPECT_EQ(StateOf(&town).trouble(), "");
}

TEST(Port, WhoHasMadeACallIsNotUnfinished) {
  ListenerOptions one;
  one.max_unfinished = 1;
  Town town(With(one));
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = town.Open("a");
  ASSERT_TRUE(AwaitSynced(station.get()));
  uint64_t attempts = station->uplink()->state().attempts;
  Silence silence(town.hub().sync_port(), 20);
  ASSERT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.turned_away() >= 19; }));
  Work(station.get(), "2026-11-20");
  ASSERT_TRUE(AwaitSynced(station.get()));
  EXPECT_EQ(station->uplink()->state().attempts, attempts);
}

TEST(Port, AnAddressHasAShareOfSockets) {
  ListenerOptions few;
  few.max_sockets = 2;
  Town town(With(few));
  town.EnrolDevice("a", "D057");
  std::unique_ptr<Silence> silence = std::make_unique<Silence>(town.hub().sync_port(), 5);
  ASSERT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.turned_away() >= 3; }));
  silence.reset();  // what is closed counts no more
  std::unique_ptr<StationNode> station = town.Open("a");
  Work(station.get(), "2026-11-20");
  EXPECT_TRUE(AwaitSynced(station.get()));
}

TEST(Port, WhatFailsIsCountedAndToldInOneLine) {
  std::atomic<int> lines = 0;
  ListenerOptions options;
  options.report = [&](const std::string& line) {
    EXPECT_THAT(line, HasSubstr("同步端口"));
    ++lines;
  };
  Town town(With(options));
  for (int i = 0; i < 20; ++i) Silence one(town.hub().sync_port(), 1);
  EXPECT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.failed() == 20 && s.sockets() == 0; }));
  EXPECT_LE(lines, 1);
}

TEST(Port, SaysWhetherConnectionsOrFilesAreTooMany) {
  EXPECT_EQ(WhyTurnedAway(0, 0), "");
  EXPECT_EQ(WhyTurnedAway(3, 0), "（连接太多）");
  EXPECT_EQ(WhyTurnedAway(3, 3), "（本程序打开的文件已到系统的上限）");
  EXPECT_EQ(WhyTurnedAway(3, 1), "（连接太多，其中 1 个因本程序打开的文件已到系统的上限）");
}

TEST(Port, SaysThatFilesHaveRunOutAndGoesOnWhenThereAreSome) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = town.Open("a", nullptr, "");
  ASSERT_TRUE(AwaitSynced(station.get()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  int waiting = ConnectToLoopback(town.hub().sync_port());  // made before there are none left
  ASSERT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.sockets() == 2; }));
  int next = socket(AF_INET, SOCK_STREAM, 0);
  rlimit none{3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(town.hub().sync_port()));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(next, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  bool said = AwaitPort(&town, [](const v1::PortState& s) { return !s.trouble().empty(); });
  std::string trouble = StateOf(&town).trouble();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(said);
  EXPECT_THAT(trouble, HasSubstr("不能接受连接"));
  EXPECT_TRUE(AwaitPort(&town, [](const v1::PortState& s) { return s.trouble().empty() && s.sockets() == 3; }));
  close(waiting);
  close(next);
}

TEST(Port, IPv6IsCountedTooAndCarriesTheLink) {
  absl::StatusOr<std::unique_ptr<Listener>> probe = Listener::Bind("[::1]:0", {});
  if (!probe.ok()) return;  // a machine without IPv6
  probe->reset();
  HubNode::Options options;
  options.sync_address = "[::1]:0";
  options.listener.max_unfinished = 1;
  Town town(std::move(options));
  std::string address = Cat("[::1]:", town.hub().sync_port());
  ASSERT_TRUE(town.Enrol("a", town.Invite("D057"), address).ok());
  std::unique_ptr<StationNode> station = town.Open("a", nullptr, address);
  ASSERT_TRUE(AwaitSynced(station.get()));
  ASSERT_TRUE(town.Enrol("b", town.Invite("D058"), address).ok());  // would have ended a silent one
  EXPECT_EQ(station->uplink()->state().attempts, 1u);
}

}  // namespace
}  // namespace liaison
