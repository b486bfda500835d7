#include "common/causal/hybrid_clock.h"

#include <algorithm>

namespace liaison {
namespace {

constexpr int64_t kLargestMs = (int64_t{1} << 48) - 1;

uint64_t FromMs(int64_t ms) { return static_cast<uint64_t>(std::clamp<int64_t>(ms, 0, kLargestMs)) << 16; }

}  // namespace

uint64_t HybridClock::Next(int64_t wall_ms) {
  last_ = std::max(last_ + 1, FromMs(wall_ms));
  return last_;
}

bool HybridClock::Witness(uint64_t reading, int64_t wall_ms) {
  if (Milliseconds(reading) - kMaxLeadMs > std::max<int64_t>(wall_ms, 0)) return false;
  last_ = std::max(last_, reading);
  return true;
}

}  // namespace liaison
