#include "common/store/head_mark.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/causal/op_name.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kMagic("liaison-head-1\0\0", 16);
constexpr size_t kCheckBytes = 8;
constexpr size_t kMarkBytes = 64;

std::string Encode(uint64_t sequence, std::string_view database_hash) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Raw(kMagic);
  out.Fixed64(sequence);
  out.Raw(database_hash);
  out.Raw(Sha256(bytes).substr(0, kCheckBytes));
  return bytes;
}

}  // namespace

std::string HeadMark::PathIn(const std::string& dir) { return dir + "/HEAD"; }

absl::StatusOr<std::unique_ptr<HeadMark>> HeadMark::Open(const std::string& dir) {
  if (mkdir(dir.c_str(), 0755) != 0 && errno != EEXIST)
    return absl::UnavailableError(Cat("不能建立文件夹 ", dir, ":", strerror(errno)));
  int file = open(PathIn(dir).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return absl::UnavailableError(Cat("打不开文件 ", PathIn(dir), ":", strerror(errno)));
  std::unique_ptr<HeadMark> mark(new HeadMark(file));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) return absl::UnavailableError(Cat("数据文件夹正被另一个程序使用:", dir));
  char bytes[kMarkBytes];
  ssize_t size = pread(file, bytes, sizeof(bytes), 0);
  if (size < 0) return absl::UnavailableError(Cat("读不了文件 ", PathIn(dir), ":", strerror(errno)));
  mark->found_.written = size > 0;
  ByteReader in(std::string_view(bytes, static_cast<size_t>(size)));
  bool known = size == kMarkBytes && in.Raw(kMagic.size()) == kMagic;
  uint64_t sequence = in.Fixed64();
  std::string database_hash(in.Raw(kHashBytes));
  if (known && Encode(sequence, database_hash) == std::string_view(bytes, static_cast<size_t>(size))) {
    mark->found_.sequence = sequence;
    mark->found_.database_hash = database_hash;
  }
  return mark;
}

HeadMark::~HeadMark() {
  if (!database_hash_.empty()) fdatasync(file_);
  close(file_);
}

bool HeadMark::IsOf(std::string_view database_id) const { return found_.database_hash == Sha256(database_id); }

bool HeadMark::Write(uint64_t sequence) {
  std::string bytes = Encode(sequence, database_hash_);
  return pwrite(file_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

absl::Status HeadMark::Start(std::string_view database_id, uint64_t sequence) {
  database_hash_ = Sha256(database_id);
  if (ftruncate(file_, kMarkBytes) == 0 && Write(sequence) && fsync(file_) == 0) return absl::OkStatus();
  bool full = errno == ENOSPC;
  database_hash_.clear();
  return absl::UnavailableError(full ? "磁盘已满,不能启动;请腾出空间后再启动" : "写不了数据文件夹里的文件 HEAD");
}

void HeadMark::Note(uint64_t sequence) {
  if (Write(sequence)) (void)sync_file_range(file_, 0, 0, SYNC_FILE_RANGE_WRITE);
}

}  // namespace liaison
