// What the records want of the file store: which named files are lacking here, and which are not known to be at the
// other side. Follows both; keeps nothing on the disk. Of a file that was on its way when its last record became void,
// what had come is thrown away.
#ifndef LIAISON_COMMON_ATTACHMENTS_FILE_BOOK_H_
#define LIAISON_COMMON_ATTACHMENTS_FILE_BOOK_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/attachments/file_index.h"
#include "common/attachments/file_store.h"
#include "common/store/store.h"

namespace liaison {

// Thread-safe.
class FileBook : private StoreListener {
 public:
  using Interests = std::function<std::vector<std::string>(const Aggregate&, const StoreReader&)>;
  // Both outlive this; the store has a FilesProjection. Takes the file store's listener. `interests`: at the hub, those
  // of a record; elsewhere unset.
  FileBook(Store* store, FileStore* files, Interests interests = nullptr);
  ~FileBook() override;

  // Called when any of the answers below may have changed; quick, from any thread, sometimes under the store's write
  // lock. Null: nobody.
  void SetListener(std::function<void()> listener);

  std::vector<FileRef> RefsOf(std::string_view hash) const { return FileRefsOf(*store_->Snapshot(), hash); }
  // Named by live records and not here.
  std::vector<std::string> Lacking() const;
  // Of these, at most `limit` that a record in one of the interests names. REQUIRES: Interests were given.
  std::vector<std::string> LackingIn(const std::set<std::string>& interests, size_t limit) const;
  // Named, here, and not marked as delivered.
  std::vector<std::string> Unsent() const;
  // Named and here.
  std::vector<std::string> Held() const;
  bool AnyNamed() const;
  // Whether a record in one of the interests names it; in `sizes`, what those records say.
  bool NamedIn(std::string_view hash, const std::set<std::string>& interests, std::set<uint64_t>* sizes) const;

 private:
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;
  void Touch(std::vector<std::string> hashes);
  void Settle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::set<std::string> InterestsOfFile(const StoreReader& reader, std::string_view hash) const;

  Store* const store_;
  FileStore* const files_;
  const Interests interests_;

  // Held shortly: who commits must not wait for a disk.
  mutable absl::Mutex touch_mutex_ ABSL_ACQUIRED_AFTER(mutex_);
  mutable std::set<std::string> touched_ ABSL_GUARDED_BY(touch_mutex_);  // to be looked at again
  mutable absl::Mutex mutex_;
  mutable std::set<std::string> named_ ABSL_GUARDED_BY(mutex_);
  mutable std::map<std::string, std::set<std::string>> lacking_ ABSL_GUARDED_BY(mutex_);  // -> interests
  mutable std::set<std::string> unsent_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex listener_mutex_;
  std::function<void()> listener_ ABSL_GUARDED_BY(listener_mutex_);
};

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_FILE_BOOK_H_
