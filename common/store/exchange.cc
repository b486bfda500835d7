// The store's side of the exchange: ranges up, feeds down.
#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
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

std::string EncodeRangeMark(const sync::Range& range) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(range.first);
  out.Raw(range.head_before);
  out.Raw(range.head_after);
  out.String(range.seal.key_id);
  out.U8(range.seal.algorithm);
  out.String(range.seal.signature);
  return bytes;
}

uint64_t PositionIn(std::string_view key) { return ByteReader(key.substr(key.size() - 8)).Fixed64(); }

}  // namespace

// ---------------------------------------------------------------- up

std::string Store::HeadAt(const KvReader& kv, const Actor& actor, uint64_t seq) const {
  uint64_t at = 0;
  std::string head;
  {
    absl::MutexLock lock(&state_mutex_);
    auto it = head_cache_.find(actor);
    if (it != head_cache_.end() && it->second.first <= seq) std::tie(at, head) = it->second;
  }
  if (auto mark = kv.Last(key::Range(actor, at + 1), key::Range(actor, seq + 1)); mark) {
    ByteReader in(mark->second);
    in.Varint();
    in.Raw(kHashBytes);
    at = PositionIn(mark->first);
    head = std::string(in.Raw(kHashBytes));
  }
  kv.Scan(key::OpAt(actor, at + 1), key::OpAt(actor, seq + 1), [&](std::string_view, std::string_view value) {
    absl::StatusOr<Op> op = DecodeOp(value);
    if (!op.ok() || op->seq != at + 1) return op.ok();  // a second branch of the same seq is not of this chain
    if (op->seq == 1) head = ChainStart(op->parent);
    head = ChainNext(head, op->hash);
    at = op->seq;
    return true;
  });
  if (at != seq) return "";
  if (seq == 0) {
    absl::StatusOr<Op> first = absl::NotFoundError("");
    kv.ScanPrefix(key::OpAt(actor, 1), [&](std::string_view, std::string_view value) {
      first = DecodeOp(value);
      return false;
    });
    return first.ok() ? ChainStart(first->parent) : "";
  }
  absl::MutexLock lock(&state_mutex_);
  if (head_cache_.size() > 1000) head_cache_.clear();
  head_cache_[actor] = {at, head};
  return head;
}

absl::StatusOr<sync::Range> Store::ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) const {
  std::unique_ptr<KvReader> kv = kv_->Snapshot();
  StoreReader reader(kv.get());
  sync::Range range;
  range.actor = actor;
  range.first = first;
  range.last = first - 1;
  range.head_before = HeadAt(*kv, actor, first - 1);
  std::string head = range.head_before;
  size_t bytes = 0;
  absl::Status status;
  kv->Scan(key::OpAt(actor, first), PrefixEnd(key::OpPrefix(actor)), [&](std::string_view, std::string_view value) {
    absl::StatusOr<Op> op = DecodeOp(value);
    if (!op.ok()) {
      status = absl::DataLossError(op.status().message());
      return false;
    }
    if (op->seq == range.last) return true;  // a second branch: not of this run's chain
    if (op->seq != range.last + 1 || (!range.ops.empty() && bytes + value.size() > max_bytes)) return false;
    bytes += value.size();
    range.last = op->seq;
    range.ops.emplace_back(value);
    head = ChainNext(head, op->hash);
    if (!op->sealed.empty()) {
      std::string prefix = key::VisitorKeys(op->aggregate);
      kv->ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
        if (auto item = reader.VisitorKey(op->aggregate, key.substr(prefix.size()))) range.keys.push_back(*item);
        return true;
      });
    }
    return true;
  });
  RETURN_IF_ERROR(status);
  if (range.ops.empty()) return absl::NotFoundError("no op of this actor from there on");
  range.head_after = head;
  if (options_.sign) range.seal = options_.sign(RangeSigningBytes(range));
  return range;
}

std::optional<sync::Tip> Store::Have(const Actor& actor) const {
  std::optional<std::string> bytes = kv_->Get(key::Chain(actor));
  if (!bytes) return std::nullopt;
  absl::StatusOr<OwnLog> log = DecodeChain(actor, *bytes);
  if (!log.ok()) return std::nullopt;
  return sync::Tip{actor, log->last_seq, log->head};
}

bool Store::HoldsAt(const sync::Tip& tip) const {
  std::optional<sync::Tip> have = Have(tip.actor);
  if (!have || have->seq < tip.seq) return false;
  if (have->seq == tip.seq) return have->head == tip.head;
  return HeadAt(*kv_->Snapshot(), tip.actor, tip.seq) == tip.head;
}

// One range, whole or not at all. Ops that are held already are passed over, so that a repeated range changes nothing.
sync::Ack Store::TakeRange(const sync::Range& range, Batch* batch) {
  sync::Ack ack;
  ack.epoch = epoch_;
  OwnLog have;
  have.actor = range.actor;
  if (std::optional<std::string> bytes = batch->out().Get(key::Chain(range.actor)))
    if (absl::StatusOr<OwnLog> log = DecodeChain(range.actor, *bytes); log.ok()) have = *log;
  auto answer = [&](sync::Verdict verdict, uint64_t seq, std::string reason) {
    ack.tip = {range.actor, have.last_seq, have.head};
    ack.verdicts.push_back({{range.actor, seq, std::string(kHashBytes, '\0')}, verdict, std::move(reason)});
    return ack;
  };
  auto gap = [&](const sync::Tip& at) {
    ack.tip = {range.actor, have.last_seq, have.head};
    ack.gap = at;
    return ack;
  };
  if (range.first == 0 || range.last - range.first + 1 != range.ops.size())
    return answer(sync::Verdict::kMalformed, range.first, "一段记录的编号与条数不符");
  if (range.first > have.last_seq + 1) return gap({range.actor, have.last_seq, have.head});
  std::vector<Op> ops;
  for (size_t i = 0; i < range.ops.size(); ++i) {
    absl::StatusOr<Op> op = DecodeOp(range.ops[i]);
    if (!op.ok()) return answer(sync::Verdict::kMalformed, range.first + i, std::string(op.status().message()));
    if (op->actor != range.actor || op->seq != range.first + i)
      return answer(sync::Verdict::kMalformed, range.first + i, "记录的编号与所在位置不符");
    ops.push_back(*std::move(op));
  }
  if (have.last_seq == 0) {
    const std::optional<ParentLink>& parent = ops[0].parent;
    if (parent && !HoldsAt({parent->actor, parent->seq, parent->head})) {
      std::optional<sync::Tip> held = Have(parent->actor);
      return gap(held ? *held : sync::Tip{parent->actor, 0, std::string()});
    }
    have.head = ChainStart(parent);
  }
  sync::Range checked = range;
  checked.head_before = have.last_seq + 1 == range.first ? have.head : HeadAt(batch->out(), range.actor, range.first - 1);
  std::string head = checked.head_before;
  for (const Op& op : ops) head = ChainNext(head, op.hash);
  checked.head_after = head;
  if (options_.check_range) {
    absl::Status status = options_.check_range(checked);
    if (!status.ok()) return answer(sync::Verdict::kRefused, range.first, std::string(status.message()));
  }
  for (size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].seq <= have.last_seq && batch->HasOp(ops[i].name())) continue;
    batch->AddOp(ops[i], range.ops[i]);
    if (ops[i].seq != have.last_seq + 1) continue;  // another branch of a known seq: kept and folded beside the first
    have.last_seq = ops[i].seq;
    have.head = ChainNext(have.head, ops[i].hash);
  }
  for (const sync::KeyItem& key : range.keys) batch->AddKey(key);
  batch->out().Put(key::Range(range.actor, range.last), EncodeRangeMark(checked));
  batch->out().Put(key::Chain(range.actor), EncodeChain(have));
  ack.tip = {range.actor, have.last_seq, have.head};
  return ack;
}

absl::StatusOr<std::vector<sync::Ack>> Store::ApplyRanges(std::span<const sync::Range> ranges) {
  absl::MutexLock lock(&write_mutex_);
  Batch batch(kv_.get(), &options_);
  std::vector<sync::Ack> acks;
  for (const sync::Range& range : ranges) acks.push_back(TakeRange(range, &batch));
  if (batch.out().changes().empty()) return acks;
  RETURN_IF_ERROR(Finish(&batch, false));
  return acks;
}

// ---------------------------------------------------------------- down

absl::Status Store::ApplyFeedBatch(const sync::FeedBatch& feed) {
  absl::MutexLock lock(&write_mutex_);
  Batch batch(kv_.get(), &options_);
  Head head = ReadHead(batch.out(), feed.interest);
  if (feed.first != head.position || feed.prefix_before != head.prefix)
    return absl::FailedPreconditionError(Cat("feed ", feed.interest, ": batch starts at ", feed.first, ", held ", head.position));
  if (feed.ops.size() != feed.items.size() || feed.last - feed.first != feed.items.size())
    return absl::InvalidArgumentError(Cat("feed ", feed.interest, ": counts do not fit"));
  for (size_t i = 0; i < feed.items.size(); ++i) {
    const sync::FeedItem& item = feed.items[i];
    if (item.kind == sync::ItemKind::kOp && !batch.HasOp(item.name)) {
      absl::StatusOr<Op> op = DecodeOp(feed.ops[i]);
      if (op.ok() && op->name() != item.name) op = absl::InvalidArgumentError("bytes of another op");
      if (!op.ok())
        return absl::InvalidArgumentError(Cat("feed ", feed.interest, " item ", feed.first + i, ": ", op.status().message()));
      batch.AddOp(*op, feed.ops[i]);
      hybrid_clock_.Witness(op->logical_time, options_.clock->NowMs());
    }
    head.prefix = FeedNext(head.prefix, item);
    batch.out().Put(key::FeedItem(feed.interest, head.position), head.prefix + EncodeFeedItem(item));
    ++head.position;
  }
  if (head.prefix != feed.prefix_after)
    return absl::InvalidArgumentError(Cat("feed ", feed.interest, ": prefix does not come out"));
  for (const sync::KeyItem& key : feed.keys) batch.AddKey(key);
  head.epoch = feed.epoch;
  batch.out().Put(key::FeedHead(feed.interest), EncodeHead(head));
  sync::FeedBatch header = feed;
  header.items.clear();
  header.ops.clear();
  header.keys.clear();
  batch.out().Put(key::Batch(feed.interest, feed.last), EncodeMessage(header));
  return Finish(&batch, false);
}

absl::Status Store::RewindFeed(const sync::Cursor& cursor) {
  absl::MutexLock lock(&write_mutex_);
  Head head = ReadHead(*kv_, cursor.interest);
  std::optional<std::string> prefix = FeedPrefix(cursor.interest, cursor.position);
  if (!prefix || *prefix != cursor.prefix)
    return absl::FailedPreconditionError(Cat("feed ", cursor.interest, ": no such common point"));
  KvChanges changes;
  kv_->Scan(key::FeedItem(cursor.interest, cursor.position), key::FeedItem(cursor.interest, head.position),
            [&](std::string_view key, std::string_view value) {
              changes[key::Abandoned(cursor.interest, head.prefix, PositionIn(key))] = std::string(value);
              changes[std::string(key)] = std::nullopt;
              return true;
            });
  changes[key::FeedHead(cursor.interest)] = EncodeHead({cursor.epoch, cursor.position, cursor.prefix});
  return kv_->Write(changes, true);
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

std::optional<std::string> Store::FeedPrefix(std::string_view interest, uint64_t position) const {
  if (position == 0) return FeedStart(interest);
  std::optional<std::string> item = kv_->Get(key::FeedItem(interest, position - 1));
  if (!item || item->size() < kHashBytes) return std::nullopt;
  return item->substr(0, kHashBytes);
}

std::optional<sync::FeedBatch> Store::ReadFeed(std::string_view interest, uint64_t position, std::string_view reader,
                                               size_t max_bytes) const {
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
             absl::StatusOr<sync::FeedItem> item = DecodeFeedItem(value.substr(kHashBytes));
             if (!item.ok()) return false;
             std::string op;
             if (item->kind == sync::ItemKind::kOp && item->name.actor.station != reader)
               op = records.OpBytes(item->name.actor, item->name.seq, TagOf(item->name.hash)).value_or("");
             size_t weight = value.size() + op.size();
             if (!batch.items.empty() && bytes + weight > max_bytes) return false;
             bytes += weight;
             if (RecordId visitor; item->kind == sync::ItemKind::kKey && RecordIdFromBytes(item->aggregate, &visitor))
               if (auto key = records.VisitorKey(visitor, item->key_id)) batch.keys.push_back(*key);
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
