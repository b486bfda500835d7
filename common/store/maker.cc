#include "common/store/maker.h"

#include "common/codec/op_codec.h"

namespace liaison {

bool ClaimsToMake(const Op& op) { return IsOfAction(op.aggregate, op.action_id); }

std::optional<Op> MakerOf(const StoreReader& reader, const Aggregate& aggregate) {
  std::optional<Op> maker;
  for (const auto& [actor, steps] : aggregate.lineage().steps()) {
    for (const Lineage::Step& step : steps) {
      if (step.n > 1) break;  // who made it had written nothing to it before
      if (!step.projected) continue;
      std::optional<std::string> bytes = reader.OpBytes(actor, step.seq, step.tag);
      absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("op");
      if (!op.ok() || !ClaimsToMake(*op)) continue;
      if (maker && maker->actor.station != actor.station) return std::nullopt;
      if (!maker) maker = *std::move(op);
    }
  }
  return maker;
}

}  // namespace liaison
