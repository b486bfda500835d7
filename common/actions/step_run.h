// The ops of steps, made within one action. Runs under the store's write lock, since numbers are given here.
#ifndef LIAISON_COMMON_ACTIONS_STEP_RUN_H_
#define LIAISON_COMMON_ACTIONS_STEP_RUN_H_

#include <set>
#include <string>
#include <vector>

#include "common/actions/number_giver.h"
#include "common/rules/matter/steps.h"

namespace liaison {

class StepRun {
 public:
  // All outlive it. `action_id`: the action's bytes.
  StepRun(const ServiceContext& context, const Roster& roster, const StoreReader& view, std::string action_id,
          std::string user);

  // One matter's part of the action. `seen`: the vector that the author's screen was loaded with. An error in Chinese
  // that begins with the matter's number; then the whole action is to be dropped.
  absl::Status Take(const Aggregate& matter, const VersionVector& seen, const v1::Step& step);

  Action& action() { return action_; }
  const std::vector<RecordId>& made() const { return made_; }  // new matters

  // A suggestion or a bill as deputies bring it: number, state, station and date are set here.
  absl::StatusOr<RecordId> AddProposal(v1::Matter matter);

 private:
  struct Draft;  // the op under construction

  // Whether the step may be taken; sets the scene for all that follows it. OK: it may, on a day that can be, by this
  // node, from a state that its author has seen, and every name in it is known.
  absl::Status Check(const CaseFile& file, const VersionVector& seen, const Aggregate& matter, const v1::Step& step);
  // A day that can be: not after today, unless the clock is in doubt. Sets the scene's days.
  absl::Status CheckDay(const v1::Step& step);
  // Puts the id where `by` names a deputy and an id goes: who answered, rated a suggestion, told the voter.
  absl::Status NameDeputy(const v1::Matter& matter, v1::Step* step) const;
  absl::Status CheckNames(const v1::Step& step, const CaseFile& file);
  // REQUIRES of this and all below it: Check() was OK. What the step itself writes goes into the draft, what it writes
  // to other matters into the action. An error leaves both of no use.
  absl::Status Write(const CaseFile& file, const v1::Step& step, Draft* draft);
  // The state that the step leads to, if it leads to one.
  void Move(const CaseFile& file, const v1::Step& step, bool accusation, Draft* draft) const;
  absl::Status AddChild(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status AddRequest(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status AddVoice(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status AddReply(const CaseFile& file, const v1::Step& step, const std::string& unit, Draft* draft);
  absl::Status Assign(const CaseFile& file, const v1::Step& step, Draft* draft);
  void Receive(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status Decide(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status Merge(const CaseFile& file, const v1::Step& step, bool into, Draft* draft);
  absl::Status Convert(const CaseFile& file, const v1::Step& step, Draft* draft);
  absl::Status Guide(const v1::Step& step, Draft* draft);
  void Reopen(const CaseFile& file, Draft* draft);
  absl::Status TakeBack(const Aggregate& matter, const v1::Step& step);
  absl::Status TakeBackElsewhere(const Aggregate& matter, const Aggregate& before, const Op& step,
                                 const std::set<std::string>& back);
  // The author's last step that still counts, nobody else having acted since. kFailedPrecondition in Chinese.
  absl::StatusOr<const Op*> LastOwnStep(const Aggregate& matter, const std::vector<Op>& ops) const;

  // A new child under an id of its own.
  template <typename M>
  absl::Status Add(const M& record, Draft* draft);
  RecordId NewId(uint8_t type) { return RecordId::Random(type, action_id_, next_index_++); }

  const ServiceContext& context_;
  const Roster& roster_;
  const StoreReader& view_;
  const std::string action_id_;
  const Deadlines deadlines_;
  StepScene scene_;
  NumberGiver numbers_;
  uint16_t next_index_ = 0;
  Action action_;
  const Aggregate* matter_ = nullptr;  // of the step that is being taken
  std::vector<RecordId> made_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_STEP_RUN_H_
