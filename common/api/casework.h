// Casework at both daemons: steps, the whole case, the working lists, time limits. What belongs to the station works
// without a network; what belongs to the township is refused there.
#ifndef LIAISON_COMMON_API_CASEWORK_H_
#define LIAISON_COMMON_API_CASEWORK_H_

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "common/api/views.h"
#include "common/rules/matter/duty.h"
#include "liaison/v1/casework.pb.h"

namespace liaison {

// What a caller does not see is kNotFound, and counts nowhere (viewer.h).
class Casework {
 public:
  explicit Casework(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::TakeStepResponse> TakeStep(const v1::TakeStepRequest& request, const Caller& caller = InProcess());
  absl::StatusOr<v1::RegisterProposalResponse> RegisterProposal(const v1::RegisterProposalRequest& request,
                                                                const Caller& caller = InProcess());
  absl::StatusOr<v1::GetCaseResponse> GetCase(const v1::GetCaseRequest& request,
                                              const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListWorkResponse> ListWork(const v1::ListWorkRequest& request,
                                                const Caller& caller = InProcess()) const;
  // Matters of the same kind of place and subject that say much the same, among those that are open.
  absl::StatusOr<v1::SuggestDuplicatesResponse> SuggestDuplicates(const v1::SuggestDuplicatesRequest& request,
                                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListDeadlinesResponse> ListDeadlines(const v1::ListDeadlinesRequest& request) const;
  absl::StatusOr<v1::SetDeadlineResponse> SetDeadline(const v1::SetDeadlineRequest& request);
  // What the words of accusations have left in ops, for the erasure. Reads the ops of all accusations.
  absl::StatusOr<v1::ListRemainsResponse> ListRemains(const v1::ListRemainsRequest& request) const;
  // Sends up what lay in a village for longer than the township allows, and mends what follows from one record for
  // others (mending.h). The same day again does nothing more.
  absl::StatusOr<v1::RunDailyResponse> RunDaily(const v1::RunDailyRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  // Of what the caller has seen already, or has just made.
  absl::StatusOr<v1::MatterView> ViewOf(const RecordId& id, const Caller& caller) const;

  ServiceContext context_;
};

// Everything about one matter. `views` is of the snapshot that `aggregate` was read from.
v1::CaseView MakeCaseView(const ServiceContext& context, const Roster& roster, const Views& views,
                          const Aggregate& aggregate);

// How alike two texts are, in permille: the share of their two-character sequences that both have (Dice's coefficient).
int Likeness(std::string_view a, std::string_view b);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_CASEWORK_H_
