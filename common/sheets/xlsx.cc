// ReadXlsx of table.h: Office Open XML (ECMA-376 part 1, chapter 18), the parts that say which text stands in which
// cell. The packaged liborcus 0.17.2 is not used: its filter leaves inline strings out without a word and does not
// check the archive's checksums, so that a damaged file becomes other text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/sheets/table.h"
#include "common/sheets/xml.h"
#include "common/sheets/zip.h"

namespace liaison {
namespace {

using Kind = XmlEvent::Kind;

struct Sheet {
  std::string name, relation;
  bool hidden = false;
};

struct Book {
  std::vector<Sheet> sheets;
  bool system_1904 = false;
  bool never_calculated = false;  // its program left all formulas to the next one, often with 0 as their result
};

struct Target {
  std::string path;
  bool is_worksheet = false;  // else a chart or a dialogue, if a sheet names it
};

// relation id -> path, and the paths of the parts that are found by their type
struct Relations {
  std::map<std::string, Target, std::less<>> by_id;
  std::string document, shared_strings, styles;
};

// How the cells of a format show their numbers.
struct NumberFormat {
  bool is_date = false;
  int digits = 0;  // at least so many: 002
  bool percent = false;
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// %E8%A1%A8 -> 表: targets are addresses (ECMA-376 part 2, 6.5).
std::string Unescaped(std::string_view target) {
  std::string out;
  for (size_t i = 0; i < target.size(); ++i) {
    uint32_t byte = 0;
    const bool escaped = target[i] == '%' && i + 2 < target.size() &&
                         absl::SimpleHexAtoi(AbslView(target.substr(i + 1, 2)), &byte) && byte > 0;
    out.push_back(escaped ? static_cast<char>(byte) : target[i]);
    i += escaped ? 2 : 0;
  }
  return out;
}

// A target from the root, or from the folder of the part that names it.
std::string PathOf(std::string_view target, std::string_view folder) {
  std::string path = Cat(target.substr(0, 1) == "/" ? "" : folder, Unescaped(target));
  std::replace(path.begin(), path.end(), '\\', '/');
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (part != ".." && part != ".") parts.emplace_back(part);
  }
  return absl::StrJoin(parts, "/");
}

absl::StatusOr<Relations> ReadRelations(ZipReader& zip, std::string_view path, std::string_view folder) {
  Relations relations;
  ASSIGN_OR_RETURN(std::string part, zip.Read(path));
  RETURN_IF_ERROR(WalkXml(part, [&](const XmlEvent& event) {
    if (event.kind != Kind::kStart || event.name != "Relationship") return absl::OkStatus();
    std::string_view target = event.Attribute("Target"), type = event.Attribute("Type");
    std::string full = PathOf(target, folder);
    if (EndsWith(type, "/officeDocument")) relations.document = full;
    if (EndsWith(type, "/sharedStrings")) relations.shared_strings = full;
    if (EndsWith(type, "/styles")) relations.styles = full;
    relations.by_id[std::string(event.Attribute("Id"))] = {full, EndsWith(type, "/worksheet")};
    return absl::OkStatus();
  }));
  return relations;
}

absl::StatusOr<Book> ReadBook(std::string_view part) {
  Book book;
  RETURN_IF_ERROR(WalkXml(part, [&](const XmlEvent& event) {
    if (event.kind != Kind::kStart) return absl::OkStatus();
    if (event.name == "workbookPr") {
      std::string_view flag = event.Attribute("date1904");
      book.system_1904 = flag == "1" || flag == "true";
    } else if (event.name == "sheet") {
      std::string_view state = event.Attribute("state");
      book.sheets.push_back({std::string(event.Attribute("name")), std::string(event.Attribute("id")),
                             !state.empty() && state != "visible"});
    } else if (event.name == "calcPr") {
      std::string_view flag = event.Attribute("fullCalcOnLoad");
      book.never_calculated = flag == "1" || flag == "true";
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
  RETURN_IF_ERROR(WalkXml(part, [&](const XmlEvent& event) {
    if (event.kind == Kind::kText) {
      if (in_text && !in_reading && !strings.empty()) strings.back() += event.text;
      return absl::OkStatus();
    }
    if (event.name == "t") in_text = event.kind == Kind::kStart;
    if (event.name == "rPh") in_reading = event.kind == Kind::kStart;
    if (event.name == "si" && event.kind == Kind::kStart) {
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

// 000: people number so.
int LeastDigits(std::string_view code) {
  const bool zeros = code.size() >= 2 && code.size() <= 20 && code.find_first_not_of('0') == std::string_view::npos;
  return zeros ? static_cast<int>(code.size()) : 0;
}

// 0%, 0.00%: the sign outside of quotes.
bool ShowsPercent(std::string_view code) {
  bool quoted = false;
  for (const char c : code) {
    if (c == '"') quoted = !quoted;
    if (c == '%' && !quoted) return true;
  }
  return false;
}

// Formats that need no code: 14–17 and 22 everywhere, 27–36 and 50–58 in Chinese, Japanese and Korean editions.
bool IsDateFormat(int id) {
  return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58);
}

// For each cell format, how it shows a number.
absl::StatusOr<std::vector<NumberFormat>> ReadStyles(std::string_view part) {
  std::map<int, NumberFormat> own;
  std::vector<NumberFormat> formats;
  bool in_formats = false;
  RETURN_IF_ERROR(WalkXml(part, [&](const XmlEvent& event) {
    if (event.kind == Kind::kText) return absl::OkStatus();
    int id = 0;
    if (event.name == "cellXfs") {
      in_formats = event.kind == Kind::kStart;
    } else if (event.kind == Kind::kStart && absl::SimpleAtoi(AbslView(event.Attribute("numFmtId")), &id)) {
      if (event.name == "numFmt") {
        std::string_view code = event.Attribute("formatCode");
        own[id] = {ShowsDate(code), LeastDigits(code), ShowsPercent(code)};
      }
      if (event.name == "xf" && in_formats) {
        auto found = own.find(id);
        formats.push_back(found != own.end() ? found->second : NumberFormat{IsDateFormat(id), 0, id == 9 || id == 10});
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
  for (; i < address.size() && i < 3 && absl::ascii_isalpha(static_cast<unsigned char>(address[i])); ++i) {
    letters = letters * 26 + (absl::ascii_toupper(static_cast<unsigned char>(address[i])) - 'A' + 1);
  }
  if (letters == 0 || !absl::SimpleAtoi(AbslView(address.substr(i)), row) || *row < 1) return false;
  *column = letters - 1;
  return true;
}

// "B2:C4". A single address is a range of one cell.
struct Range {
  int first_row = 0, first_column = 0, last_row = 0, last_column = 0;
};
bool ParseRange(std::string_view text, Range* range) {
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string_view last = colon == text.size() ? text : text.substr(colon + 1);
  return ParseAddress(text.substr(0, colon), &range->first_row, &range->first_column) &&
         ParseAddress(last, &range->last_row, &range->last_column);
}

// What the cells of all sheets share.
struct Shared {
  std::vector<std::string> strings;
  std::vector<NumberFormat> formats;
  bool system_1904 = false;
  bool never_calculated = false;
  TableBuilder::Used used;
  size_t merge_visits = 0;
};

class SheetReader {
 public:
  explicit SheetReader(Shared* shared) : shared_(*shared), builder_(&shared->used) {}

  absl::StatusOr<Table> Read(std::string_view part, std::vector<std::string>* notices) {
    RETURN_IF_ERROR(WalkXml(part, [this](const XmlEvent& event) { return Visit(event); }));
    for (const Range& range : merged_) {
      RETURN_IF_ERROR(builder_.Merge(range.first_row, range.first_column, range.last_row, range.last_column,
                                     &shared_.merge_visits));
    }
    *notices = builder_.Notices();
    return builder_.Take();
  }

 private:
  absl::Status Visit(const XmlEvent& event) {
    if (event.kind == Kind::kText) {
      if (in_value_) value_ += event.text;
      if (in_text_ && !in_reading_) inline_ += event.text;
      return absl::OkStatus();
    }
    const bool start = event.kind == Kind::kStart;
    std::string_view name = event.name;
    if (name == "row" && start) return StartRow(event);
    if (name == "c") return start ? StartCell(event) : EndCell();
    if (name == "v") {
      in_value_ = start;
      has_value_ = true;
    }
    if (name == "is" && start) has_inline_ = true;
    if (name == "t") in_text_ = start && has_inline_;
    if (name == "f" && start) has_formula_ = true;
    if (name == "rPh") in_reading_ = start;
    if (name == "mergeCell" && start) {
      Range range;
      if (!ParseRange(event.Attribute("ref"), &range)) return absl::InvalidArgumentError("表格文件已损坏：合并单元格");
      merged_.push_back(range);
    }
    return absl::OkStatus();
  }

  absl::Status StartRow(const XmlEvent& event) {
    std::string_view number = event.Attribute("r");
    column_ = -1;
    ++row_;
    if (!number.empty() && (!absl::SimpleAtoi(AbslView(number), &row_) || row_ < 1)) return BadCell();
    return absl::OkStatus();
  }

  absl::Status StartCell(const XmlEvent& event) {
    std::string_view address = event.Attribute("r");
    ++column_;
    int row = row_;
    if (!address.empty() && (!ParseAddress(address, &row, &column_) || row != row_)) return BadCell();
    type_ = std::string(event.Attribute("t"));
    style_ = 0;
    if (std::string_view style = event.Attribute("s"); !style.empty() && !absl::SimpleAtoi(AbslView(style), &style_)) {
      return BadCell();
    }
    value_.clear();
    inline_.clear();
    has_value_ = has_inline_ = has_formula_ = false;
    return absl::OkStatus();
  }

  absl::Status EndCell() {
    // An inline string is its <is>, whatever stands in a <v> beside it.
    const bool is_inline = has_inline_ && (type_ == "inlineStr" || value_.empty());
    Cell cell;
    if (has_formula_ && HasNoResult()) {
      cell.trouble = CellTrouble::kNoResult;
    } else if (is_inline) {
      cell.text = Unescape(inline_);
    } else if (value_.empty()) {
      return absl::OkStatus();
    } else if (type_ == "s") {
      size_t index = 0;
      if (!absl::SimpleAtoi(value_, &index) || index >= shared_.strings.size()) return BadCell();
      cell.text = shared_.strings[index];
    } else if (type_ == "b") {
      cell.text = value_ == "1" || value_ == "true" ? "TRUE" : "FALSE";
      cell.trouble = CellTrouble::kLogical;
    } else if (type_.empty() || type_ == "n") {
      RETURN_IF_ERROR(NumberCell(&cell));
    } else {  // str, d (an ISO date) and e (an error such as #N/A) stand as their text
      cell.text = Unescape(value_);
      if (type_ == "e") cell.trouble = CellTrouble::kErrorValue;
    }
    return builder_.Put(row_, column_, std::move(cell));
  }

  // Texts may be empty as a result; programs that do not calculate leave the value out, empty or 0.
  bool HasNoResult() const {
    if (has_inline_) return false;
    if (type_ == "str") return !has_value_;
    return value_.empty() || (shared_.never_calculated && value_ == "0" && type_ != "b");
  }

  absl::Status NumberCell(Cell* cell) {
    if (!absl::SimpleAtod(Trim(value_), &cell->number) || !std::isfinite(cell->number)) return BadCell();
    cell->is_number = true;
    cell->from_1904 = shared_.system_1904;
    const NumberFormat format = style_ < shared_.formats.size() ? shared_.formats[style_] : NumberFormat();
    if (format.is_date) {
      if (absl::StatusOr<std::string> day = DateFromNumber(cell->number, shared_.system_1904); day.ok()) {
        cell->is_date = true;
        cell->text = *std::move(day);
        return absl::OkStatus();
      }
    }
    if (format.percent) {
      cell->text = absl::StrFormat("%.15g%%", cell->number * 100);
      return absl::OkStatus();
    }
    // A spreadsheet keeps 15 digits: of a longer number the last ones are noughts that nobody typed.
    if (std::fabs(cell->number) >= 1e15) cell->trouble = CellTrouble::kLostDigits;
    const bool whole = std::floor(cell->number) == cell->number && std::fabs(cell->number) < 1e15;
    cell->text = whole ? absl::StrFormat("%.0f", cell->number) : absl::StrFormat("%.15g", cell->number);
    if (whole && cell->number >= 0 && cell->text.size() < static_cast<size_t>(format.digits))
      cell->text.insert(0, static_cast<size_t>(format.digits) - cell->text.size(), '0');
    return absl::OkStatus();
  }

  absl::Status BadCell() const {
    return absl::InvalidArgumentError(Cat("表格文件已损坏：第 ", row_, " 行第 ", column_ + 1, " 列读不出来"));
  }

  Shared& shared_;
  TableBuilder builder_;
  std::vector<Range> merged_;
  int row_ = 0;
  int column_ = -1;
  std::string type_, value_, inline_;
  size_t style_ = 0;
  bool in_value_ = false, in_text_ = false, in_reading_ = false;
  bool has_value_ = false, has_inline_ = false, has_formula_ = false;
};

absl::Status NotXlsx() { return absl::InvalidArgumentError("这个文件不是 .xlsx 表格。请另存为 .xlsx 或 .csv 再导入"); }

// Notes, pictures and files are in no cell; WPS keeps pictures of cells in a part of its own.
void NoteOtherContent(const ZipReader& zip, std::vector<std::string>* notices) {
  bool comments = false, drawings = false, objects = false;
  for (const std::string& name : zip.Names()) {
    comments |= name.find("/comments") != std::string::npos || name.find("/threadedcomments") != std::string::npos;
    drawings |= name.find("/drawings/drawing") != std::string::npos && EndsWith(name, ".xml");
    drawings |= name.find("/media/") != std::string::npos;
    objects |= name.find("/embeddings/") != std::string::npos;
  }
  if (comments) notices->push_back("文件里有批注，批注没有读");
  if (drawings) notices->push_back("文件里有图片、图表或文本框，没有读");
  if (objects) notices->push_back("文件里嵌有别的文件，没有读");
}

absl::Status ReadSheets(ZipReader& zip, const Book& book, const Relations& relations, Shared* shared, Workbook* out) {
  for (const Sheet& sheet : book.sheets) {
    const std::string name = Cat("工作表“", sheet.name, "”");
    auto found = relations.by_id.find(sheet.relation);
    if (found == relations.by_id.end() || !zip.Has(found->second.path)) {
      out->notices.push_back(Cat(name, "在文件里找不到，没有读"));
      continue;
    }
    if (!found->second.is_worksheet) {
      out->notices.push_back(Cat(name, "是图表，没有读"));
      continue;
    }
    ASSIGN_OR_RETURN(std::string part, zip.Read(found->second.path));
    std::vector<std::string> notices;
    absl::StatusOr<Table> table = SheetReader(shared).Read(part, &notices);
    if (!table.ok() && book.sheets.size() > 1)
      return absl::Status(table.status().code(), Cat(name, "：", StdView(table.status().message())));
    if (!table.ok()) return table.status();
    if (table->rows.empty() && notices.empty()) continue;
    if (sheet.hidden) {
      out->notices.push_back(Cat(name, "是隐藏的，没有读。要导入，请先取消隐藏"));
      continue;
    }
    for (const std::string& notice : notices)
      out->notices.push_back(book.sheets.size() > 1 ? Cat(name, notice) : notice);
    table->sheet = sheet.name;
    out->sheets.push_back(*std::move(table));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Workbook> ReadXlsx(std::string_view bytes) {
  if (bytes.size() > kMaxTableBytes) return absl::InvalidArgumentError("文件超过了 32 MB");
  ASSIGN_OR_RETURN(ZipReader zip, ZipReader::Open(bytes, kMaxUnpackedBytes));
  if (!zip.Has("_rels/.rels")) return NotXlsx();
  ASSIGN_OR_RETURN(Relations package, ReadRelations(zip, "_rels/.rels", ""));
  const size_t slash = package.document.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : package.document.substr(0, slash + 1);
  const std::string relations_path = Cat(folder, "_rels/", package.document.substr(folder.size()), ".rels");
  if (EndsWith(package.document, ".bin"))
    return absl::InvalidArgumentError("这是二进制的 .xlsb 表格。请另存为 .xlsx 再导入");
  if (!zip.Has(package.document) || !zip.Has(relations_path)) return NotXlsx();
  ASSIGN_OR_RETURN(Relations relations, ReadRelations(zip, relations_path, folder));
  ASSIGN_OR_RETURN(std::string book_part, zip.Read(package.document));
  ASSIGN_OR_RETURN(Book book, ReadBook(book_part));
  if (book.sheets.empty()) return NotXlsx();

  Shared shared;
  shared.system_1904 = book.system_1904;
  shared.never_calculated = book.never_calculated;
  if (zip.Has(relations.shared_strings)) {
    ASSIGN_OR_RETURN(std::string part, zip.Read(relations.shared_strings));
    ASSIGN_OR_RETURN(shared.strings, ReadSharedStrings(part));
  }
  if (zip.Has(relations.styles)) {
    ASSIGN_OR_RETURN(std::string part, zip.Read(relations.styles));
    ASSIGN_OR_RETURN(shared.formats, ReadStyles(part));
  }
  Workbook out;
  NoteOtherContent(zip, &out.notices);
  RETURN_IF_ERROR(ReadSheets(zip, book, relations, &shared, &out));
  return out;
}

}  // namespace liaison
