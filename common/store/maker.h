// Who made a record. A record's id carries the id of the action that made it (record/ids.h), so its maker is whoever
// wrote an op of that action on it: not the first whose op is at hand, and not whom its fields name.
#ifndef LIAISON_COMMON_STORE_MAKER_H_
#define LIAISON_COMMON_STORE_MAKER_H_

#include <optional>
#include <set>
#include <string>

#include "common/record/aggregate.h"
#include "common/record/op.h"
#include "common/store/reader.h"

namespace liaison {

// The op that made the record; absent: it is not here, does not stand, or two stations claim to have made it. Master
// records have none.
std::optional<Op> MakerOf(const StoreReader& reader, const Aggregate& aggregate);

// Whether an op says that its author made the record.
bool ClaimsToMake(const Op& op);

// The stations whose ops say that they made the record: those that count, and those that a verdict hides.
struct Makers {
  std::set<std::string> standing, hidden;
  // Two stations say so, and nothing proves which was first: then nobody reads it until a person declines one.
  bool IsDisputed() const { return standing.size() > 1 || (standing.empty() && hidden.size() > 1); }
};
Makers MakersOf(const StoreReader& reader, const Aggregate& aggregate);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_MAKER_H_
