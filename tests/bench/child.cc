#include "tests/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "common/base/text.h"

namespace liaison::bench {
namespace {

double Ms(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

}  // namespace

double WallMs() { return Ms(CLOCK_REALTIME); }
double MonotonicMs() { return Ms(CLOCK_MONOTONIC); }

double OwnCpuSeconds() { return Ms(CLOCK_PROCESS_CPUTIME_ID) / 1e3; }

double Percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(p / 100 * static_cast<double>(values.size())))];
}

void Pause(int ms) { poll(nullptr, 0, ms); }

void Die(const std::string& what) {
  fprintf(stderr, "bench: %s\n", what.c_str());
  exit(1);
}

Child::Child(const std::vector<std::string>& words) : name_(words[0]) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) Die("pipe");
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(to[0], 0);
    dup2(from[1], 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  in_ = to[1];
  out_ = from[0];
}

Child::~Child() {
  if (pid_ > 0) Stop(SIGKILL);
  close(in_);
  close(out_);
}

std::string Child::ReadLine(int timeout_ms) {
  for (;;) {
    size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    pollfd out{out_, POLLIN, 0};
    if (poll(&out, 1, timeout_ms) == 0) Die(Cat(name_, " is silent"));
    char buffer[4096];
    ssize_t n = read(out_, buffer, sizeof(buffer));
    if (n <= 0) Die(Cat(name_, " has ended"));
    read_.append(buffer, static_cast<size_t>(n));
  }
}

void Child::Write(const std::string& line) {
  std::string text = line + "\n";
  if (write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) Die(Cat(name_, " does not listen"));
}

int Child::Stop(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

double Child::CpuSeconds() const {
  clockid_t id;
  if (clock_getcpuclockid(pid_, &id) != 0) return 0;
  return Ms(id) / 1e3;
}

double Child::StatusMb(const std::string& field) const {
  std::ifstream in(Cat("/proc/", pid_, "/status"));
  for (std::string line; std::getline(in, line);)
    if (line.rfind(field + ":", 0) == 0) return std::atof(line.c_str() + field.size() + 1) / 1024;
  return 0;
}

double Child::PeakMb() const { return StatusMb("VmHWM"); }
double Child::ResidentMb() const { return StatusMb("VmRSS"); }

void Child::ResetPeak() { std::ofstream(Cat("/proc/", pid_, "/clear_refs")) << "5"; }

double NumberIn(const std::string& json, const std::string& name) {
  size_t at = json.find(Cat("\"", name, "\":"));
  if (at == std::string::npos) Die(Cat("no ", name, " in ", json));
  return std::atof(json.c_str() + at + name.size() + 3);
}

JsonLine& JsonLine::Add(const std::string& name, const std::string& text) {
  text_ += Cat(text_.empty() ? "" : ",", "\"", name, "\":\"", text, "\"");
  return *this;
}

JsonLine& JsonLine::Add(const std::string& name, double value) {
  char number[40];
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    snprintf(number, sizeof(number), "%.0f", value);
  } else {
    snprintf(number, sizeof(number), "%.*f", std::abs(value) < 10 ? 4 : 2, value);
  }
  text_ += Cat(text_.empty() ? "" : ",", "\"", name, "\":", number);
  return *this;
}

void JsonLine::Print() const {
  printf("{%s}\n", text_.c_str());
  fflush(stdout);
}

}  // namespace liaison::bench
