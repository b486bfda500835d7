// Finding a record again: number, words of the text, name, pinyin initials of a name, the end of a phone number.
//
// What is committed is only noted, and read when somebody asks next: romanising a name costs more than writing a visit.
//
// The index lives in memory and is made when the daemon starts: names and phones must not lie on a disk in clear, and
// a station's ten years are a few megabytes. A search looks at every entry (5,000 in about a millisecond);
// two-character names and any substring are found, since nothing is cut into words.
#ifndef LIAISON_COMMON_SERVICE_FIND_H_
#define LIAISON_COMMON_SERVICE_FIND_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/store/store.h"

namespace liaison {

class FindIndex : public StoreListener {
 public:
  explicit FindIndex(Store* store);  // must outlive this; reads all records
  ~FindIndex() override;

  enum class Matched { kNumber, kName, kPinyin, kPhone, kText };
  struct Hit {
    RecordId root;
    RecordId child;  // of a visit entry
    Matched matched = Matched::kText;
    std::string date;
  };
  // The best matches first: by kind in the order above, then the newest. `query` in any width; digits match the end of
  // phones (at least four) and any part of a number; letters match the beginning of a name's initials.
  std::vector<Hit> Find(std::string_view query, size_t limit, bool* more) const;
  size_t size() const;
  // Who a visitor is, as far as can be told: the phone, else the name with station and village group. Two visits of one
  // person have one key. Never to be stored. The visitor's own id bytes when nothing of it can be opened here.
  std::string PersonKey(std::string_view visitor) const;

  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

 private:
  struct Entry {
    std::string number;  // folded
    std::string text;    // folded: title, content, words
    std::string name, initials, phone;
    std::string date;
  };
  using Key = std::pair<RecordId, RecordId>;
  struct Person {
    std::string name, initials, phone, key;
  };

  // Reads what was committed since the last question.
  void CatchUp() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Take(const StoreReader& reader, const Aggregate& aggregate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeSession(const StoreReader& reader, const Aggregate& session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeMatter(const Aggregate& matter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeVisitor(const StoreReader& reader, const Aggregate& visitor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* store_;
  mutable absl::Mutex noted_mutex_;
  mutable std::set<RecordId> noted_ ABSL_GUARDED_BY(noted_mutex_);
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_BEFORE(noted_mutex_);
  std::map<Key, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<RecordId, Person> people_ ABSL_GUARDED_BY(mutex_);
  std::map<RecordId, std::vector<Key>> visits_ ABSL_GUARDED_BY(mutex_);  // of a visitor
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_FIND_H_
