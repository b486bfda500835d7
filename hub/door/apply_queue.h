// The one thread that applies what stations push. Takes what has come, up to 1 MB, round-robin over the stations, and
// writes it as one synced batch: a fsync is shared by all stations that are sending at that moment.
#ifndef LIAISON_HUB_DOOR_APPLY_QUEUE_H_
#define LIAISON_HUB_DOOR_APPLY_QUEUE_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/durations.h"
#include "common/store/store.h"
#include "hub/door/sync_service.h"

namespace liaison {

class ApplyQueue : public Applier {
 public:
  // `store` must outlive this. `on_receipt` is called after each durable answer with the station's id.
  ApplyQueue(Store* store, std::function<void(const std::string&)> on_receipt);
  ~ApplyQueue() override;  // Stop()

  void Submit(sync::Range range, std::function<void(absl::StatusOr<sync::Ack>)> done) override;
  void SubmitOffer(sync::TakeOffer offer, std::function<void(absl::Status)> done) override;
  // Returns when the thread has ended what it was at, or has been stopped: it lives.
  void AwaitRound();
  size_t waiting() const;                                        // ranges and offers
  const Durations& apply_times() const { return apply_times_; }  // of the batches that were written
  // Answers what is waiting with kUnavailable and joins the thread. Idempotent.
  void Stop();

 private:
  struct Waiting {
    sync::Range range;
    std::function<void(absl::StatusOr<sync::Ack>)> done;
    size_t bytes = 0;
  };

  struct Offered {
    sync::TakeOffer offer;
    std::function<void(absl::Status)> done;
  };

  void Loop();
  absl::StatusOr<std::vector<sync::Ack>> Apply(const std::vector<sync::Range>& ranges);
  std::vector<Waiting> Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* store_;
  std::function<void(const std::string&)> on_receipt_;
  Durations apply_times_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::deque<Waiting>> waiting_ ABSL_GUARDED_BY(mutex_);  // by station
  std::deque<Offered> offered_ ABSL_GUARDED_BY(mutex_);
  std::string last_ ABSL_GUARDED_BY(mutex_);  // station served last
  uint64_t rounds_asked_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: runs on all of the above
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_APPLY_QUEUE_H_
