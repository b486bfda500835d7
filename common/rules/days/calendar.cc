#include "common/rules/days/calendar.h"

#include "absl/strings/numbers.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr int kMostAmount = 1000;

bool TakeSuffix(std::string_view* text, std::string_view suffix) {
  if (!text->ends_with(suffix)) return false;
  text->remove_suffix(suffix.size());
  return true;
}

}  // namespace

bool Calendar::IsWorkday(Day day) const {
  auto it = exceptions_.find(day);
  return it == exceptions_.end() ? WeekdayOf(day) <= 5 : it->second;
}

Day Calendar::NextWorkday(Day day) const {
  while (!IsWorkday(day)) ++day;
  return day;
}

Day Calendar::AddWorkdays(Day day, int workdays) const {
  for (int left = workdays; left > 0; --left) day = NextWorkday(day + 1);
  return day;
}

std::optional<TimeLimit> ParseTimeLimit(std::string_view text) {
  TimeLimit limit;
  if (TakeSuffix(&text, "个工作日") || TakeSuffix(&text, "工作日")) {
    limit.unit = TimeLimit::Unit::kWorkdays;
  } else if (TakeSuffix(&text, "个月") || TakeSuffix(&text, "月")) {
    limit.unit = TimeLimit::Unit::kMonths;
  } else if (!TakeSuffix(&text, "日") && !TakeSuffix(&text, "天")) {
    return std::nullopt;
  }
  for (char c : text)
    if (c < '0' || c > '9') return std::nullopt;
  if (!absl::SimpleAtoi(AbslView(text), &limit.amount)) return std::nullopt;
  if (limit.amount < 1 || limit.amount > kMostAmount) return std::nullopt;
  return limit;
}

std::string TimeLimitText(TimeLimit limit) {
  switch (limit.unit) {
    case TimeLimit::Unit::kWorkdays:
      return Cat(limit.amount, "个工作日");
    case TimeLimit::Unit::kMonths:
      return Cat(limit.amount, "个月");
    default:
      return Cat(limit.amount, "日");
  }
}

Day LastDayOf(Day from, TimeLimit limit, const Calendar& calendar) {
  switch (limit.unit) {
    case TimeLimit::Unit::kWorkdays:
      return calendar.AddWorkdays(from, limit.amount);
    case TimeLimit::Unit::kMonths:
      return calendar.NextWorkday(AddMonths(from, limit.amount));
    default:
      return calendar.NextWorkday(from + limit.amount);
  }
}

}  // namespace liaison
