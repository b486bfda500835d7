#include "common/actions/settle.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "common/base/bytes.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/crypto/hash.h"
#include "common/record/json.h"
#include "common/record/view.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/numbering.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr size_t kSideDigits = 6;

using google::protobuf::FieldDescriptor;

const Sibling* FindSide(const FieldConflict& conflict, std::string_view side) {
  for (const Sibling& sibling : conflict.siblings)
    if (SideOf(sibling.dot, conflict.element) == side) return &sibling;
  return nullptr;
}

// A set may be in conflict over several elements: then the side tells which of them is meant.
absl::StatusOr<FieldConflict> Chosen(const Aggregate& aggregate, const RecordId& child, const TypeInfo& type,
                                     std::string_view name, std::string_view side) {
  std::string labels;
  std::optional<FieldConflict> found;
  int count = 0;
  for (FieldConflict& conflict : ConflictsOf(aggregate)) {
    const FieldInfo* field = conflict.child == child ? type.Find(conflict.tag >> 3) : nullptr;
    if (field == nullptr) continue;
    labels += Cat(labels.empty() ? "" : "、", field->rules.label());
    const bool named =
        name == field->descriptor->json_name() || name == field->descriptor->name() || name == field->rules.label();
    if (!name.empty() && !named) continue;
    if (named && FindSide(conflict, side) != nullptr) return std::move(conflict);
    ++count;
    if (!found) found = std::move(conflict);
  }
  if (labels.empty()) return absl::FailedPreconditionError("这条记录没有待确定的分歧");
  if (!found) return absl::InvalidArgumentError(Cat("栏目：“", name, "”没有分歧，有分歧的是：", labels));
  if (count > 1) return absl::InvalidArgumentError(Cat("栏目：有几处分歧，请写明是哪一栏：", labels));
  return *std::move(found);
}

// A number, a date, a word or a choice as a person writes it, under its field's name.
absl::StatusOr<std::string> FieldsOfText(const FieldInfo& field, const std::string& text) {
  google::protobuf::Value value;
  const FieldDescriptor* d = field.descriptor;
  const std::string& label = field.rules.label();
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "是" && text != "否") return absl::InvalidArgumentError(Cat(label, "：应为“是”或“否”"));
      value.set_bool_value(text == "是");
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      for (int i = 0; i < d->enum_type()->value_count(); ++i)
        if (LabelOf(d->enum_type()->value(i)) == text) value.set_string_value(d->enum_type()->value(i)->name());
      if (value.string_value().empty()) return absl::InvalidArgumentError(Cat(label, "：没有“", text, "”"));
      break;
    }
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32: {
      int number = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size())
        return absl::InvalidArgumentError(Cat(label, "：“", text, "”不是数字"));
      value.set_number_value(number);
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      if (d->type() == FieldDescriptor::TYPE_STRING && !d->is_repeated()) {
        value.set_string_value(text);
        break;
      }
      [[fallthrough]];
    default:
      return absl::InvalidArgumentError(Cat(label, "：不能写新的内容，请选用其中一个"));
  }
  google::protobuf::Struct fields;
  (*fields.mutable_fields())[d->json_name()] = std::move(value);
  return ToCompactJson(fields);
}

absl::Status CheckMaySettle(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child,
                            const TypeInfo& type, const FieldInfo& field) {
  RETURN_IF_ERROR(CheckMayEdit(context, aggregate, child));
  // Of what two hubs wrote about people, 已收回 and 已停用 are no choice: either of them counts.
  if (field.descriptor->type() == FieldDescriptor::TYPE_BOOL) RETURN_IF_ERROR(CheckNotOfPeople(aggregate));
  const bool hub_only = field.rules.owner() == v1::OWNER_HUB || type.rules.owner() == v1::OWNER_HUB;
  if (hub_only && !context.IsHub()) return FixedField(field.rules.label(), "只能由镇里确定");
  return absl::OkStatus();
}

absl::StatusOr<Edit> Settlement(const ServiceContext& context, const StoreReader& reader, const Aggregate& aggregate,
                                const RecordId& child, const v1::SettleRequest& request) {
  const TypeInfo* type = FindType(child.IsRoot() ? aggregate.id().type : child.type);
  if (type == nullptr) return absl::FailedPreconditionError("这条记录由更新的程序写成，请先升级本机程序再修改");
  ASSIGN_OR_RETURN(const FieldConflict conflict, Chosen(aggregate, child, *type, request.field(), request.side()));
  const FieldInfo& field = *type->Find(conflict.tag >> 3);
  RETURN_IF_ERROR(CheckMaySettle(context, aggregate, child, *type, field));
  const bool state = field.rules.merge() == v1::MERGE_STATUS;
  if (!request.text().empty()) {
    if (state) return absl::InvalidArgumentError(Cat(field.rules.label(), "：状态只能选用其中一个"));
    ASSIGN_OR_RETURN(const std::string fields, FieldsOfText(field, request.text()));
    ASSIGN_OR_RETURN(const Wish wish, ReadWish(aggregate.id(), child, fields));
    return MakeEdit(context, reader, aggregate, child, wish);
  }
  const Sibling* chosen = FindSide(conflict, request.side());
  if (chosen == nullptr)
    return absl::InvalidArgumentError(Cat("选用：没有“", request.side(), "”这一个，请重新打开后再选"));
  Write write{child, conflict.tag, conflict.element, chosen->value};
  v1::StatusChange change;
  if (state && !request.reason().empty() && change.ParseFromString(write.value)) {
    change.set_reason(request.reason());
    write.value = change.SerializeAsString();
  }
  Edit edit;
  (field.rules.sealed() ? edit.sealed : edit.writes).push_back(std::move(write));
  return edit;
}

}  // namespace

std::string SideOf(const Dot& dot, std::string_view element) {
  return Hex(Sha256(Cat(ToText(dot), element))).substr(0, kSideDigits);
}

absl::StatusOr<Edit> MakeSettlement(const ServiceContext& context, const StoreReader& reader,
                                    const Aggregate& aggregate, const RecordId& child,
                                    const v1::SettleRequest& request) {
  if (UnwrittenOf(reader, aggregate)(child))
    return absl::FailedPreconditionError("检举控告不记录内容，不能修改；多余的内容由镇里自动清去");
  ASSIGN_OR_RETURN(Edit edit, Settlement(context, reader, aggregate, child, request));
  RETURN_IF_ERROR(CheckDateOf(context, aggregate, child, edit.writes, request.date_meant()));
  return edit;
}

std::string NumberOf(const StoreReader& reader, const std::string& full_id) {
  RecordId root, child;
  if (!ParseFullId(full_id, &root, &child)) return "";
  std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate) return "";
  if (child.type == TypeOf<v1::Assignment>().type()) return Show<v1::Assignment>(*aggregate, child).number();
  if (root.type == TypeOf<v1::Matter>().type()) return Show<v1::Matter>(*aggregate).number();
  if (child.type == TypeOf<v1::VisitEntry>().type()) return Show<v1::VisitEntry>(*aggregate, child).number();
  return Show<v1::ReceptionSession>(*aggregate).number();
}

std::string WhatIs(const StoreReader& reader, const Roster& roster, const std::string& full_id) {
  RecordId root, child;
  if (!ParseFullId(full_id, &root, &child)) return "";
  const std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate) return "";
  if (root.type == TypeOf<v1::Matter>().type()) {
    auto matter = Show<v1::Matter>(*aggregate);
    if (IsAccusation(matter)) BlankAccusation(&matter);
    const std::string assigned =
        child.IsRoot() ? "" : Cat("交办 ", Show<v1::Assignment>(*aggregate, child).assigned_date(), " ");
    return Cat(assigned, matter.date(), " ", roster.StationName(matter.station_id()), " ", matter.title());
  }
  const auto session = Show<v1::ReceptionSession>(*aggregate);
  const std::string where = Cat(session.date(), " ", roster.StationName(session.station_id()));
  if (child.IsRoot()) return Cat(where, " ", EnumLabel(session.form()));
  auto entry = Show<v1::VisitEntry>(*aggregate, child);
  if (UnwrittenOf(reader, *aggregate)(child)) HideWords(&entry);
  return Cat(where, " ", entry.time(), entry.time().empty() ? "" : " ", Truncate(entry.original_words(), 20));
}

absl::StatusOr<Action> KeepNumber(const ServiceContext& context, const StoreReader& view, const std::string& full_id,
                                  const std::string& user) {
  if (!context.IsHub()) return absl::FailedPreconditionError("编号：重号只能由镇里确定");
  const std::string number = NumberOf(view, full_id);
  const std::vector<std::string> ids = tables::Carrying(view.kv(), number);
  if (ids.size() < 2 || std::find(ids.begin(), ids.end(), full_id) == ids.end())
    return absl::FailedPreconditionError(Cat("编号：没有别的记录也用“", number, "”"));
  Action action;
  action.user = user;
  uint64_t last = std::max<uint64_t>(1, tables::LastCounter(view.kv(), MarkSeries(number)));
  for (const std::string& id : ids) {
    RecordId root, child;
    std::optional<Aggregate> aggregate;
    if (ParseFullId(id, &root, &child)) aggregate = view.Load(root);
    if (!aggregate) return absl::DataLossError(Cat("编号：", number, " 的记录 ", id, " 读不出来"));
    auto op =
        std::find_if(action.ops.begin(), action.ops.end(), [&](const NewOp& one) { return one.aggregate == root; });
    if (op == action.ops.end()) op = action.ops.insert(op, OpOn(*aggregate));
    const FieldInfo* field = FindType(child.IsRoot() ? root.type : child.type)->FindByName("number");
    op->writes.push_back({child, field->tag, "", id == full_id ? number : MarkedNumber(number, ++last)});
  }
  return action;
}

}  // namespace liaison
