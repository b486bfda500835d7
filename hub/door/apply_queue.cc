#include "hub/door/apply_queue.h"

#include <iterator>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

constexpr size_t kBatchBytes = 1 << 20;

// Counts alone: the reason that a verdict gives is about a record.
void LogVerdicts(const std::string& station, const sync::Ack& ack) {
  size_t refused = 0, malformed = 0;
  for (const sync::OpVerdict& verdict : ack.verdicts) {
    refused += verdict.verdict == sync::Verdict::kRefused;
    malformed += verdict.verdict == sync::Verdict::kMalformed;
  }
  if (refused > 0)
    LogWarning(Cat("站点 ", station, " 送来的操作有 ", refused,
                   " 条没有采用（不归站点改，或没有有效的签名）：用 liaison refused 查看"));
  if (malformed > 0)
    LogWarning(Cat("站点 ", station, " 送来的操作有 ", malformed, " 条读不懂：请把镇中心更新到同样新的版本"));
}

}  // namespace

ApplyQueue::ApplyQueue(Store* store, std::function<void(const std::string&)> on_receipt)
    : store_(store), on_receipt_(std::move(on_receipt)), thread_([this] { Loop(); }) {}

ApplyQueue::~ApplyQueue() { Stop(); }

void ApplyQueue::Submit(sync::Range range, std::function<void(absl::StatusOr<sync::Ack>)> done) {
  Waiting waiting{std::move(range), std::move(done)};
  for (const std::string& op : waiting.range.ops) waiting.bytes += op.size();
  absl::MutexLock lock(&mutex_);
  std::deque<Waiting>& queue = waiting_[waiting.range.actor.station];
  queue.push_back(std::move(waiting));
}

void ApplyQueue::SubmitOffer(sync::TakeOffer offer, std::function<void(absl::Status)> done) {
  absl::MutexLock lock(&mutex_);
  offered_.push_back({std::move(offer), std::move(done)});
}

void ApplyQueue::AwaitRound() {
  absl::MutexLock lock(&mutex_);
  const uint64_t wanted = ++rounds_asked_;
  auto done = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return rounds_done_ >= wanted || stopping_; };
  mutex_.Await(absl::Condition(&done));
}

size_t ApplyQueue::waiting() const {
  absl::MutexLock lock(&mutex_);
  size_t waiting = offered_.size();
  for (const auto& [station, ranges] : waiting_) waiting += ranges.size();
  return waiting;
}

void ApplyQueue::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

// One range of each station in turn, from the station after the one served last. A station's ranges keep their order.
std::vector<ApplyQueue::Waiting> ApplyQueue::Take() {
  std::vector<Waiting> taken;
  size_t bytes = 0;
  auto it = waiting_.upper_bound(last_);
  while (!waiting_.empty() && bytes < kBatchBytes) {
    if (it == waiting_.end()) it = waiting_.begin();
    last_ = it->first;
    bytes += it->second.front().bytes;
    taken.push_back(std::move(it->second.front()));
    it->second.pop_front();
    it = it->second.empty() ? waiting_.erase(it) : std::next(it);
  }
  return taken;
}

absl::StatusOr<std::vector<sync::Ack>> ApplyQueue::Apply(const std::vector<sync::Range>& ranges) {
  Timed timed(&apply_times_);
  return store_->ApplyRanges(ranges);
}

void ApplyQueue::Loop() {
  for (;;) {
    std::vector<Waiting> taken;
    std::deque<Offered> offered;
    bool stopping;
    {
      absl::MutexLock lock(&mutex_);
      rounds_done_ = rounds_asked_;
      auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !waiting_.empty() || !offered_.empty() || rounds_done_ < rounds_asked_;
      };
      mutex_.Await(absl::Condition(&ready));
      stopping = stopping_;
      taken = Take();
      offered.swap(offered_);
    }
    ReadWatch reads;
    for (Offered& one : offered) {
      absl::Status status = stopping ? absl::UnavailableError("镇中心正在停止")
                                     : store_->TakeOffered(one.offer.batch, one.offer.keys, one.offer.known);
      one.done(reads.status().ok() ? status : reads.status());
    }
    if (stopping) {
      for (Waiting& one : taken) one.done(absl::UnavailableError("镇中心正在停止"));
      if (taken.empty()) return;
      continue;
    }
    if (taken.empty()) continue;
    std::vector<sync::Range> ranges;
    for (Waiting& one : taken) ranges.push_back(std::move(one.range));
    absl::StatusOr<std::vector<sync::Ack>> acks = Apply(ranges);
    if (!reads.status().ok()) acks = reads.status();  // "nothing is held here" would be read as a gap
    if (!acks.ok()) LogError(Cat("站点送来的记录存不下来，站点会再送：", acks.status().message()));
    for (size_t i = 0; i < taken.size(); ++i) {
      if (acks.ok()) LogVerdicts(ranges[i].actor.station, (*acks)[i]);
      if (acks.ok()) on_receipt_(ranges[i].actor.station);
      taken[i].done(acks.ok() ? absl::StatusOr<sync::Ack>((*acks)[i]) : acks.status());
    }
  }
}

}  // namespace liaison
