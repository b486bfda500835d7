#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hub/figures/figure_tables.h"
#include "tests/hub_facts/history.h"
#include "tests/hub_facts/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;

FigureQuery YearOf(const std::string& station = "", const std::string& area = "") {
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  query.today = "2026-05-20";
  query.station = station;
  query.area = area;
  return query;
}

v1::ReportTable TableOf(const Figures& figures, const Roster& roster, const std::string& name) {
  TableSources sources;
  sources.roster = &roster;
  sources.points = {{"HK-R001", 65}};
  const std::vector<v1::ReportTable> tables = MakeTables(figures, sources, {name});
  EXPECT_EQ(tables.size(), 1u);
  return tables.empty() ? v1::ReportTable() : tables[0];
}

std::vector<std::string> TextsOf(const v1::TableRow& row) {
  std::vector<std::string> texts;
  for (const v1::TableCell& cell : row.cells())
    texts.push_back(cell.text().empty() ? std::to_string(cell.number()) : cell.text());
  return texts;
}

// Every column that names a figure: its rows add up to the figure, and the total says so.
TEST(Tables, OfRandomHistoriesAddUpToTheFigures) {
  int columns = 0;
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    History history(seed);
    for (int step = 0; step < 160; ++step) history.Step();
    for (const auto& [station, area] : {std::pair("", ""), std::pair("", "HK-P001"), std::pair("HK-D002", "")}) {
      const Figures figures = history.town().Compute(YearOf(station, area));
      TableSources sources;
      sources.roster = &history.town().roster;
      for (const v1::ReportTable& table : MakeTables(figures, sources)) {
        for (const v1::TableRow& row : table.rows()) ASSERT_EQ(row.cells_size(), table.columns_size()) << table.name();
        if (table.has_total()) ASSERT_EQ(table.total().cells_size(), table.columns_size()) << table.name();
        for (int i = 0; i < table.columns_size(); ++i) {
          const std::string& code = table.columns(i).figure();
          if (code.empty()) continue;
          int64_t sum = 0;
          for (const v1::TableRow& row : table.rows()) sum += row.cells(i).number();
          ASSERT_EQ(sum, figures.Value(code))
              << table.name() << " " << code << " seed " << seed << " of " << station << area;
          ASSERT_EQ(table.total().cells(i).number(), sum) << table.name() << " " << code;
          ++columns;
        }
      }
    }
  }
  EXPECT_GT(columns, 5000);
}

class TablesTest : public ::testing::Test {
 protected:
  TablesTest() { town_.roster = FixtureRoster(); }

  RecordId AddMatter(const std::string& station, const std::string& date, const std::string& category,
                     v1::MatterState state, v1::Track track = v1::TRACK_OPINION) {
    v1::Matter matter;
    matter.set_station_id(station);
    matter.set_date(date);
    matter.set_category(category);
    matter.set_nature(v1::NATURE_OPINION);
    matter.set_track(track);
    matter.mutable_status()->set_to(state);
    return town_.Add(matter);
  }
  void AddAssignment(const RecordId& matter, const std::string& date, const std::string& due, const std::string& unit) {
    v1::Assignment assignment;
    assignment.set_assigned_date(date);
    assignment.set_due_date(due);
    assignment.set_main_unit(unit);
    town_.Add(assignment, matter);
  }
  void AddSession(const std::string& station, const std::string& date) {
    v1::ReceptionSession session;
    session.set_station_id(station);
    session.set_date(date);
    session.mutable_status()->set_to(v1::SESSION_CLOSED);
    session.add_deputies()->set_deputy_id("HK-R001");
    town_.Add(session);
  }
  v1::ReportTable Table(const std::string& name) { return TableOf(town_.Compute(YearOf()), town_.roster, name); }

  Town town_;
};

TEST_F(TablesTest, AMergedStationKeepsItsLine) {
  town_.roster.stations["HK-D033"].set_status(v1::STATION_MERGED);
  town_.roster.stations["HK-D033"].set_merged_into("HK-D034");
  town_.roster.stations["HK-D033"].set_status_date("2026-07-01");
  AddSession("HK-D033", "2026-05-01");
  AddSession("HK-D034", "2026-08-01");
  const v1::ReportTable table = Table("stations");
  EXPECT_EQ(table.rows_size(), 109);
  int found = 0;
  for (const v1::TableRow& row : table.rows()) {
    if (row.id() != "HK-D033" && row.id() != "HK-D034") continue;
    ++found;
    EXPECT_EQ(row.cells(4).number(), 1) << row.id();
    EXPECT_EQ(row.cells(3).text(), row.id() == "HK-D033" ? "2026-07-01并入" + town_.roster.StationName("HK-D034") : "");
  }
  EXPECT_EQ(found, 2);
  EXPECT_EQ(table.total().cells(4).number(), 2);
  const v1::ReportTable areas = Table("areas");
  EXPECT_EQ(areas.rows_size(), 13);  // twelve, and the centre
  EXPECT_EQ(areas.total().cells(1).number(), 95);
}

TEST_F(TablesTest, CategoriesShowWhatBecameOfThem) {
  AddMatter("HK-D001", "2026-03-01", "02", v1::SUBMITTED);
  AddMatter("HK-D001", "2026-03-01", "02", v1::ANSWERED);
  AddMatter("HK-D001", "2026-03-01", "01", v1::GUIDED);
  const v1::ReportTable table = Table("categories");
  ASSERT_EQ(table.rows_size(), 2);
  EXPECT_THAT(TextsOf(table.rows(0)), ElementsAre("交通道路", "2", "667", "0", "1", "1", "0", "0"));
  EXPECT_THAT(TextsOf(table.rows(1)), ElementsAre("农业农村与水利", "1", "333", "0", "0", "0", "1", "0"));
  EXPECT_THAT(TextsOf(table.total()), ElementsAre("合计", "3", "1000", "0", "1", "1", "1", "0"));
  EXPECT_EQ(table.chart(), v1::CHART_BAR);
}

TEST_F(TablesTest, DepartmentsKeepTheTracksApart) {
  AddAssignment(AddMatter("HK-D001", "2026-03-01", "02", v1::ASSIGNED), "2026-03-02", "2026-04-02", "HK-U01");
  AddAssignment(AddMatter("HK-D001", "2026-03-01", "02", v1::CLOSED, v1::TRACK_SUGGESTION), "2026-03-02", "2026-06-02",
                "HK-U01");
  const v1::ReportTable opinions = Table("departments"), suggestions = Table("departments-t2");
  ASSERT_EQ(opinions.rows_size(), 1);
  ASSERT_EQ(suggestions.rows_size(), 1);
  EXPECT_THAT(TextsOf(opinions.rows(0)), ElementsAre("经济发展局", "1", "0", "0", "1", "0", "0", "1", "0", "-1"));
  EXPECT_THAT(TextsOf(suggestions.rows(0)),
              ElementsAre("经济发展局", "1", "1", "1000", "0", "0", "-1", "0", "0", "-1"));
}

TEST_F(TablesTest, TheLongestOverdueComesFirst) {
  AddAssignment(AddMatter("HK-D001", "2026-03-01", "02", v1::ASSIGNED), "2026-03-02", "2026-05-10", "HK-U01");
  const RecordId longest = AddMatter("HK-D002", "2026-03-01", "02", v1::HANDLING);
  AddAssignment(longest, "2026-03-03", "2026-04-10", "HK-U02");
  const v1::ReportTable table = Table("overdue");
  ASSERT_EQ(table.rows_size(), 2);
  EXPECT_EQ(table.rows(0).id(), ToText(longest));
  EXPECT_EQ(table.rows(0).cells(5).text(), "2026-03-03");
  EXPECT_EQ(table.rows(0).cells(6).text(), "2026-04-10");
  EXPECT_EQ(table.rows(0).cells(7).number(), 40);
}

TEST_F(TablesTest, DeputiesWhoDidNothingAreNamedAndTheTableSaysSo) {
  AddSession("HK-D001", "2026-05-01");
  const v1::ReportTable table = Table("deputies");
  EXPECT_TRUE(table.restricted());
  EXPECT_EQ(table.rows_size(), 75);
  EXPECT_EQ(table.rows(0).id(), "HK-R001");
  EXPECT_EQ(table.rows(0).cells(4).number(), 1);
  EXPECT_EQ(table.rows(0).cells(12).text(), "6.5");
  EXPECT_EQ(table.rows(1).cells(4).number(), 0);
}

TEST_F(TablesTest, TheTrendHasEveryMonth) {
  AddSession("HK-D001", "2026-05-01");
  const v1::ReportTable table = Table("trend");
  ASSERT_EQ(table.rows_size(), 12);
  EXPECT_EQ(table.rows(0).id(), "2026-01");
  EXPECT_EQ(table.rows(11).id(), "2026-12");
  EXPECT_EQ(table.rows(4).cells(1).number(), 1);
}

TEST_F(TablesTest, DaysAreQuartiles) {
  for (int days : {1, 2, 3, 4, 9}) {
    const RecordId matter = AddMatter("HK-D001", "2026-03-01", "02", v1::REPLIED);
    AddAssignment(matter, "2026-03-02", "", "HK-U01");
    v1::Reply reply;
    reply.set_date(DayText(*ParseDay("2026-03-02") + days));
    town_.Add(reply, matter);
  }
  const v1::ReportTable table = Table("days");
  ASSERT_EQ(table.rows_size(), 1);
  EXPECT_THAT(TextsOf(table.rows(0)), ElementsAre("群众意见建议", "1", "2", "3", "4", "9", "5"));
}

TEST(TableNames, AreChecked) {
  EXPECT_TRUE(CheckTableNames({"stations", "days"}).ok());
  EXPECT_EQ(CheckTableNames({"stations", "day"}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace liaison
