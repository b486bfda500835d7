#include "hub/door/budget.h"

#include <algorithm>
#include <cmath>

namespace liaison {
namespace {

constexpr double kHour = 3'600'000;

}  // namespace

int64_t TokenBucket::Take(int64_t bytes, int64_t now_ms) {
  double rate = static_cast<double>(options_.bytes_per_hour) / kHour;
  if (now_ms > at_ms_)
    level_ = std::min(static_cast<double>(options_.burst_bytes), level_ + rate * static_cast<double>(now_ms - at_ms_));
  at_ms_ = now_ms;
  level_ -= static_cast<double>(bytes);
  return level_ >= 0 ? 0 : static_cast<int64_t>(std::ceil(-level_ / rate));
}

int64_t StationBudget::Charge(const std::string& station, int64_t bytes) {
  int64_t now = clock_->NowMs();
  absl::MutexLock lock(&mutex_);
  auto it = buckets_.find(station);
  if (it == buckets_.end()) {
    if (bytes == 0) return 0;
    it = buckets_.emplace(station, TokenBucket(options_, now)).first;
  }
  int64_t wait = it->second.Take(bytes, now);
  if (it->second.full()) buckets_.erase(it);
  return std::min(wait, kLongestWaitMs);
}

std::vector<std::string> StationBudget::Slowed() {
  int64_t now = clock_->NowMs();
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> slowed;
  for (auto& [station, bucket] : buckets_)
    if (bucket.Take(0, now) > 0) slowed.push_back(station);
  return slowed;
}

}  // namespace liaison
