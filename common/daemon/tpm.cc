#include "common/daemon/tpm.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <vector>

#include "common/base/file.h"
#include "common/base/ports.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr char kCredsProgram[] = "systemd-creds";
constexpr int64_t kPatienceMs = 30'000;
constexpr size_t kMostAnswer = 64 << 10;

absl::Status NoTpm(std::string_view why) {
  return absl::UnimplementedError(Cat("本机不能用 TPM：", kCredsProgram, " ", why));
}

// The program with `ours` as its standard input and output; -1: it does not start.
pid_t Start(int ours, std::initializer_list<const char*> arguments) {
  std::vector<char*> argv = {const_cast<char*>(kCredsProgram)};
  for (const char* argument : arguments) argv.push_back(const_cast<char*>(argument));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ours, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ours, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, kCredsProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

// What comes until the other end is closed; false: too much, or too late.
bool ReadToEnd(int fd, int64_t until_ms, std::string* bytes) {
  char block[4096];
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    const int64_t left_ms = until_ms - SteadyMs();
    if (left_ms <= 0) return false;
    const int found = poll(&ready, 1, static_cast<int>(left_ms));
    if (found < 0 && errno == EINTR) continue;
    if (found <= 0) return false;
    const ssize_t n = read(fd, block, sizeof(block));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) return true;
    bytes->append(block, static_cast<size_t>(n));
    if (bytes->size() > kMostAnswer) return false;
  }
}

absl::StatusOr<std::string> RunCreds(std::initializer_list<const char*> arguments, std::string_view input) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return FileError(errno, "写", kCredsProgram);
  const FileHandle ours(ends[0]);
  pid_t pid = -1;
  {
    const FileHandle theirs(ends[1]);
    pid = Start(theirs.fd(), arguments);
  }
  if (pid < 0) return NoTpm("没有这个程序");
  // Both directions have room for it, so neither side waits for the other. No signal if the program does not read.
  const ssize_t sent = send(ours.fd(), input.data(), input.size(), MSG_NOSIGNAL);
  shutdown(ours.fd(), SHUT_WR);
  std::string answer;
  const bool whole = ReadToEnd(ours.fd(), SteadyMs() + kPatienceMs, &answer);
  if (!whole) kill(pid, SIGKILL);
  int state = 0;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  if (!whole) return NoTpm("没有及时回答");
  if (sent != static_cast<ssize_t>(input.size()) || !WIFEXITED(state) || WEXITSTATUS(state) != 0)
    return NoTpm("没有成功（没有 TPM，或没有权限用它）");
  return answer;
}

}  // namespace

absl::StatusOr<std::string> SealToMachine(std::string_view secret) {
  return RunCreds({"encrypt", "--with-key=tpm2", "--name=liaison-rest", "-", "-"}, secret);
}

absl::StatusOr<std::string> UnsealFromMachine(std::string_view credential) {
  return RunCreds({"decrypt", "--name=liaison-rest", "-", "-"}, credential);
}

}  // namespace liaison
