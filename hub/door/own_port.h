// Whether the hub's own port for stations answers, asked as a station would ask.
#ifndef LIAISON_HUB_DOOR_OWN_PORT_H_
#define LIAISON_HUB_DOOR_OWN_PORT_H_

#include <string>

#include "absl/status/status.h"

namespace liaison {

// Connects to `address` ("127.0.0.1:7061"; a listening address of all is this machine's), in TLS unless `clear`, with a
// certificate that names nobody, until the other end has spoken. kUnavailable: nobody took the connection, or it was
// ended; kDeadlineExceeded: not within `ms`. REQUIRES: RequireTls13() was called, unless `clear`.
absl::Status AskOwnPort(const std::string& address, bool clear, int ms);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_OWN_PORT_H_
