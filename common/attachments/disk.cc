#include "common/attachments/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison::disk {
namespace {

// A file that cannot be read is not for that a damaged one, which kDataLoss would say here.
absl::Status Error(int error, std::string_view doing, const std::string& path) {
  absl::Status status = FileError(error, doing, path);
  return absl::IsDataLoss(status) ? absl::UnknownError(status.message()) : status;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t length) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0) return Error(errno, "读文件", path);
  std::string bytes(length, '\0');
  size_t size = 0;
  while (size < length) {
    ssize_t n = pread(fd.get(), bytes.data() + size, length - size, static_cast<off_t>(offset + size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error(errno, "读文件", path);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

absl::StatusOr<uint64_t> Size(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return Error(errno, "读文件", path);
  return static_cast<uint64_t>(info.st_size);
}

absl::Status Write(const std::string& path, uint64_t offset, std::string_view bytes) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return Error(errno, "写文件", path);
  while (!bytes.empty()) {
    ssize_t n = pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error(errno, "写文件", path);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::Status Sync(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return Error(errno, "写文件", path);
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : Error(errno, "移动文件", from);
}

void Remove(const std::string& path) { unlink(path.c_str()); }

}  // namespace liaison::disk
