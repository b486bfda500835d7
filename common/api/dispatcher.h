// The services as functions from JSON to JSON, by path. The HTTP server and the command line (when no daemon runs)
// call the same ones.
#ifndef LIAISON_COMMON_API_DISPATCHER_H_
#define LIAISON_COMMON_API_DISPATCHER_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/record/json.h"

namespace liaison {

struct Who;

// The two halves of a page's session, as its call brought them, and what the answer sets the cookie to (empty: it is
// taken away). Only LoginService looks at it.
struct PageSession {
  std::string cookie, token;
  std::optional<std::string> set_cookie;
};

struct Caller {
  std::string user;  // who is written as the author: an account's id; a typed name where nobody has to log in
  std::shared_ptr<const Who> who;  // whoever has logged in; null: nobody
  bool owner = false;              // the owner of the data folder, on the same machine
  PageSession* page = nullptr;     // of a call over HTTP; outlives it
};

class Dispatcher {
 public:
  using Method = std::function<absl::StatusOr<std::string>(std::string_view json, const Caller& caller)>;

  // `path` is "/liaison.v1.SERVICE/METHOD" (methods.h). The method may run on any thread and concurrently. False: the
  // path has one already, and keeps it.
  bool Add(const std::string& path, Method method) { return methods_.emplace(path, std::move(method)).second; }

  // kUnimplemented: nobody added the path. kInvalidArgument: more than kMostJsonBytes. kDataLoss: something that the
  // handler read could not be read. Calls that take longer than kSlowCallMs, and those that fail, are logged by method
  // and code.
  absl::StatusOr<std::string> Call(const std::string& path, std::string_view json, const Caller& caller) const;
  // Asked by each method with the parsed request, before it does anything (gate.h). REQUIRES: set before the first
  // call; without one everybody may do everything, as in tests of single services.
  using Gate = std::function<absl::Status(const std::string& path, const google::protobuf::Message& request,
                                          const Caller& caller)>;
  void set_gate(Gate gate) { gate_ = std::move(gate); }
  absl::Status Admit(const std::string& path, const google::protobuf::Message& request, const Caller& caller) const {
    return gate_ ? gate_(path, request, caller) : absl::OkStatus();
  }
  const std::map<std::string, Method>& methods() const { return methods_; }
  // Tests: milliseconds by a clock of theirs. Before the first call.
  void set_steady_clock(std::function<int64_t()> steady_ms) { steady_ms_ = std::move(steady_ms); }

  static constexpr int64_t kSlowCallMs = 1'000;

 private:
  std::map<std::string, Method> methods_;
  Gate gate_;
  std::function<int64_t()> steady_ms_ = SteadyMs;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_API_DISPATCHER_H_
