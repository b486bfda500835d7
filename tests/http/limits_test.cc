// What a peer can hold of a server: time, bytes, places.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "tests/http/raw.h"

namespace liaison::http {
namespace {

constexpr char kEcho[] = "/liaison.test.Service/Echo";
constexpr char kLocalJson[] = "Host: localhost\r\nContent-Type: application/json\r\n";
constexpr int kSoonMs = 20'000;

const Page kPages[] = {{"/index.html", "text/html; charset=utf-8", "<!doctype html><p>首页</p>", false}};

class Http : public testing::Test {
 protected:
  void Start(ServerOptions options) {
    server_ = std::make_unique<Server>(std::move(options));
    server_->Handle(kEcho, [](const Call& call) -> absl::StatusOr<std::string> { return call.body; });
    server_->Handle("/wait", [this](const Call& call) -> absl::StatusOr<std::string> {
      ++entered_;
      release_.WaitForNotification();
      return call.body;
    });
    server_->Pages(kPages);
    ASSERT_TRUE(server_->Listen("127.0.0.1", 0).ok());
    port_ = server_->port();
  }
  ~Http() override {
    if (!release_.HasBeenNotified()) release_.Notify();
  }
  absl::StatusOr<std::string> Post(const std::string& path, const std::string& json) const {
    return Client("127.0.0.1", port_).Post(path, json, kSoonMs);
  }
  bool PageAnswers() const { return StatusOf(Exchange(port_, GetText("/"))) == 200; }
  // Sends `begin`, and then a byte whenever nothing has come for a moment, for as long as the server lets it.
  bool IsCutWhileItTrickles(const std::string& begin) const {
    RawSocket socket(port_);
    socket.Send(begin);
    for (absl::Time end = absl::Now() + absl::Milliseconds(kSoonMs); absl::Now() < end; socket.Send("1"))
      if (socket.Closed(10)) return true;
    return false;
  }

  absl::Notification release_;
  std::atomic<int> entered_ = 0;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

TEST_F(Http, AByteASecond) {
  Start({.request_ms = 300});
  EXPECT_TRUE(IsCutWhileItTrickles("GE"));
  EXPECT_TRUE(IsCutWhileItTrickles("GET / HTTP/1.1\r\nHost: localhost\r\nX: "));
  EXPECT_TRUE(IsCutWhileItTrickles(Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Content-Length: 9999\r\n\r\n")));
  // A body that is too long is read to its end for so long only.
  EXPECT_TRUE(
      IsCutWhileItTrickles(Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Content-Length: 99999999999\r\n\r\n")));
  EXPECT_TRUE(PageAnswers());
}

TEST_F(Http, AnEndlessHeader) {
  Start({});
  for (std::string begin : {"GET /", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "}) {
    RawSocket socket(port_);
    bool taken = socket.Send(begin);
    const std::string piece(16 << 10, 'a');
    for (int i = 0; i < 4'096 && taken; ++i) taken = socket.Send(piece);
    EXPECT_FALSE(taken) << "64 MB of header were taken";
  }
  auto with = [&](size_t bytes) {
    return StatusOf(Exchange(port_, GetText("/", Cat("Host: localhost\r\nX: ", std::string(bytes, 'a'), "\r\n"))));
  };
  EXPECT_EQ(with(15 << 10), 200);
  EXPECT_EQ(with(17 << 10), 400);
}

TEST_F(Http, SilentConnectionsLeaveRoom) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Start({.request_ms = 600'000, .idle_ms = 600'000});
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 1'000; ++i) {
    silent.push_back(std::make_unique<RawSocket>(port_));
    ASSERT_TRUE(silent.back()->connected()) << i;
    if (i % 2 == 0) silent.back()->Send("GET / HT");
  }
  EXPECT_TRUE(PageAnswers());
  int open = 0;
  for (const auto& socket : silent) open += !socket->Closed(0);
  EXPECT_LE(open, 64);
  EXPECT_GT(open, 32) << "no more go than must";
}

TEST_F(Http, OneAddressLeavesRoomForOthers) {
  Start({.of_one_address_max = 2});
  RawSocket other(port_), another(port_), third(port_);
  RawSocket first(port_, 2), second(port_, 2);
  ASSERT_TRUE(second.connected());
  RawSocket one_more(port_, 2);
  int closed = 0;  // the first one, or the last if it comes so soon that the first may still be about to speak
  for (absl::Time end = absl::Now() + absl::Milliseconds(kSoonMs); closed == 0 && absl::Now() < end;)
    closed = first.Closed(5) + second.Closed(5) + one_more.Closed(5);
  EXPECT_EQ(closed, 1);
  for (RawSocket* stays : {&other, &another, &third, &second}) EXPECT_FALSE(stays->Closed(0));
}

TEST_F(Http, WhoIsHandledKeepsItsPlaceAndFurtherOnesWait) {
  Start({.threads = 2, .connections_max = 2});
  std::atomic<int> good = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 5; ++i) callers.emplace_back([&] { good += Post("/wait", "{}").ok(); });
  while (entered_ < 2) std::this_thread::yield();
  RawSocket silent(port_);
  EXPECT_TRUE(silent.connected());
  release_.Notify();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 5);
}

TEST_F(Http, BodiesOnTheirWayAreBoundedTogether) {
  Start({.body_bytes_max = 1 << 20, .threads = 1});
  std::vector<std::unique_ptr<RawSocket>> half;
  for (int i = 0; i < 4; ++i) {
    half.push_back(std::make_unique<RawSocket>(port_));
    half.back()->Send(
        Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Content-Length: 1000000\r\n\r\n", std::string(600'000, '1')));
  }
  EXPECT_EQ(Post(kEcho, "{}").value_or("none"), "{}");
  int open = 0;
  for (const auto& socket : half) open += !socket->Closed(100);
  EXPECT_EQ(open, 1);
}

TEST_F(Http, ChunkedBodiesOnTheirWayAreBoundedToo) {
  Start({.body_bytes_max = 1 << 20, .threads = 1});
  std::string chunks;
  for (int i = 0; i < 60; ++i) chunks += Cat("2710\r\n", std::string(10'000, '1'), "\r\n");
  std::vector<std::unique_ptr<RawSocket>> half;
  for (int i = 0; i < 4; ++i) {
    half.push_back(std::make_unique<RawSocket>(port_));
    half.back()->Send(Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Transfer-Encoding: chunked\r\n\r\n", chunks));
  }
  EXPECT_EQ(Post(kEcho, "{}").value_or("none"), "{}");
  int open = 0;
  for (const auto& socket : half) open += !socket->Closed(100);
  EXPECT_EQ(open, 1);
}

TEST_F(Http, AConnectionCarriesManyRequestsAndEndsWhenIdle) {
  Start({.idle_ms = 100});
  RawSocket socket(port_);
  const std::string one = GetText("/"), post = PostText(kEcho, kLocalJson, "{}");
  socket.Send(Cat(one, post, one, post));
  const std::string answers = socket.ReadAll();
  size_t count = 0;
  for (size_t at = answers.find("HTTP/1.1 200"); at != std::string::npos; at = answers.find("HTTP/1.1 200", at + 1))
    ++count;
  EXPECT_EQ(count, 4u) << answers;
  EXPECT_FALSE(Has(answers, "(reset)"));
  RawSocket silent(port_);
  EXPECT_TRUE(silent.Closed(kSoonMs));
}

TEST_F(Http, WhatIsNoRequestIsRefusedInWords) {
  Start({});
  for (std::string text : {"GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno header\r\n\r\n",
                           "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                           "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                           "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    const std::string answer = Exchange(port_, text);
    EXPECT_EQ(StatusOf(answer), 400) << text;
    EXPECT_TRUE(Has(answer, "请求的格式不对")) << answer;
    EXPECT_TRUE(Has(answer, "Content-Security-Policy: default-src 'self'")) << answer;
    EXPECT_FALSE(Has(answer, "<")) << answer;
  }
  const std::string odd = "Transfer-Encoding: gzip\r\n";
  EXPECT_EQ(StatusOf(Exchange(port_, Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, odd, "\r\nGET / HTTP/1.1\r\n"))),
            501);
}

TEST_F(Http, APeerThatReadsNothingDoesNotHoldUpStop) {
  Start({.request_ms = 300});
  const std::string much(8 << 20, '1');
  RawSocket socket(port_);
  socket.Send(PostText(kEcho, kLocalJson, much));
  RawSocket half(port_);
  half.Send("GET / HT");
  EXPECT_TRUE(PageAnswers());
  const absl::Time start = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST_F(Http, AnAnswerThatEndsAfterTheStopDoesNotHoldItUp) {
  Start({.idle_ms = 60'000});
  RawSocket socket(port_);
  socket.Send(PostText(kEcho, kLocalJson, std::string(24 << 20, '1')));
  EXPECT_FALSE(socket.Closed(kSoonMs)) << "the answer has begun";
  const absl::Time start = absl::Now();
  std::thread stop([&] { server_->Stop(); });
  while (RawSocket(port_).connected()) std::this_thread::yield();  // until the stop has begun
  EXPECT_EQ(StatusOf(socket.ReadAll()), 200);
  stop.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

}  // namespace
}  // namespace liaison::http
