#include "common/crypto/secret_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace liaison::crypto_internal {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status Errno(int error, std::string_view kind, const std::string& path, const char* doing) {
  return absl::ErrnoToStatus(error, Cat(kind, " ", path, ": ", doing));
}

// 0, or the errno of the first call that failed.
int WriteAndSync(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  return fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

absl::Status WriteNewSecret(std::string_view kind, const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  Fd fd(mkostemp(temporary.data(), O_CLOEXEC));  // O_EXCL, mode 0600
  if (fd.get() < 0) return Errno(errno, kind, path, "create a temporary file beside it");
  int error = WriteAndSync(fd.get(), bytes);
  const char* doing = "write";
  if (error == 0 && renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    error = errno;
    doing = error == EEXIST ? "is there already and is never overwritten" : "rename into place";
  }
  if (error != 0) {
    unlink(temporary.c_str());
    return Errno(error, kind, path, doing);
  }
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd folder_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_fd.get() < 0 || fsync(folder_fd.get()) != 0) return Errno(errno, kind, path, "sync of its folder");
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSecret(std::string_view kind, const std::string& path, size_t limit) {
  // O_NONBLOCK: a pipe at this path must not hold the start for ever.
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return Errno(errno, kind, path, "open");
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Errno(errno, kind, path, "stat");
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError(Cat(kind, " ", path, ": not a regular file"));
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(Cat(kind, " ", path, ": open to others (mode ",
                                             absl::StrFormat("%04o", info.st_mode & 07777), "); run chmod 600 on it"));
  }
  std::string bytes(limit + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    ssize_t n = read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int error = errno;
      sodium_memzero(bytes.data(), bytes.size());
      return Errno(error, kind, path, "read");
    }
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace liaison::crypto_internal
