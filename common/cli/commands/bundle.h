// liaison bundle export, import, show, carried.
#ifndef LIAISON_COMMON_CLI_COMMANDS_BUNDLE_H_
#define LIAISON_COMMON_CLI_COMMANDS_BUNDLE_H_

#include "common/cli/core/shell.h"

namespace liaison::cli {

void AddBundleCommands(CLI::App* app, Shell* shell);

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_COMMANDS_BUNDLE_H_
