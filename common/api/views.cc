#include "common/api/views.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/actions/context.h"
#include "common/api/author_names.h"
#include "common/api/held_words.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/codec/token.h"
#include "common/record/json.h"
#include "common/record/live.h"
#include "common/record/verdict.h"
#include "common/record/view.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/days/calendar.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/people/people.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/visitor/visitors.h"

namespace liaison {
namespace {

constexpr char kVisitorNotHere[] = "（不在本机）";
using google::protobuf::FieldDescriptor;

const TypeInfo* TypeOfChild(const RecordId& root, const RecordId& child) {
  return FindType(child.IsRoot() ? root.type : child.type);
}

std::string Token(const Aggregate& aggregate) { return MakeToken(aggregate.id(), aggregate.lineage().Visible()); }

int CountConflicts(const Aggregate& aggregate) { return static_cast<int>(CountDisagreements(aggregate)); }

// What links records to each other and to their origin; says nothing to a person.
bool IsBookkeeping(std::string_view field) {
  constexpr std::string_view kFields[] = {"sources",    "visitor_id", "seq",            "import_key", "import_batch",
                                          "historical", "op_hash",    "content_digest", "entry"};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

// What a person wrote in words, and no number, name of a code, day or time.
bool IsText(const FieldInfo& field) {
  return field.descriptor->type() == FieldDescriptor::TYPE_STRING && field.rules.format() == v1::FORMAT_ANY &&
         field.descriptor->name() != "number";
}

v1::Light Slower(v1::Light a, v1::Light b) { return std::min(a, b); }

}  // namespace

Views::Views(const Store* store, const Roster* roster, Viewer viewer, bool link_up)
    : store_(store), roster_(roster), reader_(store->Snapshot()), viewer_(std::move(viewer)), link_up_(link_up) {
  for (const Store::OwnLog& log : store->OwnLogs()) acked_[log.actor] = log.acked_seq;
}

std::optional<Aggregate> Views::Load(const RecordId& id) const {
  std::optional<Aggregate> found = reader_.Load(id);
  if (found && !Sees(*found)) found.reset();
  return found;
}

v1::MatterState Views::StateOf(const Aggregate& matter) {
  return MatterStateOf(matter);
}

v1::SessionState Views::SessionStateOf(const Aggregate& session) {
  return liaison::SessionStateOf(session);
}

// A record is delivered when every op of this station on it has its receipt. At the hub everything is.
v1::Light Views::LightOf(const Aggregate& aggregate) const {
  if (store_->options().station == kHubStation) return v1::LIGHT_DELIVERED;
  for (const auto& [actor, steps] : aggregate.lineage().steps()) {
    auto own = acked_.find(actor);
    if (own == acked_.end()) continue;
    for (const Lineage::Step& step : steps)
      if (step.seq > own->second) return link_up_ ? v1::LIGHT_PENDING : v1::LIGHT_SAVED;
  }
  return v1::LIGHT_DELIVERED;
}

Views MakeViews(const ServiceContext& context, const Roster* roster_now, const Caller& caller) {
  Views views(context.store, roster_now, Viewer::Of(caller), context.link().up);
  if (context.people != nullptr) views.set_people(context.people->Get());
  return views;
}

std::vector<RecordId> EntriesInOrder(const Aggregate& session) {
  std::vector<std::pair<uint32_t, RecordId>> ordered;  // decoded once each, not in every comparison
  for (RecordId& entry : ChildrenOf<v1::VisitEntry>(session)) {
    const uint32_t seq = Show<v1::VisitEntry>(session, entry).seq();
    ordered.emplace_back(seq, std::move(entry));
  }
  std::sort(ordered.begin(), ordered.end());
  std::vector<RecordId> entries;
  for (auto& [seq, entry] : ordered) entries.push_back(std::move(entry));
  return entries;
}

bool Views::IsLate(const std::optional<Origin>& origin, std::string_view date) const {
  if (!origin || store_->options().station != kHubStation) return false;
  std::optional<int64_t> arrival = reader_.ArrivalMs(origin->actor, origin->seq);
  const std::optional<Day> day = ParseDay(date);
  return arrival && day && CameLate(ParseDay(BusinessDate(*arrival)).value_or(*day), *day);
}

const Views::Shared& Views::SharedOf(const Aggregate& aggregate) const {
  if (shared_ && shared_->id == aggregate.id()) return *shared_;
  shared_.emplace();
  shared_->id = aggregate.id();
  shared_->token = Token(aggregate);
  shared_->light = LightOf(aggregate);
  shared_->conflicts = CountConflicts(aggregate);
  if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type())
    shared_->matters = tables::MattersByEntry(reader_.kv(), aggregate.id());
  return *shared_;
}

v1::SessionView Views::Session(const Aggregate& aggregate) const {
  v1::SessionView view;
  view.set_id(ToText(aggregate.id()));
  view.set_token(Token(aggregate));
  *view.mutable_session() = Show<v1::ReceptionSession>(aggregate);
  view.set_state(SessionStateOf(aggregate));
  int visits = 0, headcount = 0;
  for (const RecordId& child : LiveChildrenOf<v1::VisitEntry>(aggregate)) {
    ++visits;
    headcount += Show<v1::VisitEntry>(aggregate, child).headcount();
  }
  view.set_visits(visits);
  view.set_headcount(headcount);
  int matters = 0;
  for (const RecordId& id : tables::MattersOf(reader_.kv(), aggregate.id())) {
    std::optional<Aggregate> matter = Load(id);
    if (matter && matter->VoidOf({}) != VoidState::kVoid) ++matters;
  }
  view.set_matters(matters);
  view.set_voided(aggregate.VoidOf({}) == VoidState::kVoid);
  view.set_light(LightOf(aggregate));
  view.set_conflicts(CountConflicts(aggregate));
  return view;
}

v1::MatterView Views::Matter(const Aggregate& aggregate) const {
  v1::MatterView view;
  view.set_id(ToText(aggregate.id()));
  view.set_token(Token(aggregate));
  *view.mutable_matter() = Show<v1::Matter>(aggregate);
  if (IsAccusation(view.matter())) BlankAccusation(view.mutable_matter());
  view.set_state(StateOf(aggregate));
  view.set_station_name(roster_->StationName(view.matter().station_id()));
  view.set_category_name(roster_->CategoryName(view.matter().category()));
  view.set_voided(aggregate.VoidOf({}) == VoidState::kVoid);
  view.set_light(LightOf(aggregate));
  view.set_conflicts(CountConflicts(aggregate));
  if (!view.matter().historical()) view.set_late(IsLate(OriginOf(aggregate, {}), view.matter().date()));
  return view;
}

v1::VisitView Views::Visit(const Aggregate& session, const RecordId& entry) const {
  v1::VisitView view;
  std::string id = FullId(session.id(), entry);
  auto record = Show<v1::ReceptionSession>(session);
  const Shared& shared = SharedOf(session);
  view.set_id(id);
  view.set_token(shared.token);
  *view.mutable_entry() = Show<v1::VisitEntry>(session, entry);
  view.set_session_id(ToText(session.id()));
  view.set_date(record.date());
  view.set_station_id(record.station_id());
  view.set_station_name(roster_->StationName(record.station_id()));
  for (const v1::SessionDeputy& deputy : record.deputies())
    view.add_deputy_names(roster_->DeputyName(deputy.deputy_id()));
  if (!view.entry().historical()) view.set_late(IsLate(OriginOf(session, entry), record.date()));
  v1::Light light = shared.light;
  RecordId visitor_id;
  if (RecordIdFromBytes(view.entry().visitor_id(), &visitor_id)) {
    if (std::optional<Aggregate> visitor = reader_.Load(visitor_id)) {
      light = Slower(light, LightOf(*visitor));
      view.set_visitor_id(ToText(visitor_id));
      view.set_visitor_token(Token(*visitor));
      if (std::optional<v1::VisitorFields> fields = OpenVisitor(reader_, *visitor)) {
        const v1::VisitorFields shown = Masked(*fields);
        view.set_visitor_name(shown.name());
        view.set_visitor_phone(shown.phone());
      } else {
        view.set_visitor_name(kVisitorNotHere);
      }
    }
  }
  bool unwritten = IsAccusationVisit(view.entry());
  auto brought = shared.matters.find(id);
  for (const RecordId& matter_id :
       brought == shared.matters.end() ? std::vector<RecordId>() : std::vector<RecordId>(brought->second)) {
    std::optional<Aggregate> matter = Load(matter_id);
    if (!matter) continue;
    v1::MatterView shown = Matter(*matter);
    light = Slower(light, shown.light());
    unwritten = unwritten || (!shown.voided() && IsAccusation(shown.matter()));
    view.set_conflicts(view.conflicts() + shown.conflicts());
    *view.add_matters() = std::move(shown);
  }
  view.set_light(light);
  VoidState voided = session.VoidOf(entry);
  view.set_voided(voided == VoidState::kVoid || session.VoidOf({}) == VoidState::kVoid);
  view.set_flagged(voided == VoidState::kFlagged);
  view.set_void_reason(session.VoidReason(entry));
  if (unwritten) {
    HideWords(view.mutable_entry());
    if (!view.void_reason().empty()) view.set_void_reason(kAccusationWords);
  }
  view.set_conflicts(view.conflicts() + shared.conflicts);
  return view;
}

std::string Views::VisitorName(const v1::VisitEntry& entry) const {
  RecordId id;
  if (!RecordIdFromBytes(entry.visitor_id(), &id)) return "";
  std::optional<Aggregate> visitor = reader_.Load(id);
  if (!visitor) return "";
  std::optional<v1::VisitorFields> fields = OpenVisitor(reader_, *visitor);
  if (!fields) return kVisitorNotHere;
  return Masked(*fields).name();
}

v1::RecordView Views::Record(const Aggregate& aggregate, const RecordId& child) const {
  const Shared& shared = SharedOf(aggregate);
  const std::function<bool(const RecordId&)> unwritten = UnwrittenOf(reader_, aggregate);
  v1::RecordView view = RecordWith(shared, aggregate, child, unwritten(child));
  AddHeldWords(*this, store_->options().station, aggregate, child, &view);
  if (!child.IsRoot()) return view;
  for (const auto& [id, state] : aggregate.children())
    if (!id.IsRoot()) *view.add_children() = RecordWith(shared, aggregate, id, unwritten(id));
  return view;
}

v1::RecordView Views::RecordWith(const Shared& shared, const Aggregate& aggregate, const RecordId& child,
                                 bool unwritten) const {
  v1::RecordView view;
  const TypeInfo* type = TypeOfChild(aggregate.id(), child);
  view.set_id(FullId(aggregate.id(), child));
  view.set_token(shared.token);
  view.set_light(shared.light);
  VoidState voided = aggregate.VoidOf(child);
  view.set_voided(voided == VoidState::kVoid);
  view.set_flagged(voided == VoidState::kFlagged);
  view.set_void_reason(aggregate.VoidReason(child));
  if (unwritten && !view.void_reason().empty()) view.set_void_reason(kAccusationWords);
  view.set_upgrade_needed(aggregate.upgrade_needed() || type == nullptr);
  view.set_conflicts(shared.conflicts);
  if (type == nullptr) return view;
  view.set_type(type->descriptor->name());
  view.set_label(type->rules.label());
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor)->New());
  Display(aggregate, child, message.get());
  if (unwritten) HideWords(message.get());
  if (type == &TypeOf<v1::Visitor>()) {
    std::optional<v1::VisitorFields> fields = OpenVisitor(reader_, aggregate);
    view.set_json(ToJson(fields ? Masked(*fields) : v1::VisitorFields()));
  } else {
    view.set_json(ToJson(*message));
  }
  return view;
}

std::string Views::ValueText(const RecordId& root, const TypeInfo* type, uint32_t tag, std::string_view value) const {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  if (field == nullptr) return "（需升级程序才能显示）";
  if (value.empty()) return "（空）";
  if (field->rules.sealed()) {
    std::optional<v1::VisitorFields> fields = OpenSealed(reader_, root, value);
    if (!fields) return "（个人信息，不在本机）";
    const v1::VisitorFields shown = Masked(*fields);
    return Cat(shown.name(), " ", shown.phone(), " ", shown.village_group());
  }
  std::string bytes;
  AppendField(tag, value, &bytes);
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor)->New());
  if (!message->ParseFromString(bytes)) return "（无法读出）";
  const FieldDescriptor* d = field->descriptor;
  const auto* reflection = message->GetReflection();
  if (d->is_repeated()) {
    if (d->cpp_type() == FieldDescriptor::CPPTYPE_STRING) return reflection->GetRepeatedString(*message, d, 0);
    const auto& element = reflection->GetRepeatedMessage(*message, d, 0);
    if (element.GetDescriptor() == v1::SessionDeputy::descriptor())
      return roster_->DeputyName(static_cast<const v1::SessionDeputy&>(element).deputy_id());
    return ToJson(element);
  }
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = reflection->GetString(*message, d);
      if (d->type() == FieldDescriptor::TYPE_BYTES) return "（内部编号）";
      if (d->name() == "category") return roster_->CategoryName(text);
      if (d->name() == "station_id") return roster_->StationName(text);
      if (d->name() == "answered_by" || d->name() == "lead_deputy") return roster_->DeputyName(text);
      return text;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return LabelOf(reflection->GetEnum(*message, d));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(*message, d) ? "是" : "否";
    case FieldDescriptor::CPPTYPE_INT32:
      return Cat(reflection->GetInt32(*message, d));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Cat(reflection->GetUInt32(*message, d));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Cat(reflection->GetUInt64(*message, d));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto& inner = reflection->GetMessage(*message, d);
      if (inner.GetDescriptor() == v1::StatusChange::descriptor())
        return EnumLabel(static_cast<const v1::StatusChange&>(inner).to());
      if (inner.GetDescriptor() == v1::SessionStatus::descriptor())
        return EnumLabel(static_cast<const v1::SessionStatus&>(inner).to());
      return ToJson(inner);
    }
    default:
      return "";
  }
}

// The value under its field's name, as ChangeRecord takes it back.
std::string Views::ValueJson(const TypeInfo* type, uint32_t tag, std::string_view value) {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  if (field == nullptr) return "";
  if (field->rules.sealed()) return "";  // in full nowhere but by RevealVisitor
  if (value.empty()) return Cat("{\"", field->descriptor->json_name(), "\":null}");
  std::string bytes;
  AppendField(tag, value, &bytes);
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor)->New());
  if (!message->ParseFromString(bytes)) return "";
  return ToCompactJson(*message);
}

std::vector<v1::HistoryEvent> Views::EventsOf(const Op& op) const {
  const std::optional<Aggregate> aggregate = reader_.Load(op.aggregate);
  if (!aggregate) return EventsOf(op, RecordId(), [](const RecordId&) { return false; });
  return EventsOf(op, RecordId(), UnwrittenOf(reader_, *aggregate));
}

std::vector<v1::HistoryEvent> Views::EventsOf(const Op& op, const RecordId& child,
                                              const std::function<bool(const RecordId&)>& unwritten) const {
  std::vector<v1::HistoryEvent> events;
  for (const auto* writes : {&op.writes, &op.sealed}) {
    for (const Write& write : *writes) {
      const TypeInfo* type = TypeOfChild(op.aggregate, write.child);
      const FieldInfo* field = type == nullptr ? nullptr : type->Find(write.field());
      if (!child.IsRoot() && write.child != child) continue;
      if (field != nullptr && IsBookkeeping(field->descriptor->name())) continue;
      v1::HistoryEvent& event = events.emplace_back();
      event.set_wall_time_ms(op.wall_ms);
      event.set_clock_suspect(op.clock_quality == kClockSuspect);
      event.set_user(AuthorName(people_.get(), op));
      event.set_station_id(op.actor.station);
      event.set_action_id(Hex(op.action_id));
      event.set_child_label(type == nullptr ? "" : type->rules.label());
      if (write.tag == kVoidTag) {
        event.set_field_label(write.value.empty() ? "取消作废" : "作废");
        event.set_text(write.value.empty() ? "" : write.value.substr(1));
      } else if (write.tag == kVerdictTag) {
        event.set_field_label(std::string(VerdictLabel(write.value)));
        event.set_text(ParseVerdict(write.value).words);
      } else {
        event.set_field_label(field == nullptr ? "未知字段" : field->rules.label());
        event.set_text(ValueText(op.aggregate, type, write.tag, write.value));
      }
      const bool reason = write.tag == kVoidTag || write.tag == kVerdictTag;
      const bool text = reason || (field != nullptr && IsText(*field));
      if (text && !event.text().empty() && unwritten(write.child)) event.set_text(kAccusationWords);
    }
  }
  return events;
}

std::vector<v1::HistoryEvent> Views::History(const Aggregate& aggregate, const RecordId& child) const {
  std::vector<v1::HistoryEvent> events;
  const std::function<bool(const RecordId&)> unwritten = UnwrittenOf(reader_, aggregate);
  for (const Op& op : reader_.OpsOf(aggregate)) {
    bool refused = aggregate.Refused(op.name());
    for (v1::HistoryEvent& event : EventsOf(op, child, unwritten)) {
      event.set_refused(refused);
      event.set_held(refused && IsHeld(aggregate, op.name()));
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace liaison
