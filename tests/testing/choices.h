// Where a generator's decisions come from: a seed, or the bytes that a fuzzer hands over.
#ifndef LIAISON_TESTS_TESTING_CHOICES_H_
#define LIAISON_TESTS_TESTING_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace liaison {

class Choices {
 public:
  explicit Choices(uint64_t seed) : state_(seed) {}
  // Decisions are taken from `input` until it ends; then they are all 0. `input` must outlive this.
  explicit Choices(std::string_view input) : from_input_(true), input_(input) {}

  uint32_t Below(uint32_t n);  // 0 … n-1. REQUIRES: n > 0
  bool OneIn(uint32_t n) { return Below(n) == n - 1; }
  // Bits that make names different. Never taken from the input, so that a fuzzer cannot make two hashes equal.
  uint64_t UniqueBits();

  template <typename T>
  void Shuffle(std::vector<T>* items) {
    for (size_t i = items->size(); i > 1; --i) std::swap((*items)[i - 1], (*items)[Below(static_cast<uint32_t>(i))]);
  }

 private:
  uint64_t state_ = 0;
  bool from_input_ = false;
  std::string_view input_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_CHOICES_H_
