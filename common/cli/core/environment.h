// What a command takes from the process that it runs in, and what it answers.
//
// Exit codes, the same for every command:
//   0  done
//   1  it failed; the reason is on standard error
//   2  wrong usage or input: the same command will fail again
//   3  done, and found something that a person must look at: differences, conflicts
//   4  no daemon could be reached: try again
#ifndef LIAISON_COMMON_CLI_CORE_ENVIRONMENT_H_
#define LIAISON_COMMON_CLI_CORE_ENVIRONMENT_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <ostream>
#include <string>
#include <vector>

#include "common/base/ports.h"

namespace liaison::cli {

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2, kFound = 3, kUnreachable = 4 };

// What a command needs from the process it runs in; tests bring their own. All of it outlives Run().
struct Environment {
  std::string bin_dir;  // where liaison-station and liaison-hub lie
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  Random* random = nullptr;  // action ids and device keys
  // Becomes another program; returns only when that failed, with an errno.
  std::function<int(const std::string& path, const std::vector<std::string>& args)> exec;
  std::function<void(int64_t ms)> pause;  // between two looks of `liaison wait`
  std::istream* in = nullptr;             // where an option whose value is "-" is read from, a line each
};

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_ENVIRONMENT_H_
