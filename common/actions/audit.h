// The audit: what somebody answers for, written by the machine where it is done. A station's reaches the hub with its
// log and goes nowhere else (hub/door/interests.h). It holds ids and no personal data, and nobody can change it.
#ifndef LIAISON_COMMON_ACTIONS_AUDIT_H_
#define LIAISON_COMMON_ACTIONS_AUDIT_H_

#include <string_view>
#include <vector>

#include "common/actions/context.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"
#include "liaison/v1/audit.pb.h"

namespace liaison {

// The record of this device's month ("2026-11"): the same id each time, so that a month is one record.
RecordId AuditOf(const ServiceContext& context, std::string_view month);

// One op that adds the events to the record of this month; it makes the record if `view` does not have it. Day and
// minute are this machine's, whatever the events say. REQUIRES: at least one event, each within its limits (Validate)
// but for day and time; `action_id` is of the action that the op becomes part of, which has no other audit op.
NewOp AuditOp(const ServiceContext& context, const StoreReader& view, std::string_view action_id,
              const std::vector<v1::AuditEvent>& events);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_AUDIT_H_
