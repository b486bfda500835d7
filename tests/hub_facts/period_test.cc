#include "hub/figures/period.h"

#include "gtest/gtest.h"
#include "hub/figures/figure_changes.h"

namespace liaison {
namespace {

const std::map<std::string, std::string, std::less<>> kPolicies = {
    {"congress-19-2", "2021-02-05"}, {"congress-20-1", "2021-11-12"}, {"congress-20-2", "2026-01-20"},
    {"congress-20-3", "2026-07-28"}, {"congress-20-4", "soon"},       {"congress-now", "20-3"},
    {"congress-0-1", "2020-01-01"},  {"deadline-reply", "3个月"},
};

std::string Text(std::string_view period, std::string_view today = "2026-11-20") {
  const absl::StatusOr<ReportPeriod> parsed = ParsePeriod(period, *ParseDay(today), CongressDays(kPolicies));
  if (!parsed.ok()) return std::string(parsed.status().message());
  return DayText(parsed->from) + ".." + DayText(parsed->to) + " " + parsed->words;
}

std::string Shown(const ReportPeriod& period) {
  return DayText(period.from) + ".." + DayText(period.to) + " " + period.words;
}
std::string Before(std::string_view period) {
  const auto sessions = CongressDays(kPolicies);
  return Shown(PeriodBefore(*ParsePeriod(period, *ParseDay("2026-11-20"), sessions), sessions));
}
std::string YearEarlier(std::string_view period) {
  return Shown(YearBefore(*ParsePeriod(period, *ParseDay("2026-11-20"), CongressDays(kPolicies))));
}

TEST(Period, IsNamedAsPeopleDo) {
  EXPECT_EQ(Text(""), "2026-01-01..2026-11-20 2026年1月1日至11月20日");
  for (const char* year : {"2026", "2026年", "2026年度", "今年", "年度"})
    EXPECT_EQ(Text(year), "2026-01-01..2026-12-31 2026年") << year;
  for (const char* half : {"2026-H1", "2026上半年", "2026年上半年", "上半年"})
    EXPECT_EQ(Text(half), "2026-01-01..2026-06-30 2026年上半年") << half;
  EXPECT_EQ(Text("去年"), "2025-01-01..2025-12-31 2025年");
  EXPECT_EQ(Text("2028-02"), "2028-02-01..2028-02-29 2028年2月");
  EXPECT_EQ(Text("2026年5月"), "2026-05-01..2026-05-31 2026年5月");
  EXPECT_EQ(Text("上月"), "2026-10-01..2026-10-31 2026年10月");
  EXPECT_EQ(Text("上月", "2026-01-05"), "2025-12-01..2025-12-31 2025年12月");
  EXPECT_EQ(Text("2026-Q3"), "2026-07-01..2026-09-30 2026年三季度");
  EXPECT_EQ(Text("本季度"), "2026-10-01..2026-12-31 2026年四季度");
  EXPECT_EQ(Text("2026-01-05..2026-03-02"), "2026-01-05..2026-03-02 2026年1月5日至3月2日");
}

TEST(Period, BeginsWithASessionOfTheCongress) {
  EXPECT_EQ(Text("congress"), "2026-07-28..2026-11-20 二十届人大三次会议以来");
  EXPECT_EQ(Text("本次人代会以来", "2026-07-27"), "2026-01-20..2026-07-27 二十届人大二次会议以来");
  EXPECT_EQ(Text("20-2"), "2026-01-20..2026-07-27 二十届人大二次会议以来");
  EXPECT_EQ(Text("本届"), "2021-11-12..2026-11-20 二十届人大以来");
  EXPECT_EQ(Text("term", "2021-11-12"), "2021-11-12..2021-11-12 二十届人大以来");
  EXPECT_TRUE(Text("congress", "2021-02-04").starts_with("时段：没有登记人代会的日期"))
      << Text("congress", "2021-02-04");
  EXPECT_TRUE(Text("term", "2021-03-01").starts_with("时段：没有登记本届第一次会议的日期"));
  EXPECT_TRUE(Text("20-5").starts_with("时段：没有登记二十届人大五次会议的日期"));
}

TEST(Period, IsRefusedWhenItIsNone) {
  const auto refused = [](const char* text) {
    return ParsePeriod(text, *ParseDay("2026-11-20"), CongressDays(kPolicies)).status().code() ==
           absl::StatusCode::kInvalidArgument;
  };
  for (const char* bad : {"soon", "2026-13", "2026-00", "2026-1-1", "2026-H3", "206", "2026..2027", "2026-", "1970",
                          "2026今年", "2026-03-02..2026-03-01", "20-3-1", "2026 05"})
    EXPECT_TRUE(refused(bad)) << bad;
  EXPECT_EQ(Text("2026-03-02..2026-03-01"), "起始日期不能晚于截止日期");
}

TEST(PeriodBefore, IsTheSamePartOfTheCalendar) {
  EXPECT_EQ(Before("2026-H1"), "2025-07-01..2025-12-31 2025年下半年");
  EXPECT_EQ(Before("2026"), "2025-01-01..2025-12-31 2025年");
  EXPECT_EQ(Before("2026-03"), "2026-02-01..2026-02-28 2026年2月");
  EXPECT_EQ(Before("2026-Q1"), "2025-10-01..2025-12-31 2025年四季度");
  EXPECT_EQ(Before("2026-01-01..2026-06-30"), "2025-07-01..2025-12-31 2025年下半年");
  EXPECT_EQ(Before("2026-03-01..2026-03-10"), "2026-02-19..2026-02-28 2026年2月19日至2月28日");
}

TEST(PeriodBefore, OfASessionIsTheOneBefore) {
  EXPECT_EQ(Before("congress"), "2026-01-20..2026-07-27 二十届人大二次会议以来");
  EXPECT_EQ(Before("20-1"), "2021-02-05..2021-11-11 十九届人大二次会议以来");
  // Nobody knows when the nineteenth began: as many days.
  EXPECT_EQ(Before("term").substr(12, 10), "2021-11-11");
}

TEST(YearBefore, IsTheSameDays) {
  EXPECT_EQ(YearEarlier("2026-H1"), "2025-01-01..2025-06-30 2025年上半年");
  EXPECT_EQ(YearEarlier("2025-02"), "2024-02-01..2024-02-29 2024年2月");
  EXPECT_EQ(YearEarlier("2026-01-05..2026-03-02"), "2025-01-05..2025-03-02 2025年1月5日至3月2日");
  EXPECT_EQ(YearEarlier("2025-01-15..2025-02-28"), "2024-01-15..2024-02-29 2024年1月15日至2月29日");
}

TEST(Period, IsWrittenByItsDays) {
  const auto text = [](const char* from, const char* to) { return PeriodText(*ParseDay(from), *ParseDay(to)); };
  EXPECT_EQ(text("2026-01-01", "2026-12-31"), "2026年");
  EXPECT_EQ(text("2026-01-01", "2026-06-30"), "2026年上半年");
  EXPECT_EQ(text("2026-07-01", "2026-12-31"), "2026年下半年");
  EXPECT_EQ(text("2028-02-01", "2028-02-29"), "2028年2月");
  EXPECT_EQ(text("2028-02-01", "2028-02-28"), "2028年2月1日至2月28日");
  EXPECT_EQ(text("2026-11-20", "2026-11-20"), "2026年11月20日");
  EXPECT_EQ(text("2025-03-01", "2026-02-28"), "2025年3月1日至2026年2月28日");
}

TEST(Changes, SayByHowMuch) {
  v1::Figure figure;
  figure.set_unit("条");
  figure.set_value(12);
  EXPECT_EQ(ChangeOf(figure, 8).delta(), 4);
  EXPECT_EQ(ChangeOf(figure, 8).permille(), 500);
  EXPECT_EQ(ChangeOf(figure, 18).permille(), -333);
  EXPECT_TRUE(ChangeOf(figure, 8).comparable());
  EXPECT_EQ(ChangeOf(figure, 0).delta(), 12);
  EXPECT_FALSE(ChangeOf(figure, 0).comparable());
  figure.set_unit("‰");
  figure.set_value(950);
  EXPECT_EQ(ChangeOf(figure, 900).delta(), 50);
  EXPECT_FALSE(ChangeOf(figure, kNoRate).comparable());
  EXPECT_EQ(ChangeOf(figure, kNoRate).delta(), 0);
}

TEST(Changes, AreGivenToWhatHasAPeriod) {
  v1::GetFiguresResponse now, then;
  for (v1::GetFiguresResponse* one : {&now, &then}) {
    for (const char* code : {"N6", "N2.silent", "Q1.unsynced", "Q1.paper"}) {
      v1::Figure* figure = one->add_figures();
      figure->set_code(code);
      figure->set_value(one == &now ? 5 : 4);
    }
  }
  FillChanges(then, Against::kBefore, &now);
  FillChanges(then, Against::kLastYear, &now);
  for (const v1::Figure& figure : now.figures()) {
    const bool has = figure.code() == "N6" || figure.code() == "Q1.paper";
    EXPECT_EQ(figure.has_before(), has) << figure.code();
    EXPECT_EQ(figure.has_last_year(), has) << figure.code();
    if (has) EXPECT_EQ(figure.before().delta(), 1);
  }
}

}  // namespace
}  // namespace liaison
