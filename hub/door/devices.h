// A new device of a station, as a record.
#ifndef LIAISON_HUB_DOOR_DEVICES_H_
#define LIAISON_HUB_DOOR_DEVICES_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "liaison/v1/devices.pb.h"

namespace liaison {

// Registers a device of a station: its node record. The same key again is the same node. One call at a time.
// `node_id`: that it shall have; empty: a fresh one. `user`: who lets it in. kInvalidArgument: no such station, or no
// public key; kAlreadyExists: another station's; kResourceExhausted: the station has 26. Chinese.
absl::StatusOr<v1::Node> RegisterDevice(const ServiceContext& context, const v1::EnrolRequest& request,
                                        const std::string& node_id, const std::string& user);
// The same, and what the device needs to start (hub key, master records). The service is Registry::Enrol().
absl::StatusOr<v1::EnrolResponse> EnrolDevice(const ServiceContext& context, const v1::EnrolRequest& request);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_DEVICES_H_
