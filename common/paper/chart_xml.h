// A chart as DrawingML (ISO/IEC 29500-1, part 21.2).
#ifndef LIAISON_COMMON_PAPER_CHART_XML_H_
#define LIAISON_COMMON_PAPER_CHART_XML_H_

#include <string>

#include "common/sheets/chart.h"

namespace liaison::office {

inline constexpr char kChartSheet[] = "数据";  // of the workbook that the references name

// The part. It holds the numbers themselves; with `workbook` it also points to the one that relation rId1 names, whose
// sheet has the categories in column A and the series in B, C, …, names in the first row.
std::string ChartXml(const Chart& chart, bool workbook);

}  // namespace liaison::office

#endif  // LIAISON_COMMON_PAPER_CHART_XML_H_
