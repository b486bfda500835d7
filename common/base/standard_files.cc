#include "common/base/standard_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

// Runs before anything that instruments it is set up.
#define LIAISON_PLAIN __attribute__((no_sanitize("address", "undefined")))

namespace liaison {

LIAISON_PLAIN void OpenStandardFiles() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (syscall(SYS_fcntl, descriptor, F_GETFD) >= 0) continue;
    // The lowest free number is this one, since those below are open.
    if (syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR) != descriptor) std::abort();
  }
}

void ResetSignals() {
  signal(SIGCHLD, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGXFSZ, SIG_IGN);
}

namespace {

LIAISON_PLAIN void BeforeAll(int, char**, char**) { OpenStandardFiles(); }
__attribute__((section(".preinit_array"), used)) void (*const kBeforeAll)(int, char**, char**) = BeforeAll;

}  // namespace
}  // namespace liaison
