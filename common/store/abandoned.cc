// What a station keeps of feeds that a restored hub has lost, and how the hub takes it back.
#include <algorithm>
#include <set>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/store/batch.h"
#include "common/store/judging.h"
#include "common/store/keys.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr char kAbandonedSet[] = "abandoned";  // own fact: count:varint hash:32

struct StoredItem {
  std::string prefix_after;
  sync::FeedItem item;
};

std::optional<StoredItem> DecodeStored(std::string_view value) {
  if (value.size() < kHashBytes) return std::nullopt;
  absl::StatusOr<sync::FeedItem> item = DecodeFeedItem(value.substr(kHashBytes));
  if (!item.ok()) return std::nullopt;
  return StoredItem{std::string(value.substr(0, kHashBytes)), *std::move(item)};
}

// What makes an item worth keeping: the name of an op, or a key. Enter and leave follow from the records.
std::string Worth(const sync::FeedItem& item) {
  std::string name;
  ByteWriter out(&name);
  if (item.kind == sync::ItemKind::kOp || item.kind == sync::ItemKind::kGone) {
    out.U8('o');
    EncodeActor(item.name.actor, &out);
    out.Varint(item.name.seq);
    out.Raw(item.name.hash);
  } else if (item.kind == sync::ItemKind::kKey) {
    out.U8('k');
    out.String(item.aggregate);
    out.String(item.key_id);
    out.Raw(item.key_hash);
  }
  return name;
}

std::set<std::string> KeptNames(const KvReader& kv) {
  std::set<std::string> names;
  kv.ScanPrefix(key::kAbandoned, [&](std::string_view, std::string_view value) {
    if (std::optional<StoredItem> stored = DecodeStored(value))
      if (std::string name = Worth(stored->item); !name.empty()) names.insert(std::move(name));
    return true;
  });
  return names;
}

std::string EncodeSet(const std::set<std::string>& names) {
  Sha256Stream hash;
  for (const std::string& name : names) hash.Update(Sha256(name));
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(names.size());
  out.Raw(hash.Finish());
  return bytes;
}

}  // namespace

std::string Store::AbandonedMeta(std::string_view hash) { return Cat("abandoned-", Hex(hash)); }

// A signature covers its whole batch, so a batch that the point cuts is kept whole: its items before the point stand in
// both tables. Items without a header were cut by an earlier rewind and are kept already.
absl::Status Store::RewindFeed(const sync::Cursor& to) {
  absl::MutexLock lock(&write_mutex_);
  sync::Cursor cursor = to;
  if (cursor.position == 0 && cursor.prefix.empty()) cursor.prefix = FeedStart(cursor.interest);
  std::optional<std::string> prefix = FeedPrefix(cursor.interest, cursor.position);
  if (!prefix || !sync::SameHash(*prefix, cursor.prefix))
    return absl::FailedPreconditionError(Cat("feed ", cursor.interest, ": no such common point"));
  std::optional<sync::Cursor> head = FeedHead(cursor.interest);
  if (!head || head->position < cursor.position) return absl::OkStatus();
  KvChanges changes;
  std::set<std::string> kept = KeptNames(*kv_);
  const std::string from = key::Batch(cursor.interest, cursor.position + 1);
  kv_->Scan(from, PrefixEnd(key::Batch(cursor.interest, ~uint64_t{0})),
            [&](std::string_view key, std::string_view value) {
              changes[std::string(key)] = std::nullopt;
              absl::StatusOr<sync::Message> message = DecodeMessage(value);
              const auto* batch = message.ok() ? std::get_if<sync::FeedBatch>(&*message) : nullptr;
              if (batch == nullptr) return true;
              KvChanges rows;
              bool news = false;
              kv_->Scan(key::FeedItem(cursor.interest, batch->first), key::FeedItem(cursor.interest, batch->last),
                        [&](std::string_view item_key, std::string_view item) {
                          uint64_t position = ByteReader(item_key.substr(item_key.size() - 8)).Fixed64();
                          rows[key::Abandoned(cursor.interest, head->prefix, position)] = std::string(item);
                          if (std::optional<StoredItem> stored = DecodeStored(item))
                            if (std::string name = Worth(stored->item); !name.empty()) news |= kept.insert(name).second;
                          return true;
                        });
              if (!news) return true;
              changes.merge(rows);
              changes[key::AbandonedBatch(cursor.interest, head->prefix, batch->last)] = std::string(value);
              return true;
            });
  kv_->Scan(key::FeedItem(cursor.interest, cursor.position), key::FeedItem(cursor.interest, head->position),
            [&](std::string_view key, std::string_view) {
              changes[std::string(key)] = std::nullopt;
              return true;
            });
  std::string point;
  ByteWriter out(&point);
  out.String(cursor.epoch);
  out.Varint(cursor.position);
  out.Raw(*prefix);
  changes[key::FeedHead(cursor.interest)] = std::move(point);
  changes[key::Meta(Cat("x-", kAbandonedSet))] = EncodeSet(kept);
  return Write(changes);
}

Store::Abandoned Store::abandoned() const {
  Abandoned abandoned;
  std::optional<std::string> bytes = GetMeta(kAbandonedSet);
  if (!bytes) return abandoned;
  ByteReader in(*bytes);
  abandoned.count = in.Varint();
  abandoned.hash = std::string(in.Raw(kHashBytes));
  return abandoned;
}

std::optional<sync::FeedBatch> Store::NextAbandoned(std::string* at) const {
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  std::optional<sync::FeedBatch> next;
  std::string prefix;
  std::string from = at->empty() ? std::string(key::kAbandonedBatch) : *at + '\0';
  kv->Scan(from, PrefixEnd(key::kAbandonedBatch), [&](std::string_view key, std::string_view value) {
    *at = std::string(key);
    absl::StatusOr<sync::Message> message = DecodeMessage(value);
    if (!message.ok() || !std::holds_alternative<sync::FeedBatch>(*message)) return true;
    next = std::get<sync::FeedBatch>(*std::move(message));
    prefix = std::string(key.substr(key.size() - 8 - kHashBytes, kHashBytes));
    return false;
  });
  if (!next) return std::nullopt;
  kv->Scan(key::Abandoned(next->interest, prefix, next->first), key::Abandoned(next->interest, prefix, next->last),
           [&](std::string_view, std::string_view value) {
             if (std::optional<StoredItem> stored = DecodeStored(value)) next->items.push_back(std::move(stored->item));
             return true;
           });
  next->ops.resize(next->items.size());
  return next;
}

std::vector<sync::Cursor> Store::FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) const {
  std::vector<sync::Cursor> points;
  auto add = [&](uint64_t position) {
    std::optional<std::string> prefix = FeedPrefix(cursor.interest, position);
    if (prefix) points.push_back({cursor.interest, cursor.epoch, position, *std::move(prefix)});
  };
  if (hub_head.position > 0 && hub_head.position < cursor.position)
    if (std::optional<std::string> prefix = FeedPrefix(cursor.interest, hub_head.position);
        prefix && sync::SameHash(*prefix, hub_head.prefix))
      add(hub_head.position);
  for (uint64_t back = 1; back < cursor.position; back *= 2) add(cursor.position - back);
  return points;
}

sync::Ops Store::Lookup(const sync::Want& want) const {
  StoreReader records(kv_->Snapshot());
  sync::Ops found;
  size_t bytes = 0;
  for (const OpName& name : want.names) {
    if (!found.ops.empty() && bytes >= sync::kMaxOpsBytes) break;
    found.ops.push_back(records.OpBytes(name.actor, name.seq, TagOf(name.hash)).value_or(""));
    bytes += found.ops.back().size();
  }
  for (const sync::KeyItem& wanted : want.keys) {
    RecordId visitor;
    if (!RecordIdFromBytes(wanted.aggregate, &visitor)) continue;
    if (auto key = records.VisitorKey(visitor, wanted.key_id)) found.keys.push_back(*std::move(key));
  }
  return found;
}

absl::StatusOr<sync::Want> Store::LackingOf(const sync::FeedBatch& batch) const {
  std::string prefix = batch.prefix_before;
  for (const sync::FeedItem& item : batch.items) prefix = FeedNext(prefix, item);
  if (batch.first == 0 && batch.prefix_before != FeedStart(batch.interest))
    return absl::InvalidArgumentError("prefix of a feed's start");
  if (prefix != batch.prefix_after) return absl::InvalidArgumentError("prefix does not come out");
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  sync::Want lacking;
  std::set<OpName> named;
  for (const sync::FeedItem& item : batch.items) {
    if (item.kind == sync::ItemKind::kOp) {
      std::optional<std::string> held = kv->Get(key::Op(item.name.actor, item.name.seq, TagOf(item.name.hash)));
      if (!held && named.insert(item.name).second) lacking.names.push_back(item.name);
    }
    RecordId visitor;
    if (item.kind == sync::ItemKind::kKey && item.key_hash != Sha256("") &&
        RecordIdFromBytes(item.aggregate, &visitor) && !kv->Get(key::VisitorKey(visitor, item.key_id)))
      lacking.keys.push_back({item.aggregate, 0, item.key_id, ""});
  }
  return lacking;
}

// Nothing of it is judged: it was, when this hub signed it. Such an op may be a fragment: those before it, which other
// disks have, are not here. It is marked as beside its chain (table N) until the chain reaches it, and counts in no
// receipt.
absl::Status Store::TakeOffered(const sync::FeedBatch& offered, std::span<const sync::KeyItem> keys,
                                const std::string& known) {
  absl::MutexLock lock(&write_mutex_);
  std::vector<OpName> stood;  // kept here, and in a feed that this hub has signed: taken before the hub was restored
  for (const sync::FeedItem& item : offered.items)
    if (item.kind == sync::ItemKind::kOp && IsKeptReadable(*kv_, item.name)) stood.push_back(item.name);
  // First: `known` says that all of it is here.
  RETURN_IF_ERROR(AcceptAll(stood, kHubUser, true, nullptr).status());
  std::optional<OwnLog> before = SaveOwn();
  std::vector<Judging::Brought> rulings;
  Batch batch(kv_.get(), &options_);
  for (size_t i = 0; i < offered.items.size(); ++i) {
    const sync::FeedItem& item = offered.items[i];
    if (item.kind != sync::ItemKind::kOp || offered.ops[i].empty() || batch.HasOp(item.name)) continue;
    absl::StatusOr<Op> op = DecodeOp(offered.ops[i]);
    if (!op.ok() || op->name() != item.name || ToBytes(op->aggregate) != item.aggregate)
      return absl::InvalidArgumentError(Cat("offer of ", offered.interest, ": bytes of another op"));
    batch.out().Put(key::Branch(op->actor, op->seq, op->tag()), "");
    batch.AddOp(*op, offered.ops[i]);
    if (op->actor.station == options_.station) Judging::AddBrought(*op, &rulings);
    NoteBranch(*op, &batch);
    hybrid_clock_.Witness(op->logical_time, options_.clock->NowMs());
  }
  for (const sync::KeyItem& key : keys) {
    bool named = std::any_of(offered.items.begin(), offered.items.end(), [&](const sync::FeedItem& item) {
      return item.kind == sync::ItemKind::kKey && item.aggregate == key.aggregate && item.key_id == key.key_id &&
             (key.key.empty() || item.key_hash == Sha256(key.key));
    });
    if (!named) return absl::InvalidArgumentError(Cat("offer of ", offered.interest, ": a key that no item names"));
    batch.AddKey(key);
  }
  if (!known.empty()) batch.out().Put(key::Meta(Cat("x-", AbandonedMeta(known))), "");
  Judging judging(this);
  absl::Status status = judging.Merge(rulings, &batch);
  if (status.ok()) status = judging.LookAgainIn(&batch);
  if (status.ok() && !batch.out().changes().empty()) status = Finish(&batch, false);
  if (!status.ok()) RestoreOwn(before);
  return status;
}

}  // namespace liaison
