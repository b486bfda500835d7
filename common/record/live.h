// Which records of an aggregate live.
#ifndef LIAISON_COMMON_RECORD_LIVE_H_
#define LIAISON_COMMON_RECORD_LIVE_H_

#include <utility>
#include <vector>

#include "common/record/view.h"

namespace liaison {

// Whether something was written to the record and no void of it holds: what lists, guards and figures see.
inline bool IsLive(const Aggregate& aggregate, const RecordId& id = {}) {
  const Child* child = aggregate.Find(id);
  return child != nullptr && !child->touched.empty() && aggregate.VoidOf(id) != VoidState::kVoid;
}

// The children of a type that live, ascending by id.
template <typename M>
std::vector<RecordId> LiveChildrenOf(const Aggregate& aggregate) {
  std::vector<RecordId> live;
  for (RecordId& id : ChildrenOf<M>(aggregate))
    if (IsLive(aggregate, id)) live.push_back(std::move(id));
  return live;
}

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_LIVE_H_
