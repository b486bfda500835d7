// How a person ends a disagreement (分歧): by a write that has seen all of its sides.
#ifndef LIAISON_COMMON_ACTIONS_SETTLE_H_
#define LIAISON_COMMON_ACTIONS_SETTLE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/actions/edit.h"
#include "common/rules/roster/roster.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

// ConflictView.field of a record that was voided by one and changed by another, and its two sides.
inline constexpr std::string_view kVoidField = "void", kSideVoid = "作废", kSideKeep = "保留";

// SettleRequest.field of a number that several records carry; its one side is kSideKeep.
inline constexpr std::string_view kNumberField = "number";

// What SettleRequest names a value by: the same on every disk, whatever else has come since.
// `element`: of a set, the element that the value is of; one op may have written several.
std::string SideOf(const Dot& dot, std::string_view element);

// The write that settles a field or a state. kInvalidArgument names the field or the side and what there is to choose
// from; kFailedPrecondition: there is nothing to settle (any more), or it is not for this machine to settle.
// Not for kVoidField.
absl::StatusOr<Edit> MakeSettlement(const ServiceContext& context, const StoreReader& reader,
                                    const Aggregate& aggregate, const RecordId& child,
                                    const v1::SettleRequest& request);

// The number that a record carries; empty: none, or no such record.
std::string NumberOf(const StoreReader& reader, const std::string& full_id);
// What a record with a number is, for a person who has to choose: date, station, title or words.
std::string WhatIs(const StoreReader& reader, const Roster& roster, const std::string& full_id);

// The record keeps its number, and all others that carry it get it with a mark. An op for each of them, also for the
// one that keeps it, so that the history of all tells what was decided. kFailedPrecondition: at a station; nothing else
// carries the number (any more).
absl::StatusOr<Action> KeepNumber(const ServiceContext& context, const StoreReader& view, const std::string& full_id,
                                  const std::string& user);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_SETTLE_H_
