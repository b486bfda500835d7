// A file system for RocksDB over a real folder that remembers what a power cut would leave of it, and runs full.
//
// Files are written through. For each one it is known how far it was synced, and for the folder which creations,
// renames and removals were synced. An image is a copy of the folder as a disk might hold it after a cut: what was
// synced is there, what was not is there in part. The database under test never notices, so one life gives many images,
// also from inside a write.
//
// What stands in the folder already counts as synced. One folder without sub-folders. Thread-safe.
#ifndef LIAISON_TESTS_CRASH_POWER_FS_H_
#define LIAISON_TESTS_CRASH_POWER_FS_H_

#include <rocksdb/file_system.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace liaison::testing_crash {

// What becomes of the bytes of a file behind its last sync.
enum class Tail {
  kLost,     // all of them go
  kPart,     // some stay, cut anywhere
  kGarbage,  // the file has its length, from some point on with bytes that nobody wrote
  kHole,     // one sector of zeros in the middle
  kKept,     // all stay: the process died, the power did not
};

struct Cut {
  Tail tail = Tail::kLost;
  // How many of the unsynced changes of names stay, in order, as a journal keeps them: 0 none, 1 all.
  double names = 0;
  uint64_t seed = 0;
};

class PowerFs : public rocksdb::FileSystemWrapper {
 public:
  explicit PowerFs(std::string dir);  // keeps removed files in DIR.removed until it dies
  ~PowerFs() override;
  const char* Name() const override { return "PowerFs"; }

  // Writes the image of now into the empty folder `to`.
  void TakeImage(const std::string& to, const Cut& cut) const;
  // Calls `visit` before each change (append, sync, change of a name) from now on, with its number from 0, in the
  // database's thread; null ends that.
  void BeforeEachChange(std::function<void(uint64_t number)> visit);
  uint64_t bytes_written() const;
  // From now on only so many bytes fit; a write that does not fit leaves what fitted. nullopt: as many as you like.
  void SetSpace(std::optional<uint64_t> bytes);
  uint64_t refusals() const;

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  // Ways to change a file that RocksDB does not take with our settings; nobody would remember what they do.
  rocksdb::IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LinkFile(const std::string&, const std::string&, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Truncate(const std::string&, size_t, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;

 private:
  class File;
  class Folder;
  struct Inode {
    std::string kept_at;  // a second name of the file, so that its bytes outlive its removal
    uint64_t size = 0, synced = 0;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct NameChange {
    std::string name;
    std::shared_ptr<Inode> inode;  // null: removed
    std::string from;              // renamed: the name that goes at the same instant
  };

  void Visit();
  std::shared_ptr<Inode> Keep(const std::string& path, uint64_t size);
  static void Do(const NameChange& change, Names* names);
  void Change(NameChange change);
  uint64_t Take(uint64_t bytes);  // of the space
  static std::string Damage(std::string bytes, uint64_t synced, bool can_be_torn, const Cut& cut, uint64_t seed);

  const std::string dir_;
  mutable std::mutex mutex_;  // held while a file is changed
  Names now_, synced_;
  std::vector<NameChange> unsynced_;
  std::optional<uint64_t> space_;
  uint64_t refusals_ = 0, bytes_written_ = 0, inodes_ = 0;

  std::mutex visit_mutex_;
  std::function<void(uint64_t)> visit_;
  uint64_t visited_ = 0;
};

}  // namespace liaison::testing_crash

#endif  // LIAISON_TESTS_CRASH_POWER_FS_H_
