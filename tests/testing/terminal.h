// A pseudo terminal that plays this process's standard error.
#ifndef LIAISON_TESTS_TESTING_TERMINAL_H_
#define LIAISON_TESTS_TESTING_TERMINAL_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace liaison {

// Standard error is the terminal while this lives. One thread reads.
class TerminalOnStandardError {
 public:
  TerminalOnStandardError() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), before_(dup(STDERR_FILENO)) {
    EXPECT_TRUE(master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0);
    const int slave = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(slave, 0);
    EXPECT_EQ(dup2(slave, STDERR_FILENO), STDERR_FILENO);
    close(slave);
  }
  ~TerminalOnStandardError() {
    Restore();
    close(master_);
  }
  TerminalOnStandardError(const TerminalOnStandardError&) = delete;
  TerminalOnStandardError& operator=(const TerminalOnStandardError&) = delete;

  // Reads until `text` has come; false after ten seconds without a byte.
  bool Await(std::string_view text) {
    while (seen_.find(text) == std::string::npos)
      if (!Read(10'000)) return false;
    return true;
  }
  // All that came. Standard error is again what it was.
  std::string Finish() {
    Restore();
    while (Read(0)) {
    }
    return seen_;
  }

 private:
  bool Read(int wait_ms) {
    struct pollfd ready {master_, POLLIN, 0};
    char buffer[4096];
    if (poll(&ready, 1, wait_ms) != 1 || (ready.revents & POLLIN) == 0) return false;
    const ssize_t n = read(master_, buffer, sizeof(buffer));
    if (n <= 0) return false;
    seen_.append(buffer, static_cast<size_t>(n));
    return true;
  }
  void Restore() {
    if (before_ < 0) return;
    dup2(before_, STDERR_FILENO);
    close(before_);
    before_ = -1;
  }

  const int master_;
  int before_;
  std::string seen_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_TERMINAL_H_
