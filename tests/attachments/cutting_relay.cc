#include "tests/attachments/cutting_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <string_view>
#include <vector>

namespace liaison {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool SendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

struct Connection {
  int client, hub;
  size_t up = 0;
};

}  // namespace

CuttingRelay::CuttingRelay(int to_port, size_t cut_after) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 || pipe(stop_) != 0)
    return;
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, to_port, cut_after] { Run(to_port, cut_after); });
}

CuttingRelay::~CuttingRelay() {
  close(stop_[1]);
  if (thread_.joinable()) thread_.join();
  close(stop_[0]);
  close(listener_);
}

void CuttingRelay::Run(int to_port, size_t cut_after) {
  std::list<Connection> open;
  char buffer[16384];
  for (;;) {
    std::vector<pollfd> ends = {{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Connection& one : open) {
      ends.push_back({one.client, POLLIN, 0});
      ends.push_back({one.hub, POLLIN, 0});
    }
    poll(ends.data(), ends.size(), -1);
    if (ends[0].revents != 0) break;
    size_t at = 2;
    for (auto it = open.begin(); it != open.end(); at += 2) {
      bool going = true;
      if (ends[at].revents != 0) {
        // What is over the limit is swallowed with the connection.
        ssize_t n = recv(it->client, buffer, std::min(sizeof buffer, cut_after - it->up + 1), 0);
        it->up += static_cast<size_t>(std::max<ssize_t>(n, 0));
        bool cut = it->up > cut_after;
        if (cut) ++cuts_;
        going = n > 0 && !cut && SendAll(it->hub, std::string_view(buffer, static_cast<size_t>(n)));
        if (going) up_ += static_cast<size_t>(n);
      }
      if (going && ends[at + 1].revents != 0) {
        ssize_t n = recv(it->hub, buffer, sizeof buffer, 0);
        going = n > 0 && SendAll(it->client, std::string_view(buffer, static_cast<size_t>(n)));
      }
      if (going) {
        ++it;
        continue;
      }
      close(it->client);
      close(it->hub);
      it = open.erase(it);
    }
    if (ends[1].revents == 0) continue;
    int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    int hub = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(to_port);
    if (client < 0 || connect(hub, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      if (client >= 0) close(client);
      close(hub);
      continue;
    }
    int one = 1;
    for (int fd : {client, hub}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    open.push_back({client, hub});
  }
  for (const Connection& one : open) {
    close(one.client);
    close(one.hub);
  }
}

}  // namespace liaison
