#include "common/actions/accusation.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "common/record/live.h"
#include "common/record/schema.h"
#include "common/record/verdict.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

// Why the township does not count an op of the matter: the verdict stands, without the words.
void BlankVerdicts(const Aggregate& matter, NewOp* op) {
  for (const auto& [key, field] : matter.Find({})->fields) {
    if (key.first != kVerdictTag) continue;
    const std::vector<Sibling>& shown = field.siblings();
    if (std::none_of(shown.begin(), shown.end(), [](const Sibling& one) {
          const std::string words = ParseVerdict(one.value).words;
          return !words.empty() && !StandsForAccusation(words);
        }))
      continue;
    const auto hides = std::find_if(shown.begin(), shown.end(), [](const Sibling& one) { return !one.value.empty(); });
    const VerdictText verdict = ParseVerdict(hides->value);
    op->writes.push_back({{},
                          kVerdictTag,
                          key.second,
                          verdict.held ? HeldValue(verdict.code, kAccusationWords) : RefusedValue(kAccusationWords)});
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

void BlankVisit(const StoreReader& view, const Aggregate& session, const RecordId& entry, bool alone, Action* action) {
  const auto shown = Show<v1::VisitEntry>(session, entry);
  NewOp op = OpOn(session);
  BlankWordsOf(session, entry, &op);
  for (const RecordId& file : FilesOf(session, entry)) BlankWordsOf(session, file, &op);
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
    if (field != nullptr && !blank && field->rules.words() != v1::WORDS_LABEL) fields.insert(field->rules.label());
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

void AppendBlanks(const StoreReader& view, const Aggregate& matter, bool at_hub, Action* action) {
  // A step that makes it one may have begun the matter's op.
  auto own = std::find_if(action->ops.begin(), action->ops.end(),
                          [&](const NewOp& op) { return op.aggregate == matter.id(); });
  if (own == action->ops.end()) own = action->ops.insert(own, OpOn(matter));
  own->context = matter.lineage().Visible();
  BlankWordsOf(matter, &*own);
  if (at_hub) BlankVerdicts(matter, &*own);
  for (const auto& [id, child] : matter.children())
    if (!id.IsRoot()) BlankWordsOf(matter, id, &*own);
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
