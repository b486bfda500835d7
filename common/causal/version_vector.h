// A version vector of one aggregate: for each actor how many ops it has made there, and the tag of the last. Small
// numbers, a few entries, never pruned (pruning by count makes real conflicts look like overwrites). After a fork one
// actor may have two entries.
//
// Sources: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems" (1983); Almeida, Baquero,
// Gonçalves, Preguiça, Fonte, "Scalable and Accurate Causality Tracking for Eventually Consistent Stores" (2014).
#ifndef LIAISON_COMMON_CAUSAL_VERSION_VECTOR_H_
#define LIAISON_COMMON_CAUSAL_VERSION_VECTOR_H_

#include <initializer_list>
#include <vector>

#include "common/causal/dot.h"

namespace liaison {

// An ordered set of dots; a value type. What an entry covers needs the aggregate's Lineage; a vector by itself only
// holds names. Equal sets have equal bytes.
class VersionVector {
 public:
  VersionVector() = default;
  VersionVector(std::initializer_list<Dot> dots) {
    for (const Dot& dot : dots) Insert(dot);
  }

  bool Insert(const Dot& dot);  // false if it was there
  bool Contains(const Dot& dot) const;
  void RemoveAt(size_t i) { dots_.erase(dots_.begin() + static_cast<ptrdiff_t>(i)); }

  const std::vector<Dot>& dots() const { return dots_; }  // ascending
  bool empty() const { return dots_.empty(); }
  size_t size() const { return dots_.size(); }
  bool operator==(const VersionVector&) const = default;

  // vector := count:varint dot*, strictly ascending. Decoding refuses another order, so that bytes are canonical.
  void Encode(ByteWriter* out) const;
  static VersionVector Decode(ByteReader* in);

 private:
  std::vector<Dot> dots_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_VERSION_VECTOR_H_
