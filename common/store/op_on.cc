#include "common/store/op_on.h"

namespace liaison {

NewOp OpOn(const Aggregate& aggregate) { return {aggregate.id(), aggregate.lineage().Visible(), {}, {}, {}}; }

NewOp OpOn(const StoreReader& view, const RecordId& id) {
  const std::optional<Aggregate> known = view.Load(id);
  return known ? OpOn(*known) : NewOp{id, {}, {}, {}, {}};
}

}  // namespace liaison
