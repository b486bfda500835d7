#include "common/record/schema.h"

#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <map>

#include "liaison/v1/audit.pb.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/people.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

struct Schema {
  std::vector<TypeInfo> types;
  const TypeInfo* by_type[256] = {};
  std::map<const Descriptor*, const TypeInfo*> by_descriptor;

  Schema() {
    for (const auto* file : {v1::Station::descriptor()->file(), v1::Activity::descriptor()->file(),
                             v1::Account::descriptor()->file(), v1::Audit::descriptor()->file()})
      Take(*file);
    for (const TypeInfo& type : types) {
      by_type[type.type()] = &type;
      by_descriptor[type.descriptor] = &type;
    }
  }

  void Take(const google::protobuf::FileDescriptor& file) {
    for (int i = 0; i < file.message_type_count(); ++i) {
      const Descriptor* message = file.message_type(i);
      if (!message->options().HasExtension(v1::record)) continue;
      TypeInfo& type = types.emplace_back();
      type.descriptor = message;
      type.rules = message->options().GetExtension(v1::record);
      for (int j = 0; j < message->field_count(); ++j) {
        const FieldDescriptor* field = message->field(j);
        auto wire = WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field->type()));
        type.fields.push_back({field, field->options().GetExtension(v1::f),
                               static_cast<uint32_t>(field->number()) << 3 | static_cast<uint32_t>(wire)});
      }
    }
  }
};

const Schema& TheSchema() {
  static const Schema schema;
  return schema;
}

}  // namespace

const FieldInfo* TypeInfo::Find(uint32_t number) const {
  for (const FieldInfo& field : fields)
    if (field.descriptor->number() == static_cast<int>(number)) return &field;
  return nullptr;
}

const FieldInfo* TypeInfo::FindByName(std::string_view name) const {
  for (const FieldInfo& field : fields)
    if (field.descriptor->name() == name || field.descriptor->json_name() == name) return &field;
  return nullptr;
}

const TypeInfo* FindType(uint8_t type) { return TheSchema().by_type[type]; }

const TypeInfo* FindType(const Descriptor* descriptor) {
  auto it = TheSchema().by_descriptor.find(descriptor);
  return it == TheSchema().by_descriptor.end() ? nullptr : it->second;
}

const std::vector<TypeInfo>& AllTypes() { return TheSchema().types; }

std::vector<const FieldInfo*> FieldsIn(const TypeInfo& type, v1::FormPart part, bool columns) {
  std::vector<const FieldInfo*> found;
  for (const FieldInfo& field : type.fields)
    if (field.rules.form() == part && (field.rules.column() || !columns)) found.push_back(&field);
  std::sort(found.begin(), found.end(), [](const FieldInfo* a, const FieldInfo* b) { return a->tag < b->tag; });
  return found;
}

std::string TextOf(const google::protobuf::Message& record, const FieldInfo& field) {
  const auto* reflection = record.GetReflection();
  switch (field.descriptor->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(record, field.descriptor);
    case FieldDescriptor::CPPTYPE_ENUM:
      return LabelOf(reflection->GetEnum(record, field.descriptor));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(record, field.descriptor) ? "是" : "";
    default:
      return "";
  }
}

std::string LabelOf(const google::protobuf::EnumValueDescriptor* value) {
  const std::string& label = value->options().GetExtension(v1::label);
  return label.empty() ? value->name() : label;
}

}  // namespace liaison
