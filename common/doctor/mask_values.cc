#include "common/doctor/mask_values.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/crypto/seal.h"
#include "common/record/schema.h"
#include "common/record/view.h"

namespace liaison {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string LengthOf(std::string_view text) { return Cat("（文字，", CountChars(text), "字）"); }

const TypeInfo* TypeOfRecord(const RecordId& root, const RecordId& child) {
  return FindType(child.IsRoot() ? root.type : child.type);
}

// Texts inside messages have no rules of their own; these hold codes, days and ids.
bool IsCodeOfMessage(std::string_view name) {
  constexpr std::string_view kNames[] = {"date", "entry", "station_id", "deputy_id", "in", "out", "code"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsCode(const FieldInfo& field) {
  const v1::Format format = field.rules.format();
  return (format != v1::FORMAT_ANY && format != v1::FORMAT_PHONE) || field.descriptor->name() == "number";
}

std::string TextOf(const FieldInfo& field, bool open, const std::string& text) {
  if (field.rules.format() == v1::FORMAT_PHONE) return MaskPhone(text);
  return open || IsCode(field) ? text : LengthOf(text);
}

std::string InMessage(const Message& message, bool open);

// One value of a field that is no text with rules. `at` < 0: the field is not repeated.
std::string PlainValue(const Message& message, const FieldDescriptor* d, int at, bool open) {
  const google::protobuf::Reflection* r = message.GetReflection();
  const bool many = at >= 0;
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = many ? r->GetRepeatedString(message, d, at) : r->GetString(message, d);
      if (d->type() == FieldDescriptor::TYPE_BYTES) return Hex(text);
      return open || IsCodeOfMessage(d->name()) ? text : LengthOf(text);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return LabelOf(many ? r->GetRepeatedEnum(message, d, at) : r->GetEnum(message, d));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? r->GetRepeatedBool(message, d, at) : r->GetBool(message, d)) ? "是" : "否";
    case FieldDescriptor::CPPTYPE_INT32:
      return Cat(many ? r->GetRepeatedInt32(message, d, at) : r->GetInt32(message, d));
    case FieldDescriptor::CPPTYPE_INT64:
      return Cat(many ? r->GetRepeatedInt64(message, d, at) : r->GetInt64(message, d));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Cat(many ? r->GetRepeatedUInt32(message, d, at) : r->GetUInt32(message, d));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Cat(many ? r->GetRepeatedUInt64(message, d, at) : r->GetUInt64(message, d));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return InMessage(many ? r->GetRepeatedMessage(message, d, at) : r->GetMessage(message, d), open);
    default:
      return "";
  }
}

std::string InMessage(const Message& message, bool open) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  std::string text;
  for (const FieldDescriptor* field : fields)
    for (int i = 0, size = field->is_repeated() ? reflection->FieldSize(message, field) : 1; i < size; ++i)
      text += Cat(text.empty() ? "" : " ", field->name(), "=",
                  PlainValue(message, field, field->is_repeated() ? i : -1, open));
  return Cat("{", text, "}");
}

std::string SealedText(std::string_view value) {
  absl::StatusOr<std::string> key_id = SealedKeyId(value);
  return Cat("（封存，", value.size(), "字节", key_id.ok() ? Cat("，钥匙 ", Hex(*key_id)) : "", "）");
}

}  // namespace

std::string MaskedValue(const RecordId& root, const RecordId& child, uint32_t tag, std::string_view value,
                        bool sealed) {
  if (value.empty()) return "（空）";
  if (tag == kVoidTag || tag == kVerdictTag) return Cat("是，原因", LengthOf(value.substr(1)));
  const TypeInfo* type = TypeOfRecord(root, child);
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  if (sealed || (field != nullptr && field->rules.sealed())) return SealedText(value);
  const std::string unknown = Cat("（不认识，", value.size(), "字节）");
  if (field == nullptr || field->tag != tag) return unknown;
  std::string bytes;
  AppendField(tag, value, &bytes);
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor)->New());
  if (!message->ParseFromString(bytes)) return unknown;
  const FieldDescriptor* d = field->descriptor;
  const bool open = type->rules.master();
  const int at = d->is_repeated() ? 0 : -1;
  if (d->is_repeated() && message->GetReflection()->FieldSize(*message, d) == 0) return unknown;
  if (d->type() != FieldDescriptor::TYPE_STRING) return PlainValue(*message, d, at, open);
  return TextOf(*field, open,
                d->is_repeated() ? message->GetReflection()->GetRepeatedString(*message, d, 0)
                                 : message->GetReflection()->GetString(*message, d));
}

v1::DumpedWrite MaskedField(const RecordId& root, const RecordId& child, uint32_t tag, std::string_view element,
                            bool sealed) {
  v1::DumpedWrite shown;
  if (!child.IsRoot()) shown.set_child(ToText(child));
  shown.set_tag(tag);
  shown.set_sealed(sealed);
  const TypeInfo* type = TypeOfRecord(root, child);
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(tag >> 3);
  const bool reserved = tag == kVoidTag || tag == kVerdictTag;
  if (reserved) {
    shown.set_field(tag == kVoidTag ? "void" : "verdict");
    shown.set_label(tag == kVoidTag ? "作废" : "退回");
  } else if (field != nullptr) {
    shown.set_field(field->descriptor->name());
    shown.set_label(field->rules.label());
  }
  if (element.empty()) return shown;
  const FieldDescriptor* d = field == nullptr ? nullptr : field->descriptor;
  const bool message = d != nullptr && d->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  const bool code = message && IsCodeOfMessage(d->message_type()->field(0)->name());
  const bool open = type != nullptr && type->rules.master();
  const bool as_it_is = d != nullptr && (code || open || (!message && IsCode(*field)));
  shown.set_element(tag == kVerdictTag ? Hex(element) : as_it_is ? std::string(element) : LengthOf(element));
  return shown;
}

}  // namespace liaison
