// Tables derived from the records, kept in the same batch as the records themselves.
#ifndef LIAISON_COMMON_STORE_PROJECTION_H_
#define LIAISON_COMMON_STORE_PROJECTION_H_

#include <string_view>

#include "common/record/aggregate.h"
#include "common/store/kv.h"

namespace liaison {

// A projection owns all keys that start with key::kProjection followed by its name byte. What one aggregate
// contributes is a function of its state and of the ops that its state names, which never change; never of other
// aggregates or of the order of things: so a table can be dropped and made again, and must then be the same, byte for
// byte. Figures that need more (parents, mandates, "today") are computed from rows when they are asked for.
//
// A row that several aggregates add to (a counter) is always read from `out` before it is written, and adding must
// commute; a row of one aggregate is never read. So whoever makes tables anew, one aggregate after another, knows which
// rows to keep at hand.
class Projection {
 public:
  virtual ~Projection() = default;
  virtual std::string_view name() const = 0;  // for messages: "facts"
  virtual char prefix() const = 0;            // its name byte, unique

  // An aggregate went from `before` (null: it is new) to `after`. Take away what `before` contributed and add what
  // `after` does. `out` also reads the ops. Called once per aggregate and batch, under the store's write lock.
  virtual void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) = 0;
};

// Prefix of all keys of a projection: put its own key behind.
std::string ProjectionPrefix(char name);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_PROJECTION_H_
