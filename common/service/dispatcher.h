// The services as functions from JSON to JSON, by path. The HTTP server and the command line (when no daemon runs)
// call the same ones.
#ifndef LIAISON_COMMON_SERVICE_DISPATCHER_H_
#define LIAISON_COMMON_SERVICE_DISPATCHER_H_

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/status.h"

namespace liaison {

struct Caller {
  std::string user;             // who says to be calling; a claim until there are accounts
  std::string language = "zh";  // "zh" or "en"
};

// protobuf JSON with defaults filled in, enums by name. Never fails on messages of ours.
std::string ToJson(const google::protobuf::Message& message);
std::string ToCompactJson(const google::protobuf::Message& message);  // the same without defaults
// Nothing of ours is nested deeper, and what is takes the library a time that grows with a power of its depth.
inline constexpr int kMostJsonDepth = 32;
// A request: as much as the HTTP server takes.
inline constexpr size_t kMostJsonBytes = 32 << 20;

// Whether `json` is nested no deeper than kMostJsonDepth. Linear; the text need not be JSON.
bool IsShallowJson(std::string_view json);
// kInvalidArgument with a Chinese message that names what could not be read. Anything deeper than kMostJsonDepth is
// refused before it is parsed. Line ends of word processors (U+000B and the like, PlainLines of folding.h) become plain
// ones; days, times and codes (stations, deputies, categories) are folded: ２０２６年３月５日 is 2026-03-05, ＨＫ－Ｄ０５７ is HK-D057; a text of
// nothing but spaces and invisible marks is empty.
absl::Status FromJson(std::string_view json, google::protobuf::Message* message);

class Dispatcher {
 public:
  using Method = std::function<absl::StatusOr<std::string>(std::string_view json, const Caller& caller)>;

  // `service` and `method` as in the proto: Add<Req, Resp>("StationService", "LogVisit", handler). The handler may run
  // on any thread and concurrently.
  template <typename Request, typename Response, typename Handler>
  void Add(std::string_view service, std::string_view method, Handler handler) {
    methods_["/liaison.v1." + std::string(service) + "/" + std::string(method)] =
        [handler](std::string_view json, const Caller& caller) -> absl::StatusOr<std::string> {
      Request request;
      RETURN_IF_ERROR(FromJson(json, &request));
      absl::StatusOr<Response> response = handler(request, caller);
      if (!response.ok()) return response.status();
      return ToJson(*response);
    };
  }

  // kUnimplemented: nobody added the path. kInvalidArgument: more than kMostJsonBytes. kDataLoss: something that the
  // handler read could not be read.
  absl::StatusOr<std::string> Call(const std::string& path, std::string_view json, const Caller& caller) const;
  const std::map<std::string, Method>& methods() const { return methods_; }

 private:
  std::map<std::string, Method> methods_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_DISPATCHER_H_
