#include "common/record/view.h"

#include <algorithm>
#include <tuple>

namespace liaison {
namespace {

constexpr uint32_t kVarintType = 0, kFixed64Type = 1, kBytesType = 2, kFixed32Type = 5;

const TypeInfo* TypeOfRecord(const Aggregate& aggregate, const RecordId& child) {
  return FindType(child.IsRoot() ? aggregate.id().type : child.type);
}

v1::Owner OwnerOf(const TypeInfo* type, uint32_t tag) {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  if (field != nullptr && field->rules.owner() != v1::OWNER_STATION) return field->rules.owner();
  return type == nullptr ? v1::OWNER_STATION : type->rules.owner();
}

v1::Merge MergeOf(const TypeInfo* type, uint32_t tag) {
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  return field == nullptr ? v1::MERGE_REGISTER : field->rules.merge();
}

uint64_t FirstVarint(std::string_view message) {
  std::vector<RawField> fields;
  if (!SplitFields(message, &fields)) return 0;
  for (const RawField& field : fields)
    if (field.tag == (1 << 3 | kVarintType)) return ByteReader(field.value).Varint();
  return 0;
}

// What has to be equal for siblings to agree.
std::string Meaning(v1::Merge merge, std::string_view value) {
  return merge == v1::MERGE_STATUS ? std::to_string(FirstVarint(value)) : std::string(value);
}

}  // namespace

const Sibling* Displayed(const Register& field, v1::Owner owner) {
  const Sibling* best = nullptr;
  auto rank = [&](const Sibling& s) {
    bool hub = s.dot.actor.station == kHubStation;
    return std::tuple<bool, const Dot&>(hub == (owner == v1::OWNER_HUB), s.dot);
  };
  for (const Sibling& sibling : field.siblings())
    if (best == nullptr || rank(*best) < rank(sibling)) best = &sibling;
  return best;
}

bool SplitFields(std::string_view bytes, std::vector<RawField>* out) {
  ByteReader in(bytes);
  while (in.ok() && !in.empty()) {
    RawField field;
    field.tag = static_cast<uint32_t>(in.Varint());
    switch (field.tag & 7) {
      case kVarintType: {
        std::string_view from = in.rest();
        in.Varint();
        field.value = from.substr(0, from.size() - in.rest().size());
        break;
      }
      case kFixed64Type:
        field.value = in.Raw(8);
        break;
      case kBytesType:
        field.value = in.String();
        break;
      case kFixed32Type:
        field.value = in.Raw(4);
        break;
      default:
        in.Fail("unknown wire type");
    }
    if (in.ok()) out->push_back(field);
  }
  return in.ok();
}

void AppendField(uint32_t tag, std::string_view value, std::string* out) {
  ByteWriter writer(out);
  writer.Varint(tag);
  if ((tag & 7) == kBytesType) {
    writer.String(value);
  } else {
    writer.Raw(value);
  }
}

std::string ElementKey(const FieldInfo& field, std::string_view value) {
  if (field.descriptor->message_type() == nullptr) return std::string(value);
  std::vector<RawField> fields;
  if (!SplitFields(value, &fields)) return "";
  for (const RawField& part : fields)
    if (part.tag >> 3 == 1) return std::string(part.value);
  return "";
}

std::string DisplayBytes(const Aggregate& aggregate, const RecordId& child) {
  std::string bytes;
  const Child* record = aggregate.Find(child);
  if (record == nullptr) return bytes;
  const TypeInfo* type = TypeOfRecord(aggregate, child);
  for (const auto* fields : {&record->fields, &record->sealed}) {
    for (const auto& [key, field] : *fields) {
      if (key.first == kVoidTag || key.first == kVerdictTag) continue;
      const Sibling* shown = Displayed(field, OwnerOf(type, key.first));
      if (shown != nullptr && shown->value.empty() && !key.second.empty()) {  // of a set element, add wins
        for (const Sibling& sibling : field.siblings())
          if (!sibling.value.empty()) shown = &sibling;
      }
      if (shown != nullptr && !shown->value.empty()) AppendField(key.first, shown->value, &bytes);
    }
  }
  return bytes;
}

bool Display(const Aggregate& aggregate, const RecordId& child, google::protobuf::Message* out) {
  out->Clear();
  const TypeInfo* type = TypeOfRecord(aggregate, child);
  if (aggregate.Find(child) == nullptr || type == nullptr || type->descriptor != out->GetDescriptor()) return false;
  std::string bytes = DisplayBytes(aggregate, child);
  if (out->ParseFromString(bytes)) return true;
  // Some author wrote bytes that are not of the field's type: show the rest.
  out->Clear();
  std::vector<RawField> fields;
  SplitFields(bytes, &fields);
  std::string good;
  for (const RawField& field : fields) {
    std::string one = good;
    AppendField(field.tag, field.value, &one);
    if (out->ParseFromString(one)) good = std::move(one);
  }
  return out->ParseFromString(good);
}

std::vector<RecordId> ChildrenOf(const Aggregate& aggregate, uint8_t type) {
  std::vector<RecordId> ids;
  const auto& children = aggregate.children();
  for (auto it = children.lower_bound({type, ""}); it != children.end() && it->first.type == type; ++it)
    ids.push_back(it->first);
  return ids;
}

std::vector<FieldConflict> ConflictsOf(const Aggregate& aggregate) {
  std::vector<FieldConflict> conflicts;
  for (const auto& [id, child] : aggregate.children()) {
    const TypeInfo* type = TypeOfRecord(aggregate, id);
    for (const auto* fields : {&child.fields, &child.sealed}) {
      for (const auto& [key, field] : *fields) {
        if (field.siblings().size() < 2 || key.first == kVoidTag || key.first == kVerdictTag) continue;
        v1::Merge merge = MergeOf(type, key.first);
        std::vector<std::string> meanings;
        for (const Sibling& sibling : field.siblings())
          if (merge != v1::MERGE_SET || !sibling.value.empty()) meanings.push_back(Meaning(merge, sibling.value));
        std::sort(meanings.begin(), meanings.end());
        if (std::unique(meanings.begin(), meanings.end()) - meanings.begin() < 2) continue;
        if (aggregate.VoidOf({}) == VoidState::kVoid || aggregate.VoidOf(id) == VoidState::kVoid) continue;
        conflicts.push_back(
            {id, key.first, key.second, field.siblings(), Displayed(field, OwnerOf(type, key.first))->value});
      }
    }
  }
  return conflicts;
}

std::vector<RecordId> FlaggedOf(const Aggregate& aggregate) {
  std::vector<RecordId> flagged;
  for (const auto& [id, child] : aggregate.children())
    if (aggregate.VoidOf(id) == VoidState::kFlagged) flagged.push_back(id);
  return flagged;
}

size_t CountDisagreements(const Aggregate& aggregate) {
  return ConflictsOf(aggregate).size() + FlaggedOf(aggregate).size();
}

int StatusOf(const Aggregate& aggregate, const RecordId& child, uint32_t field_number) {
  const Child* record = aggregate.Find(child);
  if (record == nullptr) return 0;
  auto it = record->fields.find({field_number << 3 | kBytesType, ""});
  if (it == record->fields.end()) return 0;
  int status = 0;
  for (const Sibling& sibling : it->second.siblings()) {
    int target = static_cast<int>(FirstVarint(sibling.value));
    if (status != 0 && target != status) return -1;
    status = target;
  }
  return status;
}

void WritesOf(const google::protobuf::Message& message, const RecordId& child, std::vector<Write>* writes,
              std::vector<Write>* sealed) {
  const TypeInfo* type = FindType(message.GetDescriptor());
  std::string bytes = message.SerializeAsString();
  std::vector<RawField> fields;
  if (type == nullptr || !SplitFields(bytes, &fields)) return;
  for (const RawField& raw : fields) {
    const FieldInfo* field = type->Find(raw.tag >> 3);
    if (field == nullptr) continue;
    Write write{child, raw.tag, "", std::string(raw.value)};
    if (field->rules.merge() == v1::MERGE_SET) write.element = ElementKey(*field, raw.value);
    (field->rules.sealed() ? sealed : writes)->push_back(std::move(write));
  }
}

}  // namespace liaison
