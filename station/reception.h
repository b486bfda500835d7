// Reception at a station: sessions, visits with their matters, and old ledgers. Every method works without a network;
// a writing one returns when its action is on the disk.
#ifndef LIAISON_STATION_RECEPTION_H_
#define LIAISON_STATION_RECEPTION_H_

#include "absl/synchronization/mutex.h"
#include "common/service/record_service.h"

namespace liaison {

class Reception {
 public:
  explicit Reception(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::OpenSessionResponse> OpenSession(const v1::OpenSessionRequest& request);
  absl::StatusOr<v1::CloseSessionResponse> CloseSession(const v1::CloseSessionRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const v1::ListSessionsRequest& request) const;
  absl::StatusOr<v1::LogVisitResponse> LogVisit(const v1::LogVisitRequest& request);
  absl::StatusOr<v1::ListVisitsResponse> ListVisits(const v1::ListVisitsRequest& request) const;
  absl::StatusOr<v1::GetVisitResponse> GetVisit(const v1::GetVisitRequest& request) const;
  // One action per row: a row is there whole or not at all, and the next row does not wait for a refused one. An import
  // that was broken off has a batch and can be undone; the same file goes on with it. One at a time.
  absl::StatusOr<v1::ImportLedgerResponse> ImportLedger(const v1::ImportLedgerRequest& request);
  // Voids what an import made, as far as nobody has worked on it since.
  absl::StatusOr<v1::UndoImportResponse> UndoImport(const v1::UndoImportRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
  absl::Mutex importing_;
};

}  // namespace liaison

#endif  // LIAISON_STATION_RECEPTION_H_
