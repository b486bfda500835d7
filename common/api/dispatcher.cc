#include "common/api/dispatcher.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/json.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

// What to do about an error that is this machine's, and no fault of the call; empty: the caller has been told.
std::string_view Remedy(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kDataLoss:
      return "磁盘上有读不出来的数据，请检查磁盘，再用 liaison status 查看";
    case absl::StatusCode::kResourceExhausted:
      return "可能是磁盘已满，请腾出空间";
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return "程序内部出错，请把这份日志交给维护人员";
    default:
      return "";
  }
}

// The message is not logged: it may quote what a person typed.
void LogFailure(const std::string& path, const absl::Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  const std::string_view remedy = Remedy(status.code());
  if (remedy.empty()) return LogDebug(Cat("调用 ", path, " 没有办成：", code));
  LogError(Cat("调用 ", path, " 出错：", code, "。", remedy));
}

}  // namespace

absl::StatusOr<std::string> Dispatcher::Call(const std::string& path, std::string_view json,
                                             const Caller& caller) const {
  auto it = methods_.find(path);
  if (it == methods_.end()) return absl::UnimplementedError(Cat("没有这个方法：", path));
  if (json.size() > kMostJsonBytes)
    return absl::InvalidArgumentError(Cat("请求内容太大，最多 ", kMostJsonBytes >> 20, " MB"));
  ReadWatch reads;
  const int64_t from_ms = steady_ms_();
  absl::StatusOr<std::string> answer = it->second(json, caller);
  const int64_t took_ms = steady_ms_() - from_ms;
  if (took_ms > kSlowCallMs) LogWarning(Cat("调用 ", path, " 用了 ", took_ms / 1000, " 秒多"));
  // Instead of an answer that lacks what could not be read, or an error that is only its trace.
  if (!reads.status().ok()) answer = reads.status();
  if (!answer.ok()) LogFailure(path, answer.status());
  return answer;
}

}  // namespace liaison
