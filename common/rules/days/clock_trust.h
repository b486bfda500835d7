// Whether the day that a machine's clock tells can be right, and whether a day that a person gives can have been. Pure.
#ifndef LIAISON_COMMON_RULES_DAYS_CLOCK_TRUST_H_
#define LIAISON_COMMON_RULES_DAYS_CLOCK_TRUST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

// All in milliseconds since 1970; 0: not known.
struct ClockFacts {
  int64_t now_ms = 0;       // what this machine's clock says
  int64_t enrolled_ms = 0;  // when the machine was taken into the township
  int64_t newest_ms = 0;    // the newest record of its disk that was not written under a suspect clock
  int64_t hub_ms = 0;       // the hub's time as it was last told
  int64_t told_ms = 0;      // what this machine's clock said then
  int64_t hub_now_ms = 0;   // the hub's time now, where it was told to this run
};

// Why the day of `now_ms` is not to be trusted (Chinese), or empty. Where the hub told its time to this run, that alone
// decides; an earlier telling outranks the enrolment. Minutes around midnight are no reason.
std::string ClockTrouble(const ClockFacts& facts);

// The payload of an error that asks a person to confirm a date: pages offer to, whatever the words are. Empty inside.
inline constexpr char kDateToConfirm[] = "type.googleapis.com/liaison.v1.DateToConfirm";

// Whether something can have happened on `date` (YYYY-MM-DD, valid), a day that a person gives beside `today`. After
// today: kInvalidArgument; while today is `doubtful`, and for more than a year back, kFailedPrecondition with
// kDateToConfirm unless the person has said that the date is `meant`. Chinese, with the field's `label` in front.
struct DateCheck {
  std::string_view label;
  std::string_view date;
  std::string_view today;
  bool doubtful = false;
  bool meant = false;
  bool any_past = false;  // of old ledgers and of paper that is typed later: no date is too far back
};
absl::Status CheckPossible(const DateCheck& check);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_DAYS_CLOCK_TRUST_H_
