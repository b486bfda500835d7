// What the rights of a station say beside its grants: for whom it enters, and since when it is merged. Both follow from
// the roster, and stand in its Rights because an op names what its author knew of these (Op::grants), so that the
// township can tell who wrote without knowing that a village was moved.
#ifndef LIAISON_COMMON_RULES_PEOPLE_SCOPE_H_
#define LIAISON_COMMON_RULES_PEOPLE_SCOPE_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/rules/roster/roster.h"

namespace liaison {

// The ops that bring the rights of all stations in step with the roster; none where they are. A station that enters for
// nobody else and was never merged needs no record for that.
std::vector<NewOp> ScopeOps(const StoreReader& view, const Roster& roster);

// The same as an action of its own, at the hub; nothing is written where nothing differs. Errors as of Store::Commit.
absl::Status SettleScopes(Store* store, const Roster& roster);

// All that `view` has of the rights of a station. For StoreOptions::grants.
VersionVector RightsKnown(const StoreReader& view, std::string_view station);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_PEOPLE_SCOPE_H_
