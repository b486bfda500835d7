#include "common/base/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "absl/time/time.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

// Lives as long as the process: work may end in the destructors of statics.
struct WorkBoard {
  absl::Mutex mutex;
  int64_t last_id ABSL_GUARDED_BY(mutex) = 0;
  std::map<int64_t, RunningWork> work ABSL_GUARDED_BY(mutex);
};

WorkBoard& Board() {
  static WorkBoard* board = new WorkBoard();
  return *board;
}

int64_t Enter(std::string_view what, std::string_view unit, int64_t total) {
  WorkBoard& board = Board();
  RunningWork work{std::string(what), std::string(unit), 0, std::max<int64_t>(total, 0), SystemClock()->NowMs()};
  absl::MutexLock lock(&board.mutex);
  board.work.emplace(++board.last_id, std::move(work));
  return board.last_id;
}

void WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(STDERR_FILENO, bytes.data(), bytes.size());
    if (n <= 0) return;  // a terminal that is gone misses nothing
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

// At the beginning of the line; what stood in it goes.
constexpr std::string_view kLineBegin = "\r\x1b[K";

// A longer line would wrap, and its first half stay on the screen.
size_t Columns() {
  struct winsize size {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string LineOf(const std::vector<RunningWork>& all) {
  std::string text;
  for (const RunningWork& work : all) text += Cat(text.empty() ? "正在" : "；正在", ProgressText(work));
  const int most = static_cast<int>(Columns()) - 1;
  int columns = 0;
  size_t bytes = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const Char c = NextChar(&rest);
    if ((columns += PlacesOnPaper(c.code)) > most) break;
    bytes += c.bytes.size();
  }
  return text.substr(0, bytes);
}

}  // namespace

std::vector<RunningWork> AllRunningWork() {
  WorkBoard& board = Board();
  std::vector<RunningWork> all;
  absl::MutexLock lock(&board.mutex);
  for (const auto& [id, work] : board.work) all.push_back(work);
  return all;
}

std::string ProgressText(const RunningWork& work) {
  if (work.done == 0 && work.total == 0) return work.what;
  const std::string total = work.total > 0 ? Cat("/", work.total) : "";
  return Cat(work.what, " ", work.done, total, " ", work.unit);
}

ProgressScope::ProgressScope(std::string_view what, std::string_view unit, int64_t total)
    : id_(Enter(what, unit, total)) {}

ProgressScope::~ProgressScope() {
  WorkBoard& board = Board();
  absl::MutexLock lock(&board.mutex);
  board.work.erase(id_);
}

void ProgressScope::Add(int64_t n) {
  WorkBoard& board = Board();
  absl::MutexLock lock(&board.mutex);
  RunningWork& work = board.work.at(id_);
  work.done += n;
  if (work.total > 0) work.total = std::max(work.total, work.done);
}

ProgressLine::ProgressLine(Source source) : source_(std::move(source)) {
  if (isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { Show(); });
}

ProgressLine::~ProgressLine() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    over_ = true;
  }
  thread_.join();
}

void ProgressLine::Show() {
  std::string shown;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&over_), absl::Milliseconds(kPatienceMs))) break;
    }
    std::string line = LineOf(source_());
    if (line == shown) continue;
    WriteAll(Cat(kLineBegin, line));
    shown = std::move(line);
  }
  if (!shown.empty()) WriteAll(kLineBegin);
}

}  // namespace liaison
