// An op: what one author wrote about one aggregate, at once. Its bytes are made and read by common/codec/op_codec.h.
#ifndef LIAISON_COMMON_RECORD_OP_H_
#define LIAISON_COMMON_RECORD_OP_H_

#include <optional>
#include <string>
#include <vector>

#include "common/causal/version_vector.h"
#include "common/record/ids.h"

namespace liaison {

// One field (of a set: one element) of one child. The field is named by its protobuf tag, field number and wire type,
// and the value stands as the payload of that wire type without its length, so that a field which this version does
// not know comes out as it came in. An empty value clears the field or takes the element out.
struct Write {
  RecordId child;       // type 0: the root
  uint32_t tag = 0;     // protobuf tag: number << 3 | wire type
  std::string element;  // of a set: the element's key, never empty; else empty
  std::string value;

  uint32_t field() const { return tag >> 3; }
  bool operator==(const Write&) const = default;
};

// Reserved fields. Numbers that protobuf cannot give to a schema.
// Void of a record: value "1" and the reason, or empty: taken back.
inline constexpr uint32_t kVoidTag = 0 << 3 | 2;
// The hub's verdict on an op; element: the op's name; value: see verdict.h. Empty: accepted again.
inline constexpr uint32_t kVerdictTag = 19000 << 3 | 2;

enum OpKind : uint32_t {
  kWriteOp = 1,
  kNewestKnownKind = 1,  // an op of a higher kind is stored, forwarded, and shown as "upgrade needed"
};

enum ClockQuality : uint8_t {
  kClockUnknown = 0,  // the hub has not told its time since the program was started, and nothing speaks against it
  kClockTrusted = 1,  // the hub has, and the clock is on the hub's day, or within an hour of the hub's time
  kClockSuspect = 2,  // it cannot be right (rules/days/clock_trust.h)
};

// What `user` of an op is: a name as somebody typed it, or the id of an account that logged in. Older programs read an
// op of either like the other.
inline constexpr uint32_t kTypedNameVersion = 1, kAccountVersion = 2;
inline constexpr uint32_t kSchemaVersion = kAccountVersion;  // the newest that this program knows

// Where a new actor continues: the newest own op that its disk held.
struct ParentLink {
  Actor actor;
  uint64_t seq = 0;
  std::string head;  // the parent's chain head there, 32 bytes

  bool operator==(const ParentLink&) const = default;
};

struct Op {
  uint8_t hash_algorithm = 1;  // crypto/hash.h
  Actor actor;
  uint64_t seq = 0;                  // contiguous per actor, from 1
  std::optional<ParentLink> parent;  // only on seq 1; absent on the first op of a fresh disk
  std::string action_id;             // kActionIdBytes
  uint32_t index = 0;                // of `count` ops of the action
  uint32_t count = 1;
  RecordId aggregate;
  uint32_t kind = kWriteOp;
  uint32_t schema_version = kTypedNameVersion;
  uint64_t n = 0;         // how many ops this actor has made on this aggregate, this one included
  Tag previous = 0;       // the tag of the one before, 0 iff n == 1
  VersionVector context;  // what the author's screen was loaded with
  // What the author knew of the rights of its station (Rights in people.proto). It stands on an actor's first op and
  // where it is other than before; empty: as in the op before it in the log.
  VersionVector grants;
  uint64_t logical_time = 0;
  int64_t wall_ms = 0;
  uint8_t clock_quality = kClockUnknown;
  std::string user;
  std::optional<OpName> was;  // reserved: the op that this one repeats
  std::vector<Write> writes;
  std::vector<Write> sealed;       // writes whose values are sealed (crypto/seal.h)
  std::vector<std::string> blobs;  // content hashes of attached files

  std::string hash;  // computed by the codec from the bytes, 32 bytes

  Tag tag() const;  // the first 8 bytes of `hash`. REQUIRES: hash is set
  Dot dot() const { return {actor, n, tag()}; }
  OpName name() const { return {actor, seq, hash}; }
};

inline Tag TagOf(std::string_view hash) {
  ByteReader in(hash);
  return in.Fixed64();
}
inline Tag Op::tag() const { return TagOf(hash); }

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_OP_H_
