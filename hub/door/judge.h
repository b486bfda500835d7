// The judgement at the door: finds the facts that verdict.h asks for, in an op of a station and in what the hub held
// before it, and puts the ruling into words. The table is in tests/model/door/README.md.
//
// Where the table says nothing, what honest programs write stands:
//
//   sessions, activities, batches   all that is in them is theirs who have the place in scope: visits too, which are
//                                   edited and voided by whoever may edit the session; what a visit is given with
//                                   (number, visitor, order) is given once
//   files                           attached: stands; undone: as an edit of the record that they hang on
//   accusations                     what leaves no words behind, in the op that guides the matter, is part of that step
//   a fixed field in conflict       may be settled by choosing a value that was seen; held if it is settled already
//   a batch of imports              is made by who says of which station it is: its first row has another action
//   feedback and ratings            also from the places of a matter's sources, which brought it
//   a record or op of a later kind  held as missing: what says whose it is, is not in this program. It is taken when a
//                                   newer one looks again; and the township's next records cannot be forestalled
//   a field of a later version      stands with the fields around it: else each visit would wait for the upgrade
#ifndef LIAISON_HUB_DOOR_JUDGE_H_
#define LIAISON_HUB_DOOR_JUDGE_H_

#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/record/op.h"
#include "common/rules/people/people.h"
#include "common/rules/roster/roster.h"
#include "common/store/judgement.h"
#include "common/store/reader.h"
#include "hub/door/verdict.h"

namespace liaison {

// What an op says of the rights that its author knew.
struct KnownRights {
  bool said = false;      // not by an op of version 1
  bool readable = false;  // what it says is here: itself, or the op before it in the log that names them
  VersionVector grants;
};

// Thread-safe.
class Judge {
 public:
  // Both must outlive this.
  Judge(const RosterCache* roster, const PeopleCache* people) : roster_(roster), people_(people) {}

  // REQUIRES: the op decodes, and is of a station. `view` has the records as they were folded before it, with what came
  // in the same batch, and the ops before it in its log; of an op that is looked at again, the op too, hidden.
  Judgement operator()(const Op& op, const StoreReader& view) const { return Rule(op, view, false); }
  // The same as if the op's station entered for the record's place: for which a person may answer.
  Judgement InScope(const Op& op, const StoreReader& view) const { return Rule(op, view, true); }

 private:
  Judgement Rule(const Op& op, const StoreReader& view, bool of_any_scope) const;
  struct Told {
    uint64_t seq = 0;  // up to here in the log
    VersionVector grants;
  };
  KnownRights RightsKnownTo(const Op& op, const StoreReader& view) const;
  KnownRights RightsNamedBefore(const Op& op, const StoreReader& view) const;

  const RosterCache* const roster_;
  const PeopleCache* const people_;
  mutable absl::Mutex mutex_;
  mutable std::map<Actor, Told> told_ ABSL_GUARDED_BY(mutex_);  // of logs that are being read: spares reading them back
};

// For programs: "out_of_scope", "moved_on", …; empty for kNone. The store knows some of them (store/judgement.h).
const char* CodeOf(door::Reason reason);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_JUDGE_H_
