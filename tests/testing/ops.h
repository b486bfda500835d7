// Ops in few words: MakeOp("Bob2"_dot, "Alice1 Bob1"_vv, {{kRoot, kTitle, "", "值"}}).
#ifndef LIAISON_TESTS_TESTING_OPS_H_
#define LIAISON_TESTS_TESTING_OPS_H_

#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/record/aggregate.h"
#include "common/record/op.h"
#include "tests/testing/literals.h"

namespace liaison {

inline const RecordId kTestAggregate = RecordId::Random(24, "0123456789", 0);

// Follows the actor's op with the number before and no prime, unless `after` names another. The hash begins with the
// dot's tag, and the op stands at 10 n in the actor's log.
inline Op MakeOp(const Dot& dot, VersionVector context, std::vector<Write> writes, const Dot* after = nullptr) {
  Op op;
  op.aggregate = kTestAggregate;
  op.action_id = "0123456789";
  op.actor = dot.actor;
  op.n = dot.n;
  op.seq = 10 * dot.n;
  if (after != nullptr) {
    op.previous = after->tag;
  } else if (dot.n > 1) {
    op.previous = DotFrom(Cat(dot.actor.station, dot.n - 1)).tag;
  }
  op.context = std::move(context);
  op.writes = std::move(writes);
  ByteWriter hash(&op.hash);
  for (int i = 0; i < 4; ++i) hash.Fixed64(dot.tag);
  return op;
}

// The write by which the hub refuses an op (with a reason), or accepts it again (without).
inline Write Verdict(const Op& judged, std::string_view reason) {
  Write write;
  write.tag = kVerdictTag;
  ByteWriter element(&write.element);
  EncodeOpName(judged.name(), &element);
  if (!reason.empty()) write.value = Cat("1", reason);
  return write;
}

// The visible values of a field, in the order of their dots.
inline std::vector<std::string> Values(const Aggregate& aggregate, const RecordId& child, uint32_t tag,
                                       const std::string& element = "") {
  std::vector<std::string> values;
  const Child* found = aggregate.Find(child);
  if (found == nullptr) return values;
  auto it = found->fields.find({tag, element});
  if (it == found->fields.end()) return values;
  for (const Sibling& sibling : it->second.siblings()) values.push_back(sibling.value);
  return values;
}

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_OPS_H_
