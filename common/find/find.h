// Finding a record again: number, words of the text, name, pinyin initials of a name, the end of a phone number.
//
// The index lives in memory and nowhere else: names and phones must not lie on a disk in clear. It is made in the
// background when the daemon starts. What is committed is only noted, and read when somebody asks next: romanising a
// name costs more than writing a visit. Two-character names and any substring are found, since nothing is cut into
// words: a search looks at everything (find_pool.h). tests/bench/README.md says why not by an
// index of words or of pairs of characters; W9 there measures it.
//
// Every distinct string is held once: the words of a visit are mostly those of its matter, and people come again.
#ifndef LIAISON_COMMON_FIND_FIND_H_
#define LIAISON_COMMON_FIND_FIND_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/find/find_pool.h"
#include "common/store/store.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// What a hit must be besides; an empty one is no limit. A visit has a date and a station only: any of the last four
// leaves matters.
struct FindFilter {
  std::string from, to;               // business days, both included
  std::vector<std::string> stations;  // any of them
  std::optional<v1::MatterState> state;
  std::string category;
  std::optional<v1::Track> track;
  std::string unit;  // to which it was assigned last
};

// Thread-safe. Searches run beside each other.
class FindIndex : public StoreListener {
 public:
  struct Patience {
    absl::Duration at_start = absl::Seconds(1);  // a station's index is made by then
    absl::Duration of_search = absl::Seconds(2);
  };
  // Waits for the index to be made, but not longer than told; then that goes on in the background.
  explicit FindIndex(Store* store) : FindIndex(store, Patience()) {}
  FindIndex(Store* store, const Patience& patience);  // the store must outlive this
  ~FindIndex() override;

  enum class Matched { kNumber, kName, kPinyin, kPhone, kText };
  struct Hit {
    RecordId root;
    RecordId child;  // of a visit entry
    Matched matched = Matched::kText;
    std::string date;  // empty if the record has none that exists
  };
  struct Answer {
    std::vector<Hit> hits;
    bool more = false;      // there are more than `limit`
    bool building = false;  // not everything has been read: something may be missing
  };
  // The best matches first: by kind in the order above, then the newest, then by id. `query` in any width; digits match
  // the end of phones (at least four, grouped in any way, with +86 or without) and any part of a number; letters match the
  // beginning of a name's initials or of its full reading, in each way that a surname is read. A match lies within one
  // of title, content, answer and place. While the index is being made, waits for it as long as told, then answers with
  // what is there.
  Answer Search(std::string_view query, const FindFilter& filter, size_t limit) const;
  size_t size() const;  // visits and matters; waits for nothing
  bool building() const;
  size_t bytes() const;  // of memory, about
  // Who a visitor is, as far as can be told. Never to be stored. Waits for nothing: a visitor that has not been read is
  // read now.
  struct Who {
    // The phone, else the name with station and village group: two visits of one person have one key. The visitor's own
    // id bytes when nothing of it can be opened here.
    std::string key;
    bool phoneless = false;  // it can be opened, and has no phone
  };
  Who WhoIs(std::string_view visitor) const;

  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

 private:
  using Texts = StringPool<char16_t>;
  using Ids = StringPool<char>;
  using Slot = uint32_t;

  // A visit entry, or a matter (child 0). Slots of ids_, numbers_, texts_ and codes_.
  struct Doc {
    Slot root = 0, child = 0;  // root 0: free
    Slot head = 0, tail = 0;   // of the number: see NumberMarks
    Slot text = 0;             // words or content
    Slot rest = 0;             // of a matter: what else is text
    Slot station = 0, category = 0, unit = 0;
    uint32_t person = 0;  // into people_; 0: none
    uint32_t next = 0;    // of the same session
    uint32_t date = 0;    // 20261120; 0: none
    uint8_t state = 0, track = 0;
  };
  struct Person {
    Slot name = 0, phone = 0;
    Slot key = 0;  // of one without a phone
    bool read = false;
  };
  struct Found;
  struct Wanted;
  class NumberMarks;
  class Question;

  void Work();
  void NoteUnreadable() ABSL_LOCKS_EXCLUDED(todo_mutex_);
  bool UpToDate() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(todo_mutex_) { return built_ && !backlog_; }
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(todo_mutex_) { return stopping_ || !UpToDate(); }
  bool HasTurn() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(todo_mutex_) { return stopping_ || questions_ == 0; }
  bool TakeNoted(size_t most) ABSL_LOCKS_EXCLUDED(todo_mutex_) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakeNext(size_t most) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(const StoreReader& reader, const Aggregate& aggregate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeSession(const StoreReader& reader, const Aggregate& session) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeMatter(const StoreReader& reader, const Aggregate& matter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeVisitor(const StoreReader& reader, const Aggregate& visitor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetName(std::string_view name, Person* person) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What stands behind an id: its number in what_, made with the id.
  uint32_t& WhatOf(const RecordId& id, Slot* slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t PersonOf(std::string_view visitor_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t NewDoc() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FreeDoc(uint32_t index) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetNumber(std::string_view number, Doc* doc) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Found> Collect(const Wanted& wanted, const FindFilter& filter) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Better(const Found& a, const Found& b) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  Store* const store_;
  const Patience patience_;

  // What is to be done. Held shortly: writers wait for it.
  mutable absl::Mutex todo_mutex_;
  bool unreadable_ ABSL_GUARDED_BY(todo_mutex_) = false;  // what the index lacks, until the next start
  mutable std::set<RecordId> noted_ ABSL_GUARDED_BY(todo_mutex_);
  mutable bool backlog_ ABSL_GUARDED_BY(todo_mutex_) = false;  // noted_ is for the worker
  mutable int questions_ ABSL_GUARDED_BY(todo_mutex_) = 0;     // that go before the worker
  bool built_ ABSL_GUARDED_BY(todo_mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(todo_mutex_) = false;

  // The index. A snapshot is taken under this lock, so that nothing older overwrites what is newer.
  mutable absl::Mutex mutex_ ABSL_ACQUIRED_BEFORE(todo_mutex_);
  std::string next_key_ ABSL_GUARDED_BY(mutex_);  // of the state to be read next
  size_t next_type_ ABSL_GUARDED_BY(mutex_) = 0;
  Ids ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint32_t> what_ ABSL_GUARDED_BY(mutex_);  // of an id: its matter, its first visit, or its person
  Texts heads_ ABSL_GUARDED_BY(mutex_), tails_ ABSL_GUARDED_BY(mutex_);
  Texts names_ ABSL_GUARDED_BY(mutex_), initials_ ABSL_GUARDED_BY(mutex_), phones_ ABSL_GUARDED_BY(mutex_);
  std::vector<Slot> letters_ ABSL_GUARDED_BY(mutex_);  // of a name: its initials
  Texts keys_ ABSL_GUARDED_BY(mutex_), codes_ ABSL_GUARDED_BY(mutex_), texts_ ABSL_GUARDED_BY(mutex_);
  std::vector<Doc> docs_ ABSL_GUARDED_BY(mutex_);  // the first is nobody
  std::vector<uint32_t> free_docs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Person> people_ ABSL_GUARDED_BY(mutex_);  // the first is nobody

  std::thread worker_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_H_
