// What the commands about files share, and those of the township's lists.
#ifndef LIAISON_COMMON_CLI_ROSTER_H_
#define LIAISON_COMMON_CLI_ROSTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/cli/shell.h"

namespace liaison::cli {

// A file of at most 20 MB, which passes the daemon's limit as base64; and one written whole. Errors in Chinese.
absl::StatusOr<std::string> ReadWhole(const std::string& path);
absl::Status WriteWhole(const std::string& path, const std::string& bytes);

void AddRosterCommands(CLI::App* app, Shell* shell);  // roster import, roster export, policy

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_ROSTER_H_
