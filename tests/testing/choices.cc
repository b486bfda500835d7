#include "tests/testing/choices.h"

namespace liaison {

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t Choices::UniqueBits() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint32_t Choices::Below(uint32_t n) {
  if (!from_input_) return static_cast<uint32_t>((UniqueBits() >> 32) * n >> 32);
  uint32_t value = 0;
  for (uint32_t reach = 1; reach < n && !input_.empty(); reach = reach > n / 256 ? n : reach * 256) {
    value = value << 8 | static_cast<uint8_t>(input_.front());
    input_.remove_prefix(1);
  }
  return value % n;
}

}  // namespace liaison
