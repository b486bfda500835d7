#include "common/attachments/scrubber.h"

namespace liaison {

Scrubber::Scrubber(FileStore* files, absl::Duration pause)
    : files_(files), thread_([this, pause] {
        for (;;) {
          {
            absl::MutexLock lock(&mutex_);
            if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return;
          }
          files_->ScrubNext();
        }
      }) {}

Scrubber::~Scrubber() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

}  // namespace liaison
