// Strings in a few big blocks of memory, each of them once, to be searched from end to end.
//
// A search reads memory in a straight line and compares two characters of 8 places at a time: about as fast as memory
// is, whatever is searched for, and no words, no minimal length and no index that must be kept. UTF-16, because two
// thirds of the bytes of Chinese in UTF-8 say little: the first one is nearly always the same.
//
// The space of a string that nobody refers to any more is overwritten at once and not used again in this process: what
// a machine that runs for a year loses by edits is little beside what it holds. Not thread-safe.
#ifndef LIAISON_COMMON_FIND_FIND_POOL_H_
#define LIAISON_COMMON_FIND_FIND_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace liaison {

// What is compared when people search: folded (folding.h), without any white space, ASCII letters in lower case. As
// UTF-16; a byte that is not UTF-8 becomes half a surrogate pair, which no text contains.
std::u16string FindForm(std::string_view text);

// The first place of `wanted` in [begin, end), or `end`. REQUIRES: wanted is not empty.
const char16_t* FindUnits(const char16_t* begin, const char16_t* end, std::u16string_view wanted);

// Unit: char16_t for texts, char for ids.
template <typename Unit>
class StringPool {
 public:
  using View = std::basic_string_view<Unit>;
  using Slot = uint32_t;
  static constexpr Slot kNone = 0;  // the empty string
  // A longer string is cut. An op, and so a text, is shorter.
  static constexpr size_t kLongest = (size_t{1} << 18) - 1;

  StringPool();
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  // One more reference to the string. Slots rise with time. A text has no unit 0.
  Slot Add(View string);
  bool Release(Slot slot);  // true: it was the last one
  // Adds the new reference, drops the old one.
  void Replace(Slot* slot, View string);
  Slot Find(View string) const;  // kNone if it is not there
  // A string that is never released and never looked for; may be there twice.
  Slot Append(View string);

  View At(Slot slot) const;                       // until the next change; zeros when it was released
  size_t size() const { return begins_.size(); }  // all slots are below
  size_t bytes() const;

  // Sets (*marks)[slot] of every string that contains `wanted`, which must not be empty.
  void Mark(View wanted, std::vector<uint8_t>* marks) const requires(sizeof(Unit) == sizeof(char16_t));

 private:
  struct Hash {
    using is_transparent = void;
    const StringPool* pool;
    size_t operator()(View string) const;
    size_t operator()(Slot slot) const { return (*this)(pool->At(slot)); }
  };
  struct Equal {
    using is_transparent = void;
    const StringPool* pool;
    bool operator()(Slot a, Slot b) const { return a == b; }
    bool operator()(Slot a, View b) const { return pool->At(a) == b; }
    bool operator()(View a, Slot b) const { return pool->At(b) == a; }
  };

  Unit* Place(Slot slot) { return blocks_[begins_[slot] / kBlock].get() + begins_[slot] % kBlock; }

  static constexpr uint32_t kBlock = uint32_t{1} << 18;
  std::vector<std::unique_ptr<Unit[]>> blocks_;  // strings, each with a 0 behind it
  std::vector<uint32_t> used_;                   // units of each block
  std::vector<uint32_t> begins_;                 // of a slot: block * kBlock + unit; ascending
  std::vector<uint32_t> references_;             // of a slot that was added
  absl::flat_hash_set<Slot, Hash, Equal> known_;
};

extern template class StringPool<char16_t>;
extern template class StringPool<char>;

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_POOL_H_
