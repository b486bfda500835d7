#include "common/record/json.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/base/utf8.h"
#include "common/record/validate.h"
#include "liaison/v1/options.pb.h"

namespace liaison {

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

std::string ToCompactJson(const google::protobuf::Message& message) {
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  return json;
}

namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kLongestKey = 120;  // bytes of a day or a code, however it was typed

bool IsCodeText(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
}

// What a text is by its schema; fields of requests have no rules there and go by their names.
bool IsDay(const FieldDescriptor* field) {
  static const auto* names = new std::set<std::string_view>{"date", "from", "to", "today", "due_date"};
  if (field->options().HasExtension(v1::f)) return field->options().GetExtension(v1::f).format() == v1::FORMAT_DATE;
  return names->contains(field->name());
}
bool IsTimeOfDay(const FieldDescriptor* field) {
  return field->options().GetExtension(v1::f).format() == v1::FORMAT_TIME || field->name() == "in" ||
         field->name() == "out";
}
bool IsCodeField(const FieldDescriptor* field) {
  static const auto* names = new std::set<std::string_view>{"station_id", "station_ids", "area_id",    "deputy_id",
                                                            "deputy_ids", "category",    "subcategory"};
  return field->options().GetExtension(v1::f).format() == v1::FORMAT_CODE || names->contains(field->name());
}

// Days, times and codes as the records have them, in whatever width, with whatever hyphens and invisible marks they
// were typed. What is none stays as it is, and is refused by whoever wants one. A text that shows nothing is none.
std::string Plain(const FieldDescriptor* field, std::string value) {
  if (value.find_first_of("\v\f\x1e\x1f") != std::string::npos) value = PlainLines(value);
  if (value.empty() || value.size() > kLongestKey) return value;
  if (Trim(value).empty()) return "";
  if (IsDay(field) && !IsDate(value)) {
    const bool number = value.find_first_not_of("0123456789") == std::string::npos;
    absl::StatusOr<std::string> day = ParseDate(value);
    if (day.ok() && (!number || value.size() == 8)) return *std::move(day);
  }
  if (IsTimeOfDay(field) && !IsTime(value))
    if (std::string time = RemoveSpaces(Fold(value)); IsTime(time)) return time;
  if (IsCodeField(field) && !IsCodeText(value))
    if (std::string code = RemoveSpaces(Fold(value)); IsCodeText(code)) return code;
  return value;
}

// Every text of a request, before anything looks at it.
void MakePlain(google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!text && !nested) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (nested) {
        MakePlain(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                       : reflection->MutableMessage(message, field));
        continue;
      }
      const std::string value = field->is_repeated() ? reflection->GetRepeatedString(*message, field, i)
                                                     : reflection->GetString(*message, field);
      const std::string plain = Plain(field, value);
      if (plain == value) continue;
      if (field->is_repeated()) {
        reflection->SetRepeatedString(message, field, i, plain);
      } else {
        reflection->SetString(message, field, plain);
      }
    }
  }
}

}  // namespace

bool IsShallowJson(std::string_view json) {
  int depth = 0;
  bool text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (text && c == '\\') {
      ++i;
    } else if (c == '"') {
      text = !text;
    } else if (!text && (c == '{' || c == '[')) {
      if (++depth > kMostJsonDepth) return false;
    } else if (!text && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return true;
}

absl::Status FromJson(std::string_view json, google::protobuf::Message* message) {
  if (!IsUtf8(json)) return absl::InvalidArgumentError("请求内容读不懂：里面有不是 UTF-8 的字节");
  if (!IsShallowJson(json)) return absl::InvalidArgumentError(Cat("请求内容嵌套太深，最多", kMostJsonDepth, "层"));
  google::protobuf::util::JsonParseOptions options;
  auto status = google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(json.data(), json.size()),
                                                            message, options);
  if (status.ok()) {
    MakePlain(message);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      Cat("请求内容读不懂：", std::string(status.message().data(), status.message().size())));
}

}  // namespace liaison
