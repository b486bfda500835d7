// Who may do what, and which step may follow which. Pure; run where an action is authored, never where it is folded.
#ifndef LIAISON_COMMON_CASEWORK_GUARDS_H_
#define LIAISON_COMMON_CASEWORK_GUARDS_H_

#include "absl/status/status.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// Words that stand in place of a report or accusation: its text is never stored (only date, number and where the
// voter was guided). A guide reason that begins so makes the matter one.
inline constexpr char kAccusation[] = "检举控告";
inline constexpr char kAccusationTitle[] = "检举控告(不记录内容)";
inline constexpr char kAccusationText[] = "已引导至纪检监察机关";
bool IsAccusation(const v1::Matter& matter);
// Takes everything out of a visit that could tell of an accusation's content.
void BlankAccusation(v1::Matter* matter);

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

#endif  // LIAISON_COMMON_CASEWORK_GUARDS_H_
