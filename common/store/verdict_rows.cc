#include "common/store/verdict_rows.h"

#include <map>
#include <set>
#include <utility>

#include "common/base/text.h"
#include "common/record/view.h"
#include "common/store/keys.h"
#include "common/store/maker.h"
#include "common/store/reader.h"

namespace liaison {
namespace {

constexpr std::string_view kMarkedMeta = "x-marked ";  // element -> record id:string code:string words:string

std::string HiddenPrefix() { return ProjectionPrefix(VerdictRows().prefix()) + 'h'; }
std::string DisputedPrefix() { return ProjectionPrefix(VerdictRows().prefix()) + 'd'; }

std::string HiddenKey(const RecordId& record, const OpName& name) {
  std::string key = HiddenPrefix();
  ByteWriter out(&key);
  out.String(ToBytes(record));
  EncodeOpName(name, &out);
  return key;
}

// Else nobody's first op has to be read.
bool HasTwoStations(const Aggregate& aggregate) {
  std::set<std::string_view> stations;
  for (const auto& [actor, steps] : aggregate.lineage().steps())
    if (actor.station != kHubStation) stations.insert(actor.station);
  return stations.size() > 1;
}

}  // namespace

void VerdictRows::OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) {
  std::map<std::string, std::string> rows;
  for (HiddenOp& hidden : HiddenBy(after)) rows[HiddenKey(after.id(), hidden.name)] = std::move(hidden.value);
  if (before != nullptr)
    for (const HiddenOp& hidden : HiddenBy(*before))
      if (std::string key = HiddenKey(before->id(), hidden.name); !rows.contains(key)) out.Delete(key);
  for (auto& [key, value] : rows) out.Put(key, std::move(value));
  if (!HasTwoStations(after)) return;
  std::string disputed = DisputedPrefix();
  ByteWriter(&disputed).String(ToBytes(after.id()));
  if (MakersOf(StoreReader(&out), after).standing.size() > 1) {
    out.Put(disputed, "");
  } else if (before != nullptr) {
    out.Delete(disputed);
  }
}

void ForEachDisputed(const KvReader& kv, const std::function<bool(const RecordId&)>& visit) {
  const std::string prefix = DisputedPrefix();
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    ByteReader in(key.substr(prefix.size()));
    RecordId record;
    return !RecordIdFromBytes(in.String(), &record) || visit(record);
  });
}

void ForEachHidden(const KvReader& kv, std::string_view after,
                   const std::function<bool(std::string_view key, const JudgedOp&)>& visit) {
  const std::string prefix = HiddenPrefix();
  const std::string from = after.empty() ? prefix : Cat(after, std::string(1, '\0'));
  kv.Scan(from, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(prefix.size()));
    JudgedOp judged;
    const std::string record(in.String());
    judged.name = DecodeOpName(&in);
    if (!in.ok() || !RecordIdFromBytes(record, &judged.record)) return true;  // Verify() names it
    judged.verdict = ParseVerdict(value);
    return visit(key, judged);
  });
}

void MarkOp(const RecordId& record, const OpName& name, std::string_view code, std::string_view words, KvWriter* out) {
  std::string value;
  ByteWriter writer(&value);
  writer.String(ToBytes(record));
  writer.String(code);
  writer.String(words);
  out->Put(key::Meta(Cat(kMarkedMeta, VerdictElement(name))), std::move(value));
}

void ForEachMarked(const KvReader& kv, const std::function<bool(const JudgedOp&)>& visit) {
  const std::string prefix = key::Meta(kMarkedMeta);
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    ByteReader place(key.substr(prefix.size())), in(value);
    JudgedOp judged;
    judged.name = DecodeOpName(&place);
    const std::string record(in.String());
    judged.verdict.code = std::string(in.String());
    judged.verdict.words = std::string(in.String());
    if (!place.ok() || !in.ok() || !RecordIdFromBytes(record, &judged.record)) return true;
    return visit(judged);
  });
}

void CopyMarks(const KvReader& other, KvWriter* out) {
  ForEachMarked(other, [&](const JudgedOp& judged) {
    if (out->Get(key::Op(judged.name.actor, judged.name.seq, TagOf(judged.name.hash))))
      MarkOp(judged.record, judged.name, judged.verdict.code, judged.verdict.words, out);
    return true;
  });
}

std::optional<std::string> SignerOf(const KvReader& kv, const OpName& name) {
  std::optional<std::string> signer;
  kv.Scan(key::RangeAt(name.actor, name.seq), key::RangeAt(name.actor, ~uint64_t{0}),
          [&](std::string_view, std::string_view value) {
            ByteReader in(value);
            const uint64_t first = in.Varint();
            in.Raw(kHashBytes);
            in.Raw(kHashBytes);
            const std::string key_id(in.String());
            if (in.ok() && first <= name.seq) signer = key_id;
            return false;
          });
  return signer;
}

}  // namespace liaison
