// What can be seen of a data folder without its database: the disk, whose the files are, the mark beside the log.
#ifndef LIAISON_COMMON_DOCTOR_FOLDER_CHECKS_H_
#define LIAISON_COMMON_DOCTOR_FOLDER_CHECKS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/doctor/findings.h"

namespace liaison {

// Of the file system that a folder is on.
struct DiskRoom {
  uint64_t free_bytes = 0, bytes = 0;  // free: for this user
  uint64_t free_files = 0, files = 0;  // inodes; both 0 where the file system has no such limit
  bool read_only = false;
};
// Errors of files as in base/file.h.
using RoomOf = std::function<absl::StatusOr<DiskRoom>(const std::string& folder)>;
absl::StatusOr<DiskRoom> RoomOnDisk(const std::string& folder);  // statvfs(3)

// Below the first a problem, below the second attention.
inline constexpr uint64_t kTooFewBytes = 64ull << 20, kFewBytes = 512ull << 20;
inline constexpr uint64_t kTooFewFiles = 100, kFewFiles = 10'000;
// Of a folder no more files than this are looked at.
inline constexpr int kMostFilesSeen = 50'000;

// Disk, owner and modes, in this order. The program mends modes when it starts, so call it before that.
Findings CheckFolder(const std::string& dir, const RoomOf& room = RoomOnDisk);

// The mark of what the store promises to hold (store/head_mark.h). `open`: the database is open, and so was compared
// with its mark when it was opened.
void CheckMark(const std::string& dir, bool open, Findings* findings);

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_FOLDER_CHECKS_H_
