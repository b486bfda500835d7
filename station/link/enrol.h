// `liaison enrol --code`: a device becomes a station's over the network.
#ifndef LIAISON_STATION_LINK_ENROL_H_
#define LIAISON_STATION_LINK_ENROL_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

struct EnrolByCode {
  std::string dir;
  std::string code;         // as typed or as carried (common/daemon/invitation.h)
  std::string hub_address;  // empty: the one that the code carries, else the one of an earlier enrolment
  std::string device_name;
  Random* random = SystemRandom();
  int timeout_ms = 120'000;  // a slow link takes a while for the roster
  // The hub lets this device in when a person there has compared these digits ("123456") with what is shown here.
  // Called after each such answer; waits, and says whether to ask again. Unset: not at all.
  std::function<bool(const std::string& digits)> wait;
};

// The key is made here and does not leave. The hub is checked against the fingerprint in the code before it is told
// the secret. May be repeated after any interruption; the code stays good for this folder. Errors are Chinese:
// kInvalidArgument: the code is mistyped, or no address is known. kFailedPrecondition: the folder is somebody else's,
// or the hub is not the one of the code, and the secret was not told; or the hub still waits for a person, and the
// message has the digits. kUnavailable: the hub was not reached, or
// another program answers there (a network's login page). Others are the hub's answer.
absl::StatusOr<v1::StationConfig> Enrol(const EnrolByCode& options);

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_ENROL_H_
