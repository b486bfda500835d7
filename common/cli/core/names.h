// Deputies and sessions as people name them on a command line.
#ifndef LIAISON_COMMON_CLI_CORE_NAMES_H_
#define LIAISON_COMMON_CLI_CORE_NAMES_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/core/link.h"
#include "liaison/v1/views.pb.h"

namespace liaison::cli {

// A deputy's id, from the id itself or from a name that only one has. What is neither is returned as it is: the
// service says that it knows nobody so. kInvalidArgument where several have the name.
absl::StatusOr<std::string> DeputyNamed(Link* link, const std::string& text);

// A station's id from its name or public name, or from the id itself, by the same rules.
absl::StatusOr<std::string> StationNamed(Link* link, const std::string& text);

// Puts the id wherever a request names a station, a department or a deputy by name, at any depth: what every command
// sends goes through here. The roster is asked for once, and only where there is a name. Errors as above.
absl::Status ResolveNames(Link* link, google::protobuf::Message* request);

// A session by its number (J20261215-D057-1), by its id, or by its date where the station had one alone that day.
absl::StatusOr<v1::SessionView> SessionNamed(Link* link, const std::string& text);

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_NAMES_H_
