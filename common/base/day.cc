#include "common/base/day.h"

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/text.h"

namespace liaison {
namespace {

absl::CivilDay Civil(Day day) { return absl::CivilDay(1970, 1, 1) + day; }

}  // namespace

std::optional<Day> ParseDay(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  int parts[3] = {0, 0, 0};
  for (size_t i = 0, part = 0; i < date.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
      continue;
    }
    if (date[i] < '0' || date[i] > '9') return std::nullopt;
    parts[part] = parts[part] * 10 + (date[i] - '0');
  }
  const absl::CivilDay day(parts[0], parts[1], parts[2]);  // normalises what does not exist
  if (day.year() != parts[0] || day.month() != parts[1] || day.day() != parts[2]) return std::nullopt;
  const auto days = day - absl::CivilDay(1970, 1, 1);
  if (days <= 0) return std::nullopt;
  return static_cast<Day>(days);
}

std::string DayText(Day day) {
  const absl::CivilDay civil = Civil(day);
  return absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
}

int WeekdayOf(Day day) { return static_cast<int>(absl::GetWeekday(Civil(day))) + 1; }

std::string WeekdayText(Day day) {
  static constexpr const char* kNames[] = {"一", "二", "三", "四", "五", "六", "日"};
  return Cat("星期", kNames[WeekdayOf(day) - 1]);
}

int DayOfMonth(Day day) { return Civil(day).day(); }

Day AddMonths(Day day, int months) {
  const absl::CivilDay from = Civil(day);
  const absl::CivilMonth month = absl::CivilMonth(from) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay same = absl::CivilDay(month) + (from.day() - 1);
  return static_cast<Day>((same > last ? last : same) - absl::CivilDay(1970, 1, 1));
}

}  // namespace liaison
