// How long things took: counts in buckets, since the program began.
#ifndef LIAISON_COMMON_BASE_DURATIONS_H_
#define LIAISON_COMMON_BASE_DURATIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace liaison {

// Thread-safe; Add() is a few comparisons under a lock of its own.
class Durations {
 public:
  // Upper bounds of the buckets, inclusive, in seconds; a last bucket has no bound.
  static constexpr std::array<double, 12> kBoundsS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                      0.1,   0.25,   0.5,   1,    2.5,   10};
  struct Counts {
    std::array<uint64_t, kBoundsS.size() + 1> each{};  // of each bucket alone
    double sum_s = 0;
  };

  void Add(absl::Duration took);  // a negative one counts as 0
  Counts counts() const;

 private:
  mutable absl::Mutex mutex_;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
};

// Adds what passes from here to the end of the block, by a clock that nobody sets.
class Timed {
 public:
  explicit Timed(Durations* durations);  // must outlive this
  ~Timed();
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Durations* const durations_;
  const int64_t from_ns_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_DURATIONS_H_
