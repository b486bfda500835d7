// Lines of a table that are no records: sums, what is written at the foot of a page, heads that are printed again. Pure
// functions, thread-safe. A reader passes such a line over only where it cannot be a record, and names it.
#ifndef LIAISON_COMMON_SHEETS_TABLE_LINES_H_
#define LIAISON_COMMON_SHEETS_TABLE_LINES_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/sheets/table.h"

namespace liaison {

// The column of a file of refused rows that says why; reading passes it over.
inline constexpr std::string_view kReasonColumn = "退回原因";

// Nothing but blanks.
bool IsBlankLine(const Row& row);

// Its first text is 合计, 本页小计, 总 计：3件, 本月累计 and the like, and nothing else.
bool IsSumLine(const Row& row);

// Its first text is 填表人：…, 审核人：…, 注：…, 第 1 页 and the like.
bool IsFootLine(const Row& row);

// It repeats the names of the header, at the same places.
bool RepeatsHeader(const Row& row, const Row& header);

// It repeats one of the titles: rows above the header that begins at `header` in the table.
bool RepeatsTitle(const Row& row, const Table& table, size_t header);

// Lines that were not taken, for one notice: "没有读的行：第 5 行（本页小计）、第 9 行（表头）".
class PassedLines {
 public:
  void Add(const Row& row, std::string_view why = "");  // the row's first text, if it is not said why
  // Empty if there are none. `sheet` is named in front, unless it is empty.
  std::string Notice(std::string_view sheet) const;

 private:
  std::vector<std::string> lines_;  // at most kMostLines
  size_t count_ = 0;
};

// The rows of a sheet that stand below one head: [below, end) of its rows.
struct Section {
  const Row& head;
  size_t below, end;
};

// Cells of a section that hold something, in columns that `used` does not mark. Columns with a name go to *names;
// others are told with their place in *notices.
void NameUnusedColumns(const Table& table, const Section& section, const std::vector<bool>& used,
                       std::string_view sheet, std::vector<std::string>* names, std::vector<std::string>* notices);

// Holds one text, however often: a title between two tables.
bool HasOneText(const Row& row);

// The titles above a header, if there are any: a notice.
std::string TitleNotice(const Table& table, size_t header, std::string_view sheet);

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_TABLE_LINES_H_
