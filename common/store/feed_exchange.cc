// Feeds as the hub cuts them and as a station takes them.
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/record/view.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
#include "common/store/maker.h"
#include "common/store/store.h"

namespace liaison {
namespace {

struct Head {
  std::string epoch;
  uint64_t position = 0;
  std::string prefix;
};

Head ReadHead(const KvReader& kv, std::string_view interest) {
  Head head;
  std::optional<std::string> bytes = kv.Get(key::FeedHead(interest));
  if (!bytes) return {"", 0, FeedStart(interest)};
  ByteReader in(*bytes);
  head.epoch = std::string(in.String());
  head.position = in.Varint();
  head.prefix = std::string(in.Raw(kHashBytes));
  return head;
}

std::string EncodeHead(const Head& head) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.String(head.epoch);
  out.Varint(head.position);
  out.Raw(head.prefix);
  return bytes;
}

constexpr size_t kShortItemBytes = 8;  // about what an item of the reader's own weighs on a link

// The only op, or the only key of a visitor, in a table's part; nothing if there are several.
std::optional<std::pair<std::string, std::string>> Only(const KvReader& kv, const std::string& prefix) {
  std::optional<std::pair<std::string, std::string>> found;
  size_t count = 0;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    found.emplace(key.substr(prefix.size()), value);
    return ++count < 2;
  });
  return count == 1 ? found : std::nullopt;
}

// The op by which `station` made a visitor that has one key; seq 0 if it did not.
OpName WriterOf(const StoreReader& records, const RecordId& visitor, std::string_view station) {
  std::optional<Aggregate> aggregate = records.Load(visitor);
  if (!aggregate || !Only(records.kv(), key::VisitorKeys(visitor))) return {};
  std::optional<Op> maker = MakerOf(records, *aggregate);
  return maker && maker->actor.station == station ? OpName{maker->actor, maker->seq, ""} : OpName();
}

// How many items of a batch this disk holds, when it goes through the cursor and beyond it.
std::optional<size_t> ItemsUpTo(const Head& cursor, const sync::FeedBatch& feed) {
  if (feed.first > cursor.position || feed.last <= cursor.position) return std::nullopt;
  std::string prefix = feed.prefix_before;
  size_t known = cursor.position - feed.first;
  for (size_t i = 0; i < known; ++i) prefix = FeedNext(prefix, feed.items[i]);
  return prefix == cursor.prefix ? std::optional(known) : std::nullopt;
}

}  // namespace

absl::Status Store::ApplyFeedBatch(const sync::FeedBatch& feed) {
  absl::MutexLock lock(&write_mutex_);
  Batch batch(kv_.get(), &options_);
  Head head = ReadHead(batch.out(), feed.interest);
  if (feed.items.empty() || feed.ops.size() != feed.items.size() || feed.last - feed.first != feed.items.size())
    return absl::InvalidArgumentError(Cat("feed ", feed.interest, ": counts do not fit"));
  std::optional<size_t> known = ItemsUpTo(head, feed);
  if (!known)
    return absl::FailedPreconditionError(Cat("feed ", feed.interest, ": a batch from ", feed.first, " to ", feed.last,
                                             " does not lead on from ", head.position));
  for (size_t i = *known; i < feed.items.size(); ++i) {
    const sync::FeedItem& item = feed.items[i];
    if (item.kind == sync::ItemKind::kOp && !batch.HasOp(item.name)) {
      absl::StatusOr<Op> op = DecodeOp(feed.ops[i]);
      if (op.ok() && (op->name() != item.name || ToBytes(op->aggregate) != item.aggregate))
        op = absl::InvalidArgumentError("bytes of another op");
      if (!op.ok())
        return absl::InvalidArgumentError(
            Cat("feed ", feed.interest, " item ", feed.first + i, ": ", op.status().message()));
      batch.AddOp(*op, feed.ops[i]);
      NoteBranch(*op, &batch);
      hybrid_clock_.Witness(op->logical_time, options_.clock->NowMs());
      if (op->actor.station == kHubStation && op->wall_ms > NewestWith(batch)) NoteWall(*op, &batch);
    }
    head.prefix = FeedNext(head.prefix, item);
    batch.out().Put(key::FeedItem(feed.interest, head.position), head.prefix + EncodeFeedItem(item));
    ++head.position;
  }
  if (head.prefix != feed.prefix_after)
    return absl::InvalidArgumentError(Cat("feed ", feed.interest, ": prefix does not come out"));
  for (const sync::KeyItem& key : feed.keys) {
    bool named = false, meant = false;
    for (const sync::FeedItem& item : feed.items) {
      if (item.kind != sync::ItemKind::kKey || item.aggregate != key.aggregate || item.key_id != key.key_id) continue;
      meant |= item.key_hash == Sha256(key.key);
      named |= meant || key.key.empty();  // it may have been destroyed since: an item behind says so
    }
    if (!named) return absl::InvalidArgumentError(Cat("feed ", feed.interest, ": a key that no item names"));
    if (!key.key.empty()) batch.AddKey(key);
    if (key.key.empty() && meant) batch.DestroyKey(key);
  }
  head.epoch = feed.epoch;
  batch.out().Put(key::FeedHead(feed.interest), EncodeHead(head));
  sync::FeedBatch header = feed;
  header.items.clear();
  header.ops.clear();
  header.keys.clear();
  batch.out().Put(key::Batch(feed.interest, feed.last), EncodeMessage(header));
  return Finish(&batch, false);
}

absl::Status Store::CompleteBatch(sync::FeedBatch* batch) const {
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  if (batch->first == 0) batch->prefix_before = FeedStart(batch->interest);
  auto missing = [&](size_t i) {
    return absl::NotFoundError(Cat("feed ", batch->interest, " item ", batch->first + i, ": not told by this disk"));
  };
  auto own = [&](const OpName& name) -> absl::StatusOr<Op> {
    auto found = Only(*kv, key::OpAt(name.actor, name.seq));
    if (!found) return absl::NotFoundError("own op");
    return DecodeOp(found->second);
  };
  std::string prefix = batch->prefix_before;
  for (size_t i = 0; i < batch->items.size(); ++i) {
    sync::FeedItem& item = batch->items[i];
    if (item.kind == sync::ItemKind::kOp && item.name.hash.empty()) {
      absl::StatusOr<Op> op = own(item.name);
      if (!op.ok()) return missing(i);
      item.name.hash = op->hash;
      item.aggregate = ToBytes(op->aggregate);
    } else if (item.kind == sync::ItemKind::kKey && item.by.seq > 0) {
      absl::StatusOr<Op> op = own(item.by);
      if (!op.ok()) return missing(i);
      auto key = Only(*kv, key::VisitorKeys(op->aggregate));
      std::optional<sync::KeyItem> known;
      if (key) known = StoreReader(kv.get()).VisitorKey(op->aggregate, key->first);
      if (!known || known->key.empty()) return missing(i);
      item.aggregate = known->aggregate;
      item.key_id = known->key_id;
      item.key_hash = Sha256(known->key);
      item.by = {};
    }
  }
  for (size_t i = 0; i < batch->items.size(); ++i) {
    sync::FeedItem& item = batch->items[i];
    if (item.kind == sync::ItemKind::kEnter && item.aggregate.empty() && i + 1 < batch->items.size())
      item.aggregate = batch->items[i + 1].aggregate;
    prefix = FeedNext(prefix, item);
  }
  if (!sync::SameHash(prefix, batch->prefix_after)) return absl::NotFoundError("the prefix does not come out");
  batch->prefix_after = std::move(prefix);
  return absl::OkStatus();
}

std::vector<sync::Cursor> Store::FeedHeads() const {
  std::vector<sync::Cursor> heads;
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  kv->ScanPrefix(key::kFeedHead, [&](std::string_view key, std::string_view) {
    std::string interest(key.substr(2));
    Head head = ReadHead(*kv, interest);
    heads.push_back({interest, head.epoch, head.position, head.prefix});
    return true;
  });
  return heads;
}

std::optional<sync::Cursor> Store::FeedHead(std::string_view interest) const {
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  if (!kv->Get(key::FeedHead(interest))) return std::nullopt;
  Head head = ReadHead(*kv, interest);
  return sync::Cursor{std::string(interest), head.epoch, head.position, head.prefix};
}

std::optional<std::string> Store::FeedPrefix(std::string_view interest, uint64_t position) const {
  if (position == 0) return FeedStart(interest);
  std::optional<std::string> item = kv_->Get(key::FeedItem(interest, position - 1));
  if (!item || item->size() < kHashBytes) return std::nullopt;
  return item->substr(0, kHashBytes);
}

std::optional<sync::FeedBatch> Store::ReadFeed(std::string_view interest, uint64_t position, std::string_view reader,
                                               size_t max_bytes, bool whole) const {
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  StoreReader records(kv.get());
  std::optional<std::string> prefix = FeedPrefix(interest, position);
  if (!prefix) return std::nullopt;
  sync::FeedBatch batch;
  batch.interest = std::string(interest);
  batch.epoch = epoch_;
  batch.first = batch.last = position;
  batch.prefix_before = batch.prefix_after = *prefix;
  size_t bytes = 0;
  kv->Scan(key::FeedItem(interest, position), PrefixEnd(key::FeedItem(interest, ~uint64_t{0})),
           [&](std::string_view, std::string_view value) {
             if (value.size() < kHashBytes) return false;
             absl::StatusOr<sync::FeedItem> item = DecodeFeedItem(value.substr(kHashBytes));
             if (!item.ok()) return false;
             std::string op;
             bool own = item->kind == sync::ItemKind::kOp && item->name.actor.station == reader;
             if (item->kind == sync::ItemKind::kOp && !own)
               op = records.OpBytes(item->name.actor, item->name.seq, TagOf(item->name.hash)).value_or("");
             size_t weight = own && !whole ? kShortItemBytes : value.size() + op.size();
             if (!batch.items.empty() && (bytes + weight > max_bytes || batch.items.size() == sync::kMaxBatchItems))
               return false;
             bytes += weight;
             if (RecordId visitor; item->kind == sync::ItemKind::kKey && RecordIdFromBytes(item->aggregate, &visitor)) {
               if (!whole) item->by = WriterOf(records, visitor, reader);
               if (item->by.seq == 0)
                 if (auto key = records.VisitorKey(visitor, item->key_id)) batch.keys.push_back(*key);
             }
             batch.items.push_back(*std::move(item));
             batch.ops.push_back(std::move(op));
             batch.prefix_after = std::string(value.substr(0, kHashBytes));
             ++batch.last;
             return true;
           });
  if (batch.items.empty()) return std::nullopt;
  if (options_.sign) batch.seal = options_.sign(FeedSigningBytes(batch));
  return batch;
}

}  // namespace liaison
