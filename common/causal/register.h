// The state of one field (for a set: of one element): the writes that are visible, and what has been covered.
//
// The rule, exact and order-free: a write w is visible iff no applied write of the same field has a context that
// covers w's dot. `covered`, the join of the contexts of all writes of the field, remembers that after the writes
// themselves are gone: a late write inside it adds nothing. (Without it an older write that arrives after the one that
// replaced it would come back; dropping by the aggregate's context instead of the field's would lose values.)
//
// Sources: Preguiça et al., "Dotted Version Vectors" (2010); Bieniusa et al., "An optimized conflict-free replicated
// set" (2012) for the causal context of a single field.
#ifndef LIAISON_COMMON_CAUSAL_REGISTER_H_
#define LIAISON_COMMON_CAUSAL_REGISTER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/causal/lineage.h"

namespace liaison {

struct Sibling {
  Dot dot;
  std::string value;

  bool operator==(const Sibling&) const = default;
};

class Register {
 public:
  Register() = default;
  // From stored state. REQUIRES: siblings strictly ascending by dot.
  Register(std::vector<Sibling> siblings, VersionVector covered)
      : siblings_(std::move(siblings)), covered_(std::move(covered)) {}

  // REQUIRES: the op `dot` is in `lineage` and was not applied to this register before.
  void Apply(const Dot& dot, const VersionVector& context, std::string_view value, const Lineage& lineage);

  // Re-evaluates after the lineage has grown: an entry that named an op which had not come yet may now cover more.
  void Settle(const Lineage& lineage);

  // Visible writes, ascending by dot. Several with equal values are one value to people, but every dot stays.
  const std::vector<Sibling>& siblings() const { return siblings_; }
  const VersionVector& covered() const { return covered_; }
  bool operator==(const Register&) const = default;

 private:
  std::vector<Sibling> siblings_;
  VersionVector covered_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_REGISTER_H_
