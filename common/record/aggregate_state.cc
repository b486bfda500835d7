// The stored form of an aggregate.
//
//   state    := version:u8=1 loose:u8 lineage unknown-kinds:varint extra:varint dot* children:varint child* [held]
//   child    := type:u8 name:string touched fields sealed
//   fields   := count:varint {tag:varint element:string siblings:varint {index:varint value:string}* covered}*
//   touched, covered := count:varint index:varint*
//   held     := count:varint {dot previous:fixed64 seq:varint}*
//
// An index names a dot: first those of the lineage in its order, then the extra ones (named by a context, not applied),
// ascending. So 25 bytes of a dot stand once, not once a field. The canonical form leaves out sealed and held; equal
// states have equal bytes.
#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/aggregate.h"

namespace liaison {
namespace {

constexpr uint8_t kStateVersion = 1;

class DotTable {
 public:
  void AddAll(const Lineage& lineage) {
    for (const auto& [actor, steps] : lineage.steps())
      for (const Lineage::Step& step : steps) Add({actor, step.n, step.tag});
    applied_ = dots_.size();
  }
  void Add(const Dot& dot) {
    if (index_.emplace(dot, dots_.size()).second) dots_.push_back(dot);
  }
  uint64_t Index(const Dot& dot) const { return index_.at(dot); }
  const Dot& Get(uint64_t index, ByteReader* in) const { return Below(dots_.size(), index, in); }
  const Dot& GetApplied(uint64_t index, ByteReader* in) const { return Below(applied_, index, in); }

 private:
  const Dot& Below(size_t end, uint64_t index, ByteReader* in) const {
    static const Dot none;
    if (index < end) return dots_[index];
    in->Fail("dot index out of range");
    return none;
  }

  std::map<Dot, uint64_t> index_;
  std::vector<Dot> dots_;
  size_t applied_ = 0;  // of dots_, the first
};

void EncodeIndexes(const VersionVector& vector, const DotTable& table, ByteWriter* out) {
  out->Varint(vector.size());
  for (const Dot& dot : vector.dots()) out->Varint(table.Index(dot));
}

VersionVector DecodeIndexes(const DotTable& table, bool applied, ByteReader* in) {
  VersionVector vector;
  for (uint64_t count = in->Count(); count > 0 && in->ok(); --count) {
    uint64_t index = in->Varint();
    vector.Insert(applied ? table.GetApplied(index, in) : table.Get(index, in));
  }
  return vector;
}

using Fields = std::map<FieldKey, Register>;

void EncodeFields(const Fields& fields, const DotTable& table, ByteWriter* out) {
  out->Varint(fields.size());
  for (const auto& [key, field] : fields) {
    out->Varint(key.first);
    out->String(key.second);
    out->Varint(field.siblings().size());
    for (const Sibling& sibling : field.siblings()) {
      out->Varint(table.Index(sibling.dot));
      out->String(sibling.value);
    }
    EncodeIndexes(field.covered(), table, out);
  }
}

Fields DecodeFields(const DotTable& table, ByteReader* in) {
  Fields fields;
  for (uint64_t count = in->Count(4); count > 0 && in->ok(); --count) {
    FieldKey key;
    key.first = static_cast<uint32_t>(in->Varint());
    key.second = std::string(in->String());
    std::vector<Sibling> siblings;
    for (uint64_t n = in->Count(2); n > 0 && in->ok(); --n) {
      Dot dot = table.GetApplied(in->Varint(), in);
      if (!siblings.empty() && !(siblings.back().dot < dot)) in->Fail("siblings out of order");
      siblings.push_back({std::move(dot), std::string(in->String())});
    }
    fields.emplace(std::move(key), Register(std::move(siblings), DecodeIndexes(table, false, in)));
  }
  return fields;
}

}  // namespace

std::string Aggregate::EncodeState(bool whole) const {
  std::string bytes;
  ByteWriter out(&bytes);
  DotTable table;
  table.AddAll(lineage_);
  VersionVector extra;
  for (const auto& [id, child] : children_)
    for (const auto* fields : {&child.fields, whole ? &child.sealed : nullptr})
      if (fields != nullptr)
        for (const auto& [key, field] : *fields)
          for (const Dot& dot : field.covered().dots())
            if (!lineage_.Contains(dot)) extra.Insert(dot);
  for (const Dot& dot : extra.dots()) table.Add(dot);
  out.U8(kStateVersion);
  out.U8(whole && loose_ ? 1 : 0);
  lineage_.Encode(&out);
  out.Varint(unknown_kinds_);
  extra.Encode(&out);
  out.Varint(children_.size());
  for (const auto& [id, child] : children_) {
    out.U8(id.type);
    out.String(id.name);
    EncodeIndexes(child.touched, table, &out);
    EncodeFields(child.fields, table, &out);
    EncodeFields(whole ? child.sealed : Fields{}, table, &out);
  }
  if (!whole) return bytes;
  out.Varint(held_.size());
  for (const HeldOp& held : held_) {
    EncodeDot(held.dot, &out);
    out.Fixed64(held.previous);
    out.Varint(held.seq);
  }
  return bytes;
}

absl::StatusOr<Aggregate> Aggregate::Decode(const RecordId& id, std::string_view bytes) {
  ByteReader in(bytes);
  if (in.U8() != kStateVersion)
    return absl::DataLossError(Cat("aggregate ", ToText(id), ": unknown state version; rebuild the store"));
  Aggregate result(id);
  result.loose_ = in.U8() != 0;
  result.lineage_ = Lineage::Decode(&in);
  result.unknown_kinds_ = static_cast<uint32_t>(in.Varint());
  DotTable table;
  table.AddAll(result.lineage_);
  VersionVector extra = VersionVector::Decode(&in);
  for (const Dot& dot : extra.dots()) table.Add(dot);
  for (uint64_t count = in.Count(5); count > 0 && in.ok(); --count) {
    RecordId child_id{in.U8(), ""};
    child_id.name = std::string(in.String());
    Child& child = result.children_[child_id];
    child.touched = DecodeIndexes(table, true, &in);
    child.fields = DecodeFields(table, &in);
    child.sealed = DecodeFields(table, &in);
  }
  for (uint64_t count = in.Count(18); count > 0 && in.ok(); --count) {
    HeldOp held;
    held.dot = DecodeDot(&in);
    held.previous = in.Fixed64();
    held.seq = in.Varint();
    result.held_.insert(held);
  }
  absl::Status status = in.Finish(Cat("state of aggregate ", ToText(id)));
  if (!status.ok()) return absl::DataLossError(status.message());
  return result;
}

}  // namespace liaison
