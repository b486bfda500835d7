#include "hub/report/report.h"

#include <iterator>

#include "gtest/gtest.h"
#include "tests/hub_facts/town.h"

namespace liaison {
namespace {

// An old ledger of 194 rows, one visit and one matter each: 99 answered on the spot, 46 assigned and closed (one of
// them 不满意), 28 with the villages, 13 assigned and open, 8 guided; 267 heads.
class OldLedger : public ::testing::Test {
 protected:
  OldLedger() {
    town_.roster = FixtureRoster();
    for (int row = 0; row < 194; ++row) AddRow(row);
  }

  void AddRow(int row) {
    const std::string date = DayText(*ParseDay("2026-01-05") + row % 170);
    const std::string station = Code("HK-D", row % 96 + 1);
    v1::ReceptionSession session;
    session.set_station_id(station);
    session.set_date(date);
    session.set_historical(true);
    session.mutable_status()->set_to(v1::SESSION_CLOSED);
    session.add_deputies()->set_deputy_id(std::next(town_.roster.deputies.begin(), row % 75)->first);
    const RecordId session_id = town_.Add(session);
    v1::VisitEntry entry;
    entry.set_headcount(row < 73 ? 2 : 1);  // 194 + 73 = 267
    entry.set_historical(true);
    if (row % 10 != 0) entry.set_visitor_id(ToBytes(town_.NewId<v1::Visitor>()));
    visits_.push_back(town_.Add(entry, session_id));
    sessions_.push_back(session_id);

    v1::Matter matter;
    matter.set_station_id(station);
    matter.set_date(date);
    matter.set_category(row % 3 == 0 ? "01" : row % 3 == 1 ? "02" : "05");
    matter.set_nature(v1::NATURE_OPINION);
    matter.set_historical(true);
    matter.set_disposition(row < 99    ? v1::DISPOSITION_ANSWERED
                           : row < 145 ? v1::DISPOSITION_SUBMIT
                           : row < 173 ? v1::DISPOSITION_VILLAGE
                           : row < 186 ? v1::DISPOSITION_SUBMIT
                                       : v1::DISPOSITION_GUIDED);
    matter.mutable_status()->set_to(row < 99    ? v1::ANSWERED
                                    : row < 145 ? v1::CLOSED
                                    : row < 173 ? v1::VILLAGE
                                    : row < 186 ? v1::ASSIGNED
                                                : v1::GUIDED);
    matters_.push_back(town_.Add(matter));
    if (matter.disposition() == v1::DISPOSITION_SUBMIT) {
      v1::Assignment assignment;
      assignment.set_main_unit("HK-U01");
      assignment.set_assigned_date(date);
      assignment.set_historical(true);
      town_.Add(assignment, matters_.back());
    }
    if (row >= 80 && row < 145) {
      v1::Evaluation evaluation;
      evaluation.set_historical(true);
      evaluation.set_result(row == 144  ? v1::RATING_DISSATISFIED
                            : row > 130 ? v1::RATING_BASICALLY
                                        : v1::RATING_SATISFIED);
      town_.Add(evaluation, matters_.back());
    }
  }

  static std::string Code(const std::string& prefix, int number) {
    const std::string digits = std::to_string(number);
    return prefix + std::string(3 - digits.size(), '0') + digits;
  }

  Figures HalfYear() {
    FigureQuery query;
    query.from = "2026-01-01";
    query.to = "2026-06-30";
    query.sync = {"2026-07-01 09:30", 97, 109};
    return town_.Compute(query);
  }

  Town town_;
  std::vector<RecordId> sessions_, visits_, matters_;
};

constexpr char kSentence[] =
    "接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，其余41条正在办理之中，引导至其他渠道8条";

TEST_F(OldLedger, GivesTheSentence) {
  EXPECT_EQ(HeadlineSentence(HalfYear()), kSentence);
  EXPECT_EQ(HalfYear().response.identity_difference(), 0);
  EXPECT_EQ(MakeReport(HalfYear(), town_.roster).sentence(), kSentence);
}

TEST_F(OldLedger, ChangesTheSentenceWhenARowChanges) {
  town_.SetState(matters_[180], v1::WITHDRAWN);
  EXPECT_EQ(HeadlineSentence(HalfYear()),
            "接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，其余40条正在办理之中，"
            "引导至其他渠道8条，撤回1条");
  town_.Void(sessions_[0], visits_[0]);
  town_.Void(matters_[0]);
  EXPECT_EQ(HeadlineSentence(HalfYear()),
            "接待选民193批265人次，收集意见建议193条，其中当场答复98条，已解决144条，其余40条正在办理之中，"
            "引导至其他渠道8条，撤回1条");
  v1::Matter later;
  later.set_date("2026-07-01");
  town_.Set(matters_[190], later, {v1::Matter::kDateFieldNumber});
  EXPECT_EQ(HeadlineSentence(HalfYear()),
            "接待选民193批265人次，收集意见建议192条，其中当场答复98条，已解决144条，其余40条正在办理之中，"
            "引导至其他渠道7条，撤回1条");
  EXPECT_EQ(town_.Rows(), town_.Recounted());
}

TEST_F(OldLedger, CountsRatingsAndSources) {
  const Figures figures = HalfYear();
  EXPECT_EQ(figures.Value("N10.ledger"), 145);
  EXPECT_EQ(figures.Value("N9"), 59);
  EXPECT_EQ(figures.Value("R1"), 780);  // 46 of 59
  EXPECT_EQ(figures.Find("R1")->note(), "46/59");
  EXPECT_EQ(figures.Value("R4.voters.satisfied"), 51);
  EXPECT_EQ(figures.Value("R4.voters.basically"), 13);
  EXPECT_EQ(figures.Value("R4.voters.dissatisfied"), 1);
  EXPECT_EQ(figures.Value("R4.voters.unrated"), 80);
  EXPECT_EQ(figures.Find("R4.voters")->note(), "64/65");
  EXPECT_EQ(figures.Find("N9.units")->note(), "经济发展局59件");
}

TEST_F(OldLedger, GivesTheParagraph) {
  EXPECT_EQ(ReportParagraph(HalfYear()),
            "建设中心站1个、片区联络站12个、高标准联络站5个、村（社区）联络点96个，实现联络站点全覆盖。"
            "2026年上半年，共开展代表接待日194场次，75名区、镇两级代表194人次参加，接待选民194批267人次，"
            "收集意见建议194条，其中当场答复99条，交办59件，已解决145条，其余41条正在办理之中，引导至其他渠道8条。"
            "意见建议主要涉及农业农村与水利65条（33.5%）、交通道路65条（33.5%）、教育64条（33%），"
            "办结率78%、群众满意率98.5%。");
}

TEST_F(OldLedger, NamesItsSourcesInFootnotes) {
  EXPECT_EQ(Footnotes(HalfYear()), (std::vector<std::string>{
                                       "已解决中有145条据旧台账，以旧台账记载的当场答复或办结为准。",
                                       "接待选民约194人，按登记的反映人去重，未登记姓名的每批计1人。",
                                       "参加代表其中9名兼任两级以上代表，各级人数相加大于总人数。",
                                       "满意率只计已评价的；群众未评价80条。",
                                       "数据截止2026-07-01 09:30；97/109站点已同步。",
                                   }));
}

// What the township does after the import goes by the rules of today.
TEST_F(OldLedger, GoesOnByTheRulesOfToday) {
  v1::Reply reply;
  reply.set_date("2026-07-05");
  reply.set_reply_class(v1::CLASS_C);
  town_.Add(reply, matters_[175]);
  town_.SetState(matters_[175], v1::CLOSED);
  EXPECT_EQ(HeadlineSentence(HalfYear()),
            "接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，已答复说明或列入计划1条，"
            "其余40条正在办理之中，引导至其他渠道8条");
  reply.set_date("2026-07-08");
  reply.set_reply_class(v1::CLASS_A);
  town_.Add(reply, matters_[175]);
  EXPECT_EQ(HalfYear().Value("N10"), 146);
  EXPECT_EQ(HalfYear().Value("N10.ledger"), 145);
}

// ---------------------------------------------------------------- sentences of made-up figures

Figures Made(const std::map<std::string, int64_t>& values) {
  Figures figures;
  for (const auto& [code, value] : values) {
    v1::Figure* figure = figures.response.add_figures();
    figure->set_code(code);
    figure->set_value(value);
  }
  figures.from = *ParseDay("2026-11-01");
  figures.to = *ParseDay("2026-11-30");
  figures.place = "大道村联络点";
  return figures;
}

TEST(Sentence, LeavesOutWhatIsNothing) {
  using Values = std::map<std::string, int64_t>;
  const std::pair<Values, const char*> cases[] = {
      {{}, "没有开展接待选民活动"},
      {{{"N3", 2}}, "开展接待活动2场次，期间无选民来访"},
      {{{"N3", 2}, {"N5", 3}, {"N5.headcount", 6}}, "接待选民3批6人次，未收集到意见建议"},
      {{{"N6", 2}, {"I1.open", 2}}, "收集意见建议2条，均在办理之中"},
      {{{"N5", 3}, {"N5.headcount", 6}, {"N6", 3}, {"I1.open", 3}}, "接待选民3批6人次，收集意见建议3条，均在办理之中"},
      {{{"N5", 3}, {"N5.headcount", 6}, {"N6", 3}, {"I1.open", 2}, {"N8.guided", 1}},
       "接待选民3批6人次，收集意见建议3条，其中2条正在办理之中，引导至其他渠道1条"},
      {{{"N5", 3}, {"N5.headcount", 6}, {"N6", 3}, {"N8.guided", 3}},
       "接待选民3批6人次，收集意见建议3条，其中引导至其他渠道3条"},
      {{{"N5", 37}, {"N5.headcount", 112}, {"N6", 37}, {"N7", 28}, {"N10", 37}, {"N11", 37}},
       "接待选民37批112人次，收集意见建议37条，其中当场答复28条，已解决37条"},
      {{{"N5", 16}, {"N5.headcount", 48}, {"N6", 16}, {"N7", 9}, {"N10", 14}, {"N11", 14}, {"I1.open", 2}},
       "接待选民16批48人次，收集意见建议16条，其中当场答复9条，已解决14条，其余2条正在办理之中"},
      {{{"N5", 4}, {"N5.headcount", 4}, {"N6", 4}, {"N7", 3}, {"N11", 3}, {"N8.withdrawn", 1}},
       "接待选民4批4人次，收集意见建议4条，其中当场答复3条，已答复说明或列入计划3条，撤回1条"},
  };
  for (const auto& [values, sentence] : cases) EXPECT_EQ(HeadlineSentence(Made(values)), sentence);
}

TEST(Paragraph, OfOnePlaceLeavesOutTheNetwork) {
  Figures figures = Made({{"N1.center", 1},
                          {"N1.coverage", 990},
                          {"N1.point", 96},
                          {"N3", 1},
                          {"N4", 2},
                          {"N4.deputies", 2},
                          {"N5", 3},
                          {"N5.headcount", 6},
                          {"N6", 0},
                          {"R1", kNoRate}});
  figures.levels = "镇";
  EXPECT_EQ(ReportParagraph(figures),
            "建设中心站1个、村（社区）联络点96个，村（社区）覆盖率99%。"
            "2026年11月，共开展代表接待日1场次，2名镇代表2人次参加，"
            "接待选民3批6人次，未收集到意见建议。");
  figures.whole = false;
  figures.to = *ParseDay("2026-11-05");
  EXPECT_EQ(ReportParagraph(figures),
            "2026年11月1日至11月5日，大道村联络点共开展代表接待日1场次，2名镇代表2人次参加，接待选民3批6人次，"
            "未收集到意见建议。");
  EXPECT_EQ(ReportParagraph(Made({})), "2026年11月，没有开展接待选民活动。");
}

TEST(Paragraph, SpeaksOfNoRateWithoutAValue) {
  const Figures figures =
      Made({{"N5", 1}, {"N5.headcount", 1}, {"N6", 1}, {"I1.open", 1}, {"R1", kNoRate}, {"R4.voters", kNoRate}});
  // A rate without a value is not spoken of.
  EXPECT_EQ(ReportParagraph(figures).find("率"), std::string::npos) << ReportParagraph(figures);
}

TEST(Footnotes, SayWhatDoesNotAddUp) {
  Figures figures = Made({{"I1", 2}, {"N6.merged", 3}, {"N6.cases", 7}, {"N8.accusation", 1}, {"N6.inquiry", 4}});
  figures.response.set_identity_difference(2);
  EXPECT_EQ(Footnotes(figures), (std::vector<std::string>{
                                    "另有咨询4条、表扬0条，不计入意见建议。",
                                    "意见建议含并案3条，并案后7件；并案的办理情况随主件。",
                                    "另有检举控告类1条，已引导至有关机关，不计入意见建议。",
                                    "核对差额2条：有记录的状态本版本不能识别，请升级。",
                                    "数据截止时间未知；0/0站点已同步。",
                                }));
}

TEST(Suggestions, AreASentence) {
  Figures figures = Made({{"N6.suggestions", 7},
                          {"N6.suggestions.key", 1},
                          {"N9.suggestions", 7},
                          {"N9.suggestions.units", 5},
                          {"N11.suggestions", 7},
                          {"R2.suggestions", 1000},
                          {"R4.deputies", 1000},
                          {"N6.bills", 2},
                          {"N6.bills.key", 1}});
  figures.period = "二十届人大三次会议以来";
  figures.meetings = {{*ParseDay("2026-03-25"), 7}};
  EXPECT_EQ(SuggestionsSentence(figures),
            "二十届人大三次会议以来，代表提出建议7件（其中重点1件），主席团于2026年3月25日召开交办会，交5个单位承办，"
            "已办结7件，按期办结率100%，并直接答复代表，代表满意率100%。代表提出议案2件（其中重点1件）。");
  figures.meetings = {{1, 1}, {2, 1}, {3, 1}, {4, 1}};
  EXPECT_NE(SuggestionsSentence(figures).find("主席团分4次交办"), std::string::npos);
  EXPECT_EQ(SuggestionsSentence(Made({{"N6.suggestions", 2}})), "2026年11月，代表提出建议2件。");
  EXPECT_EQ(SuggestionsSentence(Made({{"R2.suggestions", kNoRate}})), "");
}

TEST(Activities, AreASentence) {
  EXPECT_EQ(ActivitiesSentence(Made({{"A1", 3},
                                     {"A1.inspection", 2},
                                     {"A1.law_check", 1},
                                     {"A1.times", 86},
                                     {"A1.problems", 14},
                                     {"A1.suggestions", 9},
                                     {"A1.adopted", 4},
                                     {"T1", 2},
                                     {"T1.times", 120},
                                     {"T1.reporting", 8},
                                     {"T1.rated", 24},
                                     {"T1.rated.officials", 4},
                                     {"T1.rated.departments", 12},
                                     {"T1.rate", 953}})),
            "组织视察、执法检查3次，代表86人次，发现问题14个，提出意见建议9条，采纳4条；举办培训2期120人次；"
            "8名代表向选民述职；对24名代表、4名政府工作人员、12个部门单位进行了民主测评，满意率95.3%。");
  EXPECT_EQ(ActivitiesSentence(Made({{"T1", 1}, {"T1.times", 30}})), "举办培训1期30人次。");
  EXPECT_EQ(ActivitiesSentence(Made({})), "");
}

TEST(Problems, NameWhoMustBeCalled) {
  const Roster roster = FixtureRoster();
  Figures figures = Made({{"N2.silent", 7},
                          {"D2.overdue", 3},
                          {"D2.overdue.suggestions", 1},
                          {"P1.idle", 4},
                          {"P1.in_office", 75},
                          {"Q1.conflicts", 2},
                          {"Q1.late", 6}});
  for (int i = 1; i <= 7; ++i) figures.silent.push_back("HK-D00" + std::to_string(i));
  for (const auto& [unit, track] : {std::pair("HK-U01", v1::TRACK_OPINION), std::pair("HK-U04", v1::TRACK_OPINION),
                                    std::pair("HK-U04", v1::TRACK_OPINION), std::pair("HK-U02", v1::TRACK_SUGGESTION)})
    figures.breakdown.overdue.push_back({"m", "HK-D001", unit, track, 1, 2, 3});
  const std::vector<std::string> problems = Problems(figures, roster);
  ASSERT_EQ(problems.size(), 6u);
  EXPECT_TRUE(problems[0].starts_with("7个联络点连续60天没有开展接待：" + roster.StationName("HK-D001") + "、"));
  EXPECT_TRUE(problems[0].ends_with(roster.StationName("HK-D005") + "等。"));
  EXPECT_EQ(problems[1], "3件群众意见建议逾期未答复：交通办2件、经济发展局1件。");
  EXPECT_EQ(problems[2], "1件代表建议逾期未答复：" + roster.DepartmentName("HK-U02") + "1件。");
  EXPECT_EQ(problems[3], "75名在任代表中，4名没有履职记录。");
  EXPECT_EQ(problems[4], "有2件记录存在冲突，待核定。");
  EXPECT_EQ(problems[5], "有6批来访的登记在接待7天以后才送达。");
  EXPECT_TRUE(Problems(Made({}), roster).empty());
}

TEST(Report, IsTitledByPlaceAndPeriod) {
  Figures figures = Made({});
  EXPECT_EQ(ReportTitle(figures), "大道村联络点2026年11月");
  figures.period = "本届以来";
  EXPECT_EQ(ReportTitle(figures), "大道村联络点本届以来");
}

}  // namespace
}  // namespace liaison
