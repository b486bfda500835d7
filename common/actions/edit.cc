#include "common/actions/edit.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/json.h"
#include "common/record/validate.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"
#include "common/rules/visitor/visitors.h"
#include "liaison/v1/audit.pb.h"
#include "liaison/v1/people.pb.h"

namespace liaison {
namespace {

using google::protobuf::Message;

constexpr size_t kMostFieldsBytes = 256 << 10;  // of one record, as JSON

std::unique_ptr<Message> NewMessage(const TypeInfo& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type.descriptor)->New());
}

// Labels of records, numbers and bookkeeping that nobody edits by hand.
bool IsFixed(const TypeInfo& type, std::string_view name) {
  constexpr std::string_view kFixed[] = {"number",       "station_id",   "historical",    "import_key",
                                         "import_batch", "sealed",       "visitor_id",    "seq",
                                         "sources",      "converted_to", "converted_from"};
  if (name == "merged_into") return type.type() == TypeOf<v1::Matter>().type();  // a station's is the township's list
  return std::find(std::begin(kFixed), std::end(kFixed), name) != std::end(kFixed);
}

bool InConflict(const Aggregate& aggregate, const RecordId& child, uint32_t tag) {
  std::vector<FieldConflict> conflicts = ConflictsOf(aggregate);
  return std::any_of(conflicts.begin(), conflicts.end(),
                     [&](const FieldConflict& c) { return c.child == child && c.tag == tag; });
}

// What is displayed of a set against what the page sends: elements taken out, added or changed.
void SetDifferences(const FieldInfo& field, const Message& shown, const Message& wanted, const RecordId& child,
                    std::vector<Write>* writes) {
  auto elements = [&](const Message& message) {
    std::map<std::string, std::string> result;
    std::string bytes = message.SerializeAsString();
    std::vector<RawField> raw;
    SplitFields(bytes, &raw);
    for (const RawField& one : raw)
      if (one.tag == field.tag) result[ElementKey(field, one.value)] = std::string(one.value);
    return result;
  };
  std::map<std::string, std::string> before = elements(shown), after = elements(wanted);
  for (const auto& [key, value] : before)
    if (!after.contains(key)) writes->push_back({child, field.tag, key, ""});
  for (const auto& [key, value] : after)
    if (auto it = before.find(key); it == before.end() || it->second != value)
      writes->push_back({child, field.tag, key, value});
}

std::string RawValue(const Message& message, uint32_t tag) {
  std::string bytes = message.SerializeAsString();
  std::vector<RawField> raw;
  SplitFields(bytes, &raw);
  for (const RawField& one : raw)
    if (one.tag == tag) return std::string(one.value);
  return "";
}

absl::StatusOr<Edit> EditVisitor(const ServiceContext& context, const StoreReader& reader, const Aggregate& aggregate,
                                 const Wish& wish) {
  std::optional<v1::VisitorFields> now = OpenVisitor(reader, aggregate);
  if (!now) return absl::FailedPreconditionError("此人信息不在本机，不能修改");
  v1::VisitorFields wanted;
  wanted.CopyFrom(*wish.message);
  // What is not named stays; a field that is named empty is cleared.
  auto given = [&](const std::string& name) {
    return std::find(wish.names.begin(), wish.names.end(), name) != wish.names.end();
  };
  for (int i = 0; i < v1::VisitorFields::descriptor()->field_count(); ++i) {
    const auto* field = v1::VisitorFields::descriptor()->field(i);
    if (!given(field->json_name()) && !given(field->name()))
      wanted.GetReflection()->SetString(&wanted, field, now->GetReflection()->GetString(*now, field));
  }
  RETURN_IF_ERROR(NormaliseVisitor(&wanted));
  ASSIGN_OR_RETURN(Write write, ResealVisitor(reader, aggregate, wanted, context.random()));
  Edit edit;
  edit.sealed.push_back(std::move(write));
  return edit;
}

// A deputy who is newly named is in office on the record's day; who stood there before stays.
absl::Status CheckDeputiesNamed(const ServiceContext& context, const Aggregate& aggregate, const TypeInfo& type,
                                const std::vector<Write>& writes) {
  constexpr std::string_view kFields[] = {"deputies", "cosigners", "answered_by", "lead_deputy"};
  std::string date;
  if (&type == &TypeOf<v1::Matter>()) date = Show<v1::Matter>(aggregate).date();
  if (&type == &TypeOf<v1::ReceptionSession>()) date = Show<v1::ReceptionSession>(aggregate).date();
  if (date.empty()) return absl::OkStatus();
  const std::shared_ptr<const Roster> roster = context.roster->Get();
  const auto& known = aggregate.Find({})->fields;
  for (const Write& write : writes) {
    const FieldInfo* field = type.Find(write.field());
    if (field == nullptr || write.value.empty() ||
        std::find(std::begin(kFields), std::end(kFields), field->descriptor->name()) == std::end(kFields))
      continue;
    const std::string& deputy = write.element.empty() ? write.value : write.element;
    const auto before = known.find({write.tag, write.element});
    if (!write.element.empty() && before != known.end() && !before->second.siblings().empty()) continue;
    RETURN_IF_ERROR(CheckServes(*roster, field->rules.label(), deputy, date));
  }
  return absl::OkStatus();
}

absl::Status CheckField(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child,
                        const TypeInfo& type, const FieldInfo& field) {
  auto refuse = [&](std::string_view why) { return FixedField(field.rules.label(), why); };
  if (IsFixed(type, field.descriptor->name())) return refuse("不能修改");
  bool hub_only = field.rules.owner() == v1::OWNER_HUB || type.rules.owner() == v1::OWNER_HUB;
  if (hub_only && !context.IsHub()) return refuse("只能由镇里修改");
  // A state changes by its own steps; here it is only settled, when several people have moved it apart.
  if (field.rules.merge() == v1::MERGE_STATUS && !InConflict(aggregate, child, field.tag))
    return refuse("状态不能直接修改");
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMayEdit(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child) {
  RETURN_IF_ERROR(CheckMayWrite(context, aggregate, child));
  if (aggregate.VoidOf({}) == VoidState::kVoid || aggregate.VoidOf(child) == VoidState::kVoid)
    return absl::FailedPreconditionError("这条记录已作废，请先取消作废");
  return absl::OkStatus();
}

absl::Status CheckNotOfPeople(const Aggregate& aggregate) {
  const TypeInfo* type = FindType(aggregate.id().type);
  if (type == &TypeOf<v1::Audit>()) return FixedField(type->rules.label(), "不能修改或作废");
  if (type != &TypeOf<v1::Account>() && type != &TypeOf<v1::Rights>()) return absl::OkStatus();
  return FixedField(type->rules.label(), "不能直接修改或作废，只能授权、收回、停用");
}

absl::Status CheckMayWrite(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child) {
  const TypeInfo* type = FindType(child.IsRoot() ? aggregate.id().type : child.type);
  if (type == nullptr || aggregate.upgrade_needed())
    return absl::FailedPreconditionError("这条记录由更新的程序写成，请先升级本机程序再修改");
  if (type->rules.log()) return absl::FailedPreconditionError(Cat(type->rules.label(), "：只能补充新的一条，不能修改"));
  if (type->rules.master() && !context.IsHub())
    return absl::FailedPreconditionError(Cat(type->rules.label(), "：只能由镇里修改"));
  std::string station;
  if (aggregate.id().type == TypeOf<v1::Matter>().type()) {
    auto matter = Show<v1::Matter>(aggregate);
    if (!context.IsHub()) RETURN_IF_ERROR(CheckStationMayEdit(matter, MatterStateOf(aggregate)));
    if (matter.historical()) return absl::FailedPreconditionError("旧台账的记录只供查阅，不能修改");
    if (IsAccusation(matter)) return absl::FailedPreconditionError("检举控告不记录内容，不能修改");
    station = matter.station_id();
  } else if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type()) {
    const bool blank = child.type == TypeOf<v1::VisitEntry>().type() &&
                       IsAccusationVisit(Show<v1::VisitEntry>(aggregate, child));
    if (blank) return absl::FailedPreconditionError("检举控告不记录内容，不能修改");
    auto session = Show<v1::ReceptionSession>(aggregate);
    if (session.historical()) return absl::FailedPreconditionError("旧台账的记录只供查阅，不能修改");
    station = session.station_id();
  } else if (aggregate.id().type == TypeOf<v1::Visitor>().type()) {
    station = Show<v1::Visitor>(aggregate).station_id();
  }
  if (!context.IsHub() && !station.empty()) {
    std::vector<std::string> may = context.roster->Get()->MayEnterFor(context.station_id);
    if (std::find(may.begin(), may.end(), station) == may.end())
      return absl::PermissionDeniedError(Cat("本站不能修改 ", context.roster->Get()->StationName(station), " 的记录"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Wish> ReadWish(const RecordId& root, const RecordId& child, std::string_view fields) {
  if (fields.size() > kMostFieldsBytes)
    return absl::InvalidArgumentError(Cat("修改的内容太大，最多 ", kMostFieldsBytes >> 10, " KB"));
  const TypeInfo* type = FindType(child.IsRoot() ? root.type : child.type);
  if (type == nullptr) return absl::FailedPreconditionError("这条记录由更新的程序写成，请先升级本机程序再修改");
  Wish wish;
  bool visitor = type == &TypeOf<v1::Visitor>();
  if (visitor) {
    wish.message = std::make_unique<v1::VisitorFields>();
  } else {
    wish.message = NewMessage(*type);
  }
  google::protobuf::Struct named;
  RETURN_IF_ERROR(FromJson(fields, &named));
  for (const auto& [name, value] : named.fields()) wish.names.push_back(name);
  RETURN_IF_ERROR(FromJson(fields, wish.message.get()));
  return wish;
}

absl::Status CheckDateOf(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child,
                         std::span<const Write> writes, bool meant) {
  if (!child.IsRoot()) return absl::OkStatus();
  const TypeInfo* type = FindType(aggregate.id().type);
  bool any_past = false;
  if (type == &TypeOf<v1::ReceptionSession>()) {
    if (SessionStateOf(aggregate) == v1::SESSION_PLANNED) return absl::OkStatus();
    any_past = Show<v1::ReceptionSession>(aggregate).paper_pending();
  } else if (type != &TypeOf<v1::Matter>()) {
    return absl::OkStatus();
  }
  const FieldInfo* date = type->FindByName("date");
  for (const Write& write : writes)
    if (write.tag == date->tag && !write.value.empty())
      RETURN_IF_ERROR(context.CheckDate(date->rules.label(), write.value, meant, any_past));
  return absl::OkStatus();
}

absl::StatusOr<Edit> MakeEdit(const ServiceContext& context, const StoreReader& reader, const Aggregate& aggregate,
                              const RecordId& child, const Wish& wish) {
  RETURN_IF_ERROR(CheckNotOfPeople(aggregate));
  RETURN_IF_ERROR(CheckMayEdit(context, aggregate, child));
  const TypeInfo& type = *FindType(child.IsRoot() ? aggregate.id().type : child.type);
  if (&type == &TypeOf<v1::Visitor>()) return EditVisitor(context, reader, aggregate, wish);
  if (wish.names.empty()) return absl::InvalidArgumentError("没有需要保存的改动");
  const Message* wanted = wish.message.get();
  std::unique_ptr<Message> shown = NewMessage(type);
  Display(aggregate, child, shown.get());
  Edit edit;
  for (const std::string& name : wish.names) {
    const FieldInfo* field = type.FindByName(name);
    if (field == nullptr) return absl::InvalidArgumentError(Cat("没有“", name, "”这个字段"));
    RETURN_IF_ERROR(CheckField(context, aggregate, child, type, *field));
    RETURN_IF_ERROR(ValidateField(*wanted, field->descriptor->number()));
    if (field->rules.merge() == v1::MERGE_SET) {
      SetDifferences(*field, *shown, *wanted, child, &edit.writes);
      continue;
    }
    std::string raw = RawValue(*wanted, field->tag);
    if (raw == RawValue(*shown, field->tag) && !InConflict(aggregate, child, field->tag)) continue;
    edit.writes.push_back({child, field->tag, "", std::move(raw)});
  }
  RETURN_IF_ERROR(CheckDeputiesNamed(context, aggregate, type, edit.writes));
  if (&type == &TypeOf<v1::Matter>()) {
    // An edit that makes a record an accusation would leave its words where they are.
    v1::Matter after;
    after.CopyFrom(*shown);
    for (const std::string& name : wish.names) {
      const FieldInfo& field = *type.FindByName(name);
      after.GetReflection()->ClearField(&after, field.descriptor);
      if (field.descriptor->is_repeated() || !wanted->GetReflection()->HasField(*wanted, field.descriptor)) continue;
      std::string bytes;
      AppendField(field.tag, RawValue(*wanted, field.tag), &bytes);
      after.MergeFromString(bytes);
    }
    if (IsAccusation(after)) return absl::FailedPreconditionError("引导原因：检举控告请用“引导”这一步，内容不记录");
  }
  if (edit.writes.empty()) return absl::InvalidArgumentError("内容没有变化，不用保存");
  return edit;
}

}  // namespace liaison
