#include "common/store/reader.h"

#include <algorithm>

#include "common/codec/op_codec.h"
#include "common/store/keys.h"

namespace liaison {

std::optional<std::string> StoreReader::OpBytes(const Actor& actor, uint64_t seq, Tag tag) const {
  return kv_->Get(key::Op(actor, seq, tag));
}

namespace {

// The state, or when its bytes are damaged, what all ops of the log give: slow, and then put right by the next write.
Aggregate DecodeOrFold(const KvReader& kv, const RecordId& id, std::string_view bytes) {
  absl::StatusOr<Aggregate> aggregate = Aggregate::Decode(id, bytes);
  if (aggregate.ok()) return *std::move(aggregate);
  std::vector<Op> ops;
  kv.ScanPrefix(key::kOp, [&](std::string_view, std::string_view value) {
    absl::StatusOr<Op> op = DecodeOp(value);
    if (op.ok() && op->aggregate == id) ops.push_back(*std::move(op));
    return true;
  });
  std::vector<const Op*> pointers;
  for (const Op& op : ops) pointers.push_back(&op);
  return Aggregate::Fold(id, pointers);
}

}  // namespace

std::optional<Aggregate> StoreReader::Load(const RecordId& id) const {
  std::optional<std::string> bytes = kv_->Get(key::Aggregate(id));
  if (!bytes) return std::nullopt;
  return DecodeOrFold(*kv_, id, *bytes);
}

void StoreReader::ForEach(uint8_t type, const std::function<bool(const Aggregate&)>& visit) const {
  std::string prefix = std::string(key::kAggregate) + static_cast<char>(type);
  kv_->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    RecordId id{type, std::string(key.substr(prefix.size()))};
    return visit(DecodeOrFold(*kv_, id, value));
  });
}

std::vector<Op> StoreReader::OpsOf(const Aggregate& aggregate) const {
  std::vector<Op> ops;
  auto add = [&](const Actor& actor, uint64_t seq, Tag tag) {
    std::optional<std::string> bytes = OpBytes(actor, seq, tag);
    if (!bytes) return;
    absl::StatusOr<Op> op = DecodeOp(*bytes);
    if (op.ok()) ops.push_back(*std::move(op));
  };
  for (const auto& [actor, steps] : aggregate.lineage().steps())
    for (const Lineage::Step& step : steps) add(actor, step.seq, step.tag);
  for (const Aggregate::HeldOp& held : aggregate.held()) add(held.dot.actor, held.seq, held.dot.tag);
  std::stable_sort(ops.begin(), ops.end(), [](const Op& a, const Op& b) { return a.logical_time < b.logical_time; });
  return ops;
}

std::function<uint64_t(const Dot&)> StoreReader::TimesOf(const Aggregate& aggregate) const {
  return [this, &aggregate](const Dot& dot) -> uint64_t {
    const Lineage::Step* step = aggregate.lineage().Find(dot.actor, dot.n, dot.tag);
    const std::optional<std::string> bytes = step == nullptr ? std::nullopt : OpBytes(dot.actor, step->seq, dot.tag);
    if (!bytes) return 0;
    const absl::StatusOr<Op> op = DecodeOp(*bytes);
    return op.ok() ? op->logical_time : 0;
  };
}

std::vector<ArrivalMark> ArrivalsFrom(const KvReader& kv, const Actor& actor, uint64_t seq, size_t most) {
  std::vector<ArrivalMark> marks;
  const std::string from = key::ArrivalAt(actor, seq);
  kv.Scan(from, key::ArrivalAt(actor, UINT64_MAX), [&](std::string_view key, std::string_view value) {
    ByteReader place(key.substr(from.size() - sizeof(seq))), in(value);
    const ArrivalMark mark{place.Fixed64(), static_cast<int64_t>(in.Fixed64())};
    if (!in.Finish("arrival").ok()) return false;
    marks.push_back(mark);
    return marks.size() < most;
  });
  return marks;
}

std::optional<int64_t> StoreReader::ArrivalMs(const Actor& actor, uint64_t seq) const {
  const std::vector<ArrivalMark> marks = ArrivalsFrom(*kv_, actor, seq, 1);
  return marks.empty() ? std::nullopt : std::optional<int64_t>(marks.front().ms);
}

std::optional<sync::KeyItem> StoreReader::VisitorKey(const RecordId& visitor, std::string_view key_id) const {
  std::optional<std::string> bytes = kv_->Get(key::VisitorKey(visitor, key_id));
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  sync::KeyItem item;
  item.aggregate = ToBytes(visitor);
  item.key_id = std::string(key_id);
  if (in.U8() != 0) return std::nullopt;
  item.algorithm = in.U8();
  item.key = std::string(in.String());
  if (!in.Finish("visitor key").ok()) return std::nullopt;
  return item;
}

}  // namespace liaison
