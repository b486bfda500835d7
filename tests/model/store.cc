// Logs, what the ops say, and what the hub does with what it takes.
#include "tests/model/store.h"

#include <algorithm>

namespace liaison::model {

// ---------------------------------------------------------------- process

void Store::Restart() {
  live = kNone;
  if (!rules_->new_actor_per_start && !disk.own.empty()) live = disk.own.back().actor;
}

OpId Store::Author(Op draft, Draws* draws) {
  auto log = std::find_if(disk.own.begin(), disk.own.end(), [&](const OwnLog& own) { return own.actor == live; });
  if (live == kNone || log == disk.own.end()) {
    live = draws->actors++ * kDevices + device;
    OwnLog fresh;
    fresh.actor = live;
    if (std::optional<Tip> newest = NewestOwn()) fresh.parent = *newest;
    disk.own.push_back(std::move(fresh));
    log = disk.own.end() - 1;
  }
  draft.actor = live;
  draft.seq = log->Size() + 1;
  draft.nonce = ++draws->nonces;
  if (draft.seq == 1) draft.parent = log->parent;
  OpId id = Names().Add(draft);
  Head before = draft.seq == 1 ? log->parent.head : log->heads.back();
  Head head = Names().Chain(before, id);
  log->ops.push_back(id);
  log->heads.push_back(head);
  if (hub()) AddHead(head);
  Take(id, true, Source::kOwn, draws);
  return id;
}

std::optional<Tip> Store::NewestOwn() const {
  for (auto log = disk.own.rbegin(); log != disk.own.rend(); ++log)
    if (log->Size() > 0) return Tip{log->actor, log->Size(), log->heads.back()};
  return std::nullopt;
}

// ---------------------------------------------------------------- what the ops say

Record Store::RecordOf(OpId id) {
  const Op& op = Names().op(id);
  return op.kind == OpKind::kMalformed ? NoticesOf(StationOf(op.actor)) : op.record;
}

std::vector<OpId> Store::OpsOf(Record record) const {
  std::vector<OpId> ops;
  for (OpId id : disk.arrived)
    if (RecordOf(id) == record && !disk.hidden.contains(id)) ops.push_back(id);
  return ops;
}

std::vector<OpId> Store::Visible(const std::vector<OpId>& ops) {
  std::vector<OpId> visible;
  for (OpId id : ops) {
    bool covered = std::any_of(ops.begin(), ops.end(), [&](OpId by) {
      const std::vector<OpId>& context = Names().op(by).context;
      return std::find(context.begin(), context.end(), id) != context.end();
    });
    if (!covered) visible.push_back(id);
  }
  return visible;
}

std::vector<OpId> Store::Verdicts(OpId target) const {
  std::vector<OpId> verdicts;
  for (OpId id : disk.arrived) {
    const Op& op = Names().op(id);
    if ((op.kind == OpKind::kRefuse || op.kind == OpKind::kAccept) && op.target == target) verdicts.push_back(id);
  }
  return verdicts;
}

bool Store::Refused(OpId id) const {
  std::vector<OpId> verdicts = Verdicts(id);
  if (!rules_->verdict_by_context) return !verdicts.empty() && Names().op(verdicts.back()).kind == OpKind::kRefuse;
  for (OpId verdict : Visible(verdicts))
    if (Names().op(verdict).kind == OpKind::kRefuse) return true;
  return false;
}

bool Store::Accepted(OpId id) const { return !Verdicts(id).empty() && !Refused(id); }

bool Store::Revoked(int of) const {
  for (OpId id : disk.arrived)
    if (Names().op(id).kind == OpKind::kRevoke && Names().op(id).value == of) return true;
  return false;
}

bool Store::Beyond(OpId id) const {
  const Op& op = Names().op(id);
  for (OpId other : disk.arrived) {
    const Op& revoke = Names().op(other);
    if (revoke.kind != OpKind::kRevoke || revoke.value != DeviceOf(op.actor)) continue;
    if (!rules_->revocation_names_heads) return true;
    bool within = std::any_of(revoke.accepted.begin(), revoke.accepted.end(), [&](const Tip& tip) {
      if (tip.actor != op.actor || op.seq > tip.seq) return false;
      if (!disk.heads.contains(tip.head)) return true;  // by number, until the chain is known
      Head at = tip.head;
      while (Names().op(Names().OpAt(at)).seq > op.seq) at = Names().Before(at);
      return Names().OpAt(at) == id;
    });
    if (!within) return true;
  }
  return false;
}

std::set<Interest> Store::InterestsOf(Record record) const {
  if (record == kErasures || record == kRevocations) return {kAll};
  if (record >= 300) return {OnlyFor(record - 300)};
  if (!IsData(record)) return {kAll};
  std::vector<OpId> sources;
  bool root = false;
  for (OpId id : OpsOf(record)) {
    const Op& op = Names().op(id);
    if (op.kind != OpKind::kRoot && op.kind != OpKind::kMove) continue;
    root |= op.kind == OpKind::kRoot;
    sources.push_back(id);
  }
  std::set<Interest> interests;
  if (!root) return interests;  // hub only, until its root comes
  for (OpId id : Visible(sources)) interests.insert(PointOf(Names().op(id).value));
  return interests;
}

std::set<Interest> Store::Subscriptions(int of) const {
  std::set<Interest> interests = {kAll, OnlyFor(of)};
  std::vector<OpId> grants = Visible(OpsOf(GrantsOf(of)));
  if (grants.empty()) interests.insert(PointOf(of));
  for (OpId id : grants)
    for (int point = 0; point < kStations; ++point)
      if (Names().op(id).value >> point & 1) interests.insert(PointOf(point));
  return interests;
}

// ---------------------------------------------------------------- taking ops

bool Store::Take(OpId id, bool whole, Source source, Draws* draws) {
  const Op& op = Names().op(id);
  if (disk.ops.contains(id)) {
    // Kept so far for nobody's eyes; but somebody has it in a feed, so it must be judged in the open.
    bool seen = source == Source::kOffer && rules_->offered_is_refused_by_op;
    if (seen && disk.hidden.erase(id) > 0) {
      Project(RecordOf(id), id);
      Erase(op);
    }
    return false;
  }
  if (!rules_->keep_branches)
    for (OpId other : disk.ops)
      if (Names().op(other).actor == op.actor && Names().op(other).seq == op.seq) return false;
  disk.ops.insert(id);
  disk.arrived.push_back(id);
  if (!whole || (disk.tombstones.contains(id) && rules_->erasure_blocks)) disk.erased.insert(id);
  if (source != Source::kOwn && op.actor == live) live = kNone;  // a twin of this process is at work
  if (hub()) HubTook(id, source, draws);
  if (!disk.hidden.contains(id)) Erase(op);
  return true;
}

// An erasure that is only kept destroys nothing: else whoever has a stolen device could.
void Store::Erase(const Op& op) {
  if (op.kind != OpKind::kErase) return;
  disk.tombstones.insert(op.target);
  if (disk.ops.contains(op.target)) disk.erased.insert(op.target);
}

void Store::HubTook(OpId id, Source source, Draws* draws) {
  const Op op = Names().op(id);
  if (source != Source::kOwn && Beyond(id) && !Accepted(id)) {
    if (source == Source::kRange && !rules_->revoked_kept) {
      disk.ops.erase(id);
      disk.arrived.pop_back();
      return;
    }
    if (source != Source::kOffer || !rules_->offered_is_refused_by_op) {
      disk.hidden.insert(id);
      return;
    }
  }
  Project(RecordOf(id), id);
  if (op.kind == OpKind::kAccept && disk.hidden.erase(op.target) > 0) {
    Project(RecordOf(op.target), op.target);
    Erase(Names().op(op.target));
  }
  if (op.kind == OpKind::kMalformed && rules_->verdict_is_op && Verdicts(id).empty()) {
    Op verdict;
    verdict.kind = OpKind::kRefuse;
    verdict.record = RecordOf(id);
    verdict.target = id;
    Author(verdict, draws);
  }
  if (op.kind == OpKind::kRevoke) Judge(draws);
}

// What lies beyond a revocation and is in feeds already is refused by an op: others have folded it.
void Store::Judge(Draws* draws) {
  if (!rules_->revocation_names_heads) return;
  for (OpId id : std::vector<OpId>(disk.arrived)) {
    if (disk.hidden.contains(id) || !Beyond(id) || Refused(id) || Accepted(id)) continue;
    Op verdict;
    verdict.kind = OpKind::kRefuse;
    verdict.record = RecordOf(id);
    verdict.target = id;
    verdict.context = Verdicts(id);
    Author(verdict, draws);
  }
}

void Store::AddHead(Head head) {
  disk.heads.insert(head);
  Tip tip = Names().TipAt(head);
  auto [it, first] = disk.have.try_emplace(tip.actor, tip);
  if (!first && tip.seq == it->second.seq + 1 && Names().Before(head) == it->second.head) it->second = tip;
}

std::optional<Tip> Store::Have(Actor actor) const {
  auto it = disk.have.find(actor);
  return it == disk.have.end() ? std::nullopt : std::optional(it->second);
}

Store::Answer Store::TakeRange(const Range& range, bool on_stick, Draws* draws) {
  Answer answer;
  answer.have = Have(range.actor).value_or(Tip{range.actor, 0, kNone});
  Head after = range.before;
  for (OpId id : range.ops) after = Names().Chain(after, id);
  if (rules_->sign_ranges && (range.signer != DeviceOf(range.actor) || after != range.after)) {
    answer.refused = true;
    return answer;
  }
  if (!rules_->quarantine)
    for (OpId id : range.ops)
      if (Names().op(id).kind == OpKind::kMalformed) {
        answer.refused = true;
        answer.verdicts.push_back(id);
        return answer;
      }
  Tip parent = range.first == 1 ? Names().op(range.ops[0]).parent : Tip{};
  bool follows = range.first == 1 ? parent.actor == kNone || disk.heads.contains(parent.head) || !rules_->parent_check
                                  : disk.heads.contains(range.before);
  if (!follows) {
    Actor lacks = range.first == 1 ? parent.actor : range.actor;
    answer.gap = Have(lacks).value_or(Tip{lacks, 0, kNone});
    if (on_stick && rules_->keep_loose_ranges) {
      disk.loose.push_back(range);
      TakeOps(range, Source::kRange, draws);
    }
    return answer;
  }
  TakeOps(range, Source::kRange, draws);
  Head head = range.before;
  for (OpId id : range.ops) {
    if (!disk.ops.contains(id)) break;  // only where a rule is off
    AddHead(head = Names().Chain(head, id));
    if (Names().op(id).kind == OpKind::kMalformed) answer.verdicts.push_back(id);
  }
  JoinLoose(draws);
  answer.have = {range.actor, range.last(), head};
  return answer;
}

void Store::TakeOps(const Range& range, Source source, Draws* draws) {
  for (OpId id : range.ops) {
    auto bytes = range.bytes.find(id);
    Take(id, bytes != range.bytes.end() && bytes->second, source, draws);
  }
}

// Ranges that waited for what stands before them.
void Store::JoinLoose(Draws* draws) {
  for (bool joined = true; joined;) {
    joined = false;
    for (size_t i = 0; i < disk.loose.size() && !joined; ++i) {
      Range range = disk.loose[i];
      Head before = range.first == 1 ? Names().op(range.ops[0]).parent.head : range.before;
      if (before != kNone && !disk.heads.contains(before)) continue;
      disk.loose.erase(disk.loose.begin() + static_cast<std::ptrdiff_t>(i));
      TakeOps(range, Source::kRange, draws);
      Head head = range.before;
      for (OpId id : range.ops) AddHead(head = Names().Chain(head, id));
      joined = true;
    }
  }
}

bool Store::TakeOffered(const Batch& batch, Draws* draws) {
  if (!Verifies(batch)) return false;
  for (const Item& item : batch.items) {
    if (!rules_->offered_as_new) {
      // As it stood: the record is in this feed again, whatever its state says.
      Append(batch.interest, item);
      if (item.kind == ItemKind::kEnter) disk.members.insert({batch.interest, item.record});
      if (item.kind == ItemKind::kLeave) disk.members.erase({batch.interest, item.record});
    }
    auto bytes = item.kind == ItemKind::kOp ? batch.bytes.find(item.op) : batch.bytes.end();
    if (bytes != batch.bytes.end()) Take(item.op, bytes->second, Source::kOffer, draws);
  }
  JoinLoose(draws);
  return true;
}

void Store::MarkOffered(int set, Draws* draws) {
  Judge(draws);
  disk.marks.insert(set);
}

void Store::Import(const Disk& other, Draws* draws) {
  if (!rules_->import_whole) {
    for (const auto& [actor, tip] : other.have) {
      if (tip.seq <= Have(actor).value_or(Tip{}).seq) continue;
      std::vector<Head> path;
      for (Head at = tip.head; Names().op(Names().OpAt(at)).seq > 1; at = Names().Before(at)) path.push_back(at);
      for (auto at = path.rbegin(); at != path.rend(); ++at) {
        AddHead(*at);
        Take(Names().OpAt(*at), !other.erased.contains(Names().OpAt(*at)), Source::kOffer, draws);
      }
    }
    return;
  }
  for (OpId id : other.arrived)
    Take(id, !other.erased.contains(id), other.hidden.contains(id) ? Source::kRange : Source::kOffer, draws);
  for (Head head : other.heads) AddHead(head);
  for (const auto& [actor, tip] : other.have)
    if (tip.seq > disk.have[actor].seq) disk.have[actor] = tip;
  for (const Range& range : other.loose) disk.loose.push_back(range);
  JoinLoose(draws);
  Judge(draws);
}

}  // namespace liaison::model
