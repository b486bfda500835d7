// Who sits at a session, and when it may end. Pure.
#ifndef LIAISON_COMMON_RULES_RECEPTION_ATTENDANCE_H_
#define LIAISON_COMMON_RULES_RECEPTION_ATTENDANCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/record/aggregate.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// The deputies who were there: all that are named and not on leave. Of a session that is only planned: who is on duty.
std::vector<std::string> PresentAt(const v1::ReceptionSession& session);

// Null if the session does not name the deputy.
const v1::SessionDeputy* FindDeputy(const v1::ReceptionSession& session, std::string_view deputy_id);

// Open where people disagree.
v1::SessionState SessionStateOf(const Aggregate& session);

// Times, leave and substitution of one deputy. kInvalidArgument in Chinese.
absl::Status CheckSessionDeputy(const v1::SessionDeputy& deputy, const v1::ReceptionSession& session);

// A session ends once, after it began, with a deputy present (an opinion box needs none), when everybody on duty has
// signed or is on leave (if people sign at all), and when nothing on paper waits. kFailedPrecondition, in Chinese.
absl::Status CheckMayClose(const v1::ReceptionSession& session, v1::SessionState state);

// Whether the day lies within the mandate; an end that is open is no limit.
bool RunsOn(const v1::Mandate& mandate, std::string_view date);
// The same, and the mandate is neither suspended nor ended (代表法 art. 61, 62), as far as is known now.
bool InForce(const v1::Mandate& mandate, std::string_view date);

// Whether a mandate of the deputy's is in force on a day. One whose mandates nobody has entered serves.
bool ServesOn(const v1::Deputy& deputy, std::string_view date);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_RECEPTION_ATTENDANCE_H_
