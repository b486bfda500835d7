// Reads all stored files again and again, slowly, so that what a disk has changed is found while another copy exists.
#ifndef LIAISON_COMMON_ATTACHMENTS_SCRUBBER_H_
#define LIAISON_COMMON_ATTACHMENTS_SCRUBBER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/attachments/file_store.h"

namespace liaison {

// One file at a time on a thread of its own, with a pause behind each.
class Scrubber {
 public:
  Scrubber(FileStore* files, absl::Duration pause);
  ~Scrubber();  // waits for the file that is being read

 private:
  FileStore* const files_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last
};

inline constexpr absl::Duration kScrubPause = absl::Seconds(10);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_SCRUBBER_H_
