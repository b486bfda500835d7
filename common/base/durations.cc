#include "common/base/durations.h"

#include <algorithm>
#include <chrono>

namespace liaison {
namespace {

int64_t SteadyNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void Durations::Add(absl::Duration took) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(took));
  const auto bucket = std::lower_bound(kBoundsS.begin(), kBoundsS.end(), seconds) - kBoundsS.begin();
  absl::MutexLock lock(&mutex_);
  ++counts_.each[static_cast<size_t>(bucket)];
  counts_.sum_s += seconds;
}

Durations::Counts Durations::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

Timed::Timed(Durations* durations) : durations_(durations), from_ns_(SteadyNs()) {}
Timed::~Timed() { durations_->Add(absl::Nanoseconds(SteadyNs() - from_ns_)); }

}  // namespace liaison
