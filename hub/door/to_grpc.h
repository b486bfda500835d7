// A status as gRPC sends it: the same code and words.
#ifndef LIAISON_HUB_DOOR_TO_GRPC_H_
#define LIAISON_HUB_DOOR_TO_GRPC_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace liaison {

inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_TO_GRPC_H_
