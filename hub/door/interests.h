// Who receives what: the interests that an aggregate belongs to, and those that a station subscribes to.
//
//   "all"           master records but rights: every station
//   "point:ID"      sessions, matters and visitors of a point (or of the area or centre station itself)
//   "station:ID"    what one station wrote for another, its keys, and its rights
//
// A session goes to its point, a matter to the points of all its sources, a visitor to the point that it was made for,
// wherever it is said to be later; each also to the station that made it (store/maker.h), for whoever else wrote to it
// gets no key by that. An area station takes its points without their visitors' keys, so it can carry but not read
// them; the centre takes all. A record whose making is hidden by a verdict goes to the station that says so alone; one
// that two stations have made to nobody, until a person declines one. Rights go to the station that their code names,
// whatever they say; the hub's to none.
// Audits go nowhere: the hub has a station's from its log.
#ifndef LIAISON_HUB_DOOR_INTERESTS_H_
#define LIAISON_HUB_DOOR_INTERESTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/record/aggregate.h"
#include "common/rules/roster/roster.h"
#include "common/store/reader.h"

namespace liaison {

// By the folded state, and the op that made it; every sibling of a contested place counts. Empty (hub only) while the
// root has not come, and for a visitor whose maker is not here.
std::vector<std::string> InterestsOf(const Aggregate& aggregate, const StoreReader& reader);

std::vector<std::string> SubscriptionsOf(const Roster& roster, std::string_view station_id);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_INTERESTS_H_
