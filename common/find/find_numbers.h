// Paper numbers, each kept as what it shares with its neighbours ("恒民意〔2026〕d057-") and the rest ("0031号"). Part of
// the index (find_book.h). Not thread-safe.
#ifndef LIAISON_COMMON_FIND_FIND_NUMBERS_H_
#define LIAISON_COMMON_FIND_FIND_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/find/find_pool.h"

namespace liaison {

class FindNumbers {
 public:
  // Two references, held by whoever keeps it.
  struct Number {
    uint32_t head = 0, tail = 0;
  };

  void Replace(std::string_view text, Number* number);
  void Release(const Number& number);
  size_t bytes() const { return heads_.bytes() + tails_.bytes(); }

  // Whether numbers contain what is wanted, in any of the forms of FindForm. Valid until the next change.
  class Marks {
   public:
    static constexpr size_t kLongest = 63;  // more than the 40 characters that a number may have

    Marks(const FindNumbers& numbers, std::u16string_view wanted);
    bool Has(const Number& number) const {
      return !heads_.empty() && (heads_[number.head] & tails_[number.tail]) != 0;
    }

   private:
    // Bit i: the first i units of what is wanted end the head; the others begin the tail. All bits: it lies in the one.
    std::vector<uint64_t> heads_, tails_;
  };

 private:
  StringPool<char16_t> heads_, tails_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_NUMBERS_H_
