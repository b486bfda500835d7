// What the hub keeps of stations' ops without using it (common/store/kept.h) and what waits in its records for a person
// (common/store/judging.h), and a person who takes or declines it.
#ifndef LIAISON_HUB_DESK_REFUSED_H_
#define LIAISON_HUB_DESK_REFUSED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "common/causal/op_name.h"

namespace liaison {

// Thread-safe. Messages are Chinese.
class RefusedDesk {
 public:
  explicit RefusedDesk(ServiceContext context) : context_(std::move(context)) {}

  // What is kept, then what is hidden in records, by record; of one that is held, what counts now.
  absl::StatusOr<v1::ListRefusedResponse> List(const v1::ListRefusedRequest& request,
                                               const Caller& caller = InProcess()) const;
  // Durable when it returns. kNotFound: no such op or device; kFailedPrecondition: it cannot be read, judges others'
  // ops, or may not be written by a station; nothing has changed then.
  absl::StatusOr<v1::AcceptRefusedResponse> Accept(const v1::AcceptRefusedRequest& request, const std::string& user);
  // The same; kFailedPrecondition: it counts.
  absl::StatusOr<v1::DeclineHeldResponse> Decline(const v1::DeclineHeldRequest& request, const std::string& user);

  void Register(Dispatcher* dispatcher);

 private:
  absl::StatusOr<v1::AcceptRefusedResponse> AcceptDevice(const std::string& node_id, const std::string& user);
  absl::StatusOr<OpName> NameOf(const std::string& text) const;
  absl::StatusOr<std::vector<OpName>> HeldOf(const std::string& node_id) const;

  ServiceContext context_;
};

// The pieces of Chinese text in bytes that cannot be read otherwise, in their order.
std::string LegibleText(std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_REFUSED_H_
