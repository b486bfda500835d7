// Reception days at a station: planned by the station's rule, announced, attended, and typed later from paper. Every
// method works without a network; a writing one returns when its action is on the disk. An area station does all of it
// for its points, the centre for all.
#ifndef LIAISON_STATION_RECEPTION_PLANNING_H_
#define LIAISON_STATION_RECEPTION_PLANNING_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "common/record/aggregate.h"
#include "common/store/store_options.h"
#include "liaison/v1/congress_services.pb.h"

namespace liaison {

// What a caller does not see is kNotFound, and counts nowhere (common/api/viewer.h).
class Planning {
 public:
  explicit Planning(ServiceContext context) : context_(std::move(context)) {}

  // Idempotent by station and date. Turns are fair: whoever was on duty least in the last half year comes first.
  // Stations without a rule, or with nobody to sit there, are named and passed over.
  absl::StatusOr<v1::PlanSessionsResponse> PlanSessions(const v1::PlanSessionsRequest& request,
                                                        const Caller& caller = InProcess());
  absl::StatusOr<v1::StartSessionResponse> StartSession(const v1::StartSessionRequest& request,
                                                        const Caller& caller = InProcess());
  // Planned sessions whose notice must be up by now and is not known to be.
  absl::StatusOr<v1::ListDueNoticesResponse> ListDueNotices(const v1::ListDueNoticesRequest& request,
                                                            const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::RecordNoticesResponse> RecordNotices(const v1::RecordNoticesRequest& request,
                                                          const Caller& caller = InProcess());
  absl::StatusOr<v1::SignInResponse> SignIn(const v1::SignInRequest& request, const Caller& caller = InProcess());
  absl::StatusOr<v1::TakeLeaveResponse> TakeLeave(const v1::TakeLeaveRequest& request,
                                                  const Caller& caller = InProcess());
  absl::StatusOr<v1::SubstituteResponse> Substitute(const v1::SubstituteRequest& request,
                                                    const Caller& caller = InProcess());
  // The oldest first. Reads every session that this station has.
  absl::StatusOr<v1::ListLateEntriesResponse> ListLateEntries(const v1::ListLateEntriesRequest& request,
                                                              const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::FinishLateEntryResponse> FinishLateEntry(const v1::FinishLateEntryRequest& request,
                                                              const Caller& caller = InProcess());

  void Register(Dispatcher* dispatcher);

 private:
  // What a change writes, given the session as it is. Its op's aggregate and context are set.
  using Change = std::function<absl::Status(const Aggregate& aggregate, const v1::ReceptionSession& session,
                                            v1::SessionState state, NewOp* op)>;
  // `Request` names action, session, token and user.
  template <typename Request>
  absl::StatusOr<v1::SessionView> Edit(const Request& request, const Caller& caller, const Change& change);
  // Of what the caller has seen already, or has just made.
  absl::StatusOr<v1::SessionView> ViewOf(const std::string& session_id, const Caller& caller) const;

  ServiceContext context_;
};

}  // namespace liaison

#endif  // LIAISON_STATION_RECEPTION_PLANNING_H_
