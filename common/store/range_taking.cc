// Ranges of other logs, taken into this disk: Store::ApplyRanges.
//
// A range is taken whole or not at all. In order: its bytes are ops of its actor, numbered without a hole; what its
// first op names as parent is held; it follows something that is held; it is signed by who wrote it, with the heads
// that follow from there. Only then is anything put into the batch. Ops that are held already are passed over, so that
// a repeated range changes nothing.
#include <set>

#include "common/base/status.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/judging.h"
#include "common/store/keys.h"
#include "common/store/store.h"

namespace liaison {
namespace {

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

Store::OwnLog ChainOf(const KvReader& kv, const Actor& actor) {
  if (std::optional<std::string> bytes = kv.Get(key::Chain(actor)))
    if (absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, *bytes); log.ok()) return *std::move(log);
  Store::OwnLog none;
  none.actor = actor;
  return none;
}

}  // namespace

// One range on its way into a batch. All of it under the store's write lock.
class Store::RangeTaking {
 public:
  // The arguments outlive it.
  RangeTaking(Store* store, const sync::Range& range, Batch* batch)
      : store_(*store), range_(range), batch_(*batch), chain_(ChainOf(batch->out(), range.actor)) {
    ack_.epoch = store_.epoch_;
    ack_.tip = {range.actor, chain_.last_seq, chain_.head};
  }

  // The ack: of a range that was taken its new tip and what is kept of it; else a verdict or a gap, and nothing is in
  // the batch but, if `keep_fragment`, a range that follows nothing here. An error: nothing may be written.
  absl::StatusOr<sync::Ack> Run(bool keep_fragment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_.write_mutex_);

 private:
  // An op of the range. `why` (Chinese) is set when it has a name and, if it is new, is not folded.
  struct TakenOp {
    Op op;
    std::string why;
    sync::Verdict verdict = sync::Verdict::kMalformed;
  };
  // Where the range can start: after the chain that is held, or after another branch at that place.
  struct Start {
    std::string head;
    bool on_chain = true;
  };

  // False: a verdict is in the ack.
  bool ReadOps();
  // What the first op's parent lacks here, if it does.
  std::optional<sync::Tip> MissingParent() const;
  std::vector<Start> Starts() const;
  // The range with the heads that follow from `head`.
  sync::Range From(const std::string& head) const;
  absl::Status CheckSeal(const sync::Range& range) const {
    return store_.options_.check_range ? store_.options_.check_range(range) : absl::OkStatus();
  }
  // Of a range that is well signed, what is in it unless its signer may not write any more.
  void Object(const sync::Range& range);
  // Puts a range into the batch that follows `start`.
  absl::Status Add(const sync::Range& range, bool on_chain) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_.write_mutex_);
  absl::Status AddFragment() ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_.write_mutex_);
  // A new op and its bytes: judged, then folded, or kept with why not. True: it is of one of this disk's own logs
  // (NoteBranch).
  absl::StatusOr<bool> AddNew(TakenOp& taken, std::string_view bytes, const std::string& key_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_.write_mutex_);
  absl::Status AddRefusal(const TakenOp& taken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store_.write_mutex_);
  bool Place(const Op& op, const std::string& head, bool held, bool own, bool* on_chain);
  // Of one that is kept.
  std::optional<KeptMark> MarkOf(const Op& op) const {
    const std::optional<std::string> mark = batch_.out().Get(key::Kept(op.actor, op.seq, op.tag()));
    return mark ? std::optional(DecodeKeptMark(*mark)) : std::nullopt;
  }

  sync::Ack Answer(sync::Verdict verdict, uint64_t seq, std::string reason) {
    ack_.verdicts.push_back({{range_.actor, seq, std::string(kHashBytes, '\0')}, verdict, std::move(reason)});
    return ack_;
  }

  Store& store_;
  const sync::Range& range_;
  Batch& batch_;
  OwnLog chain_;  // of the actor, as the batch has it
  sync::Ack ack_;
  std::vector<TakenOp> ops_;
};

absl::StatusOr<sync::Ack> Store::RangeTaking::Run(bool keep_fragment) {
  if (!ReadOps()) return ack_;
  auto gap = [&](sync::Tip at) -> absl::StatusOr<sync::Ack> {
    store_.write_mutex_.AssertHeld();
    ack_.gap = std::move(at);
    if (keep_fragment) RETURN_IF_ERROR(AddFragment());
    return ack_;
  };
  if (std::optional<sync::Tip> missing = MissingParent()) return gap(*std::move(missing));
  const std::vector<Start> starts = Starts();
  if (starts.empty()) return gap(ack_.tip);
  absl::Status refusal;
  for (const Start& start : starts) {
    const sync::Range range = From(start.head);
    refusal = CheckSeal(range);
    if (!refusal.ok()) continue;
    Object(range);
    RETURN_IF_ERROR(Add(range, start.on_chain));
    ack_.tip = {range.actor, range.last, range.head_after};
    for (const TakenOp& taken : ops_) {
      const std::optional<KeptMark> mark = MarkOf(taken.op);
      if (mark && mark->reason != kUnsignedReason)
        ack_.verdicts.push_back({taken.op.name(), mark->verdict, mark->reason});
    }
    return ack_;
  }
  // On a live link heads are not sent: it may follow a branch of this log that was here once and went with a restore.
  if (range_.first > 1 && range_.head_before.empty()) return gap(ack_.tip);
  return Answer(sync::Verdict::kRefused, range_.first, std::string(refusal.message()));
}

bool Store::RangeTaking::ReadOps() {
  auto malformed = [&](uint64_t seq, std::string why) {
    Answer(sync::Verdict::kMalformed, seq, std::move(why));
    return false;
  };
  if (range_.first == 0 || range_.ops.empty() || range_.last - range_.first != range_.ops.size() - 1)
    return malformed(range_.first, "一段记录的编号与条数不符");
  for (size_t i = 0; i < range_.ops.size(); ++i) {
    absl::StatusOr<Op> op = DecodeOp(range_.ops[i]);
    std::string why(op.status().message());
    if (!op.ok()) op = DecodeFrame(range_.ops[i]);
    if (!op.ok()) return malformed(range_.first + i, std::move(why));
    if (op->actor != range_.actor || op->seq != range_.first + i)
      return malformed(range_.first + i, "记录的编号与所在位置不符");
    ops_.push_back({*std::move(op), std::move(why)});
  }
  return true;
}

std::optional<sync::Tip> Store::RangeTaking::MissingParent() const {
  const auto& parent = ops_[0].op.parent;
  if (!parent || chain_.last_seq > 0) return std::nullopt;
  if (store_.HoldsAt(batch_.out(), {parent->actor, parent->seq, parent->head})) return std::nullopt;
  return ChainTip(batch_.out(), parent->actor).value_or(sync::Tip{parent->actor, 0, std::string()});
}

std::vector<Store::RangeTaking::Start> Store::RangeTaking::Starts() const {
  if (range_.first == 1) return {{ChainStart(ops_[0].op.parent), true}};
  std::vector<Start> starts;
  const uint64_t before = range_.first - 1;
  if (before <= chain_.last_seq) {
    std::string head =
        before == chain_.last_seq ? chain_.head : store_.HeadAt(batch_.out(), range_.actor, before);
    if (!head.empty()) starts.push_back({std::move(head), true});
  }
  batch_.out().ScanPrefix(key::BranchAt(range_.actor, before), [&](std::string_view, std::string_view head) {
    if (!head.empty()) starts.push_back({std::string(head), false});
    return true;
  });
  if (!range_.head_before.empty())
    std::erase_if(starts, [&](const Start& start) { return start.head != range_.head_before; });
  return starts;
}

sync::Range Store::RangeTaking::From(const std::string& head) const {
  sync::Range range = range_;
  range.head_before = range.head_after = head;
  for (const TakenOp& taken : ops_) range.head_after = ChainNext(range.head_after, taken.op.hash);
  return range;
}

void Store::RangeTaking::Object(const sync::Range& range) {
  const std::string why = store_.options_.range_objection ? store_.options_.range_objection(range) : "";
  if (why.empty()) return;
  for (TakenOp& taken : ops_)
    if (taken.why.empty()) taken = {std::move(taken.op), why, sync::Verdict::kRefused};
}

// A range that follows nothing here, as its author chained and signed it. A head that is not known is an empty one.
absl::Status Store::RangeTaking::AddFragment() {
  std::string head = range_.head_before;
  for (const TakenOp& taken : ops_) head = ChainNext(head, taken.op.hash);
  if (range_.head_before.size() != kHashBytes || head != range_.head_after) return absl::OkStatus();
  if (!CheckSeal(range_).ok()) return absl::OkStatus();
  Object(range_);
  sync::Range loose = range_;
  loose.head_before.clear();
  chain_ = {};
  return Add(loose, false);
}

absl::Status Store::RangeTaking::Add(const sync::Range& range, bool on_chain) {
  const bool fragment = range.head_before.empty();
  std::string head = range.head_before;
  std::set<std::string> folded;  // aggregates of ops that stand
  std::vector<const Op*> all;
  bool news = false;
  for (size_t i = 0; i < ops_.size(); ++i) {
    const Op& op = ops_[i].op;
    if (!fragment) head = ChainNext(head, op.hash);
    all.push_back(&op);
    const bool held = batch_.HasOp(op.name());
    bool own = false;
    if (!held) {
      ASSIGN_OR_RETURN(own, AddNew(ops_[i], range.ops[i], range.seal.key_id));
    }
    if (!range.keys.empty() && !MarkOf(op) && !batch_.Get(op.aggregate).Refused(op.name()))
      folded.insert(ToBytes(op.aggregate));
    const bool placed = Place(op, head, held, own, &on_chain);
    news |= !held || placed;
  }
  store_.TakeKeys(range, all, folded, &batch_);
  if (!news || fragment) return absl::OkStatus();
  batch_.out().Put(key::Range(range.actor, range.last, ops_.back().op.tag()), EncodeRangeMark(range));
  batch_.NoteArrival(range.actor, range.last, ops_.back().op.tag());
  if (chain_.last_seq > 0) batch_.out().Put(key::Chain(range.actor), EncodeChain(chain_));
  return absl::OkStatus();
}

absl::StatusOr<bool> Store::RangeTaking::AddNew(TakenOp& taken, std::string_view bytes, const std::string& key_id) {
  Judging judging(&store_);
  const Judgement judgement = taken.why.empty() ? judging.New(taken.op, &batch_) : Judgement();
  if (judgement.outcome == Judgement::Outcome::kKept) {
    taken.why = judgement.words;
    taken.verdict = sync::Verdict::kRefused;
  }
  if (!taken.why.empty()) {
    batch_.KeepOp(taken.op, bytes, {taken.verdict, taken.why, key_id});
    RETURN_IF_ERROR(AddRefusal(taken));
    return false;
  }
  RETURN_IF_ERROR(judging.Pronounce(taken.op, judgement, &batch_));
  batch_.AddOp(taken.op, bytes);
  store_.hybrid_clock_.Witness(taken.op.logical_time, store_.options_.clock->NowMs());
  return store_.NoteBranch(taken.op, &batch_);
}

// A record of the hub's own in the same batch: an ack may be lost, and a tip that is known would never be asked again.
absl::Status Store::RangeTaking::AddRefusal(const TakenOp& taken) {
  if (!store_.options_.refusal) return absl::OkStatus();
  Action action;
  action.user = kHubUser;
  action.ops.push_back(store_.options_.refusal(taken.op.name(), taken.why));
  return store_.AppendOwn(action.ops[0], store_.options_.random->Bytes(kActionIdBytes), 0, action, &batch_);
}

// Where an op of the batch is: on its actor's one chain, which it may make longer, or beside it, with a mark in N that
// holds the head after it. `head`: that head; empty in a fragment. `on_chain`: whether the op before it is on the
// chain, then whether this one is. True if anything was moved or marked.
//
// A mark with an empty head is an op that came without those before it (TakeOffered, AddFragment), or this disk's own
// one under a number that it gave twice.
bool Store::RangeTaking::Place(const Op& op, const std::string& head, bool held, bool own, bool* on_chain) {
  const std::string mark = key::Branch(op.actor, op.seq, op.tag());
  const bool next = *on_chain && op.seq > chain_.last_seq;
  if (held && next && batch_.out().Get(mark) == "") batch_.out().Delete(mark);  // its log has reached it
  *on_chain = *on_chain && !own && (next || (held && !batch_.out().Get(mark)));
  if (*on_chain) {
    if (op.seq <= chain_.last_seq) return false;
    chain_.last_seq = op.seq;
    chain_.head = head;
    return true;
  }
  const bool alone = head.empty() && held;  // it is marked already, or on the chain
  if (alone || batch_.out().Get(mark) == head) return false;
  batch_.out().Put(mark, head);
  return true;
}

absl::StatusOr<std::vector<sync::Ack>> Store::ApplyRanges(std::span<const sync::Range> ranges, bool keep_fragments) {
  absl::MutexLock lock(&write_mutex_);
  std::optional<OwnLog> before = SaveOwn();
  Batch batch(kv_.get(), &options_);
  std::vector<sync::Ack> acks;
  absl::Status status;
  for (const sync::Range& range : ranges) {
    absl::StatusOr<sync::Ack> ack = RangeTaking(this, range, &batch).Run(keep_fragments);
    if (!ack.ok()) status = ack.status();
    if (!status.ok()) break;
    acks.push_back(*std::move(ack));
  }
  if (status.ok()) status = Judging(this).LookAgainIn(&batch);
  if (status.ok() && !batch.out().changes().empty()) status = Finish(&batch, false);
  if (status.ok()) return acks;
  RestoreOwn(before);
  return status;
}

}  // namespace liaison
