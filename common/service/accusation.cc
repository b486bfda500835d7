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
constexpr std::string_view kMatterFields[] = {"title",        "content",    "category",    "subcategory", "place",
                                              "remark",       "answer",     "answered_by", "guided_to",   "project",
                                              "guide_reason", "guide_code", "grid"};
// Of its children and of a visit: texts. Ways, names and numbers are shorter.
constexpr uint32_t kLongestLabel = 60;
constexpr std::string_view kTakenBack = "撤销";  // the reason of what a step made that was taken back (step_run.h)

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
  const size_t before = op->writes.size();
  for (const auto& [key, field] : child.fields) {
    const FieldInfo* info = WordsField(type, key.first);
    if (info == nullptr) continue;
    const std::vector<Sibling>& shown = field.siblings();
    const bool blank = std::all_of(shown.begin(), shown.end(), [](const Sibling& sibling) {
      return sibling.value.empty() || StandsForAccusation(sibling.value);
    });
    if (!blank) op->writes.push_back({id, key.first, "", BlankOf(*info)});
  }
  // What is void stays so: its void must have seen these writes.
  const bool gone = aggregate.VoidOf(id) == VoidState::kVoid, file = id.type == TypeOf<v1::AttachmentRef>().type();
  const std::string reason = aggregate.VoidReason(id);
  const bool words = !reason.empty() && reason != kTakenBack && !StandsForAccusation(reason);
  if (gone ? words || op->writes.size() > before : file)
    op->writes.push_back({id, kVoidTag, "", std::string("1") + kAccusationWords});
}

// Why the township does not count an op of the matter: the verdict stands, without the words.
void BlankVerdicts(const Aggregate& matter, NewOp* op) {
  for (const auto& [key, field] : matter.Find({})->fields) {
    if (key.first != kVerdictTag) continue;
    const std::vector<Sibling>& shown = field.siblings();
    if (std::any_of(shown.begin(), shown.end(), [](const Sibling& one) {
          return one.value.size() > 1 && !StandsForAccusation(one.value.substr(1));
        }))
      op->writes.push_back({{}, kVerdictTag, key.second, std::string("1") + kAccusationWords});
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
    return !IsAccusation(record) && std::any_of(record.sources().begin(), record.sources().end(),
                                                [&](const v1::Source& source) { return source.entry() == entry; });
  });
}

// Files of a session that are of the visit: they name it, or none and the session has no other visit.
std::vector<RecordId> FilesOf(const Aggregate& session, const RecordId& entry) {
  const std::vector<RecordId> visits = LiveChildrenOf<v1::VisitEntry>(session);
  const bool sole = visits.size() == 1 && visits[0] == entry;
  const std::string id = FullId(session.id(), entry);
  std::vector<RecordId> files;
  for (const RecordId& file : ChildrenOf<v1::AttachmentRef>(session)) {
    const std::string named = Show<v1::AttachmentRef>(session, file).entry();
    if (named.empty() ? sole : named == id) files.push_back(file);
  }
  return files;
}

void BlankVisit(const StoreReader& view, const Aggregate& session, const RecordId& entry, bool alone, Action* action) {
  const auto shown = Show<v1::VisitEntry>(session, entry);
  NewOp op = OpOn(session);
  BlankChild(session, entry, &op);
  for (const RecordId& file : FilesOf(session, entry)) BlankChild(session, file, &op);
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

// Adds the op's words and files, of the children that `of` names, to what remains.
void AddRemains(const Aggregate& aggregate, const std::string& number, const Op& op,
                const std::function<bool(const RecordId&)>& of, std::vector<v1::Remain>* remains) {
  std::set<std::string> fields, files;
  for (const Write& write : op.writes) {
    if (!of(write.child)) continue;
    const TypeInfo* type = FindType(write.child.IsRoot() ? aggregate.id().type : write.child.type);
    if (type == &TypeOf<v1::AttachmentRef>() && write.field() == v1::AttachmentRef::kContentHashFieldNumber)
      files.insert(Hex(write.value));
    const FieldInfo* field = WordsField(type, write.tag);
    const bool blank = write.value.empty() || write.value == kAccusation || write.value == kAccusationText ||
                       StandsForAccusation(write.value);
    constexpr std::string_view kLabels[] = {"guided_to", "guide_code", "category", "subcategory", "answered_by"};
    const bool label = field != nullptr && std::find(std::begin(kLabels), std::end(kLabels),
                                                     field->descriptor->name()) != std::end(kLabels);
    if (field != nullptr && !blank && !label) fields.insert(field->rules.label());
  }
  if (fields.empty() && files.empty()) return;
  v1::Remain& remain = remains->emplace_back();
  remain.set_id(ToText(aggregate.id()));
  remain.set_number(number);
  remain.set_station_id(op.actor.station);
  remain.set_actor(ToText(op.actor));
  remain.set_seq(static_cast<int64_t>(op.seq));
  for (const std::string& field : fields) remain.add_fields(field);
  for (const std::string& file : files) remain.add_files(file);
}

}  // namespace

bool HoldsWords(const TypeInfo& type, const FieldInfo& field) {
  if (type.type() == TypeOf<v1::Matter>().type())
    return std::find(std::begin(kMatterFields), std::end(kMatterFields), field.descriptor->name()) !=
           std::end(kMatterFields);
  return field.descriptor->type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
         !field.descriptor->is_repeated() && field.rules.format() == v1::FORMAT_ANY &&
         field.rules.max_chars() > kLongestLabel;
}

void HideWords(google::protobuf::Message* record) {
  if (record->GetDescriptor() == v1::Matter::descriptor()) return BlankAccusation(static_cast<v1::Matter*>(record));
  const TypeInfo* type = FindType(record->GetDescriptor());
  if (type == nullptr) return;
  const auto* reflection = record->GetReflection();
  for (int i = 0; i < record->GetDescriptor()->field_count(); ++i) {
    const auto* descriptor = record->GetDescriptor()->field(i);
    const FieldInfo* field = type->Find(static_cast<uint32_t>(descriptor->number()));
    if (field != nullptr && HoldsWords(*type, *field) && !reflection->GetString(*record, descriptor).empty())
      reflection->SetString(record, descriptor, BlankOf(*field));
  }
}

std::function<bool(const RecordId&)> UnwrittenOf(const StoreReader& view, const Aggregate& aggregate) {
  if (aggregate.id().type == TypeOf<v1::Matter>().type()) {
    const bool accusation = IsAccusation(Show<v1::Matter>(aggregate));
    return [accusation](const RecordId&) { return accusation; };
  }
  std::set<RecordId> hidden;
  if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type()) {
    for (const RecordId& entry : ChildrenOf<v1::VisitEntry>(aggregate))
      if (IsAccusationVisit(Show<v1::VisitEntry>(aggregate, entry))) hidden.insert(entry);
    const std::vector<RecordId> all = tables::Accusations(view.kv());
    const std::set<RecordId> accusations(all.begin(), all.end());
    std::map<std::string, std::vector<RecordId>, std::less<>> brought;
    if (!accusations.empty()) brought = tables::MattersByEntry(view.kv(), aggregate.id());
    for (const auto& [text, matters] : brought) {
      RecordId session, entry;
      if (std::any_of(matters.begin(), matters.end(), [&](const RecordId& id) { return accusations.contains(id); }) &&
          ParseFullId(text, &session, &entry) && session == aggregate.id())
        hidden.insert(entry);
    }
    std::set<RecordId> files;
    for (const RecordId& entry : hidden)
      for (RecordId& file : FilesOf(aggregate, entry)) files.insert(std::move(file));
    hidden.merge(files);
  }
  return [hidden = std::move(hidden)](const RecordId& id) { return hidden.contains(id); };
}

void AppendBlanks(const StoreReader& view, const Aggregate& matter, bool at_hub, Action* action) {
  // A step that makes it one may have begun the matter's op.
  auto own = std::find_if(action->ops.begin(), action->ops.end(),
                          [&](const NewOp& op) { return op.aggregate == matter.id(); });
  if (own == action->ops.end()) own = action->ops.insert(own, OpOn(matter));
  own->context = matter.lineage().Visible();
  BlankRoot(matter, &*own);
  if (at_hub) BlankVerdicts(matter, &*own);
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
  for (const Op& op : view.OpsOf(matter))
    AddRemains(
        matter, record.number(), op, [](const RecordId&) { return true; }, &remains);
  for (const v1::Source& source : record.sources()) {
    RecordId session_id, entry;
    if (!ParseFullId(source.entry(), &session_id, &entry) || entry.IsRoot()) continue;
    const std::optional<Aggregate> session = view.Load(session_id);
    if (!session) continue;
    const std::vector<RecordId> files = FilesOf(*session, entry);
    auto of = [&](const RecordId& child) {
      return child == entry || std::find(files.begin(), files.end(), child) != files.end();
    };
    for (const Op& op : view.OpsOf(*session)) AddRemains(*session, record.number(), op, of, &remains);
  }
  return remains;
}

}  // namespace liaison
