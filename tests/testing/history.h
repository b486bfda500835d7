// Histories of one aggregate at two to five sites, made at random from one seed (or from a fuzzer's bytes): what sites
// write, what reaches whom in which order, and what happens to their disks. A history prints itself, so that a failing
// one can be read.
//
// A site's process restarts (new actor); a disk goes back to an older copy, or is cloned (new actors); a process is
// resumed twice from one snapshot (the same actor goes on in two places: a fork). Pages write with the vector that
// they were loaded with, which may be old. Some ops reach others only at the end, some are of unknown kinds, a few name
// in their context what their author never had. Sites 0 and 1 also judge ops (the hub, and a hub that was cloned). At
// the end every site gets every op. Wall clocks are arbitrary.
#ifndef LIAISON_TESTS_TESTING_HISTORY_H_
#define LIAISON_TESTS_TESTING_HISTORY_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/op.h"
#include "tests/testing/choices.h"
#include "tests/testing/naive_model.h"

namespace liaison {

struct HistoryOptions {
  size_t steps = 60;     // at most, before the calm phase; about half of them write
  bool verdicts = true;  // the hub refuses ops and takes it back
  bool unknown_kinds = true;
  bool any_order = false;  // false: each site gets an op only after its predecessor by the same actor
  bool calm = true;        // at the end every site gets every op
};

struct History {
  struct Event {
    size_t site = 0;
    size_t op = 0;               // delivered (or written) here …
    bool disk_replaced = false;  // … or the site's disk becomes one
    std::vector<size_t> disk;    // … that holds these ops
  };

  RecordId aggregate;
  size_t sites = 0;
  std::vector<Op> ops;           // in the order of writing
  std::vector<naive::Op> plain;  // the same for the naive model
  std::vector<Event> events;

  std::string ToText() const;
};

History MakeHistory(const HistoryOptions& options, Choices* choices);

// Runs `check` on the histories of `count` seeds. `check` returns what is wrong, or "". Returns "" or the first
// failure with its seed and history, cut to the fewest steps that still fail.
std::string FirstFailure(HistoryOptions options, uint64_t first_seed, size_t count,
                         const std::function<std::string(const History&)>& check);

// What a store does with the fold: keeps all ops, applies held ones when they are ready, folds afresh when told to.
class Replica {
 public:
  explicit Replica(const RecordId& id) : id_(id), state_(id) {}

  // `op` must outlive the replica. Any number of times.
  void Deliver(const Op& op);
  // The disk becomes one that holds these ops.
  void Replace(const std::vector<const Op*>& ops);
  // Takes the state through its stored form. False if it comes back different.
  bool ThroughBytes();

  const Aggregate& state() const { return state_; }
  std::vector<const Op*> ops() const;
  size_t held_seen() const { return held_seen_; }
  size_t refolds() const { return refolds_; }

 private:
  RecordId id_;
  Aggregate state_;
  std::map<Dot, const Op*> ops_;
  size_t held_seen_ = 0, refolds_ = 0;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_HISTORY_H_
