// ReadXlsx of table.h: Office Open XML (ECMA-376 part 1, chapter 18), the parts that say which text stands in which
// cell. The packaged liborcus 0.17.2 is not used: its filter leaves inline strings out without a word and does not
// check the archive's checksums, so that a damaged file becomes other text.
#include <charconv>
#include <cmath>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/service/table.h"
#include "common/service/text_forms.h"
#include "common/service/xml.h"
#include "common/service/zip.h"

namespace liaison {
namespace {

using Event = XmlReader::Event;

struct Sheet {
  std::string relation;
  bool hidden = false;
};

struct Workbook {
  std::vector<Sheet> sheets;
  bool system_1904 = false;
};

// relation id -> path, and the paths of the two parts that are found by their type
struct Relations {
  std::map<std::string, std::string, std::less<>> by_id;
  std::string document, shared_strings, styles;
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Calls `visit(reader, event)` for every event of a part.
template <typename Visit>
absl::Status Walk(std::string_view part, Visit visit) {
  if (!IsUtf8(part)) return absl::InvalidArgumentError("表格文件已损坏：文字不是 UTF-8 编码");
  XmlReader reader(part);
  while (true) {
    ASSIGN_OR_RETURN(Event event, reader.Next());
    if (event == Event::kDone) return absl::OkStatus();
    RETURN_IF_ERROR(visit(reader, event));
  }
}

absl::StatusOr<Relations> ReadRelations(ZipReader& zip, std::string_view path, std::string_view folder) {
  Relations relations;
  ASSIGN_OR_RETURN(std::string part, zip.Read(path));
  RETURN_IF_ERROR(Walk(part, [&](const XmlReader& reader, Event event) {
    if (event != Event::kStart || reader.name() != "Relationship") return absl::OkStatus();
    std::string_view target = reader.Attribute("Target"), type = reader.Attribute("Type");
    std::string full = target.substr(0, 1) == "/" ? std::string(target.substr(1)) : Cat(folder, target);
    if (EndsWith(type, "/officeDocument")) relations.document = full;
    if (EndsWith(type, "/sharedStrings")) relations.shared_strings = full;
    if (EndsWith(type, "/styles")) relations.styles = full;
    relations.by_id[std::string(reader.Attribute("Id"))] = full;
    return absl::OkStatus();
  }));
  return relations;
}

absl::StatusOr<Workbook> ReadWorkbook(std::string_view part) {
  Workbook book;
  RETURN_IF_ERROR(Walk(part, [&](const XmlReader& reader, Event event) {
    if (event != Event::kStart) return absl::OkStatus();
    if (reader.name() == "workbookPr") {
      std::string_view flag = reader.Attribute("date1904");
      book.system_1904 = flag == "1" || flag == "true";
    } else if (reader.name() == "sheet") {
      std::string_view state = reader.Attribute("state");
      book.sheets.push_back({std::string(reader.Attribute("id")), !state.empty() && state != "visible"});
    }
    return absl::OkStatus();
  }));
  return book;
}

// Excel writes characters that XML cannot hold as _x000D_.
std::string Unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t at = std::min(text.find("_x"), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    uint32_t code = 0;
    if (text.size() >= 7 && text[6] == '_' && absl::SimpleHexAtoi(AbslView(text.substr(2, 4)), &code) && code > 0 &&
        code < 0x80) {
      out.push_back(static_cast<char>(code));
      text.remove_prefix(7);
    } else if (!text.empty()) {
      out += text.substr(0, 2);
      text.remove_prefix(2);
    }
  }
  return out;
}

// One text per <si>: its runs joined, readings above the characters (rPh) left out.
absl::StatusOr<std::vector<std::string>> ReadSharedStrings(std::string_view part) {
  std::vector<std::string> strings;
  bool in_text = false, in_reading = false;
  RETURN_IF_ERROR(Walk(part, [&](const XmlReader& reader, Event event) {
    if (event == Event::kText) {
      if (in_text && !in_reading && !strings.empty()) strings.back() += reader.text();
      return absl::OkStatus();
    }
    if (reader.name() == "t") in_text = event == Event::kStart;
    if (reader.name() == "rPh") in_reading = event == Event::kStart;
    if (reader.name() == "si" && event == Event::kStart) {
      if (strings.size() >= kMaxTableCells) return absl::InvalidArgumentError("表格里的文字太多");
      strings.emplace_back();
    }
    return absl::OkStatus();
  }));
  for (std::string& text : strings) text = Unescape(text);
  return strings;
}

// Days have a year or a day of the month in their format; quoted text, escaped characters and [conditions] do not
// count.
bool ShowsDate(std::string_view code) {
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '"' || c == '[') {
      i = code.find(c == '"' ? '"' : ']', i + 1);
      if (i == std::string_view::npos) return false;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
      return true;
    }
  }
  return false;
}

// Formats that need no code: 14–17 and 22 everywhere, 27–36 and 50–58 in Chinese, Japanese and Korean editions.
bool IsDateFormat(int id) {
  return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58);
}

// For each cell format, whether it shows a day.
absl::StatusOr<std::vector<bool>> ReadStyles(std::string_view part) {
  std::map<int, bool> own;
  std::vector<bool> formats;
  bool in_formats = false;
  RETURN_IF_ERROR(Walk(part, [&](const XmlReader& reader, Event event) {
    if (event == Event::kText) return absl::OkStatus();
    int id = 0;
    if (reader.name() == "cellXfs") {
      in_formats = event == Event::kStart;
    } else if (event == Event::kStart && absl::SimpleAtoi(AbslView(reader.Attribute("numFmtId")), &id)) {
      if (reader.name() == "numFmt") own[id] = ShowsDate(reader.Attribute("formatCode"));
      if (reader.name() == "xf" && in_formats) {
        auto found = own.find(id);
        formats.push_back(found != own.end() ? found->second : IsDateFormat(id));
      }
    }
    return absl::OkStatus();
  }));
  return formats;
}

// "BC12" -> column 54, row 12. False if it is no address.
bool ParseAddress(std::string_view address, int* row, int* column) {
  int letters = 0;
  size_t i = 0;
  for (; i < address.size() && i < 3 && address[i] >= 'A' && address[i] <= 'Z'; ++i) {
    letters = letters * 26 + (address[i] - 'A' + 1);
  }
  if (letters == 0 || !absl::SimpleAtoi(AbslView(address.substr(i)), row) || *row < 1) return false;
  *column = letters - 1;
  return true;
}

class SheetReader {
 public:
  SheetReader(const std::vector<std::string>& strings, const std::vector<bool>& dates, bool system_1904)
      : strings_(strings), dates_(dates), system_1904_(system_1904) {}

  absl::StatusOr<Table> Read(std::string_view part) {
    RETURN_IF_ERROR(Walk(part, [this](const XmlReader& reader, Event event) { return Visit(reader, event); }));
    return builder_.Take();
  }

 private:
  absl::Status Visit(const XmlReader& reader, Event event) {
    if (event == Event::kText) {
      if (in_value_ && !in_reading_) value_ += reader.text();
      return absl::OkStatus();
    }
    const bool start = event == Event::kStart;
    std::string_view name = reader.name();
    if (name == "row" && start) return StartRow(reader);
    if (name == "c") return start ? StartCell(reader) : EndCell();
    if (name == "v" || name == "t") in_value_ = start;  // <v> of a value or result, <is><t> of an inline string
    if (name == "rPh") in_reading_ = start;
    return absl::OkStatus();
  }

  absl::Status StartRow(const XmlReader& reader) {
    std::string_view number = reader.Attribute("r");
    column_ = -1;
    ++row_;
    if (!number.empty() && (!absl::SimpleAtoi(AbslView(number), &row_) || row_ < 1)) return BadCell();
    return absl::OkStatus();
  }

  absl::Status StartCell(const XmlReader& reader) {
    std::string_view address = reader.Attribute("r");
    ++column_;
    int row = row_;
    if (!address.empty() && (!ParseAddress(address, &row, &column_) || row != row_)) return BadCell();
    type_ = std::string(reader.Attribute("t"));
    style_ = 0;
    if (std::string_view style = reader.Attribute("s"); !style.empty() && !absl::SimpleAtoi(AbslView(style), &style_)) {
      return BadCell();
    }
    value_.clear();
    return absl::OkStatus();
  }

  absl::Status EndCell() {
    if (value_.empty()) return absl::OkStatus();
    Cell cell;
    if (type_ == "s") {
      size_t index = 0;
      if (!absl::SimpleAtoi(value_, &index) || index >= strings_.size()) return BadCell();
      cell.text = strings_[index];
    } else if (type_ == "b") {
      cell.text = value_ == "1" ? "TRUE" : "FALSE";
    } else if (type_.empty() || type_ == "n") {
      RETURN_IF_ERROR(NumberCell(&cell));
    } else {  // str, inlineStr, d (an ISO date) and e (an error such as #N/A) stand as their text
      cell.text = Unescape(value_);
    }
    return builder_.Put(row_, column_, std::move(cell));
  }

  absl::Status NumberCell(Cell* cell) {
    if (!absl::SimpleAtod(Trim(value_), &cell->number) || !std::isfinite(cell->number)) return BadCell();
    cell->is_number = true;
    if (style_ < dates_.size() && dates_[style_]) {
      if (absl::StatusOr<std::string> day = DateFromSerial(cell->number, system_1904_); day.ok()) {
        cell->is_date = true;
        cell->text = *std::move(day);
        return absl::OkStatus();
      }
    }
    const bool whole = std::floor(cell->number) == cell->number && std::fabs(cell->number) < 1e15;
    cell->text = whole ? absl::StrFormat("%.0f", cell->number) : absl::StrFormat("%.15g", cell->number);
    return absl::OkStatus();
  }

  absl::Status BadCell() const {
    return absl::InvalidArgumentError(Cat("表格文件已损坏：第 ", row_, " 行第 ", column_ + 1, " 列读不出来"));
  }

  const std::vector<std::string>& strings_;
  const std::vector<bool>& dates_;
  const bool system_1904_;
  TableBuilder builder_;
  int row_ = 0;
  int column_ = -1;
  std::string type_, value_;
  size_t style_ = 0;
  bool in_value_ = false, in_reading_ = false;
};

absl::Status NotXlsx() { return absl::InvalidArgumentError("这个文件不是 .xlsx 表格。请另存为 .xlsx 或 .csv 再导入"); }

}  // namespace

absl::StatusOr<Table> ReadXlsx(std::string_view bytes) {
  if (bytes.size() > kMaxTableBytes) return absl::InvalidArgumentError("文件超过了 32 MB");
  ASSIGN_OR_RETURN(ZipReader zip, ZipReader::Open(bytes, kMaxTableBytes));
  if (!zip.Has("_rels/.rels")) return NotXlsx();
  ASSIGN_OR_RETURN(Relations package, ReadRelations(zip, "_rels/.rels", ""));
  const size_t slash = package.document.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : package.document.substr(0, slash + 1);
  const std::string relations_path = Cat(folder, "_rels/", package.document.substr(folder.size()), ".rels");
  if (!zip.Has(package.document) || !zip.Has(relations_path)) return NotXlsx();
  ASSIGN_OR_RETURN(Relations relations, ReadRelations(zip, relations_path, folder));
  ASSIGN_OR_RETURN(std::string book_part, zip.Read(package.document));
  ASSIGN_OR_RETURN(Workbook book, ReadWorkbook(book_part));
  if (book.sheets.empty()) return NotXlsx();

  std::vector<std::string> strings;
  if (zip.Has(relations.shared_strings)) {
    ASSIGN_OR_RETURN(std::string part, zip.Read(relations.shared_strings));
    ASSIGN_OR_RETURN(strings, ReadSharedStrings(part));
  }
  std::vector<bool> dates;
  if (zip.Has(relations.styles)) {
    ASSIGN_OR_RETURN(std::string part, zip.Read(relations.styles));
    ASSIGN_OR_RETURN(dates, ReadStyles(part));
  }
  for (const Sheet& sheet : book.sheets) {
    auto path = relations.by_id.find(sheet.relation);
    if (sheet.hidden || path == relations.by_id.end() || !zip.Has(path->second)) continue;
    ASSIGN_OR_RETURN(std::string part, zip.Read(path->second));
    ASSIGN_OR_RETURN(Table table, SheetReader(strings, dates, book.system_1904).Read(part));
    if (!table.rows.empty()) return table;
  }
  return Table{};
}

}  // namespace liaison
