// How an op begins that changes a record as it stands, and not as a person's screen showed it.
#ifndef LIAISON_COMMON_STORE_OP_ON_H_
#define LIAISON_COMMON_STORE_OP_ON_H_

#include "common/store/reader.h"
#include "common/store/store_options.h"

namespace liaison {

// Without writes; its context covers all that is visible of the record.
NewOp OpOn(const Aggregate& aggregate);
// The same, of the record that `view` has under the id; of one that it does not have, the op that makes it.
NewOp OpOn(const StoreReader& view, const RecordId& id);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_OP_ON_H_
