// What a daemon tells its service manager, over a real NOTIFY_SOCKET.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/daemon/daemon.h"
#include "common/daemon/service_manager.h"
#include "common/http/client.h"
#include "tests/store/fixture.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using testing_store::TempDir;
using ::testing::StartsWith;

constexpr absl::Duration kSoon = absl::Seconds(60);
const std::string kBinaries = InBuild("/bin/");

// The manager's side. Programs that are started while it lives tell it.
class Manager {
 public:
  explicit Manager(const std::string& watchdog_us = "") : path_(dir_.path() + "/notify") {
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval limit{absl::ToInt64Seconds(kSoon), 0};
    EXPECT_EQ(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    if (!watchdog_us.empty()) setenv("WATCHDOG_USEC", watchdog_us.c_str(), 1);
  }
  ~Manager() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
  }
  // The next message, when it comes; empty, and a failure, if none comes soon.
  std::string Next() {
    char text[2048];
    ssize_t n = recv(socket_, text, sizeof text, 0);
    if (n > 0) return {text, static_cast<size_t>(n)};
    ADD_FAILURE() << "no message";
    return "";
  }
  std::string Await(const std::string& start) {
    for (const absl::Time end = absl::Now() + kSoon;;) {
      std::string text = Next();
      if (text.empty() || text.starts_with(start)) return text;
      if (absl::Now() < end) continue;
      ADD_FAILURE() << "no " << start;
      return "";
    }
  }

 private:
  TempDir dir_;
  std::string path_;
  int socket_ = -1;
};

class Notify : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<cli::ProcessResult> made = cli::RunProcess(
        "/bin/sh",
        {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; $L hub init --data hub --roster ",
                   InSource("/hub/fixture"), " && $L enrol --station HK-D057 --data st --hub-data hub")},
        "");
    ASSERT_TRUE(made.ok() && made->exit_code == 0);
  }
  Daemon Hub() {
    const std::string dir = dir_.path() + "/hub";
    return Daemon(kBinaries + "liaison-hub", dir,
                  {"run", "--data", dir, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0"});
  }
  Daemon Station() {
    const std::string dir = dir_.path() + "/st";
    return Daemon(kBinaries + "liaison-station", dir, {"run", "--data", dir, "--http", "127.0.0.1:0"});
  }

  TempDir dir_;
};

bool Answers(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool answers = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return answers;
}

TEST_F(Notify, TheHubIsReadyWhenBothItsPortsAnswerAndSaysThatItStops) {
  Manager manager;
  Daemon hub = Hub();
  hub.Start();
  const std::string ready = manager.Next();
  EXPECT_THAT(ready, StartsWith("READY=1\nSTATUS=镇中心已启动"));
  EXPECT_TRUE(Answers(hub.endpoint().port()));
  EXPECT_TRUE(Answers(hub.sync_port()));
  hub.process().Kill(SIGTERM);
  EXPECT_EQ(hub.process().exit_code(), 0);
  EXPECT_THAT(manager.Next(), StartsWith("STOPPING=1"));
}

TEST_F(Notify, AStationIsReadyWithoutAHubAndFeedsTheWatchdogWhileItWorks) {
  Manager manager("200000");
  Daemon station = Station();
  station.Start();
  EXPECT_THAT(manager.Next(), StartsWith("READY=1\nSTATUS=站点 HK-D057 已启动"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.Await("WATCHDOG"), "WATCHDOG=1");
  station.process().Kill(SIGTERM);
  EXPECT_EQ(station.process().exit_code(), 0);
  EXPECT_THAT(manager.Await("STOPPING"), StartsWith("STOPPING=1"));
}

TEST_F(Notify, TheHubFeedsTheWatchdogThroughItsQueue) {
  Manager manager("200000");
  Daemon hub = Hub();
  hub.Start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.Await("WATCHDOG"), "WATCHDOG=1");
}

TEST_F(Notify, WithoutAWatchNothingIsFed) {
  Manager manager;
  Daemon station = Station();
  station.Start();
  EXPECT_THAT(manager.Next(), StartsWith("READY=1"));
  station.process().Kill(SIGTERM);
  EXPECT_THAT(manager.Next(), StartsWith("STOPPING=1"));
}

TEST(Pulse, BeatsOnceForEachRoundThatEnded) {
  absl::Mutex mutex;
  int allowed = 1, begun = 0;
  Pulse pulse([&] {
    absl::MutexLock lock(&mutex);
    ++begun;
    auto free = [&] { return allowed > 0; };
    mutex.Await(absl::Condition(&free));
    --allowed;
  });
  auto beats = [&] {
    for (const absl::Time end = absl::Now() + kSoon; absl::Now() < end; std::this_thread::yield())
      if (pulse.Beat()) return true;
    return false;
  };
  EXPECT_TRUE(beats());  // the first round
  {
    absl::MutexLock lock(&mutex);
    auto hangs = [&] { return begun == 2; };
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&hangs), kSoon));
  }
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(pulse.Beat());
  {
    absl::MutexLock lock(&mutex);
    allowed = 1'000'000;
  }
  EXPECT_TRUE(beats());  // it went on
}

// The main loop lives on while the work hangs, and then tells no watchdog that all is well.
TEST(Watchdog, IsNotFedWhileTheWorkHangs) {
  BlockSignals();
  Manager manager("40000");
  TempDir dir;
  Dispatcher dispatcher;
  absl::Notification hang;
  int rounds = 0;
  Face face;
  face.dir = dir.path();
  face.banner = [](const std::string&) { return "启动"; };
  face.work = [&] {
    if (++rounds == 3) hang.WaitForNotification();
  };
  absl::Status served;
  std::thread daemon([&] { served = Serve(dispatcher, face); });
  // Two rounds end and are told, in whatever time; the third hangs, and from then on there are only complaints.
  int fed = 0, complaints = 0;
  while (fed <= 2 && (fed < 2 || complaints < 5)) {
    const std::string text = manager.Next();
    if (text.empty()) break;
    fed += text == "WATCHDOG=1";
    complaints += fed == 2 && text.starts_with("STATUS=没有应答");
  }
  EXPECT_EQ(fed, 2);
  hang.Notify();
  EXPECT_EQ(manager.Await("WATCHDOG"), "WATCHDOG=1");
  EXPECT_EQ(manager.Await("STATUS"), "STATUS=启动");
  kill(getpid(), SIGTERM);
  daemon.join();
  alarm(0);  // the test goes on, unlike a daemon
  EXPECT_TRUE(served.ok()) << served;
}

TEST(StopDeathTest, OfADaemonWhoseWorkHangsIsBounded) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // should its end not be bounded
        BlockSignals();
        setenv("NOTIFY_SOCKET", "/nowhere", 1);
        setenv("WATCHDOG_USEC", "40000", 1);
        TempDir dir;
        Dispatcher dispatcher;
        Face face;
        face.dir = dir.path();
        face.stop_s = 1;
        face.banner = [](const std::string&) { return "启动"; };
        face.work = [] {
          kill(getpid(), SIGTERM);
          pause();
        };
        Serve(dispatcher, face).IgnoreError();
      },
      ::testing::ExitedWithCode(1), "已强行退出");
}

}  // namespace
}  // namespace liaison
