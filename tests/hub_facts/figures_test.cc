#include "hub/figures/figures.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/hub_facts/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;

class FiguresTest : public ::testing::Test {
 protected:
  FiguresTest() { town_.roster = FixtureRoster(); }

  RecordId AddSession(const std::string& station, const std::string& date, std::initializer_list<const char*> deputies,
                      v1::SessionState state = v1::SESSION_CLOSED) {
    v1::ReceptionSession session;
    session.set_station_id(station);
    session.set_date(date);
    session.mutable_status()->set_to(state);
    for (const char* deputy : deputies) session.add_deputies()->set_deputy_id(deputy);
    return town_.Add(session);
  }

  RecordId AddVisit(const RecordId& session, int headcount, const std::string& visitor = "") {
    v1::VisitEntry entry;
    entry.set_headcount(headcount);
    entry.set_visitor_id(visitor);
    return town_.Add(entry, session);
  }

  static v1::Matter Opinion(v1::MatterState state) {
    v1::Matter matter;
    matter.set_station_id("HK-D057");
    matter.set_date("2026-05-10");
    matter.set_category("01");
    matter.set_nature(v1::NATURE_OPINION);
    matter.mutable_status()->set_to(state);
    return matter;
  }
  RecordId AddOpinion(v1::MatterState state) { return town_.Add(Opinion(state)); }

  RecordId AddAssignment(const RecordId& matter, const std::string& date, uint32_t round = 1,
                         const std::string& due = "", const std::string& unit = "HK-U01") {
    v1::Assignment assignment;
    assignment.set_round(round);
    assignment.set_assigned_date(date);
    assignment.set_due_date(due);
    assignment.set_main_unit(unit);
    return town_.Add(assignment, matter);
  }
  void AddReply(const RecordId& matter, const std::string& date, v1::ReplyClass reply_class, uint32_t round = 1) {
    v1::Reply reply;
    reply.set_round(round);
    reply.set_date(date);
    reply.set_reply_class(reply_class);
    town_.Add(reply, matter);
  }
  void AddRating(const RecordId& matter, v1::Rating rating, uint32_t round, const std::string& date,
                 const std::string& by = "") {
    v1::Evaluation evaluation;
    evaluation.set_round(round);
    evaluation.set_result(rating);
    evaluation.set_date(date);
    evaluation.set_by(by);
    town_.Add(evaluation, matter);
  }

  int64_t Year(std::string_view code) { return town_.Year().Value(code); }
  std::vector<std::string> Ids(std::string_view code) {
    const Figures figures = town_.Year(true);
    const auto& ids = figures.Find(code)->ids();
    return {ids.begin(), ids.end()};
  }

  Town town_;
};

TEST_F(FiguresTest, N1CountsTheActiveNetwork) {
  EXPECT_EQ(Year("N1.center"), 1);
  EXPECT_EQ(Year("N1.area"), 12);
  EXPECT_EQ(Year("N1.point"), 96);
  EXPECT_EQ(Year("N1.high_standard"), 5);
  EXPECT_EQ(Year("N1.coverage"), 1000);
  town_.roster.stations["HK-D033"].set_status(v1::STATION_MERGED);
  town_.roster.stations["HK-D033"].set_merged_into("HK-D034");
  EXPECT_EQ(Year("N1.point"), 95);
  EXPECT_EQ(Year("N1.coverage"), 1000);  // its village is served by the other
  town_.roster.stations["HK-D034"].set_status(v1::STATION_PAUSED);
  EXPECT_EQ(town_.Year().Find("N1.coverage")->note(), "94/96");
}

TEST_F(FiguresTest, N2KnowsWhoIsSilentSinceSixtyDays) {
  AddSession("HK-D001", "2026-05-01", {"HK-R001"});
  AddSession("HK-D001", "2026-05-02", {"HK-R001"});
  AddSession("HK-D002", "2026-05-02", {"HK-R001"}, v1::SESSION_OPEN);
  AddSession("HK-P001", "2026-05-02", {"HK-R001"});
  EXPECT_EQ(Year("N2.active"), 1);
  EXPECT_EQ(town_.Year().Find("N2")->note(), "1/96");
  EXPECT_THAT(Ids("N2.active"), ElementsAre("1:HK-D001"));
  FigureQuery query;
  query.from = query.to = "2026-01-01";
  query.today = "2026-06-30";  // 59 days after the last session
  EXPECT_EQ(town_.Compute(query).Value("N2.silent"), 95);
  query.today = "2026-07-01";
  EXPECT_EQ(town_.Compute(query).Value("N2.silent"), 96);
}

TEST_F(FiguresTest, N3CountsClosedSessions) {
  const RecordId session = AddSession("HK-D001", "2026-05-01", {"HK-R001"});
  AddSession("HK-D001", "2026-05-02", {"HK-R001"}, v1::SESSION_OPEN);
  AddSession("HK-D001", "2026-05-03", {"HK-R001"}, v1::SESSION_PLANNED);
  AddSession("HK-D001", "2027-01-01", {"HK-R001"});
  EXPECT_EQ(Year("N3"), 1);
  EXPECT_THAT(Ids("N3"), ElementsAre(ToText(session)));
}

TEST_F(FiguresTest, N4CountsEachLevelOnTheDay) {
  town_.roster.deputies.clear();
  auto mandate = [&](const std::string& deputy, v1::MandateLevel level, const char* from, const char* to) {
    v1::Mandate* one = town_.roster.deputies[deputy].add_mandates();
    one->set_level(level);
    one->set_from(from);
    one->set_to(to);
  };
  mandate("HK-R001", v1::MANDATE_TOWN, "", "");
  mandate("HK-R001", v1::MANDATE_DISTRICT, "2026-06-01", "");
  mandate("HK-R002", v1::MANDATE_DISTRICT, "", "2026-04-30");
  AddSession("HK-D001", "2026-05-01", {"HK-R001", "HK-R002", "HK-R003"});
  AddSession("HK-D002", "2026-06-01", {"HK-R001"});
  AddSession("HK-D002", "2026-06-02", {"HK-R001"}, v1::SESSION_OPEN);
  const Figures figures = town_.Year();
  EXPECT_EQ(figures.Value("N4"), 4);
  EXPECT_EQ(figures.Value("N4.deputies"), 3);
  EXPECT_EQ(figures.Value("N4.town"), 1);
  EXPECT_EQ(figures.Value("N4.town.times"), 2);
  EXPECT_EQ(figures.Value("N4.district"), 1);  // one in June; the other's mandate was over
  EXPECT_EQ(figures.Value("N4.district.times"), 1);
  EXPECT_EQ(figures.Value("N4.plural"), 1);
  EXPECT_EQ(figures.Value("N4.unknown"), 1);
  EXPECT_EQ(figures.levels, "区、镇");
}

TEST_F(FiguresTest, N5CountsVisitsHeadsAndRoughlyPeople) {
  const RecordId session = AddSession("HK-D001", "2026-05-01", {"HK-R001"}, v1::SESSION_OPEN);
  v1::ReceptionSession more;
  more.set_unregistered_count(7);
  town_.Set(session, more, {v1::ReceptionSession::kUnregisteredCountFieldNumber});
  AddVisit(session, 1, "old number");
  AddVisit(session, 4, "old number");
  AddVisit(session, 2, "new number");
  const RecordId nobody = AddVisit(session, 1);
  AddVisit(session, 1);
  const Figures figures = town_.Year(true);
  EXPECT_EQ(figures.Value("N5"), 5);
  EXPECT_EQ(figures.Value("N5.headcount"), 9);
  EXPECT_EQ(figures.Value("N5.people"), 4);
  EXPECT_TRUE(figures.Find("N5.people")->approximate());
  EXPECT_FALSE(figures.Find("N5")->approximate());
  EXPECT_EQ(figures.Value("N5.unregistered"), 7);
  EXPECT_EQ(figures.Find("N5")->ids(3), ToText(session) + "/" + ToText(nobody));
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  query.person = [](std::string_view) { return FigureQuery::Person{"one person"}; };
  EXPECT_EQ(town_.Compute(query).Value("N5.people"), 3);
}

TEST_F(FiguresTest, N6CountsOpinionsOfVotersOnly) {
  for (int nature = 0; nature <= 6; ++nature) {
    v1::Matter matter = Opinion(v1::REGISTERED);
    matter.set_nature(static_cast<v1::Nature>(nature));
    town_.Add(matter);
  }
  AddOpinion(v1::DRAFT);
  v1::Matter suggestion = Opinion(v1::REGISTERED);
  suggestion.set_track(v1::TRACK_SUGGESTION);
  town_.Add(suggestion);
  EXPECT_EQ(Year("N6"), 4);
  EXPECT_EQ(Year("N6.inquiry"), 1);
  EXPECT_EQ(Year("N6.praise"), 1);
  EXPECT_EQ(Year("N6.unset"), 1);
  EXPECT_EQ(Year("I1.open"), 4);
}

TEST_F(FiguresTest, N7AndN10TellAnsweredFromSolved) {
  v1::Matter answered = Opinion(v1::ANSWERED);
  town_.Add(answered);
  answered.set_answer_solved(true);
  const RecordId solved = town_.Add(answered);
  const RecordId reopened = AddOpinion(v1::ANSWERED);
  AddAssignment(reopened, "2026-06-01");
  EXPECT_EQ(Year("N7"), 2);
  EXPECT_EQ(Year("N7.solved"), 1);
  EXPECT_EQ(Year("N11"), 3);
  EXPECT_THAT(Ids("N10"), ElementsAre(ToText(solved)));
}

TEST_F(FiguresTest, N8KeepsAccusationsApart) {
  v1::Matter guided = Opinion(v1::GUIDED);
  guided.set_disposition(v1::DISPOSITION_GUIDED);
  town_.Add(guided);
  guided.set_guide_reason("检举控告/涉法涉诉");
  town_.Add(guided);
  guided.set_guide_reason("");
  guided.set_track(v1::TRACK_ELSEWHERE);
  town_.Add(guided);
  EXPECT_EQ(Year("N6"), 1);
  EXPECT_EQ(Year("N8.guided"), 1);
  EXPECT_EQ(Year("N8.accusation"), 2);
  EXPECT_EQ(Year("I1"), 0);
}

TEST_F(FiguresTest, N9CountsByTheFirstAssignment) {
  v1::Matter old = Opinion(v1::ASSIGNED);
  old.set_date("2025-12-20");
  const RecordId matter = town_.Add(old);
  const RecordId first = AddAssignment(matter, "2026-01-04");
  AddAssignment(matter, "2027-01-10", 2, "", "HK-U04");
  EXPECT_EQ(Year("N6"), 0);
  EXPECT_THAT(Ids("N9"), ElementsAre(ToText(matter)));
  EXPECT_EQ(town_.Year().Find("N9.units")->note(), "交通办1件");
  v1::Matter child = Opinion(v1::MERGED);
  child.set_merged_into(ToBytes(matter));
  child.set_date("2025-12-21");
  const RecordId merged = town_.Add(child);
  AddAssignment(merged, "2026-01-04");
  EXPECT_EQ(Year("N9"), 1);
  EXPECT_THAT(Ids("N9.children"), ElementsAre(ToText(merged)));
  town_.Void(matter, first);
  EXPECT_EQ(Year("N9"), 0);  // what is left was assigned in 2027
}

TEST_F(FiguresTest, N10TakesClassAOnlyAndTheLastReply) {
  const RecordId matter = AddOpinion(v1::CLOSED);
  AddAssignment(matter, "2026-05-11");
  AddReply(matter, "2026-06-01", v1::CLASS_B);
  EXPECT_EQ(Year("N10"), 0);
  EXPECT_EQ(Year("N11"), 1);
  town_.SetState(matter, v1::TRACKING);
  EXPECT_EQ(Year("I1.closed"), 1);
  AddReply(matter, "2026-12-01", v1::CLASS_A);
  EXPECT_EQ(Year("N10"), 1);
  AddReply(matter, "2026-07-01", v1::CLASS_C);  // typed later, of an earlier day
  EXPECT_EQ(Year("N10"), 1);
  town_.SetState(matter, v1::REWORK);
  EXPECT_EQ(Year("N10"), 0);
}

TEST_F(FiguresTest, ArchivedCountsAsWhatWasArchived) {
  const RecordId matter = AddOpinion(v1::ARCHIVED);
  EXPECT_EQ(Year("I1.answered"), 1);
  v1::Matter guided = Opinion(v1::ARCHIVED);
  guided.set_disposition(v1::DISPOSITION_GUIDED);
  town_.Add(guided);
  EXPECT_EQ(Year("N8.guided"), 1);
  AddAssignment(matter, "2026-05-11");
  EXPECT_EQ(Year("I1.answered"), 0);
  EXPECT_EQ(Year("I1.closed"), 1);
}

TEST_F(FiguresTest, I1FollowsMergedToTheirParentAndConvertedToTheirChild) {
  v1::Matter formal = Opinion(v1::CLOSED);
  formal.set_track(v1::TRACK_SUGGESTION);
  formal.set_date("2027-02-01");
  const RecordId child = town_.Add(formal);
  AddReply(child, "2027-03-01", v1::CLASS_A);
  v1::Matter converted = Opinion(v1::CONVERTED);
  converted.set_converted_to(ToBytes(child));
  const RecordId middle = town_.Add(converted);
  v1::Matter merged = Opinion(v1::MERGED);
  merged.set_merged_into(ToBytes(middle));
  town_.Add(merged);
  EXPECT_EQ(Year("N6"), 2);
  EXPECT_EQ(Year("N6.cases"), 1);
  EXPECT_EQ(Year("I1.closed"), 2);
  EXPECT_EQ(Year("N10"), 2);
  EXPECT_EQ(Year("I1"), 0);
  town_.Void(child);  // nothing says any more that they are over
  EXPECT_EQ(Year("I1.open"), 2);
  EXPECT_EQ(Year("I1.dangling"), 2);
  EXPECT_EQ(Year("I1"), 0);
}

TEST_F(FiguresTest, R6CountsEachVoterOfAMergedMatterOnceItsParentIsOver) {
  v1::Matter parent = Opinion(v1::ASSIGNED);
  parent.set_disposition(v1::DISPOSITION_SUBMIT);
  const RecordId into = town_.Add(parent);
  v1::Matter child = Opinion(v1::MERGED);
  child.set_disposition(v1::DISPOSITION_SUBMIT);
  child.set_merged_into(ToBytes(into));
  town_.Add(child);
  EXPECT_EQ(town_.Year().Find("R6")->note(), "—");  // nobody has to be told yet
  v1::Matter over;
  over.mutable_status()->set_to(v1::CLOSED);
  over.mutable_status()->set_date("2026-06-01");
  town_.Set(into, over, {v1::Matter::kStatusFieldNumber});
  v1::Feedback told;
  told.set_date("2026-06-02");
  told.set_method("电话");
  town_.Add(told, into);
  EXPECT_EQ(town_.Year().Find("R6")->note(), "1/2");
}

TEST_F(FiguresTest, I1TakesACircleAsOpen) {
  const RecordId one = AddOpinion(v1::MERGED), two = AddOpinion(v1::MERGED);
  v1::Matter link;
  link.set_merged_into(ToBytes(two));
  town_.Set(one, link, {v1::Matter::kMergedIntoFieldNumber});
  link.set_merged_into(ToBytes(one));
  town_.Set(two, link, {v1::Matter::kMergedIntoFieldNumber});
  EXPECT_EQ(Year("I1.open"), 2);
  EXPECT_EQ(Year("I1.dangling"), 2);
}

TEST_F(FiguresTest, I1ShowsStatesOfALaterVersion) {
  AddOpinion(v1::CLOSED);
  AddOpinion(static_cast<v1::MatterState>(27));
  EXPECT_EQ(town_.Year().response.identity_difference(), 1);
  EXPECT_EQ(Year("I1"), 1);
  EXPECT_EQ(Year("N6"), 2);
}

TEST_F(FiguresTest, R2TakesTheLastRoundAndWhatIsDueByToday) {
  const RecordId matter = AddOpinion(v1::REPLIED);
  AddAssignment(matter, "2026-05-11", 1, "2026-06-11");
  AddReply(matter, "2026-06-12", v1::CLASS_C);
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  query.today = "2026-06-10";
  EXPECT_EQ(town_.Compute(query).Value("R2"), kNoRate);
  query.today = "2026-06-11";
  EXPECT_EQ(town_.Compute(query).Find("R2")->note(), "0/1");
  AddAssignment(matter, "2026-06-20", 2, "2026-07-20");
  AddReply(matter, "2026-07-20", v1::CLASS_A, 2);
  query.today = "2026-07-20";
  EXPECT_EQ(town_.Compute(query).Find("R2")->note(), "1/1");
  EXPECT_EQ(town_.Compute(query).Find("R3")->note(), "1/1");
  EXPECT_EQ(town_.Compute(query).Find("R1")->note(), "0/1");
}

// 不满意 in round 1, 基本满意 in round 2: counts once, as satisfied; between the rounds it is not rated.
TEST_F(FiguresTest, R4TakesTheLastRoundOnly) {
  v1::Matter suggestion = Opinion(v1::REPLIED);
  suggestion.set_track(v1::TRACK_SUGGESTION);
  suggestion.set_lead_deputy("HK-R005");
  const RecordId matter = town_.Add(suggestion);
  AddAssignment(matter, "2026-04-01");
  AddReply(matter, "2026-05-10", v1::CLASS_C);
  AddRating(matter, v1::RATING_DISSATISFIED, 1, "2026-05-20", "HK-R005");
  EXPECT_EQ(town_.Year().Find("R4.deputies")->note(), "0/1");
  AddAssignment(matter, "2026-05-22", 2);
  EXPECT_EQ(Year("R4.deputies"), kNoRate);
  AddReply(matter, "2026-06-20", v1::CLASS_B, 2);
  AddRating(matter, v1::RATING_DISSATISFIED, 2, "2026-06-30", "HK-R006");  // does not lead it
  EXPECT_EQ(Year("R4.deputies"), kNoRate);
  AddRating(matter, v1::RATING_BASICALLY, 2, "2026-06-22", "HK-R005");
  EXPECT_EQ(town_.Year().Find("R4.deputies")->note(), "1/1");
  EXPECT_EQ(Year("R4.voters"), kNoRate);
  EXPECT_EQ(town_.Year().Find("R4.voters")->note(), "—");
}

TEST_F(FiguresTest, C1SharesFirstLevelCategories) {
  town_.roster.categories["0201"].set_parent("02");
  for (const char* category : {"01", "0201", "02", "", "77"}) {
    v1::Matter matter = Opinion(v1::REGISTERED);
    matter.set_category(category);
    town_.Add(matter);
  }
  const Figures figures = town_.Year();
  std::vector<std::string> rows;
  for (const v1::CategoryShare& share : figures.response.categories())
    rows.push_back(share.name() + " " + std::to_string(share.count()) + " " + std::to_string(share.share_permille()));
  EXPECT_THAT(rows, ElementsAre("交通道路 2 400", "未分类 1 200", "农业农村与水利 1 200", "77 1 200"));
}

TEST_F(FiguresTest, AreLimitedToAStationOrArea) {
  const std::string area = town_.roster.stations["HK-D057"].parent_id();
  AddOpinion(v1::REGISTERED);
  v1::Matter elsewhere = Opinion(v1::REGISTERED);
  elsewhere.set_station_id(area);
  town_.Add(elsewhere);
  elsewhere.set_station_id("HK-D999");
  town_.Add(elsewhere);
  FigureQuery query;
  query.from = query.to = "2026-05-10";
  EXPECT_EQ(town_.Compute(query).Value("N6"), 3);
  query.area = area;
  EXPECT_EQ(town_.Compute(query).Value("N6"), 2);
  EXPECT_EQ(town_.Compute(query).Value("N1.area"), 1);
  EXPECT_FALSE(town_.Compute(query).whole);
  query.station = "HK-D057";
  EXPECT_EQ(town_.Compute(query).Value("N6"), 1);
  EXPECT_EQ(town_.Compute(query).place, town_.roster.stations["HK-D057"].name());
}

TEST_F(FiguresTest, NameTheirRecordsOnRequestAndBounded) {
  for (int i = 0; i < kMaxFigureIds + 5; ++i) AddOpinion(v1::REGISTERED);
  EXPECT_TRUE(town_.Year().Find("N6")->ids().empty());
  EXPECT_EQ(Year("N6"), kMaxFigureIds + 5);
  EXPECT_EQ(Ids("N6").size(), static_cast<size_t>(kMaxFigureIds));
}

TEST_F(FiguresTest, RefuseWhatIsNoPeriodOrPlace) {
  const auto code = [&](const char* from, const char* to, const char* station, const char* today = "") {
    FigureQuery query;
    query.from = from;
    query.to = to;
    query.station = station;
    query.today = today;
    return Compute(town_.kv(), town_.roster, query).status().code();
  };
  EXPECT_EQ(code("2026-01-01", "2026-12-31", ""), absl::StatusCode::kOk);
  EXPECT_EQ(code("2026-01-01", "2026-02-29", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("", "2026-02-28", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("2026-03-01", "2026-02-28", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("2026-01-01", "2026-02-28", "HK-D999"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("2026-01-01", "2026-02-28", "", "soon"), absl::StatusCode::kInvalidArgument);
}

TEST_F(FiguresTest, OfUndatedRecordsStandApart) {
  v1::Matter matter = Opinion(v1::REGISTERED);
  matter.set_date("2026-02-30");
  const RecordId id = town_.Add(matter);
  EXPECT_EQ(Year("N6"), 0);
  EXPECT_THAT(Ids("Q1.undated"), ElementsAre(ToText(id)));
}

TEST_F(FiguresTest, Q1CountsWhatCameLaterThanSevenDaysAfterItsDay) {
  v1::VisitEntry entry;
  entry.set_number("1");
  const RecordId session = AddSession("HK-D001", "2026-05-10", {});
  auto visit = [&] { return ToText(session) + "/" + ToText(town_.Add(entry, session)); };
  visit();
  town_.Arrive("2026-05-17");  // the seventh day
  const std::string late = visit(), with_it = visit();
  town_.Arrive("2026-05-18");
  entry.set_historical(true);
  visit();
  town_.Arrive("2026-12-01");
  entry.set_historical(false);
  visit();  // is here, and came in no range: the hub's own
  EXPECT_THAT(Ids("Q1.late"), ElementsAre(late, with_it));
}

TEST_F(FiguresTest, Q1CountsVisitsWithoutAPhoneOfThoseWhoGaveTheirName) {
  v1::VisitEntry entry;
  const RecordId session = AddSession("HK-D001", "2026-05-10", {});
  auto visit = [&](const char* visitor, bool anonymous = false, bool historical = false) {
    entry.set_visitor_id(visitor);
    entry.set_anonymous(anonymous);
    entry.set_historical(historical);
    town_.Add(entry, session);
  };
  visit("with a phone");
  visit("without");
  visit("without");
  visit("without", true);
  visit("without", false, true);
  visit("");
  FigureQuery query;
  query.from = "2026-01-01";
  query.to = "2026-12-31";
  EXPECT_EQ(town_.Compute(query).Value("Q1.phone"), 0) << "nothing is known of anybody";
  query.person = [](std::string_view visitor) {
    return FigureQuery::Person{std::string(visitor), visitor == "without"};
  };
  EXPECT_EQ(town_.Compute(query).Value("Q1.phone"), 2);
}

TEST(Permille, IsWholeOnlyWhenItIs) {
  EXPECT_EQ(Permille(0, 0), kNoRate);
  EXPECT_EQ(Permille(0, 3), 0);
  EXPECT_EQ(Permille(1, 3), 333);
  EXPECT_EQ(Permille(2, 3), 667);
  EXPECT_EQ(Permille(3, 3), 1000);
  EXPECT_EQ(Permille(99999, 100000), 999);
  EXPECT_EQ(Permille(1, 100000), 1);
}

}  // namespace
}  // namespace liaison
