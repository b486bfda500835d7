// How much a station may send before it is read more slowly, so that one that sends without end neither fills the hub's
// disk in a night nor keeps others waiting. Nothing is refused: a station in debt waits before its stream is read on.
#ifndef LIAISON_HUB_DOOR_BUDGET_H_
#define LIAISON_HUB_DOOR_BUDGET_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"

namespace liaison {

// Of op bytes, unpacked. The usual ones let ten thousand records through at once, and a million in a day.
struct BudgetOptions {
  int64_t bytes_per_hour = 64 << 20;
  int64_t burst_bytes = 64 << 20;
};

inline constexpr int64_t kLongestWaitMs = 30'000;  // so that a live stream always makes progress

// A bucket of tokens that fills with time. Taking is never refused; what is taken beyond the tokens is a debt.
class TokenBucket {
 public:
  // REQUIRES: both are above 0.
  TokenBucket(const BudgetOptions& options, int64_t now_ms)
      : options_(options), level_(static_cast<double>(options.burst_bytes)), at_ms_(now_ms) {}

  // Takes `bytes` at `now_ms`; returns how long to wait until the debt is paid, 0 if there is none. A clock that goes
  // back fills nothing and takes nothing.
  int64_t Take(int64_t bytes, int64_t now_ms);
  bool full() const { return level_ >= static_cast<double>(options_.burst_bytes); }

 private:
  BudgetOptions options_;
  double level_;
  int64_t at_ms_;
};

// One bucket a station. Thread-safe.
class StationBudget {
 public:
  // `clock` must outlive this.
  StationBudget(const BudgetOptions& options, Clock* clock) : options_(options), clock_(clock) {}

  // What came from `station`, 0 bytes to ask only. Returns how many ms to wait before its next message is read, at most
  // kLongestWaitMs.
  int64_t Charge(const std::string& station, int64_t bytes);
  std::vector<std::string> Slowed();  // the stations in debt now, ascending

 private:
  const BudgetOptions options_;
  Clock* const clock_;
  absl::Mutex mutex_;
  std::map<std::string, TokenBucket> buckets_ ABSL_GUARDED_BY(mutex_);  // of stations that are not at rest
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_BUDGET_H_
