// What came late. Pure.
#ifndef LIAISON_COMMON_RULES_DAYS_LATE_H_
#define LIAISON_COMMON_RULES_DAYS_LATE_H_

#include "common/rules/days/calendar.h"

namespace liaison {

// What reaches the township so many days after its date is 迟报.
inline constexpr int kLateDays = 7;
inline bool CameLate(Day came, Day day) { return came - day > kLateDays; }

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_DAYS_LATE_H_
