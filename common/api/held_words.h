// Words on a record that the hub has hidden by a verdict, for whoever wrote them.
#ifndef LIAISON_COMMON_API_HELD_WORDS_H_
#define LIAISON_COMMON_API_HELD_WORDS_H_

#include <string_view>

#include "common/api/views.h"

namespace liaison {

// What `station` wrote to the record and does not count, at the hub what any station did: with the root of the record
// all of its parts, else those that the child is in. `views`: as much as it shows.
void AddHeldWords(const Views& views, std::string_view station, const Aggregate& aggregate, const RecordId& child,
                  v1::RecordView* view);

// What a history says of a verdict.
std::string_view VerdictLabel(std::string_view value);

// Whether what a history says does not count waits for the township.
bool IsHeld(const Aggregate& aggregate, const OpName& name);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_HELD_WORDS_H_
