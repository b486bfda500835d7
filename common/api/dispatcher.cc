#include "common/api/dispatcher.h"

#include "common/base/text.h"
#include "common/store/read_failure.h"

namespace liaison {

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
