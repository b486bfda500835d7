#include "common/prints/export.h"

#include "common/base/text.h"
#include "common/record/schema.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/matter/case_file.h"
#include "common/sheets/sheet.h"
#include "common/sheets/table.h"

namespace liaison {
namespace {

struct LedgerColumn {
  const char* head;
  double width;
  std::string LedgerEntry::*field;
};

constexpr LedgerColumn kColumns[] = {
    {"编号", 26, &LedgerEntry::number},
    {"日期", 12, &LedgerEntry::date},
    {"站点", 16, &LedgerEntry::station},
    {"反映人", 10, &LedgerEntry::visitor},
    {"联系电话", 14, &LedgerEntry::phone},
    {"人数", 6, &LedgerEntry::headcount},
    {"反映内容", 46, &LedgerEntry::content},
    {"类别", 16, &LedgerEntry::category},
    {"接待代表", 14, &LedgerEntry::deputies},
    {"处理方式", 12, &LedgerEntry::disposition},
    {"状态", 10, &LedgerEntry::state},
    {"承办单位", 12, &LedgerEntry::unit},
    {"交办日期", 12, &LedgerEntry::assigned},
    {"时限", 12, &LedgerEntry::due},
    {"结果类别", 10, &LedgerEntry::reply_class},
    {"办结日期", 12, &LedgerEntry::closed},
    {"满意度", 10, &LedgerEntry::rating},
    {"备注", 20, &LedgerEntry::remark},
};

// After this column come those of FORM_FIRST.
constexpr auto kBeforeFirst = &LedgerEntry::category;

void FillHandling(const StoreReader& reader, const Aggregate& matter, const v1::MatterView& view, const Roster& roster,
                  LedgerEntry* entry) {
  const CaseFile file(matter, reader.TimesOf(matter));
  if (const v1::Assignment* last = file.last_assignment()) {
    entry->unit = roster.DepartmentName(last->main_unit());
    entry->assigned = last->assigned_date();
  }
  if (std::optional<Day> due = file.due(); due && *due != kUndated) entry->due = DayText(*due);
  if (const v1::Reply* reply = file.last_reply()) entry->reply_class = ShortClass(reply->reply_class());
  for (const Part<v1::Evaluation>& evaluation : file.evaluations) entry->rating = EnumLabel(evaluation.record.result());
  if (view.state() == v1::CLOSED) entry->closed = view.matter().status().date();
}

void FillVisit(const v1::VisitView& visit, bool confidential, LedgerEntry* entry) {
  entry->visitor = visit.visitor_name().empty() ? "匿名" : visit.visitor_name();
  entry->phone = visit.visitor_phone();
  if (confidential || visit.entry().confidential()) {
    entry->visitor = kConfidential;
    entry->phone.clear();
  }
  if (visit.entry().headcount() > 0) entry->headcount = Cat(visit.entry().headcount());
  for (const std::string& name : visit.deputy_names()) entry->deputies += (entry->deputies.empty() ? "" : "、") + name;
}

// Heads of the columns that the schema adds. An enum's labels are short.
void AddColumns(v1::FormPart part, office::Sheet* sheet) {
  for (const FieldInfo* field : FieldsIn(TypeOf<v1::Matter>(), part, /*columns=*/true))
    sheet->columns.push_back({field->rules.label(), field->descriptor->enum_type() != nullptr ? 8.0 : 16.0});
}

std::vector<std::string> TextsOf(const v1::Matter& matter, v1::FormPart part) {
  std::vector<std::string> texts;
  for (const FieldInfo* field : FieldsIn(TypeOf<v1::Matter>(), part, /*columns=*/true))
    texts.push_back(TextOf(matter, *field));
  return texts;
}

office::Sheet LedgerSheet(const std::vector<LedgerEntry>& entries) {
  office::Sheet sheet;
  sheet.name = "台账";
  sheet.landscape = true;
  for (const LedgerColumn& column : kColumns) {
    sheet.columns.push_back({column.head, column.width});
    if (column.field == kBeforeFirst) AddColumns(v1::FORM_FIRST, &sheet);
  }
  AddColumns(v1::FORM_MORE, &sheet);
  for (const LedgerEntry& entry : entries) {
    std::vector<office::SheetCell>& row = sheet.rows.emplace_back();
    for (const LedgerColumn& column : kColumns) {
      row.emplace_back(entry.*column.field);
      if (column.field == kBeforeFirst) row.insert(row.end(), entry.first.begin(), entry.first.end());
    }
    row.insert(row.end(), entry.more.begin(), entry.more.end());
  }
  return sheet;
}

}  // namespace

std::string ShortClass(v1::ReplyClass reply_class) {
  if (reply_class == v1::CLASS_UNSPECIFIED) return "";
  const std::string label = EnumLabel(reply_class);
  return label.substr(0, label.find("（"));
}

std::vector<LedgerEntry> LedgerEntries(const Views& views, const Roster& roster, std::string_view from,
                                       std::string_view to, std::string_view station_id) {
  std::vector<LedgerEntry> entries;
  const StoreReader& reader = views.reader();
  tables::ByDate(reader.kv(), TypeOf<v1::Matter>().type(), from, to,
                 [&](const RecordId& id, std::string_view, std::string_view station) {
                   if (!station_id.empty() && station != station_id) return true;
                   std::optional<Aggregate> matter = views.Load(id);
                   if (!matter) return true;
                   v1::MatterView view = views.Matter(*matter);
                   if (view.voided()) return true;
                   v1::VisitView visit;
                   if (view.matter().sources_size() > 0) {
                     RecordId session_id, entry;
                     std::optional<Aggregate> session;
                     if (ParseFullId(view.matter().sources(0).entry(), &session_id, &entry))
                       session = views.Load(session_id);
                     if (session) visit = views.Visit(*session, entry);
                   }
                   LedgerEntry& entry = entries.emplace_back();
                   entry.number = view.matter().number();
                   entry.date = view.matter().date();
                   entry.station = view.station_name();
                   entry.content = view.matter().content();
                   entry.category = view.category_name();
                   entry.first = TextsOf(view.matter(), v1::FORM_FIRST);
                   entry.more = TextsOf(view.matter(), v1::FORM_MORE);
                   entry.disposition = EnumLabel(view.matter().disposition());
                   entry.state = EnumLabel(view.state());
                   entry.remark = view.matter().remark();
                   FillVisit(visit, view.matter().confidential(), &entry);
                   FillHandling(reader, *matter, view, roster, &entry);
                   return true;
                 });
  return entries;
}

absl::StatusOr<v1::ExportResponse> ExportSheet(const office::Sheet& sheet, std::string_view format,
                                               std::string_view name) {
  v1::ExportResponse response;
  response.set_rows(static_cast<int32_t>(sheet.rows.size()));
  response.set_file_name(Cat(name, ".", format));
  if (format == "csv") {
    std::vector<std::vector<std::string>> rows(1);
    for (const office::SheetColumn& column : sheet.columns) rows[0].push_back(column.head);
    for (const std::vector<office::SheetCell>& cells : sheet.rows) {
      std::vector<std::string>& row = rows.emplace_back();
      for (const office::SheetCell& cell : cells) row.push_back(cell.text);
    }
    response.set_mime("text/csv; charset=utf-8");
    response.set_content(WriteCsv(rows));
    return response;
  }
  if (format != "xlsx") return absl::InvalidArgumentError(Cat("导出格式：只能是csv或xlsx，现为“", format, "”"));
  absl::StatusOr<std::string> bytes = office::WriteXlsx({sheet});
  if (!bytes.ok()) return bytes.status();
  response.set_mime(office::kXlsxMime);
  response.set_content(*bytes);
  return response;
}

absl::StatusOr<v1::ExportResponse> ExportLedger(const std::vector<LedgerEntry>& entries, std::string_view format,
                                                std::string_view name) {
  return ExportSheet(LedgerSheet(entries), format, name);
}

}  // namespace liaison
