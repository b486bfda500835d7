// How a person ends a disagreement (分歧): by a write that has seen all of its sides.
#ifndef LIAISON_COMMON_SERVICE_SETTLE_H_
#define LIAISON_COMMON_SERVICE_SETTLE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/service/edit.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// ConflictView.field of a record that was voided by one and changed by another, and its two sides.
inline constexpr std::string_view kVoidField = "void", kSideVoid = "作废", kSideKeep = "保留";

// What SettleRequest names a value by: the same on every disk, whatever else has come since.
std::string SideOf(const Dot& dot);

// The write that settles a field or a state. kInvalidArgument names the field or the side and what there is to choose
// from; kFailedPrecondition: there is nothing to settle (any more), or it is not for this machine to settle.
// Not for kVoidField.
absl::StatusOr<Edit> MakeSettlement(const ServiceContext& context, const StoreReader& reader,
                                    const Aggregate& aggregate, const RecordId& child,
                                    const v1::SettleRequest& request);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_SETTLE_H_
