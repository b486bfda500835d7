// A database in memory with the faults of a real disk, for simulation: what was written without sync may be lost when
// the power goes, a full disk refuses, and a machine can die in the middle of a write. Snapshots, images and clones
// are copies of a PersistentMap and cost nothing.
//
// The disk outlives the process. Everything on one thread.
#ifndef LIAISON_TESTS_TESTING_VOLATILE_KV_H_
#define LIAISON_TESTS_TESTING_VOLATILE_KV_H_

#include <memory>
#include <vector>

#include "common/store/kv.h"
#include "tests/testing/persistent_map.h"

namespace liaison {

class VolatileDisk {
 public:
  VolatileDisk() : states_(1) {}
  explicit VolatileDisk(PersistentMap contents) { states_.push_back(std::move(contents)); }

  // What a process reads: unsynced writes included.
  const PersistentMap& contents() const { return states_.back(); }
  // What is left if all unsynced writes are lost.
  const PersistentMap& durable() const { return states_.front(); }
  size_t unsynced() const { return states_.size() - 1; }  // writes since the last synced one
  uint64_t writes() const { return writes_; }

  // The power goes: of the unsynced writes the last `lost` are gone, the others have reached the disk.
  // REQUIRES: lost <= unsynced().
  void LosePower(size_t lost);
  // The disk becomes an image that was taken of this or another one.
  void Restore(PersistentMap image);

  void SetFull(bool full) { full_ = full; }
  // The machine dies at the next write: in front of it, or behind it but before anybody is told.
  enum class Death { kBefore, kAfter };
  void DieAtNextWrite(Death death) { death_ = std::make_unique<Death>(death); }
  bool dying() const { return death_ != nullptr; }
  // A write has failed. The process must be started again, as if after RocksDB's background error.
  bool failed() const { return failed_; }
  bool dead() const { return dead_; }

  // A process on this disk. At most one at a time; it clears failed() and dead().
  std::unique_ptr<Kv> Open();

 private:
  friend class VolatileKv;
  absl::Status Write(const KvChanges& changes, bool sync);

  std::vector<PersistentMap> states_;  // the durable one, then one after each unsynced write; never empty
  bool full_ = false, failed_ = false, dead_ = false;
  std::unique_ptr<Death> death_;
  uint64_t writes_ = 0;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_VOLATILE_KV_H_
