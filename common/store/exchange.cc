// The store's side of the exchange: ranges up, feeds down.
#include <algorithm>
#include <set>

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

using Branches = std::set<std::pair<uint64_t, Tag>>;

// (number, tag) at the end of a key.
std::pair<uint64_t, Tag> TailOf(std::string_view key) {
  ByteReader in(key.substr(key.size() - 16));
  uint64_t number = in.Fixed64();
  return {number, in.Fixed64()};
}

Branches BranchesOf(const KvReader& kv, const Actor& actor) {
  Branches branches;
  kv.Scan(key::BranchAt(actor, 0), PrefixEnd(key::BranchAt(actor, ~uint64_t{0})),
          [&](std::string_view key, std::string_view) {
            branches.insert(TailOf(key));
            return true;
          });
  return branches;
}

std::string Walk(const KvReader& kv, const Actor& actor, uint64_t at, std::string head, uint64_t seq,
                 const Branches& branches) {
  kv.Scan(key::OpAt(actor, at + 1), key::OpAt(actor, seq + 1), [&](std::string_view key, std::string_view value) {
    if (branches.contains(TailOf(key))) return true;
    absl::StatusOr<Op> op = DecodeFrame(value);
    if (!op.ok() || op->seq != at + 1) return false;
    if (op->seq == 1) head = ChainStart(op->parent);
    head = ChainNext(head, op->hash);
    at = op->seq;
    return true;
  });
  return at == seq ? head : "";
}

std::optional<sync::Tip> HaveIn(const KvReader& kv, const Actor& actor) {
  std::optional<std::string> bytes = kv.Get(key::Chain(actor));
  if (!bytes) return std::nullopt;
  absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, *bytes);
  if (!log.ok()) return std::nullopt;
  return sync::Tip{actor, log->last_seq, log->head};
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

std::string WalkChain(const KvReader& kv, const Actor& actor, uint64_t at, std::string head, uint64_t seq) {
  return Walk(kv, actor, at, std::move(head), seq, BranchesOf(kv, actor));
}

// ---------------------------------------------------------------- up

std::string Store::HeadAt(const KvReader& kv, const Actor& actor, uint64_t seq) const {
  uint64_t at = 0;
  std::string head;
  {
    absl::MutexLock lock(&state_mutex_);
    if (auto it = head_cache_.find(actor); it != head_cache_.end())
      if (auto behind = it->second.upper_bound(seq); behind != it->second.begin())
        std::tie(at, head) = *std::prev(behind);
  }
  Branches branches = BranchesOf(kv, actor);
  std::string below = key::RangeAt(actor, seq + 1);
  while (auto mark = kv.Last(key::RangeAt(actor, at + 1), below)) {
    below = mark->first;
    if (branches.contains(TailOf(mark->first))) continue;
    ByteReader in(mark->second);
    in.Varint();
    in.Raw(kHashBytes);
    at = TailOf(mark->first).first;
    head = std::string(in.Raw(kHashBytes));
    break;
  }
  head = Walk(kv, actor, at, std::move(head), seq, branches);
  if (seq == 0) {
    std::optional<Op> first;
    kv.ScanPrefix(key::OpAt(actor, 1), [&](std::string_view key, std::string_view value) {
      if (branches.contains(TailOf(key))) return true;
      if (absl::StatusOr<Op> op = DecodeOp(value); op.ok()) first = *std::move(op);
      return false;
    });
    return first ? ChainStart(first->parent) : "";
  }
  if (head.empty()) return head;
  absl::MutexLock lock(&state_mutex_);
  if (head_cache_.size() > 1000) head_cache_.clear();
  std::map<uint64_t, std::string>& known = head_cache_[actor];  // of ranges on their way: receipts come behind
  known[seq] = head;
  if (known.size() > 2 * sync::kMaxRangesInFlight)
    known.erase(known.begin()->first < seq ? known.begin() : std::prev(known.end()));
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
  Branches branches = BranchesOf(*kv, actor);
  std::optional<sync::Tip> have = HaveIn(*kv, actor);
  if (first == 0 || !have) return absl::NotFoundError("no log of this actor from there on");
  kv->Scan(key::OpAt(actor, first), key::OpAt(actor, have->seq + 1), [&](std::string_view key, std::string_view value) {
    if (branches.contains(TailOf(key))) return true;
    absl::StatusOr<Op> op = DecodeOp(value);
    if (!op.ok()) {
      status = absl::DataLossError(op.status().message());
      return false;
    }
    if (op->seq != range.last + 1 || (!range.ops.empty() && bytes + value.size() > max_bytes)) return false;
    bytes += value.size();
    range.last = op->seq;
    range.ops.emplace_back(value);
    head = ChainNext(head, op->hash);
    if (!op->sealed.empty()) {
      std::string prefix = key::VisitorKeys(op->aggregate);
      kv->ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
        auto item = reader.VisitorKey(op->aggregate, key.substr(prefix.size()));
        if (item && !item->key.empty()) range.keys.push_back(*std::move(item));
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

std::optional<sync::Tip> Store::Have(const Actor& actor) const { return HaveIn(*kv_, actor); }

bool Store::HoldsAt(const sync::Tip& tip) const { return HoldsAt(*kv_->Snapshot(), tip); }

bool Store::HoldsAt(const KvReader& kv, const sync::Tip& tip) const {
  if (tip.head.empty()) return false;
  std::optional<sync::Tip> have = HaveIn(kv, tip.actor);
  if (have && have->seq == tip.seq && have->head == tip.head) return true;
  if (have && have->seq > tip.seq && HeadAt(kv, tip.actor, tip.seq) == tip.head) return true;
  bool held = false;
  kv.ScanPrefix(key::BranchAt(tip.actor, tip.seq), [&](std::string_view, std::string_view head) {
    held = head == tip.head;
    return !held;
  });
  return held;
}

// An op of one of this disk's own actors that is not here: lost with a disk, or written by a twin of this process,
// which was resumed from the same snapshot. A twin must not go on under one name with the other, so this run opens a
// new actor. False if the op is another's.
bool Store::NoteBranch(const Op& op, Batch* batch) {
  absl::MutexLock lock(&state_mutex_);
  auto it = own_.find(op.actor);
  if (it == own_.end()) return false;
  if (op.seq <= it->second.last_seq) batch->out().Put(key::Branch(op.actor, op.seq, op.tag()), "");
  if (actor_ == op.actor) actor_.reset();
  return true;
}

// Where a range can start: behind the chain that is held, or behind another branch at that place.
struct Store::RangeStart {
  std::string head;
  bool on_chain = true;
};

std::vector<Store::RangeStart> Store::StartsOf(const sync::Range& range, const Op& first, const OwnLog& have,
                                               const KvReader& kv) const {
  if (range.first == 1) return {{ChainStart(first.parent), true}};
  std::vector<RangeStart> starts;
  uint64_t before = range.first - 1;
  if (before <= have.last_seq) {
    std::string head = before == have.last_seq ? have.head : HeadAt(kv, range.actor, before);
    if (!head.empty()) starts.push_back({std::move(head), true});
  }
  kv.ScanPrefix(key::BranchAt(range.actor, before), [&](std::string_view, std::string_view head) {
    if (!head.empty()) starts.push_back({std::string(head), false});
    return true;
  });
  if (!range.head_before.empty())
    std::erase_if(starts, [&](const RangeStart& start) { return start.head != range.head_before; });
  return starts;
}

// An op of a range as it will be kept. `why` (Chinese) is set when it has a name and, if it is new, is not folded.
struct Store::TakenOp {
  Op op;
  std::string why;
  sync::Verdict verdict = sync::Verdict::kMalformed;
};

// Of a range that is well signed, what stands in it unless its signer may not write any more.
void Store::Object(const sync::Range& range, std::vector<TakenOp>* ops) const {
  std::string why = options_.range_objection ? options_.range_objection(range) : "";
  if (why.empty()) return;
  for (TakenOp& taken : *ops)
    if (taken.why.empty()) taken = {std::move(taken.op), why, sync::Verdict::kRefused};
}

// One range, whole or not at all. Ops that are held already are passed over, so that a repeated range changes nothing.
absl::StatusOr<sync::Ack> Store::TakeRange(const sync::Range& range, bool keep_fragments, Batch* batch) {
  sync::Ack ack;
  ack.epoch = epoch_;
  OwnLog have;
  have.actor = range.actor;
  if (std::optional<std::string> bytes = batch->out().Get(key::Chain(range.actor)))
    if (absl::StatusOr<OwnLog> log = DecodeChain(range.actor, *bytes); log.ok()) have = *log;
  ack.tip = {range.actor, have.last_seq, have.head};
  auto answer = [&](sync::Verdict verdict, uint64_t seq, std::string reason) {
    ack.verdicts.push_back({{range.actor, seq, std::string(kHashBytes, '\0')}, verdict, std::move(reason)});
    return ack;
  };
  std::vector<TakenOp> ops;
  auto gap = [&](const sync::Tip& at) -> absl::StatusOr<sync::Ack> {
    write_mutex_.AssertHeld();
    ack.gap = at;
    if (keep_fragments) RETURN_IF_ERROR(AddFragment(range, ops, batch));
    return ack;
  };
  if (range.first == 0 || range.ops.empty() || range.last - range.first != range.ops.size() - 1)
    return answer(sync::Verdict::kMalformed, range.first, "一段记录的编号与条数不符");
  for (size_t i = 0; i < range.ops.size(); ++i) {
    absl::StatusOr<Op> op = DecodeOp(range.ops[i]);
    std::string why(op.status().message());
    if (!op.ok()) op = DecodeFrame(range.ops[i]);
    if (!op.ok()) return answer(sync::Verdict::kMalformed, range.first + i, std::move(why));
    if (op->actor != range.actor || op->seq != range.first + i)
      return answer(sync::Verdict::kMalformed, range.first + i, "记录的编号与所在位置不符");
    ops.push_back({*std::move(op), std::move(why)});
    if (!ops.back().why.empty()) continue;
    ops.back().why = WhyNot(ops.back().op, batch);
    ops.back().verdict = sync::Verdict::kRefused;
  }
  if (const auto& parent = ops[0].op.parent; parent && have.last_seq == 0) {
    if (!HoldsAt(batch->out(), {parent->actor, parent->seq, parent->head})) {
      std::optional<sync::Tip> held = HaveIn(batch->out(), parent->actor);
      return gap(held ? *held : sync::Tip{parent->actor, 0, std::string()});
    }
  }
  std::vector<RangeStart> starts = StartsOf(range, ops[0].op, have, batch->out());
  if (starts.empty()) return gap({range.actor, have.last_seq, have.head});
  sync::Range checked = range;
  absl::Status refusal;
  for (const RangeStart& start : starts) {
    checked.head_before = checked.head_after = start.head;
    for (const TakenOp& taken : ops) checked.head_after = ChainNext(checked.head_after, taken.op.hash);
    refusal = options_.check_range ? options_.check_range(checked) : absl::OkStatus();
    if (!refusal.ok()) continue;
    Object(checked, &ops);
    RETURN_IF_ERROR(AddRange(checked, ops, start.on_chain, have, batch));
    ack.tip = {range.actor, range.last, checked.head_after};
    for (const TakenOp& taken : ops)  // not of those that stand: they were here before, or a person has taken them
      if (!taken.why.empty() && batch->out().Get(key::Kept(range.actor, taken.op.seq, taken.op.tag())))
        ack.verdicts.push_back({taken.op.name(), taken.verdict, taken.why});
    return ack;
  }
  // On a live link heads are not sent: it may follow a branch of this log that was here once and went with a restore.
  if (range.first > 1 && range.head_before.empty()) return gap({range.actor, have.last_seq, have.head});
  return answer(sync::Verdict::kRefused, range.first, std::string(refusal.message()));
}

// A record of the hub's own in the same batch: an ack may be lost, and a tip that is known would never be asked again.
absl::Status Store::AddRefusal(const TakenOp& taken, Batch* batch) {
  if (!options_.refusal) return absl::OkStatus();
  Action action;
  action.user = kHubUser;
  action.ops.push_back(options_.refusal(taken.op.name(), taken.why));
  return AppendOwn(action.ops[0], options_.random->Bytes(kActionIdBytes), 0, action, batch);
}

// A range that follows nothing here, as its author chained and signed it. A head that is not known is an empty one.
absl::Status Store::AddFragment(const sync::Range& range, std::vector<TakenOp> ops, Batch* batch) {
  std::string head = range.head_before;
  for (const TakenOp& taken : ops) head = ChainNext(head, taken.op.hash);
  if (range.head_before.size() != kHashBytes || head != range.head_after) return absl::OkStatus();
  if (options_.check_range && !options_.check_range(range).ok()) return absl::OkStatus();
  Object(range, &ops);
  sync::Range loose = range;
  loose.head_before.clear();
  return AddRange(loose, ops, false, {}, batch);
}

absl::Status Store::AddRange(const sync::Range& range, const std::vector<TakenOp>& ops, bool on_chain, OwnLog have,
                             Batch* batch) {
  const bool fragment = range.head_before.empty();
  std::string head = range.head_before;
  std::set<std::string> folded;  // aggregates of ops that stand
  std::vector<const Op*> all;
  bool news = false;
  for (size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i].op;
    if (!fragment) head = ChainNext(head, op.hash);
    all.push_back(&op);
    bool held = batch->HasOp(op.name()), own = false;
    if (!held && ops[i].why.empty()) {
      batch->AddOp(op, range.ops[i]);
      own = NoteBranch(op, batch);
      hybrid_clock_.Witness(op.logical_time, options_.clock->NowMs());
    } else if (!held) {
      batch->KeepOp(op, range.ops[i], {ops[i].verdict, ops[i].why, range.seal.key_id});
      RETURN_IF_ERROR(AddRefusal(ops[i], batch));
    }
    bool stands = held ? !batch->out().Get(key::Kept(op.actor, op.seq, op.tag())) : ops[i].why.empty();
    if (stands) folded.insert(ToBytes(op.aggregate));
    news |= !held;
    std::string branch = key::Branch(op.actor, op.seq, op.tag());
    // A fragment that came by itself (TakeOffer) is reached by its chain.
    if (held && on_chain && op.seq > have.last_seq && batch->out().Get(branch) == "") batch->out().Delete(branch);
    on_chain = on_chain && !own && (op.seq > have.last_seq || (held && !batch->out().Get(branch)));
    if (!on_chain && !(fragment && held) && batch->out().Get(branch) != head) {  // kept and folded beside the chain
      batch->out().Put(branch, head);
      news = true;
    }
    if (!on_chain || op.seq <= have.last_seq) continue;
    have.last_seq = op.seq;
    have.head = head;
    news = true;
  }
  TakeKeys(range, all, folded, batch);
  if (!news || fragment) return absl::OkStatus();
  batch->out().Put(key::Range(range.actor, range.last, ops.back().op.tag()), EncodeRangeMark(range));
  batch->NoteArrival(range.actor, range.last, ops.back().op.tag());
  if (have.last_seq > 0) batch->out().Put(key::Chain(range.actor), EncodeChain(have));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<sync::Ack>> Store::ApplyRanges(std::span<const sync::Range> ranges, bool keep_fragments) {
  absl::MutexLock lock(&write_mutex_);
  std::optional<OwnLog> before = SaveOwn();
  Batch batch(kv_.get(), &options_);
  std::vector<sync::Ack> acks;
  absl::Status status;
  for (const sync::Range& range : ranges) {
    absl::StatusOr<sync::Ack> ack = TakeRange(range, keep_fragments, &batch);
    if (!ack.ok()) status = ack.status();
    if (!status.ok()) break;
    acks.push_back(*std::move(ack));
  }
  if (status.ok() && !batch.out().changes().empty()) status = Finish(&batch, false);
  if (status.ok()) return acks;
  RestoreOwn(before);
  return status;
}

// ---------------------------------------------------------------- down

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
