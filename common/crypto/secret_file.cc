#include "common/crypto/secret_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace liaison::crypto_internal {
namespace {

absl::Status Errno(int error, std::string_view kind, const std::string& path, const char* doing) {
  return absl::ErrnoToStatus(error, Cat(kind, " ", path, ": ", doing));
}

}  // namespace

absl::Status WriteNewSecret(std::string_view kind, const std::string& path, std::string_view bytes) {
  absl::Status status = WriteNewFile(path, bytes);
  return status.ok() ? status : absl::Status(status.code(), Cat(kind, "：", status.message()));
}

absl::StatusOr<std::string> ReadSecret(std::string_view kind, const std::string& path, size_t limit) {
  // O_NONBLOCK: a pipe at this path must not hold the start for ever.
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd() < 0) return Errno(errno, kind, path, "open");
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return Errno(errno, kind, path, "stat");
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError(Cat(kind, " ", path, ": not a regular file"));
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(Cat(kind, " ", path, ": open to others (mode ",
                                             absl::StrFormat("%04o", info.st_mode & 07777), "); run chmod 600 on it"));
  }
  std::string bytes(limit + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    ssize_t n = read(file.fd(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int error = errno;
      sodium_memzero(bytes.data(), bytes.size());
      return FileError(error, "读文件", path);
    }
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace liaison::crypto_internal
