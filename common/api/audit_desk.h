// Writing down what somebody answers for, before it is done (common/actions/audit.h has the records).
#ifndef LIAISON_COMMON_API_AUDIT_DESK_H_
#define LIAISON_COMMON_API_AUDIT_DESK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "liaison/v1/audit.pb.h"

namespace liaison {

// An event of the caller about a record, without words.
v1::AuditEvent EventOf(const ServiceContext& context, const Caller& caller, v1::AuditKind what,
                       const std::string& record_id, v1::RevealPurpose purpose);

// Writes the events as one action. On the disk when it returns OK; on an error nothing was written, and what is audited
// must not be done. kInvalidArgument in Chinese: an event breaks its limits. REQUIRES: at least one event.
absl::Status CommitAudit(const ServiceContext& context, const Caller& caller,
                         const std::vector<v1::AuditEvent>& events);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_AUDIT_DESK_H_
