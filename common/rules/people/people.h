// Who has an account and what it may do where, in memory: the folded records of people.proto as they count.
//
//   revoked   A grant with any visible revocation is revoked, also if another copy of the hub wrote the opposite beside
//             it, and a grant that anybody voided. No clock is asked.
//   stands    A grant that was written beside a revocation is another record and counts: giving a right back.
//   ended     An account that any visible write ends has no right any more, whatever was granted earlier or later.
//
// Guards run where a grant is written, never here.
#ifndef LIAISON_COMMON_RULES_PEOPLE_PEOPLE_H_
#define LIAISON_COMMON_RULES_PEOPLE_PEOPLE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/people.pb.h"

namespace liaison {

// The record as it counts: `ended`, `revoked` and `how` (存疑 before 离任) by the rules above. nullopt: it is void, or
// nothing was written to it.
std::optional<v1::Account> AccountOf(const Aggregate& account);
std::optional<v1::Grant> GrantOf(const Aggregate& rights, const RecordId& grant);

// The rights at one station, or at the hub.
struct StationRights {
  std::map<RecordId, v1::Grant> grants;       // revoked ones too
  std::map<RecordId, v1::OneTimeCode> codes;  // without those that were withdrawn
  bool login_required = false;                // any visible write says so: never taken back
};
StationRights RightsOf(const Aggregate& rights);

// Immutable once published.
struct People {
  std::map<std::string, v1::Account, std::less<>> accounts;  // by id, ended ones too
  std::map<std::string, StationRights, std::less<>> rights;  // by station, or kHubStation; a station has its own only

  bool IsLive(std::string_view account) const;         // known, and not ended
  std::string NameOf(std::string_view account) const;  // the id if unknown
  // The live accounts with a grant of that role there that is not revoked.
  std::set<std::string> HoldersOf(v1::Access::Role role, std::string_view place) const;
};

// One role of somebody's, and how far it reaches.
struct Right {
  v1::Access::Role role = v1::Access::ROLE_UNSPECIFIED;
  std::vector<std::string> stations;  // of an officer, an area, a deputy: whose records; what was merged into it, too
  std::string unit;                   // of HANDLER
  std::string matter;                 // of LINK: the id of its matter, as text
};

// Who asks, at one place. Without rights: nobody.
struct Who {
  std::string account;  // empty: a bearer of a link or of a wall's token
  std::string name;
  std::string deputy;  // the deputy's id, if the account is one's
  std::vector<Right> rights;
};

// What the account may do at `place`, a station's id or kHubStation.
Who WhoIs(const People& people, const Roster& roster, std::string_view account, std::string_view place);

// Keeps the people of a store. Thread-safe.
class PeopleCache : public StoreListener {
 public:
  explicit PeopleCache(Store* store);  // must outlive this
  ~PeopleCache() override;
  std::shared_ptr<const People> Get() const;
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

 private:
  Store* store_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const People> people_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_PEOPLE_PEOPLE_H_
