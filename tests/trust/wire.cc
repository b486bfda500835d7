#include "tests/trust/wire.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "tests/testing/loopback.h"

namespace liaison {
namespace {

// What came from one end goes to the other. False when that end is done.
bool Pass(int from, int to, std::atomic<int>* bytes) {
  char buffer[65536];
  ssize_t n = recv(from, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  *bytes += static_cast<int>(n);
  return SendAll(to, std::string_view(buffer, static_cast<size_t>(n)));
}

}  // namespace

CountingRelay::CountingRelay(int to_port) {
  listener_ = ListenOnLoopback(&port_);
  if (listener_ < 0 || pipe(stop_) != 0) return;
  thread_ = std::thread([this, to_port] { Run(to_port); });
}

CountingRelay::~CountingRelay() {
  close(stop_[1]);
  if (thread_.joinable()) thread_.join();
  close(stop_[0]);
  close(listener_);
}

void CountingRelay::Run(int to_port) {
  pollfd waiting[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
  poll(waiting, 2, -1);
  if (waiting[1].revents != 0) return;
  int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), hub = ConnectToLoopback(to_port);
  for (int fd : {client, hub}) SendAtOnce(fd);
  bool hub_spoke = true;
  turns_ = 1;  // SYN and its answer
  for (;;) {
    pollfd ends[3] = {{client, POLLIN, 0}, {hub, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    poll(ends, 3, -1);
    if (ends[2].revents != 0) break;
    if (ends[0].revents != 0) {
      if (hub_spoke) ++turns_;
      hub_spoke = false;
      if (!Pass(client, hub, &up_)) break;
    }
    if (ends[1].revents != 0) {
      hub_spoke = true;
      if (!Pass(hub, client, &down_)) break;
    }
  }
  close(client);
  close(hub);
}

PlainPage::PlainPage(std::string answer) : listener_(ListenOnLoopback(&port_)) {
  thread_ = std::thread([listener = listener_, answer = std::move(answer)] {
    for (int browser; (browser = accept(listener, nullptr, nullptr)) >= 0; close(browser)) {
      char request[4096];
      if (recv(browser, request, sizeof request, 0) > 0) SendAll(browser, answer);
    }
  });
}

PlainPage::~PlainPage() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string AgreedTlsVersion(int port, int max_version) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  // What the process asks of its own contexts is not asked of this one.
  SSL_CTX_clear_options(context, SSL_OP_NO_TLSv1_2);
  SSL_CTX_set_max_proto_version(context, max_version);
  SSL* ssl = SSL_new(context);
  int fd = ConnectToLoopback(port);
  SSL_set_fd(ssl, fd);
  std::string agreed;
  if (SSL_connect(ssl) == 1) agreed = SSL_get_version(ssl);
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
  return agreed;
}

}  // namespace liaison
