#include "common/rules/days/calendar.h"

#include <gtest/gtest.h>

#include <functional>

#include "common/rules/days/deadlines.h"

namespace liaison {
namespace {

Day D(std::string_view text) { return ParseDay(text).value(); }

// The holidays of 2026 that the tests need, as the State Council announced them.
Calendar Of2026() {
  Calendar calendar;
  for (const char* day : {"2026-04-04", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-02", "2026-05-03",
                          "2026-05-04", "2026-05-05", "2026-06-19", "2026-06-20", "2026-06-21", "2026-10-01",
                          "2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"})
    calendar.SetDayOff(D(day));
  for (const char* day : {"2026-05-09", "2026-09-20", "2026-10-10"}) calendar.SetWorkday(D(day));
  return calendar;
}

TEST(Calendar, DaysAreReadAndWritten) {
  EXPECT_EQ(DayText(D("2024-02-29")), "2024-02-29");
  EXPECT_EQ(WeekdayOf(D("2026-11-25")), 3);
  for (const char* wrong : {"2026-02-29", "2026-13-01", "2026-1-01", "20260101", "", "2026-01-01 ", "1970-01-01"})
    EXPECT_FALSE(ParseDay(wrong).has_value()) << wrong;
}

TEST(Calendar, MonthsEndOnTheCorrespondingDayOrTheLast) {
  EXPECT_EQ(DayText(AddMonths(D("2026-03-25"), 3)), "2026-06-25");
  EXPECT_EQ(DayText(AddMonths(D("2026-01-31"), 1)), "2026-02-28");
  EXPECT_EQ(DayText(AddMonths(D("2023-11-30"), 3)), "2024-02-29");
  EXPECT_EQ(DayText(AddMonths(D("2026-12-31"), 6)), "2027-06-30");
  EXPECT_EQ(DayText(AddMonths(D("2026-03-31"), -1)), "2026-02-28");
}

TEST(Calendar, HolidaysAndMadeUpWorkdays) {
  const Calendar calendar = Of2026();
  EXPECT_FALSE(calendar.IsWorkday(D("2026-10-01")));
  EXPECT_TRUE(calendar.IsWorkday(D("2026-10-10")));   // a Saturday that is worked
  EXPECT_FALSE(calendar.IsWorkday(D("2026-10-11")));  // a Sunday
  EXPECT_EQ(DayText(calendar.NextWorkday(D("2026-10-01"))), "2026-10-08");
  EXPECT_EQ(DayText(calendar.NextWorkday(D("2026-10-08"))), "2026-10-08");
}

TEST(Calendar, ALimitThatEndsOnADayOffEndsOnTheNextWorkingDay) {
  const Calendar calendar = Of2026();
  auto last = [&](const char* from, const char* limit) {
    return DayText(LastDayOf(D(from), ParseTimeLimit(limit).value(), calendar));
  };
  EXPECT_EQ(last("2026-03-25", "3个月"), "2026-06-25");
  EXPECT_EQ(last("2026-05-20", "1个月"), "2026-06-22");  // the 20th is a holiday, the 21st too
  EXPECT_EQ(last("2026-04-01", "6个月"), "2026-10-08");
  EXPECT_EQ(last("2026-04-10", "3个月"), "2026-07-10");
  EXPECT_EQ(last("2026-04-01", "7日"), "2026-04-08");  // the first day is not counted
  EXPECT_EQ(last("2026-05-01", "7日"), "2026-05-08");
  EXPECT_EQ(last("2026-05-02", "7日"), "2026-05-09");  // a Saturday, but worked
}

// A naive count, day by day.
TEST(Calendar, WorkdaysAreCountedOneByOne) {
  const Calendar calendar = Of2026();
  for (Day from = D("2026-04-20"); from < D("2026-06-30"); ++from) {
    for (int n : {1, 5, 20}) {
      Day day = from;
      for (int left = n; left > 0;) left -= calendar.IsWorkday(++day) ? 1 : 0;
      EXPECT_EQ(calendar.AddWorkdays(from, n), day) << DayText(from) << " + " << n;
    }
  }
}

TEST(Calendar, TimeLimitsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(TimeLimitText(ParseTimeLimit("30天").value()), "30日");
  EXPECT_EQ(TimeLimitText(ParseTimeLimit("20工作日").value()), "20个工作日");
  EXPECT_EQ(TimeLimitText(ParseTimeLimit("3月").value()), "3个月");
  for (const char* wrong : {"", "日", "0日", "-3日", "3", "三个月", "1001日", "3.5日", "3 日"})
    EXPECT_FALSE(ParseTimeLimit(wrong).has_value()) << wrong;
}

TEST(Deadlines, TheTownshipsOwnComeBeforeTheDefaults) {
  std::map<std::string, std::string, std::less<>> policies{{"deadline-rework", "2个月"},
                                                           {"deadline-return", "many days"},
                                                           {"holiday-2026-10-01", "holiday"},
                                                           {"holiday-2026-10-10", "workday"}};
  const Deadlines deadlines(policies);
  EXPECT_EQ(TimeLimitText(deadlines.Limit(Deadline::kRework)), "2个月");
  EXPECT_EQ(TimeLimitText(deadlines.Limit(Deadline::kReturn)), "7日");  // what cannot be read is not given
  EXPECT_EQ(TimeLimitText(Deadlines().Limit(Deadline::kReplySuggestion)), "3个月");
  EXPECT_FALSE(deadlines.calendar().IsWorkday(D("2026-10-01")));
  EXPECT_TRUE(deadlines.calendar().IsWorkday(D("2026-10-10")));
  for (int i = 0; i < static_cast<int>(Deadline::kCount); ++i) {
    const DeadlineInfo& info = InfoOf(static_cast<Deadline>(i));
    EXPECT_EQ(FindDeadline(info.key), &info);
  }
}

}  // namespace
}  // namespace liaison
