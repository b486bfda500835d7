// The congress's own work: activities and ballots, deputies' files, points and obligations, the ten-have checklist,
// livelihood projects, contacts, notices, appraisals. What all deputies did is summed up at the hub alone, since a
// station does not hold it; activities and notices can be read everywhere.
#ifndef LIAISON_COMMON_API_CONGRESS_H_
#define LIAISON_COMMON_API_CONGRESS_H_

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "liaison/v1/congress_services.pb.h"

namespace liaison {

// What a caller does not see is not listed and counts nowhere (viewer.h). Thread-safe.
class Congress {
 public:
  explicit Congress(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::AddCongressRecordResponse> AddCongressRecord(const v1::AddCongressRecordRequest& request,
                                                                  const Caller& caller = InProcess());
  absl::StatusOr<v1::ListActivitiesResponse> ListActivities(const v1::ListActivitiesRequest& request,
                                                            const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::GetDeputyFileResponse> GetDeputyFile(const v1::GetDeputyFileRequest& request,
                                                          const Caller& caller = InProcess()) const;
  // A month's duty is a session of form 走访 or an activity 走访代表; a quarter's any session but an opinion box, or
  // such an activity.
  absl::StatusOr<v1::ListObligationsResponse> ListObligations(const v1::ListObligationsRequest& request,
                                                              const Caller& caller = InProcess()) const;
  // 活动记录: a closed session or an activity of the last 90 days. 资料档案: a file attached to a session of the last
  // year. 联系对象: a contact in force. 考核机制: an appraisal of this year or the last. The others on a person's word.
  absl::StatusOr<v1::ListTenHavesResponse> ListTenHaves(const v1::ListTenHavesRequest& request,
                                                        const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListProjectsResponse> ListProjects(const v1::ListProjectsRequest& request,
                                                        const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListContactsResponse> ListContacts(const v1::ListContactsRequest& request,
                                                        const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListPostedNoticesResponse> ListPostedNotices(const v1::ListPostedNoticesRequest& request,
                                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListPointsResponse> ListPoints(const v1::ListPointsRequest& request,
                                                    const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListAppraisalsResponse> ListAppraisals(const v1::ListAppraisalsRequest& request,
                                                            const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::SetSettingResponse> SetSetting(const v1::SetSettingRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  absl::StatusOr<v1::AddCongressRecordResponse> AddFinding(const v1::AddCongressRecordRequest& request,
                                                           const Caller& caller);
  absl::Status CheckHub() const;

  ServiceContext context_;
};

// A period as a request gives it: empty ends are this year's first day and today. kInvalidArgument in Chinese.
struct Period {
  std::string from, to;
};
absl::StatusOr<Period> PeriodOf(const ServiceContext& context, const std::string& from, const std::string& to);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_CONGRESS_H_
