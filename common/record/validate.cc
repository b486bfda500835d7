#include "common/record/validate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/record/view.h"

namespace liaison {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr uint32_t kDefaultMaxChars = 200;

absl::Status Refuse(const FieldInfo& field, std::string_view reason) {
  std::string label = field.rules.label();
  if (label.empty()) label = field.descriptor->name();
  return WrongField(label, reason);
}

bool IsDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int Number(std::string_view digits) {
  int value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value;
}

absl::Status CheckText(const FieldInfo& field, const std::string& text) {
  uint32_t max = field.rules.max_chars() == 0 ? kDefaultMaxChars : field.rules.max_chars();
  size_t chars = CountChars(text);
  if (chars > max) return Refuse(field, Cat("最多", max, "字，现有", chars, "字"));
  for (char c : text)
    if (static_cast<uint8_t>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
      return Refuse(field, "含有不能保存的控制字符");
  if (text.empty()) return absl::OkStatus();
  switch (field.rules.format()) {
    case v1::FORMAT_DATE:
      if (!IsDate(text)) return Refuse(field, Cat("“", text, "”不是有效日期，应为年-月-日，如2026-11-20"));
      break;
    case v1::FORMAT_TIME:
      if (!IsTime(text)) return Refuse(field, Cat("“", text, "”不是有效时间，应写几点几分，如09:30"));
      break;
    case v1::FORMAT_PHONE:
      if (!IsDigits(text) || text.size() < 7 || text.size() > 12) return Refuse(field, "应为7至12位数字");
      break;
    case v1::FORMAT_CODE:
      if (!std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isalnum(c) || c == '-'; }))
        return Refuse(field, Cat("“", text, "”只能含字母、数字和-"));
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

absl::Status CheckNumber(const FieldInfo& field, int64_t value) {
  if (value < field.rules.min()) return Refuse(field, Cat("不能小于", field.rules.min(), "，现为", value));
  if (field.rules.max() > 0 && value > field.rules.max())
    return Refuse(field, Cat("不能大于", field.rules.max(), "，现为", value));
  return absl::OkStatus();
}

absl::Status CheckEnum(const FieldInfo& field, int value) {
  if (field.descriptor->enum_type()->FindValueByNumber(value) == nullptr)
    return Refuse(field, Cat("没有编号为", value, "的选项"));
  return absl::OkStatus();
}

// Texts inside a nested message (a set element) have no rules of their own.
absl::Status CheckNested(const FieldInfo& field, const Message& message) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* inner = message.GetDescriptor()->field(i);
    if (inner->is_repeated() || inner->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (CountChars(message.GetReflection()->GetString(message, inner)) > kDefaultMaxChars)
      return Refuse(field, Cat(inner->name(), "最多", kDefaultMaxChars, "字"));
  }
  return absl::OkStatus();
}

absl::Status CheckRepeated(const FieldInfo& field, const Message& record) {
  const auto* reflection = record.GetReflection();
  for (int i = 0; i < reflection->FieldSize(record, field.descriptor); ++i) {
    if (field.descriptor->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string text = reflection->GetRepeatedString(record, field.descriptor, i);
      if (text.empty()) return Refuse(field, "有一项是空的");
      RETURN_IF_ERROR(CheckText(field, text));
    } else if (field.descriptor->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Message& element = reflection->GetRepeatedMessage(record, field.descriptor, i);
      if (ElementKey(field, element.SerializeAsString()).empty()) return Refuse(field, "有一项没有编号");
      RETURN_IF_ERROR(CheckNested(field, element));
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const FieldInfo& field, const Message& record) {
  const auto* reflection = record.GetReflection();
  const FieldDescriptor* d = field.descriptor;
  bool present = d->is_repeated() ? reflection->FieldSize(record, d) > 0 : reflection->HasField(record, d);
  if (!present && field.rules.required()) return Refuse(field, "不能为空");
  if (d->is_repeated()) return CheckRepeated(field, record);
  switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = reflection->GetString(record, d);
      if (d->type() == FieldDescriptor::TYPE_BYTES) return absl::OkStatus();
      if (field.rules.required() && text.find_first_not_of(" \t\r\n") == std::string::npos)
        return Refuse(field, "不能为空");
      return CheckText(field, text);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckNumber(field, reflection->GetInt32(record, d));
    case FieldDescriptor::CPPTYPE_UINT32:
      return present ? CheckNumber(field, reflection->GetUInt32(record, d)) : absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT64:
      return present ? CheckNumber(field, static_cast<int64_t>(reflection->GetUInt64(record, d))) : absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(field, reflection->GetEnumValue(record, d));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckNested(field, reflection->GetMessage(record, d));
    default:
      return absl::OkStatus();
  }
}

}  // namespace

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!IsDigits(text.substr(0, 4)) || !IsDigits(text.substr(5, 2)) || !IsDigits(text.substr(8, 2))) return false;
  int year = Number(text.substr(0, 4)), month = Number(text.substr(5, 2)), day = Number(text.substr(8, 2));
  absl::CivilDay civil(year, month, day);  // normalises what does not exist
  return year >= 1900 && year <= 2199 && civil.month() == month && civil.day() == day;
}

bool IsTime(std::string_view text) {
  return text.size() == 5 && text[2] == ':' && IsDigits(text.substr(0, 2)) && IsDigits(text.substr(3, 2)) &&
         Number(text.substr(0, 2)) < 24 && Number(text.substr(3, 2)) < 60;
}

absl::Status Validate(const Message& record) {
  const TypeInfo* type = FindType(record.GetDescriptor());
  if (type == nullptr) return absl::InternalError(Cat(record.GetDescriptor()->name(), " is not a record"));
  for (const FieldInfo& field : type->fields) RETURN_IF_ERROR(Check(field, record));
  return absl::OkStatus();
}

absl::Status ValidateField(const Message& record, int number) {
  const TypeInfo* type = FindType(record.GetDescriptor());
  const FieldInfo* field = type == nullptr ? nullptr : type->Find(static_cast<uint32_t>(number));
  if (field == nullptr) return absl::InvalidArgumentError(Cat("没有第", number, "号字段"));
  return Check(*field, record);
}

}  // namespace liaison
