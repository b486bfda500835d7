// The index of FindIndex: what is kept of visits, matters and visitors, and the search through it. No thread, no lock,
// no store of its own: whoever holds it brings the records. Not thread-safe; const methods may run beside each other.
//
// Every distinct string is held once: the words of a visit are mostly those of its matter, and people come again.
//
// Between calls:
//   - docs_[0] is nobody; a doc with root 0 is free, and in free_docs_ once;
//   - the slots of a doc, but root and child, are references that it holds: Free() and nothing else drops them;
//   - what_ has an entry for each slot of ids_: the doc of a matter, the first doc of a session, the person of a
//     visitor, else 0; the docs of one session are chained by `next`, whose end is 0.
#ifndef LIAISON_COMMON_FIND_FIND_BOOK_H_
#define LIAISON_COMMON_FIND_FIND_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/find/find_numbers.h"
#include "common/find/find_people.h"
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

struct FindHit {
  RecordId root;
  RecordId child;  // of a visit entry
  FindMatched matched = FindMatched::kText;
  std::string date;  // empty if the record has none that exists
};

class FindBook {
 public:
  FindBook() : what_(1), docs_(1) {}

  // The types of which records are kept, in the order in which they are best read.
  static const std::vector<uint8_t>& Types();

  // Takes in a record as it is now, in place of what was known of it. Records may come in any order; one of another
  // type is passed over.
  void Take(const StoreReader& reader, const Aggregate& aggregate);

  // At most `limit` hits in the order of FindIndex::Search; *more: there are more. REQUIRES: wanted.text is not empty.
  std::vector<FindHit> Search(const FindWanted& wanted, const FindFilter& filter, size_t limit, bool* more) const;
  // Nothing: that visitor has not been read.
  std::optional<FindWho> WhoIs(const RecordId& visitor) const;
  size_t size() const { return docs_.size() - 1 - free_docs_.size(); }  // visits and matters
  size_t bytes() const;                                                  // of memory, about

 private:
  using Texts = StringPool<char16_t>;
  using Ids = StringPool<char>;
  using Slot = uint32_t;

  // A visit entry, or a matter (child 0).
  struct Doc {
    Slot root = 0, child = 0;  // of ids_; root 0: free
    FindNumbers::Number number;
    Slot text = 0;  // of texts_: words or content
    Slot rest = 0;  // of texts_: of a matter, what else is text
    Slot station = 0, category = 0, unit = 0;  // of codes_
    uint32_t person = FindPeople::kNobody;
    uint32_t next = 0;  // of the same session
    uint32_t date = 0;  // 20261120; 0: none
    uint8_t state = 0, track = 0;
  };
  struct Found {
    FindMatched matched;
    uint32_t date, doc;
  };
  class Sieve;

  void TakeSession(const StoreReader& reader, const Aggregate& session);
  void TakeMatter(const StoreReader& reader, const Aggregate& matter);
  void TakeVisitor(const StoreReader& reader, const Aggregate& visitor);
  // The slot of an id, made if it is new; what_ has an entry for it then.
  Slot SlotOf(const RecordId& id);
  uint32_t PersonOf(std::string_view visitor_id);
  uint32_t NewDoc();
  void Free(uint32_t doc);
  bool Better(const Found& a, const Found& b) const;

  Ids ids_;
  std::vector<uint32_t> what_;
  Texts texts_, codes_;
  FindNumbers numbers_;
  FindPeople people_;
  std::vector<Doc> docs_;
  std::vector<uint32_t> free_docs_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_FIND_BOOK_H_
