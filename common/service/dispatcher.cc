#include "common/service/dispatcher.h"

#include <google/protobuf/util/json_util.h>

#include <vector>

#include "common/base/text.h"
#include "common/service/folding.h"
#include "common/store/read_failure.h"

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

// The line ends of word processors become ours in every text of a request, before anything looks at it.
void MakeLinesPlain(google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  auto odd = [](const std::string& text) { return text.find_first_of("\v\f\x1e\x1f") != std::string::npos; };
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const bool text = field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
    const bool nested = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!text && !nested) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (nested) {
        MakeLinesPlain(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                            : reflection->MutableMessage(message, field));
      } else if (!field->is_repeated()) {
        std::string value = reflection->GetString(*message, field);
        if (odd(value)) reflection->SetString(message, field, PlainLines(value));
      } else if (std::string value = reflection->GetRepeatedString(*message, field, i); odd(value)) {
        reflection->SetRepeatedString(message, field, i, PlainLines(value));
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
  if (!IsShallowJson(json)) return absl::InvalidArgumentError(Cat("请求内容嵌套太深，最多", kMostJsonDepth, "层"));
  google::protobuf::util::JsonParseOptions options;
  auto status = google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(json.data(), json.size()),
                                                            message, options);
  if (status.ok()) {
    MakeLinesPlain(message);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      Cat("请求内容读不懂：", std::string(status.message().data(), status.message().size())));
}

absl::StatusOr<std::string> Dispatcher::Call(const std::string& path, std::string_view json,
                                             const Caller& caller) const {
  auto it = methods_.find(path);
  if (it == methods_.end()) return absl::UnimplementedError(Cat("没有这个方法：", path));
  if (json.size() > kMostJsonBytes)
    return absl::InvalidArgumentError(Cat("请求内容太大，最多 ", kMostJsonBytes >> 20, " MB"));
  ReadWatch reads;
  absl::StatusOr<std::string> answer = it->second(json, caller);
  RETURN_IF_ERROR(reads.status());  // an answer that lacks what could not be read, or an error that is only its trace
  return answer;
}

}  // namespace liaison
