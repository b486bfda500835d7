#include "common/daemon/encrypt_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/store/head_mark.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBytes = 1 << 20;
constexpr uint64_t kSpareBytes = 8 << 20;         // of the disk, beside the file that is written
constexpr char kTemporaryName[] = ".liaison-";    // of base/file.h
constexpr char kReadingFolder[] = "读文件夹";

std::string NameIn(const fs::path& path) { return path.filename().string(); }

// Regular files in all of `folder`, links not followed; none if it is not there.
absl::StatusOr<std::vector<std::string>> FilesUnder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (it->symlink_status(gone).type() == fs::file_type::regular) files.push_back(it->path().string());
  }
  if (error) return FileError(error.value(), kReadingFolder, folder);
  std::sort(files.begin(), files.end());
  return files;
}

// Best effort: on flash, and on file systems that write elsewhere, the old bytes may stay.
void Overwrite(int fd, uint64_t size) {
  const std::string zeros(kCopyBytes, '\0');
  for (uint64_t at = 0; at < size;) {
    const size_t now = static_cast<size_t>(std::min<uint64_t>(zeros.size(), size - at));
    const ssize_t n = pwrite(fd, zeros.data(), now, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    at += static_cast<uint64_t>(n);
  }
  (void)fdatasync(fd);
}

absl::Status CheckRoom(const std::string& path, uint64_t bytes) {
  ASSIGN_OR_RETURN(const uint64_t room, FreeBytes(FolderOf(path)));
  if (room >= bytes + kRestPrefixSize + kSpareBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(Cat("磁盘已满：给文件 ", path, " 加密要 ", (bytes + kSpareBytes) >> 20,
                                          " MB，只剩 ", room >> 20, " MB；请腾出空间后再启动，会接着做"));
}

absl::Status CopyEncrypted(int from, const std::string& path, const struct stat& info, const Vault& vault, int to) {
  const Vault::NewFile fresh = vault.Begin();
  RETURN_IF_ERROR(WriteAll(to, path, fresh.prefix));
  for (uint64_t at = 0;;) {
    ASSIGN_OR_RETURN(std::string block, ReadAt(from, path, at, kCopyBytes));
    if (block.empty()) break;
    fresh.cipher.Apply(kRestPrefixSize + at, block.data(), block.size());
    RETURN_IF_ERROR(WriteAll(to, path, block));
    at += block.size();
  }
  const timespec times[2] = {info.st_atim, info.st_mtim};  // photos are shown in the order in which they came
  (void)futimens(to, times);
  return absl::OkStatus();
}

absl::Status EncryptFile(const std::string& path, const Vault& vault) {
  const FileHandle old(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (old.fd() < 0) return FileError(errno, "读文件", path);
  ASSIGN_OR_RETURN(const std::string beginning, ReadAt(old.fd(), path, 0, kRestMagicSize));
  if (beginning.empty() || LooksEncrypted(beginning)) return absl::OkStatus();
  struct stat info;
  if (fstat(old.fd(), &info) != 0) return FileError(errno, "读文件", path);
  const uint64_t size = static_cast<uint64_t>(info.st_size);
  RETURN_IF_ERROR(CheckRoom(path, size));
  RETURN_IF_ERROR(ReplaceFile(path, [&](int fd) { return CopyEncrypted(old.fd(), path, info, vault, fd); }));
  if (info.st_nlink == 1) Overwrite(old.fd(), size);  // else it is somebody's copy
  return absl::OkStatus();
}

// What RocksDB told its log, and what an interrupted replacement left.
bool IsRest(const std::string& name, bool database) {
  return name.starts_with(kTemporaryName) || (database && (name == "LOG" || name.starts_with("LOG.old.")));
}

absl::Status EncryptAll(const std::vector<std::string>& files, bool database, const Vault& vault,
                        ProgressScope* progress) {
  for (const std::string& path : files) {
    const std::string name = NameIn(path);
    if (IsRest(name, database)) {
      RETURN_IF_ERROR(RemoveOverwritten(path));
    } else if (!database || (name != "HEAD" && name != "LOCK")) {
      RETURN_IF_ERROR(EncryptFile(path, vault));
    }
    progress->Add();
  }
  return absl::OkStatus();
}

// The mark is the folder's lock. A folder without a database has none.
absl::StatusOr<std::unique_ptr<HeadMark>> LockDatabase(const std::string& db) {
  std::error_code error;
  if (!fs::exists(db, error)) return nullptr;
  return HeadMark::Open(db);
}

}  // namespace

absl::Status EncryptFolder(const std::string& dir, const Vault& vault) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HeadMark> lock, LockDatabase(DbPath(dir)));
  ASSIGN_OR_RETURN(const std::vector<std::string> tables, FilesUnder(DbPath(dir)));
  ASSIGN_OR_RETURN(const std::vector<std::string> photos, FilesUnder(dir + "/files"));
  ProgressScope progress("加密数据文件夹", "个文件", static_cast<int64_t>(tables.size() + photos.size()));
  LogInfo(Cat("正在加密数据文件夹 ", dir, "，共 ", tables.size() + photos.size(), " 个文件；中断了下次启动会接着做"));
  RETURN_IF_ERROR(EncryptAll(tables, true, vault, &progress));
  RETURN_IF_ERROR(EncryptAll(photos, false, vault, &progress));
  LogInfo("数据文件夹已加密");
  return absl::OkStatus();
}

absl::Status EncryptDatabase(const std::string& db, const Vault& vault) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HeadMark> lock, LockDatabase(db));
  ASSIGN_OR_RETURN(const std::vector<std::string> tables, FilesUnder(db));
  ProgressScope progress("加密数据库", "个文件", static_cast<int64_t>(tables.size()));
  return EncryptAll(tables, true, vault, &progress);
}

absl::Status RemoveOverwritten(const std::string& path) {
  const FileHandle file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct stat info;
  if (file.fd() >= 0 && fstat(file.fd(), &info) == 0 && info.st_nlink == 1)
    Overwrite(file.fd(), static_cast<uint64_t>(info.st_size));
  return unlink(path.c_str()) == 0 ? absl::OkStatus() : FileError(errno, "删文件", path);
}

absl::StatusOr<bool> HoldsEncrypted(const std::string& db) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesUnder(db));
  for (const std::string& path : files) {
    const FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.fd() < 0) return FileError(errno, "读文件", path);
    ASSIGN_OR_RETURN(const std::string beginning, ReadAt(file.fd(), path, 0, kRestMagicSize));
    if (LooksEncrypted(beginning)) return true;
  }
  return false;
}

}  // namespace liaison
