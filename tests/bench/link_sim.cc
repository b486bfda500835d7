// link_sim: a link with a rate, a round-trip time and cuts, in front of any TCP server on loopback.
//
//   link_sim --to PORT [--rate-kbit K] [--rtt-ms R] [--cut-conn BYTES] [--cut-link BYTES] [--down-ms D] [--max-cuts M]
//            [--hold]
//
// Takes a free port and prints {"port":N}. Each direction is one line that all connections share: segments leave in
// turn, connection by connection, as a token bucket of two segments allows, and arrive half a round trip later, in
// order. A new connection reaches the server after one and a half round trips, as a handshake and the first segment
// would. With neither rate nor delay bytes pass as they come.
//
// A cut resets both ends of a connection after exactly BYTES payload bytes of both directions have arrived; --cut-link
// counts the whole link and resets all its connections. The port is then closed for D ms.
//
// Commands are lines on standard input, each answered with one JSON line: "stats"; "go" ends --hold, which lets
// connections wait without a byte; "cut" resets everything now; "down" also closes the port, until "up", which counts
// from 0 again. At the end of standard input, SIGTERM or SIGINT it
// prints the stats and exits. Times in the stats are milliseconds since 1970.
//
// Only TCP payload counts: no headers, no loss, no slow start. A socket's buffers of the kernel lie in front of the
// line, so a sender may believe that more has gone than has arrived.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr size_t kSegment = 1460;        // payload of one packet on the line
constexpr size_t kBurst = 2 * kSegment;  // depth of the bucket
constexpr size_t kWindow = 64 << 10;     // held for one connection and direction before its sender waits
constexpr int64_t kMs = 1'000'000;       // the clock is in nanoseconds
constexpr int64_t kNever = INT64_MAX;

struct Config {
  int to = 0;
  int64_t rate_kbit = 0, rtt_ms = 0, down_ms = 0, max_cuts = 0;
  int64_t cut_conn = 0, cut_link = 0;
  bool hold = false;
};

int64_t Clock(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}
int64_t Now() { return Clock(CLOCK_MONOTONIC); }
double WallMs() { return static_cast<double>(Clock(CLOCK_REALTIME)) / 1e6; }

[[noreturn]] void Die(const std::string& what) {
  fprintf(stderr, "link_sim: %s: %s\n", what.c_str(), strerror(errno));
  exit(1);
}

struct Stats {
  int64_t up = 0, down = 0, dropped = 0, connections = 0, refused = 0, cuts = 0, turns = 0;
  double first_ms = 0, last_up_ms = 0, last_down_ms = 0;
};

struct Connection;

// One direction of one connection: what was read from `from` and is on its way to `to`.
struct Pipe {
  Connection* connection = nullptr;
  bool up = false;
  int from = -1, to = -1;
  std::deque<std::string> queued;  // waits for the line, in segments
  std::string arrived;             // waits for the kernel of the receiving end
  size_t held = 0;                 // bytes in queued, on the line and arrived
  bool read_end = false, wrote_end = false, in_turn = false;
};

struct Connection {
  int client = -1, server = -1;
  Pipe up, down;
  int64_t left = kNever;      // bytes until this connection is cut
  int64_t departs_at = 0;     // the client's handshake is over
  int64_t opens_at = kNever;  // the server sees it
  uint32_t armed_client = 0, armed_server = 0;
  bool connecting = false, dead = false;
};

// One direction of the link.
struct Line {
  struct Segment {
    int64_t at;
    Pipe* pipe;
    std::shared_ptr<Connection> keep;
    std::string bytes;
  };
  std::deque<Pipe*> turn;  // pipes with something queued
  std::deque<Segment> flight;
  double tokens = kBurst;
  int64_t filled_at = 0;
};

class LinkSim {
 public:
  explicit LinkSim(const Config& config) : config_(config), held_(config.hold) {}
  void Run();

 private:
  void Listen();
  void CloseListener();
  void Accept();
  void OpenServer(Connection* c);
  void OnSocket(int fd, uint32_t events);
  void ReadFrom(Pipe* pipe);
  void Pump(Line* line);
  void Land(Line* line);
  void Arrive(Pipe* pipe, std::string bytes);
  void Flush(Pipe* pipe);
  void Arm(Connection* c);
  void ArmSocket(int fd, uint32_t wanted, uint32_t* armed);
  void Close(Connection* c, bool reset);
  void CutAll();
  void AfterCut();
  void MaybeFinish(Connection* c);
  void OnInput();
  void OnTimer();
  void SetTimer();
  void PrintStats() const;
  bool MayCut() const { return config_.max_cuts == 0 || stats_.cuts < config_.max_cuts; }
  int64_t HalfTrip() const { return config_.rtt_ms * kMs / 2; }

  const Config config_;
  bool held_;
  int epoll_ = -1, listener_ = -1, timer_ = -1, signals_ = -1, port_ = 0;
  int64_t listen_at_ = kNever;
  int64_t link_left_ = kNever;
  int last_direction_ = 0;
  Stats stats_;
  Line up_, down_;
  std::map<int, std::shared_ptr<Connection>> by_fd_;
  std::vector<std::shared_ptr<Connection>> graveyard_;  // until the current round of events is over
  std::set<Connection*> opening_;
  std::string input_;
};

void LinkSim::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listener_, 1024) != 0)
    Die("listen");
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listen_at_ = kNever;
  epoll_event event{EPOLLIN, {.fd = listener_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void LinkSim::CloseListener() {
  if (listener_ < 0) return;
  close(listener_);
  listener_ = -1;
}

void LinkSim::Accept() {
  for (;;) {
    int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    auto c = std::make_shared<Connection>();
    c->client = fd;
    c->up.connection = c->down.connection = c.get();
    c->up.up = true;
    c->up.from = c->down.to = fd;
    c->departs_at = Now() + 2 * HalfTrip();
    c->opens_at = Now() + 3 * HalfTrip();
    if (config_.cut_conn > 0 && MayCut()) c->left = config_.cut_conn;
    by_fd_[fd] = c;
    ++stats_.connections;
    if (stats_.first_ms == 0) stats_.first_ms = WallMs();
    opening_.insert(c.get());
  }
}

void LinkSim::OpenServer(Connection* c) {
  opening_.erase(c);
  c->opens_at = kNever;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(config_.to));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  if (result != 0 && errno != EINPROGRESS) {
    close(fd);
    ++stats_.refused;
    Close(c, true);
    return;
  }
  c->server = fd;
  c->connecting = result != 0;
  c->up.to = c->down.from = fd;
  by_fd_[fd] = by_fd_[c->client];
  Arm(c);
}

// What this connection's sockets should be watched for now.
void LinkSim::Arm(Connection* c) {
  if (c->dead) return;
  constexpr uint32_t kRead = EPOLLIN, kWrite = EPOLLOUT, kNothing = 0;
  auto reads = [](const Pipe& p) { return !p.read_end && p.held < kWindow ? kRead : kNothing; };
  auto writes = [](const Pipe& p) { return p.arrived.empty() ? kNothing : kWrite; };
  if (c->server < 0) return;
  if (c->connecting) return ArmSocket(c->server, EPOLLOUT, &c->armed_server);
  ArmSocket(c->client, reads(c->up) | writes(c->down), &c->armed_client);
  ArmSocket(c->server, reads(c->down) | writes(c->up), &c->armed_server);
}

void LinkSim::ArmSocket(int fd, uint32_t wanted, uint32_t* armed) {
  if (*armed == wanted) return;
  // A socket of which nothing is wanted is taken out: a hang-up would be reported again and again.
  epoll_event event{wanted, {.fd = fd}};
  epoll_ctl(epoll_, wanted == 0 ? EPOLL_CTL_DEL : *armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  *armed = wanted;
}

void LinkSim::OnSocket(int fd, uint32_t events) {
  auto it = by_fd_.find(fd);
  if (it == by_fd_.end()) return;
  std::shared_ptr<Connection> c = it->second;
  if (fd == c->server && c->connecting) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      ++stats_.refused;
      return Close(c.get(), true);
    }
    c->connecting = false;
    Flush(&c->up);
    return Arm(c.get());
  }
  Pipe* out = fd == c->client ? &c->up : &c->down;
  Pipe* in = fd == c->client ? &c->down : &c->up;
  if ((events & EPOLLERR) != 0) return Close(c.get(), true);
  if ((events & EPOLLOUT) != 0) Flush(in);
  if (!c->dead && (events & (EPOLLIN | EPOLLHUP)) != 0) ReadFrom(out);
  if (!c->dead) Arm(c.get());
}

void LinkSim::ReadFrom(Pipe* pipe) {
  static char buffer[kWindow];
  Connection* c = pipe->connection;
  const bool shaped = config_.rate_kbit > 0;
  while (!pipe->read_end && pipe->held < kWindow) {
    ssize_t n = read(pipe->from, buffer, std::min(sizeof(buffer), kWindow - pipe->held));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n < 0) return Close(c, true);
    if (n == 0) {
      pipe->read_end = true;
      break;
    }
    pipe->held += static_cast<size_t>(n);
    for (size_t at = 0; at < static_cast<size_t>(n); at += shaped ? kSegment : kWindow)
      pipe->queued.emplace_back(buffer + at, std::min(static_cast<size_t>(n) - at, shaped ? kSegment : kWindow));
  }
  Line* line = pipe->up ? &up_ : &down_;
  if (!pipe->queued.empty() && !pipe->in_turn) {
    pipe->in_turn = true;
    line->turn.push_back(pipe);
  }
  Pump(line);
  if (!c->dead) MaybeFinish(c);
}

// Puts segments on the line as far as the bucket allows: one of each connection in turn.
void LinkSim::Pump(Line* line) {
  int64_t now = Now();
  if (config_.rate_kbit > 0) {
    double rate = static_cast<double>(config_.rate_kbit) * 125 / 1e9;  // bytes a nanosecond
    line->tokens = std::min<double>(kBurst, line->tokens + static_cast<double>(now - line->filled_at) * rate);
    line->filled_at = now;
  }
  size_t waiting = 0;  // pipes passed over since one was served
  while (!line->turn.empty() && waiting < line->turn.size()) {
    Pipe* pipe = line->turn.front();
    line->turn.pop_front();
    if (pipe->connection->departs_at > now) {
      line->turn.push_back(pipe);
      ++waiting;
      continue;
    }
    std::string& segment = pipe->queued.front();
    if (config_.rate_kbit > 0) {
      if (line->tokens < static_cast<double>(segment.size())) {
        line->turn.push_front(pipe);
        break;
      }
      line->tokens -= static_cast<double>(segment.size());
    }
    waiting = 0;
    auto keep = by_fd_[pipe->from];
    std::string bytes = std::move(segment);
    pipe->queued.pop_front();
    pipe->in_turn = !pipe->queued.empty();
    if (pipe->in_turn) line->turn.push_back(pipe);
    if (config_.rtt_ms == 0 && line->flight.empty()) {
      Arrive(pipe, std::move(bytes));
    } else {
      line->flight.push_back({now + HalfTrip(), pipe, std::move(keep), std::move(bytes)});
    }
  }
}

void LinkSim::Land(Line* line) {
  int64_t now = Now();
  while (!line->flight.empty() && line->flight.front().at <= now) {
    Line::Segment segment = std::move(line->flight.front());
    line->flight.pop_front();
    if (segment.keep->dead) {
      stats_.dropped += static_cast<int64_t>(segment.bytes.size());
      continue;
    }
    Arrive(segment.pipe, std::move(segment.bytes));
    if (!segment.keep->dead) MaybeFinish(segment.keep.get());
  }
}

// Counts what has come through, and cuts where it is time to.
void LinkSim::Arrive(Pipe* pipe, std::string bytes) {
  Connection* c = pipe->connection;
  int64_t room = std::min(c->left, link_left_);
  int64_t n = std::min(room, static_cast<int64_t>(bytes.size()));
  stats_.dropped += static_cast<int64_t>(bytes.size()) - n;
  pipe->held -= bytes.size() - static_cast<size_t>(n);
  bytes.resize(static_cast<size_t>(n));
  (pipe->up ? stats_.up : stats_.down) += n;
  (pipe->up ? stats_.last_up_ms : stats_.last_down_ms) = WallMs();
  if (!pipe->up && last_direction_ == 1) ++stats_.turns;
  last_direction_ = pipe->up ? 1 : -1;
  if (c->left != kNever) c->left -= n;
  if (link_left_ != kNever) link_left_ -= n;
  pipe->arrived += bytes;
  Flush(pipe);
  if (c->dead || n < room) return;
  if (link_left_ == 0) return CutAll();
  ++stats_.cuts;
  Close(c, true);
  AfterCut();
}

void LinkSim::Flush(Pipe* pipe) {
  Connection* c = pipe->connection;
  size_t written = 0;
  while (written < pipe->arrived.size() && pipe->to >= 0 && !c->connecting) {
    ssize_t n = send(pipe->to, pipe->arrived.data() + written, pipe->arrived.size() - written, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n < 0) return Close(c, true);
    written += static_cast<size_t>(n);
  }
  pipe->arrived.erase(0, written);
  pipe->held -= written;
  MaybeFinish(c);
  if (!c->dead) Arm(c);
}

// Hands on the end of a stream when all its bytes are through.
void LinkSim::MaybeFinish(Connection* c) {
  for (Pipe* pipe : {&c->up, &c->down}) {
    if (!pipe->read_end || pipe->wrote_end || pipe->held > 0 || pipe->to < 0) continue;
    pipe->wrote_end = true;
    shutdown(pipe->to, SHUT_WR);
  }
  if (c->up.wrote_end && c->down.wrote_end) Close(c, false);
}

void LinkSim::Close(Connection* c, bool reset) {
  if (c->dead) return;
  c->dead = true;
  opening_.erase(c);
  graveyard_.push_back(by_fd_[c->client]);
  for (Pipe* pipe : {&c->up, &c->down}) {
    std::deque<Pipe*>& turn = (pipe->up ? up_ : down_).turn;
    turn.erase(std::remove(turn.begin(), turn.end(), pipe), turn.end());
    for (const std::string& segment : pipe->queued) stats_.dropped += static_cast<int64_t>(segment.size());
  }
  for (int fd : {c->client, c->server}) {
    if (fd < 0) continue;
    linger hard{1, 0};
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    by_fd_.erase(fd);
    close(fd);
  }
}

void LinkSim::CutAll() {
  ++stats_.cuts;
  std::vector<std::shared_ptr<Connection>> all;
  for (auto& [fd, c] : by_fd_) all.push_back(c);
  for (auto& c : all) Close(c.get(), true);
  AfterCut();
}

void LinkSim::AfterCut() {
  link_left_ = config_.cut_link > 0 && MayCut() ? config_.cut_link : kNever;
  if (!MayCut())
    for (auto& [fd, c] : by_fd_) c->left = kNever;
  if (config_.down_ms == 0) return;
  CloseListener();
  listen_at_ = Now() + config_.down_ms * kMs;
}

void LinkSim::PrintStats() const {
  printf(
      "{\"up\":%ld,\"down\":%ld,\"dropped\":%ld,\"connections\":%ld,\"open\":%zu,\"refused\":%ld,\"cuts\":%ld,"
      "\"turns\":%ld,\"first_ms\":%.3f,\"last_up_ms\":%.3f,\"last_down_ms\":%.3f}\n",
      stats_.up, stats_.down, stats_.dropped, stats_.connections, by_fd_.size() / 2, stats_.refused, stats_.cuts,
      stats_.turns, stats_.first_ms, stats_.last_up_ms, stats_.last_down_ms);
  fflush(stdout);
}

void LinkSim::OnInput() {
  char buffer[256];
  ssize_t n = read(0, buffer, sizeof(buffer));
  if (n <= 0) {
    PrintStats();
    exit(0);
  }
  input_.append(buffer, static_cast<size_t>(n));
  for (size_t end; (end = input_.find('\n')) != std::string::npos; input_.erase(0, end + 1)) {
    std::string command = input_.substr(0, end);
    if (command == "go") held_ = false;
    if (command == "cut" || command == "down") CutAll();
    if (command == "down") {
      CloseListener();
      listen_at_ = kNever;
    }
    if (command == "up") {
      stats_ = Stats();
      last_direction_ = 0;
      if (listener_ < 0) Listen();
    }
    PrintStats();
  }
}

void LinkSim::OnTimer() {
  uint64_t ignored;
  (void)!read(timer_, &ignored, sizeof(ignored));
  if (listen_at_ <= Now()) Listen();
}

// The next moment at which something happens by itself.
void LinkSim::SetTimer() {
  int64_t now = Now(), at = listen_at_;
  if (!held_)
    for (Connection* c : opening_) at = std::min(at, c->opens_at);
  for (Line* line : {&up_, &down_}) {
    if (!line->flight.empty()) at = std::min(at, line->flight.front().at);
    if (line->turn.empty()) continue;
    int64_t departs = kNever;
    for (Pipe* pipe : line->turn) departs = std::min(departs, pipe->connection->departs_at);
    if (departs <= now && config_.rate_kbit > 0) {
      double missing = static_cast<double>(line->turn.front()->queued.front().size()) - line->tokens;
      departs =
          now + static_cast<int64_t>(std::max(missing, 1.0) / (static_cast<double>(config_.rate_kbit) * 125) * 1e9);
    }
    at = std::min(at, std::max(departs, now + 1));
  }
  itimerspec when{};
  if (at != kNever) {
    at = std::max(at, now + 1);
    when.it_value = {at / 1'000'000'000, at % 1'000'000'000};
  }
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void LinkSim::Run() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  for (int fd : {timer_, signals_, 0}) {
    epoll_event event{EPOLLIN, {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  if (config_.cut_link > 0) link_left_ = config_.cut_link;
  Listen();
  printf("{\"port\":%d}\n", port_);
  fflush(stdout);
  for (;;) {
    SetTimer();
    epoll_event events[64];
    int n = epoll_wait(epoll_, events, 64, -1);
    for (int i = 0; i < n; ++i) {
      int fd = events[i].data.fd;
      if (fd == signals_) return PrintStats();
      if (fd == 0) {
        OnInput();
      } else if (fd == timer_) {
        OnTimer();
      } else if (fd == listener_) {
        Accept();
      } else {
        OnSocket(fd, events[i].events);
      }
    }
    std::vector<Connection*> due;
    for (Connection* c : opening_)
      if (!held_ && c->opens_at <= Now()) due.push_back(c);
    for (Connection* c : due) OpenServer(c);
    for (Line* line : {&up_, &down_}) {
      Pump(line);
      Land(line);
    }
    graveyard_.clear();
  }
}

std::optional<Config> Parse(int argc, char** argv) {
  Config config;
  std::map<std::string, int64_t*> numbers = {{"--rate-kbit", &config.rate_kbit}, {"--rtt-ms", &config.rtt_ms},
                                             {"--cut-conn", &config.cut_conn},   {"--cut-link", &config.cut_link},
                                             {"--down-ms", &config.down_ms},     {"--max-cuts", &config.max_cuts}};
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--hold") {
      config.hold = true;
      continue;
    }
    if (i + 1 == argc) return std::nullopt;
    int64_t value = atoll(argv[++i]);
    if (name == "--to") {
      config.to = static_cast<int>(value);
    } else if (numbers.contains(name) && value >= 0) {
      *numbers[name] = value;
    } else {
      return std::nullopt;
    }
  }
  if (config.to <= 0 || config.to > 65535) return std::nullopt;
  return config;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<Config> config = Parse(argc, argv);
  if (!config) {
    fprintf(stderr,
            "link_sim --to PORT [--rate-kbit K] [--rtt-ms R] [--cut-conn BYTES] [--cut-link BYTES] [--down-ms D]\n"
            "         [--max-cuts M] [--hold]\n");
    return 2;
  }
  LinkSim(*config).Run();
  return 0;
}
