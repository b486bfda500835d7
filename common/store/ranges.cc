// Logs of actors as they lie in the database, and ranges of them for the other side.
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "common/base/status.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
#include "common/store/store.h"

namespace liaison {
namespace {

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

}  // namespace

std::optional<sync::Tip> ChainTip(const KvReader& kv, const Actor& actor) {
  std::optional<std::string> bytes = kv.Get(key::Chain(actor));
  if (!bytes) return std::nullopt;
  absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, *bytes);
  if (!log.ok()) return std::nullopt;
  return sync::Tip{actor, log->last_seq, log->head};
}

std::string WalkChain(const KvReader& kv, const Actor& actor, uint64_t at, std::string head, uint64_t seq) {
  return Walk(kv, actor, at, std::move(head), seq, BranchesOf(kv, actor));
}

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
  std::optional<sync::Tip> have = ChainTip(*kv, actor);
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

std::optional<sync::Tip> Store::Have(const Actor& actor) const { return ChainTip(*kv_, actor); }

bool Store::HoldsAt(const sync::Tip& tip) const { return HoldsAt(*kv_->Snapshot(), tip); }

bool Store::HoldsAt(const KvReader& kv, const sync::Tip& tip) const {
  if (tip.head.empty()) return false;
  std::optional<sync::Tip> have = ChainTip(kv, tip.actor);
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

}  // namespace liaison
