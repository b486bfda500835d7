// Random histories of a small town: after every change the tables equal a recount byte for byte, and the figures equal
// the oracle's, for the whole town, an area and a station; the ops in another order make the same tables.
#include "tests/hub_facts/history.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "hub/figures/figures.h"

namespace liaison {
namespace {

constexpr uint32_t kHistories = 150;
constexpr int kSteps = 160, kStepsBetweenLooks = 16;

FigureQuery QueryOf(const std::string& station, const std::string& area) {
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  query.today = "2026-05-20";
  query.station = station;
  query.area = area;
  query.person = [](std::string_view visitor) {
    return FigureQuery::Person{std::string(visitor), visitor.ends_with('2') || visitor.ends_with('3')};
  };
  query.sync.conflicts = 3;
  query.sync.stations_synced = 5;
  query.sync.stations_total = 7;
  return query;
}

oracle::Answer Told(const History& history, const FigureQuery& query) {
  return oracle::Count(history.world(),
                       {query.from, query.to, query.station, query.area, query.today,
                        static_cast<int>(query.sync.conflicts), query.sync.stations_synced, query.sync.stations_total});
}

std::map<std::string, int64_t> Counts(const google::protobuf::RepeatedPtrField<v1::CategoryShare>& shares) {
  std::map<std::string, int64_t> counts;
  for (const v1::CategoryShare& share : shares) counts[share.code()] = share.count();
  return counts;
}

// Where the figures and the oracle differ, as text; empty if nowhere.
std::string Compare(const Figures& figures, oracle::Answer answer, std::set<std::string>* fired) {
  std::string differences;
  for (const v1::Figure& figure : figures.response.figures()) {
    const int64_t wanted = answer.figures[figure.code()];
    answer.figures.erase(figure.code());
    if (figure.value() > 0) fired->insert(figure.code());
    if (figure.value() != wanted)
      differences +=
          figure.code() + ": " + std::to_string(figure.value()) + ", the oracle says " + std::to_string(wanted) + "\n";
  }
  for (const auto& [code, value] : answer.figures) differences += "no figure " + code + "\n";
  if (Counts(figures.response.categories()) != answer.categories) differences += "categories\n";
  if (Counts(figures.response.subcategories()) != answer.subcategories) differences += "second-level categories\n";
  if (Counts(figures.response.old_classes()) != answer.classes) differences += "old classes\n";
  std::set<std::string> hot;
  for (const v1::CategoryShare& share : figures.response.hot()) hot.insert(share.code());
  if (hot != answer.hot) differences += "hot\n";
  return differences;
}

TEST(RandomHistories, AreCountedAsTheOracleCountsThem) {
  std::set<std::string> fired;
  for (uint32_t seed = 1; seed <= kHistories; ++seed) {
    History history(seed);
    for (int step = 1; step <= kSteps; ++step) {
      history.Step();
      ASSERT_EQ(history.town().Rows(), history.town().Recounted()) << "seed " << seed << " step " << step;
      if (step % kStepsBetweenLooks != 0) continue;
      for (const auto& [station, area] : {std::pair("", ""), std::pair("HK-D002", ""), std::pair("", "HK-P001")}) {
        const FigureQuery query = QueryOf(station, area);
        ASSERT_EQ(Compare(history.town().Compute(query), Told(history, query), &fired), "")
            << "seed " << seed << " step " << step << " of " << station << area;
      }
    }
  }
  const Figures figures = Town().Year();
  for (const v1::Figure& figure : figures.response.figures())
    EXPECT_TRUE(fired.contains(figure.code())) << "no history makes " << figure.code();
}

TEST(RandomHistories, MakeTheSameTablesInAnyOrderOfArrival) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    History history(seed);
    for (int step = 1; step <= kSteps; ++step) history.Step();
    const auto rows = history.town().Rows();
    for (uint32_t order = 1; order <= 3; ++order)
      ASSERT_EQ(history.town().InAnotherOrder(order), rows) << "seed " << seed << " order " << order;
  }
}

// ---------------------------------------------------------------- sums that must agree

using Line = Breakdown::Line;
struct LineField {
  const char* code;
  int64_t Line::*field;
};
constexpr LineField kLineFields[] = {
    {"N3", &Line::sessions},      {"N4", &Line::attendances},
    {"N5", &Line::visits},        {"N5.headcount", &Line::headcount},
    {"N6", &Line::opinions},      {"N7", &Line::answered},
    {"N9", &Line::assigned},      {"N10", &Line::solved},
    {"N11", &Line::finished},     {"I1.open", &Line::open},
    {"N8.guided", &Line::guided}, {"N8.withdrawn", &Line::withdrawn},
};

void ExpectSums(const Figures& figures) {
  const Breakdown& parts = figures.breakdown;
  for (const LineField& one : kLineFields) {
    int64_t stations = 0, months = 0;
    for (const auto& [station, line] : parts.stations) stations += line.*one.field;
    for (const auto& [month, line] : parts.months) months += line.*one.field;
    EXPECT_EQ(stations, figures.Value(one.code)) << one.code << " by station";
    EXPECT_EQ(months, figures.Value(one.code)) << one.code << " by month";
  }
  Breakdown::Results all;
  for (const auto& [category, results] : parts.categories) {
    all.all += results.all;
    all.solved += results.solved;
    all.explained += results.explained;
    all.open += results.open;
    all.guided += results.guided;
    all.withdrawn += results.withdrawn;
  }
  EXPECT_EQ(all.all, figures.Value("N6"));
  EXPECT_EQ(all.solved, figures.Value("N10"));
  EXPECT_EQ(all.solved + all.explained, figures.Value("N11"));
  EXPECT_EQ(all.open, figures.Value("I1.open"));
  EXPECT_EQ(all.guided, figures.Value("N8.guided"));
  EXPECT_EQ(all.withdrawn, figures.Value("N8.withdrawn"));
  EXPECT_EQ(all.all, all.solved + all.explained + all.open + all.guided + all.withdrawn + figures.Value("I1"));
  int64_t states = 0, heat = 0, assigned[2] = {0, 0}, overdue[2] = {0, 0};
  for (const auto& [state, count] : parts.states) states += count;
  for (const auto& [station, row] : parts.heat)
    for (const auto& [category, count] : row) heat += count;
  for (const auto& [unit, sides] : parts.units) {
    for (size_t side : {0u, 1u}) {
      assigned[side] += sides[side].assigned;
      overdue[side] += sides[side].overdue;
    }
  }
  EXPECT_EQ(states, figures.Value("N6"));
  EXPECT_EQ(heat, figures.Value("N6"));
  EXPECT_EQ(assigned[0], figures.Value("N9"));
  EXPECT_EQ(assigned[1], figures.Value("N9.suggestions"));
  EXPECT_EQ(overdue[0], figures.Value("D2.overdue"));
  EXPECT_EQ(overdue[1], figures.Value("D2.overdue.suggestions"));
  EXPECT_EQ(static_cast<int64_t>(parts.overdue.size()), overdue[0] + overdue[1]);
}

// A part's line is what is counted when only that part is asked for; and the parts make up the whole.
TEST(RandomHistories, HaveSumsThatAgree) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    History history(seed);
    for (int step = 1; step <= kSteps; ++step) history.Step();
    const Figures whole = history.town().Compute(QueryOf("", ""));
    ExpectSums(whole);
    ExpectSums(history.town().Compute(QueryOf("", "HK-P001")));
    for (const std::string& station : History::Stations()) {
      if (!history.town().roster.stations.contains(station)) continue;
      oracle::Answer alone = Told(history, QueryOf(station, ""));
      auto line = whole.breakdown.stations.find(station);
      for (const LineField& one : kLineFields) {
        const int64_t counted = line == whole.breakdown.stations.end() ? 0 : line->second.*one.field;
        ASSERT_EQ(counted, alone.figures[one.code]) << one.code << " of " << station << ", seed " << seed;
      }
    }
    int64_t attendances = 0;
    for (const auto& [deputy, line] : whole.breakdown.deputies) attendances += line.attendances;
    EXPECT_EQ(attendances, whole.Value("N4"));
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

// Behind every number stand records, and behind one that counts records as many as it says.
TEST(RandomHistories, NameTheRecordsBehindEachFigure) {
  static const std::set<std::string> kNoRecords = {"Q1.conflicts", "Q1.unsynced"};
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    History history(seed);
    for (int step = 1; step <= kSteps; ++step) history.Step();
    FigureQuery query = QueryOf("", "");
    query.ids = true;
    const Figures figures = history.town().Compute(query);
    for (const v1::Figure& figure : figures.response.figures()) {
      if (figure.value() <= 0 || kNoRecords.contains(figure.code())) continue;
      EXPECT_FALSE(figure.ids().empty()) << figure.code();
      query.ids_of = figure.code();
      const Figures again = history.town().Compute(query);
      const v1::Figure* alone = again.Find(figure.code());
      EXPECT_TRUE(std::equal(alone->ids().begin(), alone->ids().end(), figure.ids().begin(), figure.ids().end()));
      const std::set<std::string> distinct(figure.ids().begin(), figure.ids().end());
      EXPECT_EQ(distinct.size(), static_cast<size_t>(figure.ids_size())) << figure.code() << " names one twice";
    }
    for (const char* code : {"N3", "N5", "N6", "N7", "N9", "N10", "N11", "I1.open", "D2.overdue", "A1", "P1.idle"})
      EXPECT_EQ(figures.Find(code)->ids_size(), figures.Value(code)) << code;
  }
}

}  // namespace
}  // namespace liaison
