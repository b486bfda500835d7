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
// states have equal bytes, and no other bytes are read: everything stands in order, once, and is used.
#include <algorithm>
#include <set>

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
  const Dot& Get(uint64_t index, ByteReader* in) {
    if (index >= applied_) named_.insert(index);
    return Below(dots_.size(), index, in);
  }
  const Dot& GetApplied(uint64_t index, ByteReader* in) const { return Below(applied_, index, in); }
  // Whether each extra dot is one, and was named since.
  bool ExtraAreNamed(const VersionVector& extra) const {
    return dots_.size() == applied_ + extra.size() && named_.size() == extra.size();
  }

 private:
  const Dot& Below(size_t end, uint64_t index, ByteReader* in) const {
    static const Dot none;
    if (index < end) return dots_[index];
    in->Fail("dot index out of range");
    return none;
  }

  std::map<Dot, uint64_t> index_;
  std::vector<Dot> dots_;
  size_t applied_ = 0;        // of dots_, the first
  std::set<uint64_t> named_;  // of the others
};

void EncodeIndexes(const VersionVector& vector, const DotTable& table, ByteWriter* out) {
  out->Varint(vector.size());
  for (const Dot& dot : vector.dots()) out->Varint(table.Index(dot));
}

VersionVector DecodeIndexes(bool applied, DotTable* table, ByteReader* in) {
  VersionVector vector;
  for (uint64_t count = in->Count(); count > 0 && in->ok(); --count) {
    uint64_t index = in->Varint();
    const Dot& dot = applied ? table->GetApplied(index, in) : table->Get(index, in);
    if (!vector.empty() && !(vector.dots().back() < dot)) in->Fail("dots out of order");
    vector.Insert(dot);
  }
  return vector;
}

bool DecodeFlag(ByteReader* in) {
  uint8_t flag = in->U8();
  if (flag > 1) in->Fail("flag");
  return flag == 1;
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

Fields DecodeFields(DotTable* table, ByteReader* in) {
  Fields fields;
  for (uint64_t count = in->Count(4); count > 0 && in->ok(); --count) {
    FieldKey key;
    key.first = in->Varint32();
    key.second = std::string(in->String());
    if (!fields.empty() && !(fields.rbegin()->first < key)) in->Fail("fields out of order");
    std::vector<Sibling> siblings;
    for (uint64_t n = in->Count(2); n > 0 && in->ok(); --n) {
      Dot dot = table->GetApplied(in->Varint(), in);
      if (!siblings.empty() && !(siblings.back().dot < dot)) in->Fail("siblings out of order");
      siblings.push_back({std::move(dot), std::string(in->String())});
    }
    fields.emplace(std::move(key), Register(std::move(siblings), DecodeIndexes(false, table, in)));
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
  result.loose_ = DecodeFlag(&in);
  result.lineage_ = Lineage::Decode(&in);
  result.unknown_kinds_ = in.Varint32();
  DotTable table;
  table.AddAll(result.lineage_);
  VersionVector extra = VersionVector::Decode(&in);
  for (const Dot& dot : extra.dots()) table.Add(dot);
  for (uint64_t count = in.Count(5); count > 0 && in.ok(); --count) {
    RecordId child_id{in.U8(), ""};
    child_id.name = std::string(in.String());
    if (!result.children_.empty() && !(result.children_.rbegin()->first < child_id)) in.Fail("children out of order");
    Child& child = result.children_[child_id];
    child.touched = DecodeIndexes(true, &table, &in);
    child.fields = DecodeFields(&table, &in);
    child.sealed = DecodeFields(&table, &in);
  }
  if (!table.ExtraAreNamed(extra)) in.Fail("dots that no context names");
  for (uint64_t count = in.Count(18); count > 0 && in.ok(); --count) {
    HeldOp held;
    held.dot = DecodeDot(&in);
    held.previous = in.Fixed64();
    held.seq = in.Varint();
    if (!result.held_.empty() && !(*result.held_.rbegin() < held)) in.Fail("held ops out of order");
    result.held_.insert(held);
  }
  absl::Status status = in.Finish(Cat("state of aggregate ", ToText(id)));
  if (!status.ok()) return absl::DataLossError(status.message());
  result.HideCondemned();
  return result;
}

}  // namespace liaison
