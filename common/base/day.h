// Business days: pure arithmetic, no clock. What a day off is and how time limits run: rules/days/calendar.h.
#ifndef LIAISON_COMMON_BASE_DAY_H_
#define LIAISON_COMMON_BASE_DAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liaison {

using Day = int32_t;  // a business day, in days since 1970-01-01
inline constexpr Day kUndated = 0;

// "2026-11-20"; nullopt unless it is a day that exists, after 1970-01-01 and before the year 10000.
std::optional<Day> ParseDay(std::string_view date);
std::string DayText(Day day);      // the opposite
int WeekdayOf(Day day);            // 1 is Monday, 7 Sunday
std::string WeekdayText(Day day);  // "星期一"
int DayOfMonth(Day day);           // from 1
// The corresponding day of a later month, or that month's last day.
Day AddMonths(Day day, int months);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_DAY_H_
