// Who may do what, and which step may follow which. Pure; run where an action is authored, never where it is folded.
#ifndef LIAISON_COMMON_RULES_MATTER_GUARDS_H_
#define LIAISON_COMMON_RULES_MATTER_GUARDS_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/record/schema.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// Words that stand in place of a report or accusation: its text is never stored (only date, number and where the
// voter was guided).
inline constexpr char kAccusation[] = "检举控告";
inline constexpr char kAccusationTitle[] = "检举控告（不记录内容）";
inline constexpr char kAccusationText[] = "已引导至纪检监察机关";
inline constexpr char kAccusationWords[] = "（检举控告，不记录内容）";  // of its visit, and of what was added to it
// Whether a reason in a person's own words says that it is one: it names 检举, 举报 or 控告, whatever stands between.
bool NamesAccusation(std::string_view reason);
// Guided elsewhere, and an accusation by its code. One without a code, or with 其他, is one by its words (0.4.0 had no
// codes); an old ledger gives no reason. In figures, lists and prints this is the only rule.
bool IsAccusation(const v1::Matter& matter);
// Whether a text is one that stands in place of an accusation's words. 0.4.0 and its pages had others than these.
bool StandsForAccusation(std::string_view words);
// Whether a visit brought an accusation, so that none of its words stand in it.
bool IsAccusationVisit(const v1::VisitEntry& entry);
// Whether a field holds words that could tell of an accusation's content, or a label that goes with them. Of a matter
// by the schema (Words in options.proto): every text that does not say otherwise. Of its children and of a visit: long
// texts.
bool HoldsWords(const TypeInfo& type, const FieldInfo& field);
// Takes everything out of a matter that could tell of an accusation's content: what HoldsWords().
void BlankAccusation(v1::Matter* matter);

// Code and words of a reason for guiding made to agree, where they are typed: words that are a code's label get that
// code, a code without words its label; 其他 needs words, an accusation keeps none. kInvalidArgument names the field.
// Nothing is done to what is not guided, unless it names an accusation; that is refused.
absl::Status SettleGuiding(v1::Matter* matter);

// 意见建议 (N6): what a voter brought, registered, of a nature that is one, and no accusation (IsAccusation). 咨询 and
// 表扬 are counted beside it.
bool CountsAsOpinion(v1::Track track, v1::Nature nature, v1::MatterState state);

// A new matter as the station enters it: what its disposition needs is there. kInvalidArgument names the field.
absl::Status CheckNewMatter(const v1::Matter& matter);
// The state that a new matter starts in.
v1::MatterState FirstState(v1::Disposition disposition);

// Whether a station may still change this matter's own fields: not after it was submitted, not what comes from an old
// ledger. kFailedPrecondition with the reason in Chinese.
absl::Status CheckStationMayEdit(const v1::Matter& matter, v1::MatterState state);

// Whether a matter in this state may still be voided: not once it is closed.
absl::Status CheckMayVoid(v1::MatterState state);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_MATTER_GUARDS_H_
