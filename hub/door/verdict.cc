#include "hub/door/verdict.h"

namespace liaison::door {
namespace {

bool IsOneOf(State state, std::initializer_list<State> states) {
  for (State one : states)
    if (one == state) return true;
  return false;
}

bool StationsOwn(State to) {
  return IsOneOf(to, {State::kRegistered, State::kAnswered, State::kVillage, State::kGuided, State::kSubmitted,
                      State::kWithdrawn});
}

// A write of the root that the township's status decides about.
bool OfRoot(Touch touch) {
  return touch == Touch::kRootField || touch == Touch::kStatus || touch == Touch::kVoid || touch == Touch::kUnvoid;
}

// Keeps the most severe; of equal ones the first.
void Worst(Ruling* ruling, Outcome outcome, Reason reason) {
  if (outcome > ruling->outcome) *ruling = {outcome, reason};
}

void JudgeScope(const Rules& rules, const OpFacts& op, const RecordFacts& record, const RightsFacts& rights,
                Ruling* ruling) {
  const bool own_visitor =
      record.kind == RecordClass::kVisitor && !op.claims_to_make && (record.author_is_maker || record.author_is_point);
  if (rights.in_scope || own_visitor) return;
  if (rights.in_scope_once) return Worst(ruling, Outcome::kHeld, Reason::kOutOfScope);
  if (rules.missing_is_held && !(op.grants_resolved && op.context_resolved))
    return Worst(ruling, Outcome::kHeld, Reason::kMissing);
  Worst(ruling, Outcome::kQ, Reason::kOutOfScope);
}

void JudgePerson(const Rules& rules, const RightsFacts& rights, Ruling* ruling) {
  switch (rights.person) {
    case Person::kLive:
    case Person::kTyped:
      return;
    case Person::kLeft:
      return Worst(ruling, Outcome::kMarked, Reason::kPerson);
    case Person::kTypedLate:
    case Person::kDoubtful:
      return Worst(ruling, Outcome::kHeld, Reason::kPerson);
    case Person::kEnded:
      return Worst(ruling, rules.ended_is_held ? Outcome::kHeld : Outcome::kRefused, Reason::kPerson);
    case Person::kUnresolved:
      return Worst(ruling, rules.missing_is_held ? Outcome::kHeld : Outcome::kRefused,
                   rules.missing_is_held ? Reason::kMissing : Reason::kNoRight);
    case Person::kNone:
      return Worst(ruling, Outcome::kRefused, Reason::kNoRight);
  }
}

void JudgeVisitor(const Rules& rules, const OpFacts& op, const RecordFacts& record, const WriteFacts& write,
                  Ruling* ruling) {
  if (op.claims_to_make || record.author_is_maker || record.author_is_point) return;
  const bool voids = write.touch == Touch::kVoid || write.touch == Touch::kUnvoid;
  Worst(ruling, voids && rules.visitor_void_is_held ? Outcome::kHeld : Outcome::kRefused, Reason::kOtherMaker);
}

// A state that only the township writes: settled by a station where the hub's was one of several, else refused.
void JudgeHubState(const Rules& rules, const OpFacts& op, const RecordFacts& record, const WriteFacts& write,
                   Ruling* ruling) {
  const bool taken_back = rules.taken_back_return && write.to == State::kReturned && write.hub_wrote_it &&
                          IsOneOf(record.shown, {State::kSubmitted, State::kWithdrawn});
  if (taken_back) return;
  const bool settles = write.hub_wrote_it && (rules.taken_back_return || record.shown == State::kContested);
  if (settles) return Worst(ruling, Outcome::kHeld, Reason::kMovedOn);
  if (rules.missing_is_held && !op.context_resolved) return Worst(ruling, Outcome::kHeld, Reason::kMissing);
  Worst(ruling, Outcome::kRefused, Reason::kNotStations);
}

void JudgeMovedOn(const Rules& rules, const RecordFacts& record, const WriteFacts& write, Ruling* ruling) {
  if (!record.hub_acted) return;
  if (rules.context_refuses) {
    if (!AllowedIn(rules.claimed, write)) Worst(ruling, Outcome::kRefused, Reason::kMovedOn);
    return;
  }
  if (AllowedIn(record.shown, write) && record.hub_status_seen) return;
  Worst(ruling, rules.state_refuses ? Outcome::kRefused : Outcome::kHeld, Reason::kMovedOn);
}

void JudgeMatter(const Rules& rules, const OpFacts& op, const RecordFacts& record, const WriteFacts& write,
                 Ruling* ruling) {
  const bool makes = op.claims_to_make;
  if (write.touch == Touch::kStatus && !StationsOwn(write.to) && !(makes && op.historical))
    JudgeHubState(rules, op, record, write, ruling);
  if (makes || !OfRoot(write.touch)) return;
  if (record.historical && rules.historical_is_closed) {
    if (write.touch != Touch::kVoid || !record.author_is_maker) Worst(ruling, Outcome::kRefused, Reason::kFixed);
    return;
  }
  JudgeMovedOn(rules, record, write, ruling);
}

void JudgeWrite(const Rules& rules, const OpFacts& op, const RecordFacts& record, const WriteFacts& write,
                Ruling* ruling) {
  switch (write.touch) {
    case Touch::kVerdict:
      return Worst(ruling, Outcome::kQ, Reason::kNotStations);
    case Touch::kHubField:
    case Touch::kHubChild:
      if (op.claims_to_make && op.historical) break;
      return Worst(ruling, Outcome::kRefused, Reason::kNotStations);
    case Touch::kFixedField:
      if (!op.claims_to_make || !write.own_block || !write.place_in_scope)
        Worst(ruling, Outcome::kRefused, Reason::kFixed);
      break;
    case Touch::kEvaluation:
      if (!write.round_here) Worst(ruling, Outcome::kHeld, Reason::kMissing);
      break;
    case Touch::kVoidChild:
      if (!write.child_here) Worst(ruling, Outcome::kHeld, Reason::kMissing);
      if (write.child_here && !write.child_is_own && rules.own_child_only)
        Worst(ruling, Outcome::kRefused, Reason::kOtherMaker);
      break;
    default:
      break;
  }
  if (record.kind == RecordClass::kVisitor) JudgeVisitor(rules, op, record, write, ruling);
  if (record.kind == RecordClass::kMatter) JudgeMatter(rules, op, record, write, ruling);
}

}  // namespace

bool AllowedIn(State shown, const WriteFacts& write) {
  const bool editable = IsOneOf(shown, {State::kNone, State::kRegistered, State::kReturned, State::kAnswered,
                                        State::kVillage, State::kGuided, State::kContested});
  if (write.touch != Touch::kStatus) return editable;
  if (shown == State::kContested) return true;
  switch (write.to) {
    case State::kSubmitted:
    case State::kWithdrawn:
      return IsOneOf(shown, {State::kNone, State::kRegistered, State::kVillage, State::kReturned});
    case State::kAnswered:
    case State::kGuided:
      return IsOneOf(shown, {State::kRegistered, State::kVillage});
    case State::kRegistered:
    case State::kVillage:
    case State::kReturned:  // an own step taken back
      return IsOneOf(shown, {State::kSubmitted, State::kAnswered, State::kGuided, State::kWithdrawn});
    default:
      return false;
  }
}

Ruling Judge(const Rules& rules, const OpFacts& op, const RecordFacts& record, const RightsFacts& rights) {
  Ruling ruling;
  if (!rules.judge) return ruling;
  if (!op.readable || op.of_revoked_device) return {Outcome::kQ, Reason::kUnreadable};
  if (record.kind == RecordClass::kOfHub) return {Outcome::kQ, Reason::kNotStations};
  if (op.claims_to_make && record.claimed_by_other)
    Worst(&ruling, rules.second_claim_is_held ? Outcome::kHeld : Outcome::kRefused, Reason::kOtherMaker);
  if (op.claims_to_make && record.made_by_author && rules.made_again_is_held)
    Worst(&ruling, Outcome::kHeld, Reason::kOtherMaker);
  if (!op.claims_to_make && (!record.made || (record.disputed && rules.missing_is_held))) {
    // Nothing says who made the record and where it belongs, or it is disputed; only what no station may ever write is
    // told apart.
    Worst(&ruling, rules.missing_is_held ? Outcome::kHeld : Outcome::kQ, Reason::kMissing);
    for (const WriteFacts& write : op.writes) {
      if (write.touch == Touch::kVerdict) Worst(&ruling, Outcome::kQ, Reason::kNotStations);
      if (write.touch == Touch::kHubChild || write.touch == Touch::kHubField || write.touch == Touch::kFixedField)
        Worst(&ruling, Outcome::kRefused, Reason::kNotStations);
    }
    return ruling;
  }
  JudgeScope(rules, op, record, rights, &ruling);
  for (const WriteFacts& write : op.writes) JudgeWrite(rules, op, record, write, &ruling);
  JudgePerson(rules, rights, &ruling);
  if (op.claims_to_make && op.historical && !rights.may_import) Worst(&ruling, Outcome::kHeld, Reason::kImport);
  if (rights.after_merger) {
    if (rights.merger_known)
      Worst(&ruling, Outcome::kRefused, Reason::kMerged);
    else
      Worst(&ruling, Outcome::kMarked, Reason::kMerged);
  }
  return ruling;
}

const char* NameOf(Outcome outcome) {
  constexpr const char* kNames[] = {"stands", "stands, marked", "held", "refused", "Q"};
  return kNames[static_cast<int>(outcome)];
}

const char* NameOf(Reason reason) {
  constexpr const char* kNames[] = {"",
                                    "unreadable",
                                    "only the township writes this",
                                    "out of scope",
                                    "fixed",
                                    "another station made it",
                                    "no right",
                                    "the township has acted",
                                    "the person's right",
                                    "no right to import",
                                    "merged",
                                    "something is missing"};
  return kNames[static_cast<int>(reason)];
}

const char* NameOf(State state) {
  constexpr const char* kNames[] = {"-",        "registered", "answered", "village", "guided",    "submitted",
                                    "returned", "accepted",   "replied",  "closed",  "withdrawn", "contested"};
  return kNames[static_cast<int>(state)];
}

}  // namespace liaison::door
