// A machine's clock and what it is worth: what the hub told of the time, and the day that a person gave instead.
// Thread-safe; holds no lock while it calls others, except the clocks.
#ifndef LIAISON_COMMON_RULES_DAYS_BOX_CLOCK_H_
#define LIAISON_COMMON_RULES_DAYS_BOX_CLOCK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"
#include "common/record/op.h"
#include "common/rules/days/clock_trust.h"
#include "common/store/store.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

class BoxClock {
 public:
  explicit BoxClock(Clock* clock) : clock_(clock) {}

  // Takes what `store` knows: the newest record, the hub's last telling, and when `node_id` (empty: none) was enrolled.
  // Once, before anything is served; from then on tellings are kept there. `store` must outlive the last call.
  void Attach(Store* store, const std::string& node_id);

  // The hub has told its time now. Durable. Not positive: no time.
  absl::Status OnHubTime(int64_t hub_ms);
  // A person says which day it is. It holds for this run, as long as the clock is in doubt. kInvalidArgument: no date;
  // kFailedPrecondition: the clock is not in doubt. Chinese.
  absl::Status Give(const std::string& today, const std::string& by);

  // Why the clock is in doubt (Chinese); empty: it is not.
  std::string Trouble() const;
  // By the clock, or by what a person gave, moved on as the clock did.
  std::string Today() const;
  // `date`, or else today. kFailedPrecondition (Chinese): there is no date, the clock is in doubt, and nobody gave one.
  absl::StatusOr<std::string> DateOr(const std::string& date) const;
  // Whether a person has to say which day it is.
  bool Doubtful() const;
  // Whether BestToday() is no more than what a clock in doubt says: a person has to confirm a day after it.
  bool Guessing() const;
  // The day against which dates are checked: the hub's where it was told to this run, else Today().
  std::string BestToday() const;
  v1::ClockState State() const;

  // For the op that is written at `wall_ms`; see StoreOptions::clock_quality.
  uint8_t QualityOf(int64_t wall_ms, int64_t newest_ms) const;

 private:
  ClockFacts FactsAt(int64_t now_ms, int64_t newest_ms) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ClockFacts Facts() const;
  int64_t SteadyMs() const;

  Clock* const clock_;
  Store* store_ = nullptr;  // set once by Attach
  mutable absl::Mutex mutex_;
  int64_t enrolled_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t hub_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t told_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t disproved_ms_ ABSL_GUARDED_BY(mutex_) = 0;    // the newest record then, if ahead of the hub's time
  int64_t told_steady_ms_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: not told to this run
  std::string given_ ABSL_GUARDED_BY(mutex_), given_by_ ABSL_GUARDED_BY(mutex_);
  int64_t given_steady_ms_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_DAYS_BOX_CLOCK_H_
