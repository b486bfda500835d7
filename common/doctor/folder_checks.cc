#include "common/doctor/folder_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/store/head_mark.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr Check kDiskSpace{"disk.room", "磁盘空间"}, kDiskWrite{"disk.write", "磁盘可写"};
constexpr Check kDiskFiles{"disk.files", "文件个数"};
constexpr Check kOwners{"folder.owner", "文件属主"}, kModes{"folder.modes", "文件权限"};
constexpr Check kMark{"store.mark", "日志核对"};

std::string MegabytesText(uint64_t bytes) { return Cat(bytes >> 20, " MB"); }

void CheckSpace(const DiskRoom& room, Findings* findings) {
  const std::string left = Cat("还可以写 ", MegabytesText(room.free_bytes), "，共 ", MegabytesText(room.bytes));
  constexpr char kAdvice[] = "请清理这个磁盘上别的文件，或换大的磁盘；数据文件夹里的文件不要删";
  if (room.free_bytes < kTooFewBytes) {
    findings->Problem(kDiskSpace, Cat("磁盘快满了：", left), kAdvice);
  } else if (room.free_bytes < kFewBytes) {
    findings->Attention(kDiskSpace, Cat("磁盘空间不多：", left), kAdvice);
  } else {
    findings->Good(kDiskSpace, left);
  }
  if (room.files == 0) return;  // no limit
  const std::string files = Cat("还可以建 ", room.free_files, " 个文件");
  constexpr char kFewer[] = "这个磁盘上小文件太多，请清理别的程序留下的文件";
  if (room.free_files < kTooFewFiles) {
    findings->Problem(kDiskFiles, Cat("文件个数快用完了：", files), kFewer);
  } else if (room.free_files < kFewFiles) {
    findings->Attention(kDiskFiles, Cat("可建的文件不多：", files), kFewer);
  } else {
    findings->Good(kDiskFiles, files);
  }
}

void CheckDisk(const std::string& dir, const RoomOf& room_of, Findings* findings) {
  absl::StatusOr<DiskRoom> room = room_of(dir);
  if (!room.ok()) return findings->Problem(kDiskSpace, std::string(room.status().message()), "请核对 --data 和磁盘");
  CheckSpace(*room, findings);
  if (room->read_only) {
    findings->Problem(kDiskWrite, "磁盘只能读，不能写：什么都保存不了",
                      "磁盘出错时系统会改成只读，请查看系统日志（dmesg），先备份数据，再修复或更换磁盘");
  } else if (access(dir.c_str(), W_OK | X_OK) != 0) {
    findings->Problem(kDiskWrite, Cat("文件夹 ", dir, " 不能写"), "请用数据文件夹的属主运行，或用 sudo");
  } else {
    findings->Good(kDiskWrite, "可以写");
  }
}

// What of a folder is another user's, or open to others.
struct Strangers {
  int seen = 0, foreign = 0, open = 0;
  std::string foreign_name, open_name;  // the first ones

  void See(const std::string& path, const struct stat& info, uid_t owner) {
    ++seen;
    if (info.st_uid != owner && ++foreign == 1) foreign_name = path;
    if (!S_ISLNK(info.st_mode) && (info.st_mode & 077) != 0 && ++open == 1) open_name = path;
  }
};

Strangers StrangersIn(const std::string& dir, uid_t owner) {
  Strangers found;
  struct stat info {};
  if (lstat(dir.c_str(), &info) == 0) found.See(dir, info, owner);
  std::error_code error;
  fs::recursive_directory_iterator it(dir, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && it != end && found.seen < kMostFilesSeen; it.increment(error))
    if (lstat(it->path().c_str(), &info) == 0) found.See(it->path().string(), info, owner);
  return found;
}

void CheckOwners(const std::string& dir, Findings* findings) {
  struct stat info {};
  if (stat(dir.c_str(), &info) != 0)
    return findings->Problem(kOwners, std::string(FileError(errno, "读文件夹", dir).message()), "请核对 --data");
  const Strangers found = StrangersIn(dir, info.st_uid);
  if (found.foreign > 0) {
    findings->Problem(kOwners, Cat("有 ", found.foreign, " 个文件不属于数据文件夹的属主，如 ", found.foreign_name),
                      Cat("请运行 sudo chown -R --reference=", dir, " ", dir));
  } else {
    findings->Good(kOwners, Cat("看了 ", found.seen, " 个文件，都属于数据文件夹的属主"));
  }
  if (found.open > 0) {
    findings->Attention(kModes, Cat("有 ", found.open, " 个文件别的用户也能读写，如 ", found.open_name),
                        "重新启动程序就会改正；钥匙文件（key、authority）可能已被别人看过，有疑问请向镇里说明");
  } else {
    findings->Good(kModes, "只有属主能读写");
  }
  if (found.seen >= kMostFilesSeen) findings->NotChecked(Cat("属主和权限：只看了前 ", kMostFilesSeen, " 个文件"));
}

}  // namespace

absl::StatusOr<DiskRoom> RoomOnDisk(const std::string& folder) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0) return FileError(errno, "查看磁盘", folder);
  DiskRoom room;
  room.free_bytes = static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  room.bytes = static_cast<uint64_t>(info.f_blocks) * info.f_frsize;
  room.free_files = info.f_favail;
  room.files = info.f_files;
  room.read_only = (info.f_flag & ST_RDONLY) != 0;
  return room;
}

Findings CheckFolder(const std::string& dir, const RoomOf& room) {
  Findings findings;
  CheckDisk(dir, room, &findings);
  CheckOwners(dir, &findings);
  return findings;
}

void CheckMark(const std::string& dir, bool open, Findings* findings) {
  constexpr char kRestart[] = "请重新启动程序，它会重新记下；在那以前断电丢了记录，程序看不出来";
  absl::StatusOr<HeadMark::Found> found = HeadMark::Look(DbPath(dir));
  if (absl::IsNotFound(found.status())) {
    if (open) return findings->Attention(kMark, "日志的记号（HEAD）不见了", kRestart);
    return findings->Attention(kMark, "没有日志的记号（HEAD），末尾有没有缺失看不出来",
                               "由 0.3 及以前的程序写的文件夹没有记号，启动一次就会有；不是这样的，请先把文件夹另存一份");
  }
  if (!found.ok()) return findings->Problem(kMark, std::string(found.status().message()), "请检查磁盘");
  if (!found->sequence) {
    findings->Problem(kMark, "日志的记号（HEAD）损坏，末尾有没有缺失看不出来",
                      open ? kRestart : "请先把整个数据文件夹另存一份，再启动程序");
  } else if (open) {
    findings->Good(kMark, Cat("打开时核对过，日志没有缺失；已记到第 ", *found->sequence, " 次写入"));
  } else {
    findings->NotChecked(Cat("日志是否完整：数据库没有打开，记号写到第 ", *found->sequence, " 次写入"));
  }
}

}  // namespace liaison
