// Other programs: one that answers a question, and one that takes this process's place.
#ifndef LIAISON_COMMON_CLI_CORE_PROCESS_H_
#define LIAISON_COMMON_CLI_CORE_PROCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison::cli {

struct ProcessResult {
  int exit_code = 0;  // 128 + n when signal n ended it
  std::string out;    // all of its standard output
};

// Runs `path` with `args` (without its name), `input` on standard input, standard error shared with ours, and waits
// until it ends. Input and output are files in memory, so neither side can block the other. The call is not bounded in
// time: an import may take long.
// kUnavailable: it could not be started (not there, not executable). kResourceExhausted: a limit of this process.
absl::StatusOr<ProcessResult> RunProcess(const std::string& path, const std::vector<std::string>& args,
                                         std::string_view input);

// Becomes `path`. Returns only on failure, with the errno.
int ExecProcess(const std::string& path, const std::vector<std::string>& args);

// The folder that this executable lies in; "." when the system does not say.
std::string OwnFolder();

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_PROCESS_H_
