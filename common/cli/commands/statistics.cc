// Commands for the hub's statistics: report, figures, tables, records behind a number, published reports.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "liaison/v1/figures.pb.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {
namespace {

struct StatisticsOptions {
  Common common;
  std::string from, to, period, station, area;
  std::string name, date, title, id, code, file;
  bool compare = false, all = false, restricted = false;
  int offset = 0, limit = 0;
};

template <typename Request>
void SetScope(const StatisticsOptions& o, Request* request) {
  request->set_from(o.from);
  request->set_to(o.to);
  request->set_period(o.period);
  request->set_station_id(o.station);
  request->set_area_id(o.area);
}

std::string ValueText(const v1::Figure& figure, int64_t value) {
  if (figure.unit() == "‰") return PercentText(value);
  return Cat(figure.approximate() ? "约" : "", value);
}

// "+3(+12.5%)"; of rates the difference in points of a hundred.
std::string ChangeText(const v1::Figure& figure, const v1::FigureChange& change) {
  if (figure.unit() == "‰") {
    if (change.value() < 0 || figure.value() < 0) return "";
    const std::string sign = change.delta() < 0 ? "-" : "+";
    const int64_t size = change.delta() < 0 ? -change.delta() : change.delta();
    return Cat(sign, size / 10, ".", size % 10);
  }
  std::string text = Cat(change.delta() < 0 ? "" : "+", change.delta());
  if (!change.comparable()) return text;
  const int64_t size = change.permille() < 0 ? -change.permille() : change.permille();
  return Cat(text, "(", change.permille() < 0 ? "-" : "+", size / 10, ".", size % 10, "%)");
}

std::string SyncedText(const Shell& shell, const std::string& cut_off, int synced, int total) {
  return Cat(shell.T("数据截止 ", "data as of "), cut_off, shell.T("；", "; "), synced, "/", total,
             shell.T(" 站点已同步", " stations synced"));
}

// By the name's ending.
int WriteReport(const Shell& shell, const StatisticsOptions& o) {
  v1::ExportReportRequest request;
  SetScope(o, request.mutable_scope());
  request.set_format(o.file.substr(o.file.rfind('.') + 1));
  request.set_compare(o.compare);
  request.set_restricted(o.all);
  v1::ExportResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ExportReport", request, &response, &code)) return code;
  absl::Status status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << shell.T("已写入 ", "written to ") << o.file << "\n";
  return kDone;
}

int ShowReport(const Shell& shell, const StatisticsOptions& o) {
  if (!o.file.empty()) return WriteReport(shell, o);
  v1::GetReportRequest request;
  SetScope(o, &request);
  request.set_compare(o.compare);
  v1::GetReportResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/GetReport", request, &response, &code)) return code;
  shell.out() << response.sentence() << "\n";
  for (const std::string& text : {response.paragraph(), response.suggestions(), response.activities()})
    if (!text.empty()) shell.out() << text << "\n";
  if (!response.problems().empty()) shell.out() << shell.T("存在问题：", "problems:") << "\n";
  for (const std::string& problem : response.problems()) shell.out() << "  " << problem << "\n";
  for (const std::string& footnote : response.footnotes()) shell.out() << shell.T("注：", "note: ") << footnote << "\n";
  return kDone;
}

int ShowFigures(const Shell& shell, const StatisticsOptions& o) {
  v1::GetFiguresRequest request;
  SetScope(o, &request);
  request.set_compare(o.compare);
  v1::GetFiguresResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/GetFigures", request, &response, &code)) return code;
  shell.out() << response.place() << " " << response.from() << "—" << response.to() << "\n";
  std::vector<Table::Column> columns = {{shell.T("代号", "code")},
                                        {shell.T("名称", "name")},
                                        {shell.T("数值", "value"), true},
                                        {shell.T("单位", "unit")}};
  if (o.compare) {
    columns.push_back({shell.T("环比", "against before"), true});
    columns.push_back({shell.T("同比", "against last year"), true});
  }
  columns.push_back({shell.T("说明", "note"), false, 40});
  Table table(columns);
  for (const v1::Figure& figure : response.figures()) {
    const bool nothing = figure.value() == 0 || figure.note() == "—";
    if (nothing && !o.all) continue;
    std::vector<std::string> cells = {figure.code(), figure.label(), ValueText(figure, figure.value()),
                                      figure.unit() == "‰" ? "" : figure.unit()};
    if (o.compare) {
      cells.push_back(figure.has_before() ? ChangeText(figure, figure.before()) : "");
      cells.push_back(figure.has_last_year() ? ChangeText(figure, figure.last_year()) : "");
    }
    cells.push_back(OneLine(figure.note()));
    table.Add(std::move(cells));
  }
  table.Print(&shell.out());
  shell.out() << shell.T("核对差额 ", "identity difference ") << response.identity_difference() << shell.T("；", "; ")
              << SyncedText(shell, response.cut_off(), response.stations_synced(), response.stations_total()) << "\n";
  return kDone;
}

std::string CellText(const v1::TableColumn& column, const v1::TableCell& cell) {
  if (column.kind() == v1::CELL_RATE) return PercentText(cell.number());
  return column.kind() == v1::CELL_NUMBER ? Cat(cell.number()) : OneLine(cell.text());
}

void PrintTable(const Shell& shell, const v1::ReportTable& one) {
  shell.out() << one.title() << "\n";
  std::vector<Table::Column> columns;
  for (const v1::TableColumn& column : one.columns()) {
    const bool number = column.kind() == v1::CELL_NUMBER || column.kind() == v1::CELL_RATE;
    columns.push_back({column.name(), number, 40});
  }
  Table table(columns);
  auto add = [&](const v1::TableRow& row) {
    std::vector<std::string> cells;
    for (int i = 0; i < row.cells_size() && i < one.columns_size(); ++i)
      cells.push_back(CellText(one.columns(i), row.cells(i)));
    if (!cells.empty()) table.Add(std::move(cells));
  };
  for (const v1::TableRow& row : one.rows()) add(row);
  add(one.total());
  table.Print(&shell.out());
  for (const std::string& note : one.notes()) shell.out() << shell.T("注：", "note: ") << note << "\n";
}

int ShowTable(const Shell& shell, const StatisticsOptions& o) {
  v1::GetTablesRequest request;
  SetScope(o, request.mutable_scope());
  request.add_names(o.name);
  v1::GetTablesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/GetTables", request, &response, &code)) return code;
  for (const v1::ReportTable& table : response.tables()) PrintTable(shell, table);
  shell.out() << SyncedText(shell, response.cut_off(), response.stations_synced(), response.stations_total()) << "\n";
  return kDone;
}

int ShowRecords(const Shell& shell, const StatisticsOptions& o) {
  v1::ListFigureRecordsRequest request;
  SetScope(o, request.mutable_scope());
  request.set_code(o.code);
  request.set_offset(o.offset);
  request.set_limit(o.limit);
  v1::ListFigureRecordsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListFigureRecords", request, &response, &code)) return code;
  const v1::Figure& figure = response.figure();
  shell.out() << figure.label() << " " << ValueText(figure, figure.value())
              << (figure.unit() == "‰" ? "" : figure.unit()) << shell.T("；所依据的记录 ", "; records: ")
              << response.total() << "\n";
  for (const std::string& id : figure.ids()) shell.out() << "  " << id << "\n";
  return kDone;
}

// ---------------------------------------------------------------- published reports

void PrintRow(const Shell& shell, const v1::ReportRow& row) {
  shell.out() << row.title() << shell.T(" 第", " version ") << row.version() << shell.T("版 ", " ") << row.from() << "—"
              << row.to() << shell.T(" 发布于 ", " published ") << row.published_date() << "\n"
              << SyncedText(shell, row.cut_off(), row.stations_synced(), row.stations_total()) << "\n"
              << shell.T("编号 ", "id ") << row.id() << "\n";
}

int Publish(const Shell& shell, const StatisticsOptions& o) {
  v1::PublishReportRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  request.set_title(o.title);
  SetScope(o, request.mutable_scope());
  v1::PublishReportResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/PublishReport", request, &response, &code)) return code;
  PrintRow(shell, response.report());
  return kDone;
}

int ShowReports(const Shell& shell, const StatisticsOptions& o) {
  v1::ListReportsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListReports", v1::ListReportsRequest(), &response, &code)) return code;
  Table table({{shell.T("编号", "id")},
               {shell.T("标题", "title"), false, 40},
               {shell.T("版", "version"), true},
               {shell.T("自", "from")},
               {shell.T("至", "to")},
               {shell.T("发布日期", "published")},
               {shell.T("数据截止", "data as of")},
               {shell.T("已同步", "synced"), true}});
  for (const v1::ReportRow& row : response.reports())
    table.Add({row.id(), OneLine(row.title()), Cat(row.version()), row.from(), row.to(), row.published_date(),
               row.cut_off(), Cat(row.stations_synced(), "/", row.stations_total())});
  table.Print(&shell.out());
  return kDone;
}

// The frozen report as a file.
int WritePublished(const Shell& shell, const StatisticsOptions& o) {
  v1::ExportPublishedReportRequest request;
  request.set_id(o.id);
  request.set_format(o.file.substr(o.file.rfind('.') + 1));
  request.set_restricted(o.restricted);
  v1::ExportResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ExportPublishedReport", request, &response, &code)) return code;
  absl::Status status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << shell.T("已写入 ", "written to ") << o.file << "\n";
  return kDone;
}

int ShowPublished(const Shell& shell, const StatisticsOptions& o) {
  if (!o.file.empty()) return WritePublished(shell, o);
  v1::GetPublishedReportRequest request;
  request.set_id(o.id);
  request.set_ids(o.all);
  v1::GetPublishedReportResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/GetPublishedReport", request, &response, &code)) return code;
  PrintRow(shell, response.report());
  shell.out() << response.text();
  Table table({{shell.T("代号", "code")},
               {shell.T("名称", "name")},
               {shell.T("发布时", "published"), true},
               {shell.T("现在", "now"), true},
               {shell.T("补报", "late"), true}});
  for (const v1::PublishedFigure& one : response.figures()) {
    if (one.known() && one.now() == one.then().value()) continue;
    const int64_t late = one.difference();
    const bool rate = one.then().unit() == "‰";
    table.Add({one.then().code(), one.then().label(), ValueText(one.then(), one.then().value()),
               one.known() ? ValueText(one.then(), one.now()) : "", rate ? "" : Cat(late > 0 ? "+" : "", late)});
  }
  if (table.empty()) shell.out() << shell.T("没有补报", "nothing has come late") << "\n";
  table.Print(&shell.out());
  if (!o.all) return kDone;
  for (const v1::PublishedFigure& one : response.figures()) {
    for (const std::string& id : one.new_ids()) shell.out() << one.then().code() << " + " << id << "\n";
    for (const std::string& id : one.gone_ids()) shell.out() << one.then().code() << " - " << id << "\n";
  }
  return kDone;
}

int RunCongress(const Shell& shell, const StatisticsOptions& o) {
  int code = kDone;
  if (!o.name.empty()) {
    v1::SetCongressSessionRequest request;
    request.set_action_id(shell.NewActionId());
    request.set_user(o.common.user);
    request.mutable_session()->set_name(o.name);
    request.mutable_session()->set_date(o.date);
    v1::SetCongressSessionResponse response;
    if (!Ask(shell, o.common, "HubService/SetCongressSession", request, &response, &code)) return code;
  }
  v1::ListCongressSessionsResponse response;
  if (!Ask(shell, o.common, "HubService/ListCongressSessions", v1::ListCongressSessionsRequest(), &response, &code))
    return code;
  Table table({{shell.T("会议", "session")}, {shell.T("日期", "date")}});
  for (const v1::CongressSession& session : response.sessions()) table.Add({session.name(), session.date()});
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddStatisticsCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, Kind kind, int (*run)(const Shell&, const StatisticsOptions&)) {
    auto o = std::make_shared<StatisticsOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common, *shell);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto scope = [&](CLI::App* command, StatisticsOptions* o) {
    command->add_option("period", o->period,
                        shell->T("时段：2026、2026-H1、上半年、2026-05、congress（本次人代会以来）、term（本届）、20-3",
                                 "2026, 2026-H1, 2026-05, congress (since its last session), term, 20-3"));
    command->add_option("--from", o->from, shell->T("从哪一天，默认本年 1 月 1 日", "first day, else 1 January"));
    command->add_option("--to", o->to, shell->T("到哪一天，默认今天", "last day, else today"));
    command->add_option("--station", o->station, shell->T("只算一个站点", "of one station"));
    command->add_option("--area", o->area, shell->T("一个站点和它下面的", "of one station and those below it"));
  };
  auto [report, r] =
      add("report", shell->T("汇报的一句话、各段文字、存在问题和说明（镇中心）", "the report's text (hub)"), Kind::kReads,
          ShowReport);
  scope(report, r);
  report->add_option("--out", r->file, shell->T("写成文件：.docx 或 .xlsx", "to a file: .docx or .xlsx"));
  report->add_flag("--compare", r->compare, shell->T("加环比、同比", "against the period before and the year before"));
  report->add_flag("--restricted", r->all,
                   shell->T("文件里加零履职名单所在的表", "with the table of deputies who did nothing"));
  auto [figures, f] = add("figures", shell->T("全部统计数字（镇中心）", "all figures (hub)"), Kind::kReads, ShowFigures);
  scope(figures, f);
  figures->add_flag("--compare", f->compare, shell->T("加环比、同比", "against the period before and the year before"));
  figures->add_flag("--all", f->all, shell->T("连同为零的", "those that are nothing too"));
  auto [table, t] = add("table", shell->T("一张统计表（镇中心）", "a table (hub)"), Kind::kReads, ShowTable);
  table
      ->add_option("name", t->name,
                   "stations, areas, categories, departments, departments-t2, deputies, overdue, hot, trend, heat, "
                   "states, days")
      ->required();
  scope(table, t);
  auto [records, c] =
      add("figure-records", shell->T("一个数字所依据的记录（镇中心）", "the records behind a figure (hub)"), Kind::kReads,
          ShowRecords);
  records->add_option("code", c->code, shell->T("代号，如 N6", "its code, such as N6"))->required();
  scope(records, c);
  records->add_option("--offset", c->offset, shell->T("从第几条起", "from which on"));
  records->add_option("--limit", c->limit, shell->T("最多几条，默认 100", "how many, 100 unless told"));
  auto [publish, p] =
      add("publish", shell->T("发布报告，数字从此固定（镇中心）", "freezes a report (hub)"), Kind::kWrites, Publish);
  scope(publish, p);
  publish->add_option("--title", p->title, shell->T("标题，默认由时段而来", "its title, else made from the period"));
  add("reports", shell->T("已发布的报告（镇中心）", "published reports (hub)"), Kind::kReads, ShowReports);
  auto [published, q] =
      add("published", shell->T("一份已发布的报告和此后的补报（镇中心）", "one of them, and what came late (hub)"),
          Kind::kReads, ShowPublished);
  published->add_option("id", q->id, shell->T("报告编号", "its id"))->required();
  published->add_option("--out", q->file, shell->T("写成文件：.docx 或 .xlsx", "to a file: .docx or .xlsx"));
  published->add_flag("--restricted", q->restricted,
                      shell->T("文件里加零履职名单所在的表", "with the table of deputies who did nothing"));
  published->add_flag("--ids", q->all, shell->T("补报的是哪些记录", "which records came late"));
  auto [congress, s] =
      add("congress", shell->T("人代会历次会议的日期；写明会议和日期则登记", "the congress's sessions; sets one"),
          Kind::kWrites, RunCongress);
  congress->add_option("name", s->name, shell->T("会议，如 20-3（第20届第3次）", "20-3: the third of the twentieth"));
  congress->add_option("date", s->date, shell->T("第一天；不写则取消", "its first day; none: taken out"));
}

}  // namespace liaison::cli
