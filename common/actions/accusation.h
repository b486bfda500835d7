// Takes the words of what became an accusation (检举控告) out of all that is shown: the matter, what was added to it,
// the visit that it came with, and who brought it. The ops that held them stay until they are erased; ListRemains names
// them.
#ifndef LIAISON_COMMON_ACTIONS_ACCUSATION_H_
#define LIAISON_COMMON_ACTIONS_ACCUSATION_H_

#include <functional>
#include <vector>

#include "common/actions/context.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"
#include "liaison/v1/casework.pb.h"

namespace liaison {

// Appends the ops that blank the matter and what came with it; none where no words are left. Run under the store's
// write lock. The contexts of the ops cover all that is visible, so that no value that anybody wrote stays beside the
// blank one. `matter` need not be an accusation yet. Verdicts' reasons are blanked at the hub, which alone gives them.
void AppendBlanks(const StoreReader& view, const Aggregate& matter, bool at_hub, Action* action);

// Ops of accusations, and of the visits that they came with, in which words still stand.
std::vector<v1::Remain> RemainsOf(const StoreReader& view, const Aggregate& matter);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_ACCUSATION_H_
