// How far long work of this process is, for whoever waits for it: an index after a start, tables made anew, a check, an
// import, a backup.
#ifndef LIAISON_COMMON_BASE_PROGRESS_H_
#define LIAISON_COMMON_BASE_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace liaison {

struct RunningWork {
  std::string what;        // Chinese, for people: 建立索引
  std::string unit;        // what is counted: 条
  int64_t done = 0;
  int64_t total = 0;       // 0: not known
  int64_t started_ms = 0;  // since 1970, by the clock of this machine
};

// All that runs now in this process, the oldest first. Thread-safe.
std::vector<RunningWork> AllRunningWork();
// "建立索引 3200/50000 条"; without a total "建立索引 3200 条"; before anything is counted the name alone.
std::string ProgressText(const RunningWork& work);

// Work that runs while this lives. Add() may be called from any thread and costs an uncontended lock: once for each op
// or file, not for each byte. A total that turns out too small grows with what is done.
class ProgressScope {
 public:
  ProgressScope(std::string_view what, std::string_view unit, int64_t total = 0);
  ~ProgressScope();
  ProgressScope(const ProgressScope&) = delete;
  ProgressScope& operator=(const ProgressScope&) = delete;

  void Add(int64_t n = 1);

 private:
  const int64_t id_;
};

// Shows what `source` tells, in one line of standard error that it writes over, and takes the line away at its end.
// Does nothing at all unless standard error is a terminal. What ends within `kPatienceMs` is not shown.
class ProgressLine {
 public:
  using Source = std::function<std::vector<RunningWork>()>;
  static constexpr int64_t kPatienceMs = 300;

  // `source` is called on a thread of this class, at most three times a second; the destructor waits for a call of it.
  explicit ProgressLine(Source source = AllRunningWork);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void Show();

  const Source source_;
  absl::Mutex mutex_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // none: standard error is no terminal
};

// What `run` returns, with a ProgressLine of this process's work while it runs.
template <typename Run>
auto UnderProgressLine(const Run& run) {
  ProgressLine line;
  return run();
}

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_PROGRESS_H_
