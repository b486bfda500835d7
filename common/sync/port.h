// What the sessions take from the store, and what they ask of their driver.
//
// A session is a pure state machine: an event goes in, effects come out in the order in which they must happen, and
// nothing else happens. What has to be durable is an effect of its own; what may only be said afterwards comes out of
// the event that reports it done. So the driver decides about threads and I/O, and tests need neither.
#ifndef LIAISON_COMMON_SYNC_PORT_H_
#define LIAISON_COMMON_SYNC_PORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/message.h"

namespace liaison::sync {

// What a station's driver may tighten for a weak link.
struct PushLimits {
  size_t range_bytes = kMaxRangeBytes;           // op bytes of a range
  size_t ranges_in_flight = kMaxRangesInFlight;  // at most this
};

// ---------------------------------------------------------------- effects

struct Send {
  Message message;
};
// Verify and apply durably, then OnBatchApplied(). ops[i] is empty iff the item is no op or the disk holds the op.
struct ApplyBatch {
  FeedBatch batch;
};
// Go back to this point of the feed durably, then OnRewound(). Position 0 with an empty prefix is the feed's start.
struct RewindFeed {
  Cursor cursor;
};
// Note what the hub holds of an own actor; a lost one costs a repetition, nothing else. `exact`: the hub has shown
// that it holds no more than this, so what was noted before is lowered (tip.head may then be empty). `exact` of level
// archived has no tip: its history lacks the archive, so no own op counts as archived and no archive is known any more.
struct RecordAck {
  Ack ack;
  bool exact = false;
};
// Verify and queue to the one thread that applies, then OnRangeApplied() with its answer. In order.
struct ApplyRange {
  Range range;
};
// The session is over and has let go of its buffers; send what stands before this, then close the stream.
struct Close {
  std::string reason;  // Chinese
  bool retry = true;   // false: trying again soon will not help
};

// Take what was offered durably, on the thread that applies, then OnOfferTaken(). Empty bytes: held already. With
// `known`, note that everything behind that hash is held, in the same write.
struct TakeOffer {
  FeedBatch batch;
  std::vector<KeyItem> keys;
  std::string known;
};

using Effect = std::variant<Send, ApplyBatch, RewindFeed, RecordAck, ApplyRange, TakeOffer, Close>;
using Effects = std::vector<Effect>;

// ---------------------------------------------------------------- ports

// An actor that this disk opened.
struct OwnLog {
  Actor actor;
  uint64_t last_seq = 0;
  uint64_t acked_seq = 0;     // the hub has said that it holds the log up to here
  std::optional<Tip> parent;  // the point of an earlier own actor that this one grew from; seq and actor suffice
};

// A station's store. Read only, called on the session's thread, must see everything that was applied before.
class StationPort {
 public:
  virtual ~StationPort() = default;

  // The hello without tip and feeds; with what is abandoned. Its version is the newest that this side speaks.
  virtual Hello Identity() = 0;
  virtual std::optional<Tip> tip() = 0;  // the newest own op of this disk
  // In order of creation: an actor stands behind its parent. Own ops that came back through a feed count as acked.
  virtual std::vector<OwnLog> OwnLogs() = 0;
  // Consecutive own ops from `first`, at most `max_bytes` of them but at least one; with heads, seal and keys.
  virtual absl::StatusOr<Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) = 0;
  virtual std::vector<Cursor> Feeds() = 0;  // every feed that the disk holds, subscribed or not
  virtual bool HasOp(const OpName& name) = 0;
  virtual bool HoldsAt(const Tip& tip) = 0;  // whether an own log passes through this point
  // Points of the feed before `cursor`, spaced ever wider from the newest on; first of all the hub's head if this disk
  // passes through it.
  virtual std::vector<Cursor> FeedPoints(const Cursor& cursor, const Cursor& hub_head) = 0;
  // What was abandoned, batch by batch, each as the hub signed it, without bytes; nullopt behind the last. `at`: where
  // to go on, empty at first.
  virtual std::optional<FeedBatch> NextAbandoned(std::string* at) = 0;
  virtual Ops Lookup(const Want& want) = 0;  // unknown ops empty, unknown keys left out
  // Fills in what a live link has left out of a batch that starts at this disk's cursor (`prefix_before` is set):
  // names and aggregates of own ops, key items of own visitors, the whole prefix after. kNotFound: this disk lacks one
  // of them, or the prefix does not come out.
  virtual absl::Status Complete(FeedBatch* batch) = 0;
};

struct Admission {
  std::vector<std::string> subscriptions;
  bool fork_notice = false;
};

// The hub's store. Read only, called from many sessions' threads at once.
class HubPort {
 public:
  virtual ~HubPort() = default;

  // Whether this node may speak for this station. kPermissionDenied and kUnauthenticated (message in Chinese) end the
  // session for good, any other error until the next attempt.
  virtual absl::StatusOr<Admission> Admit(const Hello& hello) = 0;
  virtual std::string epoch() = 0;
  virtual std::vector<EpochMark> lineage() = 0;
  virtual std::optional<Tip> Have(const Actor& actor) = 0;  // the contiguous part held
  virtual bool HoldsAt(const Tip& tip) = 0;
  // kOk; kProbe with the hub's own head; or kRewind to position 0 of a feed that the hub does not have. Never asked
  // about position 0.
  virtual FeedAnswer CheckCursor(const Cursor& cursor) = 0;
  // Whether all that stands behind this hash of abandoned names was taken, as TakeOffer::known has noted.
  virtual bool KnowsAbandoned(const std::string& hash) = 0;
  virtual bool ContainsArchive(const std::string& archive_id) = 0;
  // Receipts of level archived, of this epoch, for logs of `station` that have advanced in archives behind `known`; the
  // last one names the newest of those archives.
  virtual std::vector<Ack> ArchivedTips(const std::string& station, const std::string& known) = 0;
  // kUnauthenticated, kInvalidArgument: not a batch that this hub once signed. Else what it lacks of it.
  virtual absl::StatusOr<Want> CheckOffer(const FeedBatch& batch) = 0;
  virtual std::vector<Cursor> Heads(const std::vector<std::string>& interests) = 0;  // of the feeds that have items
  virtual Seal SignHeads(const Welcome& welcome) = 0;
  // Items behind `position`, at most `max_bytes` but at least one; signed; ops that `station` wrote without bytes, and
  // unless `whole`, keys of visitors that it wrote by naming that op. Null when there is nothing beyond.
  virtual std::optional<FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                            size_t max_bytes, bool whole) = 0;
  virtual absl::StatusOr<std::string> ReadOp(const OpName& name) = 0;
  virtual int64_t hub_time_ms() = 0;
};

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_PORT_H_
