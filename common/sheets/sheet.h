// A workbook of tables as .xlsx, printed as a township office files it: A4, the head on every page, pages counted.
#ifndef LIAISON_COMMON_SHEETS_SHEET_H_
#define LIAISON_COMMON_SHEETS_SHEET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sheets/chart.h"

namespace liaison::office {

inline constexpr char kXlsxMime[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

// A cell. Text is written as text whatever it looks like: "=1+1" is no formula.
struct SheetCell {
  enum class Kind { kText, kNumber, kDate, kPercent };

  SheetCell() = default;
  SheetCell(std::string value) : text(std::move(value)) {}         // NOLINT: rows are written as lists of texts
  SheetCell(const char* value) : SheetCell(std::string(value)) {}  // NOLINT
  static SheetCell Number(double value) { return Of(Kind::kNumber, value); }
  // A share of 1; shown with one decimal, as 87.5%.
  static SheetCell Percent(double share) { return Of(Kind::kPercent, share); }
  // YYYY-MM-DD. What is no such day is written as text, an empty one as an empty cell.
  static SheetCell Date(std::string day) {
    SheetCell cell(std::move(day));
    cell.kind = Kind::kDate;
    return cell;
  }

  Kind kind = Kind::kText;
  std::string text;
  double number = 0;

 private:
  static SheetCell Of(Kind kind, double number) {
    SheetCell cell;
    cell.kind = kind;
    cell.number = number;
    return cell;
  }
};

struct SheetColumn {
  std::string head;
  double width = 12;  // in digits of the default font; a Chinese character takes two
  bool centred = false;
};

// A chart of columns of its own table: the categories in one, a series in each of the others.
struct SheetChart {
  ChartKind kind = ChartKind::kColumn;
  std::string title;
  int categories = 0;
  std::vector<int> values;
  int rows = 0;  // how many rows it shows, from the first; 0: all
};

struct Sheet {
  std::string name;   // of the tab, at most 31 characters and without [ ] : * ? / \, which are replaced
  std::string title;  // a row over all columns; empty: the head is the first row
  std::string note;   // a smaller row below the title: period, cut-off; empty: none
  std::vector<SheetColumn> columns;
  std::vector<std::vector<SheetCell>> rows;
  std::vector<SheetChart> charts;  // right of a narrow table, else below it
  bool landscape = false;
};

// kInvalidArgument: no sheet, or more columns or rows than the format holds; kUnavailable: no temporary file.
absl::StatusOr<std::string> WriteXlsx(const std::vector<Sheet>& sheets);

}  // namespace liaison::office

#endif  // LIAISON_COMMON_SHEETS_SHEET_H_
