#include "common/intake/ledger.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_split.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/intake/ledger_columns.h"
#include "common/rules/matter/guards.h"
#include "common/sheets/table_lines.h"

namespace liaison {
namespace {

using namespace ledger;  // the fields by their names

constexpr int kMaxHeadcount = 1000;

// One kind of line end, no mark of a guarded cell, no white space around.
std::string Clean(std::string_view text) { return Trim(PlainLines(UnguardCell(text))); }

bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
  });
}

size_t MaxChars(const google::protobuf::Descriptor* record, const char* field) {
  return record->FindFieldByName(field)->options().GetExtension(v1::f).max_chars();
}

bool IsAnonymous(std::string_view name) {
  std::string key = NameKey(name);
  return key == "匿名" || key == "无" || key == "不详" || key == "不愿透露" || key == "-" || key == "/";
}

v1::Disposition DispositionOf(std::string_view text) {
  std::string key = NameKey(text);
  if (key == "当场答复" || key == "现场答复" || key == "当场解答" || key == "现场解答") return v1::DISPOSITION_ANSWERED;
  if (key == "村级办理" || key == "村办理" || key == "村(社区)办理" || key == "社区办理")
    return v1::DISPOSITION_VILLAGE;
  if (key == "交办" || key == "上报" || key == "上报镇" || key == "镇级办理") return v1::DISPOSITION_SUBMIT;
  if (NamesAccusation(key)) return v1::DISPOSITION_GUIDED;
  if (key == "引导" || key == "引导至其他渠道" || key == "转其他渠道") return v1::DISPOSITION_GUIDED;
  return v1::DISPOSITION_UNSPECIFIED;
}

// False if it is no rating.
bool RatingOf(std::string_view text, v1::Rating* rating) {
  std::string key = NameKey(text);
  if (key.empty() || key == "未评价" || key == "-" || key == "/") {
    *rating = v1::RATING_UNSPECIFIED;
  } else if (key == "满意") {
    *rating = v1::RATING_SATISFIED;
  } else if (key == "优秀") {
    *rating = v1::RATING_EXCELLENT;
  } else if (key == "基本满意") {
    *rating = v1::RATING_BASICALLY;
  } else if (key == "不满意") {
    *rating = v1::RATING_DISSATISFIED;
  } else {
    return false;
  }
  return true;
}

// The content as 0.4.0 folded it: width, and the white space that it knew.
std::string OlderForm(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Char c = NextChar(&text);
    const bool space = (c.code >= 0x09 && c.code <= 0x0d) || c.code == ' ' || c.code == 0x85 || c.code == 0xa0 ||
                       (c.code >= 0x2000 && c.code <= 0x200f) || c.code == 0x2028 || c.code == 0x2029 ||
                       c.code == 0x202f || c.code == 0x2060 || c.code == 0x3000 || c.code == 0xfeff;
    if (space) continue;
    if (c.code >= 0xff01 && c.code <= 0xff5e) {
      out.push_back(static_cast<char>(c.code - 0xff01 + '!'));
    } else {
      out += c.bytes;
    }
  }
  return out;
}

std::string KeyOver(const LedgerRow& row, std::string_view content, const LedgerHash& hash) {
  std::vector<std::string> deputies = row.deputy_ids;
  std::sort(deputies.begin(), deputies.end());
  std::string text;
  ByteWriter writer(&text);
  for (std::string_view part : {std::string_view(row.date), std::string_view(row.station_id), content,
                                std::string_view(row.category)}) {
    writer.String(part);
  }
  writer.Varint(deputies.size());
  for (const std::string& deputy : deputies) writer.String(deputy);
  writer.Varint(row.disposition);
  return Cat("v1:", row.serial, ":", Hex(hash(text).substr(0, 8)));
}

void SetImportKeys(const LedgerHash& hash, LedgerRow* row) {
  const std::string content = RemoveSpaces(Fold(row->content)), older = OlderForm(row->content);
  row->import_key = KeyOver(*row, content, hash);
  if (older != content) row->older_import_key = KeyOver(*row, older, hash);
}

// Takes one row apart; every fault is a refusal.
class RowReader {
 public:
  // `sheet`: named in refusals, unless it is empty.
  RowReader(const Row& header_row, const Header& header, const LedgerRoster& roster, std::string sheet)
      : header_row_(header_row), header_(header), roster_(roster), sheet_(std::move(sheet)) {}

  LedgerRow Read(const Row& row) {
    row_ = &row;
    refusals_.clear();
    out_ = LedgerRow();
    out_.row = row.number;
    RefuseBrokenCells();
    out_.serial = Short(kSerial, 20);
    out_.serial = NameKey(out_.serial);
    ReadPlaceAndTime();
    ReadVisitor();
    ReadMatter();
    ReadHandling();
    return std::move(out_);
  }

  // Of the row read last.
  std::vector<v1::RefusedRow>& refusals() { return refusals_; }

  void Refuse(Field field, std::string_view reason) {
    if (broken_[field]) return;  // that was said
    v1::RefusedRow& refusal = refusals_.emplace_back();
    refusal.set_row(row_->number);
    refusal.set_sheet(sheet_);
    std::string column = header_[field] < 0 ? "" : Clean(header_row_.Text(header_[field]));
    refusal.set_column(column.empty() ? std::string(NameOf(field)) : column);
    refusal.set_reason(std::string(reason));
    refusal.set_serial(NameKey(Clean(row_->Text(header_[kSerial]))));
  }

  // Rows are numbered in advance.
  bool HasOnlySerial(const Row& row) const {
    for (size_t i = 0; i < row.cells.size(); ++i)
      if (static_cast<int>(i) != header_[kSerial] && !Trim(row.cells[i].text).empty()) return false;
    return header_[kSerial] >= 0;
  }

 private:
  // What cannot be read is refused for that alone.
  void RefuseBrokenCells() {
    broken_.fill(false);
    for (int i = 0; i < kFieldCount; ++i) {
      const auto field = static_cast<Field>(i);
      std::string fault = row_->Fault(header_[field]);
      if (fault.empty() && HasControls(Get(field))) fault = "有不能保存的控制字符";
      if (fault.empty()) continue;
      Refuse(field, fault);
      broken_[field] = true;
    }
  }

  std::string Get(Field field) const { return broken_[field] ? "" : Clean(row_->Text(header_[field])); }

  std::string Short(Field field, size_t max_chars) {
    std::string text = Get(field);
    if (CountChars(text) > max_chars) Refuse(field, Cat("超过了 ", max_chars, " 个字"));
    return text;
  }

  // Puts the result into *out, or refuses with the reason given.
  template <typename T>
  void Take(Field field, absl::StatusOr<T> result, T* out) {
    if (result.ok()) {
      *out = *std::move(result);
    } else {
      Refuse(field, StdView(result.status().message()));
    }
  }

  // Empty stays empty.
  void TakeDate(Field field, std::string* out) {
    const std::string text = Get(field);
    if (text.empty()) return;
    absl::StatusOr<std::string> day = ParseDate(Clean(DayText(row_->cells[header_[field]])));
    if (!day.ok()) day = absl::InvalidArgumentError(Cat(StdView(day.status().message()), "：", Truncate(text, 20)));
    Take(field, std::move(day), out);
  }

  void ReadPlaceAndTime() {
    TakeDate(kDate, &out_.date);
    if (Get(kDate).empty()) Refuse(kDate, "不能为空");
    if (std::string name = Get(kStation); name.empty()) {
      Refuse(kStation, "不能为空");
    } else {
      Take(kStation, roster_.FindStation(name), &out_.station_id);
    }
  }

  void ReadVisitor() {
    out_.visitor_name = Short(kVisitor, MaxChars(v1::VisitorFields::descriptor(), "name"));
    if (IsAnonymous(out_.visitor_name)) out_.visitor_name.clear();
    if (std::string phone = Get(kPhone); !phone.empty() && !IsAnonymous(phone)) {
      Take(kPhone, NormalisePhone(phone), &out_.phone);
    }
    out_.village_group = Short(kGroup, MaxChars(v1::VisitEntry::descriptor(), "village_group"));
    if (std::string count = Get(kHeadcount); !count.empty()) Take(kHeadcount, ParseCount(count), &out_.headcount);
    if (out_.headcount > kMaxHeadcount) Refuse(kHeadcount, Cat("人数超过了 ", kMaxHeadcount));
  }

  void ReadMatter() {
    out_.content = Short(kContent, MaxChars(v1::Matter::descriptor(), "content"));
    if (out_.content.empty()) Refuse(kContent, "不能为空");
    if (std::string name = Get(kCategory); name.empty()) {
      out_.category = "99";
    } else {
      Take(kCategory, roster_.FindCategory(name), &out_.category);
    }
    ReadDeputies();
    out_.remark = Short(kRemark, MaxChars(v1::Matter::descriptor(), "remark"));
  }

  // 姚勇、孟飞 or 姚勇 孟飞, but 王　强 may be one name with a space inside.
  void ReadDeputies() {
    std::string folded = Fold(Get(kDeputies));
    std::vector<std::string> names;
    for (absl::string_view part : absl::StrSplit(folded, absl::ByAnyChar(",;/\n\r"))) {
      for (absl::string_view piece : absl::StrSplit(part, "、")) {
        if (roster_.FindDeputy(StdView(piece)).ok()) {
          names.emplace_back(piece);
          continue;
        }
        for (absl::string_view name : absl::StrSplit(piece, ' ', absl::SkipEmpty())) names.emplace_back(name);
      }
    }
    for (const std::string& name : names) {
      std::string id;
      Take(kDeputies, roster_.FindDeputy(name), &id);
      if (!id.empty() && std::count(out_.deputy_ids.begin(), out_.deputy_ids.end(), id) == 0) {
        out_.deputy_ids.push_back(std::move(id));
      }
    }
    if (names.empty()) Refuse(kDeputies, "不能为空");
  }

  void ReadHandling() {
    const std::string way = Get(kDisposition);
    out_.disposition = DispositionOf(way);
    out_.accusation = NamesAccusation(way);
    if (out_.disposition == v1::DISPOSITION_UNSPECIFIED) {
      Refuse(kDisposition,
             way.empty() ? "不能为空" : Cat("不认识“", Truncate(way, 20), "”，应为当场答复、村级办理、交办或引导"));
    }
    if (std::string name = Get(kDepartment); !name.empty()) {
      Take(kDepartment, roster_.FindDepartment(name), &out_.department_id);
    } else if (out_.disposition == v1::DISPOSITION_SUBMIT) {
      Refuse(kDepartment, "已交办的应写承办单位");
    }
    TakeDate(kAssigned, &out_.assigned_date);
    if (Get(kAssigned).empty() && out_.disposition == v1::DISPOSITION_SUBMIT) {
      Refuse(kAssigned, "已交办的应写交办日期");
    }
    TakeDate(kClosed, &out_.closed_date);
    const std::string &received = out_.date, &assigned = out_.assigned_date, &closed = out_.closed_date;
    if (!received.empty() && !assigned.empty() && assigned < received) {
      Refuse(kAssigned, Cat("交办日期 ", assigned, " 早于接待日期 ", received));
    }
    if (!closed.empty() && !assigned.empty() && closed < assigned) {
      Refuse(kClosed, Cat("办结日期 ", closed, " 早于交办日期 ", assigned));
    } else if (!closed.empty() && !received.empty() && closed < received) {
      Refuse(kClosed, Cat("办结日期 ", closed, " 早于接待日期 ", received));
    }
    if (std::string rating = Get(kRating); !RatingOf(rating, &out_.rating)) {
      Refuse(kRating, Cat("不认识“", Truncate(rating, 20), "”，应为优秀、满意、基本满意、不满意或不填"));
    }
  }

  const Row& header_row_;
  const Header& header_;
  const LedgerRoster& roster_;
  const std::string sheet_;
  const Row* row_ = nullptr;
  std::array<bool, kFieldCount> broken_{};
  LedgerRow out_;
  std::vector<v1::RefusedRow> refusals_;
};

// Reads the rows of one sheet behind another into one parse.
class SheetsReader {
 public:
  SheetsReader(const Workbook& book, const LedgerRoster& roster, const LedgerHash& hash)
      : book_(book), roster_(roster), hash_(hash) {}

  // kInvalidArgument: a further head in the sheet is not complete.
  absl::Status Read(size_t sheet, Head head) {
    const Table& table = book_.sheets[sheet];
    const std::string name = SheetName(sheet);
    const size_t titles = head.index;
    PassedLines passed;
    while (true) {
      std::optional<Head> next;
      RETURN_IF_ERROR(ReadSection(sheet, titles, head, &passed, &next));
      if (!next) break;
      head = *std::move(next);
    }
    for (std::string notice : {TitleNotice(table, titles, name), passed.Notice(name)})
      if (!notice.empty()) parse_.notices.push_back(std::move(notice));
    return absl::OkStatus();
  }

  std::string SheetName(size_t sheet) const { return book_.sheets.size() > 1 ? book_.sheets[sheet].sheet : ""; }
  LedgerParse& parse() { return parse_; }

 private:
  // Up to the end of the sheet, or to *next, whose columns stand otherwise.
  absl::Status ReadSection(size_t sheet, size_t titles, const Head& head, PassedLines* passed,
                           std::optional<Head>* next) {
    const Table& table = book_.sheets[sheet];
    const std::string name = SheetName(sheet);
    RowReader reader(head.names, head.fields, roster_, name);
    size_t end = head.below;
    for (; end < table.rows.size(); ++end) {
      const Row& line = table.rows[end];
      ASSIGN_OR_RETURN(std::optional<Head> here, FurtherHeader(table, end));
      if (here && here->fields != head.fields) {
        *next = std::move(here);
        break;
      }
      if (here) {
        passed->Add(line, "表头");
        end = here->below - 1;
        continue;
      }
      if (HasOneText(line) && end + 1 < table.rows.size()) {
        ASSIGN_OR_RETURN(const std::optional<Head> under, FurtherHeader(table, end + 1));
        if (under) {
          passed->Add(line);
          continue;
        }
      }
      ReadLine(table, sheet, titles, head.names, line, &reader, passed);
    }
    std::vector<bool> used(kMaxTableColumns, false);
    for (int column : head.fields)
      if (column >= 0) used[static_cast<size_t>(column)] = true;
    NameUnusedColumns(table, {head.names, head.below, end}, used, name, &parse_.ignored_columns, &parse_.notices);
    parse_.sheets.push_back(
        {sheet, head.index, head.below, end, head.names, std::vector<int>(head.fields.begin(), head.fields.end())});
    return absl::OkStatus();
  }

  void ReadLine(const Table& table, size_t sheet, size_t titles, const Row& names, const Row& line, RowReader* reader,
                PassedLines* passed) {
    if (IsBlankLine(line)) return;
    if (RepeatsHeader(line, names)) return passed->Add(line, "表头");
    if (RepeatsTitle(line, table, titles)) return passed->Add(line);
    LedgerRow row = reader->Read(line);
    row.sheet = sheet;
    if (reader->refusals().empty()) {
      SetImportKeys(hash_, &row);
      auto& [count, first] = seen_.try_emplace(row.import_key, 0, std::pair(sheet, row.row)).first->second;
      ++count;
      if (count > 1 && row.serial.empty()) {
        row.import_key += Cat(":", count);
        if (!row.older_import_key.empty()) row.older_import_key += Cat(":", count);
      }
      if (count > 1 && !row.serial.empty()) {
        const std::string where = first.first == sheet ? "" : Cat("工作表“", SheetName(first.first), "”");
        reader->Refuse(kSerial, Cat("与", where, "第 ", first.second, " 行重复"));
      }
    } else if (IsSumLine(line) || IsFootLine(line)) {
      return passed->Add(line);
    } else if (reader->HasOnlySerial(line)) {
      return passed->Add(line, "只有序号");
    }
    if (reader->refusals().empty()) {
      parse_.rows.push_back(std::move(row));
      return;
    }
    ++parse_.refused_rows;
    for (v1::RefusedRow& refusal : reader->refusals()) parse_.refusals.push_back(std::move(refusal));
  }

  const Workbook& book_;
  const LedgerRoster& roster_;
  const LedgerHash& hash_;
  LedgerParse parse_;
  std::map<std::string, std::pair<int, std::pair<size_t, int>>> seen_;  // import key -> how often, where first
};

// The columns of a mend file: those of the first sheet, and what further sheets have besides.
class MendColumns {
 public:
  // The columns for the cells of a sheet, up to `width`; -1: none.
  std::vector<int> Of(const LedgerSheet& sheet, const Row& header, size_t width) {
    std::vector<int> places(width, -1);
    std::map<std::string, int> times;
    for (int c = 0; c < static_cast<int>(width); ++c) {
      std::string key = ColumnKey(header.Text(c));
      if (key == kReasonColumn) continue;
      const auto field = std::find(sheet.fields.begin(), sheet.fields.end(), c);
      if (field != sheet.fields.end()) key = Cat("field ", field - sheet.fields.begin());
      if (key.empty()) key = Cat("column ", c);
      auto [it, fresh] = places_.try_emplace(Cat(key, "#", ++times[key]), static_cast<int>(titles_.size()));
      if (fresh) AddTitle(UnguardCell(header.Text(c)));
      places[static_cast<size_t>(c)] = it->second;
    }
    return places;
  }
  const std::vector<std::string>& titles() const { return titles_; }

 private:
  // No name twice: the file must be one that can be imported.
  void AddTitle(std::string title) {
    const std::string key = ColumnKey(title);
    for (const std::string& other : titles_)
      if (!key.empty() && ColumnKey(other) == key) return titles_.push_back(Cat(title, "_", titles_.size()));
    titles_.push_back(std::move(title));
  }

  std::map<std::string, int> places_;
  std::vector<std::string> titles_;
};

}  // namespace

absl::StatusOr<LedgerParse> ParseLedger(const Workbook& book, const LedgerRoster& roster, const LedgerHash& hash) {
  SheetsReader reader(book, roster, hash);
  std::vector<std::string> without;  // a header
  for (size_t i = 0; i < book.sheets.size(); ++i) {
    absl::StatusOr<Head> head = FindHeader(book.sheets[i]);
    const std::string name = reader.SheetName(i);
    absl::Status read = head.ok() ? reader.Read(i, *std::move(head)) : head.status();
    if (absl::IsNotFound(read)) {
      without.push_back(name);
    } else if (!read.ok()) {
      return absl::InvalidArgumentError(
          Cat(name.empty() ? "" : Cat("工作表“", name, "”："), StdView(read.message())));
    }
  }
  LedgerParse& parse = reader.parse();
  if (parse.sheets.empty()) {
    std::string names;
    for (const std::string& name : without)
      if (!name.empty()) names += Cat(names.empty() ? "" : "、", "“", name, "”");
    return absl::InvalidArgumentError(
        Cat(names.empty() ? "" : Cat("工作表", names, "："), StdView(NoHeader().message())));
  }
  for (const std::string& name : without) parse.notices.push_back(Cat("工作表“", name, "”没有台账的表头，没有读"));
  parse.notices.insert(parse.notices.begin(), book.notices.begin(), book.notices.end());
  return std::move(parse);
}

std::string MendFile(const Workbook& book, const LedgerParse& parse) {
  std::map<std::pair<std::string, int>, std::string> reasons;  // sheet, row -> text
  for (const v1::RefusedRow& refusal : parse.refusals) {
    std::string& text = reasons[{refusal.sheet(), refusal.row()}];
    if (text.empty() && !refusal.sheet().empty()) text = Cat("工作表“", refusal.sheet(), "”第 ", refusal.row(), " 行");
    text += Cat(text.empty() ? "" : "；", refusal.column(), "：", refusal.reason());
  }
  MendColumns columns;
  std::vector<std::vector<std::string>> out(1);
  std::vector<std::string> whys;
  for (const LedgerSheet& sheet : parse.sheets) {
    const Table& table = book.sheets[sheet.sheet];
    const std::string name = book.sheets.size() > 1 ? table.sheet : "";
    size_t width = sheet.names.cells.size();  // a refused row may have cells beyond the header's last
    for (size_t i = sheet.below; i < sheet.end; ++i)
      if (reasons.contains({name, table.rows[i].number})) width = std::max(width, table.rows[i].cells.size());
    const std::vector<int> places = columns.Of(sheet, sheet.names, width);
    for (size_t i = sheet.below; i < sheet.end; ++i) {
      auto reason = reasons.find({name, table.rows[i].number});
      if (reason == reasons.end()) continue;
      std::vector<std::string> cells(columns.titles().size());
      for (size_t c = 0; c < table.rows[i].cells.size(); ++c) {
        if (places[c] < 0) continue;
        const Cell& cell = table.rows[i].cells[c];
        const int at = static_cast<int>(c);
        const bool day = at == sheet.fields[kDate] || at == sheet.fields[kAssigned] || at == sheet.fields[kClosed];
        cells[static_cast<size_t>(places[c])] = UnguardCell(day ? DayText(cell) : cell.text);
      }
      out.push_back(std::move(cells));
      whys.push_back(reason->second);
    }
  }
  out[0] = columns.titles();
  out[0].emplace_back(kReasonColumn);
  for (size_t i = 1; i < out.size(); ++i) {
    out[i].resize(columns.titles().size());
    out[i].push_back(whys[i - 1]);
  }
  return WriteCsv(out);
}

}  // namespace liaison
