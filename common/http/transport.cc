#include "common/http/transport.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/http/loop.h"
#include "common/http/origin.h"

namespace liaison::http {
namespace {

constexpr int kShortageMs = 100;  // until the next try when the process is out of files
constexpr int kReopenMs = 1'000;  // until the next try when a port cannot be opened again

bool IsShortage(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

thread_local Transport::Impl* Transport::Impl::here_ = nullptr;

// ---- life

Transport::Impl::~Impl() {
  Stop();
  for (const auto& door : doors_) {
    if (door->fd < 0) continue;
    ::close(door->fd);
    if (!door->dir.empty()) RemoveFromFolder(door->dir);
  }
  if (new_door_ != nullptr) ::close(new_door_->fd);
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

absl::Status Transport::Impl::ListenLocal(const std::string& dir) {
  auto door = std::make_unique<Door>();
  struct stat folder {};
  if (::stat(dir.c_str(), &folder) != 0 || (door->fd = ListenInFolder(dir)) < 0)
    return absl::UnavailableError(Cat("不能在文件夹 ", dir, " 里建立本机接口 socket：", std::strerror(errno)));
  door->all = this;
  door->dir = dir;
  door->owner = folder.st_uid;
  doors_.push_back(std::move(door));
  return absl::OkStatus();
}

absl::Status Transport::Impl::Listen(const std::string& host, int port) {
  {
    absl::MutexLock lock(&mutex_);
    if (port_ != 0 || stopping_) return absl::FailedPreconditionError("");
  }
  auto door = std::make_unique<Door>();
  door->all = this;
  door->host = host;
  door->port = port;
  door->fd = ListenTcp(host, &door->port);
  if (door->fd < 0) return absl::UnavailableError(std::strerror(errno));
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  event_set_log_callback([](int, const char*) {});  // what matters here is said here
  base_ = event_base_new();
  http_ = base_ == nullptr ? nullptr : evhttp_new(base_);
  https_ = http_ == nullptr ? nullptr : evhttp_new(base_);
  if (wake_fd_ < 0 || https_ == nullptr) {
    ::close(door->fd);
    if (http_ != nullptr) evhttp_free(std::exchange(http_, nullptr));
    if (base_ != nullptr) event_base_free(std::exchange(base_, nullptr));
    if (wake_fd_ >= 0) ::close(std::exchange(wake_fd_, -1));
    return absl::UnavailableError("资源不足");
  }
  {
    absl::MutexLock lock(&mutex_);
    port_ = door->port;
  }
  doors_.push_back(std::move(door));
  absl::MutexLock lock(&join_mutex_);
  threads_.emplace_back([this] { Run(); });
  for (int i = 0; i < std::max(1, options_.threads); ++i) threads_.emplace_back([this] { Work(); });
  return absl::OkStatus();
}

absl::Status Transport::Impl::ListenTls(const std::string& host, int port) {
  if (!tls_.ready()) return absl::FailedPreconditionError("");
  auto door = std::make_unique<Door>();
  door->all = this;
  door->host = host;
  door->port = port;
  door->tls = true;
  absl::MutexLock lock(&mutex_);
  if (port_ == 0 || stopping_ || tls_port_ != 0) return absl::FailedPreconditionError("");
  door->fd = ListenTcp(host, &door->port);
  if (door->fd < 0) return absl::UnavailableError(std::strerror(errno));
  tls_port_ = door->port;
  new_door_ = std::move(door);
  Wake();
  return absl::OkStatus();
}

void Transport::Impl::StopTls() {
  absl::MutexLock lock(&mutex_);
  if (tls_port_ == 0) return;
  tls_port_ = 0;
  if (new_door_ != nullptr) ::close(new_door_->fd);
  new_door_.reset();
  if (stopping_) return;
  close_tls_ = true;
  Wake();
  auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !close_tls_ || stopping_; };
  mutex_.Await(absl::Condition(&done));
}

void Transport::Impl::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (port_ == 0) return;
  }
  Wake();
  ended_.WaitForNotification();
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void Transport::Impl::Wake() const {
  const uint64_t one = 1;
  while (::write(wake_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

// ---- the handler's threads

void Transport::Impl::Work() {
  for (;;) {
    Job job;
    {
      absl::MutexLock lock(&mutex_);
      auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ending_ || !jobs_.empty(); };
      mutex_.Await(absl::Condition(&has_work));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    WireResponse response = handle_(job.request);
    {
      absl::MutexLock lock(&mutex_);
      answers_.push_back({job.id, std::move(response)});
    }
    Wake();
  }
}

// ---- the event thread

void Transport::Impl::Run() {
  here_ = this;
  sigset_t pipe;  // writing to a peer that has gone is an error like others, in this thread
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  Configure(http_);
  Configure(https_);
  evhttp_set_bevcb(
      http_, [](event_base*, void* all) { return static_cast<Impl*>(all)->Accepted(false); }, this);
  evhttp_set_bevcb(
      https_, [](event_base*, void* all) { return static_cast<Impl*>(all)->Accepted(true); }, this);
  wake_ = event_new(
      base_, wake_fd_, EV_READ | EV_PERSIST, [](int, short, void* all) { static_cast<Impl*>(all)->OnWake(); }, this);
  reopen_ = evtimer_new(
      base_, [](int, short, void* all) { static_cast<Impl*>(all)->Reopen(); }, this);
  balance_ = evtimer_new(
      base_, [](int, short, void* all) { static_cast<Impl*>(all)->Balance(); }, this);
  event_add(wake_, nullptr);
  for (const auto& door : doors_) Attach(door.get());
  event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY);
  evhttp_free(http_);
  evhttp_free(https_);
  event_free(wake_);
  event_free(reopen_);
  event_free(balance_);
  event_base_free(base_);
  ended_.Notify();
}

void Transport::Impl::Configure(evhttp* server) {
  evhttp_set_allowed_methods(server, 0xffff);  // the handler refuses
  evhttp_set_default_content_type(server, nullptr);
  evhttp_set_max_headers_size(server, static_cast<ev_ssize_t>(options_.header_bytes_max));
  evhttp_set_max_body_size(server, static_cast<ev_ssize_t>(options_.body_bytes_max));
  evhttp_set_flags(server, EVHTTP_SERVER_LINGERING_CLOSE);  // a body that is too long is read on, and not kept
  evhttp_set_gencb(
      server, [](evhttp_request* request, void* all) { static_cast<Impl*>(all)->OnRequest(request); }, this);
}

void Transport::Impl::OnWake() {
  uint64_t times = 0;
  while (::read(wake_fd_, &times, sizeof times) < 0 && errno == EINTR) {
  }
  std::vector<Answer> answers;
  bool stop = false;
  {
    absl::MutexLock lock(&mutex_);
    answers.swap(answers_);
    stop = stopping_;
  }
  if (stop && !std::exchange(stop_begun_, true)) BeginStop();
  if (!stop_begun_) ChangeTls();
  for (Answer& answer : answers) Send(std::move(answer));
  EndIfDone();
}

void Transport::Impl::BeginStop() {
  evtimer_del(reopen_);
  for (const auto& door : doors_) {
    if (door->bound == nullptr) continue;
    if (!door->dir.empty()) RemoveFromFolder(door->dir);
    Detach(door.get());
  }
  std::vector<Connection*> idle;
  for (const auto& connection : connections_) {
    if (connection->phase == Phase::kIdle) idle.push_back(connection.get());
    if (connection->phase == Phase::kReading || connection->phase == Phase::kWriting)
      Arm(connection.get(), std::min(kStopMs, options_.request_ms));
  }
  for (Connection* connection : idle) Close(connection);
}

void Transport::Impl::EndIfDone() {
  if (stop_begun_ && connections_.empty()) event_base_loopbreak(base_);
}

// ---- who comes in

void Transport::Impl::Attach(Door* door) {
  evconnlistener* listener =
      evconnlistener_new(base_, nullptr, nullptr, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, door->fd);
  door->bound = listener == nullptr ? nullptr : evhttp_bind_listener(door->tls ? https_ : http_, listener);
  if (door->bound == nullptr) {
    if (listener != nullptr) {
      evconnlistener_free(listener);
      door->fd = -1;  // closed with it
    }
    return;
  }
  door->fd = -1;
  evconnlistener_set_error_cb(listener, [](evconnlistener* failed, void*) { here_->OnAcceptError(failed, errno); });
}

void Transport::Impl::Detach(Door* door) {
  if (door->bound != nullptr) evhttp_del_accept_socket(door->tls ? https_ : http_, std::exchange(door->bound, nullptr));
}

// The door of TLS comes or goes. With it go its connections; what is being answered is answered.
void Transport::Impl::ChangeTls() {
  std::unique_ptr<Door> fresh;
  bool closing = false;
  {
    absl::MutexLock lock(&mutex_);
    fresh = std::move(new_door_);
    closing = close_tls_;
  }
  if (closing) {
    std::vector<Connection*> ending;
    for (const auto& connection : connections_) {
      if (!connection->tls) continue;
      connection->last = true;
      if (connection->phase == Phase::kIdle || connection->phase == Phase::kReading) ending.push_back(connection.get());
      if (connection->phase == Phase::kWriting) Arm(connection.get(), std::min(kStopMs, options_.request_ms));
    }
    for (const auto& door : doors_) {
      if (!door->tls) continue;
      Detach(door.get());
      if (door->fd >= 0) ::close(door->fd);
    }
    std::erase_if(doors_, [](const auto& door) { return door->tls; });
    for (Connection* connection : ending) Close(connection);
    absl::MutexLock lock(&mutex_);
    close_tls_ = false;
  }
  if (fresh == nullptr) return;
  Door* door = fresh.get();
  doors_.push_back(std::move(fresh));
  Attach(door);
  Balance();
}

// A station has nobody to restart it, so an error of accept() is waited out, or the port is opened again.
void Transport::Impl::OnAcceptError(evconnlistener* listener, int error) {
  evconnlistener_disable(listener);
  for (const auto& door : doors_) {
    if (door->bound == nullptr || evhttp_bound_socket_get_listener(door->bound) != listener) continue;
    door->resting = true;
    door->broken = !IsShortage(error);
  }
  const timeval soon = After(kShortageMs);
  evtimer_add(reopen_, &soon);
}

void Transport::Impl::Reopen() {
  bool again = false;
  for (const auto& door : doors_) {
    if (std::exchange(door->broken, false)) {
      Detach(door.get());
      if (door->fd < 0) door->fd = door->dir.empty() ? ListenTcp(door->host, &door->port) : ListenInFolder(door->dir);
      if (door->fd >= 0) Attach(door.get());
      door->broken = door->bound == nullptr;
    }
    door->resting = door->broken;
    again |= door->broken;
  }
  const timeval later = After(kReopenMs);
  if (again) evtimer_add(reopen_, &later);
  Balance();
}

// One connection is accepted at a time, and only if there is room for it or somebody who can make it.
void Transport::Impl::Balance() {
  const bool looking = std::any_of(connections_.begin(), connections_.end(),
                                   [](const auto& connection) { return connection->phase == Phase::kNew; });
  bool open = !looking && !stop_begun_;
  if (open && connections_.size() >= static_cast<size_t>(options_.connections_max)) {
    const Connection* victim = Victim(nullptr);
    const int64_t wait_ms = victim == nullptr ? 0 : kGraceMs - (SteadyMs() - victim->since_ms);
    open = victim != nullptr && wait_ms <= 0;
    const timeval later = After(static_cast<int>(wait_ms));
    if (victim != nullptr && !open) evtimer_add(balance_, &later);
  }
  for (const auto& door : doors_) {
    if (door->bound == nullptr || door->resting) continue;
    evconnlistener* listener = evhttp_bound_socket_get_listener(door->bound);
    if (open) {
      evconnlistener_enable(listener);
    } else {
      evconnlistener_disable(listener);
    }
  }
}

// ---- the class that is seen

Transport::Transport(TransportOptions options, Handle handle, Refuse refuse)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handle), std::move(refuse))) {}
Transport::~Transport() = default;
absl::Status Transport::ListenLocal(const std::string& dir) { return impl_->ListenLocal(dir); }
absl::Status Transport::Listen(const std::string& host, int port) { return impl_->Listen(host, port); }
int Transport::port() const { return impl_->port(); }
absl::Status Transport::SetIdentity(const TlsIdentity& identity) { return impl_->SetIdentity(identity); }
absl::Status Transport::ListenTls(const std::string& host, int port) { return impl_->ListenTls(host, port); }
void Transport::StopTls() { impl_->StopTls(); }
int Transport::tls_port() const { return impl_->tls_port(); }
void Transport::Stop() { impl_->Stop(); }

}  // namespace liaison::http
