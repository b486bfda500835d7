// A chart, as sheets and documents draw it.
#ifndef LIAISON_COMMON_SHEETS_CHART_H_
#define LIAISON_COMMON_SHEETS_CHART_H_

#include <string>
#include <vector>

namespace liaison::office {

enum class ChartKind { kColumn, kBar, kLine };

struct ChartSeries {
  std::string name;
  std::vector<double> values;  // one for each category; missing ones are 0
};

struct Chart {
  ChartKind kind = ChartKind::kColumn;
  std::string title;
  std::string unit;  // at the axis of values; empty: none
  std::vector<std::string> categories;
  std::vector<ChartSeries> series;
};

}  // namespace liaison::office

#endif  // LIAISON_COMMON_SHEETS_CHART_H_
