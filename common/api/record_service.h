// What both daemons serve about records: reading, changing, voiding, conflicts, history, finding, checking.
#ifndef LIAISON_COMMON_API_RECORD_SERVICE_H_
#define LIAISON_COMMON_API_RECORD_SERVICE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/views.h"
#include "common/find/find.h"
#include "common/rules/days/box_clock.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

// The version of this program.
std::string_view ProgramVersion();

// What a caller does not see is kNotFound, and counts nowhere (viewer.h). Thread-safe.
class RecordService {
 public:
  explicit RecordService(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::GetRecordResponse> GetRecord(const v1::GetRecordRequest& request,
                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::GetHistoryResponse> GetHistory(const v1::GetHistoryRequest& request,
                                                    const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ChangeRecordResponse> ChangeRecord(const v1::ChangeRecordRequest& request,
                                                        const Caller& caller = InProcess());
  absl::StatusOr<v1::VoidRecordResponse> VoidRecord(const v1::VoidRecordRequest& request,
                                                    const Caller& caller = InProcess());
  absl::StatusOr<v1::ListConflictsResponse> ListConflicts(const v1::ListConflictsRequest& request,
                                                          const Caller& caller = InProcess()) const;
  // Ends a conflict of ListConflicts (settle.h).
  absl::StatusOr<v1::SettleResponse> Settle(const v1::SettleRequest& request, const Caller& caller = InProcess());
  absl::StatusOr<v1::FindResponse> Find(const v1::FindRequest& request, const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::GetRosterResponse> GetRoster(const v1::GetRosterRequest& request) const;
  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request,
                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::SetTodayResponse> SetToday(const v1::SetTodayRequest& request);
  absl::StatusOr<v1::VerifyResponse> Verify(const v1::VerifyRequest& request) const;
  absl::StatusOr<v1::RevealVisitorResponse> RevealVisitor(const v1::RevealVisitorRequest& request,
                                                          const Caller& caller = InProcess());
  absl::StatusOr<v1::ListAuditResponse> ListAudit(const v1::ListAuditRequest& request,
                                                  const Caller& caller = InProcess()) const;

  void Register(Dispatcher* dispatcher);

 private:
  // The record as it is now. kInvalidArgument, kNotFound in Chinese.
  absl::StatusOr<v1::RecordView> ViewOf(const std::string& id, const Caller& caller) const;
  absl::StatusOr<v1::SettleResponse> SettleVoid(const v1::SettleRequest& request, const std::string& token,
                                                const Caller& caller);
  // `hash`: of the request as it came.
  absl::StatusOr<Store::Committed> Void(const v1::VoidRecordRequest& request, const std::string& hash,
                                        const Caller& caller);
  // Of all records; and of those that the viewer sees.
  int64_t Disagreements() const;
  int64_t DisagreementsSeen(const Views& views) const;
  void FillRefusals(const Views& views, const Roster& roster, v1::GetStatusResponse* response) const;

  ServiceContext context_;
  // Counting reads all numbers, and pages ask often: kept until something changes.
  mutable absl::Mutex counted_mutex_;
  mutable std::optional<std::pair<uint64_t, int64_t>> counted_ ABSL_GUARDED_BY(counted_mutex_);  // ops held, count
};

}  // namespace liaison

#endif  // LIAISON_COMMON_API_RECORD_SERVICE_H_
