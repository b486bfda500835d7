#include "common/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <vector>

#include "common/base/owner.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr char kReading[] = "读文件", kWriting[] = "写文件", kMaking[] = "建文件夹", kSyncing[] = "写文件夹";

std::string ReasonOf(int error) {
  switch (error) {
    case ENOENT:
      return "没有这个文件或文件夹";
    case EACCES:
    case EPERM:
      return "没有权限";
    case EROFS:
      return "这个磁盘只能读，不能写";
    case ENOTDIR:
      return "路径里有一段不是文件夹";
    case EISDIR:
      return "这是文件夹，请写文件名";
    case EEXIST:
      return "已经有了，不会覆盖";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "没有空间了";
    case EIO:
      return "磁盘读写出错";
    default:
      return strerror(error);
  }
}

absl::StatusCode CodeOf(int error, bool reading) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // what one file may fill
      return absl::StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EISDIR:
    case ENOTDIR:
      return absl::StatusCode::kInvalidArgument;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    default:
      return reading ? absl::StatusCode::kDataLoss : absl::StatusCode::kUnknown;
  }
}

// What a call says that the file system does not have. link(2) says EPERM where there are no second names.
bool IsMissing(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM || error == EMLINK;
}

absl::Status SyncFile(int fd, const std::string& path) {
  return fsync(fd) == 0 ? absl::OkStatus() : FileError(errno, kWriting, path);
}

// Fills a temporary file in the folder of `path` and gives it this name; it is gone whatever happens.
absl::Status Place(const std::string& path, bool replace, const std::function<absl::Status(int fd)>& fill) {
  const std::string folder = FolderOf(path);
  std::string temporary = folder + "/.liaison-XXXXXX";
  absl::Status status;
  {
    FileHandle file(mkostemp(temporary.data(), O_CLOEXEC));  // O_EXCL, mode 0600
    if (file.fd() < 0) return FileError(errno, kWriting, path);
    GiveToOwnerOf(folder, file.fd());
    status = fill(file.fd());
    if (status.ok()) status = SyncFile(file.fd(), path);
  }
  if (status.ok() && replace && rename(temporary.c_str(), path.c_str()) != 0) status = FileError(errno, kWriting, path);
  if (status.ok() && !replace) status = NameNewFile(temporary, path);
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncFolder(folder);
}

// Where the file really is, and whether something that is no regular file stands there.
absl::StatusOr<bool> FindTarget(std::string* path) {
  struct stat info;
  if (path->empty() || path->back() == '/') {
    return stat(path->c_str(), &info) == 0 ? FileError(EISDIR, kWriting, *path) : FileError(ENOENT, kWriting, *path);
  }
  if (stat(path->c_str(), &info) != 0) {
    if (errno != ENOENT) return FileError(errno, kWriting, *path);
    std::error_code error;
    if (fs::is_symlink(*path, error)) return FileError(ENOENT, kWriting, *path);  // a link to nothing
    return false;
  }
  if (S_ISDIR(info.st_mode)) return FileError(EISDIR, kWriting, *path);
  if (!S_ISREG(info.st_mode)) return true;
  std::error_code error;
  if (fs::path real = fs::canonical(*path, error); !error) *path = real.string();
  return false;
}

// A file system that keeps no modes, or may not be written, is left as it is.
absl::Status SetMode(const std::string& path, mode_t wanted, mode_t is) {
  if ((is & 07777) == wanted || chmod(path.c_str(), wanted) == 0) return absl::OkStatus();
  if (errno == ENOENT || errno == EPERM || errno == EROFS || errno == EOPNOTSUPP || errno == ENOSYS)
    return absl::OkStatus();
  return FileError(errno, "改权限", path);
}

}  // namespace

FileHandle::~FileHandle() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FileError(int error, std::string_view doing, const std::string& path) {
  const bool reading = doing.starts_with("读");
  const absl::StatusCode code = CodeOf(error, reading);
  if (error == ENOENT && doing == kReading) return absl::NotFoundError(Cat("没有文件 ", path));
  const char* first = code == absl::StatusCode::kResourceExhausted ? "磁盘已满："
                      : code == absl::StatusCode::kDataLoss        ? "读不出来："
                                                                   : "";
  return absl::Status(code, Cat(first, doing, " ", path, " 失败：", ReasonOf(error)));
}

std::string FolderOf(const std::string& path) {
  size_t end = path.size();
  while (end > 1 && path[end - 1] == '/') --end;  // "a/b/" lies in "a"
  size_t slash = path.rfind('/', end - 1);
  if (path.empty() || slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::StatusOr<std::string> ReadAt(int fd, const std::string& path, uint64_t at, size_t most) {
  std::string bytes(most, '\0');
  size_t got = 0;
  while (got < most) {
    ssize_t n = pread(fd, bytes.data() + got, most - got, static_cast<off_t>(at + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(errno, kReading, path);
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd() < 0) return FileError(errno, kReading, path);
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return FileError(errno, kReading, path);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(Cat(path, " 不是文件"));
  auto too_long = [&] { return absl::InvalidArgumentError(Cat("文件 ", path, " 超过 ", most >> 20, " MB")); };
  if (static_cast<uint64_t>(info.st_size) > most) return too_long();
  // It may grow meanwhile, and files of /proc say 0.
  std::string bytes;
  for (size_t step = static_cast<size_t>(info.st_size) + 1;; step = 64 << 10) {
    ASSIGN_OR_RETURN(std::string block, ReadAt(file.fd(), path, bytes.size(), step));
    bytes += block;
    if (bytes.size() > most) return too_long();
    if (block.size() < step) return bytes;
  }
}

absl::Status WriteAll(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(errno, kWriting, path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& folder) {
  FileHandle handle(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.fd() < 0 || (fsync(handle.fd()) != 0 && errno != EINVAL)) return FileError(errno, kSyncing, folder);
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path) {
  const std::string parent = FolderOf(path);
  int made = mkdir(path.c_str(), 0700);
  if (made != 0 && errno == ENOENT) {
    RETURN_IF_ERROR(MakeFolder(parent));
    made = mkdir(path.c_str(), 0700);
  }
  if (made == 0) {
    FileHandle folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder.fd() >= 0) GiveToOwnerOf(parent, folder.fd());
    return SyncFolder(parent);
  }
  if (errno != EEXIST) return FileError(errno, kMaking, path);
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return FileError(errno, kMaking, path);
  if (!S_ISDIR(info.st_mode)) return FileError(ENOTDIR, kMaking, path);
  absl::Status synced = SyncFolder(parent);
  return absl::IsPermissionDenied(synced) ? absl::OkStatus() : synced;  // another's folder that we may only pass
}

absl::Status ReplaceFile(const std::string& given, const std::function<absl::Status(int fd)>& fill) {
  std::string path = given;
  ASSIGN_OR_RETURN(bool special, FindTarget(&path));
  if (!special) return Place(path, true, fill);
  FileHandle file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.fd() < 0) return FileError(errno, kWriting, path);
  return fill(file.fd());
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  return ReplaceFile(path, [&](int fd) { return WriteAll(fd, path, bytes); });
}

NamingCalls SystemNaming() {
  return {[](const char* from, const char* to) {
            return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
          },
          [](const char* from, const char* to) { return link(from, to) == 0 ? 0 : errno; }};
}

absl::Status NameNewFile(const std::string& from, const std::string& to, const NamingCalls& calls) {
  int error = calls.rename(from.c_str(), to.c_str());
  if (error == 0) return absl::OkStatus();
  if (!IsMissing(error)) return FileError(error, kWriting, to);
  error = calls.link(from.c_str(), to.c_str());
  if (error == 0) {
    unlink(from.c_str());  // if it stays, it is a second name and no harm
    return absl::OkStatus();
  }
  if (!IsMissing(error)) return FileError(error, kWriting, to);
  return absl::UnimplementedError(
      Cat(kWriting, " ", to, " 失败：这个磁盘的文件系统不能保证不覆盖已有的文件，没有写。请换一个本机磁盘上的文件夹"));
}

absl::Status WriteNewFile(const std::string& path, std::string_view bytes) {
  return Place(path, false, [&](int fd) { return WriteAll(fd, path, bytes); });
}

absl::Status CheckWritable(const std::string& given) {
  std::string path = given;
  ASSIGN_OR_RETURN(bool special, FindTarget(&path));
  const std::string where = special ? path : FolderOf(path);
  return access(where.c_str(), W_OK) == 0 ? absl::OkStatus() : FileError(errno, kWriting, given);
}

bool SameFile(const std::string& a, const std::string& b) {
  struct stat first, second;
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

absl::Status KeepPrivate(const std::string& dir) {
  struct stat info;
  if (stat(dir.c_str(), &info) != 0) return FileError(errno, "读文件夹", dir);
  RETURN_IF_ERROR(SetMode(dir, 0700, info.st_mode));
  DIR* folder = opendir(dir.c_str());
  if (folder == nullptr) return FileError(errno, "读文件夹", dir);
  std::vector<std::string> inside;
  errno = 0;
  while (const dirent* entry = readdir(folder))
    if (std::string name = entry->d_name; name != "." && name != "..") inside.push_back(dir + "/" + name);
  const int error = errno;
  closedir(folder);
  if (error != 0) return FileError(error, "读文件夹", dir);
  for (const std::string& path : inside) {
    if (lstat(path.c_str(), &info) != 0) continue;  // gone meanwhile
    if (S_ISDIR(info.st_mode)) RETURN_IF_ERROR(KeepPrivate(path));
    if (S_ISREG(info.st_mode)) RETURN_IF_ERROR(SetMode(path, 0600, info.st_mode));
  }
  return absl::OkStatus();
}

absl::Status FlushOutput() {
  errno = 0;
  if (std::cout.flush().good()) return absl::OkStatus();
  int error = errno;
  // It failed earlier, and the reason is gone with what was to be written: one more byte, to ask for it.
  if (error == 0 && write(STDOUT_FILENO, "\n", 1) < 0) error = errno;
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  if (error == EPIPE || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0))
    return absl::CancelledError("没有人读标准输出");
  return FileError(error == 0 ? EIO : error, "写", "标准输出");
}

absl::StatusOr<uint64_t> FreeBytes(const std::string& folder) {
  struct statvfs info;
  for (std::string at = folder;; at = FolderOf(at)) {
    if (statvfs(at.c_str(), &info) == 0) return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
    if (errno != ENOENT || at == "/" || at == ".") return FileError(errno, "查看磁盘", folder);
  }
}

}  // namespace liaison
