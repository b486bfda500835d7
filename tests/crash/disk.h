// A village at work on a disk that is about to fail, and what must be true of the disk afterwards.
#ifndef LIAISON_TESTS_CRASH_DISK_H_
#define LIAISON_TESTS_CRASH_DISK_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "tests/crash/power_fs.h"

namespace liaison::testing_crash {

inline constexpr char kStation[] = "HK-D057";
inline constexpr size_t kOpsPerAction = 3;

// While it lives, all that opens a disk here opens it encrypted, under one key.
class EncryptedDisks {
 public:
  EncryptedDisks();
  ~EncryptedDisks();
  EncryptedDisks(const EncryptedDisks&) = delete;
  EncryptedDisks& operator=(const EncryptedDisks&) = delete;
};

// Commits one action: a matter, a session, and the matter again, with about `bytes` of text.
absl::Status Act(Store* store, const std::string& action_id, size_t bytes);

// What a disk holds when it is opened as a station opens it.
struct Found {
  absl::Status status;            // of opening; the rest only when it is OK
  std::set<std::string> actions;  // whole ones
  std::string problem;            // "" or what is wrong: a half action, a difference that Verify found
};
Found Inspect(const std::string& dir);

// Whether the store opens on `dir`, takes one more action, and still has it after it was closed and opened again.
absl::Status GoesOn(const std::string& dir, Random* random);

// One process on a disk: RocksDB over a PowerFs, and a store on it. `before_opening` may arm the file system.
class Life {
 public:
  Life(
      const std::string& dir, Random* random, const std::function<void(PowerFs*)>& before_opening = [](PowerFs*) {});
  ~Life();
  absl::Status opened() const { return opened_; }
  PowerFs* fs() { return fs_.get(); }
  Store* store() { return store_.get(); }  // REQUIRES: opened() is OK
  Kv* kv() { return kv_; }

 private:
  std::shared_ptr<PowerFs> fs_;
  std::unique_ptr<rocksdb::Env> env_;
  absl::Status opened_;
  Kv* kv_ = nullptr;
  std::unique_ptr<Store> store_;
};

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
void MakeFolder(const std::string& dir);
void RemoveFolder(const std::string& dir);
void CopyFolder(const std::string& from, const std::string& to);
// RocksDB's write-ahead logs in `dir`, oldest first.
std::vector<std::string> WalFiles(const std::string& dir);

// A number from the environment, for the long mode.
int FromEnvironment(const char* name, int otherwise);

}  // namespace liaison::testing_crash

#endif  // LIAISON_TESTS_CRASH_DISK_H_
