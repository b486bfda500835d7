// What FindIndex has yet to read, and whose turn it is: the worker's or that of somebody who asks. Thread-safe. Its one
// lock is held shortly, for writers wait for it; it is the inner one where both are held.
//
// Between calls: a record that was committed is in noted_ until somebody takes it to read it; backlog_ is set when
// there are too many for a question, and stays until the worker has brought them down.
#ifndef LIAISON_COMMON_FIND_FIND_TODO_H_
#define LIAISON_COMMON_FIND_FIND_TODO_H_

#include <cstddef>
#include <set>
#include <span>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/record/aggregate.h"

namespace liaison {

class FindTodo {
 public:
  static constexpr size_t kAtOnce = 500;         // noted records that a question reads by itself: some 20 ms
  static constexpr size_t kMostNoted = 100'000;  // more are read before anybody asks, for they take memory too

  void Note(std::span<const Aggregate* const> changed) ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `most` noted records, for the caller to read. *more: others are left.
  std::set<RecordId> Take(size_t most, bool* more) ABSL_LOCKS_EXCLUDED(mutex_);
  // Something could not be read: the index lacks it until the next start.
  void NoteUnreadable() ABSL_LOCKS_EXCLUDED(mutex_);

  // Everything that was in the store at the start has been read, and what came since is little enough for a question.
  bool IsUpToDate() const ABSL_LOCKS_EXCLUDED(mutex_);
  void AwaitUpToDate(absl::Duration most) const ABSL_LOCKS_EXCLUDED(mutex_);

  // For who asks: Begin, then End. In between the worker lets them go first. Begin waits for IsUpToDate, if `patience`
  // is more than nothing.
  struct Question {
    bool building = false;    // something may be missing
    bool unreadable = false;  // something is missing
    bool noted = false;       // there is something to Take
  };
  Question Begin(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  void End() ABSL_LOCKS_EXCLUDED(mutex_);

  // For the worker: waits for work, and then shortly for those who ask. After each piece, Finished when it was the last
  // one of its kind.
  enum class Work { kStop, kBuild, kNoted };
  Work AwaitWork() ABSL_LOCKS_EXCLUDED(mutex_);
  void Finished(Work work) ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool UpToDate() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return built_ && !backlog_; }
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !UpToDate(); }
  bool HasTurn() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || questions_ == 0; }

  mutable absl::Mutex mutex_;
  std::set<RecordId> noted_ ABSL_GUARDED_BY(mutex_);
  bool backlog_ ABSL_GUARDED_BY(mutex_) = false;  // noted_ is for the worker
  bool unreadable_ ABSL_GUARDED_BY(mutex_) = false;
  int questions_ ABSL_GUARDED_BY(mutex_) = 0;  // that go before the worker
  bool built_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_TODO_H_
