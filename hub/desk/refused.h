// What the hub keeps of stations' ops without using it, and a person who accepts one (common/store/kept.h).
#ifndef LIAISON_HUB_DESK_REFUSED_H_
#define LIAISON_HUB_DESK_REFUSED_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"

namespace liaison {

// Thread-safe. Messages are Chinese.
class RefusedDesk {
 public:
  explicit RefusedDesk(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::ListRefusedResponse> List(const v1::ListRefusedRequest& request) const;
  // Durable when it returns. kNotFound: no such op or device; kFailedPrecondition: it cannot be read, or judges others'
  // ops; nothing has changed then.
  absl::StatusOr<v1::AcceptRefusedResponse> Accept(const v1::AcceptRefusedRequest& request, const std::string& user);

  void Register(Dispatcher* dispatcher);

 private:
  absl::StatusOr<v1::AcceptRefusedResponse> AcceptDevice(const std::string& node_id, const std::string& user);

  ServiceContext context_;
};

// The pieces of Chinese text in bytes that cannot be read otherwise, in their order.
std::string LegibleText(std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_REFUSED_H_
