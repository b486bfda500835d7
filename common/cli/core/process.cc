#include "common/cli/core/process.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "common/base/text.h"

extern char** environ;

namespace liaison::cli {
namespace {

class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int fd() const { return fd_; }

  bool Put(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return lseek(fd_, 0, SEEK_SET) == 0;
  }

  std::string TakeAll() {
    std::string bytes;
    char buffer[1 << 16];
    off_t at = 0;
    while (true) {
      ssize_t n = pread(fd_, buffer, sizeof(buffer), at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return bytes;
      bytes.append(buffer, static_cast<size_t>(n));
      at += n;
    }
  }

 private:
  const int fd_;
};

std::vector<char*> Argv(const std::string& path, const std::vector<std::string>& args) {
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  return argv;
}

}  // namespace

absl::StatusOr<ProcessResult> RunProcess(const std::string& path, const std::vector<std::string>& args,
                                         std::string_view input) {
  MemoryFile in("liaison-in"), out("liaison-out");
  if (in.fd() < 0 || out.fd() < 0 || !in.Put(input))  // a limit of this process; a daemon would be no help
    return absl::ResourceExhaustedError(Cat("不能启动 ", path, "：", strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.fd(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
  std::vector<char*> argv = Argv(path, args);
  pid_t pid = 0;
  int error = posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::UnavailableError(Cat("不能启动 ", path, "：", strerror(error)));
  int state = 0;
  while (waitpid(pid, &state, 0) < 0)
    if (errno != EINTR) return absl::UnavailableError(Cat("等待 ", path, " 时出错：", strerror(errno)));
  ProcessResult result;
  result.exit_code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  result.out = out.TakeAll();
  return result;
}

int ExecProcess(const std::string& path, const std::vector<std::string>& args) {
  execv(path.c_str(), Argv(path, args).data());
  return errno;
}

std::string OwnFolder() {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "." : self.parent_path().string();
}

}  // namespace liaison::cli
