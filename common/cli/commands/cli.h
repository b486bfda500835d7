// The `liaison` command: a client of the daemons and nothing more. It never opens a database; it asks the daemon that
// runs over the data folder, or lets the daemon's binary beside it answer one call (link.h).
//
// Help, tables and messages are Chinese, and are written where they are said: each is used once. The options' names are
// English. What a daemon says is passed on as it stands.
#ifndef LIAISON_COMMON_CLI_COMMANDS_CLI_H_
#define LIAISON_COMMON_CLI_COMMANDS_CLI_H_

#include <string>
#include <vector>

#include "common/cli/core/environment.h"

namespace liaison::cli {

// `args` without the program's name. Returns an ExitCode.
int Run(const std::vector<std::string>& args, const Environment& environment);

// Run() in this process. Ignores SIGPIPE. Names, phones and codes among the arguments are overwritten where the process
// list shows them, as soon as they are read.
int Main(int argc, char** argv);

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_COMMANDS_CLI_H_
