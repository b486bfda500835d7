#include "common/causal/version_vector.h"

#include <algorithm>
#include <utility>

namespace liaison {

bool VersionVector::Insert(const Dot& dot) {
  auto at = std::lower_bound(dots_.begin(), dots_.end(), dot);
  if (at != dots_.end() && *at == dot) return false;
  dots_.insert(at, dot);
  return true;
}

bool VersionVector::Contains(const Dot& dot) const { return std::binary_search(dots_.begin(), dots_.end(), dot); }

void VersionVector::Encode(ByteWriter* out) const {
  out->Varint(dots_.size());
  for (const Dot& dot : dots_) EncodeDot(dot, out);
}

VersionVector VersionVector::Decode(ByteReader* in) {
  constexpr size_t kSmallestDot = 1 + 8 + 1 + 8;
  VersionVector vector;
  uint64_t count = in->Count(kSmallestDot);
  vector.dots_.reserve(count);
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    Dot dot = DecodeDot(in);
    if (!vector.dots_.empty() && !(vector.dots_.back() < dot)) in->Fail("vector entries out of order");
    vector.dots_.push_back(std::move(dot));
  }
  if (!in->ok()) return {};
  return vector;
}

}  // namespace liaison
