#include "hub/facts/facts.h"

#include <algorithm>
#include <iterator>
#include <random>

#include "gtest/gtest.h"
#include "hub/facts/fact_rows.h"
#include "tests/hub_facts/town.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

v1::ReceptionSession Session(const std::string& station, const std::string& date) {
  v1::ReceptionSession session;
  session.set_station_id(station);
  session.set_date(date);
  session.set_form(v1::FORM_RECEPTION_DAY);
  session.mutable_status()->set_to(v1::SESSION_CLOSED);
  session.add_deputies()->set_deputy_id("HK-R001");
  return session;
}

v1::VisitEntry Visit(int headcount) {
  v1::VisitEntry entry;
  entry.set_headcount(headcount);
  entry.set_original_words("三组水渠垮了二十来米");
  return entry;
}

v1::Matter Matter(const std::string& station, const std::string& date, v1::MatterState state = v1::REGISTERED) {
  v1::Matter matter;
  matter.set_station_id(station);
  matter.set_date(date);
  matter.set_title("水渠垮塌");
  matter.set_category("01");
  matter.set_nature(v1::NATURE_OPINION);
  matter.mutable_status()->set_to(state);
  return matter;
}

std::optional<MatterFact> Fact(const Town& town, const RecordId& matter) {
  return Must(FindMatter(town.kv(), matter.name));
}

CounterValues Sum(const Town& town, const char* from, const char* to) {
  auto sums = Must(CountersByStation(town.kv(), *ParseDay(from), *ParseDay(to)));
  CounterValues total{};
  for (const auto& [station, values] : sums)
    for (size_t i = 0; i < counter::kCount; ++i) total[i] += values[i];
  return total;
}

TEST(Days, AreDaysThatExist) {
  EXPECT_EQ(ParseDay("1970-01-02"), 1);
  EXPECT_EQ(ParseDay("2026-11-20"), 20777);
  EXPECT_EQ(DayText(20777), "2026-11-20");
  EXPECT_EQ(DayText(*ParseDay("2028-02-29")), "2028-02-29");
  EXPECT_EQ(DayText(*ParseDay("9999-12-31")), "9999-12-31");
  for (const char* bad : {"", "2026-02-29", "2026-13-01", "2026-1-01", "2026/01/01", "1970-01-01", "1969-12-31",
                          "2026-01-0 ", "+026-01-01", "2026-01-011", "20２6-01-01"}) {
    EXPECT_EQ(ParseDay(bad), std::nullopt) << bad;
  }
}

TEST(Rows, AreSmallAndReadBackAsWritten) {
  Town town;
  const RecordId session = town.Add(Session("HK-D057", "2026-11-20"));
  v1::VisitEntry entry = Visit(4);
  entry.set_visitor_id(ToBytes(town.NewId<v1::Visitor>()));
  const RecordId visit = town.Add(entry, session);
  const RecordId parent = town.Add(Matter("HK-D057", "2026-11-19"));
  v1::Matter merged = Matter("HK-D057", "2026-11-20", v1::MERGED);
  merged.set_merged_into(ToBytes(parent));
  const RecordId matter = town.Add(merged);
  v1::Assignment assignment;
  assignment.set_main_unit("HK-U01");
  assignment.set_assigned_date("2026-11-21");
  assignment.set_due_date("2027-02-21");
  town.Add(assignment, matter);

  for (const auto& [key, value] : town.Rows()) {
    if (key.starts_with(ProjectionPrefix('f'))) {
      EXPECT_LE(key.size() + value.size(), 64u) << Hex(key);
    }
  }
  int seen = 0;
  FactVisitor visitor;
  visitor.session = [&](const SessionFact& fact) {
    ++seen;
    EXPECT_EQ(DayText(fact.day), "2026-11-20");
    EXPECT_EQ(fact.session, session.name);
    EXPECT_EQ(fact.station, "HK-D057");
    EXPECT_TRUE(fact.closed());
  };
  visitor.deputy = [&](const DeputyFact& fact) {
    ++seen;
    EXPECT_EQ(fact.deputy_id, "HK-R001");
    EXPECT_EQ(fact.session, session.name);
    EXPECT_TRUE(fact.closed);
  };
  visitor.visit = [&](const VisitFact& fact) {
    ++seen;
    EXPECT_EQ(fact.entry, visit.name);
    EXPECT_EQ(fact.visitor, entry.visitor_id());
    EXPECT_EQ(fact.headcount, 4);
    EXPECT_EQ(fact.station, "HK-D057");
    EXPECT_FALSE(fact.anonymous);
  };
  visitor.assigned = [&](const AssignedFact& fact) {
    ++seen;
    EXPECT_EQ(DayText(fact.day), "2026-11-21");
    EXPECT_EQ(fact.matter, matter.name);
    EXPECT_EQ(DayText(*fact.due), "2027-02-21");
    EXPECT_EQ(fact.unit, "HK-U01");
    EXPECT_EQ(fact.replied, std::nullopt);
  };
  ASSERT_TRUE(ScanFacts(town.kv(), *ParseDay("2026-11-01"), *ParseDay("2026-11-30"), visitor).ok());
  EXPECT_EQ(seen, 4);
  const std::optional<MatterFact> fact = Fact(town, matter);
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->link, parent.name);
  EXPECT_EQ(fact->category, "01");
  EXPECT_EQ(DayText(*fact->assigned), "2026-11-21");
  EXPECT_EQ(fact->unit, "HK-U01");
  std::vector<std::pair<std::string, std::string>> links;
  ASSERT_TRUE(ScanMerged(town.kv(), [&](std::string_view into, std::string_view child) {
                links.emplace_back(into, child);
              }).ok());
  EXPECT_EQ(links, (std::vector<std::pair<std::string, std::string>>{{parent.name, matter.name}}));
}

TEST(Rows, OfAPeriodEndWithItsLastDay) {
  Town town;
  for (const char* date : {"2026-06-30", "2026-07-01", "2026-07-31", "2026-08-01"}) town.Add(Matter("HK-D001", date));
  std::vector<std::string> days;
  FactVisitor visitor;
  visitor.matter = [&](const MatterFact& fact) { days.push_back(DayText(fact.day)); };
  ASSERT_TRUE(ScanFacts(town.kv(), *ParseDay("2026-07-01"), *ParseDay("2026-07-31"), visitor).ok());
  EXPECT_EQ(days, (std::vector<std::string>{"2026-07-01", "2026-07-31"}));
}

TEST(Rows, OfVoidedRecordsAreGoneAndComeBackWhenTheVoidIsTakenBack) {
  Town town;
  const RecordId session = town.Add(Session("HK-D001", "2026-03-01"));
  const RecordId visit = town.Add(Visit(3), session);
  const RecordId matter = town.Add(Matter("HK-D001", "2026-03-01"));
  const auto before = town.Rows();
  town.Void(session, visit);
  EXPECT_EQ(Sum(town, "2026-01-01", "2026-12-31")[counter::kVisits], 0);
  EXPECT_EQ(Sum(town, "2026-01-01", "2026-12-31")[counter::kSessions], 1);
  town.Unvoid(session, visit);
  EXPECT_EQ(town.Rows(), before);
  town.Void(session);
  town.Void(matter);
  EXPECT_TRUE(town.Rows().empty());
  town.Unvoid(session);
  town.Unvoid(matter);
  EXPECT_EQ(town.Rows(), before);
}

TEST(Rows, OfFlaggedRecordsStay) {
  Town town;
  const RecordId session = town.Add(Session("HK-D001", "2026-03-01"));
  const VersionVector saw = town.Seen(session);
  town.Add(Visit(3), session);
  town.Void(session, {}, "HUB", saw);  // its author had not seen the visit
  ASSERT_EQ(town.Get(session).VoidOf({}), VoidState::kFlagged);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kVisits], 1);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kSessions], 1);
}

TEST(Rows, OfContestedStatesCountAsOpen) {
  Town town;
  const RecordId matter = town.Add(Matter("HK-D001", "2026-03-01", v1::REPLIED));
  const VersionVector saw = town.Seen(matter);
  town.SetState(matter, v1::CLOSED, "HUB", saw);
  town.SetState(matter, v1::REWORK, "HK-D001", saw);
  EXPECT_EQ(Fact(town, matter)->state, v1::CONTESTED);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kOpen], 1);
  town.SetState(matter, v1::CLOSED);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kOpen], 0);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kClosed], 1);

  const RecordId session = town.Add(Session("HK-D001", "2026-03-01"));
  const VersionVector seen = town.Seen(session);
  town.SetState(session, v1::SESSION_OPEN, "HK-D001", seen);
  town.SetState(session, v1::SESSION_CLOSED, "HUB", seen);
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-01")[counter::kSessions], 0);
}

TEST(Rows, OfVisitsWaitUndatedUntilTheirSessionComes) {
  Town town;
  const RecordId session = town.NewId<v1::ReceptionSession>();
  town.Add(Visit(2), session);
  EXPECT_EQ(Sum(town, "1970-01-02", "9999-12-31")[counter::kVisits], 0);
  std::vector<Day> days;
  FactVisitor visitor;
  visitor.visit = [&](const VisitFact& fact) { days.push_back(fact.day); };
  ASSERT_TRUE(ScanFacts(town.kv(), kUndated, *ParseDay("9999-12-30"), visitor).ok());
  EXPECT_EQ(days, std::vector<Day>{kUndated});
  std::vector<Write> writes, sealed;
  WritesOf(Session("HK-D002", "2026-05-05"), {}, &writes, &sealed);
  town.Commit(session, writes);
  EXPECT_EQ(Sum(town, "2026-05-05", "2026-05-05")[counter::kHeadcount], 2);
  EXPECT_EQ(town.Rows(), town.Recounted());
}

TEST(Rows, MoveWithTheRecordsDate) {
  Town town;
  const RecordId matter = town.Add(Matter("HK-D001", "2026-03-31"));
  v1::Matter changed = Matter("HK-D002", "2026-04-01");
  town.Set(matter, changed, {v1::Matter::kDateFieldNumber, v1::Matter::kStationIdFieldNumber});
  EXPECT_EQ(Sum(town, "2026-03-01", "2026-03-31")[counter::kOpinions], 0);
  EXPECT_EQ(Sum(town, "2026-04-01", "2026-04-30")[counter::kOpinions], 1);
  EXPECT_EQ(town.Rows(), town.Recounted());
  EXPECT_EQ(DayText(Fact(town, matter)->day), "2026-04-01");
}

TEST(Rows, OfDamagedBytesAreReported) {
  Town town;
  const RecordId matter = town.Add(Matter("HK-D001", "2026-03-31"));
  std::unique_ptr<Kv> damaged = NewMemoryKv();
  KvChanges changes;
  for (auto [key, value] : town.Rows()) changes[key] = value.substr(0, 1);
  ASSERT_TRUE(damaged->Write(changes, false).ok());
  FactVisitor visitor;
  int seen = 0;
  visitor.matter = [&](const MatterFact&) { ++seen; };
  EXPECT_EQ(ScanFacts(*damaged, 1, *ParseDay("2026-12-31"), visitor).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(FindMatter(*damaged, matter.name).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(CountersByStation(*damaged, 1, *ParseDay("2026-12-31")).status().code(), absl::StatusCode::kDataLoss);
}

// Every cut of a period into months and days sums to what the days alone say.
TEST(Counters, OfMonthsAndDaysAgree) {
  Town town;
  const char* kDates[] = {"2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28",
                          "2026-03-15", "2026-04-30", "2026-12-31", "2027-01-01"};
  for (const char* date : kDates) town.Add(Matter("HK-D001", date));
  for (const char* from : kDates) {
    for (const char* to : kDates) {
      int64_t naive = 0;
      for (const char* date : kDates) naive += std::string(from) <= date && std::string(date) <= to ? 1 : 0;
      EXPECT_EQ(Sum(town, from, to)[counter::kOpinions], naive) << from << " " << to;
    }
  }
}

TEST(Counters, KnowEachStationsLastSession) {
  Town town;
  for (const char* date : {"2026-03-01", "2026-04-01"}) town.Add(Session("HK-D001", date));
  v1::ReceptionSession open = Session("HK-D002", "2026-04-02");
  open.mutable_status()->set_to(v1::SESSION_OPEN);
  town.Add(open);
  auto last = LastSessionDays(town.kv(), *ParseDay("2026-01-01"), *ParseDay("2026-12-31"));
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(*last, (std::map<std::string, Day>{{"HK-D001", *ParseDay("2026-04-01")}}));
  last = LastSessionDays(town.kv(), *ParseDay("2026-01-01"), *ParseDay("2026-03-31"));
  EXPECT_EQ(last->at("HK-D001"), *ParseDay("2026-03-01"));
}

TEST(Counters, KnowTheLastSessionOfEveryCutOfAPeriod) {
  const char* kDates[] = {"2025-12-31", "2026-01-01", "2026-01-20", "2026-01-31", "2026-02-01",
                          "2026-02-28", "2026-03-15", "2026-04-30", "2026-05-02"};
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    Town town;
    std::vector<std::pair<std::string, std::string>> sessions;  // station, date
    for (int i = 0; i < 6; ++i) {
      sessions.emplace_back("HK-D00" + std::to_string(random() % 4), kDates[random() % std::size(kDates)]);
      town.Add(Session(sessions.back().first, sessions.back().second));
    }
    for (const char* from : kDates) {
      for (const char* to : kDates) {
        std::map<std::string, Day> naive;
        for (const auto& [station, date] : sessions)
          if (from <= date && date <= to) naive[station] = std::max(naive[station], *ParseDay(date));
        auto last = LastSessionDays(town.kv(), *ParseDay(from), *ParseDay(to));
        ASSERT_TRUE(last.ok());
        EXPECT_EQ(*last, naive) << from << " " << to << " seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace liaison
