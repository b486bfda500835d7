// The ops that make a session or a visit, from what a person entered or an old ledger says. Runs under the store's
// write lock, since numbers are given here.
#ifndef LIAISON_STATION_RECEPTION_ENTRY_H_
#define LIAISON_STATION_RECEPTION_ENTRY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/actions/number_giver.h"
#include "common/api/viewer.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// kInvalidArgument names the deputy that the roster does not have, or that is not in office on the session's day.
absl::Status CheckDeputies(const Roster& roster, const v1::ReceptionSession& session);

// Whether the station still receives voters on a session's day: one that was merged or closed does not from that day
// on; what lies on paper from before is still entered. kFailedPrecondition says since when, and where to.
absl::Status CheckReceives(const Roster& roster, const v1::ReceptionSession& session);

// By its id as text; kInvalidArgument or kNotFound in Chinese.
absl::StatusOr<Aggregate> LoadSession(const StoreReader& reader, std::string_view text);
// The same, if the viewer sees it.
absl::StatusOr<Aggregate> LoadSession(const StoreReader& reader, const Viewer& viewer, std::string_view text);

// A session as it is entered: its fields, its deputies' times, start before end. Only an opinion box needs no deputy.
absl::Status CheckSession(const v1::ReceptionSession& session);

// Whether the record may be worked on: entered here, of a station that this one enters for, and not voided.
// kPermissionDenied or kFailedPrecondition in Chinese.
absl::Status CheckMayWorkOn(const ServiceContext& context, const Roster& roster, const Aggregate& session);

// One visit: what to write, and the ids it gets.
struct VisitIds {
  RecordId session, entry;
  std::vector<RecordId> matters;
};
// Completes entry and matters (numbers, station, date, status, sources), checks them, and appends their ops. `session`
// is the session's record; its aggregate is `ids.session`. First free index of the action: `index`.
struct VisitInput {
  v1::ReceptionSession session;
  v1::VisitEntry entry;
  v1::VisitorFields visitor;
  std::vector<v1::Matter> matters;
  std::string import_batch;
};
absl::Status AppendVisit(const ServiceContext& context, const std::string& action_id, uint16_t index, VisitInput input,
                         NumberGiver* numbers, VisitIds* ids, Action* action);

}  // namespace liaison

#endif  // LIAISON_STATION_RECEPTION_ENTRY_H_
