#include "common/cli/core/table.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "common/base/utf8.h"

namespace liaison::cli {
namespace {

int Places(const Char& c) {
  if (c.code >= kBrokenChar) return 1;
  const auto code = static_cast<UChar32>(c.code);
  switch (u_charType(code)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR:
      return 0;
    default:
      break;
  }
  int width = u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace

int DisplayWidth(std::string_view utf8) {
  int places = 0;
  while (!utf8.empty()) places += Places(NextChar(&utf8));
  return places;
}

std::string CutTo(std::string_view utf8, int places) {
  if (DisplayWidth(utf8) <= places) return std::string(utf8);
  std::string kept;
  int room = places - 1;
  while (!utf8.empty()) {
    const Char c = NextChar(&utf8);
    room -= Places(c);
    if (room < 0) break;
    kept += c.bytes;
  }
  return kept + "…";
}

std::string OneLine(std::string_view utf8) {
  std::string line;
  while (!utf8.empty()) {
    const Char c = NextChar(&utf8);
    const auto code = static_cast<UChar32>(c.code);
    const bool steers = c.code < kBrokenChar &&
                        (u_charType(code) == U_CONTROL_CHAR || u_hasBinaryProperty(code, UCHAR_BIDI_CONTROL));
    line += steers ? std::string_view(" ") : c.bytes;
  }
  return line;
}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i] = OneLine(cells[i]);
    if (columns_[i].places_max > 0) cells[i] = CutTo(cells[i], columns_[i].places_max);
  }
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream* out) const {
  if (rows_.empty()) return;
  std::vector<int> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(DisplayWidth(columns_[i].name));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  auto print = [&](auto cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      std::string pad(static_cast<size_t>(widths[i] - DisplayWidth(cell)), ' ');
      line += columns_[i].right ? pad + cell : cell + pad;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    *out << line << "\n";
  };
  bool named = std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return !c.name.empty(); });
  if (named) print([&](size_t i) -> const std::string& { return columns_[i].name; });
  for (const auto& row : rows_) print([&](size_t i) -> const std::string& { return row[i]; });
}

}  // namespace liaison::cli
