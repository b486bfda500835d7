#include "common/paper/document.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/paper/chart_xml.h"
#include "common/paper/document_parts.h"
#include "common/sheets/sheet.h"
#include "common/sheets/zip_writer.h"

namespace liaison::office {
namespace {

constexpr int kTextWidth = 8844;            // 156 mm in twentieths of a point
constexpr int64_t kChartWidth = 5'480'000;  // in EMU, 360,000 a cm
constexpr int64_t kChartHeight = 2'900'000;

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines{""};
  for (char c : CleanText(text)) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

std::string Run(std::string_view text) {
  // The hint makes “ ” · and — Chinese marks, which the same code points are not in a Latin font.
  return Cat("<w:r><w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr><w:t xml:space=\"preserve\">", Escape(text),
             "</w:t></w:r>");
}

std::string StyledParagraph(std::string_view style, std::string_view text) {
  return Cat("<w:p><w:pPr><w:pStyle w:val=\"", style, "\"/></w:pPr>", text.empty() ? "" : Run(text), "</w:p>");
}

std::string StyledLines(std::string_view style, std::string_view text) {
  std::string out;
  for (const std::string& line : Lines(text)) out += StyledParagraph(style, line);
  return out;
}

const char* Justification(DocumentColumn::Align align) {
  switch (align) {
    case DocumentColumn::Align::kLeft:
      return "left";
    case DocumentColumn::Align::kCentre:
      return "center";
    case DocumentColumn::Align::kRight:
      return "right";
  }
  return "left";
}

std::string TableCell(int width, std::string_view style, const char* justification, std::string_view text) {
  std::string out =
      Cat("<w:tc><w:tcPr><w:tcW w:w=\"", width, "\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>");
  for (const std::string& line : Lines(text)) {
    out += Cat("<w:p><w:pPr><w:pStyle w:val=\"", style, "\"/><w:jc w:val=\"", justification, "\"/></w:pPr>",
               line.empty() ? "" : Run(line), "</w:p>");
  }
  return out + "</w:tc>";
}

std::vector<int> Widths(const std::vector<DocumentColumn>& columns) {
  double total = 0;
  for (const DocumentColumn& column : columns) total += std::max(column.share, 0.01);
  std::vector<int> widths;
  for (const DocumentColumn& column : columns)
    widths.push_back(static_cast<int>(std::floor(kTextWidth * std::max(column.share, 0.01) / total)));
  return widths;
}

// The chart's numbers as the workbook that its references name.
std::string ChartWorkbook(const Chart& chart) {
  Sheet sheet;
  sheet.name = kChartSheet;
  sheet.columns.push_back({"类别", 20});
  for (const ChartSeries& series : chart.series) sheet.columns.push_back({series.name, 14});
  for (size_t i = 0; i < chart.categories.size(); ++i) {
    std::vector<SheetCell> row{chart.categories[i]};
    for (const ChartSeries& series : chart.series)
      row.push_back(SheetCell::Number(i < series.values.size() ? series.values[i] : 0));
    sheet.rows.push_back(std::move(row));
  }
  return WriteXlsx({sheet}).value_or("");  // fails only where no temporary file can be made
}

}  // namespace

Document::Document(std::string_view title, std::string_view author) : title_(title), author_(author) {}

void Document::Heading(int level, std::string_view text) {
  if (level <= 1) {
    subheading_ = 0;
    body_ += StyledParagraph("Heading1", Cat(ChineseNumber(++heading_), "、", CleanText(text)));
  } else {
    body_ += StyledParagraph("Heading2", Cat("（", ChineseNumber(++subheading_), "）", CleanText(text)));
  }
}

void Document::Paragraph(std::string_view text) { body_ += StyledLines("BodyText", text); }

void Document::Table(const DocumentTable& table) {
  if (table.columns.empty()) return;
  const std::vector<int> widths = Widths(table.columns);
  if (!table.caption.empty()) body_ += StyledParagraph("TableCaption", CleanText(table.caption));
  body_ += Cat("<w:tbl><w:tblPr><w:tblStyle w:val=\"Grid\"/><w:tblW w:w=\"", kTextWidth,
               "\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
  for (int width : widths) body_ += Cat("<w:gridCol w:w=\"", width, "\"/>");
  body_ += "</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
  for (size_t c = 0; c < widths.size(); ++c)
    body_ += TableCell(widths[c], "TableHead", "center", table.columns[c].head);
  body_ += "</w:tr>";
  for (const std::vector<std::string>& row : table.rows) {
    body_ += "<w:tr><w:trPr><w:cantSplit/></w:trPr>";
    for (size_t c = 0; c < widths.size(); ++c) {
      body_ += TableCell(widths[c], "TableText", Justification(table.columns[c].align),
                         c < row.size() ? std::string_view(row[c]) : std::string_view());
    }
    body_ += "</w:tr>";
  }
  body_ += "</w:tbl>";
  body_ += StyledLines("TableNote", table.note);  // also parts one table from the next
}

void Document::AddChart(const Chart& chart) {
  if (chart.series.empty() || chart.categories.empty()) return;
  charts_.push_back(chart);
  const size_t n = charts_.size();
  // A row of a bar chart needs room of its own.
  const int64_t height = chart.kind == ChartKind::kBar
                             ? std::max<int64_t>(kChartHeight, 900'000 + 270'000 * chart.categories.size())
                             : kChartHeight;
  body_ +=
      Cat("<w:p><w:pPr><w:pStyle w:val=\"Figure\"/></w:pPr><w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" "
          "distL=\"0\" distR=\"0\"><wp:extent cx=\"",
          kChartWidth, "\" cy=\"", std::min<int64_t>(height, 7'500'000), "\"/><wp:docPr id=\"", n, "\" name=\"图表 ", n,
          "\" descr=\"", Escape(chart.title),
          "\"/><a:graphic><a:graphicData "
          "uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:chart r:id=\"rIdChart",
          n, "\"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>");
}

void Document::Signature(std::string_view unit, std::string_view date) {
  body_ += StyledParagraph("SignatureGap", "");
  body_ += StyledParagraph("Signature", CleanText(unit));
  body_ += StyledParagraph("SignatureDate", ChineseDate(date));
}

void Document::PageBreak() { body_ += "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"; }

std::string Document::Bytes() const {
  ZipWriter zip;
  zip.Add("[Content_Types].xml", parts::ContentTypes(charts_.size()));
  zip.Add("_rels/.rels", parts::PackageRelations());
  zip.Add("docProps/core.xml", parts::CoreProperties(title_, author_));
  zip.Add("word/document.xml", Cat(parts::kDocumentBegin, StyledLines("Title", title_), body_, parts::kDocumentEnd));
  zip.Add("word/_rels/document.xml.rels", parts::DocumentRelations(charts_.size()));
  zip.Add("word/styles.xml", parts::Styles());
  zip.Add("word/fontTable.xml", parts::FontTable());
  zip.Add("word/settings.xml", parts::kSettings);
  zip.Add("word/footer1.xml", parts::Footer("right"));
  zip.Add("word/footer2.xml", parts::Footer("left"));
  for (size_t i = 0; i < charts_.size(); ++i) {
    const std::string number = Cat(i + 1), workbook = ChartWorkbook(charts_[i]);
    zip.Add(Cat("word/charts/chart", number, ".xml"), ChartXml(charts_[i], !workbook.empty()));
    if (workbook.empty()) continue;
    zip.Add(Cat("word/charts/_rels/chart", number, ".xml.rels"), parts::ChartRelations(number));
    zip.Add(Cat("word/embeddings/chart", number, ".xlsx"), workbook);
  }
  return zip.Finish();
}

}  // namespace liaison::office
