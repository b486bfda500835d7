// What a station and the hub say to each other. Plain structs; common/codec/message_codec.h gives them bytes.
// Ops, aggregates and keys are opaque bytes here: the exchange never looks inside.
#ifndef LIAISON_COMMON_SYNC_MESSAGE_H_
#define LIAISON_COMMON_SYNC_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/causal/op_name.h"
#include "common/sync/limits.h"

namespace liaison::sync {

inline constexpr uint32_t kProtocolVersion = 3;
inline constexpr uint32_t kOldestProtocolVersion = 2;  // that this version still speaks

// On a live link a hash that the receiver compares with one of its own is cut to its first bytes: a side that fakes one
// fools only itself, and what others rely on is signed in full.
inline constexpr size_t kCheckBytes = 8;

// Whether two hashes, either of them perhaps cut, are the same. An empty one is the same as none.
bool SameHash(std::string_view a, std::string_view b);

// A point of an actor's log: its chain head after op `seq`. seq 0: nothing yet.
struct Tip {
  Actor actor;
  uint64_t seq = 0;
  std::string head;  // kHashBytes
  bool operator==(const Tip&) const = default;
};

// A point of a feed. Only the prefix hash decides whether two feeds agree up to `position`; the epoch is 128 random
// bits of one run of the hub's history and decides nothing.
struct Cursor {
  std::string interest;
  std::string epoch;      // 16 bytes
  uint64_t position = 0;  // items held
  std::string prefix;     // kHashBytes
  bool operator==(const Cursor&) const = default;
};

// A signature and what it was made with (common/crypto/sign.h).
struct Seal {
  std::string key_id;  // 8 bytes
  uint8_t algorithm = 0;
  std::string signature;
  bool operator==(const Seal&) const = default;
};

enum class ItemKind : uint8_t {
  kOp = 1,     // an op of an aggregate of this interest
  kEnter = 2,  // an aggregate enters; `count` of its ops follow
  kLeave = 3,
  kKey = 4,   // a visitor's key; only its id and hash stand in the feed
  kGone = 5,  // an erased item, named by its hash
};

// The item's hash covers exactly these fields, never payload.
struct FeedItem {
  ItemKind kind = ItemKind::kOp;
  std::string aggregate;
  OpName name;           // kOp, kGone
  uint64_t count = 0;    // kEnter
  std::string key_id;    // kKey, 8 bytes
  std::string key_hash;  // kKey, kHashBytes
  // Not of the item: on a live link, the receiver's own op (hash empty) that wrote the visitor of a kKey item. Its disk
  // then tells the fields above, as it does for a kOp item of its own whose name has no hash.
  OpName by;
  bool operator==(const FeedItem&) const = default;
};

// A visitor's key on its way. Never inside an op, never in a log.
struct KeyItem {
  std::string aggregate;
  uint8_t algorithm = 0;
  std::string key_id;  // 8 bytes
  std::string key;     // empty: destroyed
  bool operator==(const KeyItem&) const = default;
};

// ---------------------------------------------------------------- messages

// The first message of a station. `tip` names the newest own op of this disk, archived or not.
struct Hello {
  uint32_t version = kProtocolVersion;
  std::string station;
  std::string node;
  std::string machine_id;
  std::vector<uint32_t> dictionaries;  // compression dictionaries that this side has
  uint64_t budget = 0;                 // bytes it can buffer
  std::optional<Tip> tip;
  std::vector<Tip> points;          // on request: spaced points of its lineage
  std::vector<Cursor> feeds;        // every feed that the disk holds, subscribed or not
  std::vector<Cursor> feed_points;  // on request: spaced points of feeds
  // What this disk has of feeds that the hub went back behind (Offer): how many names, and the hash of their set.
  uint64_t abandoned_count = 0;
  std::string abandoned_hash;
  std::vector<OpName> abandoned_names;  // unused
  std::string archive_id;               // newest archive of the hub that this disk knows of
  bool operator==(const Hello&) const = default;
};

enum class TipVerdict : uint8_t { kNone = 0, kKnown = 1, kHave = 2, kWant = 3, kProbe = 4 };
enum class FeedVerdict : uint8_t { kOk = 0, kRewind = 1, kProbe = 2 };

struct FeedAnswer {
  FeedVerdict verdict = FeedVerdict::kOk;
  Cursor cursor;  // kRewind: where to go back to; kProbe: the hub's head
  bool operator==(const FeedAnswer&) const = default;
};

struct EpochMark {
  std::string epoch;
  std::string archive_id;  // the last archive that this epoch contains
  bool operator==(const EpochMark&) const = default;
};

struct Welcome {
  uint32_t version = kProtocolVersion;
  std::string epoch;
  std::vector<EpochMark> lineage;
  TipVerdict verdict = TipVerdict::kNone;
  std::optional<Tip> have;   // up to where the hub holds the actor that it wants ranges of
  std::optional<Tip> want;   // actor and first seq that the station is to send
  bool fork_notice = false;  // two live children of one parent: this disk may be a clone
  std::vector<FeedAnswer> feeds;
  std::vector<std::string> subscriptions;
  std::vector<OpName> wanted;  // unused
  int64_t hub_time_ms = 0;
  std::vector<Cursor> heads;  // the hub's feeds, signed
  Seal heads_seal;
  bool offer_abandoned = false;   // the hub does not know the hello's abandoned hash: offer it
  bool archive_contained = true;  // the hub's history contains the archive that the hello named
  bool operator==(const Welcome&) const = default;
};

// Consecutive ops of one actor. Signed over ("liaison-range-1", actor, first, last, head before, head after). On a
// live link the heads are left empty: the receiver has computed them anyway.
struct Range {
  Actor actor;
  uint64_t first = 0;
  uint64_t last = 0;
  std::string head_before;
  std::string head_after;
  Seal seal;
  std::vector<std::string> ops;
  std::vector<KeyItem> keys;  // keys of the visitors that these ops write
  bool with_heads = false;    // not of the range: on a live link the heads are sent all the same
  bool more = false;          // not of the range: another one is to follow
  bool operator==(const Range&) const = default;
};

enum class AckLevel : uint8_t { kDurable = 1, kArchived = 2 };
enum class Verdict : uint8_t { kRefused = 1, kHeld = 2, kMalformed = 3 };

struct OpVerdict {
  OpName name;
  Verdict verdict = Verdict::kHeld;
  std::string reason;  // Chinese, for the author
  bool operator==(const OpVerdict&) const = default;
};

// Cumulative: everything of `tip.actor` up to `tip.seq` is on the hub's disk.
struct Ack {
  std::string epoch;
  Tip tip;
  AckLevel level = AckLevel::kDurable;
  std::string archive_id;
  std::vector<OpVerdict> verdicts;
  std::optional<Tip> gap;  // what the hub has when a range did not follow it
  Seal seal;               // once a session and when idle
  bool operator==(const Ack&) const = default;
};

// Consecutive items of one feed, signed by the hub over ("liaison-feed-1", interest, epoch, first, prefix before,
// last, prefix after). `ops` stands beside `items`: the bytes of an op, or empty when the receiver should have them.
struct FeedBatch {
  std::string interest;
  std::string epoch;
  uint64_t first = 0;  // position before the first item
  std::string prefix_before;
  uint64_t last = 0;
  std::string prefix_after;
  uint64_t archived_position = 0;
  std::string archive_id;
  Seal seal;
  std::vector<FeedItem> items;
  std::vector<std::string> ops;
  std::vector<KeyItem> keys;
  bool whole = false;  // not of the batch: on a live link nothing is left out of it but bytes of ops
  bool operator==(const FeedBatch&) const = default;
};

// Asks for the bytes of ops by name; answered by Ops in the same order, an unknown one as empty bytes. The hub, of an
// offered batch, asks for keys too, each by aggregate and id.
struct Want {
  std::vector<OpName> names;
  std::vector<KeyItem> keys;
  bool operator==(const Want&) const = default;
};
struct Ops {
  std::vector<std::string> ops;
  std::vector<KeyItem> keys;
  bool operator==(const Ops&) const = default;
};

// The receiver has durably taken a feed up to the cursor.
struct FeedAck {
  Cursor cursor;
  bool whole = false;  // the last batch could not be completed from this disk: send it with nothing left out
  bool operator==(const FeedAck&) const = default;
};

// A station offers back what a restored hub may have lost: a batch as the hub signed it, all its items and no bytes.
// The hub asks for what it lacks and answers with a FeedAck when it has taken that durably, by name and nothing else:
// positions, enter and leave follow anew from the records.
struct Offer {
  FeedBatch batch;
  std::string set;  // on the last batch: the hash of all that this disk has abandoned, for the hub to note
  bool operator==(const Offer&) const = default;
};

// After kProbe: spaced points of those feeds, and the hub's answers, one for each probed feed in the hello's order.
struct FeedPoints {
  std::vector<Cursor> points;
  bool operator==(const FeedPoints&) const = default;
};
struct FeedAnswers {
  std::vector<FeedAnswer> answers;
  bool operator==(const FeedAnswers&) const = default;
};

// Why a side ends the session; `retry` false: trying again will not help.
struct Goodbye {
  std::string reason;  // Chinese
  bool retry = true;
  bool operator==(const Goodbye&) const = default;
};

using Message =
    std::variant<Hello, Welcome, Range, Ack, FeedBatch, Want, Ops, FeedAck, Goodbye, Offer, FeedPoints, FeedAnswers>;

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_MESSAGE_H_
