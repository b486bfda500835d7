// The steps of a matter: who may take which, from which states, with what. A table, and the guards that need the case.
//
// Guards run where a step is taken, never where it is folded: two steps taken apart both stand, and where their states
// do not fit, the matter is 状态有分歧 until a person decides.
#ifndef LIAISON_COMMON_RULES_MATTER_STEPS_H_
#define LIAISON_COMMON_RULES_MATTER_STEPS_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/rules/matter/case_file.h"
#include "liaison/v1/casework.pb.h"

namespace liaison {

using StateSet = uint32_t;  // a bit for each v1::MatterState
constexpr StateSet StatesOf(std::initializer_list<v1::MatterState> states) {
  StateSet set = 0;
  for (v1::MatterState state : states) set |= 1u << state;
  return set;
}

// A state of a later version is in no set.
constexpr bool Holds(StateSet set, v1::MatterState state) {
  return state >= 0 && state < 32 && (set & 1u << state) != 0;
}

enum class Taker { kStation, kHub, kBoth };

// Field numbers of v1::Step.
struct StepRule {
  v1::StepKind kind;
  Taker taker;
  StateSet from;
  std::vector<int> needs;  // must be given
  std::vector<int> may;    // may be given besides; all others must be empty
};
// Null for a kind of a later version.
const StepRule* RuleOf(v1::StepKind kind);
std::span<const StepRule> AllSteps();

// What the guards know beside the case.
struct StepScene {
  bool at_hub = false;
  Day date = kUndated;   // of the step
  Day today = kUndated;  // of this machine; kUndated: not known
  const Deadlines* deadlines = nullptr;
  bool class_d = false;  // the township uses class D
};

// Whether a step of this kind may be taken now by this side. kFailedPrecondition or kPermissionDenied in Chinese.
absl::Status CheckStepNow(v1::StepKind kind, const CaseFile& file, bool at_hub);
// Everything: the above, the fields that it needs or must not have, and what the case's history forbids. For steps with
// another record (并案) the caller checks that.
absl::Status CheckStep(const v1::Step& step, const CaseFile& file, const StepScene& scene);

// The way of a reply that a text names; unspecified: none of them.
v1::ReplyMode ReplyModeOf(std::string_view text);

// The state after the step; STATE_UNSPECIFIED: it stays. REQUIRES: CheckStep() is OK.
v1::MatterState StateAfter(const v1::Step& step, const CaseFile& file);

// The time limit that the policy gives an assignment, from what its record says: by its kind, else by its round (the
// second and later are rework), else by the matter's track and urgency. Of what a person typed it says nothing.
Day ComputedDue(const v1::Assignment& assignment, const v1::Matter& matter, const Deadlines& deadlines);

// The time limit of a new assignment: what the step says, else the policy's. REQUIRES: CheckStep() is OK.
Day DueOfAssignment(const v1::Step& step, const CaseFile& file, const StepScene& scene);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_MATTER_STEPS_H_
