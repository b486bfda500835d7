// What enrolment hands to a new station: the signed batches of the feed "all", in a file of its data folder, so that it
// works from its first start without a network.
//
//   DIR/enrolment := "LIAISONE" count:varint message:string*        messages as in codec/message_codec.h
#ifndef LIAISON_COMMON_SERVICE_ENROLMENT_H_
#define LIAISON_COMMON_SERVICE_ENROLMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

absl::Status WriteEnrolment(const std::string& dir, const std::vector<std::string>& messages);
// Empty if there is no such file. kInvalidArgument if it is damaged.
absl::StatusOr<std::vector<std::string>> ReadEnrolment(const std::string& dir);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_ENROLMENT_H_
