// What follows from one record for others and that no author could know of: done by the township, again and again,
// until nothing of it is left.
#ifndef LIAISON_COMMON_ACTIONS_MENDING_H_
#define LIAISON_COMMON_ACTIONS_MENDING_H_

#include <string_view>
#include <vector>

#include "common/actions/context.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"

namespace liaison {

// Whatever was logged with a visit: its matters, as long as it alone brought them, and its visitor.
std::vector<RecordId> LoggedWith(const StoreReader& view, const Aggregate& session, const RecordId& entry);

// Gives back to 已受理 what was merged into a matter that is going (void, withdrawn): another voter's matter does not
// go with it. At a station it refuses (kFailedPrecondition), since what was merged is the township's. Nothing was
// merged: OK.
absl::Status ReleaseMerged(const ServiceContext& context, const StoreReader& view, const RecordId& parent,
                           std::string_view why, Action* action);

// Everything that is to be mended now, at the hub: what is merged into a matter that went elsewhere in the meantime;
// words that came late to an accusation or to its visit; matters of a visit that was voided and lives because somebody
// wrote to it.
void AppendMending(const ServiceContext& context, const StoreReader& view, Action* action);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_MENDING_H_
