#include "common/rules/reception/schedule.h"

#include <unicode/calendar.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/civil_time.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

using Kind = ScheduleRule::Kind;
using DayOff = ScheduleRule::DayOff;

constexpr Day kLongestHoliday = 60;  // a table that makes more days in a row days off is not followed further back
constexpr int kMostMonthDay = 31, kMostLunarDay = 30;

// ---------------------------------------------------------------- spelling

bool Take(std::string_view* text, std::string_view word) {
  if (!text->starts_with(word)) return false;
  text->remove_prefix(word.size());
  return true;
}

bool TakeEnd(std::string_view* text, std::string_view word) {
  if (!text->ends_with(word)) return false;
  text->remove_suffix(word.size());
  return true;
}

void Replace(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size())
    text->replace(at, from.size(), to);
}

// Half-width digits, one comma, no spaces or brackets, one word for each thing.
std::string Fold(std::string_view typed) {
  std::string text(typed);
  for (int digit = 0; digit <= 9; ++digit)  // U+FF10 …
    Replace(&text, std::string("\xef\xbc") + static_cast<char>(0x90 + digit), std::to_string(digit));
  constexpr std::string_view kComma[] = {"、", "，", "；", ";", "/", "和", "及", "与", "."};
  for (std::string_view word : kComma) Replace(&text, word, ",");
  constexpr std::string_view kNothing[] = {" ", "\t", "\u3000", "\u00a0", "(", ")", "（", "）", "。", "的"};
  for (std::string_view word : kNothing) Replace(&text, word, "");
  constexpr std::pair<std::string_view, std::string_view> kSame[] = {
      {"号", "日"}, {"星期", "周"}, {"礼拜", "周"}, {"周天", "周日"}, {"墟", "圩"}, {"阴历", "农历"}, {"旧历", "农历"}};
  for (const auto& [from, to] : kSame) Replace(&text, from, to);
  return text;
}

constexpr std::string_view kDigits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

int TakeDigit(std::string_view* text) {
  for (int digit = 1; digit <= 9; ++digit)
    if (Take(text, kDigits[digit])) return digit;
  return 0;
}

// 15, 十五, 二十, 廿五, 三十; at most two digits.
std::optional<int> TakeNumber(std::string_view* text) {
  int number = 0, digits = 0;
  while (digits < 2 && !text->empty() && text->front() >= '0' && text->front() <= '9') {
    number = number * 10 + (text->front() - '0');
    text->remove_prefix(1);
    ++digits;
  }
  if (digits > 0) return number;
  if (Take(text, "廿")) return 20 + TakeDigit(text);
  if (Take(text, "卅")) return 30 + TakeDigit(text);
  number = TakeDigit(text);
  if (Take(text, "十")) return (number == 0 ? 10 : number * 10) + TakeDigit(text);
  return number == 0 ? std::nullopt : std::optional<int>(number);
}

// One weekday, with or without 周 before it.
std::optional<int> TakeWeekday(std::string_view* text) {
  Take(text, "周");
  if (Take(text, "日")) return 7;
  std::optional<int> number = TakeNumber(text);
  return number && *number >= 1 && *number <= 7 ? number : std::nullopt;
}

// Elements with commas between; the whole of `text`, or nothing.
template <typename TakeOne>
std::optional<std::vector<int>> TakeList(std::string_view text, TakeOne take_one) {
  std::vector<int> list;
  do {
    std::optional<int> one = take_one(&text);
    if (!one) return std::nullopt;
    list.push_back(*one);
  } while (Take(&text, ","));
  if (!text.empty()) return std::nullopt;
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

std::optional<std::vector<int>> MonthDays(std::string_view text, int most) {
  return TakeList(text, [&](std::string_view* rest) -> std::optional<int> {
    if (most == kMostMonthDay && (Take(rest, "最后一天") || Take(rest, "最后一日") || Take(rest, "月末")))
      return ScheduleRule::kLast;
    if (most == kMostLunarDay) Take(rest, "初");
    std::optional<int> number = TakeNumber(rest);
    Take(rest, "日");
    return number && *number >= 1 && *number <= most ? number : std::nullopt;
  });
}

std::optional<std::vector<int>> EndingDigits(std::string_view text) {
  TakeEnd(&text, "日");
  return TakeList(text, [](std::string_view* rest) -> std::optional<int> {
    std::optional<int> number = TakeNumber(rest);
    return number && *number <= 10 ? std::optional<int>(*number % 10) : std::nullopt;
  });
}

// "第一、三个周三", folded and without 每月.
bool TakeNthWeekdays(std::string_view text, ScheduleRule* rule) {
  const size_t middle = text.find("个周");
  if (middle == std::string_view::npos) return false;
  auto nth = TakeList(text.substr(0, middle), [](std::string_view* rest) -> std::optional<int> {
    if (Take(rest, "最后一")) return ScheduleRule::kLast;
    Take(rest, "第");
    std::optional<int> number = TakeNumber(rest);
    return number && *number >= 1 && *number <= 5 ? number : std::nullopt;
  });
  auto days = TakeList(text.substr(middle + std::string_view("个").size()), TakeWeekday);
  if (!nth || !days) return false;
  rule->kind = Kind::kNthWeekdays;
  rule->nth = *std::move(nth);
  rule->days = *std::move(days);
  return true;
}

bool Set(Kind kind, std::optional<std::vector<int>> days, ScheduleRule* rule) {
  if (!days) return false;
  rule->kind = kind;
  rule->days = *std::move(days);
  return true;
}

bool TakeDays(std::string_view text, ScheduleRule* rule) {
  constexpr std::string_view kMarket[] = {"圩日", "集日", "赶集日", "赶圩日"};
  for (std::string_view word : kMarket)
    if (Take(&text, word)) Take(&text, ",");
  bool lunar = Take(&text, "农历"), monthly = Take(&text, "每月");
  lunar |= Take(&text, "农历") || text.starts_with("初");
  Take(&text, "每");
  if (Take(&text, "逢")) {
    lunar |= Take(&text, "农历");
    return Set(lunar ? Kind::kLunarEndingDays : Kind::kEndingDays, EndingDigits(text), rule);
  }
  if (lunar) return Set(Kind::kLunarDays, MonthDays(text, kMostLunarDay), rule);
  if (monthly && TakeNthWeekdays(text, rule)) return true;
  if (monthly) return Set(Kind::kMonthDays, MonthDays(text, kMostMonthDay), rule);
  if (text.starts_with("周")) return Set(Kind::kWeekdays, TakeList(text, TakeWeekday), rule);
  return false;
}

DayOff TakeSuffix(std::string_view* text) {
  DayOff day_off = DayOff::kKeep;
  if (TakeEnd(text, "顺延"))
    day_off = DayOff::kMove;
  else if (TakeEnd(text, "不接待") || TakeEnd(text, "休息"))
    day_off = DayOff::kSkip;
  if (day_off == DayOff::kKeep) return day_off;
  if (!TakeEnd(text, "法定节假日")) TakeEnd(text, "节假日");
  if (!TakeEnd(text, "遇")) TakeEnd(text, "逢");
  TakeEnd(text, ",");
  return day_off;
}

std::string NumberText(int number) {
  std::string text = number >= 20 ? std::string(kDigits[number / 10]) : "";
  if (number >= 10) text += "十";
  if (number % 10 != 0) text += kDigits[number % 10];
  return text;
}

template <typename TextOf>
std::string Join(const std::vector<int>& list, TextOf text_of) {
  std::string text;
  for (int one : list) text += (text.empty() ? "" : "、") + text_of(one);
  return text;
}

// ---------------------------------------------------------------- days

// Made once for a run of days, since making one is dear. ICU counts the Chinese calendar in China's time whatever zone
// the calendar has; the zone here only turns days into instants.
class Lunar {
 public:
  Lunar() {
    UErrorCode error = U_ZERO_ERROR;
    calendar_.reset(icu::Calendar::createInstance(icu::TimeZone::createTimeZone("Etc/GMT-8"),
                                                  icu::Locale("zh@calendar=chinese"), error));
    if (U_FAILURE(error)) calendar_.reset();
  }
  int DayOf(Day day) const {  // 0: no calendar data
    if (calendar_ == nullptr) return 0;
    UErrorCode error = U_ZERO_ERROR;
    constexpr double kDayMs = 86'400'000, kNoonThere = 4 * 3'600'000;
    calendar_->setTime(day * kDayMs + kNoonThere, error);
    const int number = calendar_->get(UCAL_DATE, error);
    return U_FAILURE(error) ? 0 : number;
  }

 private:
  std::unique_ptr<icu::Calendar> calendar_;
};

bool Has(const std::vector<int>& list, int value) { return std::find(list.begin(), list.end(), value) != list.end(); }

bool IsLastOfMonth(Day day) { return DayOfMonth(day + 1) == 1; }

bool Matches(const ScheduleRule& rule, Day day, const Lunar* lunar) {
  const int date = DayOfMonth(day);
  switch (rule.kind) {
    case Kind::kMonthDays:
      return Has(rule.days, date) || (IsLastOfMonth(day) && Has(rule.days, ScheduleRule::kLast));
    case Kind::kWeekdays:
      return Has(rule.days, WeekdayOf(day));
    case Kind::kNthWeekdays:
      if (!Has(rule.days, WeekdayOf(day))) return false;
      return Has(rule.nth, (date - 1) / 7 + 1) || (DayOfMonth(day + 7) <= 7 && Has(rule.nth, ScheduleRule::kLast));
    case Kind::kEndingDays:
      return Has(rule.days, date % 10);
    case Kind::kLunarDays:
      return Has(rule.days, lunar->DayOf(day));
    case Kind::kLunarEndingDays:
      return Has(rule.days, lunar->DayOf(day) % 10);
  }
  return false;
}

}  // namespace

absl::StatusOr<ScheduleRule> ParseSchedule(std::string_view text) {
  const std::string folded = Fold(text);
  std::string_view rest = folded;
  ScheduleRule rule;
  rule.day_off = TakeSuffix(&rest);
  if (TakeDays(rest, &rule)) {
    const bool weekdays = rule.kind == Kind::kWeekdays || rule.kind == Kind::kNthWeekdays;
    if (weekdays && rule.day_off != DayOff::kKeep && rule.days.back() > 5)
      return absl::InvalidArgumentError("接待日规则：周六、周日本来是休息日，不能又写“节假日顺延”或“节假日不接待”");
    return rule;
  }
  return absl::InvalidArgumentError(
      Cat("接待日规则：看不懂“", text,
          "”，应如“每月15日”“每月1日、15日”“每周一、四”“每月第一个周三”“逢1、4、7”“逢农历1、4、7”“农历每月初五”，"
          "后面可以加“节假日顺延”或“节假日不接待”"));
}

std::string ScheduleText(const ScheduleRule& rule) {
  auto month_day = [](int day) { return day == ScheduleRule::kLast ? std::string("最后一天") : Cat(day, "日"); };
  auto ending = [](int digit) { return std::to_string(digit == 0 ? 10 : digit); };
  auto weekday = [](int day) { return day == 7 ? std::string("日") : NumberText(day); };
  auto nth = [](int n) { return n == ScheduleRule::kLast ? std::string("最后一") : Cat("第", NumberText(n)); };
  auto lunar_day = [](int day) { return (day <= 10 ? "初" : "") + NumberText(day); };
  std::string text;
  switch (rule.kind) {
    case Kind::kMonthDays:
      text = "每月" + Join(rule.days, month_day);
      break;
    case Kind::kWeekdays:
      text = "每周" + Join(rule.days, weekday);
      break;
    case Kind::kNthWeekdays:
      text = Cat("每月", Join(rule.nth, nth), "个周", Join(rule.days, weekday));
      break;
    case Kind::kEndingDays:
      text = "逢" + Join(rule.days, ending);
      break;
    case Kind::kLunarDays:
      text = "农历每月" + Join(rule.days, lunar_day);
      break;
    case Kind::kLunarEndingDays:
      text = "逢农历" + Join(rule.days, ending);
      break;
  }
  if (rule.day_off == DayOff::kMove) text += "，节假日顺延";
  if (rule.day_off == DayOff::kSkip) text += "，节假日不接待";
  return text;
}

std::vector<Day> DaysIn(const ScheduleRule& rule, Day from, Day to, const Calendar& calendar) {
  const bool is_lunar = rule.kind == Kind::kLunarDays || rule.kind == Kind::kLunarEndingDays;
  const std::unique_ptr<Lunar> lunar = is_lunar ? std::make_unique<Lunar>() : nullptr;
  std::vector<Day> days;
  const Day begin = rule.day_off == DayOff::kMove ? from - kLongestHoliday : from;
  for (Day day = std::max<Day>(begin, 1); day <= to; ++day) {
    if (!Matches(rule, day, lunar.get())) continue;
    if (rule.day_off == DayOff::kSkip && !calendar.IsWorkday(day)) continue;
    const Day held = rule.day_off == DayOff::kMove ? calendar.NextWorkday(day) : day;
    if (held >= from && held <= to && (days.empty() || days.back() != held)) days.push_back(held);
  }
  return days;
}

int LunarDayOf(Day day) { return Lunar().DayOf(day); }

}  // namespace liaison
