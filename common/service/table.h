// A spreadsheet's cells as text, from .csv and .xlsx, and .csv back. What is read is bounded on every side, because the
// file comes from anywhere: bytes (also after unpacking), rows, columns, cells, characters of a cell. Pure functions,
// thread-safe. Errors are kInvalidArgument with a Chinese message for the person who chose the file; then there is no
// table at all, never half of one.
#ifndef LIAISON_COMMON_SERVICE_TABLE_H_
#define LIAISON_COMMON_SERVICE_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

inline constexpr size_t kMaxTableBytes = 32 << 20;  // of the file, and of all that is unpacked from it
inline constexpr int kMaxTableRows = 100'000;       // that hold something
inline constexpr int kMaxTableColumns = 200;
inline constexpr size_t kMaxTableCells = 2'000'000;  // with the empty ones in front of the last of each row
inline constexpr size_t kMaxCellChars = 10'000;

struct Cell {
  // As a person would read it: numbers without grouping or exponent where they are whole, days as YYYY-MM-DD.
  std::string text;
  double number = 0;       // if is_number
  bool is_number = false;  // only .xlsx knows
  bool is_date = false;    // a number that its format shows as a day; text is that day
};

struct Row {
  int number = 0;  // as the spreadsheet shows it, from 1: a cell with line ends inside is still one row
  std::vector<Cell> cells;

  // The text of the cell, empty where the row ends before it or `column` is negative.
  std::string_view Text(int column) const;
};

// Rows without any text are left out; the numbers of the others do not change.
struct Table {
  std::vector<Row> rows;
};

// Collects cells and holds the bounds. Rows must come in ascending order.
class TableBuilder {
 public:
  // `row` from 1, `column` from 0. An empty text is ignored.
  absl::Status Put(int row, int column, Cell cell);
  Table Take() { return std::move(table_); }

 private:
  Table table_;
  size_t cells_ = 0;
};

// Comma-separated text after RFC 4180: quotes, doubled quotes, line ends inside quotes; rows end with CRLF, LF or CR. A
// quote inside an unquoted field is a character like others. A quote that is never closed is an error that names the
// row and the column where it opens.
absl::StatusOr<Table> ReadCsv(std::string_view utf8);

// The first visible sheet that holds something. Formulas count as their last result.
absl::StatusOr<Table> ReadXlsx(std::string_view bytes);

// Decides by the content, not by the name; the name is for the messages.
absl::StatusOr<Table> ReadTable(std::string_view file_name, std::string_view bytes);

// With a byte order mark, by which Excel knows UTF-8, and CRLF. Every cell is guarded.
std::string WriteCsv(const std::vector<std::vector<std::string>>& rows);

// A cell that a spreadsheet would take for a formula (it begins with = + - @, their full-width forms, a tab or a line
// end, and is no plain number) gets an apostrophe in front, also one that already looks guarded, so that
// UnguardCell(GuardCell(x)) == x for every x.
std::string GuardCell(std::string_view text);
std::string UnguardCell(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_TABLE_H_
