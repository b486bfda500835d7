#include "common/find/find_pool.h"

#include <unicode/utf16.h>

#include <algorithm>
#include <cstring>

#include "common/base/folding.h"

namespace liaison {

std::u16string FindForm(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  ForEachFolded(text, [&out](char32_t c) {
    if (IsSpaceChar(c)) return;
    if (c >= kBrokenChar) {
      out.push_back(static_cast<char16_t>(0xdc00 + (c - kBrokenChar)));
    } else if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char16_t>(c - 'A' + 'a'));
    } else if (c > 0xffff) {
      out.push_back(static_cast<char16_t>(U16_LEAD(c)));
      out.push_back(static_cast<char16_t>(U16_TRAIL(c)));
    } else {
      out.push_back(static_cast<char16_t>(c));
    }
  });
  return out;
}

// The first and the last unit are compared at 32 places at a time; where both fit, the rest is. The vectors are the
// compiler's own, so this runs as SSE2 on any PC and as NEON on ARM.
const char16_t* FindUnits(const char16_t* begin, const char16_t* end, std::u16string_view wanted) {
  using Lanes [[gnu::vector_size(16)]] = uint16_t;
  constexpr size_t kLanes = 8, kStride = 4 * kLanes;
  const size_t length = wanted.size(), reach = length - 1;
  if (static_cast<size_t>(end - begin) < length) return end;
  const char16_t first = wanted.front(), last = wanted.back();
  auto fits = [&](const char16_t* at) {
    return at[0] == first && at[reach] == last && std::equal(wanted.begin(), wanted.end(), at);
  };
  const Lanes firsts = Lanes{} + static_cast<uint16_t>(first), lasts = Lanes{} + static_cast<uint16_t>(last);
  const char16_t* const stop = end - reach;  // behind the last place where it could begin
  const char16_t* at = begin;
  for (; stop - at >= static_cast<ptrdiff_t>(kStride); at += kStride) {
    Lanes any{};
    for (size_t i = 0; i < kStride; i += kLanes) {
      Lanes a, b;
      std::memcpy(&a, at + i, sizeof a);
      std::memcpy(&b, at + i + reach, sizeof b);
      any |= (a == firsts) & (b == lasts);
    }
    uint64_t halves[2];
    std::memcpy(halves, &any, sizeof halves);
    if ((halves[0] | halves[1]) == 0) continue;
    for (size_t i = 0; i < kStride; ++i)
      if (fits(at + i)) return at + i;
  }
  for (; at < stop; ++at)
    if (fits(at)) return at;
  return end;
}

template <typename Unit>
size_t StringPool<Unit>::Hash::operator()(View string) const {
  return std::hash<View>()(string);
}

template <typename Unit>
StringPool<Unit>::StringPool() : known_(0, Hash{this}, Equal{this}) {
  Append(View());
  references_.push_back(1);
}

template <typename Unit>
typename StringPool<Unit>::Slot StringPool<Unit>::Append(View string) {
  string = string.substr(0, kLongest);
  if (blocks_.empty() || kBlock - used_.back() < string.size() + 1) {
    blocks_.emplace_back(new Unit[kBlock]);  // not touched: memory comes as it is used
    used_.push_back(0);
  }
  const auto block = static_cast<uint32_t>(blocks_.size() - 1);
  begins_.push_back(block * kBlock + used_.back());
  Unit* to = blocks_.back().get() + used_.back();
  std::copy(string.begin(), string.end(), to);
  to[string.size()] = 0;
  used_.back() += static_cast<uint32_t>(string.size()) + 1;
  return static_cast<Slot>(begins_.size() - 1);
}

template <typename Unit>
typename StringPool<Unit>::Slot StringPool<Unit>::Find(View string) const {
  auto it = known_.find(string.substr(0, kLongest));
  return it == known_.end() ? kNone : *it;
}

template <typename Unit>
typename StringPool<Unit>::Slot StringPool<Unit>::Add(View string) {
  if (string.empty()) return kNone;
  Slot slot = Find(string);
  if (slot == kNone) {
    slot = Append(string);
    references_.resize(begins_.size(), 0);
    known_.insert(slot);
  }
  ++references_[slot];
  return slot;
}

template <typename Unit>
bool StringPool<Unit>::Release(Slot slot) {
  if (slot == kNone || --references_[slot] > 0) return false;
  known_.erase(slot);
  Unit* place = Place(slot);
  std::fill(place, place + At(slot).size(), Unit{0});
  return true;
}

template <typename Unit>
void StringPool<Unit>::Replace(Slot* slot, View string) {
  if (At(*slot) == string) return;
  const Slot before = *slot;
  *slot = Add(string);
  Release(before);
}

template <typename Unit>
typename StringPool<Unit>::View StringPool<Unit>::At(Slot slot) const {
  const uint32_t begin = begins_[slot], block = begin / kBlock;
  uint32_t end = block * kBlock + used_[block];
  if (slot + 1 < begins_.size()) end = std::min(end, begins_[slot + 1]);
  return View(blocks_[block].get() + begin % kBlock, end - begin - 1);
}

template <typename Unit>
size_t StringPool<Unit>::bytes() const {
  return blocks_.size() * kBlock * sizeof(Unit) +
         (begins_.capacity() + references_.capacity() + known_.capacity()) * sizeof(Slot) + known_.capacity();
}

template <typename Unit>
void StringPool<Unit>::Mark(View wanted, std::vector<uint8_t>* marks) const requires(sizeof(Unit) == sizeof(char16_t)) {
  marks->assign(size(), 0);
  size_t slot = 0;
  for (size_t block = 0; block < blocks_.size(); ++block) {
    const Unit* const begin = blocks_[block].get();
    const Unit* const end = begin + used_[block];
    const Unit* at = begin;
    while ((at = FindUnits(at, end, wanted)) != end) {
      // Hits ascend: the slot is found by ever longer steps from the last one.
      const auto place = static_cast<uint32_t>(block * kBlock + static_cast<size_t>(at - begin));
      size_t step = 1;
      while (slot + step < size() && begins_[slot + step] <= place) step *= 2;
      auto from = begins_.begin() + static_cast<ptrdiff_t>(slot);
      auto to = begins_.begin() + static_cast<ptrdiff_t>(std::min(slot + step, size()));
      slot = static_cast<size_t>(std::upper_bound(from, to, place) - begins_.begin()) - 1;
      (*marks)[slot] = 1;
      at += At(static_cast<Slot>(slot)).size() - (place - begins_[slot]);  // at its end
    }
  }
}

template class StringPool<char16_t>;
template class StringPool<char>;

}  // namespace liaison
