// Rows as aligned columns on a terminal, where a Chinese character takes two places and a combining one none.
#ifndef LIAISON_COMMON_CLI_CORE_TABLE_H_
#define LIAISON_COMMON_CLI_CORE_TABLE_H_

#include <iosfwd>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace liaison::cli {

inline constexpr int kTextPlaces = 40;  // of a terminal line, for what people wrote

// Places that `utf8` takes: 2 for East Asian Wide and Fullwidth (Unicode UAX #11), 0 for combining and invisible
// characters, 1 for the rest, ambiguous ones included. Bytes that are not UTF-8 take 1 each.
int DisplayWidth(std::string_view utf8);

// At most `places` wide; what is cut off is shown as "…".
std::string CutTo(std::string_view utf8, int places);

// Control characters (line breaks, terminal escapes, marks that turn the direction of writing) become spaces: text that
// people typed, and names of files that they brought, must not steer a terminal.
std::string OneLine(std::string_view utf8);

class Table {
 public:
  struct Column {
    std::string name;
    bool right = false;  // numbers
    int places_max = 0;  // longer cells are cut; 0: never
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty. REQUIRES: not more cells than columns.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The names (if there are any) and the rows, two spaces between columns, no spaces at line ends. Nothing without
  // rows.
  void Print(std::ostream* out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_TABLE_H_
