#include "common/service/export.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/text.h"
#include "common/record/view.h"
#include "common/service/table.h"
#include "common/service/tables.h"

namespace liaison {
namespace {

const std::vector<std::string> kHeader = {"编号",     "日期",     "站点",     "反映人",   "联系电话", "人数",
                                          "反映内容", "类别",     "性质",     "接待代表", "处理方式", "状态",
                                          "承办单位", "交办日期", "办结日期", "满意度",   "备注"};

struct Handling {
  std::string unit, assigned, closed, rating;
};

Handling HandlingOf(const Aggregate& matter, const v1::MatterView& view, const Roster& roster) {
  Handling handling;
  for (const RecordId& child : ChildrenOf<v1::Assignment>(matter)) {
    auto assignment = Show<v1::Assignment>(matter, child);
    auto unit = roster.departments.find(assignment.main_unit());
    handling.unit = unit == roster.departments.end() ? assignment.main_unit() : unit->second.name();
    handling.assigned = assignment.assigned_date();
  }
  for (const RecordId& child : ChildrenOf<v1::Evaluation>(matter))
    handling.rating = EnumLabel(Show<v1::Evaluation>(matter, child).result());
  if (view.state() == v1::CLOSED) handling.closed = view.matter().status().date();
  return handling;
}

absl::StatusOr<std::string> WriteXlsx(const std::vector<std::vector<std::string>>& rows) {
  // The library writes to files only: one of our own, unlinked as soon as it has been read.
  std::string path = (std::filesystem::temp_directory_path() / "liaison-XXXXXX").string();
  int file = mkstemp(path.data());
  if (file < 0) return absl::UnavailableError("不能建立临时文件,不能生成表格");
  close(file);
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(book, "台账");
  lxw_format* bold = workbook_add_format(book);
  format_set_bold(bold);
  lxw_format* wrap = workbook_add_format(book);
  format_set_text_wrap(wrap);
  format_set_align(wrap, LXW_ALIGN_VERTICAL_TOP);
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c)
      worksheet_write_string(sheet, static_cast<lxw_row_t>(r), static_cast<lxw_col_t>(c), rows[r][c].c_str(),
                             r == 0 ? bold : wrap);
  worksheet_freeze_panes(sheet, 1, 0);
  worksheet_set_landscape(sheet);
  worksheet_set_paper(sheet, 9);  // A4
  worksheet_fit_to_pages(sheet, 1, 0);
  worksheet_repeat_rows(sheet, 0, 0);
  const double widths[] = {26, 12, 16, 10, 14, 6, 46, 16, 8, 14, 12, 10, 12, 12, 12, 10, 20};
  for (lxw_col_t c = 0; c < std::size(widths); ++c) worksheet_set_column(sheet, c, c, widths[c], nullptr);
  lxw_error error = workbook_close(book);
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  unlink(path.c_str());
  if (error != LXW_NO_ERROR) return absl::InternalError(Cat("生成表格失败:", lxw_strerror(error)));
  return bytes;
}

}  // namespace

std::vector<std::vector<std::string>> LedgerRows(const Views& views, const Roster& roster, std::string_view from,
                                                 std::string_view to, std::string_view station_id) {
  std::vector<std::vector<std::string>> rows{kHeader};
  const StoreReader& reader = views.reader();
  tables::ByDate(
      reader.kv(), TypeOf<v1::Matter>().type(), from, to,
      [&](const RecordId& id, std::string_view, std::string_view station) {
        std::optional<Aggregate> matter = reader.Load(id);
        if (!matter || (!station_id.empty() && station != station_id)) return true;
        v1::MatterView view = views.Matter(*matter);
        if (view.voided()) return true;
        v1::VisitView visit;
        if (view.matter().sources_size() > 0) {
          RecordId session_id, entry;
          std::optional<Aggregate> session;
          if (ParseFullId(view.matter().sources(0).entry(), &session_id, &entry)) session = reader.Load(session_id);
          if (session) visit = views.Visit(*session, entry);
        }
        std::string deputies;
        for (const std::string& name : visit.deputy_names()) deputies += (deputies.empty() ? "" : "、") + name;
        Handling handling = HandlingOf(*matter, view, roster);
        rows.push_back({view.matter().number(), view.matter().date(), view.station_name(),
                        visit.visitor_name().empty() ? "匿名" : visit.visitor_name(), visit.visitor_phone(),
                        visit.entry().headcount() > 0 ? Cat(visit.entry().headcount()) : "", view.matter().content(),
                        view.category_name(), EnumLabel(view.matter().nature()), deputies,
                        EnumLabel(view.matter().disposition()), EnumLabel(view.state()), handling.unit,
                        handling.assigned, handling.closed, handling.rating, view.matter().remark()});
        return true;
      });
  return rows;
}

absl::StatusOr<v1::ExportResponse> ExportLedger(const std::vector<std::vector<std::string>>& rows,
                                                std::string_view format, std::string_view name) {
  v1::ExportResponse response;
  response.set_rows(static_cast<int32_t>(rows.size()) - 1);
  response.set_file_name(Cat(name, ".", format));
  if (format == "csv") {
    response.set_mime("text/csv; charset=utf-8");
    response.set_content(WriteCsv(rows));
    return response;
  }
  if (format != "xlsx") return absl::InvalidArgumentError(Cat("导出格式:只能是csv或xlsx,现为“", format, "”"));
  response.set_mime("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  absl::StatusOr<std::string> bytes = WriteXlsx(rows);
  if (!bytes.ok()) return bytes.status();
  response.set_content(*bytes);
  return response;
}

}  // namespace liaison
