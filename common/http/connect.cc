#include "common/http/connect.h"

#include <nlohmann/json.hpp>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/base/text.h"

namespace liaison::http {
namespace {

struct Row {
  absl::StatusCode code;
  std::string_view name;
  int http_status;
};

constexpr Row kRows[] = {
    {absl::StatusCode::kCancelled, "canceled", 499},  // one l on the wire
    {absl::StatusCode::kUnknown, "unknown", 500},
    {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    {absl::StatusCode::kNotFound, "not_found", 404},
    {absl::StatusCode::kAlreadyExists, "already_exists", 409},
    {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    {absl::StatusCode::kAborted, "aborted", 409},
    {absl::StatusCode::kOutOfRange, "out_of_range", 400},
    {absl::StatusCode::kUnimplemented, "unimplemented", 501},
    {absl::StatusCode::kInternal, "internal", 500},
    {absl::StatusCode::kUnavailable, "unavailable", 503},
    {absl::StatusCode::kDataLoss, "data_loss", 500},
    {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
};

constexpr absl::string_view kTypes = "type.googleapis.com/";

const Row& Find(absl::StatusCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[1];
}

}  // namespace

std::string_view CodeName(absl::StatusCode code) { return Find(code).name; }

int HttpStatus(absl::StatusCode code) { return Find(code).http_status; }

absl::StatusCode CodeOfHttpStatus(int http_status) {
  switch (http_status) {
    case 400:
      return absl::StatusCode::kInternal;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

std::string ErrorBody(const absl::Status& status) {
  // Ordered by hand: the code comes first for whoever reads a log.
  using Json = nlohmann::json;
  auto quoted = [](std::string_view text) {
    return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& bytes) {
    if (!absl::StartsWith(url, kTypes)) return;
    details += Cat(details.empty() ? ",\"details\":[" : ",", "{\"type\":", quoted(StdView(url.substr(kTypes.size()))),
                   ",\"value\":", quoted(absl::Base64Escape(std::string(bytes))), "}");
  });
  if (!details.empty()) details += "]";
  return Cat("{\"code\":", quoted(CodeName(status.code())), ",\"message\":", quoted(StdView(status.message())), details,
             "}");
}

absl::Status ErrorOfBody(int http_status, std::string_view body) {
  absl::StatusCode code = CodeOfHttpStatus(http_status);
  std::string message;
  // A JSON text may be nested as deep as it is long, and the parser's tree is freed recursively: cap what is looked at.
  constexpr size_t kErrorBytesMax = 1 << 16;
  auto json = body.size() <= kErrorBytesMax ? nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false)
                                            : nlohmann::json();
  if (json.is_object()) {
    if (auto it = json.find("code"); it != json.end() && it->is_string()) {
      for (const Row& row : kRows) {
        if (row.name == it->get_ref<const std::string&>()) code = row.code;
      }
    }
    if (auto it = json.find("message"); it != json.end() && it->is_string()) message = it->get<std::string>();
  }
  if (message.empty()) message = Cat("服务返回错误（HTTP ", http_status, "）");
  absl::Status status(code, message);
  const auto details = json.is_object() ? json.find("details") : json.end();
  if (details == json.end() || !details->is_array()) return status;
  for (const auto& detail : *details) {
    const auto type = detail.find("type"), value = detail.find("value");
    if (type == detail.end() || value == detail.end() || !type->is_string() || !value->is_string()) continue;
    std::string bytes;
    if (absl::Base64Unescape(value->get_ref<const std::string&>(), &bytes))
      status.SetPayload(Cat(kTypes, type->get_ref<const std::string&>()), absl::Cord(bytes));
  }
  return status;
}

}  // namespace liaison::http
