// A spreadsheet's cells as text, from .csv and .xlsx, and .csv back. What is read is bounded on every side, because the
// file comes from anywhere: bytes (also after unpacking), rows, columns, cells, the text of all of them. Pure
// functions, thread-safe. Errors are kInvalidArgument with a Chinese message for the person who chose the file; then
// there is no table at all, never half of one.
#ifndef LIAISON_COMMON_SHEETS_TABLE_H_
#define LIAISON_COMMON_SHEETS_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

inline constexpr size_t kMaxTableBytes = 32 << 20;     // of the file
inline constexpr size_t kMaxUnpackedBytes = 64 << 20;  // of all parts that are read of an .xlsx
inline constexpr size_t kMaxTableText = 64 << 20;      // of all cells together: one text may stand in many
inline constexpr int kMaxTableRows = 100'000;          // that hold something
inline constexpr int kMaxTableColumns = 200;
inline constexpr size_t kMaxTableCells = 2'000'000;  // with the empty ones in front of the last of each row
inline constexpr size_t kMaxCellChars = 10'000;

enum class CellTrouble : uint8_t {
  kNone,
  kErrorValue,  // #REF!, ####: text is that
  kNoResult,    // a formula that its program never calculated; text is empty
  kTooLong,     // text is whole nevertheless
  kOpenQuote,   // a quote of a .csv that is never closed; text is what follows it in its field
  kLostDigits,  // 5.22121E+17: a number of more digits than a spreadsheet keeps, or one cut when it was written as text
  kLogical,     // a tick or the result of a comparison; text is TRUE or FALSE
  kPicture,     // a picture stands in the cell (WPS writes =DISPIMG("…",1)); text is that
};

struct Cell {
  // As a person would read it: numbers without grouping or exponent where they are whole, days as YYYY-MM-DD.
  std::string text;
  double number = 0;       // if is_number
  bool is_number = false;  // only .xlsx knows
  bool is_date = false;    // a number that its format shows as a day; text is that day
  bool from_1904 = false;  // a number of a workbook that counts days from 1904
  CellTrouble trouble = CellTrouble::kNone;
};

// Why the cell cannot be used, in Chinese; empty: it can.
std::string CellFault(const Cell& cell);

// The text of a cell in a column of days: where a number stands in it, the day that it means, if it means one.
std::string DayText(const Cell& cell);

struct Row {
  int number = 0;  // as the spreadsheet shows it, from 1: a cell with line ends inside is still one row
  std::vector<Cell> cells;

  // The text of the cell, empty where the row ends before it or `column` is negative.
  std::string_view Text(int column) const;
  // Why the cell cannot be used; empty: it can, or there is none.
  std::string Fault(int column) const;
};

// Rows without any text are left out; the numbers of the others do not change.
struct Table {
  std::string sheet;  // its name; empty for a text file
  std::vector<Row> rows;
};

struct Workbook {
  Workbook() = default;
  Workbook(Table table) { sheets.push_back(std::move(table)); }  // NOLINT: a table is a workbook of one sheet

  std::vector<Table> sheets;         // visible ones that hold something, in their order
  std::vector<std::string> notices;  // what was there and is in no sheet, with its place
};

// Collects cells and holds the bounds, which are of all sheets of a file together. Rows must come in ascending order.
class TableBuilder {
 public:
  struct Used {
    size_t cells = 0, text = 0, rows = 0;
  };
  explicit TableBuilder(Used* used) : used_(used) {}

  // `row` from 1, `column` from 0. A cell with neither text nor trouble is ignored, and so is a blank one beyond the
  // last column; other cells there are counted and named by Notices.
  absl::Status Put(int row, int column, Cell cell);
  // A merged cell: what its first cell holds is read for all of them, in rows that hold something. `visits` counts the
  // work of all calls.
  absl::Status Merge(int first_row, int first_column, int last_row, int last_column, size_t* visits);
  std::vector<std::string> Notices() const;
  Table Take() { return std::move(table_); }

 private:
  absl::Status Count(size_t text);

  Used* used_;
  Table table_;
  std::vector<std::string> beyond_;  // places, at most kMostPlaces
  size_t count_beyond_ = 0;
};

// A column as a spreadsheet calls it: 0 is A, 27 is AB.
std::string ColumnLetters(int column);

// Separated text after RFC 4180: quotes, doubled quotes, line ends inside quotes; rows end with CRLF, LF or CR. Fields
// are separated by commas, tabs, semicolons, full-width commas or |, whichever most of the first rows have; a first
// line sep=X says it. A quote inside an unquoted field is a character like others. A quote that is never closed is
// trouble of its cell, and the field ends where it would without it. One sheet, which may be empty.
absl::StatusOr<Workbook> ReadCsv(std::string_view utf8);

// Formulas count as their last result.
absl::StatusOr<Workbook> ReadXlsx(std::string_view bytes);

// Decides by the content, not by the name; the name is for the messages. At least one sheet with a row.
absl::StatusOr<Workbook> ReadTable(std::string_view file_name, std::string_view bytes);

// With a byte order mark, by which Excel knows UTF-8, and CRLF. Every cell is guarded.
std::string WriteCsv(const std::vector<std::vector<std::string>>& rows);

// A cell that a spreadsheet would take for a formula (it begins with = + - @, their full-width forms, a tab or a line
// end, and is no plain number) gets an apostrophe in front, also one that already looks guarded, so that
// UnguardCell(GuardCell(x)) == x for every x. The guards of other programs are taken off too: ="002", and an apostrophe
// in front of nothing but digits and what groups them.
std::string GuardCell(std::string_view text);
std::string UnguardCell(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_TABLE_H_
