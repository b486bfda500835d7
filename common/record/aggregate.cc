#include "common/record/aggregate.h"

#include <algorithm>

#include "common/record/verdict.h"

namespace liaison {
namespace {

// A void's sibling value carries the context that its author had, in front of what was written: whether the void holds
// depends on it.
std::string VoidValue(const VersionVector& context, std::string_view value) {
  std::string bytes, out;
  ByteWriter inner(&bytes);
  context.Encode(&inner);
  ByteWriter writer(&out);
  writer.String(bytes);
  writer.Raw(value);
  return out;
}

struct Voiding {
  VersionVector context;
  std::string value;
};

Voiding ParseVoid(std::string_view bytes) {
  ByteReader in(bytes);
  ByteReader context(in.String());
  return {VersionVector::Decode(&context), std::string(in.rest())};
}

bool KnownKind(const Op& op) { return op.kind <= kNewestKnownKind; }

bool Writes(const Op& op, uint32_t tag) {
  return std::any_of(op.writes.begin(), op.writes.end(), [&](const Write& w) { return w.tag == tag; });
}

bool Hides(const Register& verdicts) {
  return std::any_of(verdicts.siblings().begin(), verdicts.siblings().end(),
                     [](const Sibling& s) { return !s.value.empty(); });
}

bool Condemned(const OpName& name, const Child* root) {
  if (root == nullptr) return false;
  auto it = root->fields.find({kVerdictTag, VerdictElement(name)});
  return it != root->fields.end() && Hides(it->second);
}

// An op that carries a verdict cannot itself be refused, so that "refused" is decided by one level of writes.
bool Projects(const Op& op, const Child* root) {
  return KnownKind(op) && (Writes(op, kVerdictTag) || !Condemned(op.name(), root));
}

// Whether a field gets a context that may cover more once other ops have come.
bool IsLoose(const Op& op, const Lineage& lineage) {
  if (op.writes.empty() && op.sealed.empty()) return false;
  return std::any_of(op.context.dots().begin(), op.context.dots().end(),
                     [&](const Dot& entry) { return !lineage.Contains(entry); });
}

}  // namespace

const Child* Aggregate::Find(const RecordId& child) const {
  auto it = children_.find(child);
  return it == children_.end() ? nullptr : &it->second;
}

bool Aggregate::Refused(const OpName& name) const {
  if (!Condemned(name, Find({}))) return false;
  auto actor = lineage_.steps().find(name.actor);
  if (actor == lineage_.steps().end()) return true;
  Tag tag = TagOf(name.hash);
  return std::none_of(actor->second.begin(), actor->second.end(), [&](const Lineage::Step& step) {
    return step.projected && step.seq == name.seq && step.tag == tag;
  });
}

void Aggregate::HideCondemned() {
  const Child* root = Find({});
  if (root == nullptr) return;
  for (auto it = root->fields.lower_bound({kVerdictTag, ""});
       it != root->fields.end() && it->first.first == kVerdictTag; ++it) {
    if (!Hides(it->second)) continue;
    ByteReader in(it->first.second);
    const OpName name = DecodeOpName(&in);
    if (in.ok()) lineage_.Hide(name.actor, name.seq, TagOf(name.hash));
  }
}

size_t Aggregate::refused_count() const {
  size_t count = 0;
  for (const auto& [actor, steps] : lineage_.steps())
    for (const Lineage::Step& step : steps) count += step.projected ? 0 : 1;
  return count - unknown_kinds_;
}

bool Aggregate::HasVerdicts() const {
  const Child* root = Find({});
  if (root == nullptr) return false;
  auto it = root->fields.lower_bound({kVerdictTag, ""});
  return it != root->fields.end() && it->first.first == kVerdictTag;
}

bool Aggregate::CarriesVerdictOnApplied(const Op& op) const {
  for (const Write& write : op.writes) {
    if (write.tag != kVerdictTag) continue;
    ByteReader in(write.element);
    OpName name = DecodeOpName(&in);
    auto actor = lineage_.steps().find(name.actor);
    if (!in.ok() || actor == lineage_.steps().end()) continue;
    Tag tag = TagOf(name.hash);
    for (const Lineage::Step& step : actor->second)
      if (step.seq == name.seq && step.tag == tag) return true;
  }
  return false;
}

Aggregate::Outcome Aggregate::Apply(const Op& op) {
  Dot dot = op.dot();
  HeldOp waiting{dot, op.previous, op.seq};
  if (lineage_.Contains(dot)) return Outcome::kKnown;
  if (!lineage_.Ready(dot, op.previous)) {
    return held_.insert(waiting).second ? Outcome::kHeld : Outcome::kKnown;
  }
  held_.erase(waiting);
  // While contexts name ops that are still to come, any op may settle an older verdict: fold afresh then, too.
  if (CarriesVerdictOnApplied(op) || (loose_ && HasVerdicts())) return Outcome::kRefold;
  Project(op);
  return Outcome::kApplied;
}

void Aggregate::Project(const Op& op) {
  bool projected = Projects(op, Find({}));
  lineage_.Add(op.dot(), op.previous, op.seq, projected, !projected && Condemned(op.name(), Find({})));
  if (!KnownKind(op)) ++unknown_kinds_;
  if (loose_) SettleAll();
  if (!projected) return;
  loose_ |= IsLoose(op, lineage_);
  for (const Write& write : op.writes) ApplyWrite(op, write, false);
  for (const Write& write : op.sealed) ApplyWrite(op, write, true);
}

void Aggregate::ApplyWrite(const Op& op, const Write& write, bool sealed) {
  Child& child = children_[write.child];
  Dot dot = op.dot();
  auto& fields = sealed ? child.sealed : child.fields;
  if (write.tag == kVoidTag) {
    fields[{write.tag, write.element}].Apply(dot, op.context, VoidValue(op.context, write.value), lineage_);
    return;
  }
  fields[{write.tag, write.element}].Apply(dot, op.context, write.value, lineage_);
  if (write.tag == kVerdictTag) return;
  // Predecessors stay beside an op that voids: its author need not have seen them (VoidOf).
  if (!child.touched.Insert(dot) || Writes(op, kVoidTag)) return;
  for (size_t i = 0; i < child.touched.size();) {
    const Dot& other = child.touched.dots()[i];
    if (other != dot && lineage_.Covers(dot, other)) {
      child.touched.RemoveAt(i);
    } else {
      ++i;
    }
  }
}

void Aggregate::SettleAll() {
  loose_ = false;
  for (auto& [id, child] : children_) {
    for (auto* fields : {&child.fields, &child.sealed}) {
      for (auto& [key, field] : *fields) {
        field.Settle(lineage_);
        for (const Dot& entry : field.covered().dots()) loose_ |= !lineage_.Contains(entry);
      }
    }
  }
}

std::vector<Aggregate::HeldOp> Aggregate::Ready() const {
  std::vector<HeldOp> ready;
  for (const HeldOp& held : held_)
    if (lineage_.Ready(held.dot, held.previous)) ready.push_back(held);
  return ready;
}

// Two passes: verdicts first, so that whether an op is refused does not depend on when its verdict came.
Aggregate Aggregate::Fold(const RecordId& id, std::span<const Op* const> ops) {
  std::vector<const Op*> order(ops.begin(), ops.end()), ready;
  std::sort(order.begin(), order.end(), [](const Op* a, const Op* b) { return a->dot() < b->dot(); });
  Aggregate verdicts(id), result(id);
  for (const Op* op : order) {  // ascending n per actor: one pass finds all that have their predecessors
    if (verdicts.lineage_.Contains(op->dot())) continue;
    if (verdicts.lineage_.Ready(op->dot(), op->previous)) {
      verdicts.lineage_.Add(op->dot(), op->previous, op->seq, true);
      ready.push_back(op);
    } else {
      result.held_.insert({op->dot(), op->previous, op->seq});
    }
  }
  for (const Op* op : ready) {
    if (!KnownKind(*op)) continue;
    for (const Write& write : op->writes)
      if (write.tag == kVerdictTag) verdicts.ApplyWrite(*op, write, false);
  }
  result.children_ = verdicts.children_;
  auto projected = [&](const Op& op) { return Projects(op, verdicts.Find({})); };
  for (const Op* op : ready) {
    const bool shown = projected(*op);
    result.lineage_.Add(op->dot(), op->previous, op->seq, shown, !shown && Condemned(op->name(), verdicts.Find({})));
    if (!KnownKind(*op)) ++result.unknown_kinds_;
  }
  for (const Op* op : ready) {
    if (!projected(*op)) continue;
    result.loose_ |= IsLoose(*op, result.lineage_);
    for (const Write& write : op->writes)
      if (write.tag != kVerdictTag) result.ApplyWrite(*op, write, false);
    for (const Write& write : op->sealed) result.ApplyWrite(*op, write, true);
  }
  return result;
}

VoidState Aggregate::VoidOf(const RecordId& id) const {
  const Child* child = Find(id);
  if (child == nullptr) return VoidState::kLive;
  auto it = child->fields.find({kVoidTag, ""});
  if (it == child->fields.end()) return VoidState::kLive;
  VoidState state = VoidState::kLive;
  for (const Sibling& sibling : it->second.siblings()) {
    Voiding voiding = ParseVoid(sibling.value);
    if (voiding.value.empty()) continue;
    // The void's own op counts by its name alone: a second page at the same station may have written just before it.
    auto seen = [&](const Child& record) {
      return std::all_of(record.touched.dots().begin(), record.touched.dots().end(),
                         [&](const Dot& dot) { return dot == sibling.dot || lineage_.Covers(voiding.context, dot); });
    };
    bool holds = id.IsRoot() ? std::all_of(children_.begin(), children_.end(),
                                           [&](const auto& entry) { return seen(entry.second); })
                             : seen(*child);
    if (holds) return VoidState::kVoid;
    state = VoidState::kFlagged;
  }
  return state;
}

std::string Aggregate::VoidReason(const RecordId& id) const {
  const Child* child = Find(id);
  if (child == nullptr) return "";
  auto it = child->fields.find({kVoidTag, ""});
  if (it == child->fields.end()) return "";
  std::string reason;
  for (const Sibling& sibling : it->second.siblings()) {
    std::string value = ParseVoid(sibling.value).value;
    if (!value.empty()) reason = value.substr(1);
  }
  return reason;
}

}  // namespace liaison
