#include "common/attachments/file_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/attachments/disk.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/at_rest.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr char kNew[] = ".new";

// Names of the regular files of a folder; none if it is not there.
std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (std::error_code ignored; it->is_regular_file(ignored)) names.push_back(it->path().filename().string());
  return names;
}

bool HashOf(std::string_view name, std::string* hash) { return name.size() == 2 * kSha256Size && Unhex(name, hash); }

absl::Status NotHere() { return absl::NotFoundError("本机没有这个文件"); }

}  // namespace

std::string TypeOfFile(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with(std::string_view("\x89PNG\r\n\x1a\n", 8))) return "image/png";
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return "image/webp";
  if (bytes.starts_with("%PDF-")) return "application/pdf";
  return "";
}

absl::StatusOr<std::unique_ptr<FileStore>> FileStore::Open(Options options) {
  std::unique_ptr<FileStore> store(new FileStore(std::move(options)));
  RETURN_IF_ERROR(store->Load());
  return store;
}

absl::Status FileStore::Load() {
  absl::MutexLock lock(&mutex_);
  std::error_code error;
  std::string hash;
  for (fs::directory_iterator it(options_.dir, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().size() != 2) continue;
    for (const std::string& name : NamesIn(it->path().string()))
      if (HashOf(name, &hash)) whole_.insert(hash);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return FileError(error.value(), "读文件夹", options_.dir);
  for (const std::string& name : NamesIn(options_.dir + "/delivered"))
    if (HashOf(name, &hash)) delivered_.insert(hash);
  for (const std::string& name : NamesIn(options_.dir + "/damaged"))
    if (HashOf(name.substr(0, name.find('-')), &hash)) ++set_aside_[hash];
  for (const std::string& name : NamesIn(options_.dir + "/incoming")) {
    bool left_over = name.ends_with(kNew) || (HashOf(name.substr(0, name.find('.')), &hash) && whole_.contains(hash));
    if (left_over) disk::Remove(Cat(options_.dir, "/incoming/", name));
  }
  return absl::OkStatus();
}

std::string FileStore::PathOf(std::string_view hash) const {
  std::string name = Hex(hash);
  return Cat(options_.dir, "/", name.substr(0, 2), "/", name);
}

std::string FileStore::Incoming(std::string_view hash, std::string_view suffix) const {
  return Cat(options_.dir, "/incoming/", Hex(hash), suffix);
}

absl::Status FileStore::CheckSpace(uint64_t bytes) const {
  ASSIGN_OR_RETURN(uint64_t available, options_.free_bytes(options_.dir));
  if (available >= options_.reserve_bytes + bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(Cat("磁盘只剩 ", available >> 20, " MB，要留 ", options_.reserve_bytes >> 20,
                                          " MB 给登记记录，照片和文件暂时不收；请清理磁盘"));
}

// ---------------------------------------------------------------- whole files

absl::StatusOr<std::string> FileStore::Add(std::string_view bytes) {
  if (bytes.empty()) return absl::InvalidArgumentError("文件是空的");
  if (bytes.size() > kMostFileBytes)
    return absl::InvalidArgumentError(Cat("文件太大：最多 ", kMostFileBytes >> 20, " MB"));
  if (TypeOfFile(bytes).empty()) return absl::InvalidArgumentError("文件类型不支持：只收照片（JPEG、PNG、WebP）和 PDF");
  std::string hash = Sha256(bytes);
  if (Has(hash)) return hash;
  RETURN_IF_ERROR(CheckSpace(bytes.size()));
  RETURN_IF_ERROR(MakeFolder(options_.dir + "/incoming"));
  std::string temporary;
  {
    absl::MutexLock lock(&mutex_);
    temporary = Incoming(hash, Cat(".", ++temporaries_, kNew));
  }
  absl::Status status = disk::Write(options_.vault.get(), temporary, 0, bytes);
  if (status.ok()) status = Publish(temporary, hash);
  if (!status.ok()) {
    disk::Remove(temporary);
    return status;
  }
  {
    absl::MutexLock lock(&mutex_);
    whole_.insert(hash);
    if (Partial* partial = Find(hash)) partial->Remove();
    partials_.erase(hash);
  }
  Tell(hash);
  return hash;
}

absl::Status FileStore::Publish(const std::string& from, std::string_view hash) {
  std::string path = PathOf(hash), folder = path.substr(0, path.rfind('/'));
  RETURN_IF_ERROR(disk::Sync(from));
  RETURN_IF_ERROR(MakeFolder(folder));
  options_.before_rename();
  RETURN_IF_ERROR(disk::Rename(from, path));
  return SyncFolder(folder);
}

bool FileStore::Has(std::string_view hash) const {
  absl::MutexLock lock(&mutex_);
  return whole_.contains(hash);
}

absl::StatusOr<std::string> FileStore::Read(std::string_view hash) {
  if (!Has(hash)) return NotHere();
  absl::StatusOr<std::string> bytes = disk::Read(options_.vault.get(), PathOf(hash), 0, kMostFileBytes + 1);
  if (bytes.ok() && Sha256(*bytes) == hash) return bytes;
  // An error that may pass is no proof of damage; a file that is gone, or does not open, is.
  if (!bytes.ok() && !absl::IsNotFound(bytes.status()) && !absl::IsDataLoss(bytes.status())) return bytes.status();
  RETURN_IF_ERROR(SetAside(hash));
  return absl::DataLossError("这个文件在磁盘上已损坏，正在重新取回");
}

absl::StatusOr<PieceMap> FileStore::MapOf(std::string_view hash) {
  ASSIGN_OR_RETURN(std::string bytes, Read(hash));
  return PieceMap::Of(bytes);
}

std::vector<std::string> FileStore::OldestFirst(std::vector<std::string> hashes) const {
  std::vector<std::pair<fs::file_time_type, std::string>> dated;
  std::error_code error;
  for (std::string& hash : hashes) {
    const fs::file_time_type time = fs::last_write_time(PathOf(hash), error);
    dated.emplace_back(error ? fs::file_time_type::max() : time, std::move(hash));
  }
  std::sort(dated.begin(), dated.end());
  for (size_t i = 0; i < dated.size(); ++i) hashes[i] = std::move(dated[i].second);
  return hashes;
}

absl::StatusOr<uint64_t> FileStore::SizeOf(std::string_view hash) const {
  return disk::Size(options_.vault.get(), PathOf(hash));
}

uint64_t FileStore::Room() const {
  const uint64_t available = options_.free_bytes(options_.dir).value_or(0);
  return available - std::min(available, options_.reserve_bytes);
}

absl::StatusOr<std::string> FileStore::ReadSlice(std::string_view hash, uint64_t offset, size_t length) const {
  if (!Has(hash)) return NotHere();
  return disk::Read(options_.vault.get(), PathOf(hash), offset, length);
}

absl::Status FileStore::SetAside(std::string_view hash) {
  {
    absl::MutexLock lock(&mutex_);
    auto it = whole_.find(hash);
    if (it == whole_.end()) return absl::OkStatus();  // another thread has done it
    RETURN_IF_ERROR(MakeFolder(options_.dir + "/damaged"));
    int& times = set_aside_.try_emplace(std::string(hash), 0).first->second;
    std::string to;
    do {
      to = Cat(options_.dir, "/damaged/", Hex(hash), "-", ++times);
    } while (disk::Size(nullptr, to).ok());
    absl::Status moved = disk::Rename(PathOf(hash), to);
    if (!moved.ok() && !absl::IsNotFound(moved)) return moved;
    whole_.erase(it);
  }
  Tell(hash);
  return absl::OkStatus();
}

// ---------------------------------------------------------------- files in pieces

Partial* FileStore::Find(const std::string& hash) {
  auto it = partials_.find(hash);
  if (it != partials_.end()) return it->second.get();
  std::unique_ptr<Partial> partial = Partial::Load(Incoming(hash, ""), kMostFileBytes, options_.vault.get());
  if (partial == nullptr) return nullptr;
  return (partials_[hash] = std::move(partial)).get();
}

Position FileStore::At(std::string_view hash) {
  bool finished = false;
  Position at;
  {
    absl::MutexLock lock(&mutex_);
    if (whole_.contains(hash)) return {true, true};
    std::string name(hash);
    Partial* partial = Find(name);
    if (partial != nullptr) at = partial->At();
    if (at.whole) {  // the process ended between the last piece and its name
      finished = Finish(name, partial).ok();
      if (!finished) at = Position();
    }
  }
  if (finished) Tell(hash);
  return at;
}

absl::StatusOr<Position> FileStore::Begin(std::string_view hash, const PieceMap& map) {
  RETURN_IF_ERROR(PieceMap::Decode(map.Encode(), kMostFileBytes).status());
  if (Position at = At(hash); at.whole) return at;
  absl::MutexLock lock(&mutex_);
  std::string name(hash);
  if (Partial* partial = Find(name); partial != nullptr && partial->map() == map) return partial->At();
  if (auto it = starts_.find(hash); it != starts_.end() && it->second >= kMostStarts)
    return absl::FailedPreconditionError(Cat("文件内容与记录里的摘要不符，已重传 ", kMostStarts, " 次，不再接收"));
  RETURN_IF_ERROR(CheckSpace(map.size));
  RETURN_IF_ERROR(MakeFolder(options_.dir + "/incoming"));
  // Also where none was loaded: what is left of a map that does not read.
  ASSIGN_OR_RETURN(std::unique_ptr<Partial> fresh,
                   Partial::Create(Incoming(hash, ""), map, options_.vault.get()));
  return (partials_[name] = std::move(fresh))->At();
}

absl::StatusOr<Position> FileStore::Put(std::string_view hash, uint32_t piece, uint32_t offset,
                                        std::string_view bytes) {
  std::string name(hash);
  absl::StatusOr<Position> at;
  {
    absl::MutexLock lock(&mutex_);
    if (whole_.contains(hash)) return Position{true, true};
    Partial* partial = Find(name);
    if (partial == nullptr) return absl::InvalidArgumentError("这个文件还没有开始传");
    RETURN_IF_ERROR(CheckSpace(bytes.size()));
    RETURN_IF_ERROR(partial->Put(piece, offset, bytes));
    at = partial->At();
    if (!at->whole) return at;
    at = Finish(name, partial);
  }
  if (at.ok() && at->whole) Tell(hash);
  return at;
}

// The whole hash decides. Where it does not come out, either the disk has changed a piece since it came, or the map
// that the pieces were held against was wrong.
absl::StatusOr<Position> FileStore::Finish(const std::string& hash, Partial* partial) {
  absl::StatusOr<std::string> bytes = disk::Read(options_.vault.get(), partial->file(), 0, kMostFileBytes + 1);
  if (!bytes.ok() && !absl::IsNotFound(bytes.status()) && !absl::IsDataLoss(bytes.status())) return bytes.status();
  bool right = bytes.ok() && Sha256(*bytes) == hash;
  if (right && !TypeOfFile(*bytes).empty()) {
    RETURN_IF_ERROR(Publish(partial->file(), hash));
    partial->Remove();
    partials_.erase(hash);
    starts_.erase(hash);
    whole_.insert(hash);
    return Position{true, true};
  }
  if (!right && !partial->Recheck()) return absl::DataLossError("有一块在磁盘上损坏，重新传这一块");
  partial->Remove();
  partials_.erase(hash);
  int& starts = starts_[hash];
  starts = right ? kMostStarts : starts + 1;  // another type stays another type
  if (right) return absl::DataLossError("文件类型不支持，已丢弃");
  return absl::DataLossError(Cat("文件内容与记录里的摘要不符，已丢弃重传（第 ", starts, " 次）"));
}

bool FileStore::Refuses(std::string_view hash) const {
  absl::MutexLock lock(&mutex_);
  auto it = starts_.find(hash);
  return it != starts_.end() && it->second >= kMostStarts;
}

void FileStore::Drop(std::string_view hash) {
  absl::MutexLock lock(&mutex_);
  std::string name(hash);
  if (Partial* partial = Find(name)) partial->Remove();
  partials_.erase(name);
}

// ---------------------------------------------------------------- checking

std::optional<std::string> FileStore::ScrubNext() {
  std::string hash;
  {
    absl::MutexLock lock(&mutex_);
    if (whole_.empty()) return std::nullopt;
    auto next = whole_.upper_bound(scrubbed_);
    hash = next == whole_.end() ? *whole_.begin() : *next;
    scrubbed_ = hash;
  }
  return absl::IsDataLoss(Read(hash).status()) ? std::optional(hash) : std::nullopt;
}

std::set<std::string> FileStore::Damaged() const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> hashes;
  for (const auto& [hash, times] : set_aside_)
    if (!whole_.contains(hash)) hashes.insert(hash);
  return hashes;
}

bool FileStore::Delivered(std::string_view hash) const {
  absl::MutexLock lock(&mutex_);
  return delivered_.contains(hash);
}

void FileStore::SetDelivered(std::string_view hash, bool delivered) {
  std::string path = Cat(options_.dir, "/delivered/", Hex(hash));
  {
    absl::MutexLock lock(&mutex_);
    if (delivered == delivered_.contains(hash)) return;
    // Not synced: a mark that is lost costs one question.
    if (delivered) {
      delivered_.emplace(hash);
      if (!disk::Write(nullptr, path, 0, "").ok() && MakeFolder(options_.dir + "/delivered").ok())
        disk::Write(nullptr, path, 0, "").IgnoreError();
    } else {
      delivered_.erase(delivered_.find(hash));
      disk::Remove(path);
    }
  }
  Tell(hash);
}

}  // namespace liaison
