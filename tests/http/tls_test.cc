// The door of TLS: who is let in, what is shown, what a peer can hold of it. Real sockets, OpenSSL at the other end.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "common/crypto/certificate.h"
#include "common/crypto/page_certificate.h"
#include "common/http/server.h"
#include "tests/http/raw.h"
#include "tests/testing/must.h"

namespace liaison::http {
namespace {

constexpr char kEcho[] = "/liaison.test.Service/Echo";
constexpr int64_t kNowMs = 1'796'000'000'000;  // 2026-11-30
constexpr int kSoonMs = 20'000;
const Page kPages[] = {{"/index.html", "text/html; charset=utf-8", "<!doctype html><p>首页</p>", false}};

// A browser: it looks at no name and no date, and keeps what it was shown.
class TlsSocket {
 public:
  explicit TlsSocket(int port, int newest = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_clear_options(context_.get(), SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    secured_ = connected_ && SSL_connect(ssl_.get()) == 1;
  }
  ~TlsSocket() { ::close(fd_); }
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  bool connected() const { return connected_; }
  bool secured() const { return secured_; }
  bool Send(std::string_view bytes) const {
    return bytes.empty() || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // Until the peer closes.
  std::string ReadAll() const {
    std::string out;
    char buffer[4096];
    for (int n = 0; (n = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(n));
    return out;
  }
  bool Closed(int ms) const {
    pollfd wait{fd_, POLLIN, 0};
    char byte;
    return ::poll(&wait, 1, ms) > 0 && SSL_peek(ssl_.get(), &byte, 1) <= 0;
  }
  // DER of the certificate that the server has shown.
  std::string Shown() const {
    const std::unique_ptr<X509, void (*)(X509*)> cert(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    unsigned char* bytes = nullptr;
    const int size = cert == nullptr ? 0 : i2d_X509(cert.get(), &bytes);
    std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size < 0 ? 0 : size));
    OPENSSL_free(bytes);
    return der;
  }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  int fd_ = -1;
  bool connected_ = false, secured_ = false;
};

class Tls : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    signal(SIGPIPE, SIG_IGN);
    server_ = std::make_unique<Server>(std::move(options));
    server_->Handle(kEcho, [this](const Call& call) -> absl::StatusOr<std::string> {
      secure_ = call.secure;
      return call.body;
    });
    server_->Pages(kPages);
    Must(server_->Listen("127.0.0.1", 0));
    Certify();
    Must(server_->OpenNetwork("127.0.0.1", 0));
    port_ = server_->network_port();
    ASSERT_GT(port_, 0);
  }
  // Gives the server a certificate, another one each time.
  void Certify() {
    const std::string leaf = Must(
        IssuePage(authority_, Must(PublicHalf(key_)), {"d057.local", "127.0.0.1"}, kNowMs, kNowMs + 90 * 86'400'000LL));
    Must(server_->SetNetwork(PageIdentity(leaf, authority_.certificate, key_), PageNamesOf(leaf)));
    leaf_ = leaf;
  }
  std::string Exchange(std::string_view request) const {
    TlsSocket socket(port_);
    std::string text(request);
    constexpr std::string_view kFirst = " HTTP/1.1\r\n";
    if (const size_t at = text.find(kFirst); at != std::string::npos)
      text.insert(at + kFirst.size(), "Connection: close\r\n");
    socket.Send(text);
    return socket.ReadAll();
  }
  std::string Host(const std::string& name) const { return Cat("Host: ", name, ":", port_, "\r\n"); }
  int PageStatus(const std::string& name) const { return StatusOf(Exchange(GetText("/", Host(name)))); }
  int PostStatus(const std::string& more) const {
    return StatusOf(
        Exchange(PostText(kEcho, Cat(Host("d057.local"), "Content-Type: application/json\r\n", more), "{}")));
  }

  const Authority authority_ = NewPageAuthority(kNowMs);
  const std::string key_ = NewPageKey();
  std::string leaf_;
  bool secure_ = false;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

TEST_F(Tls, APageIsServedUnderTheNamesOfItsCertificate) {
  Start();
  EXPECT_EQ(PageStatus("d057.local"), 200);
  EXPECT_EQ(PageStatus("127.0.0.1"), 200);
  EXPECT_EQ(PageStatus("localhost"), 403) << "no name of the certificate";
  EXPECT_EQ(PageStatus("d058.local"), 403);
  EXPECT_EQ(PageStatus("d057.local.example"), 403);
}

TEST_F(Tls, AnOriginMustBeHttps) {
  Start();
  EXPECT_EQ(PostStatus(""), 200);
  EXPECT_TRUE(secure_);
  EXPECT_EQ(PostStatus(Cat("Origin: https://d057.local:", port_, "\r\n")), 200);
  EXPECT_EQ(PostStatus(Cat("Origin: http://d057.local:", port_, "\r\n")), 403);
  EXPECT_EQ(PostStatus(Cat("Origin: https://d057.local:", server_->port(), "\r\n")), 403);
  EXPECT_EQ(StatusOf(http::Exchange(server_->port(),
                                    PostText(kEcho, "Host: localhost\r\nContent-Type: application/json\r\n", "{}"))),
            200);
  EXPECT_FALSE(secure_) << "the plain door is as it was";
}

TEST_F(Tls, OldVersionsAreRefused) {
  Start();
  EXPECT_FALSE(TlsSocket(port_, TLS1_VERSION).secured());
  EXPECT_FALSE(TlsSocket(port_, TLS1_1_VERSION).secured());
  EXPECT_TRUE(TlsSocket(port_, TLS1_2_VERSION).secured());
  EXPECT_TRUE(TlsSocket(port_, TLS1_3_VERSION).secured());
}

TEST_F(Tls, TwelveIsServedAlsoWhereMachinesAskForMore) {
  RequireTls13();
  Start();
  EXPECT_TRUE(TlsSocket(port_, TLS1_2_VERSION).secured());
}

TEST_F(Tls, ASilentHandshakeIsCut) {
  Start({.request_ms = 300, .idle_ms = 600'000});
  EXPECT_TRUE(RawSocket(port_).Closed(kSoonMs));
  RawSocket half(port_);
  half.Send("\x16\x03\x01\x02");  // the beginning of a record of 512 bytes and more
  EXPECT_TRUE(half.Closed(kSoonMs));
  EXPECT_EQ(PageStatus("d057.local"), 200);
}

TEST_F(Tls, AByteASecond) {
  Start({.request_ms = 300, .idle_ms = 600'000});
  RawSocket shaking(port_);
  shaking.Send(std::string_view("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc", 9));
  bool cut = false;
  for (absl::Time end = absl::Now() + absl::Milliseconds(kSoonMs); !cut && absl::Now() < end; shaking.Send("1"))
    cut = shaking.Closed(10);
  EXPECT_TRUE(cut) << "a handshake";
  TlsSocket asking(port_);
  ASSERT_TRUE(asking.secured());
  asking.Send("GET / HTTP/1.1\r\nX: ");
  cut = false;
  for (absl::Time end = absl::Now() + absl::Milliseconds(kSoonMs); !cut && absl::Now() < end; asking.Send("1"))
    cut = asking.Closed(10);
  EXPECT_TRUE(cut) << "a request";
}

TEST_F(Tls, AnEndlessHeader) {
  Start();
  auto with = [&](size_t bytes) {
    return Exchange(GetText("/", Cat(Host("d057.local"), "X: ", std::string(bytes, 'a'), "\r\n")));
  };
  EXPECT_EQ(StatusOf(with(15 << 10)), 200);
  const std::string refused = with(17 << 10);
  EXPECT_EQ(StatusOf(refused), 400);
  EXPECT_TRUE(Has(refused, "请求头太长")) << refused;
}

TEST_F(Tls, LargeBodiesGoThereAndBackWhole) {
  Start();
  std::string body = "{\"a\":\"";
  for (int i = 0; i < 400'000; ++i) body += static_cast<char>('a' + i % 23);
  body += "\"}";
  TlsSocket socket(port_);
  const std::string request =
      PostText(kEcho, Cat(Host("d057.local"), "Connection: close\r\nContent-Type: application/json\r\n"), body);
  for (size_t at = 0; at < request.size(); at += 10'000)
    ASSERT_TRUE(socket.Send(std::string_view(request).substr(at, 10'000)));
  EXPECT_EQ(BodyOf(socket.ReadAll()), body);
}

TEST_F(Tls, PlainHttpIsToldTheAddress) {
  Start();
  const std::string answer = http::Exchange(port_, GetText("/trust?a=1", Host("D057.local")));
  EXPECT_EQ(StatusOf(answer), 301);
  EXPECT_TRUE(Has(answer, Cat("Location: https://d057.local:", port_, "/trust?a=1\r\n"))) << answer;
  EXPECT_EQ(StatusOf(http::Exchange(port_, GetText("/", "Host: a\tb\r\n"))), 400);
  EXPECT_EQ(StatusOf(http::Exchange(port_, GetText("/", ""))), 400);
  const std::string other = http::Exchange(port_, "SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_FALSE(Has(other, "HTTP")) << "what is no HTTP gets none";
}

TEST_F(Tls, ACertificateIsReplacedWhileItServes) {
  Start();
  TlsSocket before(port_);
  EXPECT_EQ(before.Shown(), leaf_);
  const std::string first = leaf_;
  Certify();
  EXPECT_NE(leaf_, first);
  EXPECT_EQ(TlsSocket(port_).Shown(), leaf_);
  EXPECT_EQ(before.Shown(), first);
  ASSERT_TRUE(before.Send(GetText("/", Cat(Host("d057.local"), "Connection: close\r\n"))));
  EXPECT_EQ(StatusOf(before.ReadAll()), 200) << "who is in goes on";
}

TEST_F(Tls, ABadIdentityChangesNothing) {
  Start();
  EXPECT_FALSE(server_->SetNetwork({"", ""}, {"d058.local"}).ok());
  EXPECT_FALSE(server_->SetNetwork(PageIdentity(leaf_, authority_.certificate, NewPageKey()), {"d058.local"}).ok());
  EXPECT_EQ(PageStatus("d057.local"), 200);
  EXPECT_EQ(PageStatus("d058.local"), 403);
}

TEST_F(Tls, AClosedDoorTakesNobodyAndCanBeOpenedAgain) {
  Start();
  TlsSocket idle(port_);
  ASSERT_TRUE(idle.secured());
  server_->CloseNetwork();
  EXPECT_EQ(server_->network_port(), 0);
  EXPECT_FALSE(TlsSocket(port_).connected());
  EXPECT_TRUE(idle.Closed(kSoonMs));
  EXPECT_EQ(StatusOf(http::Exchange(server_->port(), GetText("/"))), 200) << "the plain door stays";
  Must(server_->OpenNetwork("127.0.0.1", 0));
  EXPECT_TRUE(absl::IsFailedPrecondition(server_->OpenNetwork("127.0.0.1", 0))) << "once";
  port_ = server_->network_port();
  EXPECT_EQ(PageStatus("d057.local"), 200);
  server_->Stop();
  server_->CloseNetwork();  // nothing to wait for
}

TEST_F(Tls, SilentConnectionsLeaveRoom) {
  Start({.request_ms = 600'000, .idle_ms = 600'000});
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<RawSocket>(port_));
    ASSERT_TRUE(silent.back()->connected()) << i;
  }
  EXPECT_EQ(PageStatus("d057.local"), 200);
  EXPECT_EQ(StatusOf(http::Exchange(server_->port(), GetText("/"))), 200);
  int open = 0;
  for (const auto& socket : silent) open += !socket->Closed(0);
  EXPECT_LE(open, 64);
}

TEST(TlsDoor, IsNotOpenedWithoutACertificate) {
  Server server;
  EXPECT_TRUE(absl::IsFailedPrecondition(server.OpenNetwork("127.0.0.1", 0))) << "before it listens";
  ASSERT_TRUE(server.Listen("127.0.0.1", 0).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(server.OpenNetwork("127.0.0.1", 0)));
  EXPECT_EQ(server.network_port(), 0);
}

}  // namespace
}  // namespace liaison::http
