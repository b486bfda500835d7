#include "common/cli/core/table.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace liaison::cli {
namespace {

// Takes one character off the front; a stray byte comes out as itself with code -1.
std::string_view NextCharacter(std::string_view* rest, UChar32* code) {
  int32_t used = 0;
  const auto* bytes = reinterpret_cast<const uint8_t*>(rest->data());
  U8_NEXT(bytes, used, static_cast<int32_t>(rest->size()), *code);
  if (*code < 0) used = 1;
  std::string_view character = rest->substr(0, static_cast<size_t>(used));
  rest->remove_prefix(static_cast<size_t>(used));
  return character;
}

int Places(UChar32 code) {
  if (code < 0) return 1;
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
  for (UChar32 code; !utf8.empty();) {
    NextCharacter(&utf8, &code);
    places += Places(code);
  }
  return places;
}

std::string CutTo(std::string_view utf8, int places) {
  if (DisplayWidth(utf8) <= places) return std::string(utf8);
  std::string kept;
  int room = places - 1;
  for (UChar32 code; !utf8.empty();) {
    std::string_view character = NextCharacter(&utf8, &code);
    room -= Places(code);
    if (room < 0) break;
    kept += character;
  }
  return kept + "…";
}

std::string OneLine(std::string_view utf8) {
  std::string line;
  for (UChar32 code; !utf8.empty();) {
    std::string_view character = NextCharacter(&utf8, &code);
    if (code >= 0 && (u_charType(code) == U_CONTROL_CHAR || u_hasBinaryProperty(code, UCHAR_BIDI_CONTROL))) {
      line += ' ';
    } else {
      line += character;
    }
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
