// What a disk keeps and what its process does with it: the model of common/store. Each public function that changes the
// disk is one atomic, durable batch.
#ifndef LIAISON_TESTS_MODEL_STORE_H_
#define LIAISON_TESTS_MODEL_STORE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/message.h"
#include "tests/model/rules.h"
#include "tests/model/universe.h"

namespace liaison::model {

// An actor that this disk opened. heads[i] is the chain head after ops[i].
struct OwnLog {
  Actor actor = kNone;
  Tip parent;
  std::vector<OpId> ops;
  std::vector<Head> heads;
  int acked = 0;
  int archived = 0, archive = kNone;
  Head HeadAt(int seq) const { return seq < 1 || seq > Size() ? kNone : heads[seq - 1]; }
  int Size() const { return static_cast<int>(ops.size()); }
};

struct Feed {
  std::vector<Item> items;
  std::vector<Prefix> prefixes;  // one more than items
  std::vector<Batch> batches;    // station: the signed batches that it came in, without bytes
  int epoch = 0;
  int Size() const { return static_cast<int>(items.size()); }
};

struct Disk {
  // Both
  std::set<OpId> ops;         // held by name
  std::set<OpId> erased;      // of these, without bytes
  std::set<OpId> tombstones;  // must not have bytes, held or not
  std::vector<OpId> arrived;  // ops in the order in which they came
  std::vector<OwnLog> own;    // in order of creation
  std::map<Interest, Feed> feeds;
  // Station
  std::vector<Batch> abandoned;  // whole signed batches that reached beyond a common point
  int archive = kNone;           // the newest archive that the hub has told of
  bool offered = false;          // only where the mark is not at the hub
  std::set<OpId> told;           // verdicts that came with acks
  std::vector<int> carried;      // sealed bundles of others
  // Hub
  std::set<OpId> hidden;                          // kept, not folded, in no feed
  std::set<Head> heads;                           // points of logs held without a gap, of all branches
  std::map<Actor, Tip> have;                      // the end of the branch that came first
  std::vector<Range> loose;                       // ranges whose predecessor is missing
  std::set<std::pair<Interest, Record>> members;  // which record is in which feed
  int epoch = 0;
  std::set<int> lineage;   // epochs that this disk has been through
  std::set<int> archives;  // checkpoints that this disk contains
  std::set<int> marks;     // sets of abandoned names that are all held
  int pending_archive = kNone, verified_archive = kNone;
  std::set<Head> pending_heads, verified_heads;
};

// Numbers that no two processes ever share.
struct Draws {
  int actors = 0, nonces = 0;
};

enum class Source { kOwn, kFeed, kRange, kOffer, kImport };

class Store {
 public:
  Store(const Rules* rules, int device) : rules_(rules), device(device) {}

  bool hub() const { return device == kHubDevice; }
  int station() const { return StationOfDevice(device); }

  // ---- process
  void Restart();  // also after the disk was replaced
  // Writes an own op: `draft` without actor, number and parent.
  OpId Author(Op draft, Draws* draws);

  // ---- what the ops say
  std::vector<OpId> OpsOf(Record record) const;  // folded ones
  std::set<Interest> InterestsOf(Record record) const;
  std::vector<OpId> Verdicts(OpId target) const;  // all that are held
  bool Refused(OpId op) const;
  bool Accepted(OpId op) const;
  bool Beyond(OpId op) const;  // of a revoked device, behind what the revocation accepts
  bool Revoked(int device) const;
  std::set<Interest> Subscriptions(int station) const;
  static Record RecordOf(OpId op);
  // Visible values of a register: ops of `ops` that no other one's context covers.
  static std::vector<OpId> Visible(const std::vector<OpId>& ops);

  // ---- hub, up
  struct Answer {
    std::optional<Tip> gap;
    Tip have;
    bool refused = false;
    std::vector<OpId> verdicts;
  };
  Answer TakeRange(const Range& range, bool on_stick, Draws* draws);
  bool Holds(const Tip& tip) const { return disk.heads.contains(tip.head); }
  std::optional<Tip> Have(Actor actor) const;
  // Takes an abandoned batch; false: it proves nothing.
  bool TakeOffered(const Batch& batch, Draws* draws);
  // Everything named was offered and is held. Also judges what a revocation that came late lies before.
  void MarkOffered(int set, Draws* draws);
  void Judge(Draws* draws);
  void Import(const Disk& other, Draws* draws);

  // ---- hub, down
  FeedAnswer CheckCursor(Interest interest, const FeedPoint& at) const;
  std::optional<Batch> ReadFeed(Interest interest, int position, int max_items, int withheld_of) const;

  // ---- station
  std::optional<Tip> NewestOwn() const;
  FeedPoint PointAt(Interest interest) const;
  bool TakeBatch(const Batch& batch, bool on_stick);  // false: it does not follow or does not verify
  void KeepUnplaced(const Batch& batch);              // a batch of a stick that fits nowhere
  bool Rewind(Interest interest, const Cursor& to);   // false: no such point
  std::vector<OpId> AbandonedNames() const;           // sorted
  Range ReadRange(int own, int first, int max_ops) const;
  std::set<Record> Shown(const std::set<Interest>& subscriptions) const;

  Bytes BytesOf(OpId op) const { return {{op, !disk.erased.contains(op)}}; }

 private:
  const Rules* rules_;

 public:
  int device;
  Disk disk;
  Actor live = kNone;  // the actor of this process; none before its first write

 private:
  bool Take(OpId id, bool whole, Source source, Draws* draws);
  void HubTook(OpId id, Source source, Draws* draws);
  void Erase(const Op& op);
  void Project(Record record, OpId op);
  void Append(Interest interest, const Item& item);
  void AddHead(Head head);
  void JoinLoose(Draws* draws);
  void TakeOps(const Range& range, Source source, Draws* draws);
  void Abandon(const Batch& batch);
  Feed& FeedOf(Interest interest);
  bool Verifies(const Batch& batch) const;
};

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_STORE_H_
