// Small tables derived from the records: what lists, numbers and imports look up. One projection for both daemons.
//
//   rows (behind the projection's prefix)                         value    what for
//   d date:10 type:u8 name                                        station  sessions and matters by business date
//   s session-id:string matter-id                                 entries  matters of a session, of which visits
//   n series:string counter:8 full-id                             -        numbers given, duplicates side by side
//   i import-key:string matter-id                                 -        rows of old ledgers, live ones only
//   b batch:string record-id                                      -        what an import made, live ones only
//   c record-id                                                   count    records that a person must look at
//   m matter-id:string matter-id                                  -        merged into the first, live ones only
//   a matter-id                                                   -        accusations
//   x matter-id                                                   -        those of them that show words
//   q refusal-id                                                  -        ops that are kept and not used, as told
#ifndef LIAISON_COMMON_ROWS_TABLES_H_
#define LIAISON_COMMON_ROWS_TABLES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/store/projection.h"

namespace liaison {

// Of the states and derived rows of both daemons: one more whenever they come out otherwise.
inline constexpr uint64_t kDerivedVersion = 7;

class TablesProjection : public Projection {
 public:
  std::string_view name() const override { return "查询表"; }
  char prefix() const override { return 't'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override;
};

// "ROOT/CHILD" as text and back; the child of a root alone is RecordId{}.
std::string FullId(const RecordId& root, const RecordId& child);
bool ParseFullId(std::string_view text, RecordId* root, RecordId* child);

namespace tables {

// Records of a type with a business date in [from, to], descending or ascending by date; stops when visit returns
// false. Empty bounds are open.
void ByDate(const KvReader& kv, uint8_t type, std::string_view from, std::string_view to,
            const std::function<bool(const RecordId& id, std::string_view date, std::string_view station)>& visit);
std::vector<RecordId> MattersOf(const KvReader& kv, const RecordId& session);
// The same by the visit that brought them, as text; one read for a whole list of visits.
std::map<std::string, std::vector<RecordId>, std::less<>> MattersByEntry(const KvReader& kv, const RecordId& session);
std::vector<RecordId> MergedInto(const KvReader& kv, const RecordId& matter);
// All that are merged: into which, and which.
std::vector<std::pair<RecordId, RecordId>> AllMerged(const KvReader& kv);
std::vector<RecordId> Accusations(const KvReader& kv);
bool IsAccusation(const KvReader& kv, const RecordId& matter);  // one of them
std::vector<RecordId> Refusals(const KvReader& kv);  // those that stand: no person has taken the op since
// The highest counter given in a series; 0 if none.
uint64_t LastCounter(const KvReader& kv, std::string_view series);
// Full ids of records that carry the number and are not void.
std::vector<std::string> Carrying(const KvReader& kv, std::string_view number);
// The same, for each number that was given more than once. Reads all numbers.
std::vector<std::vector<std::string>> NumbersGivenTwice(const KvReader& kv, size_t limit);
std::vector<RecordId> ByImportKey(const KvReader& kv, std::string_view import_key);
std::vector<RecordId> ByBatch(const KvReader& kv, std::string_view batch);
std::vector<RecordId> ToLookAt(const KvReader& kv, size_t limit);
// 分歧: of all records what CountDisagreements() counts, and the numbers that were given twice. One set for the status,
// the list and the figures. Reads all numbers.
uint64_t CountDisagreements(const KvReader& kv);
// Of these, what stands in single records. Reads no more rows than it counts.
uint64_t CountDisagreementsInRecords(const KvReader& kv);

}  // namespace tables
}  // namespace liaison

#endif  // LIAISON_COMMON_ROWS_TABLES_H_
