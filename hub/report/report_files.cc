#include "hub/report/report_files.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/paper/document.h"
#include "common/sheets/sheet.h"
#include "hub/report/report.h"

namespace liaison {
namespace {

using office::ChartKind;

constexpr int kLongTable = 20;                          // rows; longer ones go to the end of a document
constexpr size_t kMostChartBars = 15, kMostSeries = 3;  // more cannot be read on a page

// Empty: nothing to divide by.
std::string CellText(const v1::TableColumn& column, const v1::TableCell& cell) {
  if (cell.withheld()) return cell.text();
  switch (column.kind()) {
    case v1::CELL_NUMBER:
      return Cat(cell.number());
    case v1::CELL_RATE:
      return PercentText(cell.number());
    default:
      return cell.text();
  }
}

office::SheetCell SheetCellOf(const v1::TableColumn& column, const v1::TableCell& cell) {
  if (cell.withheld()) return office::SheetCell(cell.text());
  switch (column.kind()) {
    case v1::CELL_NUMBER:
      return office::SheetCell::Number(static_cast<double>(cell.number()));
    case v1::CELL_RATE:
      return cell.number() < 0 ? office::SheetCell(PercentText(cell.number()))
                               : office::SheetCell::Percent(static_cast<double>(cell.number()) / 1000);
    case v1::CELL_DATE:
      return office::SheetCell::Date(cell.text());
    default:
      return office::SheetCell(cell.text());
  }
}

bool IsNumeric(const v1::TableColumn& column) {
  return column.kind() == v1::CELL_NUMBER || column.kind() == v1::CELL_RATE;
}

std::optional<ChartKind> KindOf(const v1::ReportTable& table) {
  switch (table.chart()) {
    case v1::CHART_LINE:
      return ChartKind::kLine;
    case v1::CHART_BAR:
      return ChartKind::kColumn;
    case v1::CHART_FUNNEL:
      return ChartKind::kBar;
    default:  // heat and box are read as tables
      return std::nullopt;
  }
}

// Columns that a chart draws: the first that are numbers, but no rates, which have another scale, and not all 0.
std::vector<int> SeriesOf(const v1::ReportTable& table) {
  std::vector<int> columns;
  for (int i = 1; i < table.columns_size() && columns.size() < kMostSeries; ++i) {
    if (table.columns(i).kind() != v1::CELL_NUMBER) continue;
    const bool drawn = std::any_of(table.rows().begin(), table.rows().end(),
                                   [i](const v1::TableRow& row) { return row.cells(i).number() != 0; });
    if (drawn) columns.push_back(i);
  }
  return columns;
}

office::Chart ChartOf(const v1::ReportTable& table, ChartKind kind) {
  office::Chart chart;
  chart.kind = kind;
  chart.title = table.title();
  const size_t rows = std::min<size_t>(static_cast<size_t>(table.rows_size()), kMostChartBars);
  for (size_t i = 0; i < rows; ++i) chart.categories.push_back(table.rows(static_cast<int>(i)).cells(0).text());
  for (int column : SeriesOf(table)) {
    office::ChartSeries& series = chart.series.emplace_back();
    series.name = table.columns(column).name();
    for (size_t i = 0; i < rows; ++i)
      series.values.push_back(static_cast<double>(table.rows(static_cast<int>(i)).cells(column).number()));
  }
  return chart;
}

// The width that a column's longest text wants, a Chinese character as two.
double WidthOf(const v1::ReportTable& table, int column) {
  auto width = [](std::string_view text) {
    double places = 0;
    while (!text.empty()) places += PlacesOnPaper(NextChar(&text).code);
    return places;
  };
  double widest = width(table.columns(column).name()) / 2;  // a head may take two lines
  for (const v1::TableRow& row : table.rows())
    if (column < row.cells_size()) widest = std::max(widest, width(CellText(table.columns(column), row.cells(column))));
  return std::clamp(widest, 4.0, 44.0);
}

std::string Note(const v1::ReportTable& table) {
  std::string note;
  for (const std::string& one : table.notes()) note += (note.empty() ? "" : "；") + one;
  return note;
}

office::DocumentTable DocumentTableOf(const v1::ReportTable& table, const std::string& caption) {
  office::DocumentTable out;
  out.caption = caption;
  out.note = Note(table);
  for (int i = 0; i < table.columns_size(); ++i) {
    const auto align =
        IsNumeric(table.columns(i)) ? office::DocumentColumn::Align::kCentre : office::DocumentColumn::Align::kLeft;
    out.columns.push_back({table.columns(i).name(), WidthOf(table, i), align});
  }
  auto add = [&](const v1::TableRow& row) {
    std::vector<std::string>& cells = out.rows.emplace_back();
    for (int i = 0; i < std::min(row.cells_size(), table.columns_size()); ++i)
      cells.push_back(CellText(table.columns(i), row.cells(i)));
  };
  for (const v1::TableRow& row : table.rows()) add(row);
  if (table.total().cells_size() > 0) add(table.total());
  return out;
}

office::Sheet SheetOf(const v1::ReportTable& table, const std::string& note) {
  office::Sheet sheet;
  sheet.name = table.title();
  sheet.title = table.title();
  sheet.note = table.notes().empty() ? note : Cat(note, "；", Note(table));
  sheet.landscape = table.columns_size() > 8;
  for (int i = 0; i < table.columns_size(); ++i)
    sheet.columns.push_back({table.columns(i).name(), WidthOf(table, i) + 2, IsNumeric(table.columns(i))});
  auto add = [&](const v1::TableRow& row) {
    std::vector<office::SheetCell>& cells = sheet.rows.emplace_back();
    for (int i = 0; i < std::min(row.cells_size(), table.columns_size()); ++i)
      cells.push_back(SheetCellOf(table.columns(i), row.cells(i)));
  };
  for (const v1::TableRow& row : table.rows()) add(row);
  if (table.total().cells_size() > 0) add(table.total());
  const std::optional<ChartKind> kind = KindOf(table);
  const std::vector<int> series = SeriesOf(table);
  if (kind && !series.empty() && table.rows_size() > 0)
    sheet.charts.push_back({*kind, table.title(), 0, series, table.rows_size()});
  return sheet;
}

office::Sheet FiguresSheet(const v1::GetFiguresResponse& figures, const std::string& title, const std::string& note) {
  const bool compared = !figures.before_from().empty();
  office::Sheet sheet;
  sheet.name = "主要数字";
  sheet.title = title + "主要数字";
  sheet.note = note;
  sheet.columns = {{"代号", 24}, {"名称", 28}, {"数值", 12, true}, {"单位", 8, true}};
  if (compared) {
    sheet.columns.push_back({"上期", 12, true});
    sheet.columns.push_back({"上年同期", 12, true});
  }
  sheet.columns.push_back({"说明", 36});
  for (const v1::Figure& figure : figures.figures()) {
    auto value = [&](int64_t number) {
      if (figure.unit() != "‰") return office::SheetCell::Number(static_cast<double>(number));
      return number < 0 ? office::SheetCell(PercentText(number))
                        : office::SheetCell::Percent(static_cast<double>(number) / 1000);
    };
    std::vector<office::SheetCell> row = {figure.code(), figure.label(), value(figure.value()),
                                          figure.unit() == "‰" ? "" : figure.unit()};
    if (compared) {
      row.push_back(figure.has_before() ? value(figure.before().value()) : office::SheetCell(""));
      row.push_back(figure.has_last_year() ? value(figure.last_year().value()) : office::SheetCell(""));
    }
    row.push_back(figure.approximate() ? Cat("约数；", figure.note()) : figure.note());
    sheet.rows.push_back(std::move(row));
  }
  return sheet;
}

std::string SyncNote(const v1::GetFiguresResponse& figures) {
  return Cat("数据截止", figures.cut_off(), "，", figures.stations_synced(), "/", figures.stations_total(),
             "个站点已同步");
}

bool IsShown(const v1::ReportTable& table, const ReportFileOptions& options) {
  return table.rows_size() > 0 && (options.restricted || !table.restricted());
}

// Charts and tables, the long ones behind all others.
void AddTables(const std::vector<v1::ReportTable>& tables, const ReportFileOptions& options,
               office::Document* document) {
  document->PageBreak();
  document->Heading(1, "统计图表");
  int number = 0;
  std::vector<const v1::ReportTable*> behind;
  for (const v1::ReportTable& table : tables) {
    if (!IsShown(table, options)) continue;
    if (std::optional<ChartKind> kind = KindOf(table)) document->AddChart(ChartOf(table, *kind));
    if (table.rows_size() > kLongTable) {
      behind.push_back(&table);
    } else {
      document->Table(DocumentTableOf(table, Cat("表", ++number, "  ", table.title())));
    }
  }
  for (size_t i = 0; i < behind.size(); ++i) {
    document->PageBreak();
    document->Table(DocumentTableOf(*behind[i], Cat("附表", i + 1, "  ", behind[i]->title())));
  }
}

v1::GetFiguresResponse FiguresOf(const Published& published) {
  v1::GetFiguresResponse figures;
  figures.set_cut_off(published.snapshot.cut_off());
  figures.set_stations_synced(published.snapshot.stations_synced());
  figures.set_stations_total(published.snapshot.stations_total());
  for (const v1::SnapshotFigure& then : published.figures) {
    v1::Figure& figure = *figures.add_figures();
    figure.set_code(then.code());
    figure.set_label(then.label());
    figure.set_value(then.value());
    figure.set_unit(then.unit());
    figure.set_note(then.note());
  }
  return figures;
}

}  // namespace

absl::Status CheckReportFormat(std::string_view format) {
  if (format == "docx" || format == "xlsx") return absl::OkStatus();
  return absl::InvalidArgumentError(Cat("格式：“", format, "”不行，应为 docx 或 xlsx"));
}

absl::StatusOr<v1::ExportResponse> ReportFile(std::string_view stem, std::string_view format,
                                              const std::vector<v1::ReportTable>& tables,
                                              const std::function<std::string()>& document,
                                              const std::function<absl::StatusOr<std::string>()>& workbook) {
  v1::ExportResponse response;
  for (const v1::ReportTable& table : tables) response.set_rows(response.rows() + table.rows_size());
  response.set_file_name(Cat(stem, ".", format));
  if (format == "docx") {
    response.set_mime(office::kDocxMime);
    response.set_content(document());
  } else {
    response.set_mime(office::kXlsxMime);
    ASSIGN_OR_RETURN(*response.mutable_content(), workbook());
  }
  return response;
}

std::string ReportDocument(const ReportContents& contents, const ReportFileOptions& options) {
  const v1::GetReportResponse& report = contents.report;
  office::Document document(Cat(report.title(), "\n", kReportHeadline), options.unit);
  auto section = [&](std::string_view heading, const std::string& text) {
    if (text.empty()) return;
    document.Heading(1, heading);
    document.Paragraph(text);
  };
  section("总体情况", report.paragraph());
  section("代表建议办理情况", report.suggestions());
  section("代表履职活动情况", report.activities());
  if (!report.problems().empty()) {
    document.Heading(1, "存在问题");
    for (const std::string& problem : report.problems()) document.Paragraph(problem);
  }
  if (!report.footnotes().empty()) {
    document.Heading(1, "统计说明");
    for (const std::string& footnote : report.footnotes()) document.Paragraph(footnote);
  }
  document.Signature(options.unit, options.date);
  AddTables(contents.tables, options, &document);
  return document.Bytes();
}

std::string PublishedDocument(const Published& published, const ReportFileOptions& options) {
  const v1::ReportSnapshot& snapshot = published.snapshot;
  std::string headline = snapshot.headline().empty() ? snapshot.title() : snapshot.headline();
  if (headline.size() > kReportHeadline.size() && headline.ends_with(kReportHeadline))
    headline.insert(headline.size() - kReportHeadline.size(), "\n");
  office::Document document(headline, options.unit);
  document.Heading(1, "报告内容");
  std::vector<std::string> notes;
  std::istringstream lines(snapshot.text());
  constexpr std::string_view kNote = "注：";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kNote)) {
      notes.push_back(line.substr(kNote.size()));
    } else if (!line.empty()) {
      document.Paragraph(line);
    }
  }
  const v1::GetFiguresResponse figures = FiguresOf(published);
  document.Heading(1, "统计说明");
  for (const std::string& note : notes) document.Paragraph(note);
  document.Paragraph(Cat("本报告第", snapshot.version(), "版于", snapshot.published_date(), "发布，", SyncNote(figures),
                         "；发布后补报的未计入。"));
  document.Signature(options.unit, options.date);
  if (!published.tables.empty()) AddTables(published.tables, options, &document);
  return document.Bytes();
}

absl::StatusOr<std::string> PublishedWorkbook(const Published& published, const ReportFileOptions& options) {
  const v1::GetFiguresResponse figures = FiguresOf(published);
  const std::string note = SyncNote(figures);
  std::vector<office::Sheet> sheets = {FiguresSheet(figures, published.snapshot.title(), note)};
  for (const v1::ReportTable& table : published.tables)
    if (IsShown(table, options)) sheets.push_back(SheetOf(table, note));
  return office::WriteXlsx(sheets);
}

absl::StatusOr<std::string> ReportWorkbook(const ReportContents& contents, const ReportFileOptions& options) {
  const std::string note = SyncNote(contents.report.figures());
  std::vector<office::Sheet> sheets = {FiguresSheet(contents.report.figures(), contents.report.title(), note)};
  for (const v1::ReportTable& table : contents.tables)
    if (IsShown(table, options)) sheets.push_back(SheetOf(table, note));
  return office::WriteXlsx(sheets);
}

}  // namespace liaison
