// The key space of a store. All keys start with the layout's version byte, so that a later layout can live beside this
// one while it is made; then a table byte. Numbers are big-endian, so that byte order is number order. A string or
// record id that is not last in its key has its length in front.
//
//   table  key after the two bytes                          value
//   M      name                                             own facts: "format", "epoch", "station", "logical", "x-…"
//   O      actor seq:8 tag:8                                an op's bytes
//   C      actor                                            chain: order:varint seq:varint head:32 acked:varint
//                                                           level:u8 archived:varint, which is left out when 0;
//                                                           order 0: the log of another
//   R      actor last:8 tag:8                               range: first:varint head-before:32 head-after:32
//                                                           key-id:string algorithm:u8 signature:string
//   D      actor last:8 tag:8                               when the range came, by this machine's clock: wall:8
//   N      actor seq:8 tag:8                                an op that is not of the chain in C: head-after:32, or
//                                                           empty if that is not known
//   Q      actor seq:8 tag:8                                an op in O that is not folded: verdict:u8 reason:string
//                                                           key-id:string, which is left out when empty
//   A      record id                                        aggregate state (record/aggregate_state.cc); derived
//   I      action id                                        request-hash:string result:string; hash empty: blanked
//   K      visitor record id, key id                        wrap:u8=0 algorithm:u8 key:string; key empty: destroyed
//          empty string                                     the same, for digests (Store::SecretDigest)
//   F      interest:string position:8                       prefix-after:32 item
//   H      interest                                         feed head: epoch:string position:varint prefix:32
//   B      interest:string last:8                           batch header: the batch without items, ops and keys
//   S      interest:string prefix:32 position:8             abandoned: prefix-after:32 item; prefix: of the old head
//   T      interest:string prefix:32 last:8                 abandoned: batch header
//   G      record id, interest                              membership: empty
//   X      archive id                                       archive mark (archive_marks.cc): epoch:string wall:8
//                                                           ordinal:varint verified:u8 tips:varint
//                                                           (actor seq:varint head:32)*
//   P      projection byte, its own key                     derived
//          byte 'j'                                         what verdicts hide (verdict_rows.h)
//          byte 0                                           only while tables are made anew (rebuild.cc):
//                                                           derived-version:varint phase:u8 last-state-key
//
// Derived tables can be dropped and made again from O. Downsides: an aggregate's state is rewritten whole with every
// op (a few hundred bytes); the actor stands in every op key (25 bytes, which block compression takes back).
#ifndef LIAISON_COMMON_STORE_KEYS_H_
#define LIAISON_COMMON_STORE_KEYS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "common/causal/dot.h"
#include "common/record/ids.h"

namespace liaison::key {

inline constexpr size_t kEpochBytes = 16;
inline constexpr char kMeta[] = "\x01M";
inline constexpr char kOp[] = "\x01O";
inline constexpr char kChain[] =
    "\x01"
    "C";
inline constexpr char kRange[] = "\x01R";
inline constexpr char kArrival[] =
    "\x01"
    "D";
inline constexpr char kBranch[] = "\x01N";
inline constexpr char kKept[] = "\x01Q";
inline constexpr char kAggregate[] =
    "\x01"
    "A";
inline constexpr char kAction[] = "\x01I";
inline constexpr char kKey[] = "\x01K";
inline constexpr char kFeedItem[] =
    "\x01"
    "F";
inline constexpr char kFeedHead[] = "\x01H";
inline constexpr char kBatch[] =
    "\x01"
    "B";
inline constexpr char kAbandoned[] = "\x01S";
inline constexpr char kAbandonedBatch[] = "\x01T";
inline constexpr char kMember[] = "\x01G";
inline constexpr char kArchive[] = "\x01X";
inline constexpr char kProjection[] = "\x01P";

std::string Meta(std::string_view name);
std::string OpPrefix(const Actor& actor);
std::string OpAt(const Actor& actor, uint64_t seq);  // prefix of the branches at seq
std::string Op(const Actor& actor, uint64_t seq, Tag tag);
std::string Chain(const Actor& actor);
std::string RangeAt(const Actor& actor, uint64_t last);  // prefix of the marks that end at last
std::string Range(const Actor& actor, uint64_t last, Tag tag);
std::string ArrivalAt(const Actor& actor, uint64_t last);
std::string Arrival(const Actor& actor, uint64_t last, Tag tag);
std::string BranchAt(const Actor& actor, uint64_t seq);
std::string Branch(const Actor& actor, uint64_t seq, Tag tag);
std::string Kept(const Actor& actor, uint64_t seq, Tag tag);
std::string Aggregate(const RecordId& id);
std::string Action(std::string_view action_id);
std::string VisitorKey(const RecordId& id, std::string_view key_id);
std::string VisitorKeys(const RecordId& id);
std::string FeedItem(std::string_view interest, uint64_t position);
std::string FeedHead(std::string_view interest);
std::string Batch(std::string_view interest, uint64_t last);
std::string Abandoned(std::string_view interest, std::string_view prefix, uint64_t position);
std::string AbandonedBatch(std::string_view interest, std::string_view prefix, uint64_t last);
std::string Members(const RecordId& id);
std::string Member(const RecordId& id, std::string_view interest);
std::string Archive(std::string_view archive_id);
std::string Remaking();

}  // namespace liaison::key

#endif  // LIAISON_COMMON_STORE_KEYS_H_
