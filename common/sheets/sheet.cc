#include "common/sheets/sheet.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>

#include "common/base/file.h"
#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison::office {
namespace {

constexpr char kFont[] = "宋体";
constexpr size_t kMaxRows = 1'000'000, kMaxColumns = 200, kMaxCellBytes = 30'000;
constexpr double kPageWidth = 90, kLandscapeWidth = 130;  // what A4 shows without shrinking much, in digits
constexpr double kLineHeight = 14;                        // in points, of 10.5 pt
constexpr double kChartHeight = 288, kRowHeight = 20;     // of a chart and a row by default, in pixels
constexpr double kBarHeight = 25;                         // in pixels, so that each bar keeps its name

struct Formats {
  lxw_format *title, *note, *head, *text, *centred, *number, *date, *percent;
};

lxw_format* NewFormat(lxw_workbook* book, double size, uint8_t align, bool border) {
  lxw_format* format = workbook_add_format(book);
  format_set_font_name(format, kFont);
  format_set_font_size(format, size);
  format_set_align(format, align);
  format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
  format_set_text_wrap(format);
  if (border) format_set_border(format, LXW_BORDER_THIN);
  return format;
}

Formats MakeFormats(lxw_workbook* book) {
  Formats formats;
  formats.title = NewFormat(book, 18, LXW_ALIGN_CENTER, false);
  format_set_bold(formats.title);
  formats.note = NewFormat(book, 10.5, LXW_ALIGN_LEFT, false);
  formats.head = NewFormat(book, 11, LXW_ALIGN_CENTER, true);
  format_set_bold(formats.head);
  format_set_bg_color(formats.head, 0xEDEDED);
  formats.text = NewFormat(book, 10.5, LXW_ALIGN_LEFT, true);
  formats.centred = NewFormat(book, 10.5, LXW_ALIGN_CENTER, true);
  formats.number = NewFormat(book, 10.5, LXW_ALIGN_RIGHT, true);
  format_set_num_format(formats.number, "#,##0.##########;-#,##0.##########;0");
  formats.date = NewFormat(book, 10.5, LXW_ALIGN_CENTER, true);
  format_set_num_format(formats.date, "yyyy-mm-dd");
  formats.percent = NewFormat(book, 10.5, LXW_ALIGN_RIGHT, true);
  format_set_num_format(formats.percent, "0.0%");
  return formats;
}

// As much of a text as a cell may hold.
std::string CellText(std::string_view text) { return std::string(CutBytes(CleanText(text), kMaxCellBytes)); }

// How many lines `text` takes in a column of `width` digits; a character outside ASCII is two digits wide.
int LinesOf(std::string_view text, double width) {
  int lines = 1;
  double used = 0;
  while (!text.empty()) {
    const char32_t c = NextChar(&text).code;
    const double wide = PlacesOnPaper(c);
    if (c == '\n' || used + wide > width) {
      ++lines;
      used = 0;
    }
    if (c != '\n') used += wide;
  }
  return lines;
}

bool ParseDay(std::string_view text, lxw_datetime* day) {
  if (ChineseDate(text) == text) return false;
  auto number = [&](size_t from, size_t size) { return atoi(std::string(text.substr(from, size)).c_str()); };
  *day = {number(0, 4), number(5, 2), number(8, 2), 0, 0, 0};
  return day->year >= 1900 && day->month >= 1 && day->month <= 12 && day->day >= 1 && day->day <= 31;
}

// The longest beginning of `text` that is at most `limit` UTF-16 units long.
std::string Units(const std::string& text, size_t limit) {
  size_t units = 0, kept = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const Char c = NextChar(&rest);
    units += c.code > 0xffff && c.code < kBrokenChar ? 2 : 1;
    if (units > limit) break;
    kept += c.bytes.size();
  }
  return text.substr(0, kept);
}

// A tab's name: unique, without what the format forbids, at most 31 units with what makes it unique.
std::string TabName(const Sheet& sheet, std::set<std::string>* taken) {
  std::string name;
  for (char c : CleanText(sheet.name))
    name += std::string_view("[]:*?/\\'\n\t").find(c) == std::string_view::npos ? c : '-';
  name = name.empty() ? "表" : Units(name, 27);
  std::string unique = name;
  for (int n = 2; !taken->insert(unique).second; ++n) unique = Cat(name, " ", n);
  return unique;
}

class SheetWriter {
 public:
  SheetWriter(lxw_workbook* book, const Formats& formats, const Sheet& sheet, std::string tab)
      : book_(book), formats_(formats), sheet_(sheet), tab_(std::move(tab)) {
    out_ = workbook_add_worksheet(book_, tab_.c_str());
  }

  void Write() {
    const auto last = static_cast<lxw_col_t>(sheet_.columns.size() - 1);
    for (lxw_col_t c = 0; c <= last; ++c) worksheet_set_column(out_, c, c, sheet_.columns[c].width, nullptr);
    if (!sheet_.title.empty()) Banner(sheet_.title, formats_.title, 32, last);
    if (!sheet_.note.empty()) Banner(sheet_.note, formats_.note, 20, last);
    head_ = row_;
    for (lxw_col_t c = 0; c <= last; ++c) Text(c, sheet_.columns[c].head, formats_.head);
    worksheet_set_row(out_, row_++, 24, nullptr);
    for (const std::vector<SheetCell>& cells : sheet_.rows) {
      for (lxw_col_t c = 0; c <= last; ++c) Put(c, c < cells.size() ? cells[c] : SheetCell());
      worksheet_set_row(out_, row_++, HeightOf(cells), nullptr);
    }
    worksheet_freeze_panes(out_, head_ + 1, 0);
    SetUpPrint();
    for (const SheetChart& chart : sheet_.charts) Draw(chart);
  }

 private:
  void Text(lxw_col_t column, const std::string& text, lxw_format* format) {
    worksheet_write_string(out_, row_, column, CellText(text).c_str(), format);
  }

  // Office programs do not all measure wrapped text when they open a file.
  double HeightOf(const std::vector<SheetCell>& cells) const {
    int most = 1;
    for (size_t c = 0; c < std::min(cells.size(), sheet_.columns.size()); ++c)
      most = std::max(most, LinesOf(cells[c].text, sheet_.columns[c].width));
    return std::min(most * kLineHeight + 4, 400.0);
  }

  void Banner(const std::string& text, lxw_format* format, double height, lxw_col_t last) {
    if (last == 0) {
      Text(0, text, format);
    } else {
      worksheet_merge_range(out_, row_, 0, row_, last, CellText(text).c_str(), format);
    }
    worksheet_set_row(out_, row_++, height, nullptr);
  }

  void Put(lxw_col_t column, const SheetCell& cell) {
    lxw_datetime day;
    switch (cell.kind) {
      case SheetCell::Kind::kNumber:
        worksheet_write_number(out_, row_, column, cell.number, formats_.number);
        return;
      case SheetCell::Kind::kPercent:
        worksheet_write_number(out_, row_, column, cell.number, formats_.percent);
        return;
      case SheetCell::Kind::kDate:
        if (ParseDay(cell.text, &day)) {
          worksheet_write_datetime(out_, row_, column, &day, formats_.date);
          return;
        }
        break;
      case SheetCell::Kind::kText:
        break;
    }
    lxw_format* format = sheet_.columns[column].centred ? formats_.centred : formats_.text;
    if (cell.text.empty()) {
      worksheet_write_blank(out_, row_, column, format);
    } else {
      Text(column, cell.text, format);
    }
  }

  void SetUpPrint() {
    if (sheet_.landscape) worksheet_set_landscape(out_);
    worksheet_set_paper(out_, 9);  // A4
    worksheet_set_margins(out_, 0.6, 0.6, 0.7, 0.8);
    worksheet_center_horizontally(out_);
    worksheet_fit_to_pages(out_, 1, 0);
    worksheet_repeat_rows(out_, head_, head_);
    worksheet_set_footer(out_, Cat("&C&\"", kFont, ",Regular\"&10第 &P 页，共 &N 页").c_str());
  }

  void Draw(const SheetChart& chart) {
    static constexpr uint8_t kKinds[] = {LXW_CHART_COLUMN, LXW_CHART_BAR, LXW_CHART_LINE};
    const size_t shown = chart.rows > 0 ? std::min<size_t>(chart.rows, sheet_.rows.size()) : sheet_.rows.size();
    if (shown == 0 || chart.values.empty()) return;
    lxw_chart* drawn = workbook_add_chart(book_, kKinds[static_cast<int>(chart.kind)]);
    const lxw_row_t first = head_ + 1, last = head_ + static_cast<lxw_row_t>(shown);
    const auto names = static_cast<lxw_col_t>(chart.categories);
    for (int value : chart.values) {
      const auto column = static_cast<lxw_col_t>(value);
      lxw_chart_series* series = chart_add_series(drawn, nullptr, nullptr);
      chart_series_set_categories(series, tab_.c_str(), first, names, last, names);
      chart_series_set_values(series, tab_.c_str(), first, column, last, column);
      chart_series_set_name_range(series, tab_.c_str(), head_, column);
      if (chart.kind != ChartKind::kLine) chart_series_set_labels(series);
    }
    chart_title_set_name(drawn, CleanText(chart.title).c_str());
    lxw_chart_font font{};
    font.size = 14;
    chart_title_set_name_font(drawn, &font);
    if (chart.values.size() == 1) chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
    // The first category on top, as in the table.
    if (chart.kind == ChartKind::kBar) chart_axis_set_reverse(drawn->y_axis);
    chart_axis_set_min(chart.kind == ChartKind::kBar ? drawn->x_axis : drawn->y_axis, 0);
    double width = 0;
    for (const SheetColumn& column : sheet_.columns) width += column.width;
    const double page = sheet_.landscape ? kLandscapeWidth : kPageWidth;
    const bool beside = width + 60 <= page;
    const lxw_row_t at = (beside ? head_ : row_ + 1) + chart_rows_;
    lxw_chart_options options{};
    options.x_scale = 1.0;
    options.y_scale = 0.8;
    if (chart.kind == ChartKind::kBar)
      options.y_scale = std::max(0.8, (static_cast<double>(shown) + 2) * kBarHeight / kChartHeight);
    worksheet_insert_chart_opt(out_, at, beside ? static_cast<lxw_col_t>(sheet_.columns.size() + 1) : 0, drawn,
                               &options);
    chart_rows_ += static_cast<lxw_row_t>(std::ceil(options.y_scale * kChartHeight / kRowHeight));
  }

  lxw_workbook* book_;
  const Formats& formats_;
  const Sheet& sheet_;
  std::string tab_;
  lxw_worksheet* out_;
  lxw_row_t row_ = 0, head_ = 0, chart_rows_ = 0;
};

}  // namespace

absl::StatusOr<std::string> WriteXlsx(const std::vector<Sheet>& sheets) {
  if (sheets.empty()) return absl::InvalidArgumentError("没有内容，不能生成表格");
  for (const Sheet& sheet : sheets) {
    if (sheet.columns.empty() || sheet.columns.size() > kMaxColumns || sheet.rows.size() > kMaxRows)
      return absl::InvalidArgumentError(Cat("表“", sheet.name, "”的行或列超出了表格文件的范围"));
  }
  // The library writes to files only: one of our own, unlinked as soon as it has been read.
  std::string path = (std::filesystem::temp_directory_path() / "liaison-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) return FileError(errno, "写临时文件", path);
  close(file);
  lxw_workbook* book = workbook_new(path.c_str());
  const Formats formats = MakeFormats(book);
  std::set<std::string> tabs;
  for (const Sheet& sheet : sheets) SheetWriter(book, formats, sheet, TabName(sheet, &tabs)).Write();
  errno = 0;
  const lxw_error error = workbook_close(book);
  const int reason = errno;
  absl::StatusOr<std::string> bytes = ReadFile(path);
  unlink(path.c_str());
  if (error != LXW_NO_ERROR && reason == ENOSPC) return FileError(reason, "写临时文件", path);
  if (error != LXW_NO_ERROR) return absl::InternalError(Cat("生成表格失败：", lxw_strerror(error)));
  return bytes;
}

}  // namespace liaison::office
