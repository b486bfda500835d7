// 撤销: whoever took a step takes it back until anyone else has acted. What it wrote becomes what it was before; the
// step stays in the history, and so do the numbers that it used.
#include <algorithm>
#include <set>

#include "common/actions/step_run.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

uint32_t StatusTag() { return TypeOf<v1::Matter>().Find(v1::Matter::kStatusFieldNumber)->tag; }
uint32_t TagOfField(const TypeInfo& type, int number) { return type.Find(static_cast<uint32_t>(number))->tag; }

std::string HashTaken(const Op& op) {
  const uint32_t tag = TagOfField(TypeOf<v1::TakenBack>(), v1::TakenBack::kOpHashFieldNumber);
  for (const Write& write : op.writes)
    if (write.child.type == TypeOf<v1::TakenBack>().type() && write.tag == tag) return write.value;
  return "";
}

// Gives the matter a number: when it was made, or because another had the same.
bool Registers(const Op& op) {
  const uint32_t tag = TagOfField(TypeOf<v1::Matter>(), v1::Matter::kNumberFieldNumber);
  return std::any_of(op.writes.begin(), op.writes.end(),
                     [&](const Write& write) { return write.child.IsRoot() && write.tag == tag; });
}

// Writes numbers and nothing else: several records had the same, and a person decided.
bool OnlyNumbers(const Op& op) {
  return op.sealed.empty() && Registers(op) && std::all_of(op.writes.begin(), op.writes.end(), [](const Write& write) {
           const TypeInfo* type = write.child.IsRoot() ? &TypeOf<v1::Matter>() : FindType(write.child.type);
           const FieldInfo* field = type == nullptr ? nullptr : type->Find(write.field());
           return field != nullptr && field->descriptor->name() == "number";
         });
}

// Of a time limit that moved with the holiday table: the whole op is no step, though it writes to the assignment.
bool MovesDue(const Op& op) {
  return std::any_of(op.writes.begin(), op.writes.end(),
                     [](const Write& write) { return write.child.type == TypeOf<v1::DueMove>().type(); });
}

// Moves the matter or adds to what became of it; all else is an edit.
bool IsStep(const Op& op) {
  return !Registers(op) && !MovesDue(op) && std::any_of(op.writes.begin(), op.writes.end(), [](const Write& write) {
    if (write.child.IsRoot()) return write.tag == StatusTag();
    return write.tag != kVoidTag && write.child.type != TypeOf<v1::AttachmentRef>().type();
  });
}

std::string WhatOf(const Op& op) {
  for (const Write& write : op.writes) {
    v1::StatusChange status;
    if (write.child.IsRoot() && write.tag == StatusTag() && status.ParseFromString(write.value))
      return EnumLabel(status.to());
  }
  for (const Write& write : op.writes)
    if (const TypeInfo* type = FindType(write.child.type); type != nullptr) return type->rules.label();
  return "";
}

// The matter as the step's author had it.
Aggregate BeforeOf(const Aggregate& matter, const std::vector<Op>& ops, const Op& step) {
  std::vector<const Op*> seen;
  for (const Op& op : ops) {
    const bool own = op.actor == step.actor && op.n < step.n;
    if (own || (op.hash != step.hash && matter.lineage().Covers(step.context, op.dot()))) seen.push_back(&op);
  }
  return Aggregate::Fold(matter.id(), seen);
}

bool Created(const Aggregate& before, const RecordId& child) {
  if (child.IsRoot()) return false;
  const Child* known = before.Find(child);
  return known == nullptr || known->touched.empty();
}

// The actions by which steps of the matter were taken back. What they wrote to other matters bears no note there.
std::set<std::string> TakingBack(const std::vector<Op>& ops) {
  std::set<std::string> actions;
  for (const Op& op : ops)
    if (!HashTaken(op).empty()) actions.insert(op.action_id);
  return actions;
}

// The writes that make of what the step wrote what it was; what somebody wrote over it since stays. What was taken back
// meanwhile (`back`: by which actions) has put the step's own values back, under names of its own.
void Restore(const Aggregate& matter, const Aggregate& before, const std::vector<Op>& ops, const Op& step,
             const std::set<std::string>& back, std::vector<Write>* writes) {
  auto puts_back = [&](const Dot& dot) {
    return std::any_of(ops.begin(), ops.end(),
                       [&](const Op& op) { return op.dot() == dot && back.contains(op.action_id); });
  };
  auto of_step = [&](const Sibling& one) { return one.dot == step.dot() || puts_back(one.dot); };
  for (const Write& write : step.writes) {
    if (write.tag == kVoidTag || write.tag == kVerdictTag) continue;
    if (Created(before, write.child)) {
      const Write gone{write.child, kVoidTag, "", "1撤销"};
      if (std::find(writes->begin(), writes->end(), gone) == writes->end()) writes->push_back(gone);
      continue;
    }
    const FieldKey key{write.tag, write.element};
    const auto& now = matter.Find(write.child)->fields;
    auto field = now.find(key);
    if (field == now.end()) continue;
    const std::vector<Sibling>& shown = field->second.siblings();
    if (std::none_of(shown.begin(), shown.end(), of_step)) continue;
    std::string value;
    if (const Child* child = before.Find(write.child); child != nullptr)
      if (auto old = child->fields.find(key); old != child->fields.end())
        if (const Sibling* sibling = Displayed(old->second, v1::OWNER_HUB)) value = sibling->value;
    writes->push_back({write.child, write.tag, write.element, std::move(value)});
  }
}

}  // namespace

absl::StatusOr<const Op*> StepRun::LastOwnStep(const Aggregate& matter, const std::vector<Op>& ops) const {
  std::vector<std::string> gone;
  for (const Op& op : ops)
    if (std::string hash = HashTaken(op); !hash.empty()) gone.push_back(std::move(hash));
  auto counts = [&](const Op& op) {
    return HashTaken(op).empty() && std::find(gone.begin(), gone.end(), op.hash) == gone.end() &&
           !matter.Refused(op.name());
  };
  auto own = [&](const Op& op) { return op.actor.station == context_.station_id && op.user == action_.user; };
  const Op* last = nullptr;
  for (const Op& op : ops)  // by logical time
    if (counts(op) && own(op) && IsStep(op)) last = &op;
  if (last == nullptr) return absl::FailedPreconditionError("没有您办的、还可以撤销的步骤");
  for (const Op& op : ops) {
    const bool before = op.actor == last->actor && op.n <= last->n;
    if (!counts(op) || own(op) || before || Registers(op) || matter.lineage().Covers(last->context, op.dot())) continue;
    return absl::FailedPreconditionError("其他人已经接着办理这件事，不能撤销");
  }
  return last;
}

absl::Status StepRun::TakeBack(const Aggregate& matter, const v1::Step& step) {
  const std::vector<Op> ops = view_.OpsOf(matter);
  ASSIGN_OR_RETURN(const Op* last, LastOwnStep(matter, ops));
  const Aggregate before = BeforeOf(matter, ops, *last);
  NewOp op = OpOn(matter);
  const std::set<std::string> back = TakingBack(ops);
  Restore(matter, before, ops, *last, back, &op.writes);
  v1::TakenBack note;
  note.set_date(step.date());
  note.set_what(WhatOf(*last));
  note.set_op_hash(last->hash);
  note.set_by(step.by().empty() ? action_.user : step.by());
  note.set_reason(step.reason());
  RETURN_IF_ERROR(Validate(note));
  WritesOf(note, NewId(TypeOf<v1::TakenBack>().type()), &op.writes, &op.sealed);
  action_.ops.push_back(std::move(op));
  return TakeBackElsewhere(matter, before, *last, back);
}

// What the step wrote to other matters: the sources that a merging gave to the other, the suggestion that a conversion
// made.
absl::Status StepRun::TakeBackElsewhere(const Aggregate& matter, const Aggregate& before, const Op& step,
                                        const std::set<std::string>& back) {
  const auto now = Show<v1::Matter>(matter), then = Show<v1::Matter>(before);
  auto other_of = [&](const std::string& bytes) -> std::optional<Aggregate> {
    RecordId id;
    return RecordIdFromBytes(bytes, &id) ? view_.Load(id) : std::nullopt;
  };
  std::string other_id;
  if (now.merged_into() != then.merged_into())
    other_id = now.merged_into().empty() ? then.merged_into() : now.merged_into();
  if (now.converted_to() != then.converted_to()) other_id = now.converted_to();
  const std::optional<Aggregate> other = other_of(other_id);
  if (!other) return absl::OkStatus();
  const std::vector<Op> ops = view_.OpsOf(*other);
  auto same = std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.action_id == step.action_id; });
  if (same == ops.end()) return absl::OkStatus();
  NewOp op = OpOn(*other);
  if (Registers(*same)) {
    const bool untouched =
        std::all_of(ops.begin(), ops.end(), [&](const Op& one) { return one.hash == same->hash || OnlyNumbers(one); });
    if (!untouched) return absl::FailedPreconditionError("转成的代表建议已经办理，不能撤销");
    op.writes.push_back({{}, kVoidTag, "", "1撤销"});
  } else {
    Restore(*other, BeforeOf(*other, ops, *same), ops, *same, back, &op.writes);
  }
  if (!op.writes.empty()) action_.ops.push_back(std::move(op));
  return absl::OkStatus();
}

}  // namespace liaison
