#include "common/api/methods.h"

#include <cstdlib>
#include <iostream>

#include "common/actions/context.h"
#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/record/ids.h"
#include "common/rules/roster/roster.h"

namespace liaison {

std::string AuthorOf(const ServiceContext& context, const Caller& caller) {
  if (!caller.user.empty()) return caller.user;
  return context.IsHub() ? "镇中心" : context.roster->Get()->StationName(context.station_id);
}

absl::Status CheckTypedName(const Caller& caller, std::string_view name) {
  if (caller.who != nullptr || !IsAccountCode(name)) return absl::OkStatus();
  return WrongField("填写人", Cat("“", name, "”是账号的写法：请写姓名，或先登录"));
}

absl::StatusOr<std::string> MethodPath(std::string_view service, std::string_view method,
                                       const google::protobuf::Descriptor* request,
                                       const google::protobuf::Descriptor* response) {
  const google::protobuf::DescriptorPool* pool = request->file()->pool();
  const auto* of_service = pool->FindServiceByName(Cat(request->file()->package(), ".", service));
  if (of_service == nullptr) return absl::InvalidArgumentError("the schema has no such service");
  const auto* found = of_service->FindMethodByName(std::string(method));
  if (found == nullptr) return absl::InvalidArgumentError("the service has no such method");
  if (found->input_type() != request || found->output_type() != response)
    return absl::InvalidArgumentError(
        Cat("takes ", found->input_type()->name(), " and gives ", found->output_type()->name()));
  return Cat("/", of_service->full_name(), "/", method);
}

void EndUnbound(std::string_view service, std::string_view method, std::string_view why) {
  std::cerr << "method " << service << "/" << method << ": " << why << std::endl;
  std::abort();
}

}  // namespace liaison
