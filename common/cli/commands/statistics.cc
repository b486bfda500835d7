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

std::string SyncedText(const std::string& cut_off, int synced, int total) {
  return Cat("数据截止 ", cut_off, "；", synced, "/", total, " 站点已同步");
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
  shell.out() << "已写入 " << o.file << "\n";
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
  if (!response.problems().empty()) shell.out() << "存在问题：\n";
  for (const std::string& problem : response.problems()) shell.out() << "  " << problem << "\n";
  for (const std::string& footnote : response.footnotes()) shell.out() << "注：" << footnote << "\n";
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
  std::vector<Table::Column> columns = {{"代号"}, {"名称"}, {"数值", true}, {"单位"}};
  if (o.compare) {
    columns.push_back({"环比", true});
    columns.push_back({"同比", true});
  }
  columns.push_back({"说明", false, 40});
  Table table(columns);
  for (const v1::Figure& figure : response.figures()) {
    const bool nothing = !figure.withheld() && (figure.value() == 0 || figure.note() == "—");
    if (nothing && !o.all) continue;
    const std::string value = figure.withheld() ? figure.note() : ValueText(figure, figure.value());
    std::vector<std::string> cells = {figure.code(), figure.label(), value,
                                      figure.unit() == "‰" ? "" : figure.unit()};
    if (o.compare) {
      cells.push_back(figure.has_before() ? ChangeText(figure, figure.before()) : "");
      cells.push_back(figure.has_last_year() ? ChangeText(figure, figure.last_year()) : "");
    }
    cells.push_back(OneLine(figure.note()));
    table.Add(std::move(cells));
  }
  table.Print(&shell.out());
  shell.out() << "核对差额 " << response.identity_difference() << "；"
              << SyncedText(response.cut_off(), response.stations_synced(), response.stations_total()) << "\n";
  return kDone;
}

std::string CellText(const v1::TableColumn& column, const v1::TableCell& cell) {
  if (cell.withheld()) return cell.text();
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
  for (const std::string& note : one.notes()) shell.out() << "注：" << note << "\n";
}

int ShowTable(const Shell& shell, const StatisticsOptions& o) {
  v1::GetTablesRequest request;
  SetScope(o, request.mutable_scope());
  request.add_names(o.name);
  v1::GetTablesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/GetTables", request, &response, &code)) return code;
  for (const v1::ReportTable& table : response.tables()) PrintTable(shell, table);
  shell.out() << SyncedText(response.cut_off(), response.stations_synced(), response.stations_total()) << "\n";
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
              << (figure.unit() == "‰" ? "" : figure.unit()) << "；所依据的记录 " << response.total() << "\n";
  for (const std::string& id : figure.ids()) shell.out() << "  " << id << "\n";
  return kDone;
}

// ---------------------------------------------------------------- published reports

void PrintRow(const Shell& shell, const v1::ReportRow& row) {
  shell.out() << row.title() << " 第" << row.version() << "版 " << row.from() << "—" << row.to() << " 发布于 "
              << row.published_date() << "\n"
              << SyncedText(row.cut_off(), row.stations_synced(), row.stations_total()) << "\n"
              << "编号 " << row.id() << "\n";
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
  Table table(
      {{"编号"}, {"标题", false, 40}, {"版", true}, {"自"}, {"至"}, {"发布日期"}, {"数据截止"}, {"已同步", true}});
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
  shell.out() << "已写入 " << o.file << "\n";
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
  Table table({{"代号"}, {"名称"}, {"发布时", true}, {"现在", true}, {"补报", true}});
  for (const v1::PublishedFigure& one : response.figures()) {
    if (one.known() && one.now() == one.then().value()) continue;
    const int64_t late = one.difference();
    const bool rate = one.then().unit() == "‰";
    table.Add({one.then().code(), one.then().label(), ValueText(one.then(), one.then().value()),
               one.known() ? ValueText(one.then(), one.now()) : "", rate ? "" : Cat(late > 0 ? "+" : "", late)});
  }
  if (table.empty())
    shell.out() << "没有补报"
                << "\n";
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
  Table table({{"会议"}, {"日期"}});
  for (const v1::CongressSession& session : response.sessions()) table.Add({session.name(), session.date()});
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddStatisticsCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, Kind kind, int (*run)(const Shell&, const StatisticsOptions&)) {
    auto o = std::make_shared<StatisticsOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto scope = [&](CLI::App* command, StatisticsOptions* o) {
    command->add_option("period", o->period,
                        "时段：2026、2026-H1、上半年、2026-05、congress（本次人代会以来）、term（本届）、20-3");
    command->add_option("--from", o->from, "从哪一天，默认本年 1 月 1 日");
    command->add_option("--to", o->to, "到哪一天，默认今天");
    command->add_option("--station", o->station, "只算一个站点");
    command->add_option("--area", o->area, "一个站点和它下面的");
  };
  auto [report, r] = add("report", "汇报的一句话、各段文字、存在问题和说明（镇中心）", Kind::kReads, ShowReport);
  scope(report, r);
  report->add_option("--out", r->file, "写成文件：.docx 或 .xlsx");
  report->add_flag("--compare", r->compare, "加环比、同比");
  report->add_flag("--restricted", r->all, "文件里加零履职名单所在的表");
  auto [figures, f] = add("figures", "全部统计数字（镇中心）", Kind::kReads, ShowFigures);
  scope(figures, f);
  figures->add_flag("--compare", f->compare, "加环比、同比");
  figures->add_flag("--all", f->all, "连同为零的");
  auto [table, t] = add("table", "一张统计表（镇中心）", Kind::kReads, ShowTable);
  table
      ->add_option("name", t->name,
                   "stations, areas, categories, departments, departments-t2, deputies, overdue, hot, trend, heat, "
                   "states, days")
      ->required();
  scope(table, t);
  auto [records, c] = add("figure-records", "一个数字所依据的记录（镇中心）", Kind::kReads, ShowRecords);
  records->add_option("code", c->code, "代号，如 N6")->required();
  scope(records, c);
  records->add_option("--offset", c->offset, "从第几条起");
  records->add_option("--limit", c->limit, "最多几条，默认 100");
  auto [publish, p] = add("publish", "发布报告，数字从此固定（镇中心）", Kind::kWrites, Publish);
  scope(publish, p);
  publish->add_option("--title", p->title, "标题，默认由时段而来");
  add("reports", "已发布的报告（镇中心）", Kind::kReads, ShowReports);
  auto [published, q] = add("published", "一份已发布的报告和此后的补报（镇中心）", Kind::kReads, ShowPublished);
  published->add_option("id", q->id, "报告编号")->required();
  published->add_option("--out", q->file, "写成文件：.docx 或 .xlsx");
  published->add_flag("--restricted", q->restricted, "文件里加零履职名单所在的表");
  published->add_flag("--ids", q->all, "补报的是哪些记录");
  auto [congress, s] = add("congress", "人代会历次会议的日期；写明会议和日期则登记", Kind::kWrites, RunCongress);
  congress->add_option("name", s->name, "会议，如 20-3（第20届第3次）");
  congress->add_option("date", s->date, "第一天；不写则取消");
}

}  // namespace liaison::cli
