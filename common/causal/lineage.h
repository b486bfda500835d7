// What an aggregate knows of its ops: each applied dot and the tag of its predecessor by the same actor. Decides what
// an entry of a version vector covers.
//
// An entry (actor, n, tag) covers the op of that name and its predecessors by the same actor, nothing else. Without
// forks that is "all dots of the actor up to n"; after a fork each branch covers itself only. An entry that names an
// op that is not applied here covers nothing but that name, until the op comes: what it covers is then decided by a
// proof (the chain of tags), never by a guess that a later op could refute. So coverage is a function of the set of
// applied ops, whatever their order.
#ifndef LIAISON_COMMON_CAUSAL_LINEAGE_H_
#define LIAISON_COMMON_CAUSAL_LINEAGE_H_

#include <map>
#include <vector>

#include "common/causal/dot.h"
#include "common/causal/version_vector.h"

namespace liaison {

class Lineage {
 public:
  // One applied op. `seq` is its place in the actor's own log: with it the op's bytes are found again.
  struct Step {
    uint64_t n = 0;
    Tag tag = 0;
    Tag previous = 0;  // 0 iff n == 1
    uint64_t seq = 0;
    bool projected = true;  // false: refused, or of a kind that this version does not know
    bool hidden = false;    // not projected, because a verdict hides it; not encoded: Hide() tells it anew

    auto operator<=>(const Step&) const = default;
    bool operator==(const Step&) const = default;
  };

  // Whether the dot's predecessor is here (or it has none), so that it can be applied.
  bool Ready(const Dot& dot, Tag previous) const;
  bool Contains(const Dot& dot) const { return Find(dot.actor, dot.n, dot.tag) != nullptr; }

  // REQUIRES: Ready(dot, previous) and !Contains(dot).
  void Add(const Dot& dot, Tag previous, uint64_t seq, bool projected, bool hidden = false);
  // A verdict hides what stands there, if it is here and not projected.
  void Hide(const Actor& actor, uint64_t seq, Tag tag);

  // True iff `entry` is `dot`, or `entry` is applied and `dot` lies on its chain of predecessors.
  bool Covers(const Dot& entry, const Dot& dot) const;
  bool Covers(const VersionVector& vector, const Dot& dot) const;

  // into = into ∪ more, without the entries that another entry covers.
  void Join(const VersionVector& more, VersionVector* into) const;
  void Reduce(VersionVector* vector) const;

  // The aggregate's version vector: the last applied dot of each branch of each actor.
  VersionVector Heads() const;
  // The vector that authors are handed: of each branch the last op that is projected. It passes over what a verdict
  // hides, so that later words of the same log can be settled; it stops before the first op that this version does not
  // know, so that nobody covers what nobody could see.
  VersionVector Visible() const;

  const std::map<Actor, std::vector<Step>>& steps() const { return steps_; }  // per actor ascending by (n, tag)
  size_t size() const;
  const Step* Find(const Actor& actor, uint64_t n, Tag tag) const;  // null: not applied
  bool operator==(const Lineage&) const = default;

  // lineage := actors:varint {actor steps:varint step*}; step := n tag previous seq flags. Ascending.
  void Encode(ByteWriter* out) const;
  static Lineage Decode(ByteReader* in);

 private:
  std::map<Actor, std::vector<Step>> steps_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_LINEAGE_H_
