// Whether a new record of the congress's work is acceptable, and the op that makes it. Runs under the store's write
// lock, since some records may exist only once.
#ifndef LIAISON_COMMON_ACTIONS_CONGRESS_CHECK_H_
#define LIAISON_COMMON_ACTIONS_CONGRESS_CHECK_H_

#include <string>

#include "common/actions/context.h"
#include "common/rules/roster/roster.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"
#include "liaison/v1/congress_services.pb.h"

namespace liaison {

struct NewCongressRecord {
  RecordId root, child;
  NewOp op;
};

// Everything but a finding. kInvalidArgument, kFailedPrecondition, kPermissionDenied or kNotFound, in Chinese.
absl::StatusOr<NewCongressRecord> MakeCongressRecord(const ServiceContext& context, const Roster& roster,
                                                     const StoreReader& view,
                                                     const v1::AddCongressRecordRequest& request,
                                                     const std::string& action_id);

// A live record of that type. `what` names it in the error.
absl::StatusOr<Aggregate> LoadLive(const StoreReader& view, std::string_view text, uint8_t type, std::string_view what);

// In force on a day: neither before its beginning nor after its end.
bool InForce(const v1::Contact& contact, std::string_view date);

// What the items of the ten-have checklist are called, from 1.
std::string_view TenHaveLabel(int item);
bool IsProvedByData(int item);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_CONGRESS_CHECK_H_
