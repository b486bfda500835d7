#include "common/rows/accusation_words.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/record/live.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"

namespace liaison {
namespace {

constexpr std::string_view kTakenBack = "撤销";  // the reason of what a step made that was taken back (step_run.h)

// What stands in a field of an accusation instead of words.
std::string BlankOf(const FieldInfo& field) { return field.rules.required() ? kAccusationWords : ""; }

bool Writes(const NewOp& op, uint32_t tag) {
  return std::any_of(op.writes.begin(), op.writes.end(),
                     [&](const Write& write) { return write.child.IsRoot() && write.tag == tag; });
}

}  // namespace

const FieldInfo* WordsField(const TypeInfo* type, uint32_t tag) {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  return field != nullptr && HoldsWords(*type, *field) ? field : nullptr;
}

void BlankWordsOf(const Aggregate& matter, NewOp* op) {
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
  for (const FieldInfo& info : TypeOf<v1::Matter>().fields) {
    if (!HoldsWords(TypeOf<v1::Matter>(), info)) continue;
    const uint32_t tag = info.tag;
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

void BlankWordsOf(const Aggregate& aggregate, const RecordId& id, NewOp* op) {
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
    const auto brought = tables::MattersByEntry(view.kv(), aggregate.id());
    for (const auto& [text, matters] : brought) {
      RecordId session, entry;
      if (std::any_of(matters.begin(), matters.end(),
                      [&](const RecordId& id) { return tables::IsAccusation(view.kv(), id); }) &&
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

}  // namespace liaison
