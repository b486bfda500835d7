// The township's lists as tables, in and out, and the settings that no other service has.
#ifndef LIAISON_HUB_DESK_IMPORTS_H_
#define LIAISON_HUB_DESK_IMPORTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/actions/due_moves.h"
#include "common/api/dispatcher.h"
#include "common/intake/roster_table.h"
#include "liaison/v1/imports.pb.h"

namespace liaison {

// Thread-safe.
class Imports {
 public:
  explicit Imports(ServiceContext context) : context_(std::move(context)) {}

  // A file is written whole, as one action, or not at all. An answer with faults is no error: nothing was taken, and
  // every wrong row is named. Each record is written as having seen what the store has of it at that moment; what a
  // screen that was loaded earlier writes later shows as a conflict. A field that people disagree on is left to them
  // where the file says what is displayed, and settled where it says something else.
  // kInvalidArgument: no table, or no known one. kAborted: not what `expected` was shown.
  absl::StatusOr<v1::ImportTableResponse> ImportTable(const v1::ImportTableRequest& request);
  absl::StatusOr<v1::ExportResponse> ExportTable(const v1::ExportTableRequest& request) const;

  absl::StatusOr<v1::ListPoliciesResponse> ListPolicies(const v1::ListPoliciesRequest& request) const;
  // kInvalidArgument: no such setting, or not a value of it.
  absl::StatusOr<v1::SetPolicyResponse> SetPolicy(const v1::SetPolicyRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  struct Plan;
  absl::StatusOr<Plan> MakePlan(const StoreReader& view, const Table& table, const RosterHeader& header) const;
  absl::StatusOr<Action> MakeAction(const StoreReader& view, const Plan& plan,
                                    const v1::ImportTableRequest& request) const;
  absl::StatusOr<std::vector<MovedDue>> MoveDues(const StoreReader& view, const std::vector<RosterRow>& rows) const;

  ServiceContext context_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_IMPORTS_H_
