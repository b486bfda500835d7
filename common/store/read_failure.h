// Reads of the database that failed. KvReader answers "absent" when the disk does not give a block, since a read in the
// middle of a projection has nobody to tell; it leaves a note on its thread. Whoever gives an answer asks for the note
// before it answers: what was made from such a read is never shown, sent or kept as if it were whole.
#ifndef LIAISON_COMMON_STORE_READ_FAILURE_H_
#define LIAISON_COMMON_STORE_READ_FAILURE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

// A read of this thread has failed; `why` are the database's own words. Also for what was read on another thread and is
// used here.
void NoteReadFailure(std::string_view why);

// What has failed on this thread since the watch was made. Watches may be nested: each sees what happened in its time.
class ReadWatch {
 public:
  ReadWatch();
  // kDataLoss (Chinese, 读不出来) once a read of this thread has failed. REQUIRES: the thread that made the watch.
  absl::Status status() const;

 private:
  const uint64_t before_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_READ_FAILURE_H_
