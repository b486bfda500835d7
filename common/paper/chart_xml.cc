#include "common/paper/chart_xml.h"

#include <iterator>

#include "common/base/markup.h"
#include "common/base/text.h"

namespace liaison::office {
namespace {

constexpr const char* kColours[] = {"2F5D8A", "C0504D", "7F9F3F", "8064A2", "D98B2B", "4BACC6"};

// A, B, … Z, AA, …
std::string ColumnName(size_t index) {
  std::string name;
  for (size_t n = index + 1; n > 0; n = (n - 1) / 26) name.insert(name.begin(), static_cast<char>('A' + (n - 1) % 26));
  return name;
}

std::string Reference(size_t column, size_t first_row, size_t last_row) {
  const std::string name = ColumnName(column);
  std::string out = Cat("'", kChartSheet, "'!$", name, "$", first_row);
  return first_row == last_row ? out : Cat(out, ":$", name, "$", last_row);
}

std::string Texts(const std::string& reference, const std::vector<std::string>& texts) {
  std::string out = Cat("<c:strRef><c:f>", reference, "</c:f><c:strCache><c:ptCount val=\"", texts.size(), "\"/>");
  for (size_t i = 0; i < texts.size(); ++i)
    out += Cat("<c:pt idx=\"", i, "\"><c:v>", Escape(texts[i]), "</c:v></c:pt>");
  return out + "</c:strCache></c:strRef>";
}

std::string Numbers(const std::string& reference, const std::vector<double>& values, size_t count) {
  std::string out = Cat("<c:numRef><c:f>", reference,
                        "</c:f><c:numCache><c:formatCode>General</c:formatCode><c:ptCount val=\"", count, "\"/>");
  for (size_t i = 0; i < count; ++i)
    out += Cat("<c:pt idx=\"", i, "\"><c:v>", i < values.size() ? values[i] : 0, "</c:v></c:pt>");
  return out + "</c:numCache></c:numRef>";
}

std::string TextProperties(int hundredths_of_point, bool bold) {
  return Cat("<a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz=\"", hundredths_of_point, "\" b=\"", bold ? 1 : 0,
             "\"><a:latin typeface=\"宋体\"/><a:ea typeface=\"宋体\"/></a:defRPr></a:pPr>");
}

std::string SmallText() {
  return Cat("<c:txPr>", TextProperties(1000, false), "<a:endParaRPr lang=\"zh-CN\"/></a:p></c:txPr>");
}

std::string Title(std::string_view text, int size, bool bold) {
  return Cat("<c:title><c:tx><c:rich>", TextProperties(size, bold), "<a:r><a:rPr lang=\"zh-CN\" sz=\"", size, "\" b=\"",
             bold ? 1 : 0, "\"><a:latin typeface=\"宋体\"/><a:ea typeface=\"宋体\"/></a:rPr><a:t>", Escape(text),
             "</a:t></a:r></a:p></c:rich></c:tx><c:overlay val=\"0\"/></c:title>");
}

std::string SeriesXml(const Chart& chart, size_t index) {
  const ChartSeries& series = chart.series[index];
  const char* colour = kColours[index % std::size(kColours)];
  const size_t count = chart.categories.size();
  std::string out = Cat("<c:ser><c:idx val=\"", index, "\"/><c:order val=\"", index, "\"/><c:tx>",
                        Texts(Reference(index + 1, 1, 1), {series.name}), "</c:tx>");
  if (chart.kind == ChartKind::kLine) {
    out += Cat("<c:spPr><a:ln w=\"28575\"><a:solidFill><a:srgbClr val=\"", colour,
               "\"/></a:solidFill></a:ln></c:spPr><c:marker><c:symbol val=\"circle\"/><c:size val=\"6\"/></c:marker>");
  } else {
    out += Cat("<c:spPr><a:solidFill><a:srgbClr val=\"", colour,
               "\"/></a:solidFill></c:spPr><c:invertIfNegative val=\"0\"/>");
  }
  out +=
      Cat("<c:dLbls>", SmallText(), "<c:dLblPos val=\"", chart.kind == ChartKind::kLine ? "t" : "outEnd",
          "\"/><c:showLegendKey val=\"0\"/><c:showVal val=\"1\"/><c:showCatName val=\"0\"/><c:showSerName val=\"0\"/>"
          "<c:showPercent val=\"0\"/><c:showBubbleSize val=\"0\"/></c:dLbls>");
  out += Cat("<c:cat>", Texts(Reference(0, 2, count + 1), chart.categories), "</c:cat><c:val>",
             Numbers(Reference(index + 1, 2, count + 1), series.values, count), "</c:val>");
  if (chart.kind == ChartKind::kLine) out += "<c:smooth val=\"0\"/>";
  return out + "</c:ser>";
}

std::string Axes(const Chart& chart) {
  const bool bar = chart.kind == ChartKind::kBar;
  std::string out = Cat("<c:catAx><c:axId val=\"1\"/><c:scaling><c:orientation val=\"", bar ? "maxMin" : "minMax",
                        "\"/></c:scaling><c:delete val=\"0\"/><c:axPos val=\"", bar ? "l" : "b",
                        "\"/><c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/>"
                        "<c:minorTickMark val=\"none\"/><c:tickLblPos val=\"low\"/>",
                        SmallText(), "<c:crossAx val=\"2\"/><c:crosses val=\"autoZero\"/></c:catAx>");
  out +=
      Cat("<c:valAx><c:axId val=\"2\"/><c:scaling><c:orientation val=\"minMax\"/><c:min val=\"0\"/></c:scaling>"
          "<c:delete val=\"0\"/><c:axPos val=\"",
          bar ? "b" : "l",
          "\"/><c:majorGridlines><c:spPr><a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"D9D9D9\"/></a:solidFill>"
          "</a:ln></c:spPr></c:majorGridlines>",
          chart.unit.empty() ? "" : Title(Cat("单位：", chart.unit), 1000, false),
          "<c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/>"
          "<c:minorTickMark val=\"none\"/><c:tickLblPos val=\"nextTo\"/>",
          SmallText(), "<c:crossAx val=\"1\"/><c:crosses val=\"", bar ? "max" : "autoZero", "\"/></c:valAx>");
  return out;
}

}  // namespace

std::string ChartXml(const Chart& chart, bool workbook) {
  std::string plot;
  for (size_t i = 0; i < chart.series.size(); ++i) plot += SeriesXml(chart, i);
  constexpr std::string_view kAxisIds = "<c:axId val=\"1\"/><c:axId val=\"2\"/>";
  if (chart.kind == ChartKind::kLine) {
    plot = Cat("<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>", plot, "<c:marker val=\"1\"/>",
               kAxisIds, "</c:lineChart>");
  } else {
    plot = Cat("<c:barChart><c:barDir val=\"", chart.kind == ChartKind::kBar ? "bar" : "col",
               "\"/><c:grouping val=\"clustered\"/><c:varyColors val=\"0\"/>", plot, "<c:gapWidth val=\"60\"/>",
               kAxisIds, "</c:barChart>");
  }
  return Cat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
      "<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" "
      "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" "
      "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
      "<c:roundedCorners val=\"0\"/><c:chart>",
      Title(chart.title, 1400, true), "<c:autoTitleDeleted val=\"0\"/><c:plotArea><c:layout/>", plot, Axes(chart),
      "</c:plotArea>",
      chart.series.size() > 1
          ? Cat("<c:legend><c:legendPos val=\"b\"/><c:overlay val=\"0\"/>", SmallText(), "</c:legend>")
          : "",
      "<c:plotVisOnly val=\"1\"/><c:dispBlanksAs val=\"gap\"/></c:chart>",
      workbook ? "<c:externalData r:id=\"rId1\"><c:autoUpdate val=\"0\"/></c:externalData>" : "", "</c:chartSpace>");
}

}  // namespace liaison::office
