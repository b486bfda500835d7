#include "common/service/table.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/service/text_forms.h"

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

// Apostrophes, then something that starts a formula.
bool LooksLikeFormula(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
  for (std::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}) {
    if (text.substr(0, start.size()) == start) return true;
  }
  return false;
}

// Walks over the fields of a CSV text.
class CsvScanner {
 public:
  explicit CsvScanner(std::string_view text) : rest_(text) {}

  absl::StatusOr<Table> Read() {
    while (!rest_.empty()) {
      Cell cell;
      RETURN_IF_ERROR(Field(&cell.text));
      RETURN_IF_ERROR(builder_.Put(row_, column_, std::move(cell)));
      if (rest_.empty()) break;
      const char end = rest_[0];
      rest_.remove_prefix(rest_.substr(0, 2) == "\r\n" ? 2 : 1);
      column_ = end == ',' ? column_ + 1 : 0;
      row_ += end == ',' ? 0 : 1;
    }
    return builder_.Take();
  }

 private:
  // Leaves rest_ at the comma or line end behind the field.
  absl::Status Field(std::string* out) {
    if (!rest_.empty() && rest_[0] == '"') RETURN_IF_ERROR(Quoted(out));
    const size_t n = std::min(rest_.find_first_of(",\r\n"), rest_.size());
    out->append(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return absl::OkStatus();
  }

  absl::Status Quoted(std::string* out) {
    rest_.remove_prefix(1);
    while (true) {
      const size_t n = rest_.find('"');
      if (n == std::string_view::npos) {
        return absl::InvalidArgumentError(Cat("第 ", row_, " 行第 ", column_ + 1, " 列的引号没有结束"));
      }
      out->append(rest_.substr(0, n));
      rest_.remove_prefix(n + 1);
      if (rest_.empty() || rest_[0] != '"') return absl::OkStatus();
      out->push_back('"');
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  TableBuilder builder_;
  int row_ = 1;
  int column_ = 0;
};

}  // namespace

std::string_view Row::Text(int column) const {
  return column >= 0 && static_cast<size_t>(column) < cells.size() ? std::string_view(cells[column].text)
                                                                   : std::string_view();
}

absl::Status TableBuilder::Put(int row, int column, Cell cell) {
  if (cell.text.empty()) return absl::OkStatus();
  if (column < 0 || column >= kMaxTableColumns) {
    return absl::InvalidArgumentError(Cat("第 ", row, " 行超过了 ", kMaxTableColumns, " 列"));
  }
  // Bytes first: counting the characters of a huge cell is work that an attacker would choose.
  if (cell.text.size() > 4 * kMaxCellChars || CountChars(cell.text) > kMaxCellChars) {
    return absl::InvalidArgumentError(
        Cat("第 ", row, " 行第 ", column + 1, " 列的文字超过了 ", kMaxCellChars, " 个字"));
  }
  std::vector<Row>& rows = table_.rows;
  if (rows.empty() || rows.back().number != row) {
    if (!rows.empty() && row < rows.back().number) return absl::InvalidArgumentError("表格文件已损坏：行的次序不对");
    if (rows.size() >= kMaxTableRows) return absl::InvalidArgumentError(Cat("表格超过了 ", kMaxTableRows, " 行"));
    rows.push_back({row, {}});
  }
  std::vector<Cell>& cells = rows.back().cells;
  if (cells.size() <= static_cast<size_t>(column)) {
    cells_ += column + 1 - cells.size();
    if (cells_ > kMaxTableCells) return absl::InvalidArgumentError(Cat("表格超过了 ", kMaxTableCells, " 个单元格"));
    cells.resize(column + 1);
  }
  cells[column] = std::move(cell);
  return absl::OkStatus();
}

absl::StatusOr<Table> ReadCsv(std::string_view utf8) {
  if (utf8.size() > kMaxTableBytes) return absl::InvalidArgumentError("文件超过了 32 MB");
  return CsvScanner(utf8).Read();
}

absl::StatusOr<Table> ReadTable(std::string_view file_name, std::string_view bytes) {
  const std::string name = file_name.empty() ? "文件" : Cat("“", file_name, "”");
  if (bytes.empty()) return absl::InvalidArgumentError(Cat(name, "是空的"));
  if (bytes.size() > kMaxTableBytes) return absl::InvalidArgumentError(Cat(name, "超过了 32 MB"));
  absl::StatusOr<Table> table;
  if (bytes.substr(0, 4) == "PK\x03\x04") {
    table = ReadXlsx(bytes);
  } else if (bytes.substr(0, 4) == "\xd0\xcf\x11\xe0") {
    table = absl::InvalidArgumentError("这是旧版 .xls 或加了密码的表格。请用表格软件另存为不加密的 .xlsx 再导入");
  } else if (absl::StatusOr<std::string> text = DecodeText(bytes); text.ok()) {
    table = ReadCsv(*text);
  } else {
    table = text.status();
  }
  if (!table.ok()) return absl::Status(table.status().code(), Cat(name, "：", StdView(table.status().message())));
  if (table->rows.empty()) return absl::InvalidArgumentError(Cat(name, "里没有内容"));
  return table;
}

std::string GuardCell(std::string_view text) {
  return LooksLikeFormula(text) && !IsPlainNumber(text) ? Cat("'", text) : std::string(text);
}

std::string UnguardCell(std::string_view text) {
  if (!text.empty() && text[0] == '\'' && LooksLikeFormula(text)) text.remove_prefix(1);
  return std::string(text);
}

std::string WriteCsv(const std::vector<std::vector<std::string>>& rows) {
  std::string out = "\xef\xbb\xbf";
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out.push_back(',');
      std::string cell = GuardCell(row[i]);
      if (cell.find_first_of(",\"\r\n") == std::string::npos) {
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
