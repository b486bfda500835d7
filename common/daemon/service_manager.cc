#include "common/daemon/service_manager.h"

#include <signal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace liaison {
namespace {

// One assignment a line: a status of several lines would be read as further assignments.
std::string OneLineOf(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void Send(const std::string& assignments) { sd_notify(0, assignments.c_str()); }

// In a signal handler: nothing but what signal-safety(7) allows.
void EndNow(int) {
  static constexpr char kWords[] = "出错：停止时有工作没有结束，已强行退出；已保存的记录都在磁盘上\n";
  [[maybe_unused]] ssize_t said = write(STDERR_FILENO, kWords, sizeof kWords - 1);
  _exit(1);
}

}  // namespace

void ServiceManager::Ready(const std::string& status) { Send(Cat("READY=1\nSTATUS=", OneLineOf(status))); }
void ServiceManager::Alive() { Send("WATCHDOG=1"); }
void ServiceManager::Say(const std::string& status) { Send(Cat("STATUS=", OneLineOf(status))); }
void ServiceManager::Stopping() { Send("STOPPING=1\nSTATUS=正在停止"); }

absl::Duration ServiceManager::patience() const {
  uint64_t us = 0;
  if (sd_watchdog_enabled(0, &us) <= 0) return absl::InfiniteDuration();
  return absl::Microseconds(us);
}

Pulse::Pulse(std::function<void()> work) : work_(std::move(work)), thread_([this] { Loop(); }) {}

Pulse::~Pulse() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

bool Pulse::Beat() {
  absl::MutexLock lock(&mutex_);
  if (asked_) return false;
  return asked_ = true;
}

void Pulse::Loop() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return asked_ || stopping_; };
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
    }
    work_();
    absl::MutexLock lock(&mutex_);
    asked_ = false;
  }
}

void EndWithin(int seconds) {
  struct sigaction action {};
  action.sa_handler = EndNow;
  sigaction(SIGALRM, &action, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  alarm(static_cast<unsigned>(seconds));
}

}  // namespace liaison
