// Periods as people name them, the one before and the same one a year earlier. Pure functions; thread-safe.
//
// The town's congress meets twice a year (地方组织法 art. 14). The first days of its sessions are policy records of the
// township, "congress-TERM-NUMBER" with the day as value; a term begins with its first session.
#ifndef LIAISON_HUB_FIGURES_PERIOD_H_
#define LIAISON_HUB_FIGURES_PERIOD_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rules/days/calendar.h"

namespace liaison {

inline constexpr char kCongressPolicy[] = "congress-";  // in front of the session's name: congress-20-3

struct CongressDay {
  int term = 0, number = 0;  // 20-3: the third session of the twentieth congress
  Day day = kUndated;

  std::string name() const;   // "20-3"
  std::string words() const;  // "二十届人大三次会议"
};
// "20-3"; false unless both are 1 to 99.
bool ParseCongress(std::string_view name, CongressDay* session);
// By day, from a roster's policies. Those without a valid day are left out.
std::vector<CongressDay> CongressDays(const std::map<std::string, std::string, std::less<>>& policies);

struct ReportPeriod {
  enum class Kind { kDays, kMonth, kQuarter, kHalf, kYear, kCongress, kTerm };
  Kind kind = Kind::kDays;
  Day from = kUndated, to = kUndated;  // both included
  std::string words;                   // "2026年上半年", "二十届人大三次会议以来"
};

// The period's name without further words where the days are just a year, a half, a quarter's or a month's, else
// "2026年1月5日至3月2日".
std::string PeriodText(Day from, Day to);

// "2026", "2026-H1" (2026上半年), "2026-Q3" (2026三季度), "2026-05"; 今年, 去年, 上半年, 下半年, 本季度, 本月, 上月;
// "congress" (本次人代会以来): from the last session up to today; "term" (本届): from its first session up to today;
// "20-3": from that session to the day before the next, or today; "2026-01-05..2026-03-02"; "": this year up to today.
// A part of the calendar is whole, also when it is not over. kInvalidArgument, kFailedPrecondition (no session is
// known that it would begin with); both in Chinese.
absl::StatusOr<ReportPeriod> ParsePeriod(std::string_view text, Day today, const std::vector<CongressDay>& sessions);
absl::StatusOr<ReportPeriod> DaysPeriod(std::string_view from, std::string_view to);

// 环比: the part of the calendar before, the time between the two sessions before, the term before; else, also where no
// such session is known, as many days.
ReportPeriod PeriodBefore(const ReportPeriod& period, const std::vector<CongressDay>& sessions);
// 同比: the same days a year earlier; of a month that ends, its end.
ReportPeriod YearBefore(const ReportPeriod& period);

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_PERIOD_H_
