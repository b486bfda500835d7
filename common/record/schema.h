// The schema as the descriptors tell it: record types, their fields, labels, limits and merge types. Built once from
// records.proto, congress.proto, people.proto and audit.proto in proto/liaison/v1; read-only afterwards, so safe from
// any thread.
#ifndef LIAISON_COMMON_RECORD_SCHEMA_H_
#define LIAISON_COMMON_RECORD_SCHEMA_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "liaison/v1/options.pb.h"

namespace liaison {

struct FieldInfo {
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  v1::FieldRules rules;
  uint32_t tag = 0;  // protobuf tag: number << 3 | wire type
};

struct TypeInfo {
  const google::protobuf::Descriptor* descriptor = nullptr;
  v1::RecordRules rules;
  std::vector<FieldInfo> fields;

  const FieldInfo* Find(uint32_t number) const;              // null: unknown to this version
  const FieldInfo* FindByName(std::string_view name) const;  // proto name or JSON name
  uint8_t type() const { return static_cast<uint8_t>(rules.type()); }
};

// Null for a type that this version does not know.
const TypeInfo* FindType(uint8_t type);
const TypeInfo* FindType(const google::protobuf::Descriptor* descriptor);
const std::vector<TypeInfo>& AllTypes();

template <typename M>
const TypeInfo& TypeOf() {
  static const TypeInfo& info = *FindType(M::descriptor());
  return info;
}

// The fields that the schema places in that part of a form, in the order of their numbers; of these only the columns of
// lists where `columns` is set. Their kinds are single texts (also days and times), enums and bools.
std::vector<const FieldInfo*> FieldsIn(const TypeInfo& type, v1::FormPart part, bool columns = false);
// What such a field of the record says, for people: a text as it is, an enum's label, 是 or nothing for a bool.
// REQUIRES: `field` is one of the record's.
std::string TextOf(const google::protobuf::Message& record, const FieldInfo& field);

// The Chinese label of an enum value; its name if the schema gives none.
std::string LabelOf(const google::protobuf::EnumValueDescriptor* value);
template <typename E>
std::string EnumLabel(E value) {
  const auto* found = google::protobuf::GetEnumDescriptor<E>()->FindValueByNumber(static_cast<int>(value));
  return found == nullptr ? std::to_string(static_cast<int>(value)) : LabelOf(found);
}

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_SCHEMA_H_
