#include "common/attachments/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/at_rest.h"

namespace liaison::disk {
namespace {

// A file that cannot be read is not for that a damaged one, which kDataLoss would say here.
absl::Status Undamaged(const absl::Status& status) {
  return absl::IsDataLoss(status) ? absl::UnknownError(status.message()) : status;
}

absl::Status Error(int error, std::string_view doing, const std::string& path) {
  return Undamaged(FileError(error, doing, path));
}

absl::StatusOr<std::string> ReadBytes(int fd, const std::string& path, uint64_t offset, size_t length) {
  absl::StatusOr<std::string> bytes = ReadAt(fd, path, offset, length);
  if (!bytes.ok()) return Undamaged(bytes.status());
  return bytes;
}

absl::Status WriteBytes(int fd, const std::string& path, uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error(errno, "写文件", path);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<FileCipher> CipherForWriting(const Vault& vault, int fd, const std::string& path) {
  ASSIGN_OR_RETURN(std::string prefix, ReadBytes(fd, path, 0, kRestPrefixSize));
  absl::StatusOr<FileCipher> known = vault.Open(prefix);
  if (known.ok()) return known;
  if (ftruncate(fd, 0) != 0) return Error(errno, "写文件", path);
  Vault::NewFile fresh = vault.Begin();
  RETURN_IF_ERROR(WriteBytes(fd, path, 0, fresh.prefix));
  return std::move(fresh.cipher);
}

}  // namespace

absl::StatusOr<std::string> Read(const Vault* vault, const std::string& path, uint64_t offset, size_t length) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd() < 0) return Error(errno, "读文件", path);
  if (vault == nullptr) return ReadBytes(file.fd(), path, offset, length);
  ASSIGN_OR_RETURN(std::string prefix, ReadBytes(file.fd(), path, 0, kRestPrefixSize));
  if (prefix.empty()) return std::string();
  absl::StatusOr<FileCipher> cipher = vault->Open(prefix);
  if (!cipher.ok()) return absl::DataLossError(Cat("文件 ", path, " ", StdView(cipher.status().message())));
  ASSIGN_OR_RETURN(std::string bytes, ReadBytes(file.fd(), path, kRestPrefixSize + offset, length));
  cipher->Apply(kRestPrefixSize + offset, bytes.data(), bytes.size());
  return bytes;
}

absl::StatusOr<uint64_t> Size(const Vault* vault, const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return Error(errno, "读文件", path);
  const uint64_t size = static_cast<uint64_t>(info.st_size), before = vault == nullptr ? 0 : kRestPrefixSize;
  return size < before ? 0 : size - before;
}

absl::Status Write(const Vault* vault, const std::string& path, uint64_t offset, std::string_view bytes) {
  FileHandle file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0) return Error(errno, "写文件", path);
  if (vault == nullptr || bytes.empty()) return WriteBytes(file.fd(), path, offset, bytes);
  ASSIGN_OR_RETURN(const FileCipher cipher, CipherForWriting(*vault, file.fd(), path));
  std::string encrypted(bytes);
  cipher.Apply(kRestPrefixSize + offset, encrypted.data(), encrypted.size());
  return WriteBytes(file.fd(), path, kRestPrefixSize + offset, encrypted);
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
