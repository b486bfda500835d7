#include "common/attachments/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/file.h"

namespace liaison::disk {
namespace {

// A file that cannot be read is not for that a damaged one, which kDataLoss would say here.
absl::Status Undamaged(const absl::Status& status) {
  return absl::IsDataLoss(status) ? absl::UnknownError(status.message()) : status;
}

absl::Status Error(int error, std::string_view doing, const std::string& path) {
  return Undamaged(FileError(error, doing, path));
}

}  // namespace

absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t length) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0) return Error(errno, "读文件", path);
  absl::StatusOr<std::string> bytes = ReadAt(file.fd(), path, offset, length);
  if (!bytes.ok()) return Undamaged(bytes.status());
  return bytes;
}

absl::StatusOr<uint64_t> Size(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return Error(errno, "读文件", path);
  return static_cast<uint64_t>(info.st_size);
}

absl::Status Write(const std::string& path, uint64_t offset, std::string_view bytes) {
  FileHandle file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0) return Error(errno, "写文件", path);
  while (!bytes.empty()) {
    ssize_t n = pwrite(file.fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error(errno, "写文件", path);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::Status Sync(const std::string& path) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0 || fsync(file.fd()) != 0) return Error(errno, "写文件", path);
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : Error(errno, "移动文件", from);
}

void Remove(const std::string& path) { unlink(path.c_str()); }

}  // namespace liaison::disk
