#include "common/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "common/http/client.h"
#include "common/http/connect.h"
#include "tests/http/raw.h"

namespace liaison::http {
namespace {

constexpr char kEcho[] = "/liaison.test.Service/Echo";
constexpr char kLocalJson[] = "Host: localhost\r\nContent-Type: application/json\r\n";
constexpr int kTimeoutMs = 20'000;

const Page kPages[] = {
    {"/index.html", "text/html; charset=utf-8", "<!doctype html><p>首页</p>", false},
    {"/assets/app-1a2b3c.js", "text/javascript; charset=utf-8", "console.log(1)", true},
};

class ServerTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    server_ = std::make_unique<Server>(std::move(options));
    server_->Handle(kEcho, [this](const Call& call) -> absl::StatusOr<std::string> {
      ++calls_;
      last_ = call;
      return call.body;
    });
    server_->Pages(kPages);
    more_(*server_);
    ASSERT_TRUE(server_->Listen("127.0.0.1", 0).ok());
    port_ = server_->port();
    ASSERT_GT(port_, 0);
  }
  absl::StatusOr<std::string> Post(const std::string& path, const std::string& json) {
    return Client("127.0.0.1", port_).Post(path, json, kTimeoutMs);
  }

  std::function<void(Server&)> more_ = [](Server&) {};
  std::unique_ptr<Server> server_;
  int port_ = 0;
  std::atomic<int> calls_ = 0;
  Call last_;  // written by a worker before its answer is sent
};

// ---- calls

TEST_F(ServerTest, ACallGoesThereAndBack) {
  Start();
  const std::string json = "{\"标题\":\"村道路灯不亮\"}";
  EXPECT_EQ(Client("127.0.0.1", port_, "王书记").Post(kEcho, json, kTimeoutMs).value(), json);
  EXPECT_EQ(last_.user, "王书记");
  EXPECT_EQ(last_.peer, "127.0.0.1");
  EXPECT_FALSE(last_.local);
  const std::string answer = Exchange(port_, PostText(kEcho, kLocalJson, "{}"));
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_TRUE(Has(answer, "Content-Type: application/json\r\n"));
  EXPECT_TRUE(Has(answer, "Cache-Control: no-store\r\n"));
  EXPECT_TRUE(Has(answer, "Connection: close\r\n"));
  EXPECT_FALSE(Has(answer, "Set-Cookie"));
}

TEST_F(ServerTest, APagesSessionIsACookieOfOursAndATokenEachOnce) {
  ServerOptions options;
  options.cookie = "liaison-N-1";
  Start(std::move(options));
  auto ask = [&](std::string_view headers) {
    EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, Cat(kLocalJson, headers), "{}"))), 200) << headers;
    return Cat(last_.cookie, "|", last_.token);
  };
  EXPECT_EQ(ask(""), "|");
  EXPECT_EQ(ask("Cookie: a=1; liaison-N-1=c1; b=2\r\nLiaison-Token: t1\r\n"), "c1|t1");
  EXPECT_EQ(ask("Cookie: liaison-N-2=c1; xliaison-N-1=c2; liaison-N-1\r\n"), "|") << "of another program";
  EXPECT_EQ(ask("Cookie: liaison-N-1=c1; liaison-N-1=c2\r\n"), "|") << "whose is it?";
  EXPECT_EQ(ask("Cookie: liaison-N-1=c1\r\nCookie: liaison-N-1=c1\r\n"), "|");
  EXPECT_EQ(ask("Liaison-Token: t1\r\nLiaison-Token: t2\r\n"), "|");
  EXPECT_FALSE(last_.background);
  ask("Liaison-Background: 1\r\n");
  EXPECT_TRUE(last_.background);
}

TEST_F(ServerTest, AnAnswerSetsTheCookieSoThatNoScriptAndNoOtherSiteHasIt) {
  more_ = [](Server& server) {
    server.Handle("/in", [](const Call&) -> absl::StatusOr<Reply> {
      Reply reply("{}");
      reply.cookie = "c1";
      return reply;
    });
    server.Handle("/out", [](const Call&) -> absl::StatusOr<Reply> {
      Reply reply("{}");
      reply.cookie = "";
      return reply;
    });
  };
  ServerOptions options;
  options.cookie = "liaison-N-1";
  Start(std::move(options));
  EXPECT_TRUE(Has(Exchange(port_, PostText("/in", kLocalJson, "{}")),
                  "Set-Cookie: liaison-N-1=c1; Path=/; HttpOnly; SameSite=Strict\r\n"));
  EXPECT_TRUE(Has(Exchange(port_, PostText("/out", kLocalJson, "{}")),
                  "Set-Cookie: liaison-N-1=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n"));
}

TEST_F(ServerTest, ErrorsReachTheClientWithCodeAndMessage) {
  more_ = [](Server& server) {
    for (int i = 1; i <= 16; ++i) {
      server.Handle(Cat("/e/", i), [i](const Call&) -> absl::StatusOr<std::string> {
        return absl::Status(static_cast<absl::StatusCode>(i), Cat("错误 ", i));
      });
    }
  };
  Start();
  for (int i = 1; i <= 16; ++i) {
    EXPECT_EQ(Post(Cat("/e/", i), "{}").status(), absl::Status(static_cast<absl::StatusCode>(i), Cat("错误 ", i)));
  }
  const std::string answer = Exchange(port_, PostText("/e/3", kLocalJson, "{}"));
  EXPECT_EQ(StatusOf(answer), 400);
  EXPECT_EQ(BodyOf(answer), "{\"code\":\"invalid_argument\",\"message\":\"错误 3\"}");
}

TEST_F(ServerTest, AnUnknownMethodIsUnimplemented) {
  Start();
  EXPECT_EQ(Post("/liaison.test.Service/Nothing", "{}").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(StatusOf(Exchange(port_, PostText("/x\n/y", kLocalJson, "{}"))), 400);
  EXPECT_EQ(StatusOf(Exchange(port_, PostText("/x%0ay", kLocalJson, "{}"))), 404);
  EXPECT_EQ(StatusOf(Exchange(port_, PostText("/" + std::string(7000, 'x'), kLocalJson, "{}"))), 414);
}

TEST_F(ServerTest, ABodyThatIsNotJsonByTypeIsRefused) {
  Start();
  for (std::string type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
                           "application/jsonp", "application/proto", ""}) {
    const std::string headers = "Host: localhost\r\n" + (type.empty() ? "" : "Content-Type: " + type + "\r\n");
    const std::string answer = Exchange(port_, PostText(kEcho, headers, std::string(8 << 20, '{')));
    EXPECT_EQ(StatusOf(answer), 415) << type;
    EXPECT_FALSE(Has(answer, "(reset)")) << type;
  }
  const std::string form = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n";
  const std::string form_type = "Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n";
  EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, form_type, form))), 415);
  EXPECT_EQ(calls_, 0);
  const std::string charset = "Host: localhost\r\nContent-Type: Application/JSON ; charset=utf-8\r\n";
  EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, charset, "{}"))), 200);
}

TEST_F(ServerTest, CompressedBodiesAndOtherProtocolVersionsAreRefused) {
  Start();
  EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, Cat(kLocalJson, "Content-Encoding: gzip\r\n"), "{}"))), 501);
  EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, Cat(kLocalJson, "Connect-Protocol-Version: 2\r\n"), "{}"))), 400);
  EXPECT_EQ(calls_, 0);
  EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, Cat(kLocalJson, "Connect-Protocol-Version: 1\r\n"), "{}"))), 200);
}

TEST_F(ServerTest, ABodyOverTheLimitIsRefusedAndTheSenderHearsWhy) {
  Start({.body_bytes_max = 1 << 20});
  const std::string fits(1 << 20, '1');
  EXPECT_EQ(Post(kEcho, fits).value(), fits);
  EXPECT_EQ(calls_, 1);
  for (size_t bytes : {(1u << 20) + 1, 4u << 20}) {
    const std::string answer = Exchange(port_, PostText(kEcho, kLocalJson, std::string(bytes, '1')));
    EXPECT_EQ(StatusOf(answer), 413);
    EXPECT_FALSE(Has(answer, "(reset)")) << bytes;
    const absl::Status status = ErrorOfBody(413, BodyOf(answer));
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_TRUE(Has(StdView(status.message()), "最多提交 1 MB")) << status;
  }
  const std::string chunk = Cat("80000\r\n", std::string(0x80000, '1'), "\r\n");
  const std::string chunked = Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(StatusOf(Exchange(port_, Cat(chunked, chunk, chunk, chunk, "0\r\n\r\n"))), 413);
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(BodyOf(Exchange(port_, Cat(chunked, "2\r\n{}\r\n0\r\n\r\n"))), "{}");
}

TEST_F(ServerTest, ABodyThatBreaksOffIsNotHandled) {
  Start();
  RawSocket socket(port_);
  socket.Send(Cat("POST ", kEcho, " HTTP/1.1\r\n", kLocalJson, "Content-Length: 100\r\n\r\n{\"half\":"));
  socket.EndSending();
  socket.ReadAll();  // ends when the server has done with it
  EXPECT_EQ(calls_, 0);
}

TEST_F(ServerTest, AHandlerThatThrowsIsAnInternalError) {
  more_ = [](Server& server) {
    server.Handle("/throws", [](const Call&) -> absl::StatusOr<std::string> { throw std::runtime_error("secret"); });
  };
  Start();
  const absl::Status status = Post("/throws", "{}").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(Has(StdView(status.message()), "secret"));
  EXPECT_TRUE(Post(kEcho, "{}").ok());
}

// ---- other sites

TEST_F(ServerTest, AHostThatIsNotOursIsRefused) {
  Start({.names = {"Hub.Hengkou"}});
  for (std::string host :
       {"Host: evil.example\r\n", "Host: 10.0.0.1:80\r\n", "", "Host: localhost\r\nHost: evil\r\n"}) {
    const std::string answer = Exchange(port_, PostText(kEcho, host + "Content-Type: application/json\r\n", "{}"));
    EXPECT_EQ(StatusOf(answer), 403) << host;
    EXPECT_TRUE(Has(answer, "permission_denied")) << host;
    EXPECT_EQ(StatusOf(Exchange(port_, GetText("/", host))), 403) << host;
  }
  EXPECT_EQ(calls_, 0);
  for (std::string host : {"localhost:5173", "127.0.0.1", "[::1]:80", "hub.hengkou:8443"}) {
    const std::string headers = Cat("Host: ", host, "\r\nContent-Type: application/json\r\n");
    EXPECT_EQ(StatusOf(Exchange(port_, PostText(kEcho, headers, "{}"))), 200) << host;
  }
}

TEST_F(ServerTest, APageOfAnotherOriginIsRefused) {
  Start();
  const std::string here = Cat("localhost:", port_);
  auto status = [&](std::string origin) {
    return StatusOf(
        Exchange(port_, PostText(kEcho, Cat("Host: ", here, "\r\nContent-Type: application/json\r\n", origin), "{}")));
  };
  for (std::string origin : {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: http://localhost:1\r\n"}) {
    EXPECT_EQ(status(origin), 403) << origin;
  }
  EXPECT_EQ(status(Cat("Origin: http://", here, "\r\nOrigin: http://evil.example\r\n")), 403);
  EXPECT_EQ(calls_, 0);
  EXPECT_EQ(status(Cat("Origin: http://", here, "\r\n")), 200);
  const std::string preflight =
      Exchange(port_, Cat("OPTIONS ", kEcho, " HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n"));
  EXPECT_EQ(StatusOf(preflight), 405);
  EXPECT_FALSE(Has(preflight, "Access-Control-Allow"));
}

TEST_F(ServerTest, OnlyLoopbackUnlessTheLanIsAllowed) {
  for (std::string host : {"0.0.0.0", "::", "192.168.1.7", "example.com", ""}) {
    Server server;
    EXPECT_EQ(server.Listen(host, 0).code(), absl::StatusCode::kInvalidArgument) << host;
    EXPECT_EQ(server.port(), 0);
  }
  Server lan({.allow_lan = true});
  lan.Pages(kPages);
  ASSERT_TRUE(lan.Listen("0.0.0.0", 0).ok());
  EXPECT_EQ(StatusOf(Exchange(lan.port(), GetText("/", "Host: 127.0.0.1\r\n"))), 200);
  EXPECT_EQ(StatusOf(Exchange(lan.port(), GetText("/", "Host: 10.9.8.7\r\n"))), 403) << "not where it arrived";
}

// ---- pages and files

TEST_F(ServerTest, PagesCarryEtagsThatAnswer304) {
  Start();
  const std::string page = Exchange(port_, GetText("/index.html"));
  EXPECT_EQ(StatusOf(page), 200);
  EXPECT_EQ(BodyOf(page), kPages[0].bytes);
  EXPECT_TRUE(Has(page, "Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_TRUE(Has(page, "Cache-Control: no-cache\r\n"));
  const size_t at = page.find("ETag: ") + 6;
  const std::string etag = page.substr(at, page.find("\r\n", at) - at);
  ASSERT_EQ(etag.size(), 18u) << etag;
  for (std::string value : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const std::string again =
        Exchange(port_, GetText("/index.html", Cat("Host: localhost\r\nIf-None-Match: ", value, "\r\n")));
    EXPECT_EQ(StatusOf(again), 304) << value;
    EXPECT_EQ(BodyOf(again), "");
  }
  const std::string other = Cat("Host: localhost\r\nIf-None-Match: ", etag, "\r\n");
  const std::string script = Exchange(port_, GetText("/assets/app-1a2b3c.js", other));
  EXPECT_EQ(StatusOf(script), 200);
  EXPECT_TRUE(Has(script, "Cache-Control: public, max-age=31536000, immutable\r\n"));
}

TEST_F(ServerTest, PathsWithoutADotGetTheIndex) {
  Start();
  for (std::string path : {"/", "/matters", "/matters/12?tab=2", "/%E5%8F%B0%E8%B4%A6"}) {
    const std::string answer = Exchange(port_, GetText(path));
    EXPECT_EQ(StatusOf(answer), 200) << path;
    EXPECT_EQ(BodyOf(answer), kPages[0].bytes) << path;
  }
  for (std::string path : {"/assets/gone.js", "/favicon.ico", kEcho, "/../etc/passwd.txt"}) {
    EXPECT_EQ(StatusOf(Exchange(port_, GetText(path))), 404) << path;
  }
  const std::string head = Exchange(port_, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(StatusOf(head), 200);
  EXPECT_EQ(BodyOf(head), "");
  EXPECT_EQ(StatusOf(Exchange(port_, "DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n")), 405);
}

TEST_F(ServerTest, EveryAnswerCarriesTheSecurityHeaders) {
  Start();
  for (std::string request :
       {GetText("/"), GetText("/no.thing"), PostText(kEcho, kLocalJson, "{}"), PostText("/x", "", "")}) {
    const std::string answer = Exchange(port_, request);
    EXPECT_TRUE(Has(answer, "Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline';"));
    EXPECT_TRUE(Has(answer, "frame-ancestors 'none'"));
    EXPECT_TRUE(Has(answer, "X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(Has(answer, "Referrer-Policy: no-referrer\r\n"));
  }
}

TEST_F(ServerTest, RangesAndCompressionAreIgnored) {
  Start();
  for (std::string range : {"bytes=0-1", "bytes=999999-", "bytes=-5", "bytes=0-1,4-9", "bytes=9-1"}) {
    const std::string headers = Cat("Host: localhost\r\nAccept-Encoding: gzip, br\r\nRange: ", range, "\r\n");
    const std::string answer = Exchange(port_, GetText("/", headers));
    EXPECT_EQ(StatusOf(answer), 200) << range;
    EXPECT_EQ(BodyOf(answer), kPages[0].bytes) << range;
    EXPECT_FALSE(Has(answer, "Content-Encoding"));
  }
}

TEST_F(ServerTest, FilesAreOfferedUnderTheirChineseName) {
  Call seen;
  more_ = [&seen](Server& server) {
    server.Get("/ledger", [&seen](const Call& call) -> absl::StatusOr<File> {
      seen = call;
      return File{"text/csv", "台账.csv", "a,b"};
    });
    server.Get("/healthz", [](const Call&) -> absl::StatusOr<File> { return File{"text/plain", "", "ok"}; });
    server.Get("/denied", [](const Call&) -> absl::StatusOr<File> { return absl::NotFoundError("没有这份报表"); });
  };
  Start();
  const std::string ledger = Exchange(port_, GetText("/ledger?year=2026&name=%E6%81%92%E5%8F%A3"));
  EXPECT_TRUE(Has(ledger, "Content-Disposition: attachment; filename*=UTF-8''%e5%8f%b0%e8%b4%a6.csv\r\n")) << ledger;
  EXPECT_TRUE(Has(ledger, "Cache-Control: no-store\r\n"));
  EXPECT_EQ(BodyOf(ledger), "a,b");
  EXPECT_EQ(seen.query["year"], "2026");
  EXPECT_EQ(seen.query["name"], "恒口");
  EXPECT_EQ(Client("localhost", port_).Get("/healthz", kTimeoutMs).value(), "ok");
  EXPECT_FALSE(Has(Exchange(port_, GetText("/healthz")), "Content-Disposition"));
  const std::string denied = Exchange(port_, GetText("/denied"));
  EXPECT_EQ(StatusOf(denied), 404);
  EXPECT_EQ(BodyOf(denied), "没有这份报表");
}

TEST_F(ServerTest, AGetSeesItsTokenAndAsksForOne) {
  more_ = [](Server& server) {
    server.Get("/secret", [](const Call& call) -> absl::StatusOr<File> {
      if (call.authorization != "Bearer abc") return absl::UnauthenticatedError("要口令");
      return File{"text/plain", "", "ok"};
    });
  };
  Start();
  const std::string without = Exchange(port_, GetText("/secret"));
  EXPECT_EQ(StatusOf(without), 401);
  EXPECT_TRUE(Has(without, "WWW-Authenticate: Bearer\r\n")) << without;
  const std::string right = "Authorization: Bearer abc\r\n", other = "Authorization: Bearer abd\r\n";
  EXPECT_EQ(StatusOf(Exchange(port_, GetText("/secret", "Host: localhost\r\n" + right))), 200);
  EXPECT_EQ(StatusOf(Exchange(port_, GetText("/secret", "Host: localhost\r\n" + other))), 401);
  EXPECT_EQ(StatusOf(Exchange(port_, GetText("/secret", "Host: localhost\r\n" + right + other))), 401);
}

// ---- threads and life

TEST(HttpClient, ReachesAnIPv6AddressWithBracketsAndWithout) {
  Server server;
  server.Handle(kEcho, [](const Call& call) -> absl::StatusOr<std::string> { return call.body; });
  if (absl::IsUnavailable(server.Listen("[::1]", 0))) return;  // a machine without IPv6
  for (const char* host : {"[::1]", "::1"})
    EXPECT_EQ(Client(host, server.port()).Post(kEcho, "{}", kTimeoutMs).value_or("none"), "{}") << host;
}

TEST_F(ServerTest, SixteenClientsAreServedAtOnce) {
  std::atomic<int> entered = 0;
  absl::Notification all;  // comes only if eight handlers run at the same time
  more_ = [&](Server& server) {
    server.Handle("/meet", [&](const Call& call) -> absl::StatusOr<std::string> {
      if (++entered == 8) all.Notify();
      if (!all.WaitForNotificationWithTimeout(absl::Seconds(20))) return absl::AbortedError("alone");
      return call.body;
    });
  };
  Start();
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) {
        const std::string json = Cat("{\"client\":", i, ",\"call\":", k, "}");
        auto answer = Post("/meet", json);
        if (answer.ok() && *answer == json) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 16 * 20);
}

TEST_F(ServerTest, SilentConnectionsDoNotKeepTheThreads) {
  Start({.threads = 2});
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<RawSocket>(port_));
  EXPECT_TRUE(Post(kEcho, "{}").ok());
}

TEST_F(ServerTest, StopWaitsForARunningCallAndItsAnswer) {
  absl::Notification entered, release;
  more_ = [&](Server& server) {
    server.Handle("/slow", [&](const Call&) -> absl::StatusOr<std::string> {
      entered.Notify();
      release.WaitForNotification();
      return std::string("{\"saved\":true}");
    });
  };
  Start();
  absl::StatusOr<std::string> answer;
  std::thread caller([&] { answer = Post("/slow", "{}"); });
  entered.WaitForNotification();
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    server_->Stop();
    stopped = true;
  });
  std::thread second([&] { server_->Stop(); });
  while (RawSocket(port_).connected()) {  // until the door is shut
  }
  EXPECT_FALSE(stopped);
  release.Notify();
  stopper.join();
  second.join();
  caller.join();
  EXPECT_EQ(answer.value(), "{\"saved\":true}");
  server_->Stop();
  EXPECT_EQ(server_->Listen("127.0.0.1", 0).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ServerTest, StartingAndStoppingAtOnceEnds) {
  for (int i = 0; i < 50; ++i) {
    Server server;
    if (i % 2 == 0) {
      ASSERT_TRUE(server.Listen("localhost", 0).ok());
    }
  }
}

TEST_F(ServerTest, APortInUseIsRefusedAndAnotherCanBeTried) {
  Start();
  Server second;
  const absl::Status status = second.Listen("127.0.0.1", port_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Has(StdView(status.message()), "占用"));
  EXPECT_EQ(second.port(), 0);
  EXPECT_TRUE(second.Listen("127.0.0.1", 0).ok());
  EXPECT_EQ(second.Listen("127.0.0.1", 0).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ServerTest, AFailedListeningSocketIsOpenedAgainOnTheSamePort) {
  Start();
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    int listening = 0;
    sockaddr_in address{};
    socklen_t n = sizeof listening, length = sizeof address;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) != 0 || listening == 0) continue;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) continue;
    if (ntohs(address.sin_port) == port_) found += ::shutdown(fd, SHUT_RDWR) == 0;
  }
  ASSERT_EQ(found, 1);
  bool again = false;
  for (int i = 0; i < 100'000 && !again; ++i) again = Post(kEcho, "{}").ok();
  EXPECT_TRUE(again);
}

TEST_F(ServerTest, GarbageDoesNotStopTheServer) {
  Start();
  for (std::string text : {"\r\n\r\n", "GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
                           "POST /liaison.test.Service/Echo HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
    const int status = StatusOf(Exchange(port_, text));
    EXPECT_TRUE(status == 0 || status >= 400) << text << status;
  }
  EXPECT_TRUE(Post(kEcho, "{}").ok());
}

// ---- client

TEST_F(ServerTest, NobodyListeningIsUnavailable) {
  Start();
  server_->Stop();
  const absl::Status status = Post(kEcho, "{}").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Has(StdView(status.message()), "连接不上")) << status;
}

TEST_F(ServerTest, SilenceIsDeadlineExceeded) {
  absl::Notification release;
  more_ = [&](Server& server) {
    server.Handle("/slow", [&](const Call&) -> absl::StatusOr<std::string> {
      release.WaitForNotification();
      return std::string("{}");
    });
  };
  Start();
  EXPECT_EQ(Client("127.0.0.1", port_).Post("/slow", "{}", 50).status().code(), absl::StatusCode::kDeadlineExceeded);
  release.Notify();
  server_->Stop();  // the handler still looks at `release`
}

}  // namespace
}  // namespace liaison::http
