// What every request that writes is known by: its action's id, and a hash that tells it from another one.
#ifndef LIAISON_COMMON_API_REQUEST_H_
#define LIAISON_COMMON_API_REQUEST_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

class Store;

// The bytes of an action id from its 20 hex digits. kInvalidArgument names the field.
absl::StatusOr<std::string> ActionId(std::string_view hex);
// What tells one request from another under the same action id: a hash of its deterministic bytes without a visitor's
// fields, for whoever has the disk could guess at these; and of these the store's secret digest.
absl::StatusOr<std::string> RequestHash(Store* store, const google::protobuf::Message& request);
// Of a request that has no visitor's fields.
std::string RequestHash(const google::protobuf::Message& request);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_REQUEST_H_
