// A fake station behind a lock, and its real uplink.
#ifndef LIAISON_TESTS_SYNC_RPC_SHARED_STATION_H_
#define LIAISON_TESTS_SYNC_RPC_SHARED_STATION_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/text.h"
#include "common/store/read_failure.h"
#include "gtest/gtest.h"
#include "station/link/uplink.h"
#include "tests/testing/fake_sync.h"
#include "tests/testing/must.h"

namespace liaison {

inline constexpr absl::Duration kSoon = absl::Seconds(30);  // never waited for in full when the test passes

// A FakeStation that the test and the uplink's thread may both use.
class SharedStation : public sync::StationPort, public UplinkSink {
 public:
  explicit SharedStation(const std::string& id) : station_(id, "n") {}

  void Commit(const std::string& text, uint64_t actor_from = 0) {
    absl::MutexLock lock(&mutex_);
    if (actors_ == 0) actors_ = actor_from;
    station_.Commit(text, {"p:" + station_.disk.station}, &actors_);
  }
  bool AwaitFeed(const std::string& interest, size_t items) {
    absl::MutexLock lock(&mutex_);
    auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      auto it = station_.disk.feeds.find(interest);
      return it != station_.disk.feeds.end() && it->second.items.size() >= items;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), kSoon);
  }

  std::atomic<bool> unreadable = false;  // the disk does not give the logs
  sync::Hello Identity() override {
    absl::MutexLock lock(&mutex_);
    return station_.Identity();
  }
  std::optional<sync::Tip> tip() override {
    absl::MutexLock lock(&mutex_);
    return station_.tip();
  }
  std::vector<sync::OwnLog> OwnLogs() override {
    if (unreadable) NoteReadFailure("IO error");
    absl::MutexLock lock(&mutex_);
    return station_.OwnLogs();
  }
  absl::StatusOr<sync::Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) override {
    absl::MutexLock lock(&mutex_);
    return station_.ReadRange(actor, first, max_bytes);
  }
  std::vector<sync::Cursor> Feeds() override {
    absl::MutexLock lock(&mutex_);
    return station_.Feeds();
  }
  bool HasOp(const OpName& name) override {
    absl::MutexLock lock(&mutex_);
    return station_.HasOp(name);
  }
  absl::Status Complete(sync::FeedBatch* batch) override {
    absl::MutexLock lock(&mutex_);
    return station_.Complete(batch);
  }
  bool HoldsAt(const sync::Tip& tip) override {
    absl::MutexLock lock(&mutex_);
    return station_.HoldsAt(tip);
  }
  std::vector<sync::Cursor> FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) override {
    absl::MutexLock lock(&mutex_);
    return station_.FeedPoints(cursor, hub_head);
  }
  std::optional<sync::FeedBatch> NextAbandoned(std::string* at) override {
    absl::MutexLock lock(&mutex_);
    return station_.NextAbandoned(at);
  }
  sync::Ops Lookup(const sync::Want& want) override {
    absl::MutexLock lock(&mutex_);
    return station_.Lookup(want);
  }
  absl::Status ApplyBatch(const sync::FeedBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    return fault.ok() ? station_.Apply(batch) : fault;
  }
  absl::Status RewindFeed(const sync::Cursor& cursor) override {
    absl::MutexLock lock(&mutex_);
    return station_.Rewind(cursor);
  }
  absl::Status RecordAck(const sync::RecordAck& record) override {
    absl::MutexLock lock(&mutex_);
    station_.Record(record);
    return absl::OkStatus();
  }

  absl::Status fault;  // of ApplyBatch; set before the uplink starts

 private:
  absl::Mutex mutex_;
  fake::FakeStation station_ ABSL_GUARDED_BY(mutex_);
  uint64_t actors_ ABSL_GUARDED_BY(mutex_) = 0;
};

inline std::unique_ptr<Uplink> Connect(int port, SharedStation* station) {
  UplinkOptions options;
  options.hub_address = Cat("127.0.0.1:", port);
  options.retry_delay_ms = 5;
  options.retry_delay_ms_max = 20;
  return Must(Uplink::Start(options, station, station));
}

inline bool AwaitSynced(const Uplink& uplink) {
  return uplink.AwaitState([](const UplinkState& state) { return state.synced; }, kSoon);
}
inline bool AwaitError(const Uplink& uplink, const std::string& part) {
  return uplink.AwaitState([&](const UplinkState& s) { return s.last_error.find(part) != std::string::npos; }, kSoon);
}

}  // namespace liaison

#endif  // LIAISON_TESTS_SYNC_RPC_SHARED_STATION_H_
