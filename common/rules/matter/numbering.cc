#include "common/rules/matter/numbering.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr std::string_view kEnd = "号", kClose = "〕";

std::string YearOf(std::string_view date) { return Cat("〔", date.substr(0, 4), kClose); }

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

std::string AssignmentSeries(std::string_view township, std::string_view date) {
  return Cat(township, "人交", YearOf(date));
}

std::string SuggestionSeries(std::string_view township, std::string_view congress) {
  return Cat(township, "人建", "〔", congress, kClose);
}

std::string BillSeries(std::string_view township, std::string_view congress) {
  return Cat(township, "人议", "〔", congress, kClose);
}

std::string SessionNumber(std::string_view series, uint64_t counter) { return Cat(series, counter); }

std::string PaperNumber(std::string_view series, uint64_t counter) {
  return Cat(series, absl::StrFormat("%04d", counter), kEnd);
}

std::string HubNumber(std::string_view series, uint64_t counter) {
  return Cat(series, absl::StrFormat("%03d", counter), kEnd);
}

std::string MarkSeries(std::string_view number) {
  if (number.ends_with(kEnd)) number.remove_suffix(kEnd.size());
  return Cat(number, "-");
}

std::string MarkedNumber(std::string_view number, uint64_t counter) {
  return Cat(MarkSeries(number), counter, number.ends_with(kEnd) ? kEnd : "");
}

bool ParseNumber(std::string_view number, std::string* series, uint64_t* counter) {
  if (number.ends_with(kEnd)) number.remove_suffix(kEnd.size());
  const size_t dash = number.rfind('-'), close = number.rfind(kClose);  // the later one; the dash of 〔20-3〕 is none
  size_t end = dash == std::string_view::npos ? 0 : dash + 1;
  if (close != std::string_view::npos) end = std::max(end, close + kClose.size());
  if (end == 0 || end == number.size()) return false;
  std::string_view digits = number.substr(end);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  if (!absl::SimpleAtoi(AbslView(digits), counter)) return false;
  *series = std::string(number.substr(0, end));
  return true;
}

}  // namespace liaison
