// The store: a station's or the hub's log of ops, the records folded from them, and the tables derived from those.
//
// One action, or one message of the exchange, is one atomic batch: ops, record states, projections, chain head, feed
// items. When a call returns OK, its batch is on the disk; when it returns an error, nothing of it is.
//
// Threads: all methods may be called from any thread. Writers run one at a time; readers use snapshots and never wait.
#ifndef LIAISON_COMMON_STORE_STORE_H_
#define LIAISON_COMMON_STORE_STORE_H_

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/causal/hybrid_clock.h"
#include "common/codec/message_codec.h"
#include "common/record/aggregate.h"
#include "common/store/kv.h"
#include "common/store/reader.h"
#include "common/store/store_options.h"

namespace liaison {

class Store {
 public:
  // Takes the database over. kDataLoss: layout of another version, or a log whose end does not match its chain head.
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<Kv> kv, StoreOptions options);
  ~Store();

  // ---- authoring
  struct Committed {
    std::string result;
    bool repeated = false;  // the action was known; nothing was written
    bool nothing = false;   // `build` found nothing to write; the action's id is still unused
  };
  // Runs `build` under the write lock on a view of now, then writes what it returned. Idempotent by action id: a known
  // id with the same request hash returns the first result, with another it is kAlreadyExists; of an action that a
  // program up to 0.4.0 wrote no hash is kept, and it counts as the same. An error of `build` is returned as it is;
  // Action::Nothing() writes nothing and is OK. kInvalidArgument: another action without ops, or a context that names
  // ops which are not here (the token is from another store or record).
  using Build = std::function<absl::StatusOr<Action>(const StoreReader& view)>;
  absl::StatusOr<Committed> Commit(std::string_view action_id, std::string_view request_hash, const Build& build);

  // A digest of what may stand nowhere in the clear, nor as a hash that anybody could guess at: HMAC-SHA-256 under a
  // key of this database, made at the first use, which lies with the visitors' keys.
  absl::StatusOr<std::string> SecretDigest(std::string_view secret);

  // ---- exchange
  // The hub takes ranges, each whole or not at all, in one batch. The acks stand beside the ranges; a range that does
  // not follow what is held gets an ack with `gap`; one that is damaged or badly signed gets a verdict and is not
  // taken; else the ack names the end of the range, on the branch that the range is of. An op that has a name but
  // cannot be read, or may not stand, is kept and not folded: the log goes on, the ack and a record (`refusal`) tell
  // its author. An error means that nothing of all of them was written. `keep_fragments`: ops behind a gap are kept
  // too, as by TakeOffered(), if heads and signature are right; they join when their log reaches them.
  absl::StatusOr<std::vector<sync::Ack>> ApplyRanges(std::span<const sync::Range> ranges, bool keep_fragments = false);
  // A person takes ops that are kept (kept.h): they are folded as if they had just come, their marks go, and what told
  // their author is withdrawn, in one batch. Returns how many; those that stand already are passed over. On an error
  // nothing was written. kNotFound; kFailedPrecondition (Chinese): it cannot be read, judges others' ops, or may not
  // stand of a station that enters for the record either. With `left` such ones are counted there and passed over.
  absl::StatusOr<size_t> AcceptKept(std::span<const OpName> names, std::string_view user, size_t* left = nullptr);
  class Judging;  // what is held or refused in the records, and a person who takes it (judging.h)
  // A station takes what of a batch lies behind its cursor; the header is kept whole, as signed. kFailedPrecondition:
  // it does not lead on from the cursor (a gap, another history, nothing new). kInvalidArgument: an op's bytes are
  // missing or another's, no item names a key, or the prefix does not come out.
  absl::Status ApplyFeedBatch(const sync::FeedBatch& batch);
  // A station notes what the hub holds of its own log. Never goes back unless `exact`. A receipt for more than this
  // disk holds proves nothing and is passed over. kFailedPrecondition: it is for another branch of this log. A receipt
  // of level archived tells of the hub's archive too; `exact`, that no op counts as archived any more.
  absl::Status RecordAck(const sync::Ack& ack, bool exact = false);
  std::string KnownArchive() const;  // the newest archive that the hub has told this disk of; empty: none
  // A station goes back to a common point of a feed. What lies beyond is kept as abandoned: each batch that reaches
  // there whole, as the hub signed it, unless all its names are kept already. At position 0 the prefix may be empty.
  absl::Status RewindFeed(const sync::Cursor& cursor);
  // How many names are abandoned, and the hash of their set: the same on any disk and in any order.
  struct Abandoned {
    uint64_t count = 0;
    std::string hash;
  };
  Abandoned abandoned() const;
  std::optional<sync::FeedBatch> NextAbandoned(std::string* at) const;  // see sync::StationPort
  std::vector<sync::Cursor> FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) const;
  sync::Ops Lookup(const sync::Want& want) const;
  // What this disk lacks of the batch: ops, and keys never held here. kInvalidArgument: its prefix does not come out.
  absl::StatusOr<sync::Want> LackingOf(const sync::FeedBatch& batch) const;
  // The hub takes ops of an offered batch by name, whoever wrote them, also where those before them are not here; and
  // keys that it names. Ops without bytes are passed over. `known`, unless empty, is noted for KnowsAbandoned().
  // An empty key is passed over: who erases is the hub, by its own word.
  absl::Status TakeOffered(const sync::FeedBatch& offered, std::span<const sync::KeyItem> keys,
                           const std::string& known);
  bool KnowsAbandoned(const std::string& hash) const { return GetMeta(AbandonedMeta(hash)).has_value(); }
  // Keys of visitors that came with ranges and were not taken: empty, of a visitor that another station made, opening
  // nothing that is held here, or another one than is held. By the device that signed; since this database began.
  struct IgnoredKeys {
    std::string station, key_id;
    uint64_t count = 0;
    int64_t last_ms = 0;  // by the clock of this machine
  };
  std::vector<IgnoredKeys> ignored_keys() const;

  struct OwnLog {
    Actor actor;
    uint64_t order = 0;
    uint64_t last_seq = 0;
    std::string head;
    uint64_t acked_seq = 0;
    sync::AckLevel level = sync::AckLevel::kDurable;  // kArchived: all that is acked is
    uint64_t archived_seq = 0;                        // up to here in an archive of the hub
    std::optional<sync::Tip> parent;                  // what this disk held when the actor began, as its first op says
    VersionVector grants;                             // that the last op of this run names; of other runs empty
  };
  std::vector<OwnLog> OwnLogs() const;   // durable ones, in order of creation
  std::optional<sync::Tip> tip() const;  // the newest own op of this disk
  uint64_t ops_held() const { return ops_held_; }  // of all logs, and at a station feed items: grows with any change
  uint64_t pending_ops() const;          // own ops without a receipt
  // When the last own op was written whose author's clock was not suspect, or a later one of the hub that came by a
  // feed, by the clock of its author; 0: none.
  int64_t newest_wall_ms() const { return newest_wall_ms_.load(); }

  // Consecutive own ops from `first`, up to `max_bytes` but at least one, else kNotFound; sealed, with visitors' keys.
  absl::StatusOr<sync::Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) const;
  // What lies behind `position` of a feed, signed; nullopt at its end. Ops that `reader` itself wrote come without
  // bytes, and unless `whole`, keys of visitors that it wrote by naming that op (sync::FeedItem::by).
  std::optional<sync::FeedBatch> ReadFeed(std::string_view interest, uint64_t position, std::string_view reader,
                                          size_t max_bytes, bool whole = true) const;
  absl::Status CompleteBatch(sync::FeedBatch* batch) const;  // see sync::StationPort::Complete
  std::vector<sync::Cursor> FeedHeads() const;
  std::optional<sync::Cursor> FeedHead(std::string_view interest) const;  // nullopt: nothing was ever in it
  std::optional<std::string> FeedPrefix(std::string_view interest, uint64_t position) const;  // nullopt: shorter
  // The contiguous part held of an actor's log, and whether the log, or another branch of it, passes through `tip`.
  std::optional<sync::Tip> Have(const Actor& actor) const;
  bool HoldsAt(const sync::Tip& tip) const;
  const std::string& epoch() const { return epoch_; }
  // ---- archives of this database (archive.h)
  struct ArchiveMark {
    std::string id, epoch;
    int64_t wall_ms = 0;
    uint64_t ordinal = 0;  // rises along one history
    bool verified = false;
    std::vector<sync::Tip> tips;  // of others' logs: what it holds beyond the verified ones before it
  };
  absl::StatusOr<ArchiveMark> MarkArchive();  // before the snapshot that the archive is of, durable
  absl::Status NoteVerified(ArchiveMark mark, const KvReader& snapshot);
  std::vector<ArchiveMark> ArchiveMarks() const;  // by ordinal
  bool ContainsArchive(std::string_view id) const;
  std::vector<sync::EpochMark> Lineage() const;  // the epochs of this history, each with its last archive; this last
  // Receipts, for logs of `station`, of what stands in verified archives behind the one that it knows of. The last one
  // names the newest of these archives: who has noted that has noted all.
  std::vector<sync::Ack> ArchivedTips(std::string_view station, std::string_view known) const;
  // Takes every op and key of another database by name: of chains and branches, fragments, kept ones. Batch by batch;
  // what is here already is passed over. `damaged`: ops that cannot be named.
  struct Imported {
    uint64_t ops = 0, new_ops = 0, new_keys = 0, damaged = 0;
    uint64_t ignored_keys = 0;  // empty, or they open nothing that came
  };
  absl::StatusOr<Imported> Import(const KvReader& other);

  // ---- reading
  std::unique_ptr<KvReader> Snapshot() const { return kv_->Snapshot(); }
  StoreReader Read() const { return StoreReader(kv_->Snapshot()); }
  StoreReader Live() const { return StoreReader(kv_.get()); }  // what each read finds then; no snapshot, so it is cheap
  void AddListener(StoreListener* listener);                   // must outlive the store or be removed
  void RemoveListener(StoreListener* listener);
  const StoreOptions& options() const { return options_; }
  // Small facts of this installation beside the records, durable at once.
  std::optional<std::string> GetMeta(std::string_view name) const;
  absl::Status PutMeta(std::string_view name, std::string_view value);

  // ---- checking
  struct Check {
    uint64_t ops = 0, aggregates = 0, rows = 0;
    uint64_t kept = 0;                     // of the ops: named but not readable
    std::vector<std::string> differences;  // at most 100, Chinese, each names the record or row
    bool ok() const { return differences.empty(); }
  };
  // Folds all ops of a snapshot afresh and compares every record and every derived row. Memory does not grow with the
  // store, but for rows that many records add to (projection.h) and the largest record. `aggregates` counts those that
  // were compared: none is left out while the list of differences is not full.
  Check Verify() const;
  // Makes the derived tables again, part by part, in as little memory. Nobody may read them meanwhile, as in Open(),
  // which calls it. Wherever the process ends, the next Open() of any version finishes it or makes them anew before it
  // returns. kDataLoss, nothing changed: a damaged op.
  absl::Status Rebuild();

 private:
  class Batch;
  Store(std::unique_ptr<Kv> kv, StoreOptions options);
  absl::Status Load();
  absl::Status LoadOwnLogs();
  void LoadNewest();
  bool DerivedIsWhole() const;  // the tables are of this version, and no Rebuild() was cut off
  absl::Status BlankOldDigests() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status AppendOwn(const NewOp& wanted, std::string_view action_id, uint32_t index, const Action& action,
                         Batch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // What stands in the rows of chains and, at a station, of feeds counts in ops_held().
  uint64_t HeldBy(std::string_view key, std::string_view value) const;
  absl::Status Write(const KvChanges& changes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);  // synced
  void NoteWall(const Op& op, Batch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  int64_t NewestWith(Batch& batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);  // what NoteWall left in it
  absl::Status Finish(Batch* batch, bool own) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  class RangeTaking;
  std::string WhyNot(const Op& op, Batch* batch) const;
  void TakeKeys(const sync::Range& range, std::span<const Op* const> ops, const std::set<std::string>& folded,
                Batch* batch);
  // What this hub has signed before (`signed_before`) is not judged again. AcceptOp: false: it stands already.
  absl::StatusOr<size_t> AcceptAll(std::span<const OpName> names, std::string_view user, bool signed_before,
                                   size_t* left) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<bool> AcceptOp(const OpName& name, std::string_view user, bool signed_before, Batch* batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Before and after an attempt to author: what the run's own log is if it fails.
  std::optional<OwnLog> SaveOwn() const;
  void RestoreOwn(const std::optional<OwnLog>& saved);
  std::optional<OwnLog> OwnLogOf(const Actor& actor) const;
  std::string HeadAt(const KvReader& kv, const Actor& actor, uint64_t seq) const;
  bool HoldsAt(const KvReader& kv, const sync::Tip& tip) const;
  bool NoteBranch(const Op& op, Batch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  static std::string AbandonedMeta(std::string_view hash);

  const std::unique_ptr<Kv> kv_;
  const StoreOptions options_;
  std::string epoch_;
  std::atomic<int64_t> newest_wall_ms_ = 0;
  std::atomic<uint64_t> ops_held_ = 0;

  mutable absl::Mutex write_mutex_;
  HybridClock hybrid_clock_ ABSL_GUARDED_BY(write_mutex_);
  std::vector<StoreListener*> listeners_ ABSL_GUARDED_BY(write_mutex_);

  mutable absl::Mutex state_mutex_ ABSL_ACQUIRED_AFTER(write_mutex_);  // held shortly; readers take it too
  // own_ runs ahead by the batch under construction; what others may see and send is durable_.
  std::map<Actor, OwnLog> own_ ABSL_GUARDED_BY(state_mutex_);
  std::map<Actor, OwnLog> durable_ ABSL_GUARDED_BY(state_mutex_);
  std::set<Actor> unpublished_ ABSL_GUARDED_BY(state_mutex_);  // of the batch
  std::optional<Actor> actor_ ABSL_GUARDED_BY(state_mutex_);   // of this run; none before its first write
  mutable std::map<Actor, std::map<uint64_t, std::string>> head_cache_ ABSL_GUARDED_BY(state_mutex_);
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_STORE_H_
