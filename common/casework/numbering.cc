#include "common/casework/numbering.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr std::string_view kEnd = "号";

std::string YearOf(std::string_view date) { return Cat("〔", date.substr(0, 4), "〕"); }

}  // namespace

std::string NumberBlock(std::string_view station_id, std::string_view node_block) {
  size_t dash = station_id.rfind('-');
  return Cat(dash == std::string_view::npos ? station_id : station_id.substr(dash + 1), node_block);
}

std::string SessionSeries(std::string_view date, std::string_view block) {
  std::string day(date);
  std::erase(day, '-');
  return Cat("J", day, "-", block, "-");
}

std::string EntrySeries(std::string_view township, std::string_view date, std::string_view block) {
  return Cat(township, "人接", YearOf(date), block, "-");
}

std::string MatterSeries(std::string_view township, std::string_view date, std::string_view block) {
  return Cat(township, "民意", YearOf(date), block, "-");
}

std::string SessionNumber(std::string_view series, uint64_t counter) { return Cat(series, counter); }

std::string PaperNumber(std::string_view series, uint64_t counter) {
  return Cat(series, absl::StrFormat("%04d", counter), kEnd);
}

bool ParseNumber(std::string_view number, std::string* series, uint64_t* counter) {
  if (number.ends_with(kEnd)) number.remove_suffix(kEnd.size());
  size_t dash = number.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == number.size()) return false;
  std::string_view digits = number.substr(dash + 1);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  if (!absl::SimpleAtoi(AbslView(digits), counter)) return false;
  *series = std::string(number.substr(0, dash + 1));
  return true;
}

}  // namespace liaison
