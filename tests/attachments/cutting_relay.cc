#include "tests/attachments/cutting_relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <string_view>
#include <vector>

#include "tests/testing/loopback.h"

namespace liaison {
namespace {

struct Connection {
  int client, hub;
  size_t up = 0;
};

}  // namespace

CuttingRelay::CuttingRelay(int to_port, size_t cut_after) {
  listener_ = ListenOnLoopback(&port_);
  if (listener_ < 0 || pipe(stop_) != 0) return;
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
    int hub = ConnectToLoopback(to_port);
    if (client < 0 || hub < 0) {
      if (client >= 0) close(client);
      if (hub >= 0) close(hub);
      continue;
    }
    for (int fd : {client, hub}) SendAtOnce(fd);
    open.push_back({client, hub});
  }
  for (const Connection& one : open) {
    close(one.client);
    close(one.hub);
  }
}

}  // namespace liaison
