#include "common/sheets/table.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"

namespace liaison {
namespace {

bool IsPlainNumber(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  size_t dots = 0;
  for (char c : text) {
    if (c == '.') ++dots;
    if (c != '.' && (c < '0' || c > '9')) return false;
  }
  return dots <= 1 && !text.empty() && text.front() != '.' && text.back() != '.';
}

// A phone, a number or a date as people group its digits.
bool IsGrouped(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789 .:/-") == std::string_view::npos;
}

// Apostrophes, then something that starts a formula or that an apostrophe was put in front of.
bool LooksGuarded(std::string_view text) {
  const size_t apostrophes = std::min(text.find_first_not_of('\''), text.size());
  text.remove_prefix(apostrophes);
  for (std::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}) {
    if (text.substr(0, start.size()) == start) return true;
  }
  return apostrophes > 0 && IsGrouped(text);
}

// The inside of ="002".
bool IsQuotedFormula(std::string_view text, std::string_view* inside) {
  if (text.size() < 3 || text.substr(0, 2) != "=\"" || text.back() != '"') return false;
  *inside = text.substr(2, text.size() - 3);
  return inside->find('"') == std::string_view::npos;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What a spreadsheet shows where a formula failed, or where a column is too narrow. `key` is a NameKey.
bool IsErrorValue(std::string_view key) {
  constexpr std::string_view kErrors[] = {"#N/A",   "#REF!",     "#VALUE!",       "#NAME?",   "#DIV/0!",
                                          "#NUM!",  "#NULL!",    "#SPILL!",       "#CALC!",   "#FIELD!",
                                          "#BUSY!", "#BLOCKED!", "#GETTING_DATA", "#UNKNOWN!"};
  if (std::find(std::begin(kErrors), std::end(kErrors), key) != std::end(kErrors)) return true;
  for (std::string_view front : {"ERR", "错误"})  // Err:502
    if (key.starts_with(front) && key.substr(front.size()).starts_with(':') && IsDigits(key.substr(front.size() + 1)))
      return true;
  return key.size() >= 3 && key.find_first_not_of('#') == std::string_view::npos;
}

// 1.38E+10, as spreadsheets write a long number into a text file. `key` is a NameKey.
bool IsScientific(std::string_view key) {
  if (key.starts_with('-')) key.remove_prefix(1);
  const size_t e = key.find("E+");
  if (e == std::string_view::npos || !IsDigits(key.substr(e + 2)) || !IsDigits(key.substr(0, 1))) return false;
  return e == 1 || (key[1] == '.' && IsDigits(key.substr(2, e - 2)));
}

constexpr size_t kLongestSign = 40;  // bytes of a cell that may be one of these signs

CellTrouble TroubleOf(std::string_view text) {
  // Bytes first: counting the characters of a huge cell is work that an attacker would choose.
  if (text.size() > 4 * kMaxCellChars || CountChars(text) > kMaxCellChars) return CellTrouble::kTooLong;
  if (text.starts_with('\'')) text.remove_prefix(1);  // a guard
  if (text.starts_with("=DISPIMG(") || text.starts_with("=_xlfn.DISPIMG(")) return CellTrouble::kPicture;
  if (text.size() > kLongestSign) return CellTrouble::kNone;
  const std::string key = NameKey(text);
  if (IsErrorValue(key)) return CellTrouble::kErrorValue;
  if (key == "TRUE" || key == "FALSE") return CellTrouble::kLogical;
  return IsScientific(key) ? CellTrouble::kLostDigits : CellTrouble::kNone;
}

constexpr size_t kMostPlaces = 10;
constexpr size_t kMostVisits = 4'000'000;                 // of cells that are merged
constexpr size_t kMostReadAgain = 2 * kMaxTableBytes;     // behind quotes that are not closed
constexpr size_t kSampleBytes = 256 << 10, kSampleRows = 20;

// Walks over the fields of a text.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, std::string_view separator) : rest_(text), separator_(separator) {}

  absl::StatusOr<Workbook> Read() {
    TableBuilder::Used used;
    TableBuilder builder(&used);
    RETURN_IF_ERROR(Walk([&](int row, int column, Cell cell) {
      RETURN_IF_ERROR(builder.Put(row, column, std::move(cell)));
      return absl::OkStatus();
    }));
    Workbook book(builder.Take());
    book.notices = builder.Notices();
    return book;
  }

 private:
  template <typename Put>
  absl::Status Walk(const Put& put) {
    int row = 1, column = 0;
    while (!rest_.empty()) {
      Cell cell;
      RETURN_IF_ERROR(Field(row, column, &cell));
      RETURN_IF_ERROR(put(row, column, std::move(cell)));
      if (rest_.empty()) break;
      const bool more = AtSeparator(0);
      rest_.remove_prefix(more ? separator_.size() : rest_.substr(0, 2) == "\r\n" ? 2 : 1);
      column = more ? column + 1 : 0;
      row += more ? 0 : 1;
    }
    return absl::OkStatus();
  }

  bool AtSeparator(size_t at) const { return rest_.substr(at, separator_.size()) == separator_; }
  bool AtEnd(size_t at) const {
    return at >= rest_.size() || rest_[at] == '\r' || rest_[at] == '\n' || AtSeparator(at);
  }

  // Leaves rest_ at the separator or line end behind the field.
  absl::Status Field(int row, int column, Cell* cell) {
    if (!rest_.empty() && rest_[0] == '"') RETURN_IF_ERROR(Quoted(row, column, cell));
    size_t n = 0;
    while (!AtEnd(n)) ++n;
    cell->text.append(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return absl::OkStatus();
  }

  // What the quotes hold. A quote that is never closed, or whose end lies lines below in the middle of a field, opens
  // nothing: it would swallow the rows between.
  absl::Status Quoted(int row, int column, Cell* cell) {
    const std::string_view before = rest_;
    rest_.remove_prefix(1);
    while (true) {
      const size_t n = rest_.find('"');
      if (n == std::string_view::npos) break;
      cell->text.append(rest_.substr(0, n));
      rest_.remove_prefix(n + 1);
      if (rest_.empty() || rest_[0] != '"') {
        if (AtEnd(0) || cell->text.find_first_of("\r\n") == std::string::npos) return absl::OkStatus();
        break;
      }
      cell->text.push_back('"');
      rest_.remove_prefix(1);
    }
    read_again_ += before.size() - rest_.size();
    if (read_again_ > kMostReadAgain) {
      return absl::InvalidArgumentError(Cat("第 ", row, " 行第 ", column + 1, " 列的引号没有结束"));
    }
    rest_ = before.substr(1);
    cell->text.clear();
    cell->trouble = CellTrouble::kOpenQuote;
    return absl::OkStatus();
  }

  std::string_view rest_;
  const std::string_view separator_;
  size_t read_again_ = 0;
};

constexpr std::array<std::string_view, 5> kSeparators = {",", "\t", ";", "，", "|"};

// The separator that the text begins with, as an index; kSeparators.size() if it begins with none.
size_t SeparatorAt(std::string_view text) {
  size_t i = 0;
  while (i < kSeparators.size() && !text.starts_with(kSeparators[i])) ++i;
  return i;
}

// Behind the quoted field that the text begins with; 0 if no quote closes before a separator or a line end.
size_t BehindQuotes(std::string_view text) {
  for (size_t at = 1; (at = text.find('"', at)) != std::string_view::npos;) {
    if (text.substr(at + 1, 1) == "\"") {
      at += 2;
      continue;
    }
    const std::string_view rest = text.substr(at + 1);
    const bool ends = rest.empty() || rest[0] == '\r' || rest[0] == '\n' || SeparatorAt(rest) < kSeparators.size();
    return ends ? at + 1 : 0;
  }
  return 0;
}

// The one that most of the first rows have outside of quotes, then the one that they have most often. Which quotes open
// a field does not depend on the choice.
std::string_view SeparatorOf(std::string_view text) {
  std::array<std::pair<size_t, size_t>, kSeparators.size()> found{};  // rows, times
  text = text.substr(0, kSampleBytes);
  for (size_t rows = 0; rows < kSampleRows && !text.empty(); ++rows) {
    std::array<size_t, kSeparators.size()> times{};
    bool field_begins = true;
    while (!text.empty() && text[0] != '\r' && text[0] != '\n') {
      const size_t quoted = field_begins && text[0] == '"' ? BehindQuotes(text) : 0;
      const size_t separator = quoted > 0 ? kSeparators.size() : SeparatorAt(text);
      field_begins = separator < kSeparators.size();
      if (field_begins) ++times[separator];
      text.remove_prefix(quoted > 0 ? quoted : field_begins ? kSeparators[separator].size() : 1);
    }
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<size_t>(1, text.size()));
    for (size_t i = 0; i < times.size(); ++i) {
      found[i].first += times[i] > 0 ? 1 : 0;
      found[i].second += times[i];
    }
  }
  return kSeparators[static_cast<size_t>(std::max_element(found.begin(), found.end()) - found.begin())];
}

// A web page that calls itself a spreadsheet, and Excel's own XML of 2003.
bool IsMarkup(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '<') return false;
  const std::string_view head = text.substr(start, 2000);
  for (std::string_view sign :
       {"<html", "<HTML", "<table", "<TABLE", "<!DOCTYPE", "<?xml", "urn:schemas-microsoft-com"})
    if (head.find(sign) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::string CellFault(const Cell& cell) {
  switch (cell.trouble) {
    case CellTrouble::kErrorValue:
      return Cat("是错误值 ", Truncate(cell.text, 20));
    case CellTrouble::kNoResult:
      return "公式没有结果，请在表格软件里打开保存一次";
    case CellTrouble::kTooLong:
      return Cat("超过了 ", kMaxCellChars, " 个字");
    case CellTrouble::kOpenQuote:
      return "引号没有结束";
    case CellTrouble::kLostDigits:
      return Cat("数字太长，后几位已经丢失（", Truncate(UnguardCell(cell.text), 30), "），请把单元格改为文本格式后重新填写");
    case CellTrouble::kLogical:
      return Cat("是逻辑值 ", cell.text, "，不是文字");
    case CellTrouble::kPicture:
      return "是图片，读不出文字";
    default:
      return "";
  }
}

std::string DayText(const Cell& cell) {
  if (!cell.is_number || cell.is_date) return cell.text;
  return DateFromNumber(cell.number, cell.from_1904).value_or(cell.text);
}

std::string_view Row::Text(int column) const {
  return column >= 0 && static_cast<size_t>(column) < cells.size() ? std::string_view(cells[column].text)
                                                                   : std::string_view();
}

std::string Row::Fault(int column) const {
  return column >= 0 && static_cast<size_t>(column) < cells.size() ? CellFault(cells[column]) : std::string();
}

std::string ColumnLetters(int column) {
  std::string letters;
  for (++column; column > 0; column = (column - 1) / 26) letters.insert(letters.begin(), 'A' + (column - 1) % 26);
  return letters;
}

absl::Status TableBuilder::Count(size_t text) {
  used_->text += text;
  if (used_->text > kMaxTableText) return absl::InvalidArgumentError("表格里的文字太多，合起来超过了 64 MB");
  return absl::OkStatus();
}

absl::Status TableBuilder::Put(int row, int column, Cell cell) {
  if (cell.text.empty() && cell.trouble == CellTrouble::kNone) return absl::OkStatus();
  if (column < 0 || column >= kMaxTableColumns) {
    if (Trim(cell.text).empty()) return absl::OkStatus();
    if (beyond_.size() < kMostPlaces) beyond_.push_back(Cat(ColumnLetters(column), row));
    ++count_beyond_;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Count(cell.text.size()));
  if (cell.trouble == CellTrouble::kNone) cell.trouble = TroubleOf(cell.text);
  std::vector<Row>& rows = table_.rows;
  if (rows.empty() || rows.back().number != row) {
    if (!rows.empty() && row < rows.back().number) return absl::InvalidArgumentError("表格文件已损坏：行的次序不对");
    if (++used_->rows > kMaxTableRows) return absl::InvalidArgumentError(Cat("表格超过了 ", kMaxTableRows, " 行"));
    rows.push_back({row, {}});
  }
  std::vector<Cell>& cells = rows.back().cells;
  if (cells.size() <= static_cast<size_t>(column)) {
    used_->cells += static_cast<size_t>(column) + 1 - cells.size();
    if (used_->cells > kMaxTableCells)
      return absl::InvalidArgumentError(Cat("表格超过了 ", kMaxTableCells, " 个单元格"));
    cells.resize(static_cast<size_t>(column) + 1);
  }
  cells[static_cast<size_t>(column)] = std::move(cell);
  return absl::OkStatus();
}

absl::Status TableBuilder::Merge(int first_row, int first_column, int last_row, int last_column, size_t* visits) {
  auto by_number = [](const Row& row, int number) { return row.number < number; };
  auto first = std::lower_bound(table_.rows.begin(), table_.rows.end(), first_row, by_number);
  if (first == table_.rows.end() || first->number != first_row || first_column < 0 || last_column < first_column)
    return absl::OkStatus();
  if (first_column >= kMaxTableColumns) return absl::OkStatus();
  if (static_cast<size_t>(first_column) >= first->cells.size()) return absl::OkStatus();
  const Cell source = first->cells[static_cast<size_t>(first_column)];
  if (source.text.empty() && source.trouble == CellTrouble::kNone) return absl::OkStatus();
  const size_t end = static_cast<size_t>(std::min(last_column, kMaxTableColumns - 1)) + 1;
  for (auto row = first; row != table_.rows.end() && row->number <= last_row; ++row) {
    *visits += end - static_cast<size_t>(first_column);
    if (*visits > kMostVisits) return absl::InvalidArgumentError("表格里合并的单元格太多");
    if (row->cells.size() < end) {
      used_->cells += end - row->cells.size();
      if (used_->cells > kMaxTableCells)
        return absl::InvalidArgumentError(Cat("表格超过了 ", kMaxTableCells, " 个单元格"));
      row->cells.resize(end);
    }
    for (size_t column = static_cast<size_t>(first_column); column < end; ++column) {
      Cell& cell = row->cells[column];
      if (!cell.text.empty() || cell.trouble != CellTrouble::kNone) continue;
      RETURN_IF_ERROR(Count(source.text.size()));
      cell = source;
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> TableBuilder::Notices() const {
  if (count_beyond_ == 0) return {};
  std::string places;
  for (const std::string& place : beyond_) places += Cat(places.empty() ? "" : "、", place);
  return {Cat("第 ", kMaxTableColumns, " 列以外的单元格没有读：", places, count_beyond_ > beyond_.size() ? " 等" : "", "（共 ",
              count_beyond_, " 个）")};
}

absl::StatusOr<Workbook> ReadCsv(std::string_view utf8) {
  if (utf8.size() > kMaxTableBytes) return absl::InvalidArgumentError("文件超过了 32 MB");
  if (utf8.substr(0, 4) == "sep=" && utf8.size() > 5) {
    const size_t end = utf8.find_first_of("\r\n");
    const std::string_view separator = utf8.substr(4, end == std::string_view::npos ? 0 : end - 4);
    if (!separator.empty() && separator.size() <= 3 && separator != "\"") {
      return CsvScanner(utf8.substr(end + (utf8.substr(end, 2) == "\r\n" ? 2 : 1)), separator).Read();
    }
  }
  return CsvScanner(utf8, SeparatorOf(utf8)).Read();
}

absl::StatusOr<Workbook> ReadTable(std::string_view file_name, std::string_view bytes) {
  const std::string name = file_name.empty() ? "文件" : Cat("“", file_name, "”");
  if (bytes.empty()) return absl::InvalidArgumentError(Cat(name, "是空的"));
  if (bytes.size() > kMaxTableBytes) return absl::InvalidArgumentError(Cat(name, "超过了 32 MB"));
  absl::StatusOr<Workbook> book;
  if (bytes.substr(0, 4) == "PK\x03\x04") {
    book = ReadXlsx(bytes);
  } else if (bytes.substr(0, 4) == "\xd0\xcf\x11\xe0") {
    book = absl::InvalidArgumentError("这是旧版 .xls 或加了密码的表格。请用表格软件另存为不加密的 .xlsx 再导入");
  } else if (absl::StatusOr<std::string> text = DecodeText(bytes); !text.ok()) {
    book = text.status();
  } else if (IsMarkup(*text)) {
    book = absl::InvalidArgumentError("这是网页格式的表格。请用表格软件打开后另存为 .xlsx 再导入");
  } else {
    book = ReadCsv(*text);
  }
  if (!book.ok()) return absl::Status(book.status().code(), Cat(name, "：", StdView(book.status().message())));
  std::erase_if(book->sheets, [](const Table& sheet) { return sheet.rows.empty(); });
  if (!book->sheets.empty()) return book;
  std::string message = Cat(name, "里没有内容");
  for (const std::string& notice : book->notices) message += Cat("；", notice);
  return absl::InvalidArgumentError(message);
}

std::string GuardCell(std::string_view text) {
  return LooksGuarded(text) && !IsPlainNumber(text) ? Cat("'", text) : std::string(text);
}

std::string UnguardCell(std::string_view text) {
  std::string_view inside;
  if (IsQuotedFormula(text, &inside)) return std::string(inside);
  if (!text.empty() && text[0] == '\'' && LooksGuarded(text)) text.remove_prefix(1);
  return std::string(text);
}

std::string WriteCsv(const std::vector<std::vector<std::string>>& rows) {
  std::string out = "\xef\xbb\xbf";
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out.push_back(',');
      std::string cell = GuardCell(row[i]);
      // Every separator that a reader may guess.
      const bool plain = cell.find_first_of(",;|\"\r\n\t") == std::string::npos && cell.find("，") == std::string::npos;
      if (plain && !cell.starts_with("sep=")) {
        out += cell;
        continue;
      }
      out.push_back('"');
      for (char c : cell) out.append(c == '"' ? 2 : 1, c);
      out.push_back('"');
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace liaison
