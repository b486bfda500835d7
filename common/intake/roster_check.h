// What the rows of a list must say together, and with the records that are known: every station below another that is
// in use, no circle of mergers, no name twice. Pure.
#ifndef LIAISON_COMMON_INTAKE_ROSTER_CHECK_H_
#define LIAISON_COMMON_INTAKE_ROSTER_CHECK_H_

#include <functional>
#include <string_view>
#include <vector>

#include "common/intake/roster_table.h"

namespace liaison {

// `field` as in RosterColumn.
using RosterFault = std::function<void(const RosterRow& row, std::string_view field, std::string_view reason)>;

// Only what a row changes can be its fault: an old list that would break a rule of today comes in again as it went out.
//
// Stations: one center; every other has a parent one tier up, which is in use. A merged one names an active station
// other than itself, in the roster as it is after the whole file, and since when; a closed one since when; one in use
// names neither. What is still in use cannot lose its parent.
// Deputies: the home station exists and is neither merged nor closed.
// Departments and categories: no name twice; a category's parent exists, without a circle.
void CheckRoster(v1::RosterKind kind, const RosterKnown& known, const std::vector<RosterRow>& rows,
                 const RosterFault& fault);

}  // namespace liaison

#endif  // LIAISON_COMMON_INTAKE_ROSTER_CHECK_H_
