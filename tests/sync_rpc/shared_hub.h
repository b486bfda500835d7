// A fake hub behind a lock, and the real service that it is served by.
#ifndef LIAISON_TESTS_SYNC_RPC_SHARED_HUB_H_
#define LIAISON_TESTS_SYNC_RPC_SHARED_HUB_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/store/read_failure.h"
#include "gtest/gtest.h"
#include "hub/door/sync_service.h"
#include "tests/sync_rpc/shared_station.h"
#include "tests/testing/fake_sync.h"
#include "tests/testing/must.h"

namespace liaison {

// A FakeHub behind a lock, and its one applying thread.
class SharedHub : public sync::HubPort, public Applier {
 public:
  SharedHub() : thread_([this] { ApplyAll(); }) {}
  ~SharedHub() override {
    {
      absl::MutexLock lock(&queue_mutex_);
      stopping_ = true;
      held_ = false;
    }
    thread_.join();
  }

  void Admit(const std::string& station) {
    absl::MutexLock lock(&mutex_);
    hub_.subscriptions[station] = {"all", "p:" + station};
  }
  void Commit(const std::string& interest, const std::string& text, SyncService* service = nullptr) {
    {
      absl::MutexLock lock(&mutex_);
      hub_.Commit(interest, text, &actors_);
    }
    if (service != nullptr) service->NotifyFeed(interest);
  }
  size_t OpsOf(const std::string& station) {
    absl::MutexLock lock(&mutex_);
    size_t ops = 0;
    for (const auto& [actor, chain] : hub_.disk.chains)
      if (actor.station == station) ops += chain.ops.size();
    return ops;
  }
  void Hold(bool held) {  // nothing is applied while held
    absl::MutexLock lock(&queue_mutex_);
    held_ = held;
  }
  bool AwaitQueued(size_t count) {
    absl::MutexLock lock(&queue_mutex_);
    auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mutex_) { return queue_.size() >= count; };
    return queue_mutex_.AwaitWithTimeout(absl::Condition(&there), kSoon);
  }
  void Serve(SyncService* service) {
    absl::MutexLock lock(&mutex_);
    hub_.on_grew = [service](const std::string& interest) {
      if (service != nullptr) service->NotifyFeed(interest);
    };
  }

  void Submit(sync::Range range, std::function<void(absl::StatusOr<sync::Ack>)> done) override {
    absl::MutexLock lock(&queue_mutex_);
    queue_.emplace_back(std::move(range), std::move(done));
  }
  void SubmitOffer(sync::TakeOffer offer, std::function<void(absl::Status)> done) override {
    {
      absl::MutexLock lock(&mutex_);
      hub_.TakeOffer(offer);
    }
    absl::MutexLock lock(&queue_mutex_);
    queue_.emplace_back(sync::Range(), [done](const absl::StatusOr<sync::Ack>&) { done(absl::OkStatus()); });
  }
  bool KnowsAbandoned(const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    return hub_.KnowsAbandoned(hash);
  }
  bool ContainsArchive(const std::string&) override { return true; }
  std::vector<sync::Ack> ArchivedTips(const std::string&, const std::string&) override { return {}; }
  absl::StatusOr<sync::Want> CheckOffer(const sync::FeedBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    return hub_.CheckOffer(batch);
  }
  absl::StatusOr<sync::Admission> Admit(const sync::Hello& hello) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Admit(hello);
  }
  std::string epoch() override {
    absl::MutexLock lock(&mutex_);
    return hub_.epoch();
  }
  std::vector<sync::EpochMark> lineage() override { return {}; }
  std::optional<sync::Tip> Have(const Actor& actor) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Have(actor);
  }
  bool HoldsAt(const sync::Tip& tip) override {
    absl::MutexLock lock(&mutex_);
    return hub_.HoldsAt(tip);
  }
  sync::FeedAnswer CheckCursor(const sync::Cursor& cursor) override {
    absl::MutexLock lock(&mutex_);
    return hub_.CheckCursor(cursor);
  }
  std::vector<sync::Cursor> Heads(const std::vector<std::string>& interests) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Heads(interests);
  }
  sync::Seal SignHeads(const sync::Welcome&) override { return {}; }
  std::optional<sync::FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                          size_t max_bytes, bool whole) override {
    absl::MutexLock lock(&mutex_);
    if (unreadable) {
      NoteReadFailure("IO error");
      return std::nullopt;
    }
    return hub_.ReadFeed(station, interest, position, max_bytes, whole);
  }
  absl::StatusOr<std::string> ReadOp(const OpName& name) override {
    absl::MutexLock lock(&mutex_);
    return hub_.ReadOp(name);
  }
  int64_t hub_time_ms() override { return 0; }

  std::atomic<bool> unreadable = false;  // the disk does not give the feeds

 private:
  void ApplyAll() {
    for (;;) {
      std::pair<sync::Range, std::function<void(absl::StatusOr<sync::Ack>)>> next;
      {
        absl::MutexLock lock(&queue_mutex_);
        auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mutex_) {
          return !held_ && (stopping_ || !queue_.empty());
        };
        queue_mutex_.Await(absl::Condition(&woken));
        if (queue_.empty()) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      sync::Ack ack;
      {
        absl::MutexLock lock(&mutex_);
        ack = hub_.Apply(next.first);
      }
      next.second(std::move(ack));
    }
  }

  absl::Mutex mutex_;
  fake::FakeHub hub_ ABSL_GUARDED_BY(mutex_);
  uint64_t actors_ ABSL_GUARDED_BY(mutex_) = 1'000'000;
  absl::Mutex queue_mutex_;
  std::deque<std::pair<sync::Range, std::function<void(absl::StatusOr<sync::Ack>)>>> queue_
      ABSL_GUARDED_BY(queue_mutex_);
  bool held_ ABSL_GUARDED_BY(queue_mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(queue_mutex_) = false;
  std::thread thread_;  // last
};

inline std::unique_ptr<SyncService> Serve(SharedHub* hub, SyncServiceOptions options = {}) {
  std::unique_ptr<SyncService> service = Must(SyncService::Start(std::move(options), hub, hub));
  hub->Serve(service.get());
  return service;
}

}  // namespace liaison

#endif  // LIAISON_TESTS_SYNC_RPC_SHARED_HUB_H_
