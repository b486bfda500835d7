#include "common/store/maker.h"

#include <functional>
#include <utility>

#include "common/codec/op_codec.h"

namespace liaison {

bool ClaimsToMake(const Op& op) { return IsOfAction(op.aggregate, op.action_id); }

namespace {

// Each applied op that says that it made the record; `stands`: no verdict hides it. Stops when `visit` returns false.
void ForEachMaking(const StoreReader& reader, const Aggregate& aggregate,
                   const std::function<bool(Op op, bool stands)>& visit) {
  for (const auto& [actor, steps] : aggregate.lineage().steps()) {
    for (const Lineage::Step& step : steps) {
      if (step.n > 1) break;  // who made it had written nothing to it before
      if (!step.projected && !step.hidden) continue;
      std::optional<std::string> bytes = reader.OpBytes(actor, step.seq, step.tag);
      absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("op");
      if (op.ok() && ClaimsToMake(*op) && !visit(*std::move(op), step.projected)) return;
    }
  }
}

}  // namespace

std::optional<Op> MakerOf(const StoreReader& reader, const Aggregate& aggregate) {
  std::optional<Op> maker;
  ForEachMaking(reader, aggregate, [&](Op op, bool stands) {
    if (!stands) return true;
    if (maker && maker->actor.station != op.actor.station) {
      maker.reset();
      return false;
    }
    if (!maker) maker = std::move(op);
    return true;
  });
  return maker;
}

Makers MakersOf(const StoreReader& reader, const Aggregate& aggregate) {
  Makers makers;
  ForEachMaking(reader, aggregate, [&](const Op& op, bool stands) {
    (stands ? makers.standing : makers.hidden).insert(op.actor.station);
    return true;
  });
  return makers;
}

}  // namespace liaison
