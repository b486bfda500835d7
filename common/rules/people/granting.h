// What may be granted and revoked, and the writes that do it. The guards run where the hub writes; a copy of the hub
// that did not know may still have written the opposite (people.h says what counts then). Pure, thread-safe.
#ifndef LIAISON_COMMON_RULES_PEOPLE_GRANTING_H_
#define LIAISON_COMMON_RULES_PEOPLE_GRANTING_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/ports.h"
#include "common/rules/people/people.h"

namespace liaison {

// "U" and five characters of Crockford's base 32 that no account has yet.
std::string NewAccountId(const People& people, Random* random);

// A new grant at `place`, a station's id or kHubStation. kInvalidArgument names the field (base/fault.h): no such live
// account; a role that is none of that place, or none of an account's (LINK, WALL); a deputy who is not on the roster;
// a unit that is not, or where none belongs; a grant that was revoked already. kFailedPrecondition: the account is
// admin and would be something else too, or the other way round (one person takes two accounts); it has that right.
absl::Status CheckGrant(const People& people, const Roster& roster, std::string_view place, const v1::Grant& grant);

// kNotFound: no such grant there. kInvalidArgument: it is not said how. kFailedPrecondition: it is revoked already, or
// the right of the last live admin.
absl::Status CheckRevoke(const People& people, std::string_view place, const RecordId& grant, v1::RevokedHow how);

// kNotFound: no such account. kFailedPrecondition: it has ended, or is the last live admin's.
absl::Status CheckEnd(const People& people, std::string_view account);

// The writes, over the record as `view` has it. `id`: RecordId::Random of the grant's type.
NewOp GrantOp(const StoreReader& view, std::string_view place, const RecordId& id, const v1::Grant& grant);
NewOp RevokeOp(const StoreReader& view, std::string_view place, const RecordId& id, v1::RevokedHow how,
               std::string_view date);
NewOp EndOp(const StoreReader& view, std::string_view account);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_PEOPLE_GRANTING_H_
