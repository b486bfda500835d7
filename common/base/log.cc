#include "common/base/log.h"

#include <fcntl.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/file.h"
#include "common/base/owner.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

constexpr int64_t kSameAgainMs = 60'000;
constexpr int64_t kTryAgainMs = 1'000;
constexpr size_t kMostTexts = 1'000;    // different ones in a minute
constexpr size_t kLongestLine = 1'000;  // bytes

struct LevelForm {
  std::string_view name;
  std::string_view label;     // in files
  std::string_view priority;  // for a manager: sd-daemon(3)
  spdlog::level::level_enum level;
};

// By LogLevel.
constexpr LevelForm kLevels[] = {
    {"error", "错误", "<3>", spdlog::level::err},
    {"warning", "注意", "<4>", spdlog::level::warn},
    {"info", "信息", "<6>", spdlog::level::info},
    {"debug", "调试", "<7>", spdlog::level::debug},
};

const LevelForm& FormOf(LogLevel level) { return kLevels[static_cast<size_t>(level)]; }

std::string OneLine(std::string_view text) {
  std::string line(CutBytes(text, kLongestLine));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return line;
}

// Where lines end up. spdlog's sinks are used without its loggers: a sink of files that failed once, also while it gave
// the files other names, is not used again but made anew.
class LineWriter {
 public:
  explicit LineWriter(const LogSettings& options) : options_(options) {}

  void Write(LogLevel level, const std::string& line, int64_t now_ms) {
    if (sink_ == nullptr && now_ms < retry_ms_) return;
    try {
      if (sink_ == nullptr) Open();
      const LevelForm& form = FormOf(level);
      const std::string text =
          options_.folder.empty() ? Cat(form.priority, line) : Cat("[", form.label, "] ", line);
      sink_->log(spdlog::details::log_msg("", form.level, text));
      sink_->flush();
    } catch (const std::exception&) {
      sink_.reset();
      retry_ms_ = now_ms + kTryAgainMs;
    }
  }

 private:
  void Open() {
    if (options_.folder.empty()) {
      sink_ = std::make_unique<spdlog::sinks::stderr_sink_st>();
      sink_->set_pattern("%v");
      return;
    }
    MakeFolder(options_.folder).IgnoreError();  // what then fails is the opening
    spdlog::file_event_handlers handlers;
    handlers.before_open = [](const std::string& path) {  // the library would make it with another mode
      FileHandle made(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (made.fd() >= 0) GiveToOwnerOf(FolderOf(path), made.fd());
    };
    sink_ = std::make_unique<spdlog::sinks::rotating_file_sink_st>(Cat(options_.folder, "/", options_.name, ".log"),
                                                                   options_.file_bytes, options_.files - 1, false,
                                                                   handlers);
    sink_->set_pattern("%Y-%m-%d %H:%M:%S.%e %v");
  }

  const LogSettings& options_;
  std::unique_ptr<spdlog::sinks::sink> sink_;
  int64_t retry_ms_ = INT64_MIN;
};

// Lines, and which of them have been written within a minute.
class Lines {
 public:
  explicit Lines(LogSettings options) : options_(std::move(options)), writer_(options_) {}
  ~Lines() { WriteCounts(/*all=*/true); }

  void Add(LogLevel level, std::string_view text) {
    if (level > options_.level) return;
    std::string line = OneLine(text);
    now_ms_ = options_.steady_ms();
    if (now_ms_ >= sweep_ms_) {
      sweep_ms_ = now_ms_ + kSameAgainMs;
      WriteCounts(/*all=*/false);
    }
    auto it = said_.find(line);
    if (it != said_.end() && now_ms_ - it->second.ms < kSameAgainMs) {
      ++it->second.again;
      return;
    }
    if (it == said_.end() && said_.size() >= kMostTexts) {
      ++left_out_;
      return;
    }
    Said& said = said_[line];
    Say(level, line, std::exchange(said.again, 0));
    said.level = level;
    said.ms = now_ms_;
  }

 private:
  struct Said {
    LogLevel level = LogLevel::kInfo;
    int64_t ms = 0;
    uint64_t again = 0;
  };

  void Say(LogLevel level, const std::string& line, uint64_t again) {
    writer_.Write(level, again == 0 ? line : Cat(line, "（同样的情况又有 ", again, " 次）"), now_ms_);
  }

  // Of lines that are older than a minute, or of all: those that came again are written with their count, the others
  // are forgotten.
  void WriteCounts(bool all) {
    for (auto it = said_.begin(); it != said_.end();) {
      Said& said = it->second;
      if (!all && now_ms_ - said.ms < kSameAgainMs) {
        ++it;
        continue;
      }
      if (said.again == 0) {
        it = said_.erase(it);
        continue;
      }
      Say(said.level, it->first, std::exchange(said.again, 0));
      said.ms = now_ms_;
      ++it;
    }
    if (left_out_ == 0) return;
    Say(LogLevel::kWarning, Cat("一分钟内要记的太多，另有 ", std::exchange(left_out_, 0), " 条没有记下"), 0);
  }

  const LogSettings options_;
  LineWriter writer_;
  std::map<std::string, Said> said_;
  uint64_t left_out_ = 0;
  int64_t now_ms_ = 0;
  int64_t sweep_ms_ = INT64_MIN;
};

ABSL_CONST_INIT absl::Mutex open_mutex(absl::kConstInit);
Lines* open_lines ABSL_GUARDED_BY(open_mutex) = nullptr;

}  // namespace

std::optional<LogLevel> LogLevelOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kLevels); ++i)
    if (kLevels[i].name == name) return static_cast<LogLevel>(i);
  return std::nullopt;
}

bool ManagerReadsErrors() {
  const char* socket = getenv("NOTIFY_SOCKET");
  if (socket != nullptr && *socket != '\0') return true;
  const char* journal = getenv("JOURNAL_STREAM");
  struct stat info;
  return journal != nullptr && fstat(STDERR_FILENO, &info) == 0 && journal == Cat(info.st_dev, ":", info.st_ino);
}

ProgramLog::ProgramLog(LogSettings options) {
  absl::MutexLock lock(&open_mutex);
  delete std::exchange(open_lines, new Lines(std::move(options)));
}

ProgramLog::~ProgramLog() {
  absl::MutexLock lock(&open_mutex);
  delete std::exchange(open_lines, nullptr);
}

void LogLine(LogLevel level, std::string_view text) {
  absl::MutexLock lock(&open_mutex);
  if (open_lines != nullptr) open_lines->Add(level, text);
}

}  // namespace liaison
