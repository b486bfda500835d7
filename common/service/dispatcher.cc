#include "common/service/dispatcher.h"

#include <google/protobuf/util/json_util.h>

#include "common/base/text.h"

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

absl::Status FromJson(std::string_view json, google::protobuf::Message* message) {
  google::protobuf::util::JsonParseOptions options;
  auto status = google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(json.data(), json.size()),
                                                            message, options);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Cat("请求内容读不懂:", std::string(status.message().data(), status.message().size())));
}

absl::StatusOr<std::string> Dispatcher::Call(const std::string& path, std::string_view json,
                                             const Caller& caller) const {
  auto it = methods_.find(path);
  if (it == methods_.end()) return absl::UnimplementedError(Cat("没有这个方法:", path));
  return it->second(json, caller);
}

}  // namespace liaison
