// The name of an op everywhere: where it stands in its actor's log, and the hash of its bytes.
#ifndef LIAISON_COMMON_CAUSAL_OP_NAME_H_
#define LIAISON_COMMON_CAUSAL_OP_NAME_H_

#include <compare>
#include <cstdint>
#include <string>

#include "common/causal/dot.h"

namespace liaison {

inline constexpr size_t kHashBytes = 32;

// `seq` counts all ops of an actor (a dot's n only those on one aggregate). Two ops may share (actor, seq) after a
// process was resumed twice from one snapshot; the hash tells them apart.
struct OpName {
  Actor actor;
  uint64_t seq = 0;
  std::string hash;  // kHashBytes

  auto operator<=>(const OpName&) const = default;
  bool operator==(const OpName&) const = default;
};

// name := actor seq:varint hash:32
void EncodeOpName(const OpName& name, ByteWriter* out);
OpName DecodeOpName(ByteReader* in);

std::string ToText(const OpName& name);  // "HK-D057/0123456789abcdef#12~89abcdef01234567"

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_OP_NAME_H_
