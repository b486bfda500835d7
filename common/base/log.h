// The program's log: what it did, what went wrong and what to do about it, for the township's technician. Lines are
// plain Chinese sentences.
//
// A line never holds what people type or who they are: no body of a call, no words, names, phones or matter numbers.
// Ids of stations and devices, addresses, methods, counts, and messages about disks and links may be logged. A message
// of an error may quote what was typed, so calls are logged by their method and the error's code.
#ifndef LIAISON_COMMON_BASE_LOG_H_
#define LIAISON_COMMON_BASE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/ports.h"

namespace liaison {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

// "error", "warning", "info" or "debug".
std::optional<LogLevel> LogLevelOf(std::string_view name);

// A service manager takes standard error line by line: it waits for this program (NOTIFY_SOCKET), or standard error is
// its journal (JOURNAL_STREAM, systemd.exec(5)).
bool ManagerReadsErrors();

struct LogSettings {
  std::string folder;  // DIR/log, made at need with mode 0700; "": standard error, with priorities as sd-daemon(3) says
  std::string name;    // the files are NAME.log, NAME.1.log (older), …; mode 0600
  LogLevel level = LogLevel::kInfo;
  size_t file_bytes = 2 << 20;
  size_t files = 5;  // with the one that is written; then the oldest goes
  std::function<int64_t()> steady_ms = SteadyMs;  // tests bring their own
};

// While it lives, the process's lines go where it says; before and after that they go nowhere. One at a time. A file
// that cannot be written loses lines and nothing else: the next line tries again, at most once a second.
class ProgramLog {
 public:
  explicit ProgramLog(LogSettings options);
  ~ProgramLog();  // writes how often lines have come again
  ProgramLog(const ProgramLog&) = delete;
  ProgramLog& operator=(const ProgramLog&) = delete;
};

// One line; control characters become spaces, and a long one is cut. A line that was written within the last minute is
// counted instead, and the count is written with it a minute later, or with the next line after that, or at the end. Of
// more than a thousand different lines in a minute the rest is only counted. Thread-safe; waits for the file.
void LogLine(LogLevel level, std::string_view text);
inline void LogError(std::string_view text) { LogLine(LogLevel::kError, text); }
inline void LogWarning(std::string_view text) { LogLine(LogLevel::kWarning, text); }
inline void LogInfo(std::string_view text) { LogLine(LogLevel::kInfo, text); }
inline void LogDebug(std::string_view text) { LogLine(LogLevel::kDebug, text); }

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_LOG_H_
