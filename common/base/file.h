// Files of this machine: read whole, written whole or not at all, durable when a call says OK; errors in words.
//
// Errors everywhere are Chinese and name the path:
//   kNotFound           there is no such file or folder
//   kResourceExhausted  磁盘已满: the disk, or what this user may fill of it, is full
//   kPermissionDenied   not allowed, or the disk can only be read
//   kDataLoss           读不出来: the disk does not give the bytes
//   kInvalidArgument    a folder or something else stands where a file should, or a file is too long
//   kUnimplemented      the file system lacks what the call needs
//   kUnknown            anything else
// Never kUnavailable: that means that a daemon, or the link, may answer later.
#ifndef LIAISON_COMMON_BASE_FILE_H_
#define LIAISON_COMMON_BASE_FILE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison {

// A file descriptor that is closed with it.
class FileHandle {
 public:
  explicit FileHandle(int fd = -1) : fd_(fd) {}
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileHandle& operator=(FileHandle&&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// An errno as said above. `doing`: "读文件", "写文件", "建文件夹" and the like; it stands before the path.
absl::Status FileError(int error, std::string_view doing, const std::string& path);

// "." for a name without a folder; "/" for what lies there.
std::string FolderOf(const std::string& path);

inline constexpr size_t kLongestFile = 64 << 20;

// A regular file, whole. More than `most` bytes are kInvalidArgument. Never waits for a pipe.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most = kLongestFile);
// Up to `most` bytes from `at` on; fewer only at the end of the file.
absl::StatusOr<std::string> ReadAt(int fd, const std::string& path, uint64_t at, size_t most);

absl::Status WriteAll(int fd, const std::string& path, std::string_view bytes);

// Names made or changed in the folder are durable. Some file systems of sticks cannot do that and say so (EINVAL):
// passed over, since the file itself is synced by then.
absl::Status SyncFolder(const std::string& folder);
// Makes the folder, and its parents, open to their owner alone; each name is synced in its parent. If it is there, its
// name is synced all the same: who made it may have been cut off before.
absl::Status MakeFolder(const std::string& path);

// The file as `fill` writes it, or what stood there before: a temporary file beside it, fsync, rename, sync of the
// folder. Mode 0600, and the folder's owner's where root writes (owner.h). Follows a link to a file. What is no regular
// file (a device, a pipe) is written as it is. A missing folder is kNotFound and is not made.
absl::Status ReplaceFile(const std::string& path, const std::function<absl::Status(int fd)>& fill);
absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes);
// The same, but never takes the place of anything: kAlreadyExists. kUnimplemented: the file system cannot promise that,
// and nothing was written.
absl::Status WriteNewFile(const std::string& path, std::string_view bytes);

// How a file gets a name that nothing may have yet: 0 or an errno. Tests put a file system of other abilities here.
struct NamingCalls {
  std::function<int(const char* from, const char* to)> rename;  // never onto anything; EINVAL on NFS and old FUSE
  std::function<int(const char* from, const char* to)> link;    // a second name; not on FAT and the like
};
NamingCalls SystemNaming();
// Gives `from` the name `to` by the first call that the file system has. `from` is there still if it fails.
absl::Status NameNewFile(const std::string& from, const std::string& to, const NamingCalls& calls = SystemNaming());
// Whether a file could be written there, for who wants to know before the work is done. Writes nothing.
absl::Status CheckWritable(const std::string& path);
// Both names lead to one file, which is there.
bool SameFile(const std::string& a, const std::string& b);

// Folders 0700 and files 0600 in all of `dir`, itself included. Links are not followed. On a file system without modes
// nothing happens.
absl::Status KeepPrivate(const std::string& dir);

// Everything that was written to std::cout has arrived. kCancelled: whoever read it is gone (head), which is no trouble
// of this program's. Else errors as above.
absl::Status FlushOutput();

// Bytes of the file system of `folder`, or of its nearest parent that exists, that this process may still fill.
absl::StatusOr<uint64_t> FreeBytes(const std::string& folder);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_FILE_H_
