// Which days are worked, and how time limits run: pure arithmetic over days, no clock.
//
// Limits run after the Civil Code (民法典), by analogy: the first day is not counted (art. 201), a limit of months ends
// on the corresponding day or on the month's last (art. 202), and one that would end on a day off ends on the next
// working day (art. 203). Weekends count as days off unless the holiday table makes one a working day (调休).
#ifndef LIAISON_COMMON_RULES_DAYS_CALENDAR_H_
#define LIAISON_COMMON_RULES_DAYS_CALENDAR_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/day.h"

namespace liaison {

// Which days are worked. Copyable; immutable once shared.
class Calendar {
 public:
  void SetDayOff(Day day) { exceptions_[day] = false; }
  void SetWorkday(Day day) { exceptions_[day] = true; }
  bool IsWorkday(Day day) const;
  Day NextWorkday(Day day) const;                // the day itself if it is one
  Day AddWorkdays(Day day, int workdays) const;  // the day itself is not counted

 private:
  std::map<Day, bool> exceptions_;
};

struct TimeLimit {
  enum class Unit { kDays, kWorkdays, kMonths };
  int amount = 0;  // 1 to 1,000
  Unit unit = Unit::kDays;

  bool operator==(const TimeLimit&) const = default;
};
// "30日" (also 天), "20工作日" (also 个工作日), "3个月" (also 月). nullopt for anything else.
std::optional<TimeLimit> ParseTimeLimit(std::string_view text);
std::string TimeLimitText(TimeLimit limit);

// The last day of a limit that begins to run on `from`.
Day LastDayOf(Day from, TimeLimit limit, const Calendar& calendar);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_DAYS_CALENDAR_H_
