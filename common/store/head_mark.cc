#include "common/store/head_mark.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/causal/op_name.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kMagic("liaison-head-1\0\0", 16);
constexpr size_t kCheckBytes = 8;
constexpr size_t kMarkBytes = 64;
constexpr char kOpening[] = "写数据文件夹里的文件";

std::string Encode(uint64_t sequence, std::string_view database_hash) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Raw(kMagic);
  out.Fixed64(sequence);
  out.Raw(database_hash);
  out.Raw(Sha256(bytes).substr(0, kCheckBytes));
  return bytes;
}

absl::StatusOr<HeadMark::Found> FoundIn(int file, const std::string& path) {
  char bytes[kMarkBytes];
  const ssize_t size = pread(file, bytes, sizeof(bytes), 0);
  if (size < 0) return FileError(errno, "读文件", path);
  const std::string_view all(bytes, static_cast<size_t>(size));
  HeadMark::Found found;
  found.written = size > 0;
  ByteReader in(all);
  const bool known = all.size() == kMarkBytes && in.Raw(kMagic.size()) == kMagic;
  const uint64_t sequence = in.Fixed64();
  std::string database_hash(in.Raw(kHashBytes));
  if (known && Encode(sequence, database_hash) == all) {
    found.sequence = sequence;
    found.database_hash = std::move(database_hash);
  }
  return found;
}

}  // namespace

std::string HeadMark::PathIn(const std::string& dir) { return dir + "/HEAD"; }

absl::StatusOr<std::unique_ptr<HeadMark>> HeadMark::Open(const std::string& dir) {
  RETURN_IF_ERROR(MakeFolder(dir));
  int file = open(PathIn(dir).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return FileError(errno, kOpening, PathIn(dir));
  std::unique_ptr<HeadMark> mark(new HeadMark(file));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) return absl::UnavailableError(Cat("数据文件夹正被另一个程序使用：", dir));
  ASSIGN_OR_RETURN(mark->found_, FoundIn(file, PathIn(dir)));
  if (!mark->found_.written) RETURN_IF_ERROR(SyncFolder(dir));  // its name; Start() syncs what is in it
  return mark;
}

absl::StatusOr<HeadMark::Found> HeadMark::Look(const std::string& dir) {
  const FileHandle file(open(PathIn(dir).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) return FileError(errno, "读文件", PathIn(dir));
  return FoundIn(file.fd(), PathIn(dir));
}

HeadMark::~HeadMark() {
  if (!database_hash_.empty()) fdatasync(file_);
  close(file_);
}

bool HeadMark::IsOf(std::string_view database_id) const { return found_.database_hash == Sha256(database_id); }

bool HeadMark::Write(uint64_t sequence) {
  std::string bytes = Encode(sequence, database_hash_);
  const ssize_t written = pwrite(file_, bytes.data(), bytes.size(), 0);
  if (written >= 0 && written < static_cast<ssize_t>(bytes.size())) errno = ENOSPC;  // a short write says no reason
  return written == static_cast<ssize_t>(bytes.size());
}

absl::Status HeadMark::Start(std::string_view database_id, uint64_t sequence) {
  database_hash_ = Sha256(database_id);
  if (ftruncate(file_, kMarkBytes) == 0 && Write(sequence) && fsync(file_) == 0) return absl::OkStatus();
  const int error = errno;
  database_hash_.clear();
  return FileError(error, kOpening, "HEAD");
}

void HeadMark::Note(uint64_t sequence) {
  if (Write(sequence)) (void)sync_file_range(file_, 0, 0, SYNC_FILE_RANGE_WRITE);
}

}  // namespace liaison
