#include "common/store/own_ops.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
#include "common/store/reader.h"

namespace liaison {

void ForEachOp(const KvReader& kv, std::string_view from, const OpVisit& visit) {
  const bool any_kept = kv.Last(key::kKept, PrefixEnd(key::kKept)).has_value();  // mostly none: no look for each op
  kv.Scan(from.empty() ? std::string_view(key::kOp) : from, PrefixEnd(key::kOp),
          [&](std::string_view key, std::string_view value) {
            const bool kept = any_kept && kv.Get(Cat(key::kKept, key.substr(2))).has_value();
            absl::StatusOr<Op> op = kept ? DecodeFrame(value) : DecodeOp(value);
            if (op.ok() && key::Op(op->actor, op->seq, op->tag()) != key)
              op = absl::DataLossError("bytes of another op");
            return visit(key, kept, std::move(op));
          });
}

uint64_t OpsInLogs(const KvReader& kv) {
  uint64_t ops = 0;
  kv.ScanPrefix(key::kChain, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    const Actor actor = DecodeActor(&in);
    if (absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, value); log.ok()) ops += log->last_seq;
    return true;
  });
  return ops;
}

void ForEachOwnKey(const Aggregate& aggregate, const std::function<void(std::string_view key)>& visit) {
  for (const auto& [actor, steps] : aggregate.lineage().steps())
    for (const Lineage::Step& step : steps) visit(key::Op(actor, step.seq, step.tag));
  for (const Aggregate::HeldOp& held : aggregate.held()) visit(key::Op(held.dot.actor, held.seq, held.dot.tag));
}

bool ReadOwnOps(const KvReader& kv, const Aggregate& aggregate, std::vector<Op>* ops) {
  bool all = true;
  ForEachOwnKey(aggregate, [&](std::string_view key) {
    const std::optional<std::string> bytes = kv.Get(key);
    absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("op");
    if (op.ok() && key::Op(op->actor, op->seq, op->tag()) == key && op->aggregate == aggregate.id()) {
      ops->push_back(*std::move(op));
    } else {
      all = false;
    }
  });
  return all;
}

Aggregate FoldOps(const RecordId& id, const std::vector<Op>& ops) {
  std::vector<const Op*> pointers;
  for (const Op& op : ops) pointers.push_back(&op);
  return Aggregate::Fold(id, pointers);
}

void ApplyOp(const KvReader& kv, const Op& op, Aggregate* aggregate) {
  std::vector<Op> queue{op};
  while (!queue.empty()) {
    Op next = std::move(queue.back());
    queue.pop_back();
    switch (aggregate->Apply(next)) {
      case Aggregate::Outcome::kKnown:
      case Aggregate::Outcome::kHeld:
        continue;
      case Aggregate::Outcome::kRefold: {
        std::vector<Op> ops = StoreReader(&kv).OpsOf(*aggregate);
        if (std::none_of(ops.begin(), ops.end(), [&](const Op& o) { return o.hash == next.hash; })) ops.push_back(next);
        std::vector<const Op*> pointers;
        for (const Op& o : ops) pointers.push_back(&o);
        *aggregate = Aggregate::Fold(op.aggregate, pointers);
        continue;
      }
      case Aggregate::Outcome::kApplied:
        for (const Aggregate::HeldOp& held : aggregate->Ready()) {
          std::optional<std::string> waiting = kv.Get(key::Op(held.dot.actor, held.seq, held.dot.tag));
          absl::StatusOr<Op> decoded = waiting ? DecodeOp(*waiting) : absl::NotFoundError("held op");
          if (decoded.ok()) queue.push_back(*std::move(decoded));
        }
    }
  }
}

}  // namespace liaison
