// The link simulator against an echo server. Times are only bounded from below: a busy machine may make them longer.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "common/base/ports.h"
#include "tests/bench/rig.h"
#include "tests/testing/places.h"

namespace liaison::bench {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Sends back what it gets, connection by connection in threads of their own.
class EchoServer {
 public:
  EchoServer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) threads_.emplace_back([fd] { Echo(fd); });
    });
  }
  ~EchoServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
  }
  int port() const { return port_; }

 private:
  static void Echo(int fd) {
    char buffer[65536];
    for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;)
      if (send(fd, buffer, static_cast<size_t>(n), MSG_NOSIGNAL) != n) break;
    close(fd);
  }
  int listener_ = -1, port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

class Socket {
 public:
  explicit Socket(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Loopback(port);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) error_ = errno;
    int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    timeval limit{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~Socket() { close(fd_); }
  int error() const { return error_; }
  void Send(const std::string& bytes) {
    for (size_t at = 0; at < bytes.size();) {
      ssize_t n = send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (n < 0) return;
      at += static_cast<size_t>(n);
    }
  }
  void EndSending() { shutdown(fd_, SHUT_WR); }
  // Up to `n` bytes; fewer at the end of the stream or an error.
  std::string Receive(size_t n) {
    std::string bytes(n, '\0');
    size_t at = 0;
    while (at < n) {
      ssize_t got = recv(fd_, bytes.data() + at, n - at, 0);
      if (got < 0) error_ = errno;
      if (got <= 0) break;
      at += static_cast<size_t>(got);
    }
    bytes.resize(at);
    return bytes;
  }

 private:
  int fd_;
  int error_ = 0;
};

class LinkSimTest : public testing::Test {
 protected:
  static Setting Where() {
    Setting setting;
    setting.bin = InBuild("/bin");
    return setting;
  }
  LinkSim Link(const std::vector<std::string>& options) { return LinkSim(Where(), echo_.port(), options); }
  std::string Bytes(size_t n) { return random_.Bytes(n); }

  EchoServer echo_;
  SeededRandom random_{7};
};

// Sends and receives at once, since what is on its way is bounded.
std::string Echoed(Socket* socket, const std::string& bytes) {
  std::thread sender([&] {
    socket->Send(bytes);
    socket->EndSending();
  });
  std::string back = socket->Receive(bytes.size() + 1);
  sender.join();
  return back;
}

TEST_F(LinkSimTest, BytesPassUnchangedAndAreCountedExactly) {
  LinkSim link = Link({});
  std::string bytes = Bytes(5'000'000);
  Socket socket(link.port());
  EXPECT_TRUE(Echoed(&socket, bytes) == bytes);
  LinkStats stats = link.Stats();
  EXPECT_EQ(stats.up, 5'000'000);
  EXPECT_EQ(stats.down, 5'000'000);
  EXPECT_EQ(stats.connections, 1);
  EXPECT_EQ(stats.dropped, 0);
}

TEST_F(LinkSimTest, ManyConnectionsAtOnceStayApart) {
  LinkSim link = Link({"--rtt-ms", "10", "--rate-kbit", "80000"});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  std::vector<std::string> texts;
  for (int i = 0; i < 16; ++i) texts.push_back(Bytes(100'000));
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      Socket socket(link.port());
      if (Echoed(&socket, texts[static_cast<size_t>(i)]) == texts[static_cast<size_t>(i)]) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 16);
  EXPECT_EQ(link.Stats().up, 1'600'000);
}

TEST_F(LinkSimTest, TheRateIsKeptInEachDirection) {
  LinkSim link = Link({"--rate-kbit", "800"});
  Socket socket(link.port());
  std::string bytes = Bytes(60'000);
  double begin = MonotonicMs();
  EXPECT_TRUE(Echoed(&socket, bytes) == bytes);
  EXPECT_GE(MonotonicMs() - begin, 560);  // 60,000 bytes less the bucket, at 100,000 a second
}

TEST_F(LinkSimTest, ConnectionsShareTheRateInTurn) {
  LinkSim link = Link({"--rate-kbit", "16"});
  Socket heavy(link.port()), light(link.port());
  heavy.Send(Bytes(60'000));  // half a minute of the line
  light.Send("x");
  EXPECT_EQ(light.Receive(1), "x");
  EXPECT_LT(link.Stats().up, 60'001) << "the light one has waited for the heavy one";
}

TEST_F(LinkSimTest, ARoundTripTakesItsTimeAndANewConnectionOneMore) {
  LinkSim link = Link({"--rtt-ms", "200"});
  Socket socket(link.port());
  double begin = MonotonicMs();
  socket.Send("a");
  EXPECT_EQ(socket.Receive(1), "a");
  EXPECT_GE(MonotonicMs() - begin, 395);
  begin = MonotonicMs();
  socket.Send("b");
  EXPECT_EQ(socket.Receive(1), "b");
  EXPECT_GE(MonotonicMs() - begin, 198);
  EXPECT_EQ(link.Stats().turns, 2);
}

TEST_F(LinkSimTest, TheLinkIsCutAfterExactlySoManyBytesAndStaysDownForAWhile) {
  LinkSim link = Link({"--cut-link", "65536", "--down-ms", "300", "--max-cuts", "1"});
  Socket first(link.port());
  std::string bytes = Bytes(500'000);
  EXPECT_LT(Echoed(&first, bytes).size(), 65'536u);
  EXPECT_EQ(first.error(), ECONNRESET);
  double begin = MonotonicMs();
  EXPECT_EQ(link.Stats().bytes(), 65'536);
  EXPECT_EQ(link.Stats().cuts, 1);
  EXPECT_EQ(Socket(link.port()).error(), ECONNREFUSED);
  while (Socket(link.port()).error() != 0) ASSERT_LT(MonotonicMs() - begin, 30'000);
  Socket second(link.port());
  EXPECT_TRUE(Echoed(&second, bytes) == bytes) << "one cut was allowed";
}

TEST_F(LinkSimTest, AConnectionIsCutByItsOwnCount) {
  LinkSim link = Link({"--cut-conn", "10000"});
  Socket calm(link.port());
  calm.Send("a");
  EXPECT_EQ(calm.Receive(1), "a");
  for (int i = 0; i < 3; ++i) {
    Socket socket(link.port());
    Echoed(&socket, Bytes(50'000));
    EXPECT_EQ(socket.error(), ECONNRESET);
  }
  calm.Send("b");
  EXPECT_EQ(calm.Receive(1), "b");
  LinkStats stats = link.Stats();
  EXPECT_EQ(stats.cuts, 3);
  EXPECT_EQ(stats.bytes(), 30'004);
}

TEST_F(LinkSimTest, AHeldLinkPassesNothingUntilGo) {
  LinkSim link = Link({"--hold"});
  Socket socket(link.port());
  socket.Send("x");
  EXPECT_EQ(link.Stats().bytes(), 0);
  EXPECT_EQ(link.Stats().connections, 1);
  link.Go();
  EXPECT_EQ(socket.Receive(1), "x");
}

TEST_F(LinkSimTest, DownRefusesAndUpCountsFromZero) {
  LinkSim link = Link({});
  Socket socket(link.port());
  socket.Send("x");
  EXPECT_EQ(socket.Receive(1), "x");
  link.Down();
  EXPECT_EQ(socket.Receive(1), "");
  EXPECT_EQ(Socket(link.port()).error(), ECONNREFUSED);
  link.Up();
  EXPECT_EQ(link.Stats().bytes(), 0);
  Socket again(link.port());
  again.Send("y");
  EXPECT_EQ(again.Receive(1), "y");
  EXPECT_EQ(link.Stats().bytes(), 2);
}

TEST_F(LinkSimTest, SigtermEndsItWithTheCounts) {
  Child child({Where().bin + "/link_sim", "--to", std::to_string(echo_.port())});
  Socket socket(static_cast<int>(NumberIn(child.ReadLine(), "port")));
  socket.Send("abc");
  EXPECT_EQ(socket.Receive(3), "abc");
  kill(child.pid(), SIGTERM);
  std::string line = child.ReadLine();
  EXPECT_EQ(NumberIn(line, "up"), 3);
  EXPECT_EQ(NumberIn(line, "down"), 3);
  EXPECT_EQ(child.Stop(0), 0);
}

}  // namespace
}  // namespace liaison::bench
