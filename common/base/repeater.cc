#include "common/base/repeater.h"

#include <utility>

namespace liaison {

Repeater::Repeater(absl::Duration pause, std::function<void()> task)
    : thread_([this, pause, task = std::move(task)] {
        for (;;) {
          task();
          absl::MutexLock lock(&mutex_);
          if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return;
        }
      }) {}

Repeater::~Repeater() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

}  // namespace liaison
