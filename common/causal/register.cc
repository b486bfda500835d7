#include "common/causal/register.h"

#include <algorithm>

namespace liaison {

void Register::Apply(const Dot& dot, const VersionVector& context, std::string_view value, const Lineage& lineage) {
  auto at = std::lower_bound(siblings_.begin(), siblings_.end(), dot,
                             [](const Sibling& s, const Dot& d) { return s.dot < d; });
  siblings_.insert(at, Sibling{dot, std::string(value)});
  for (const Dot& entry : context.dots()) covered_.Insert(entry);
  Settle(lineage);
}

void Register::Settle(const Lineage& lineage) {
  lineage.Reduce(&covered_);
  std::erase_if(siblings_, [&](const Sibling& sibling) { return lineage.Covers(covered_, sibling.dot); });
}

}  // namespace liaison
