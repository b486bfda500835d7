// The methods of a service of the schema, bound to the object that serves them: the one place where a request comes in
// as JSON, gets the name of who asks, and is answered.
#ifndef LIAISON_COMMON_API_METHODS_H_
#define LIAISON_COMMON_API_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/api/dispatcher.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/json.h"

namespace liaison {

struct ServiceContext;

// Who is written as the author where the caller gave no name: the side that writes. Never empty.
std::string AuthorOf(const ServiceContext& context, const Caller& caller);

// Whoever has not logged in writes under a typed name, which must not look like an account's id. kInvalidArgument names
// the field.
absl::Status CheckTypedName(const Caller& caller, std::string_view name);

// "/liaison.v1.SERVICE/METHOD". kInvalidArgument, in English: the schema has no such method, or one with other
// messages.
absl::StatusOr<std::string> MethodPath(std::string_view service, std::string_view method,
                                       const google::protobuf::Descriptor* request,
                                       const google::protobuf::Descriptor* response);

// Ends the program with these words on standard error.
[[noreturn]] void EndUnbound(std::string_view service, std::string_view method, std::string_view why);

// For the Register() of a service:
//
//   Methods methods(dispatcher, "StationService", this, &context_);
//   methods.Bind("LogVisit", &Reception::LogVisit);
//
// `object` and `context` outlive the dispatcher's last call. A method that the schema does not have, or has with other
// messages, or that is bound already, is our own fault and ends the program.
template <typename Service>
class Methods {
 public:
  // `service` as in the schema. `context`: of who asks where nobody is named; REQUIRED for a method that wants to know.
  Methods(Dispatcher* dispatcher, std::string_view service, Service* object, const ServiceContext* context = nullptr)
      : dispatcher_(dispatcher), service_(service), object_(object), context_(context) {}

  // A request with a field `user` gets who asks, unless it names somebody itself.
  template <typename Request, typename Response, typename Class>
  void Bind(std::string_view method, absl::StatusOr<Response> (Class::*handler)(const Request&)) {
    Add<Request, Response>(method, [object = object_, handler](const Request& request, const Caller&) {
      return (object->*handler)(request);
    });
  }
  template <typename Request, typename Response, typename Class>
  void Bind(std::string_view method, absl::StatusOr<Response> (Class::*handler)(const Request&) const) {
    Add<Request, Response>(method, [object = object_, handler](const Request& request, const Caller&) {
      return (object->*handler)(request);
    });
  }
  // The handler is told who asks: the request has no field for it.
  template <typename Request, typename Response, typename Class>
  void Bind(std::string_view method,
            absl::StatusOr<Response> (Class::*handler)(const Request&, const std::string& user)) {
    Require(context_ != nullptr, method, "needs a context");
    Add<Request, Response>(
        method, [object = object_, context = context_, handler](const Request& request, const Caller& caller) {
          return (object->*handler)(request, AuthorOf(*context, caller));
        });
  }
  // The handler is told all about who asks: what it shows depends on that.
  template <typename Request, typename Response, typename Class>
  void Bind(std::string_view method,
            absl::StatusOr<Response> (Class::*handler)(const Request&, const Caller&)) {
    Add<Request, Response>(method, [object = object_, handler](const Request& request, const Caller& caller) {
      return (object->*handler)(request, caller);
    });
  }
  template <typename Request, typename Response, typename Class>
  void Bind(std::string_view method,
            absl::StatusOr<Response> (Class::*handler)(const Request&, const Caller&) const) {
    Add<Request, Response>(method, [object = object_, handler](const Request& request, const Caller& caller) {
      return (object->*handler)(request, caller);
    });
  }

 private:
  template <typename Request, typename Response, typename Handler>
  void Add(std::string_view method, Handler handler) {
    constexpr bool kNamesUser = requires(Request request) { request.set_user(std::string()); };
    if (kNamesUser) Require(context_ != nullptr, method, "needs a context");
    const absl::StatusOr<std::string> path =
        MethodPath(service_, method, Request::descriptor(), Response::descriptor());
    Require(path.ok(), method, StdView(path.status().message()));
    auto call = [context = context_, dispatcher = dispatcher_, path = *path, handler](
                    std::string_view json, const Caller& caller) -> absl::StatusOr<std::string> {
      Request request;
      RETURN_IF_ERROR(FromJson(json, &request));
      RETURN_IF_ERROR(CheckTypedName(caller, caller.user));
      if constexpr (kNamesUser) {
        if (caller.who != nullptr && !request.user().empty() && request.user() != caller.user)
          return WrongField("填写人", "不能替别人填写：登录的是另一个账号");
        RETURN_IF_ERROR(CheckTypedName(caller, request.user()));
        if (request.user().empty()) request.set_user(AuthorOf(*context, caller));
      }
      RETURN_IF_ERROR(dispatcher->Admit(path, request, caller));
      ASSIGN_OR_RETURN(const Response response, handler(request, caller));
      return ToJson(response);
    };
    Require(dispatcher_->Add(*path, std::move(call)), method, "is bound already");
  }
  void Require(bool holds, std::string_view method, std::string_view why) const {
    if (!holds) EndUnbound(service_, method, why);
  }

  Dispatcher* const dispatcher_;
  const std::string_view service_;
  Service* const object_;
  const ServiceContext* const context_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_API_METHODS_H_
