#include "tests/crash/power_fs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "common/base/ports.h"

namespace liaison::testing_crash {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr uint64_t kSector = 512;

std::string NameOf(const std::string& path) { return fs::path(path).filename().string(); }

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

}  // namespace

class PowerFs::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(PowerFs* owner, std::shared_ptr<Inode> inode, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), owner_(owner), inode_(std::move(inode)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    owner_->Visit();
    std::lock_guard lock(owner_->mutex_);
    uint64_t fits = owner_->Take(data.size());
    IOStatus status = FSWritableFileOwnerWrapper::Append(rocksdb::Slice(data.data(), fits), options, debug);
    if (status.ok()) inode_->size += fits;
    if (status.ok() && fits < data.size()) return IOStatus::NoSpace("the test's disk is full");
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("PositionedAppend");
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("PositionedAppend");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(owner_->mutex_);
    inode_->size = std::min(inode_->size, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    owner_->Visit();
    std::lock_guard lock(owner_->mutex_);
    IOStatus status = FSWritableFileOwnerWrapper::Flush(options, debug);  // the cut is played, so no disk need wait
    if (status.ok()) inode_->synced = inode_->size;
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }

 private:
  PowerFs* const owner_;
  const std::shared_ptr<Inode> inode_;
};

class PowerFs::Folder : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(PowerFs* owner, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), owner_(owner) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    owner_->Visit();
    std::lock_guard lock(owner_->mutex_);
    owner_->synced_ = owner_->now_;
    owner_->unsynced_.clear();
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  PowerFs* const owner_;
};

PowerFs::PowerFs(std::string dir) : FileSystemWrapper(rocksdb::FileSystem::Default()), dir_(std::move(dir)) {
  fs::create_directory(dir_ + ".removed");
  if (fs::exists(dir_)) {
    for (const auto& entry : fs::directory_iterator(dir_)) {
      std::string name = entry.path().filename().string();
      if (name == "LOCK" || name == "HEAD" || name.starts_with("LOG")) continue;  // not RocksDB's data
      now_[name] = Keep(entry.path().string(), entry.file_size());
      now_[name]->synced = now_[name]->size;
    }
  }
  synced_ = now_;
}

PowerFs::~PowerFs() {
  std::error_code ignored;
  fs::remove_all(dir_ + ".removed", ignored);
}

std::shared_ptr<PowerFs::Inode> PowerFs::Keep(const std::string& path, uint64_t size) {
  auto inode = std::make_shared<Inode>();
  inode->kept_at = dir_ + ".removed/" + std::to_string(inodes_++);
  inode->size = size;
  fs::create_hard_link(path, inode->kept_at);
  return inode;
}

void PowerFs::Do(const NameChange& change, Names* names) {
  if (!change.from.empty()) names->erase(change.from);
  if (change.inode == nullptr) {
    names->erase(change.name);
  } else {
    (*names)[change.name] = change.inode;
  }
}

void PowerFs::Change(NameChange change) {
  Do(change, &now_);
  unsynced_.push_back(std::move(change));
}

void PowerFs::Visit() {
  std::lock_guard lock(visit_mutex_);
  if (visit_) visit_(visited_++);
}

void PowerFs::BeforeEachChange(std::function<void(uint64_t)> visit) {
  std::lock_guard lock(visit_mutex_);
  visit_ = std::move(visit);
  visited_ = 0;
}

uint64_t PowerFs::Take(uint64_t bytes) {
  uint64_t fits = space_ ? std::min(*space_, bytes) : bytes;
  if (space_) *space_ -= fits;
  refusals_ += fits < bytes ? 1 : 0;
  bytes_written_ += fits;
  return fits;
}

void PowerFs::SetSpace(std::optional<uint64_t> bytes) {
  std::lock_guard lock(mutex_);
  space_ = bytes;
}

uint64_t PowerFs::refusals() const {
  std::lock_guard lock(mutex_);
  return refusals_;
}

uint64_t PowerFs::bytes_written() const {
  std::lock_guard lock(mutex_);
  return bytes_written_;
}

std::string PowerFs::Damage(std::string bytes, uint64_t synced, bool can_be_torn, const Cut& cut, uint64_t seed) {
  if (synced >= bytes.size()) return bytes;
  SeededRandom random(seed);
  uint64_t unsynced = bytes.size() - synced, point = synced + random.U64() % (unsynced + 1);
  switch (cut.tail) {
    case Tail::kLost:
      bytes.resize(synced);
      break;
    case Tail::kKept:
      break;
    case Tail::kPart:
      bytes.resize(point);
      break;
    case Tail::kGarbage:
      if (can_be_torn) {
        random.Fill(bytes.data() + point, bytes.size() - point);
      } else {
        bytes.resize(point);
      }
      break;
    case Tail::kHole: {
      uint64_t from = std::max(synced, point / kSector * kSector), to = std::min(bytes.size(), from + kSector);
      if (can_be_torn) {
        std::fill(bytes.begin() + static_cast<ptrdiff_t>(from), bytes.begin() + static_cast<ptrdiff_t>(to), '\0');
      } else {
        bytes.resize(from);
      }
    }
  }
  return bytes;
}

void PowerFs::TakeImage(const std::string& to, const Cut& cut) const {
  std::lock_guard lock(mutex_);
  Names names = synced_;
  size_t kept = cut.tail == Tail::kKept ? unsynced_.size() : static_cast<size_t>(cut.names * unsynced_.size() + 0.5);
  for (size_t i = 0; i < kept; ++i) Do(unsynced_[i], &names);
  uint64_t seed = cut.seed;
  for (const auto& [name, inode] : names) {
    std::string bytes = ReadFile(inode->kept_at).substr(0, inode->size);  // without what was only allocated
    bytes = Damage(std::move(bytes), inode->synced, name.ends_with(".log"), cut, ++seed);
    std::ofstream(to + "/" + name, std::ios::binary) << bytes;
  }
}

IOStatus PowerFs::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                  std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  Visit();
  std::lock_guard lock(mutex_);
  if (space_ && *space_ == 0) {
    ++refusals_;
    return IOStatus::NoSpace("the test's disk is full");
  }
  if (now_.contains(NameOf(path))) {  // a new file takes its place; its old bytes may come back
    fs::remove(path);
    Change({NameOf(path), nullptr, ""});
  }
  std::unique_ptr<rocksdb::FSWritableFile> target;
  IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &target, debug);
  if (!status.ok()) return status;
  std::shared_ptr<Inode> inode = Keep(path, 0);
  Change({NameOf(path), inode, ""});
  file->reset(new File(this, std::move(inode), std::move(target)));
  return status;
}

IOStatus PowerFs::NewDirectory(const std::string& path, const IOOptions& options,
                               std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> target;
  IOStatus status = FileSystemWrapper::NewDirectory(path, options, &target, debug);
  if (status.ok()) folder->reset(new Folder(this, std::move(target)));
  return status;
}

IOStatus PowerFs::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                             IODebugContext* debug) {
  Visit();
  std::lock_guard lock(mutex_);
  IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
  auto it = now_.find(NameOf(from));
  if (!status.ok() || it == now_.end()) return status;  // not one of ours: RocksDB's own log
  Change({NameOf(to), it->second, NameOf(from)});
  return status;
}

IOStatus PowerFs::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  Visit();
  std::lock_guard lock(mutex_);
  IOStatus status = FileSystemWrapper::DeleteFile(path, options, debug);
  if (status.ok() && now_.contains(NameOf(path))) Change({NameOf(path), nullptr, ""});
  return status;
}

IOStatus PowerFs::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                     std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("ReopenWritableFile");
}
IOStatus PowerFs::ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("ReuseWritableFile");
}
IOStatus PowerFs::NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                                  std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) {
  return IOStatus::NotSupported("NewRandomRWFile");
}
IOStatus PowerFs::LinkFile(const std::string&, const std::string&, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("LinkFile");
}
IOStatus PowerFs::Truncate(const std::string&, size_t, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("Truncate");
}

}  // namespace liaison::testing_crash
