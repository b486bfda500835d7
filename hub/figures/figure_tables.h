// The tables and the data of the charts that a report shows, made of figures. Pure; thread-safe. Names, titles and
// notes are Chinese as they go into the report.
//
// A column that names a figure adds up to it: the total row is that figure, and the rows below each other make it up.
// Where rows cannot (distinct deputies, rates), the column names none.
#ifndef LIAISON_HUB_FIGURES_FIGURE_TABLES_H_
#define LIAISON_HUB_FIGURES_FIGURE_TABLES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hub/figures/figures.h"
#include "liaison/v1/views.pb.h"

namespace liaison {

struct MatterWords {
  std::string number, title;
};

// What tables say beside numbers. `roster` outlives the call.
struct TableSources {
  const Roster* roster = nullptr;
  std::function<MatterWords(const std::string& matter)> matter;  // empty: ids alone
  std::map<std::string, int64_t> points;                         // of deputies, in tenths; empty: no such column
};

struct TableName {
  std::string_view name, title;
};
// In the order in which a report shows them:
//   stations     every station with what it did; a merged one keeps its line, beside the one that it went into
//   areas        the same by area, and the centre with what belongs to no area
//   categories   category by result; also a chart
//   departments  of opinions; suggestions (departments-t2) apart, since tracks never mix
//   deputies     each deputy in office, or who served; restricted: it names those who did nothing
//   overdue      what is overdue, the longest first
//   hot          what many stations brought within a month
//   trend        by month; a chart
//   heat         opinions by area and category; a chart
//   states       opinions by their own state; a chart
//   days         quartiles of handling days; a chart
const std::vector<TableName>& TableNames();

// kInvalidArgument (Chinese) for a name that is none of them.
absl::Status CheckTableNames(const std::vector<std::string>& names);

// Those named, in the order above; without names all. REQUIRES: CheckTableNames() is OK.
std::vector<v1::ReportTable> MakeTables(const Figures& figures, const TableSources& sources,
                                        const std::vector<std::string>& names = {});

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_FIGURE_TABLES_H_
