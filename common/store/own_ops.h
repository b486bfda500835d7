// The ops of a store by the records that they belong to, without holding them all. Private to common/store.
//
// A state names its ops, so a record can be folded from these alone, if no op of O is missing from the states. Names
// are compared as sums: each op of O that is not kept is added in the bucket of its aggregate, each name in a state is
// taken away. A key of O holds one op and an op has one aggregate, so sums of zero say that each state names all ops of
// its aggregate, once.
#ifndef LIAISON_COMMON_STORE_OWN_OPS_H_
#define LIAISON_COMMON_STORE_OWN_OPS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/record/aggregate.h"
#include "common/store/bucket_sums.h"
#include "common/store/kv.h"

namespace liaison {

// Each key of O from `from` on, with its op or why it is none: its bytes do not decode, or are another's. `kept`: it is
// marked as kept (kept.h); of such an op only the frame is read. Stops when `visit` returns false.
using OpVisit = std::function<bool(std::string_view key, bool kept, absl::StatusOr<Op> op)>;
void ForEachOp(const KvReader& kv, std::string_view from, const OpVisit& visit);
// How many ops the logs say that they hold: what a scan of O will find, about.
uint64_t OpsInLogs(const KvReader& kv);

// Keys in O of the ops that a state names, applied and held.
void ForEachOwnKey(const Aggregate& aggregate, const std::function<void(std::string_view key)>& visit);
// The ops that it names. False: one of them is not here, damaged, or of another aggregate; `ops` has the others.
bool ReadOwnOps(const KvReader& kv, const Aggregate& aggregate, std::vector<Op>* ops);
// Applies an op, and those of its aggregate that have waited for it. `kv` has the ops that were applied before.
void ApplyOp(const KvReader& kv, const Op& op, Aggregate* aggregate);
Aggregate FoldOps(const RecordId& id, const std::vector<Op>& ops);

// The bucket of an aggregate, by its id as bytes: what stands behind key::kAggregate.
inline size_t BucketOf(std::string_view id) { return BucketSums::Of(id); }

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_OWN_OPS_H_
