// On which days a station receives voters: a rule as an officer types it, and the days that it gives. Pure; ICU's
// Chinese calendar for lunar days.
//
//   rule  := days [suffix]
//   days  := 每月15日 | 每月1日、15日 | 每月最后一天            days of the month; a month without the day has none
//          | 每周一 | 每周一、四                                weekdays
//          | 每月第一个周三 | 每月第一、三个周三 | 每月最后一个周五
//          | 逢1、4、7                                          market days: the day of the month ends so; 10 is 0
//          | 逢农历1、4、7 | 农历每月初五、十五                 the same, and days, of the lunar month
//   suffix := 节假日顺延 | 节假日不接待                         none: received on days off as well
//
// Digits may be full-width or Chinese; 号 is 日, 星期 is 周; spaces and the kind of comma do not matter; 圩日, 集日 may
// stand before 逢.
#ifndef LIAISON_COMMON_RULES_RECEPTION_SCHEDULE_H_
#define LIAISON_COMMON_RULES_RECEPTION_SCHEDULE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rules/days/calendar.h"

namespace liaison {

struct ScheduleRule {
  enum class Kind { kMonthDays, kWeekdays, kNthWeekdays, kEndingDays, kLunarDays, kLunarEndingDays };
  enum class DayOff { kKeep, kMove, kSkip };  // kMove: to the next working day

  static constexpr int kLast = -1;

  Kind kind = Kind::kMonthDays;
  std::vector<int>
      days;              // ascending, each once: of the month (kLast: its last), weekdays 1 to 7, or last digits 0 to 9
  std::vector<int> nth;  // of kNthWeekdays: 1 to 5, kLast
  DayOff day_off = DayOff::kKeep;

  bool operator==(const ScheduleRule&) const = default;
};

// kInvalidArgument, in Chinese, says what is not understood and what would be.
absl::StatusOr<ScheduleRule> ParseSchedule(std::string_view text);
// The rule in one spelling, which parses to the same rule.
std::string ScheduleText(const ScheduleRule& rule);

// Every reception day in [from, to], ascending, each once. A day that moved counts where it moved to: one of before
// `from` may come in, one of before `to` may fall out.
std::vector<Day> DaysIn(const ScheduleRule& rule, Day from, Day to, const Calendar& calendar);

// The day of the lunar month, 1 to 30.
int LunarDayOf(Day day);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_RECEPTION_SCHEDULE_H_
