// Keys of visitors: which are taken, from whom, and what is noted of the others.
//
// A station's range is signed, its keys are not, and whoever has its disk can sign. So a key is taken from a station
// only for a visitor that the station made, if it opens a sealed value that is held here; it never replaces one, and an
// empty one is no word of a station's at all.
#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/seal.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
#include "common/store/maker.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr std::string_view kIgnoredMeta = "x-ignored-keys ";  // station " " key id in hex -> count:varint ms:fixed64

std::string ValueOf(uint8_t algorithm, std::string_view key) {
  std::string value;
  ByteWriter writer(&value);
  writer.U8(0);  // not wrapped
  writer.U8(algorithm);
  writer.String(key);
  return value;
}

bool Opens(const sync::KeyItem& key, std::string_view sealed) {
  const SealKey opener{key.algorithm, key.key_id, key.key};
  absl::StatusOr<std::string> of = SealedKeyId(sealed);
  return of.ok() && *of == key.key_id && CheckSealKey(opener).ok() && Open(opener, sealed, key.aggregate).ok();
}

bool OpensAny(const sync::KeyItem& key, const Aggregate& visitor, std::span<const Op* const> ops) {
  for (const Op* op : ops)
    for (const Write& write : op->sealed)
      if (op->aggregate == visitor.id() && Opens(key, write.value)) return true;
  const Child* root = visitor.Find({});
  if (root == nullptr) return false;
  for (const auto& [field, values] : root->sealed)
    for (const Sibling& sibling : values.siblings())
      if (Opens(key, sibling.value)) return true;
  return false;
}

}  // namespace

void Store::Batch::PutKey(const sync::KeyItem& item, bool told) {
  RecordId visitor;
  if (!RecordIdFromBytes(item.aggregate, &visitor)) return;
  out_.Put(key::VisitorKey(visitor, item.key_id), ValueOf(item.algorithm, item.key));
  if (told) new_keys_.push_back(item);
}

Store::Batch::KeyOutcome Store::Batch::AddKey(const sync::KeyItem& item, bool told) {
  RecordId visitor;
  if (item.key.empty() || !RecordIdFromBytes(item.aggregate, &visitor)) return KeyOutcome::kIgnored;
  std::optional<std::string> known = out_.Get(key::VisitorKey(visitor, item.key_id));
  if (known) {
    bool destroyed = *known == ValueOf(static_cast<uint8_t>(known->size() > 1 ? (*known)[1] : 0), "");
    return destroyed || *known == ValueOf(item.algorithm, item.key) ? KeyOutcome::kKnown : KeyOutcome::kIgnored;
  }
  PutKey(item, told);
  return KeyOutcome::kTaken;
}

void Store::Batch::DestroyKey(const sync::KeyItem& item) {
  RecordId visitor;
  if (!RecordIdFromBytes(item.aggregate, &visitor)) return;
  std::optional<sync::KeyItem> known = StoreReader(&out_).VisitorKey(visitor, item.key_id);
  if (known && known->key.empty()) return;
  PutKey({item.aggregate, item.algorithm, item.key_id, ""}, true);
}

void Store::Batch::TellKeys(const RecordId& visitor) {
  std::string prefix = key::VisitorKeys(visitor);
  out_.ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    if (auto item = StoreReader(&out_).VisitorKey(visitor, key.substr(prefix.size())))
      new_keys_.push_back(*std::move(item));
    return true;
  });
}

// Why a new op of a range may not stand where nobody judges (Chinese); empty: nothing is against it.
std::string Store::WhyNot(const Op& op, Batch* batch) const {
  if (op.actor.station == options_.station) return "";
  if (JudgesOps(op)) return "只有镇中心可以退回记录";
  if (!ClaimsToMake(op)) return "";
  std::optional<Op> maker = MakerOf(StoreReader(&batch->out()), batch->Get(op.aggregate));
  return maker && maker->actor.station != op.actor.station ? "这条记录是别的站点建立的" : "";
}

void Store::TakeKeys(const sync::Range& range, std::span<const Op* const> ops, const std::set<std::string>& folded,
                     Batch* batch) {
  uint64_t ignored = 0;
  for (const sync::KeyItem& key : range.keys) {
    RecordId id;
    auto outcome = Batch::KeyOutcome::kIgnored;
    bool written = RecordIdFromBytes(key.aggregate, &id) &&
                   std::any_of(ops.begin(), ops.end(), [&](const Op* op) { return op->aggregate == id; });
    if (written && !key.key.empty()) {
      const Aggregate& visitor = batch->Get(id);
      const Makers makers = MakersOf(StoreReader(&batch->out()), visitor);
      const std::set<std::string>& stations = makers.standing.empty() ? makers.hidden : makers.standing;
      // What is kept and not folded has its maker in the range itself.
      bool made = stations.empty() ? std::any_of(ops.begin(), ops.end(),
                                                 [&](const Op* op) { return op->aggregate == id && ClaimsToMake(*op); })
                                   : stations == std::set<std::string>{range.actor.station};
      if (made && OpensAny(key, visitor, ops)) outcome = batch->AddKey(key, folded.contains(key.aggregate));
    }
    ignored += outcome == Batch::KeyOutcome::kIgnored ? 1 : 0;
  }
  if (ignored == 0) return;
  const std::string at = key::Meta(Cat(kIgnoredMeta, range.actor.station, " ", Hex(range.seal.key_id)));
  std::string before = batch->out().Get(at).value_or(std::string(1, '\0')), after;
  ByteReader in(before);
  ByteWriter out(&after);
  out.Varint(in.Varint() + ignored);
  out.Fixed64(static_cast<uint64_t>(options_.clock->NowMs()));
  batch->out().Put(at, std::move(after));
}

std::vector<Store::IgnoredKeys> Store::ignored_keys() const {
  std::vector<IgnoredKeys> all;
  const std::string prefix = key::Meta(kIgnoredMeta);
  kv_->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    std::string_view name = key.substr(prefix.size());
    size_t space = name.rfind(' ');
    ByteReader in(value);
    IgnoredKeys& one = all.emplace_back();
    one.station = std::string(name.substr(0, space));
    (void)Unhex(name.substr(space + 1), &one.key_id);
    one.count = in.Varint();
    one.last_ms = static_cast<int64_t>(in.Fixed64());
    return true;
  });
  return all;
}

}  // namespace liaison
