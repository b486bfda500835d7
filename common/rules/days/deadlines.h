// The time limits of casework: their defaults with the source of each, and what the township has changed.
#ifndef LIAISON_COMMON_RULES_DAYS_DEADLINES_H_
#define LIAISON_COMMON_RULES_DAYS_DEADLINES_H_

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "common/rules/days/calendar.h"

namespace liaison {

enum class Deadline {
  kNotice,            // before a session: its public notice
  kSubmit,            // from a session to 上报
  kVillage,           // handling in the village, after which the matter goes up by itself
  kAccept,            // from 上报 to 受理
  kAssignOpinion,     // from 受理 to 交办
  kAssignSuggestion,  // the same of a deputy's suggestion in recess
  kReturn,            // from 交办 to a department's 退办
  kCoUnit,            // a co-department's opinion
  kReplySuggestion,
  kReplySuggestionLong,  // where many are concerned and the work is hard
  kReplyOpinion,
  kReplyUrgent,
  kReplyMajor,
  kCeilingOpinion,  // an opinion's reply at the latest, extensions included, from its first assignment
  kEvaluate,
  kRework,
  kFeedback,        // to the voter, after the reply
  kPetitionNotice,  // guided to petitioning: notice of acceptance, and end of handling
  kPetitionFinish,
  kNear,    // so long before its end a limit turns yellow
  kSilent,  // a point without a session for so long is 沉默
  kCount,
};

struct DeadlineInfo {
  std::string_view key;  // of its policy record
  std::string_view label;
  TimeLimit limit;  // the default
  std::string_view source;
};
const DeadlineInfo& InfoOf(Deadline deadline);
// Null for a key that is none of them.
const DeadlineInfo* FindDeadline(std::string_view key);

// The limits in force and the days worked. Immutable once made; any thread.
class Deadlines {
 public:
  Deadlines() = default;
  // From policy records: "deadline-…" with a limit's text; "holiday-DATE" with "holiday" or "workday". A value that
  // does not parse counts as not given, since what a replica folds is never refused; where it is typed, it is checked.
  explicit Deadlines(const std::map<std::string, std::string, std::less<>>& policies);

  TimeLimit Limit(Deadline deadline) const;
  Day LastDay(Day from, Deadline deadline) const { return LastDayOf(from, Limit(deadline), calendar_); }
  const Calendar& calendar() const { return calendar_; }

 private:
  std::map<Deadline, TimeLimit> changed_;
  Calendar calendar_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_DAYS_DEADLINES_H_
