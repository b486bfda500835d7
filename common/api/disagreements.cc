// What people disagree about, as lists, cases and pages show it: the Views of conflicts.
#include <algorithm>

#include "common/actions/settle.h"
#include "common/api/author_names.h"
#include "common/api/views.h"
#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/codec/token.h"
#include "common/crypto/hash.h"
#include "common/record/view.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/people/people.h"

namespace liaison {
namespace {

const TypeInfo* TypeOfPart(const RecordId& root, const RecordId& child) {
  return FindType(child.IsRoot() ? root.type : child.type);
}

std::vector<Op>::const_iterator FindOp(const std::vector<Op>& ops, const Dot& dot) {
  return std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.dot() == dot; });
}

// The device that writes for a station, where the station has one; else the beginning of its log's name.
void NameDevice(const Roster& roster, const Actor& actor, v1::ConflictValue* value) {
  const v1::Node* found = nullptr;
  int devices = 0;
  for (const auto& [id, node] : roster.nodes) {
    if (node.station_id() != actor.station) continue;
    ++devices;
    found = &node;
  }
  if (devices == 1) {
    value->set_node_id(found->node_id());
    value->set_device_name(found->device_name().empty() ? found->node_id() : found->device_name());
  } else {
    const std::string log = ToText(actor);
    value->set_device_name(Cat("日志 ", log.substr(log.find('/') + 1, 4)));
  }
}

// Of an accusation: that there are several is told, and who wrote them. `words`: the texts are words.
void HideValues(bool words, v1::ConflictView* view) {
  auto hide = [&](v1::ConflictValue* value) {
    value->clear_value();
    if (words && !value->text().empty()) value->set_text(kAccusationWords);
  };
  if (view->has_ancestor()) hide(view->mutable_ancestor());
  for (v1::ConflictValue& value : *view->mutable_values()) hide(&value);
}

}  // namespace

v1::ConflictValue Views::AuthorOf(const Op& op) const {
  v1::ConflictValue shown;
  shown.set_user(AuthorName(people_.get(), op));
  shown.set_station_id(op.actor.station);
  shown.set_station_name(op.actor.station == kHubStation ? "镇中心" : roster_->StationName(op.actor.station));
  shown.set_wall_time_ms(op.wall_ms);
  shown.set_clock_suspect(op.clock_quality == kClockSuspect);
  if (op.actor.station != kHubStation) NameDevice(*roster_, op.actor, &shown);
  return shown;
}

v1::ConflictValue Views::ConflictValueOf(const Op& op, const RecordId& root, const TypeInfo* type, uint32_t tag,
                                         std::string_view value) const {
  v1::ConflictValue shown = AuthorOf(op);
  shown.set_text(ValueText(root, type, tag, value));
  shown.set_value(ValueJson(type, tag, value));
  return shown;
}

// All but the field and its values.
v1::ConflictView Views::ConflictOn(const Aggregate& aggregate, const RecordId& child) const {
  v1::ConflictView view;
  const TypeInfo* type = TypeOfPart(aggregate.id(), child);
  view.set_record_id(FullId(aggregate.id(), child));
  view.set_token(MakeToken(aggregate.id(), aggregate.lineage().Visible()));
  if (aggregate.id().type == TypeOf<v1::Matter>().type()) {
    auto matter = Show<v1::Matter>(aggregate);
    view.set_number(matter.number());
    view.set_station_id(matter.station_id());
  } else if (child.type == TypeOf<v1::VisitEntry>().type()) {
    view.set_number(Show<v1::VisitEntry>(aggregate, child).number());
  } else if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type()) {
    view.set_number(Show<v1::ReceptionSession>(aggregate).number());
  }
  view.set_record_label(type == nullptr ? "" : type->rules.label());
  return view;
}

std::vector<v1::ConflictView> Views::Conflicts(const Aggregate& aggregate) const {
  std::vector<v1::ConflictView> views;
  std::vector<FieldConflict> conflicts = ConflictsOf(aggregate);
  if (conflicts.empty() && FlaggedOf(aggregate).empty()) return views;
  const std::vector<Op> ops = reader_.OpsOf(aggregate);
  const std::function<bool(const RecordId&)> unwritten = UnwrittenOf(reader_, aggregate);
  for (const FieldConflict& conflict : conflicts) {
    const TypeInfo* type = TypeOfPart(aggregate.id(), conflict.child);
    const FieldInfo* field = type == nullptr ? nullptr : type->Find(conflict.tag >> 3);
    v1::ConflictView& view = views.emplace_back(ConflictOn(aggregate, conflict.child));
    view.set_field(field == nullptr ? "" : field->descriptor->json_name());
    view.set_field_label(field == nullptr ? "" : field->rules.label());
    if (field != nullptr && field->rules.merge() == v1::MERGE_STATUS) view.set_kind(v1::CONFLICT_STATE);
    std::vector<const Op*> authors;
    for (const Sibling& sibling : conflict.siblings) {
      auto op = FindOp(ops, sibling.dot);
      if (op == ops.end()) continue;
      authors.push_back(&*op);
      v1::ConflictValue& value = *view.add_values();
      value = ConflictValueOf(*op, aggregate.id(), type, conflict.tag, sibling.value);
      value.set_displayed(sibling.value == conflict.displayed);
      if (field != nullptr) value.set_side(SideOf(sibling.dot, conflict.element));
    }
    // What all of them replaced: the last write of the field that every author had seen.
    for (const Op& op : ops) {
      bool seen = std::all_of(authors.begin(), authors.end(),
                              [&](const Op* author) { return aggregate.lineage().Covers(author->context, op.dot()); });
      if (!seen) continue;
      for (const auto* writes : {&op.writes, &op.sealed})
        for (const Write& write : *writes)
          if (write.child == conflict.child && write.tag == conflict.tag && write.element == conflict.element)
            *view.mutable_ancestor() = ConflictValueOf(op, aggregate.id(), type, conflict.tag, write.value);
    }
    if (unwritten(conflict.child)) HideValues(field != nullptr && HoldsWords(*type, *field), &view);
  }
  AddVoidConflicts(aggregate, ops, &views);
  return views;
}

// Voided by one, changed by another: to be voided after all, or to stand.
void Views::AddVoidConflicts(const Aggregate& aggregate, const std::vector<Op>& ops,
                             std::vector<v1::ConflictView>* views) const {
  for (const RecordId& child : FlaggedOf(aggregate)) {
    v1::ConflictView& view = views->emplace_back(ConflictOn(aggregate, child));
    view.set_kind(v1::CONFLICT_VOID);
    view.set_field(std::string(kVoidField));
    view.set_field_label("作废");
    const Child* record = aggregate.Find(child);
    auto voids = record->fields.find({kVoidTag, ""});
    const Op* voiding = nullptr;
    if (voids != record->fields.end())
      for (const Sibling& sibling : voids->second.siblings())
        if (auto op = FindOp(ops, sibling.dot); op != ops.end() && !sibling.value.empty()) voiding = &*op;
    if (voiding == nullptr) continue;
    v1::ConflictValue& away = *view.add_values();
    away = AuthorOf(*voiding);
    away.set_text(
        Cat(kSideVoid, "：", UnwrittenOf(reader_, aggregate)(child) ? kAccusationWords : aggregate.VoidReason(child)));
    away.set_side(std::string(kSideVoid));
    // The newest change that whoever voided it had not seen.
    for (auto op = ops.rbegin(); op != ops.rend(); ++op) {
      auto changes = [&](const Write& write) {
        return write.tag != kVoidTag && write.tag != kVerdictTag && (child.IsRoot() || write.child == child);
      };
      const bool changed = std::any_of(op->writes.begin(), op->writes.end(), changes) ||
                           std::any_of(op->sealed.begin(), op->sealed.end(), changes);
      if (!changed || aggregate.lineage().Covers(voiding->context, op->dot())) continue;
      v1::ConflictValue& kept = *view.add_values();
      kept = AuthorOf(*op);
      kept.set_text(Cat(kSideKeep, "：另有人改过"));
      kept.set_side(std::string(kSideKeep));
      kept.set_displayed(true);
      break;
    }
  }
}

}  // namespace liaison
