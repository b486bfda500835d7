// Processes that a measurement starts, and what they use.
#ifndef LIAISON_TESTS_BENCH_CHILD_H_
#define LIAISON_TESTS_BENCH_CHILD_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison::bench {

double WallMs();  // since 1970
double MonotonicMs();
// Waits without using the processor, for a poll of something that cannot tell by itself.
void Pause(int ms);
[[noreturn]] void Die(const std::string& what);
template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) Die(value.status().ToString());
  return *std::move(value);
}
inline void OrDie(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

double OwnCpuSeconds();  // of all threads of this process
// The value below which `p` percent lie. REQUIRES: not empty.
double Percentile(std::vector<double> values, double p);

// A process with pipes on its standard input and output. Ends with the object, by SIGKILL if nothing else.
class Child {
 public:
  explicit Child(const std::vector<std::string>& words);
  ~Child();

  // The next line of its output without its end. Aborts when it ends first or is silent for `timeout_ms`.
  std::string ReadLine(int timeout_ms = 120'000);
  void Write(const std::string& line);
  int Stop(int signal);  // and waits; the exit code, -signal if it was killed
  pid_t pid() const { return pid_; }

  double CpuSeconds() const;  // user and system, of all threads, so far
  double PeakMb() const;      // resident, since the start or ResetPeak()
  double ResidentMb() const;
  void ResetPeak();

 private:
  double StatusMb(const std::string& field) const;

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string name_, read_;
};

// The number behind "name": in a line of JSON; aborts if it is not there.
double NumberIn(const std::string& json, const std::string& name);

// A line of JSON under construction, printed by Print().
class JsonLine {
 public:
  JsonLine& Add(const std::string& name, const std::string& text);
  JsonLine& Add(const std::string& name, double value);
  void Print() const;  // to standard output
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_CHILD_H_
