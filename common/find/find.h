// Finding a record again: number, words of the text, name, pinyin initials of a name, the end of a phone number.
//
// The index lives in memory and nowhere else: names and phones must not lie on a disk in clear. It is made in the
// background when the daemon starts. What is committed is only noted, and read when somebody asks next: romanising a
// name costs more than writing a visit. Two-character names and any substring are found, since nothing is cut into
// words: a search looks at everything (find_pool.h). tests/bench/README.md says why there is no index of words or of
// pairs of characters; W9 there measures it.
#ifndef LIAISON_COMMON_FIND_FIND_H_
#define LIAISON_COMMON_FIND_FIND_H_

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/find/find_book.h"
#include "common/find/find_todo.h"
#include "common/store/store.h"

namespace liaison {

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

  using Matched = FindMatched;
  using Hit = FindHit;
  struct Answer {
    std::vector<Hit> hits;
    bool more = false;      // there are more than `limit`
    bool building = false;  // not everything has been read: something may be missing
  };
  // The best matches first: by kind in the order of FindMatched, then the newest, then by id. `query` in any width;
  // digits match the end of phones (at least four, grouped in any way, with +86 or without) and any part of a number;
  // letters match the beginning of a name's initials or of its full reading, in each way that a surname is read. A
  // match lies within one of title, content, answer and place. While the index is being made, waits for it as long as
  // told, then answers with what is there.
  Answer Search(std::string_view query, const FindFilter& filter, size_t limit);
  size_t size();  // visits and matters; waits for nothing
  bool building() const { return !todo_.IsUpToDate(); }
  size_t bytes() const;  // of memory, about
  // Who a visitor is, as far as can be told. Never to be stored. Waits for nothing: a visitor that has not been read is
  // read now.
  //   key: the phone, else the name with station and village group: two visits of one person have one key. The
  //     visitor's own id bytes when nothing of it can be opened here.
  //   phoneless: it can be opened, and has no phone.
  using Who = FindWho;
  Who WhoIs(std::string_view visitor);

  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

 private:
  class Question;

  void Work();
  int64_t StatesOfIndex() const;
  // Read up to `most` records of the store. False when nothing is left.
  bool ReadNoted(size_t most) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // *taken: how many states were read.
  bool ReadNext(size_t most, int64_t* taken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Store* const store_;
  const Patience patience_;
  FindTodo todo_;

  // Under one hold of this lock records are taken from todo_, a snapshot of the store is made, and it is put into the
  // book. So a record that is read later is never older than what it replaces, and who finds nothing noted and then
  // gets the lock finds what was noted in the book. todo_'s own lock may be taken under this one, never the other way
  // round.
  mutable absl::Mutex mutex_;
  FindBook book_ ABSL_GUARDED_BY(mutex_);
  std::string next_key_ ABSL_GUARDED_BY(mutex_);  // of the state to be read next
  size_t next_type_ ABSL_GUARDED_BY(mutex_) = 0;  // its place in FindBook::Types()

  std::thread worker_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_H_
