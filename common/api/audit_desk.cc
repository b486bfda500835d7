#include "common/api/audit_desk.h"

#include "common/actions/audit.h"
#include "common/api/methods.h"
#include "common/base/status.h"
#include "common/crypto/hash.h"
#include "common/record/ids.h"
#include "common/record/validate.h"
#include "common/store/store.h"

namespace liaison {

v1::AuditEvent EventOf(const ServiceContext& context, const Caller& caller, v1::AuditKind what,
                       const std::string& record_id, v1::RevealPurpose purpose) {
  v1::AuditEvent event;
  event.set_what(what);
  event.set_account(AuthorOf(context, caller));
  event.set_record_id(record_id);
  event.set_purpose(purpose);
  return event;
}

absl::Status CommitAudit(const ServiceContext& context, const Caller& caller,
                         const std::vector<v1::AuditEvent>& events) {
  for (v1::AuditEvent event : events) {
    event.set_date(context.Today());
    RETURN_IF_ERROR(Validate(event));
  }
  // Not the request's own id: what is asked for twice is shown twice, and both are written down.
  const std::string action_id = context.random()->Bytes(kActionIdBytes);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = AuthorOf(context, caller);
    action.ops.push_back(AuditOp(context, view, action_id, events));
    return action;
  };
  return context.store->Commit(action_id, Sha256(action_id), build).status();
}

}  // namespace liaison
