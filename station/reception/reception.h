// Reception at a station: sessions, visits with their matters, and old ledgers. Every method works without a network;
// a writing one returns when its action is on the disk.
#ifndef LIAISON_STATION_RECEPTION_RECEPTION_H_
#define LIAISON_STATION_RECEPTION_RECEPTION_H_

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison {

// What a caller does not see is kNotFound, and counts nowhere (common/api/viewer.h).
class Reception {
 public:
  explicit Reception(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::OpenSessionResponse> OpenSession(const v1::OpenSessionRequest& request,
                                                      const Caller& caller = InProcess());
  absl::StatusOr<v1::CloseSessionResponse> CloseSession(const v1::CloseSessionRequest& request,
                                                        const Caller& caller = InProcess());
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const v1::ListSessionsRequest& request,
                                                        const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::LogVisitResponse> LogVisit(const v1::LogVisitRequest& request, const Caller& caller = InProcess());
  absl::StatusOr<v1::ListVisitsResponse> ListVisits(const v1::ListVisitsRequest& request,
                                                    const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::GetVisitResponse> GetVisit(const v1::GetVisitRequest& request,
                                                const Caller& caller = InProcess()) const;

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
};

}  // namespace liaison

#endif  // LIAISON_STATION_RECEPTION_RECEPTION_H_
