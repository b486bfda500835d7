// What the hub says of an op that a station wrote: the specification of the sync door's judgement, as pure functions.
//
// Each op is judged once, when it first reaches the hub. Two questions. May a station ever write this? The kind of the
// record, the field, who made the record and the scope decide; the answer is the same whenever the op arrives, and
// honest programs never meet a refusal. Has the township moved on? Only then does it count when the op arrives, and
// the worst answer is "held": kept, listed, counted when a person takes it. What the hub cannot know because something
// that the op names is not here is held too, never refused, and taken by the hub itself when that comes.
//
// Includes nothing of the project: facts come in (judge.h finds them), a ruling goes out. The table in words, and the
// model that plays it: tests/model/door/README.md.
#ifndef LIAISON_HUB_DOOR_VERDICT_H_
#define LIAISON_HUB_DOOR_VERDICT_H_

#include <optional>
#include <vector>

namespace liaison::door {

enum class State {
  kNone,
  kRegistered,
  kAnswered,
  kVillage,
  kGuided,
  kSubmitted,
  kReturned,
  kAccepted,
  kReplied,
  kClosed,
  kWithdrawn,
  kContested
};

enum class RecordClass { kOfHub, kSession, kVisitor, kMatter };  // kOfHub: master records, Rights, Account, …

// What one write touches, as the door sees it.
enum class Touch {
  kRootField,  // any field of the root that a station may write
  kStatus,     // `to` says which
  kVoid,       // of the root
  kUnvoid,
  kFixedField,    // number, station_id, sources, visitor_id, seq, historical, import_*
  kSealed,        // a visitor's personal data
  kHubField,      // track, key_matter, merged_into, converted_*, congress
  kHubChild,      // Assignment, ReturnRequest, Extension, Escalation, Progress, Reply, Supervision
  kStationChild,  // feedback, correction, file
  kEvaluation,
  kVoidChild,  // an own step taken back
  kVerdict,    // or erasure
};

struct WriteFacts {
  Touch touch = Touch::kRootField;
  State to = State::kNone;     // kStatus
  bool hub_wrote_it = false;   // kStatus: an effective op of the hub that the context covers wrote the same state
  bool own_block = true;       // kFixedField in a making op: the number is of the author's own block
  bool place_in_scope = true;  // kFixedField in a making op: of sources
  bool round_here = false;     // kEvaluation: a reply of its round stands here, or 当场答复
  bool child_here = false;     // kVoidChild
  bool child_is_own = false;   // kVoidChild: the author's station wrote it
};

struct OpFacts {
  bool readable = true;  // and each field at most once
  bool of_revoked_device = false;
  bool claims_to_make = false;   // its action id is the record's, and it is its author's first op there (n = 1)
  bool historical = false;       // a making op with `historical`
  bool context_resolved = true;  // every op that its context names is here
  bool grants_resolved = true;   // the same of `grants`; false of an op without them
  std::vector<WriteFacts> writes;
};

// The record as folded before the op; for a making op `author_is_*` are of the op itself.
struct RecordFacts {
  RecordClass kind = RecordClass::kMatter;
  bool made = false;              // a making op stands here
  bool claimed_by_other = false;  // another station's making op is here, standing or not
  bool made_by_author = false;    // a making op of the author's station is here, standing or not
  bool disputed = false;          // a making op of the author's station is hidden, or those of two stations stand
  bool author_is_maker = false;
  bool author_is_point = false;  // the station that the making op names as the record's place
  bool historical = false;
  bool hub_acted = false;       // an effective op of the hub wrote the status
  bool hub_status_seen = true;  // the op's context covers all of these
  State shown = State::kNone;
};

enum class Person {
  kLive,
  kTyped,       // a name of schema version 1, login not required
  kTypedLate,   // the same, login required
  kLeft,        // revoked as 离任, which the author did not know
  kDoubtful,    // revoked as 存疑, which the author did not know
  kEnded,       // the account was ended; what the author knew of that is not named by `grants`
  kUnresolved,  // no right here, but `grants` name what is not here
  kNone,        // the author knew of the revocation, or there never was a right
};

struct RightsFacts {
  Person person = Person::kLive;
  bool in_scope = true;  // the station enters for a place of the record now
  // It did by the op's `grants`, or does for the place of a making op that is hidden; always of an op without `grants`.
  bool in_scope_once = true;
  bool may_import = false;
  bool after_merger = false;  // dated on or after a merger of the station
  bool merger_known = false;  // such a one is covered by the op's `grants`
};

enum class Outcome { kStands, kMarked, kHeld, kRefused, kQ };  // ascending by severity; kMarked stands

enum class Reason {
  kNone,
  kUnreadable,
  kNotStations,  // only the township writes this
  kOutOfScope,
  kFixed,
  kOtherMaker,  // another station made the record
  kNoRight,
  kMovedOn,  // the township has acted
  kPerson,
  kImport,
  kMerged,
  kMissing,  // what it builds on is not here: taken by the hub itself when that comes
};

struct Ruling {
  Outcome outcome = Outcome::kStands;
  Reason reason = Reason::kNone;
};

// The rules that are not obvious, each found by a history that goes wrong without it; and the other ways to judge,
// which the model must be able to reject.
struct Rules {
  bool missing_is_held = true;            // unresolved context, grants or making; false: refused, out of scope to Q
  bool version_one_has_no_grants = true;  // out of scope without `grants`: held; false: Q
  bool taken_back_return = true;     // 退回补正 by who takes back the own 上报; false: refused as the hub's state
  bool visitor_void_is_held = true;  // a visitor voided by who enters for its point; false: refused
  bool second_claim_is_held = true;  // a record that another station made: held; false: refused
  bool made_again_is_held = true;    // a record that the own station made already; false: a making op like the first
  bool ended_is_held = true;         // false: refused like a revocation that was known
  bool historical_is_closed = true;  // an edit of a record of an old ledger; false: a root like any other
  bool own_child_only = true;        // an own step is taken back by its station only; false: by anybody in scope
  // Other judges.
  bool judge = true;             // false: everything stands
  bool state_refuses = false;    // by the state now: refused instead of held
  bool context_refuses = false;  // by the state that the author claims to have seen: refused; nothing held
  State claimed = State::kNone;  // for context_refuses: the state that the op's context covers
};

// Whether a station's own guards let this write pass in this state.
bool AllowedIn(State shown, const WriteFacts& write);

Ruling Judge(const Rules& rules, const OpFacts& op, const RecordFacts& record, const RightsFacts& rights);

const char* NameOf(Outcome outcome);
const char* NameOf(Reason reason);
const char* NameOf(State state);

}  // namespace liaison::door

#endif  // LIAISON_HUB_DOOR_VERDICT_H_
