// Names of writes. Read this first, then version_vector.h, lineage.h, register.h.
#ifndef LIAISON_COMMON_CAUSAL_DOT_H_
#define LIAISON_COMMON_CAUSAL_DOT_H_

#include <compare>
#include <cstdint>
#include <string>

#include "common/base/bytes.h"

namespace liaison {

// One run of one store: every process start opens a new actor at its first write, so that a restored backup or a
// cloned disk can never issue a name twice. `station` is the station's id ("HK-D057", or "HUB" at the hub).
struct Actor {
  std::string station;
  uint64_t random = 0;  // 64 random bits, drawn once

  auto operator<=>(const Actor&) const = default;
  bool operator==(const Actor&) const = default;
};

// The first 8 bytes of the op's hash, big-endian. Tells apart the two ops that one process resumed twice from one
// snapshot may put under the same number. 0 stands for "no predecessor".
using Tag = uint64_t;

// The n-th op that `actor` made on one aggregate. n starts at 1.
struct Dot {
  Actor actor;
  uint64_t n = 0;
  Tag tag = 0;

  auto operator<=>(const Dot&) const = default;
  bool operator==(const Dot&) const = default;
};

// actor := station:string random:fixed64        dot := actor n:varint tag:fixed64
void EncodeActor(const Actor& actor, ByteWriter* out);
Actor DecodeActor(ByteReader* in);
void EncodeDot(const Dot& dot, ByteWriter* out);
Dot DecodeDot(ByteReader* in);

std::string ToText(const Actor& actor);  // "HK-D057/0123456789abcdef", for people and logs
std::string ToText(const Dot& dot);      // "HK-D057/0123456789abcdef:3~89abcdef01234567"

}  // namespace liaison

#endif  // LIAISON_COMMON_CAUSAL_DOT_H_
