// What a daemon tells the service manager that started it (systemd; sd_notify(3), sd_watchdog_enabled(3)), and how it
// proves that it still works. Without a manager nothing is sent and nothing is watched.
#ifndef LIAISON_COMMON_DAEMON_SERVICE_MANAGER_H_
#define LIAISON_COMMON_DAEMON_SERVICE_MANAGER_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace liaison {

// The words go to NOTIFY_SOCKET. A manager that does not read them is no trouble of the daemon's.
class ServiceManager {
 public:
  void Ready(const std::string& status);  // every port answers; `status` is one line for `systemctl status`
  void Alive();                           // WATCHDOG=1
  void Say(const std::string& status);
  void Stopping();
  // How long the manager waits for Alive() before it kills the daemon; InfiniteDuration: it does not watch.
  absl::Duration patience() const;
};

// Goes through the daemon's work, round after round, on a thread of its own: work that hangs then hangs that thread and
// not who asks. `work` is one pass through all that must live; it blocks for as long as any of it does.
class Pulse {
 public:
  explicit Pulse(std::function<void()> work);  // the first round begins at once
  ~Pulse();                                    // waits for the round that runs

  // True: the round that the last call began, or the constructor, has ended; this call begins the next. Never waits.
  bool Beat();

 private:
  void Loop();

  const std::function<void()> work_;
  absl::Mutex mutex_;
  bool asked_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: runs on all of the above
};

// From now on the process has `seconds` to end: then it ends itself, with code 1 and a sentence on standard error. What
// was said to be saved is on the disk by then, so nothing is lost (as after a power cut).
void EndWithin(int seconds);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_SERVICE_MANAGER_H_
