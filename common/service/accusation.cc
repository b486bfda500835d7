#include "common/service/accusation.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/casework/guards.h"
#include "common/record/live.h"
#include "common/record/schema.h"
#include "common/service/tables.h"

namespace liaison {
namespace {

// Of a matter: what BlankAccusation sets or clears.
constexpr std::string_view kMatterFields[] = {"title",       "content",    "category",     "subcategory", "place",
                                              "remark",      "answer",     "answered_by",  "guided_to",   "project",
                                              "guide_reason", "guide_code", "grid"};
// Of its children and of a visit: texts. Ways, names and numbers are shorter.
constexpr uint32_t kLongestLabel = 60;

bool HoldsWords(const TypeInfo& type, const FieldInfo& field) {
  if (type.type() == TypeOf<v1::Matter>().type())
    return std::find(std::begin(kMatterFields), std::end(kMatterFields), field.descriptor->name()) !=
           std::end(kMatterFields);
  return field.descriptor->type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
         !field.descriptor->is_repeated() && field.rules.format() == v1::FORMAT_ANY &&
         field.rules.max_chars() > kLongestLabel;
}

const FieldInfo* WordsField(const TypeInfo* type, uint32_t tag) {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  return field != nullptr && HoldsWords(*type, *field) ? field : nullptr;
}

// What stands in a field of an accusation instead of words.
std::string BlankOf(const FieldInfo& field) { return field.rules.required() ? kAccusationWords : ""; }

bool Writes(const NewOp& op, uint32_t tag) {
  return std::any_of(op.writes.begin(), op.writes.end(),
                     [&](const Write& write) { return write.child.IsRoot() && write.tag == tag; });
}

// The matter's own fields as BlankAccusation leaves them, where any visible value is another.
void BlankRoot(const Aggregate& matter, NewOp* op) {
  auto blank = Show<v1::Matter>(matter);
  const v1::StatusChange status = blank.status();
  blank.set_disposition(v1::DISPOSITION_GUIDED);
  BlankAccusation(&blank);
  std::map<uint32_t, std::string> wanted;
  const std::string bytes = blank.SerializeAsString();
  std::vector<RawField> raw;
  SplitFields(bytes, &raw);
  for (const RawField& one : raw) wanted[one.tag] = std::string(one.value);
  const std::map<FieldKey, Register>& fields = matter.Find({})->fields;
  for (std::string_view name : kMatterFields) {
    const uint32_t tag = TypeOf<v1::Matter>().FindByName(name)->tag;
    auto field = fields.find({tag, ""});
    const bool same = field == fields.end()
                          ? wanted[tag].empty()
                          : std::all_of(field->second.siblings().begin(), field->second.siblings().end(),
                                        [&](const Sibling& sibling) { return sibling.value == wanted[tag]; });
    if (same && (field == fields.end() || !field->second.siblings().empty() || wanted[tag].empty())) continue;
    std::erase_if(op->writes, [&](const Write& write) { return write.child.IsRoot() && write.tag == tag; });
    op->writes.push_back({{}, tag, "", wanted[tag]});
  }
  const uint32_t tag = TypeOf<v1::Matter>().Find(v1::Matter::kStatusFieldNumber)->tag;
  if (status.to() != v1::GUIDED || status.reason() == kAccusation || !NamesAccusation(status.reason()) ||
      Writes(*op, tag))
    return;
  op->writes.push_back({{}, tag, "", wanted[tag]});
}

void BlankChild(const Aggregate& aggregate, const RecordId& id, NewOp* op) {
  const TypeInfo* type = FindType(id.type);
  const Child& child = *aggregate.Find(id);
  if (id.type == TypeOf<v1::AttachmentRef>().type() && aggregate.VoidOf(id) != VoidState::kVoid)
    op->writes.push_back({id, kVoidTag, "", std::string("1") + kAccusationWords});
  for (const auto& [key, field] : child.fields) {
    const FieldInfo* info = WordsField(type, key.first);
    if (info == nullptr) continue;
    const std::string blank = BlankOf(*info);
    for (const Sibling& sibling : field.siblings())
      if (!sibling.value.empty() && sibling.value != blank) {
        op->writes.push_back({id, key.first, "", blank});
        break;
      }
  }
}

// Matters of the visit that are no accusation.
bool BroughtMore(const StoreReader& view, const RecordId& session, const std::string& entry, const RecordId& matter) {
  const std::vector<RecordId> ids = tables::MattersOf(view.kv(), session);
  return std::any_of(ids.begin(), ids.end(), [&](const RecordId& id) {
    if (id == matter) return false;
    const std::optional<Aggregate> other = view.Load(id);
    if (!other || !IsLive(*other)) return false;
    const auto record = Show<v1::Matter>(*other);
    return !IsAccusation(record) &&
           std::any_of(record.sources().begin(), record.sources().end(),
                       [&](const v1::Source& source) { return source.entry() == entry; });
  });
}

NewOp OpOn(const Aggregate& aggregate) {
  NewOp op;
  op.aggregate = aggregate.id();
  op.context = aggregate.lineage().Visible();
  return op;
}

void BlankVisit(const StoreReader& view, const Aggregate& session, const RecordId& entry, bool alone, Action* action) {
  const auto shown = Show<v1::VisitEntry>(session, entry);
  NewOp op = OpOn(session);
  BlankChild(session, entry, &op);
  const TypeInfo& type = TypeOf<v1::VisitEntry>();
  auto clear = [&](int field, std::string value) {
    op.writes.push_back({entry, type.Find(static_cast<uint32_t>(field))->tag, "", std::move(value)});
  };
  if (!shown.village_group().empty() && alone) clear(v1::VisitEntry::kVillageGroupFieldNumber, "");
  RecordId visitor;
  if (alone && RecordIdFromBytes(shown.visitor_id(), &visitor)) {
    clear(v1::VisitEntry::kVisitorIdFieldNumber, "");
    v1::VisitEntry nameless;
    nameless.set_anonymous(true);
    WritesOf(nameless, entry, &op.writes, &op.sealed);
    if (const std::optional<Aggregate> person = view.Load(visitor); person && IsLive(*person)) {
      NewOp gone = OpOn(*person);
      gone.writes.push_back({{}, kVoidTag, "", std::string("1") + kAccusationWords});
      action->ops.push_back(std::move(gone));
    }
  }
  if (!op.writes.empty()) action->ops.push_back(std::move(op));
}

}  // namespace

bool ShowsWords(const Aggregate& matter) {
  if (!IsLive(matter) || !IsAccusation(Show<v1::Matter>(matter))) return false;
  NewOp op;
  BlankRoot(matter, &op);
  for (const auto& [id, child] : matter.children())
    if (!id.IsRoot()) BlankChild(matter, id, &op);
  return !op.writes.empty();
}

void AppendBlanks(const StoreReader& view, const Aggregate& matter, Action* action) {
  // A step that makes it one may have begun the matter's op.
  auto own = std::find_if(action->ops.begin(), action->ops.end(),
                          [&](const NewOp& op) { return op.aggregate == matter.id(); });
  if (own == action->ops.end()) own = action->ops.insert(own, OpOn(matter));
  own->context = matter.lineage().Visible();
  BlankRoot(matter, &*own);
  for (const auto& [id, child] : matter.children())
    if (!id.IsRoot()) BlankChild(matter, id, &*own);
  if (own->writes.empty()) action->ops.erase(own);
  const auto record = Show<v1::Matter>(matter);
  for (const v1::Source& source : record.sources()) {
    RecordId session_id, entry;
    if (!ParseFullId(source.entry(), &session_id, &entry) || entry.IsRoot()) continue;
    const std::optional<Aggregate> session = view.Load(session_id);
    if (!session || session->Find(entry) == nullptr) continue;
    BlankVisit(view, *session, entry, !BroughtMore(view, session_id, source.entry(), matter.id()), action);
  }
}

std::vector<v1::Remain> RemainsOf(const StoreReader& view, const Aggregate& matter) {
  std::vector<v1::Remain> remains;
  const auto record = Show<v1::Matter>(matter);
  auto look = [&](const Aggregate& aggregate, const std::optional<RecordId>& only) {
    for (const Op& op : view.OpsOf(aggregate)) {
      std::set<std::string> fields;
      for (const Write& write : op.writes) {
        if (only && write.child != *only) continue;
        const TypeInfo* type = FindType(write.child.IsRoot() ? aggregate.id().type : write.child.type);
        const FieldInfo* field = WordsField(type, write.tag);
        const bool blank = write.value.empty() || write.value == kAccusationTitle || write.value == kAccusationText ||
                           write.value == kAccusationWords || write.value == kAccusation ||
                           write.value.find("检举控告，不记录内容") != std::string::npos;
        constexpr std::string_view kLabels[] = {"guided_to", "guide_code", "category", "subcategory", "answered_by"};
        const bool label = field != nullptr && std::find(std::begin(kLabels), std::end(kLabels),
                                                         field->descriptor->name()) != std::end(kLabels);
        if (field != nullptr && !blank && !label) fields.insert(field->rules.label());
      }
      if (fields.empty()) continue;
      v1::Remain& remain = remains.emplace_back();
      remain.set_id(ToText(aggregate.id()));
      remain.set_number(record.number());
      remain.set_station_id(op.actor.station);
      remain.set_actor(ToText(op.actor));
      remain.set_seq(static_cast<int64_t>(op.seq));
      for (const std::string& field : fields) remain.add_fields(field);
    }
  };
  look(matter, std::nullopt);
  for (const v1::Source& source : record.sources()) {
    RecordId session_id, entry;
    if (!ParseFullId(source.entry(), &session_id, &entry) || entry.IsRoot()) continue;
    if (const std::optional<Aggregate> session = view.Load(session_id)) look(*session, entry);
  }
  return remains;
}

}  // namespace liaison
