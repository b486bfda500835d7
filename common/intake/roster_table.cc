#include "common/intake/roster_table.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/intake/roster_check.h"
#include "common/record/schema.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/sheets/table_lines.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using google::protobuf::Message;

constexpr size_t kHeaderRows = 10, kHeaderLeast = 2;

// What the cells of a row name in a form. False: a name stands there twice, and is put into *twice.
bool ReadNames(const Row& row, const RosterForm& form, RosterHeader* header, std::string* twice) {
  std::multimap<std::string, int> keys;
  for (size_t i = 0; i < row.cells.size(); ++i)
    if (std::string key = ColumnKey(row.cells[i].text); !key.empty()) keys.emplace(key, static_cast<int>(i));
  std::set<int> used;
  header->kind = form.kind;
  for (const RosterColumn& column : form.columns) {
    std::vector<std::string_view> names = column.names;
    names.push_back(column.field);
    for (std::string_view name : names) {
      auto [first, last] = keys.equal_range(ColumnKey(name));
      if (first == last || used.contains(first->second)) continue;
      if (std::distance(first, last) > 1) {
        *twice = std::string(name);
        return false;
      }
      header->columns.emplace(column.field, first->second);
      used.insert(first->second);
      break;
    }
  }
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const std::string text = CleanCell(row.cells[i].text);
    if (!text.empty() && text != kReasonColumn && !used.contains(static_cast<int>(i))) header->unknown.push_back(text);
  }
  return true;
}

const Message* Get(const RosterRecords& records, std::string_view code, bool* voided) {
  auto it = records.find(code);
  *voided = it != records.end() && it->second == nullptr;
  return it == records.end() ? nullptr : it->second.get();
}

class RosterReader {
 public:
  RosterReader(const Table& table, const RosterHeader& header, const RosterKnown& known)
      : table_(table), header_(header), known_(known), form_(*FormOf(header.kind)) {}

  RosterParse Read() {
    if (!HasColumns()) return std::move(parse_);
    std::vector<RosterRow> rows;
    for (size_t i = header_.index + 1; i < table_.rows.size(); ++i)
      if (!PassOver(table_.rows[i])) ReadRow(table_.rows[i], &rows);
    NameWhatIsNotRead();
    CheckRoster(header_.kind, known_, rows, [this](const RosterRow& row, std::string_view field, std::string_view why) {
      Fault(row.number, field, why);
    });
    for (RosterRow& row : rows) Keep(std::move(row));
    std::stable_sort(parse_.faults.begin(), parse_.faults.end(),
                     [](const v1::TableFault& a, const v1::TableFault& b) { return a.row() < b.row(); });
    return std::move(parse_);
  }

 private:
  // A code is never such a text, so no record looks like it.
  bool PassOver(const Row& row) {
    if (IsBlankLine(row)) return true;
    const bool head = RepeatsHeader(row, table_.rows[header_.index]);
    if (!head && !RepeatsTitle(row, table_, header_.index) && !IsSumLine(row) && !IsFootLine(row)) return false;
    passed_.Add(row, head ? "表头" : "");
    return true;
  }

  // Columns with a name are in the header's `unknown`.
  void NameWhatIsNotRead() {
    std::vector<bool> used(kMaxTableColumns, false);
    for (const auto& [field, column] : header_.columns) used[static_cast<size_t>(column)] = true;
    std::vector<std::string> names;
    const Section section{table_.rows[header_.index], header_.index + 1, table_.rows.size()};
    NameUnusedColumns(table_, section, used, "", &names, &parse_.notices);
    for (std::string notice : {TitleNotice(table_, header_.index, ""), passed_.Notice("")})
      if (!notice.empty()) parse_.notices.push_back(std::move(notice));
  }

  // In a township that has no list, the columns of required fields must be there.
  bool HasColumns() {
    if (!known_.records.empty()) return true;
    const TypeInfo& type = *FindType(NewRecord(header_.kind)->GetDescriptor());
    for (const RosterColumn& column : form_.columns) {
      const FieldInfo* field = type.FindByName(column.field);
      if (field != nullptr && field->rules.required() && !header_.columns.contains(std::string(column.field)))
        Fault(table_.rows[header_.index].number, column.field, "缺少这一列");
    }
    return parse_.faults.empty();
  }

  // A field as the file calls it, else as an export would.
  std::string NameOf(std::string_view field) const {
    auto at = header_.columns.find(std::string(field));
    if (at != header_.columns.end()) return CleanCell(table_.rows[header_.index].Text(at->second));
    for (const RosterColumn& column : form_.columns)
      if (column.field == field) return std::string(column.names[0]);
    return std::string(field);
  }

  // One fault a cell: what is wrong with it first is enough to mend it.
  void Fault(int row, std::string_view field, std::string_view reason) {
    if (!faulty_.emplace(row, field).second) return;
    v1::TableFault& fault = parse_.faults.emplace_back();
    fault.set_row(row);
    fault.set_column(NameOf(field));
    fault.set_reason(std::string(reason));
  }

  const RosterColumn* ColumnOf(std::string_view field) const {
    for (const RosterColumn& column : form_.columns)
      if (column.field == field && header_.columns.contains(std::string(field))) return &column;
    return nullptr;
  }

  std::string CellOf(const Row& row, const RosterColumn& column) const {
    auto at = header_.columns.find(std::string(column.field));
    if (at == header_.columns.end() || row.Text(at->second).empty()) return "";
    const Cell& cell = row.cells[static_cast<size_t>(at->second)];
    return CleanCell(column.day ? DayText(cell) : cell.text);
  }

  std::string CellFaultOf(const Row& row, const RosterColumn& column) const {
    auto at = header_.columns.find(std::string(column.field));
    const auto* field = NewRecord(header_.kind)->GetDescriptor()->FindFieldByName(std::string(column.field));
    const bool ticked = field != nullptr && field->type() == google::protobuf::FieldDescriptor::TYPE_BOOL &&
                        at != header_.columns.end() && static_cast<size_t>(at->second) < row.cells.size() &&
                        row.cells[static_cast<size_t>(at->second)].trouble == CellTrouble::kLogical;
    if (ticked) return "";  // what a tick means is known here
    return at == header_.columns.end() ? "" : row.Fault(at->second);
  }

  // The row's code; empty if it has none, and that was said.
  std::string CodeOf(const Row& row) {
    const RosterColumn& column = form_.columns[0];
    const std::string text = CellOf(row, column);
    std::string wrong = CellFaultOf(row, column);
    if (text.empty() && wrong.empty()) wrong = "不能为空";
    if (!wrong.empty()) {
      Fault(row.number, column.field, wrong);
      return "";
    }
    std::unique_ptr<Message> record = NewRecord(header_.kind);
    wrong = column.read(text, column.field, record.get());
    std::string code = RosterCode(header_.kind, *record);
    // A spreadsheet takes 01 for the number 1.
    if (header_.kind == v1::ROSTER_CATEGORIES && wrong.empty() && !known_.records.contains(code)) {
      auto& entry = static_cast<v1::Code&>(*record);
      const std::string padded = Cat("0", entry.code());
      if (known_.records.contains(Cat("category-", padded))) {
        entry.set_code(padded);
        code = RosterCode(header_.kind, *record);
      }
    }
    auto [first, fresh] = codes_.emplace(code, row.number);
    if (wrong.empty() && !fresh) wrong = Cat("“", text, "”与第 ", first->second, " 行重复");
    if (!wrong.empty()) Fault(row.number, column.field, wrong);
    return wrong.empty() ? code : "";
  }

  void ReadRow(const Row& row, std::vector<RosterRow>* rows) {
    const std::string code = CodeOf(row);
    bool voided = false;
    const Message* before = Get(known_.records, code, &voided);
    if (voided) return Fault(row.number, form_.columns[0].field, "这条记录已作废，请先取消作废");
    std::shared_ptr<Message> after(NewRecord(header_.kind));
    if (before != nullptr) {
      after->CopyFrom(*before);
    } else if (!code.empty()) {
      SetCode(row, code, after.get());
    }
    const bool mandates = SaysOtherMandates(row, before);
    for (size_t i = 1; i < form_.columns.size(); ++i) ReadField(row, form_.columns[i], before, mandates, after.get());
    Validate(row, before, *after);
    if (code.empty()) return;
    RosterRow& read = rows->emplace_back();
    read.number = row.number;
    read.code = code;
    if (before != nullptr) read.before = known_.records.find(code)->second;
    read.after = std::move(after);
  }

  void SetCode(const Row& row, const std::string& code, Message* record) const {
    const RosterColumn& column = form_.columns[0];
    column.read(CellOf(row, column), column.field, record);
    if (header_.kind == v1::ROSTER_CATEGORIES)
      static_cast<v1::Code*>(record)->set_code(code.substr(std::string_view("category-").size()));
  }

  bool SaysOtherMandates(const Row& row, const Message* before) const {
    if (before == nullptr) return true;
    return std::any_of(form_.columns.begin(), form_.columns.end(), [&](const RosterColumn& column) {
      const std::string text = column.mandate ? CellOf(row, column) : "";
      return !text.empty() && text != CleanCell(column.write(*before, column.field));
    });
  }

  void ReadField(const Row& row, const RosterColumn& column, const Message* before, bool mandates, Message* after) {
    const std::string text = CellOf(row, column);
    if (const std::string fault = CellFaultOf(row, column); !fault.empty())
      return Fault(row.number, column.field, fault);
    if (text.empty()) return;
    if (column.mandate ? !mandates : before != nullptr && text == CleanCell(column.write(*before, column.field)))
      return;
    if (text == kClearCell && (!column.mandate || column.field == "mandates")) return Clear(row, column, after);
    if (const std::string wrong = column.read(text, column.field, after); !wrong.empty())
      Fault(row.number, column.field, wrong);
  }

  void Clear(const Row& row, const RosterColumn& column, Message* after) {
    const auto* field = after->GetDescriptor()->FindFieldByName(std::string(column.field));
    if (field == nullptr || column.field == "mandates") return Fault(row.number, column.field, "不能清空");
    after->GetReflection()->ClearField(after, field);
  }

  // After the schema's rules: a new record's fields, and of a known one what the row changes.
  void Validate(const Row& row, const Message* before, const Message& after) {
    const TypeInfo& type = *FindType(after.GetDescriptor());
    std::set<uint32_t> changed;
    for (const Write& write : RosterWrites(before, after)) changed.insert(write.field());
    for (const FieldInfo& field : type.fields) {
      const int number = field.descriptor->number();
      if (before != nullptr && !changed.contains(static_cast<uint32_t>(number))) continue;
      const absl::Status status = ValidateField(after, number);
      if (status.ok()) continue;
      const std::optional<liaison::Fault> fault = FaultOf(status);
      Fault(row.number, FieldName(field.descriptor->name()), fault ? fault->reason : StdView(status.message()));
    }
    if (header_.kind == v1::ROSTER_HOLIDAYS && static_cast<const v1::Policy&>(after).value().empty())
      Fault(row.number, "kind", "不能为空");
    if (header_.kind == v1::ROSTER_DEPUTIES && before == nullptr &&
        static_cast<const v1::Deputy&>(after).mandates().empty())
      Fault(row.number, "mandates", "至少要有一个层级");
  }

  // The column that a field of the record stands in.
  std::string FieldName(const std::string& field) const {
    if (header_.kind != v1::ROSTER_HOLIDAYS) return field;
    return field == "key" ? "date" : field == "value" ? "kind" : field;
  }

  void Keep(RosterRow row) {
    if (RosterWrites(row.before.get(), *row.after).empty()) {
      ++parse_.unchanged;
      return;
    }
    ++(row.before == nullptr ? parse_.added : parse_.changed);
    for (const RosterColumn& column : form_.columns) {
      const std::string old_value = row.before == nullptr ? "" : column.write(*row.before, column.field);
      const std::string new_value = column.write(*row.after, column.field);
      if (old_value == new_value) continue;
      v1::TableChange& change = parse_.changes.emplace_back();
      change.set_row(row.number);
      change.set_record(row.code);
      change.set_name(RosterName(header_.kind, *row.after));
      change.set_field(std::string(column.names[0]));
      change.set_old_value(old_value);
      change.set_new_value(new_value);
      change.set_added(row.before == nullptr);
    }
    parse_.rows.push_back(std::move(row));
  }

  const Table& table_;
  const RosterHeader& header_;
  const RosterKnown& known_;
  const RosterForm& form_;
  std::map<std::string, int> codes_;
  std::set<std::pair<int, std::string>> faulty_;
  PassedLines passed_;
  RosterParse parse_;
};

// The best header of a sheet; kNotFound: it has none of that kind.
absl::StatusOr<RosterHeader> FindInSheet(const Table& table, v1::RosterKind kind) {
  RosterHeader best;
  bool tied = false;
  std::string twice;
  for (size_t i = 0; i < table.rows.size() && i < kHeaderRows; ++i) {
    for (const RosterForm& form : RosterForms()) {
      if (kind != v1::ROSTER_UNSPECIFIED && kind != form.kind) continue;
      RosterHeader header;
      header.index = i;
      if (!ReadNames(table.rows[i], form, &header, &twice)) continue;
      if (!header.columns.contains(std::string(form.columns[0].field)) || header.columns.size() < kHeaderLeast)
        continue;
      const bool as_good = header.columns.size() == best.columns.size() && header.kind != best.kind;
      tied = as_good || (tied && header.columns.size() <= best.columns.size());
      if (header.columns.size() > best.columns.size()) best = std::move(header);
    }
  }
  if (!twice.empty()) return absl::InvalidArgumentError(Cat("表头里有两列“", twice, "”，请删去一列或改名"));
  if (best.columns.empty()) {
    const RosterForm* form = FormOf(kind);
    return absl::NotFoundError(Cat("前 ", kHeaderRows, " 行里没有找到",
                                   form == nullptr ? std::string() : EnumLabel(kind), "名册的表头",
                                   form == nullptr ? "，第一列应是站点编号、代表编号、单位编号、日期或类别代码"
                                                   : Cat("，应有“", form->columns[0].names[0], "”列")));
  }
  if (tied && kind == v1::ROSTER_UNSPECIFIED)
    return absl::InvalidArgumentError("看表头认不出是哪一种名册，请写明种类：站点、代表、承办单位、节假日或类别");
  return best;
}

// Numbers that are days are written out: a day number says nothing in another workbook.
std::string MendCell(const Row& row, int column, const std::set<int>& days) {
  if (row.Text(column).empty()) return "";
  const Cell& cell = row.cells[static_cast<size_t>(column)];
  return UnguardCell(days.contains(column) ? DayText(cell) : cell.text);
}

// A sheet that is more of another list than of the one that is wanted.
bool IsOtherList(const Table& table, const RosterHeader& header, v1::RosterKind* other) {
  for (const RosterForm& form : RosterForms()) {
    absl::StatusOr<RosterHeader> found = FindInSheet(table, form.kind);
    *other = form.kind;
    if (found.ok() && found->columns.size() > header.columns.size()) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<RosterHeader> FindRosterHeader(const Workbook& book, v1::RosterKind kind) {
  std::vector<RosterHeader> found;
  std::vector<std::string> notices = book.notices;
  const bool several = book.sheets.size() > 1;
  const std::string list = Cat(kind == v1::ROSTER_UNSPECIFIED ? std::string() : EnumLabel(kind), "名册");
  absl::Status none = absl::InvalidArgumentError("文件里没有内容");
  for (size_t i = 0; i < book.sheets.size(); ++i) {
    const std::string name = Cat("工作表“", book.sheets[i].sheet, "”");
    absl::StatusOr<RosterHeader> header = FindInSheet(book.sheets[i], kind);
    v1::RosterKind other = v1::ROSTER_UNSPECIFIED;
    if (absl::IsNotFound(header.status())) {
      none = absl::InvalidArgumentError(header.status().message());
      notices.push_back(Cat(name, "没有", list, "的表头，没有读"));
    } else if (!header.ok()) {
      return absl::InvalidArgumentError(Cat(several ? Cat(name, "：") : "", StdView(header.status().message())));
    } else if (several && kind != v1::ROSTER_UNSPECIFIED && IsOtherList(book.sheets[i], *header, &other)) {
      notices.push_back(Cat(name, "是", EnumLabel(other), "名册，没有读"));
    } else {
      header->sheet = i;
      found.push_back(*std::move(header));
    }
  }
  if (found.empty()) return none;
  if (found.size() > 1) {
    std::string sheets;
    for (const RosterHeader& header : found)
      sheets +=
          Cat(sheets.empty() ? "" : "、", "“", book.sheets[header.sheet].sheet, "”（", EnumLabel(header.kind), "）");
    return absl::InvalidArgumentError(
        Cat("有 ", found.size(), " 张工作表是名册：", sheets, "。一份名册请合成一张表；不同的名册请写明种类，分次导入"));
  }
  found[0].notices = std::move(notices);
  return std::move(found[0]);
}

RosterParse ReadRoster(const Table& table, const RosterHeader& header, const RosterKnown& known) {
  return RosterReader(table, header, known).Read();
}

std::vector<Write> RosterWrites(const Message* before, const Message& after) {
  std::vector<Write> old_writes, new_writes, sealed, writes;
  if (before != nullptr) WritesOf(*before, {}, &old_writes, &sealed);
  WritesOf(after, {}, &new_writes, &sealed);
  for (const Write& write : new_writes)
    if (std::find(old_writes.begin(), old_writes.end(), write) == old_writes.end()) writes.push_back(write);
  for (Write& write : old_writes) {
    const bool stays = std::any_of(new_writes.begin(), new_writes.end(), [&](const Write& other) {
      return other.tag == write.tag && other.element == write.element;
    });
    if (stays) continue;
    write.value.clear();
    writes.push_back(std::move(write));
  }
  return writes;
}

std::vector<std::vector<std::string>> RosterTable(v1::RosterKind kind, const RosterRecords& records) {
  std::vector<std::vector<std::string>> rows(1);
  const RosterForm& form = *FormOf(kind);
  for (const RosterColumn& column : form.columns) rows[0].emplace_back(column.names[0]);
  for (const auto& [code, record] : records) {
    if (record == nullptr) continue;
    std::vector<std::string>& cells = rows.emplace_back();
    for (const RosterColumn& column : form.columns) cells.push_back(column.write(*record, column.field));
  }
  return rows;
}

std::string RosterMendFile(const Table& table, const RosterHeader& header, const RosterParse& parse) {
  std::map<int, std::string> reasons;
  for (const v1::TableFault& fault : parse.faults) {
    std::string& text = reasons[fault.row()];
    text += Cat(text.empty() ? "" : "；", fault.column(), "：", fault.reason());
  }
  const Row& names = table.rows[header.index];
  std::set<int> days;
  for (const RosterColumn& column : FormOf(header.kind)->columns) {
    const auto at = header.columns.find(std::string(column.field));
    if (column.day && at != header.columns.end()) days.insert(at->second);
  }
  size_t width = 0;
  for (size_t i = header.index; i < table.rows.size(); ++i) width = std::max(width, table.rows[i].cells.size());
  std::vector<std::vector<std::string>> rows;
  for (size_t i = header.index; i < table.rows.size(); ++i) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (int c = 0; c < static_cast<int>(width); ++c)
      if (CleanCell(names.Text(c)) != kReasonColumn) cells.push_back(MendCell(table.rows[i], c, days));
    cells.push_back(i == header.index ? std::string(kReasonColumn) : reasons[table.rows[i].number]);
  }
  return WriteCsv(rows);
}

}  // namespace liaison
