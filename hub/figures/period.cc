#include "hub/figures/period.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/markup.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

using Kind = ReportPeriod::Kind;

struct Date {
  int year, month, day;
};

Date DateOf(Day day) {
  const std::string text = DayText(day);
  return {std::atoi(text.substr(0, 4).c_str()), std::atoi(text.substr(5, 2).c_str()),
          std::atoi(text.substr(8, 2).c_str())};
}

std::string TwoDigits(int number) { return Cat(number < 10 ? "0" : "", number); }
std::optional<Day> FirstOf(int year, int month) { return ParseDay(Cat(year, "-", TwoDigits(month), "-01")); }
bool EndsMonth(Day day) { return DateOf(day + 1).day == 1; }

int MonthsOf(Kind kind) {
  switch (kind) {
    case Kind::kMonth:
      return 1;
    case Kind::kQuarter:
      return 3;
    case Kind::kHalf:
      return 6;
    case Kind::kYear:
      return 12;
    default:
      return 0;
  }
}

ReportPeriod PartOfCalendar(Kind kind, Day from) {
  ReportPeriod period{kind, from, AddMonths(from, MonthsOf(kind)) - 1, ""};
  period.words = PeriodText(period.from, period.to);
  return period;
}

absl::StatusOr<ReportPeriod> PartOfYear(Kind kind, int year, int part) {
  const std::optional<Day> from = FirstOf(year, (part - 1) * MonthsOf(kind) + 1);
  if (!from) return absl::InvalidArgumentError(Cat("时段：没有", year, "年"));
  return PartOfCalendar(kind, *from);
}

struct Named {
  const char* text;
  Kind kind;
  int part;  // 0: the one that today is in
  int back;  // so many before it
};
constexpr Named kNamed[] = {
    {"今年", Kind::kYear, 0, 0},      {"本年", Kind::kYear, 0, 0},      {"年度", Kind::kYear, 0, 0},
    {"去年", Kind::kYear, 0, 1},      {"上半年", Kind::kHalf, 1, 0},    {"下半年", Kind::kHalf, 2, 0},
    {"本月", Kind::kMonth, 0, 0},     {"上月", Kind::kMonth, 0, 1},     {"本季度", Kind::kQuarter, 0, 0},
    {"H1", Kind::kHalf, 1, 0},        {"H2", Kind::kHalf, 2, 0},        {"Q1", Kind::kQuarter, 1, 0},
    {"Q2", Kind::kQuarter, 2, 0},     {"Q3", Kind::kQuarter, 3, 0},     {"Q4", Kind::kQuarter, 4, 0},
    {"一季度", Kind::kQuarter, 1, 0}, {"二季度", Kind::kQuarter, 2, 0}, {"三季度", Kind::kQuarter, 3, 0},
    {"四季度", Kind::kQuarter, 4, 0},
};

absl::Status NotAPeriod(std::string_view text) {
  return absl::InvalidArgumentError(
      Cat("时段：“", text,
          "”不是时段，应如 2026、2026上半年、2026-05、本次人代会以来、本届、20-3 或 2026-01-05..2026-03-02"));
}

std::optional<Named> FindNamed(std::string_view text) {
  for (const Named& named : kNamed)
    if (text == named.text) return named;
  return std::nullopt;
}

// What stands behind a year: nothing, a month or a part by its name.
absl::StatusOr<ReportPeriod> OfYear(int year, std::string_view rest, std::string_view text) {
  if (rest.starts_with("年")) {
    rest.remove_prefix(std::string_view("年").size());
  } else if (rest.starts_with("-") && rest.size() > 1) {
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest == "度") return PartOfYear(Kind::kYear, year, 1);
  const std::optional<Named> named = FindNamed(rest);
  if (named && named->part > 0) return PartOfYear(named->kind, year, named->part);
  if (rest.ends_with("月")) rest.remove_suffix(std::string_view("月").size());
  int month = 0;
  if (rest.size() > 2 || !absl::SimpleAtoi(AbslView(rest), &month) || month < 1 || month > 12) return NotAPeriod(text);
  return PartOfYear(Kind::kMonth, year, month);
}

absl::StatusOr<ReportPeriod> Today(const Named& named, Day today) {
  const Date date = DateOf(today);
  const int months = MonthsOf(named.kind), part = named.part > 0 ? named.part : (date.month - 1) / months + 1;
  ASSIGN_OR_RETURN(ReportPeriod period, PartOfYear(named.kind, date.year, part));
  return named.back == 0 ? period : PeriodBefore(period, {});
}

absl::Status NoSession(std::string_view what) {
  return absl::FailedPreconditionError(
      Cat("时段：没有登记", what, "的日期，请先用 liaison congress 登记，例如 liaison congress 20-3 2026-03-20"));
}

ReportPeriod Since(Kind kind, Day from, Day to, std::string words) {
  return {kind, from, std::max(from, to), std::move(words)};
}

absl::StatusOr<ReportPeriod> SinceSession(const CongressDay& wanted, Day today,
                                          const std::vector<CongressDay>& sessions) {
  for (size_t i = 0; i < sessions.size(); ++i) {
    if (sessions[i].name() != wanted.name()) continue;
    const Day to = i + 1 < sessions.size() ? std::min(today, sessions[i + 1].day - 1) : today;
    return Since(Kind::kCongress, sessions[i].day, to, sessions[i].words() + "以来");
  }
  return NoSession(wanted.words());
}

// The last session up to today; nullptr: none.
const CongressDay* LastSession(Day today, const std::vector<CongressDay>& sessions) {
  const CongressDay* last = nullptr;
  for (const CongressDay& session : sessions)
    if (session.day <= today) last = &session;
  return last;
}

const CongressDay* FirstOfTerm(int term, const std::vector<CongressDay>& sessions) {
  for (const CongressDay& session : sessions)
    if (session.term == term && session.number == 1) return &session;
  return nullptr;
}

}  // namespace

std::string CongressDay::name() const { return Cat(term, "-", number); }
std::string CongressDay::words() const {
  return Cat(office::ChineseNumber(term), "届人大", office::ChineseNumber(number), "次会议");
}

bool ParseCongress(std::string_view name, CongressDay* session) {
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash > 2 || name.size() - dash - 1 > 2) return false;
  auto number = [](std::string_view text, int* out) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           absl::SimpleAtoi(AbslView(text), out) && *out > 0;
  };
  return number(name.substr(0, dash), &session->term) && number(name.substr(dash + 1), &session->number);
}

std::vector<CongressDay> CongressDays(const std::map<std::string, std::string, std::less<>>& policies) {
  std::vector<CongressDay> sessions;
  for (const auto& [key, value] : policies) {
    CongressDay session;
    if (!key.starts_with(kCongressPolicy) || !ParseCongress(std::string_view(key).substr(9), &session)) continue;
    const std::optional<Day> day = ParseDay(value);
    if (!day) continue;
    session.day = *day;
    sessions.push_back(session);
  }
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const CongressDay& a, const CongressDay& b) { return a.day < b.day; });
  return sessions;
}

std::string PeriodText(Day from, Day to) {
  const Date a = DateOf(from), b = DateOf(to);
  if (a.day == 1 && EndsMonth(to) && a.year == b.year) {
    if (a.month == 1 && b.month == 12) return Cat(a.year, "年");
    if (a.month == 1 && b.month == 6) return Cat(a.year, "年上半年");
    if (a.month == 7 && b.month == 12) return Cat(a.year, "年下半年");
    if (a.month == b.month) return Cat(a.year, "年", a.month, "月");
    if (a.month % 3 == 1 && b.month == a.month + 2)
      return Cat(a.year, "年", office::ChineseNumber(b.month / 3), "季度");
  }
  const std::string first = Cat(a.year, "年", a.month, "月", a.day, "日");
  if (from == to) return first;
  return Cat(first, "至", a.year == b.year ? "" : Cat(b.year, "年"), b.month, "月", b.day, "日");
}

absl::StatusOr<ReportPeriod> DaysPeriod(std::string_view from, std::string_view to) {
  const std::optional<Day> first = ParseDay(from), last = ParseDay(to);
  if (!first) return absl::InvalidArgumentError(Cat("起始日期“", from, "”不是有效日期"));
  if (!last) return absl::InvalidArgumentError(Cat("截止日期“", to, "”不是有效日期"));
  if (*first > *last) return absl::InvalidArgumentError("起始日期不能晚于截止日期");
  const Date a = DateOf(*first);
  for (Kind kind : {Kind::kYear, Kind::kHalf, Kind::kQuarter, Kind::kMonth}) {
    if (a.day != 1 || (a.month - 1) % MonthsOf(kind) != 0) continue;
    ReportPeriod part = PartOfCalendar(kind, *first);
    if (part.to == *last) return part;
  }
  return ReportPeriod{Kind::kDays, *first, *last, PeriodText(*first, *last)};
}

absl::StatusOr<ReportPeriod> ParsePeriod(std::string_view text, Day today, const std::vector<CongressDay>& sessions) {
  if (text.empty()) return DaysPeriod(Cat(DateOf(today).year, "-01-01"), DayText(today));
  if (const size_t dots = text.find(".."); dots != std::string_view::npos)
    return DaysPeriod(text.substr(0, dots), text.substr(dots + 2));
  if (const std::optional<Named> named = FindNamed(text)) return Today(*named, today);
  const CongressDay* last = LastSession(today, sessions);
  if (text == "congress" || text == "本次人代会以来") {
    if (last == nullptr) return NoSession("人代会");
    return SinceSession(*last, today, sessions);
  }
  if (text == "term" || text == "本届") {
    const CongressDay* first = last == nullptr ? nullptr : FirstOfTerm(last->term, sessions);
    if (first == nullptr) return NoSession("本届第一次会议");
    return Since(Kind::kTerm, first->day, today, Cat(office::ChineseNumber(first->term), "届人大以来"));
  }
  if (CongressDay session; ParseCongress(text, &session)) return SinceSession(session, today, sessions);
  int year = 0;
  if (text.size() < 4 || !absl::SimpleAtoi(AbslView(text.substr(0, 4)), &year) || year < 1990) return NotAPeriod(text);
  return OfYear(year, text.substr(4), text);
}

ReportPeriod PeriodBefore(const ReportPeriod& period, const std::vector<CongressDay>& sessions) {
  if (const int months = MonthsOf(period.kind); months > 0)
    return PartOfCalendar(period.kind, AddMonths(period.from, -months));
  const CongressDay* last = LastSession(period.from - 1, sessions);
  if (period.kind == Kind::kCongress && last != nullptr)
    return Since(Kind::kCongress, last->day, period.from - 1, last->words() + "以来");
  const CongressDay* first = last == nullptr ? nullptr : FirstOfTerm(last->term, sessions);
  if (period.kind == Kind::kTerm && first != nullptr)
    return Since(Kind::kTerm, first->day, period.from - 1, office::ChineseNumber(first->term) + "届人大");
  ReportPeriod before{Kind::kDays, period.from - (period.to - period.from) - 1, period.from - 1, ""};
  before.from = std::max(before.from, kUndated + 1);
  before.words = PeriodText(before.from, before.to);
  return before;
}

ReportPeriod YearBefore(const ReportPeriod& period) {
  if (MonthsOf(period.kind) > 0) return PartOfCalendar(period.kind, AddMonths(period.from, -12));
  ReportPeriod before{Kind::kDays, AddMonths(period.from, -12), AddMonths(period.to, -12), ""};
  if (EndsMonth(period.to))
    while (!EndsMonth(before.to)) ++before.to;
  before.words = PeriodText(before.from, before.to);
  return before;
}

}  // namespace liaison
