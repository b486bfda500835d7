// The master records in memory: stations, deputies, departments, categories, rules. Small (a township has a few
// hundred), read by every request, replaced whole when one of them changes.
#ifndef LIAISON_COMMON_RULES_ROSTER_ROSTER_H_
#define LIAISON_COMMON_RULES_ROSTER_ROSTER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/store/store.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// Immutable once published.
struct Roster {
  std::map<std::string, v1::Station, std::less<>> stations;
  std::map<std::string, v1::Node, std::less<>> nodes;
  std::map<std::string, v1::Deputy, std::less<>> deputies;
  std::map<std::string, v1::Department, std::less<>> departments;
  std::map<std::string, v1::Code, std::less<>> categories;  // of table "category", by code
  std::map<std::string, std::string, std::less<>> policies;

  const v1::Station* Center() const;  // null: none is known yet
  // "恒口镇人大主席团"; "镇人大主席团" while the centre is not known.
  std::string PresidiumName() const;
  std::string StationName(std::string_view id) const;  // public name, else name, else the id
  std::string DeputyName(std::string_view id) const;   // the id if unknown
  std::string CategoryName(std::string_view code) const;
  std::string DepartmentName(std::string_view id) const;  // the id if unknown
  std::string Policy(std::string_view key, std::string_view otherwise) const;
  // The station where its tasks are done: itself, or the one that it was merged into, and so on.
  std::string HomeOf(std::string_view station_id) const;
  // The stations that `station_id` may enter for: itself; an area station also its points; the centre all.
  // What was merged into one of them goes on there, and is among them.
  std::vector<std::string> MayEnterFor(std::string_view station_id) const;
};

// Keeps the current roster of a store. Thread-safe.
class RosterCache : public StoreListener {
 public:
  explicit RosterCache(Store* store);  // must outlive this
  ~RosterCache() override;
  std::shared_ptr<const Roster> Get() const;
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

 private:
  Store* store_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Roster> roster_ ABSL_GUARDED_BY(mutex_);
};

// The deputy is on the roster and in office on the day of what is written. kInvalidArgument names the field. One whose
// mandates nobody has entered serves.
absl::Status CheckServes(const Roster& roster, std::string_view field, std::string_view deputy_id,
                         std::string_view date);

// The write of a setting over the one that is there; an empty value takes the default again.
NewOp PolicyOp(const StoreReader& view, const v1::Policy& policy);

// The writes that make a master record; `code` is its id's code.
NewOp MasterOp(const google::protobuf::Message& record, std::string_view code);
// The same over the record as `view` has it, if it has one.
NewOp MasterOp(const StoreReader& view, const google::protobuf::Message& record, std::string_view code);
// Of a code table's entry: "category-01".
std::string CodeId(const v1::Code& code);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_ROSTER_ROSTER_H_
