#include "hub/door/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpc/support/log.h>
#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr rlim_t kMostFiles = 65'536;
constexpr int kOtherFiles = 300;    // the database, pages, files
constexpr int kFewestSockets = 16;  // of all, however few files there are
constexpr int kMostSockets = 4'000;
constexpr int kBacklog = 4'096;              // the system cuts it to its own
constexpr int kAtOnce = 256;                 // accepted before it looks up
constexpr int kFirstSyncFile = 1'024;        // select(2), which the HTTP server's library uses, knows only those below
constexpr unsigned kUserTimeoutMs = 20'000;  // for what was sent and is not acknowledged
constexpr absl::Duration kOutOfFiles = absl::Milliseconds(100);  // then it looks again
constexpr absl::Duration kBetweenSweeps = absl::Milliseconds(1);

// Half of them may be unfinished, and those take two files each.
int MostSockets() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return kMostSockets;
  int64_t left = static_cast<int64_t>(std::min<rlim_t>(files.rlim_cur, kMostFiles)) - kOtherFiles;
  return static_cast<int>(std::clamp<int64_t>(left * 2 / 3, kFewestSockets, kMostSockets));
}

struct Peer {
  std::string name;     // "192.0.2.1:4711", "[2001:db8::1]:4711"
  std::string address;  // 192.0.2.1; of IPv6 its first 64 bits
};

Peer PeerOf(const sockaddr_storage& from) {
  char text[INET6_ADDRSTRLEN] = "";
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return {Cat(text, ":", ntohs(v4.sin_port)), text};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof(text));
    return {Cat(text, ":", ntohs(v6.sin6_port)), text};
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  std::string name = Cat("[", text, "]:", ntohs(v6.sin6_port));
  in6_addr network = v6.sin6_addr;
  std::memset(network.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &network, text, sizeof(text));
  return {std::move(name), text};
}

// gRPC writes "ipv4:192.0.2.1:4711" and "ipv6:%5B2001:db8::1%5D:4711".
std::string NameOfPeer(std::string_view peer) {
  for (std::string_view scheme : {"ipv4:", "ipv6:"})
    if (peer.starts_with(scheme)) peer.remove_prefix(scheme.size());
  std::string name = absl::StrReplaceAll(absl::string_view(peer.data(), peer.size()),
                                         {{"%5B", "["}, {"%5D", "]"}, {"%5b", "["}, {"%5d", "]"}});
  if (size_t scope = name.find('%'), end = name.find(']'); scope != std::string::npos && end != std::string::npos)
    name.erase(scope, end - scope);
  return name;
}

void Set(int socket, int level, int option, int value) { setsockopt(socket, level, option, &value, sizeof(value)); }

// -1 with errno.
int ListenAt(const sockaddr* address, socklen_t size, bool both_families) {
  int listener = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  Set(listener, SOL_SOCKET, SO_REUSEADDR, 1);  // a port of which old connections are still dying
  if (address->sa_family == AF_INET6) Set(listener, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1);
  if (bind(listener, address, size) == 0 && listen(listener, kBacklog) == 0) return listener;
  int error = errno;
  close(listener);
  errno = error;
  return -1;
}

int PortOf(int listener) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(bound).sin_port
                                          : reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
}

void SetPort(sockaddr* address, int number) {
  uint16_t port = static_cast<uint16_t>(number);
  if (address->sa_family == AF_INET) reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  if (address->sa_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
}

ino_t InodeOf(int fd) {
  struct stat file {};
  return fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode) ? file.st_ino : 0;
}

// The same socket under a number that leaves the low ones to others.
int MoveUp(int socket) {
  int moved = fcntl(socket, F_DUPFD_CLOEXEC, kFirstSyncFile);
  if (moved < 0) return socket;
  close(socket);
  return moved;
}

void LogOfGrpc(gpr_log_func_args* line) {
  constexpr std::string_view kOfConnections[] = {
      "ssl_transport_security", "security_handshaker",    "handshaker", "chttp2_server",
      "chttp2_transport",       "tls_security_connector", "tcp_posix"};
  std::string_view file = line->file == nullptr ? "" : line->file;
  for (std::string_view name : kOfConnections)
    if (file.find(name) != std::string_view::npos) return;
  std::cerr << Cat(gpr_log_severity_string(line->severity), " ", file.substr(file.rfind('/') + 1), ":", line->line, " ",
                   line->message, "\n");
}

}  // namespace

void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  rlim_t wanted = std::min(files.rlim_max, kMostFiles);
  if (files.rlim_cur != RLIM_INFINITY && files.rlim_cur < wanted) {
    files.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &files);  // what it stays at is read again where sockets are counted
  }
}

std::string WhyTurnedAway(int64_t turned_away, int64_t out_of_files) {
  if (turned_away == 0) return "";
  if (out_of_files == 0) return "（连接太多）";
  if (out_of_files == turned_away) return "（本程序打开的文件已到系统的上限）";
  return Cat("（连接太多，其中 ", out_of_files, " 个因本程序打开的文件已到系统的上限）");
}

void QuietConnectionLog() { gpr_set_log_function(LogOfGrpc); }

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const std::string& address, ListenerOptions options) {
  std::unique_ptr<Listener> listener(new Listener(std::move(options)));
  listener->max_all_ = listener->options_.max_all > 0 ? listener->options_.max_all : MostSockets();
  listener->max_all_unfinished_ = std::max(listener->max_all_ / 2, 1);
  listener->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (listener->wake_ < 0) return absl::UnavailableError(Cat("同步端口 ", address, " 打不开：", strerror(errno)));
  RETURN_IF_ERROR(listener->Listen(address));
  return listener;
}

absl::Status Listener::Listen(const std::string& address) {
  size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? "" : address.substr(0, colon);
  int number = 0;
  if (host.empty() || !absl::SimpleAtoi(address.substr(colon + 1), &number) || number < 0 || number > 65'535)
    return absl::InvalidArgumentError(Cat("同步地址“", address, "”不对，应写明主机和端口，如 127.0.0.1:7061"));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  bool any = host == "0.0.0.0" || host == "::";
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  int failed = getaddrinfo(any ? "::" : host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0)
    return absl::InvalidArgumentError(Cat("同步地址“", address, "”不是本机的地址：", gai_strerror(failed)));
  int error = 0;
  for (addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (port_ != 0) SetPort(one->ai_addr, port_);  // all of a name at one port
    int listener = ListenAt(one->ai_addr, one->ai_addrlen, any);
    if (listener < 0) {
      if (error == 0 || errno == EADDRINUSE) error = errno;
      continue;
    }
    listeners_.push_back(listener);
    port_ = PortOf(listener);
  }
  freeaddrinfo(found);
  if (any && listeners_.empty() && error != EADDRINUSE) {  // a machine without IPv6
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(number));
    int listener = ListenAt(reinterpret_cast<sockaddr*>(&v4), sizeof(v4), false);
    error = errno;
    if (listener >= 0) listeners_.push_back(listener), port_ = PortOf(listener);
  }
  if (!listeners_.empty() && error != EADDRINUSE) return absl::OkStatus();
  return absl::UnavailableError(error == EADDRINUSE ? Cat("同步端口 ", address, " 打不开，已被占用")
                                                    : Cat("同步端口 ", address, " 打不开：", strerror(error)));
}

Listener::~Listener() { Stop(); }

void Listener::Start(grpc::experimental::ExternalConnectionAcceptor* acceptor) {
  acceptor_ = acceptor;
  thread_ = std::thread([this] { Loop(); });
}

void Listener::Stop() {
  if (wake_ < 0) return;
  if (thread_.joinable()) {
    eventfd_write(wake_, 1);
    thread_.join();
  }
  for (int listener : listeners_) close(listener);
  listeners_.clear();
  close(std::exchange(wake_, -1));
  absl::MutexLock lock(&mutex_);
  for (auto& [name, socket] : sockets_)
    if (socket.own >= 0) Finish(&socket);
}

void Listener::OnCall(std::string_view peer) {
  std::string name = NameOfPeer(peer);
  absl::MutexLock lock(&mutex_);
  auto it = sockets_.find(name);
  if (it != sockets_.end() && it->second.own >= 0) Finish(&it->second);
}

void Listener::Finish(Socket* socket) {
  close(std::exchange(socket->own, -1));
  std::erase(shares_[socket->address].unfinished, socket);
  --unfinished_;
}

void Listener::EndOne(const std::vector<Socket*>& unfinished) {
  Socket* socket = unfinished[options_.random->U64() % unfinished.size()];
  shutdown(socket->own, SHUT_RDWR);
  Finish(socket);
  ++turned_away_;
}

Listener::State Listener::state() {
  absl::MutexLock lock(&mutex_);
  Sweep();
  State state{trouble_, static_cast<int>(sockets_.size()), turned_away_, failed_};
  if (state.trouble.empty() && state.sockets >= max_all_)
    state.trouble = Cat("同步端口的连接已满（", state.sockets, " 个），新的连接都被挡下");
  return state;
}

void Listener::Sweep() {
  swept_ = absl::Now();
  for (auto it = sockets_.begin(); it != sockets_.end();) {
    Socket& socket = it->second;
    if (InodeOf(socket.fd) == socket.inode) {
      ++it;
      continue;
    }
    if (socket.own >= 0) {
      Finish(&socket);
      ++failed_;
    }
    auto share = shares_.find(socket.address);
    if (--share->second.sockets == 0) shares_.erase(share);
    it = sockets_.erase(it);
  }
}

// ---------------------------------------------------------------- the listener's thread

void Listener::Loop() {
  for (;;) {
    absl::Duration wait = Report();
    std::vector<pollfd> polled{{wake_, POLLIN, 0}};
    for (int listener : listeners_) polled.push_back({listener, POLLIN, 0});
    timespec timeout = absl::ToTimespec(wait);
    int ready = ppoll(polled.data(), polled.size(), wait == absl::InfiniteDuration() ? nullptr : &timeout, nullptr);
    if (ready > 0 && polled[0].revents != 0) return;
    bool out_of_files = false;
    for (size_t i = 1; i < polled.size() && ready > 0; ++i) {
      if (polled[i].revents == 0) continue;
      for (int accepted = 0; accepted < kAtOnce && AcceptOne(polled[i].fd); ++accepted) {
      }
      absl::MutexLock lock(&mutex_);
      out_of_files |= !trouble_.empty();
    }
    pollfd woken{wake_, POLLIN, 0};
    if (out_of_files && poll(&woken, 1, static_cast<int>(absl::ToInt64Milliseconds(kOutOfFiles))) > 0) return;
  }
}

bool Listener::AcceptOne(int listener) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  int socket = accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) {
    int error = errno;
    absl::MutexLock lock(&mutex_);
    bool nobody = error == EAGAIN || error == EWOULDBLOCK;
    bool of_one = error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN ||
                  error == EHOSTDOWN || error == EHOSTUNREACH || error == ENETUNREACH || error == ENONET;
    trouble_ = nobody || of_one ? "" : Cat("同步端口现在不能接受连接：", strerror(error));
    if (!trouble_.empty()) LogError(trouble_);
    return of_one;
  }
  socket = MoveUp(socket);
  if (!Admit(peer, socket)) {
    close(socket);
    return true;
  }
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = listener;
  connection.fd = socket;
  acceptor_->HandleNewConnection(&connection);
  return true;
}

bool Listener::Admit(const sockaddr_storage& from, int fd) {
  Peer peer = PeerOf(from);
  absl::MutexLock lock(&mutex_);
  trouble_.clear();
  // A peer that comes again from the port of a socket that is not swept yet is another connection.
  if (sockets_.contains(peer.name) || (!HasRoom(peer.address) && absl::Now() - swept_ >= kBetweenSweeps)) Sweep();
  if (!HasRoom(peer.address) || sockets_.contains(peer.name)) {
    LogWarning(Cat("同步端口挡下了一个连接，来自 ", peer.address, "：它的连接或全部连接已满"));
    ++turned_away_;
    return false;
  }
  int own = fcntl(fd, F_DUPFD_CLOEXEC, kFirstSyncFile);
  if (own < 0) own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    trouble_ = Cat("同步端口现在不能接受连接：", strerror(errno));
    LogError(trouble_);
    ++turned_away_;
    ++out_of_files_;
    return false;
  }
  Share& share = shares_[peer.address];
  if (static_cast<int>(share.unfinished.size()) >= options_.max_unfinished) EndOne(share.unfinished);
  if (unfinished_ >= max_all_unfinished_) {
    std::vector<Socket*> unfinished;
    for (auto& [name, socket] : sockets_)
      if (socket.own >= 0) unfinished.push_back(&socket);
    EndOne(unfinished);
  }
  Socket& socket = sockets_[peer.name] = {fd, InodeOf(fd), peer.address, own};
  ++share.sockets;
  share.unfinished.push_back(&socket);
  ++unfinished_;
  return true;
}

bool Listener::HasRoom(const std::string& address) {
  auto it = shares_.find(address);
  return (it == shares_.end() || it->second.sockets < options_.max_sockets) &&
         static_cast<int>(sockets_.size()) < max_all_;
}

absl::Duration Listener::Report() {
  std::string line;
  absl::Duration wait = absl::InfiniteDuration();
  {
    absl::MutexLock lock(&mutex_);
    if (unfinished_ > 0 && absl::Now() - swept_ >= kBetweenSweeps) Sweep();
    int64_t failed = failed_ - told_failed_, turned_away = turned_away_ - told_turned_away_;
    bool anything = failed > 0 || turned_away > 0;
    absl::Duration left = told_ + options_.report_every - absl::Now();
    if (anything && left <= absl::ZeroDuration()) {
      line = Cat("同步端口：又有 ", failed, " 个连接没有办成，挡下 ", turned_away, " 个",
                 WhyTurnedAway(turned_away, out_of_files_ - told_out_of_files_));
      told_out_of_files_ = out_of_files_;
      told_failed_ = failed_;
      told_turned_away_ = turned_away_;
      told_ = absl::Now();
      left = options_.report_every;
      anything = false;
    }
    if (anything || unfinished_ > 0) wait = std::max(left, absl::Seconds(1));
  }
  if (line.empty()) return wait;
  if (options_.report) {
    options_.report(line);
  } else {
    std::cerr << line << std::endl;
  }
  return wait;
}

}  // namespace liaison
