// Logical time for ordering what people read (histories, lists). It decides no merge.
//
// A hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone 2014): milliseconds of the wall clock in the upper
// 48 bits, a counter in the lower 16. A reading never goes back, and follows what it has seen from others, but no more
// than `kMaxLeadMs` ahead of the local wall clock: a station that thinks it is 2040 must not drag everybody there.
#ifndef LIAISON_COMMON_CAUSAL_HYBRID_CLOCK_H_
#define LIAISON_COMMON_CAUSAL_HYBRID_CLOCK_H_

#include <cstdint>

namespace liaison {

class HybridClock {
 public:
  static constexpr int64_t kMaxLeadMs = 24 * 3600 * 1000;

  explicit HybridClock(uint64_t last = 0) : last_(last) {}

  // A reading later than all before. `wall_ms` is the local wall clock; negative counts as 0.
  uint64_t Next(int64_t wall_ms);
  // Takes note of a reading from elsewhere. Ignores one that lies more than kMaxLeadMs ahead; returns false then.
  bool Witness(uint64_t reading, int64_t wall_ms);

  uint64_t last() const { return last_; }
  static int64_t Milliseconds(uint64_t reading) { return static_cast<int64_t>(reading >> 16); }

 private:
  uint64_t last_;  // not thread-safe
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_HYBRID_CLOCK_H_
