// What the hub's verdicts say: writes of the root's field kVerdictTag (op.h), whose element names the op that is
// judged.
//
//   value   ""                    it counts: there was a verdict, and it is taken back
//           "1" words             refused (退回)
//           "2" code " " words    held (待镇里确认): it counts when a person takes it
//
// Whatever is not empty hides the op in every version's fold.
#ifndef LIAISON_COMMON_RECORD_VERDICT_H_
#define LIAISON_COMMON_RECORD_VERDICT_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/record/aggregate.h"

namespace liaison {

struct VerdictText {
  bool held = false;  // else refused
  std::string code;   // of one that is held: an ASCII word, why
  std::string words;  // Chinese
};
// Of a value that is not empty. One of a later version reads as refused.
VerdictText ParseVerdict(std::string_view value);
std::string RefusedValue(std::string_view words);
// REQUIRES: `code` has no space.
std::string HeldValue(std::string_view code, std::string_view words);

// The element of the verdicts on an op.
std::string VerdictElement(const OpName& name);

// An op that visible verdicts hide, as these name it: it need not be here.
struct HiddenOp {
  OpName name;
  std::string value;  // of the verdict that decides: refused before held, then the first
  VerdictText verdict;
};
// All of a record, by name.
std::vector<HiddenOp> HiddenBy(const Aggregate& aggregate);
// The verdicts on an op, those that are empty too; null: it was never judged.
const Register* VerdictsOn(const Aggregate& aggregate, const OpName& name);

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_VERDICT_H_
