// A task that is done again and again, on a thread of its own.
#ifndef LIAISON_COMMON_BASE_REPEATER_H_
#define LIAISON_COMMON_BASE_REPEATER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace liaison {

// The first time at once, then with a pause behind each. The pause is measured by the machine's own time.
class Repeater {
 public:
  Repeater(absl::Duration pause, std::function<void()> task);
  ~Repeater();  // waits for the task if it runs

 private:
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last
};

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_REPEATER_H_
