#include "common/rules/reception/schedule.h"

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <set>
#include <utility>

namespace liaison {
namespace {

using Kind = ScheduleRule::Kind;
using DayOff = ScheduleRule::DayOff;

Day D(std::string_view text) { return ParseDay(text).value(); }

Calendar Of2026() {
  Calendar calendar;
  for (const char* day : {"2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05", "2026-06-19",
                          "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"})
    calendar.SetDayOff(D(day));
  for (const char* day : {"2026-05-09", "2026-10-10"}) calendar.SetWorkday(D(day));
  return calendar;
}

std::string Days(std::string_view rule, const char* from, const char* to) {
  absl::StatusOr<ScheduleRule> parsed = ParseSchedule(rule);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  std::string text;
  if (parsed.ok())
    for (Day day : DaysIn(*parsed, D(from), D(to), Of2026())) text += DayText(day).substr(5) + " ";
  return text;
}

TEST(Schedule, IsReadAsOfficersWriteIt) {
  const std::pair<const char*, const char*> kSame[] = {
      {"每月15日", "每月15日"},
      {"每月１５号", "每月15日"},
      {"每月十五日", "每月15日"},
      {"每月 1日、15日", "每月1日、15日"},
      {"每月15，1号", "每月1日、15日"},
      {"每月最后一天", "每月最后一天"},
      {"每周一", "每周一"},
      {"每星期一、四", "每周一、四"},
      {"周一和周四", "每周一、四"},
      {"每周日", "每周日"},
      {"每月第一个周三", "每月第一个周三"},
      {"每月第1、3个星期三", "每月第一、第三个周三"},
      {"每月最后一个礼拜五", "每月最后一个周五"},
      {"逢1、4、7", "逢1、4、7"},
      {"圩日 逢 一、四、七", "逢1、4、7"},
      {"逢5,10", "逢10、5"},
      {"逢农历1、4、7", "逢农历1、4、7"},
      {"农历逢三、六、九", "逢农历3、6、9"},
      {"农历每月初五", "农历每月初五"},
      {"每月农历初五、十五、廿五", "农历每月初五、十五、二十五"},
      {"每月15日节假日顺延", "每月15日，节假日顺延"},
      {"每月15日(遇节假日顺延)", "每月15日，节假日顺延"},
      {"每周一、四,法定节假日不接待", "每周一、四，节假日不接待"},
  };
  for (const auto& [typed, canonical] : kSame) {
    absl::StatusOr<ScheduleRule> rule = ParseSchedule(typed);
    ASSERT_TRUE(rule.ok()) << rule.status();
    EXPECT_EQ(ScheduleText(*rule), canonical) << typed;
    absl::StatusOr<ScheduleRule> again = ParseSchedule(canonical);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, *rule) << typed;
  }
}

TEST(Schedule, WhatIsNotUnderstoodIsRefusedWithWhatWouldBe) {
  for (const char* wrong :
       {"", "每月", "每月32日", "每月0日", "每周八", "每周", "逢11", "逢", "农历每月三十一", "每月第六个周三",
        "每月第一个周", "每月1日15日", "随时", "节假日顺延", "每月15日顺便", "每周一至周五"}) {
    absl::StatusOr<ScheduleRule> rule = ParseSchedule(wrong);
    ASSERT_FALSE(rule.ok()) << wrong;
    EXPECT_NE(rule.status().message().find("应如“每月15日”"), absl::string_view::npos) << rule.status();
  }
  EXPECT_FALSE(ParseSchedule("每周六，节假日顺延").ok());  // every Saturday is a day off
}

TEST(Schedule, GivesTheDays) {
  EXPECT_EQ(Days("每月15日", "2026-01-15", "2026-03-15"), "01-15 02-15 03-15 ");
  EXPECT_EQ(Days("每月31日", "2026-01-01", "2026-06-30"), "01-31 03-31 05-31 ");
  EXPECT_EQ(Days("每月最后一天", "2026-01-01", "2026-04-30"), "01-31 02-28 03-31 04-30 ");
  EXPECT_EQ(Days("每周一、四", "2026-11-23", "2026-12-03"), "11-23 11-26 11-30 12-03 ");
  EXPECT_EQ(Days("每月第一个周三", "2026-09-01", "2026-12-31"), "09-02 10-07 11-04 12-02 ");
  EXPECT_EQ(Days("每月最后一个周五", "2026-09-01", "2026-12-31"), "09-25 10-30 11-27 12-25 ");
  EXPECT_EQ(Days("逢5、10", "2026-02-01", "2026-03-05"), "02-05 02-10 02-15 02-20 02-25 03-05 ");
  EXPECT_EQ(Days("每月15日", "2026-01-16", "2026-02-14"), "");
}

TEST(Schedule, DaysOffAreMovedOrLeftOut) {
  EXPECT_EQ(Days("每月15日,节假日顺延", "2026-02-01", "2026-03-31"), "02-16 03-16 ");  // both are Sundays
  EXPECT_EQ(Days("每月1日，节假日顺延", "2026-10-01", "2026-10-31"), "10-08 ");
  EXPECT_EQ(Days("每月1日，节假日顺延", "2026-10-03", "2026-10-09"), "10-08 ");  // comes in from before the period
  EXPECT_EQ(Days("每月1日，节假日顺延", "2026-10-01", "2026-10-07"), "");
  EXPECT_EQ(Days("逢1、2、3，节假日顺延", "2026-10-01", "2026-10-09"), "10-08 ");  // three that meet on one
  EXPECT_EQ(Days("每周四、五，节假日不接待", "2026-09-28", "2026-10-16"), "10-08 10-09 10-15 10-16 ");
  EXPECT_EQ(Days("每月10日，节假日不接待", "2026-10-01", "2026-10-31"), "10-10 ");  // a Saturday that is worked
}

// The first days of the lunar months, as the almanac of the year of the horse has them.
TEST(Schedule, LunarDaysAreThoseOfTheAlmanac) {
  const char* first[] = {"2026-02-17", "2026-03-19", "2026-04-17", "2026-05-17", "2026-06-15",
                         "2026-07-14", "2026-08-13", "2026-09-11", "2026-10-10", "2026-11-09",
                         "2026-12-09", "2027-01-08", "2027-02-06"};
  for (size_t i = 0; i + 1 < std::size(first); ++i)
    for (Day day = D(first[i]); day < D(first[i + 1]); ++day)
      ASSERT_EQ(LunarDayOf(day), day - D(first[i]) + 1) << DayText(day);
  EXPECT_EQ(Days("农历每月初五", "2026-06-01", "2026-07-31"), "06-19 07-18 ");  // 端午
  EXPECT_EQ(Days("逢农历4、7", "2026-09-11", "2026-09-30"), "09-14 09-17 09-24 09-27 ");
}

// ---------------------------------------------------------------- the naive twin

// Whether the rule names the day, counted from the first of its month, weekday by weekday.
bool Named(const ScheduleRule& rule, Day day) {
  int last = day;
  while (DayText(last + 1).substr(0, 7) == DayText(day).substr(0, 7)) ++last;
  const int date = std::stoi(DayText(day).substr(8));
  for (int wanted : rule.days) {
    if (rule.kind == Kind::kMonthDays && (wanted == date || (wanted == ScheduleRule::kLast && day == last)))
      return true;
    if (rule.kind == Kind::kWeekdays && (day + 3) % 7 + 1 == wanted) return true;  // 1970-01-01 was a Thursday
    if (rule.kind == Kind::kEndingDays && DayText(day).back() - '0' == wanted) return true;
    if (rule.kind == Kind::kNthWeekdays && (day + 3) % 7 + 1 == wanted) {
      int before = 0, after = 0;
      for (Day other = day - date + 1; other <= last; ++other)
        if ((other + 3) % 7 + 1 == wanted) ++(other <= day ? before : after);
      for (int nth : rule.nth)
        if (nth == before || (nth == ScheduleRule::kLast && after == 0)) return true;
    }
  }
  return false;
}

bool Held(const ScheduleRule& rule, Day day, const Calendar& calendar) {
  if (rule.day_off == DayOff::kKeep) return Named(rule, day);
  if (!calendar.IsWorkday(day)) return false;
  if (Named(rule, day)) return true;
  if (rule.day_off == DayOff::kSkip) return false;
  for (Day before = day - 1; !calendar.IsWorkday(before); --before)
    if (Named(rule, before)) return true;
  return false;
}

TEST(Schedule, AgreesWithCountingDayByDay) {
  std::mt19937 random(20261125);
  auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int days_seen = 0;
  for (int round = 0; round < 400; ++round) {
    ScheduleRule rule;
    rule.kind = static_cast<Kind>(below(4));
    rule.day_off = static_cast<DayOff>(below(3));
    std::set<int> days, nth;
    for (int i = below(3); i >= 0; --i) {
      const int most = rule.kind == Kind::kMonthDays ? 31 : rule.kind == Kind::kEndingDays ? 9 : 5;
      days.insert(below(12) == 0 && rule.kind == Kind::kMonthDays ? ScheduleRule::kLast : 1 + below(most));
      nth.insert(below(4) == 0 ? ScheduleRule::kLast : 1 + below(5));
    }
    rule.days.assign(days.begin(), days.end());
    if (rule.kind == Kind::kNthWeekdays) rule.nth.assign(nth.begin(), nth.end());
    absl::StatusOr<ScheduleRule> parsed = ParseSchedule(ScheduleText(rule));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    ASSERT_EQ(*parsed, rule) << ScheduleText(rule);
    Calendar calendar;
    const Day from = D("2024-01-01") + below(900), to = from + below(120);
    for (int i = 0; i < 20; ++i) {
      const Day day = from - 10 + below(140);
      below(2) == 0 ? calendar.SetDayOff(day) : calendar.SetWorkday(day);
    }
    std::vector<Day> expected;
    for (Day day = from; day <= to; ++day)
      if (Held(rule, day, calendar)) expected.push_back(day);
    days_seen += static_cast<int>(expected.size());
    ASSERT_EQ(DaysIn(rule, from, to, calendar), expected) << ScheduleText(rule) << " " << DayText(from);
  }
  EXPECT_GT(days_seen, 1000);
}

}  // namespace
}  // namespace liaison
