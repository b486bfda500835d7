#include "common/base/owner.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/base/text.h"

namespace liaison {
namespace {

// The groups of `user`; of a user without a name, the folder's alone.
bool TakeGroups(uid_t user, gid_t group) {
  const passwd* entry = getpwuid(user);
  if (entry == nullptr) return setgroups(1, &group) == 0 && setgid(group) == 0;
  const gid_t own = entry->pw_gid;
  return initgroups(entry->pw_name, own) == 0 && setgid(own) == 0;
}

}  // namespace

absl::Status BecomeOwnerOf(const std::string& folder) {
  struct stat info;
  if (geteuid() != 0 || stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return absl::OkStatus();
  if (TakeGroups(info.st_uid, info.st_gid) && setuid(info.st_uid) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      Cat("数据文件夹 ", folder, " 属于用户 ", info.st_uid, "，本程序不能换成这个用户来运行，什么都没有改"));
}

void GiveToOwnerOf(const std::string& folder, int fd) {
  struct stat info;
  if (geteuid() != 0 || stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return;
  // A stick's file system has no owners and says so: the file is as readable there as all others.
  [[maybe_unused]] int given = fchown(fd, info.st_uid, info.st_gid);
}

void GiveTreeToOwnerOf(const std::vector<std::string>& like, const std::string& tree) {
  struct stat info;
  auto other = [&](const std::string& path) { return stat(path.c_str(), &info) == 0 && info.st_uid != 0; };
  if (geteuid() != 0 || std::none_of(like.begin(), like.end(), other)) return;
  [[maybe_unused]] int given = lchown(tree.c_str(), info.st_uid, info.st_gid);
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(tree, error), end; !error && it != end; it.increment(error))
    given = lchown(it->path().c_str(), info.st_uid, info.st_gid);
}

}  // namespace liaison
