// Which op made a record.
#ifndef LIAISON_COMMON_RECORD_ORIGIN_H_
#define LIAISON_COMMON_RECORD_ORIGIN_H_

#include <cstdint>
#include <optional>

#include "common/record/aggregate.h"

namespace liaison {

// Where a visit or a matter was made: in the log of whom, and under which number. By its place in the session or its
// station, which nobody writes again; of a record that has none, by its number. Nullopt if it has neither.
struct Origin {
  Actor actor;
  uint64_t seq = 0;
};
std::optional<Origin> OriginOf(const Aggregate& aggregate, const RecordId& child);

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_ORIGIN_H_
