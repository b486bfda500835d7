// Scenarios of the township: from what the villages sent to the answer, the rating and the report.
#include <gmock/gmock.h>
#include <signal.h>

#include "common/base/text.h"
#include "liaison/v1/print.pb.h"
#include "tests/acceptance/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class CaseworkScenario : public Town {
 protected:
  v1::Step Assign(const std::string& date, const std::string& unit) {
    v1::Step step = StepOn(date, v1::STEP_ASSIGN);
    step.set_unit(unit);
    return step;
  }
  v1::Step Reply(const std::string& date, v1::ReplyClass reply_class) {
    v1::Step step = StepOn(date, v1::STEP_REPLY);
    step.set_reply_class(reply_class);
    step.set_text("已经办好");
    step.set_mode("面复");
    return step;
  }
  v1::Step Rate(const std::string& date, v1::Rating rating, const std::string& by) {
    v1::Step step = StepOn(date, v1::STEP_EVALUATE);
    step.set_rating(rating);
    step.set_by(by);
    return step;
  }
  v1::Step Because(const std::string& date, v1::StepKind kind, const std::string& reason) {
    v1::Step step = StepOn(date, kind);
    step.set_reason(reason);
    return step;
  }
  std::string NumberOf(const std::string& matter) { return Case(hub(), matter).matter().matter().number(); }

  // One reception of a village: an entry for each headcount, the first `answered` answered on the spot, the others sent
  // up. The matters, in order.
  std::vector<std::string> Reception(Daemon& station, const std::string& date, const std::vector<int>& headcounts,
                                     int answered) {
    v1::SessionView session = Open(station, date, {"HK-R001"});
    std::vector<std::string> matters;
    for (size_t i = 0; i < headcounts.size(); ++i) {
      const bool here = static_cast<int>(i) < answered;
      v1::VisitView visit =
          Log(station, session, Cat("第", i, "件"), headcounts[i], Cat("村民", i),
              {MatterOf(Cat("第", i, "件"), here ? v1::DISPOSITION_ANSWERED : v1::DISPOSITION_SUBMIT)});
      if (!here) Do(station, visit.matters(0).id(), StepOn(date, v1::STEP_SUBMIT));
      matters.push_back(visit.matters(0).id());
    }
    return matters;
  }
  // From acceptance to the end, all on one day.
  void Handle(const std::string& matter, const std::string& date, v1::ReplyClass reply_class) {
    Do(hub(), matter, StepOn(date, v1::STEP_ACCEPT));
    Do(hub(), matter, Assign(date, "HK-U05"));
    Do(hub(), matter, Reply(date, reply_class));
    Do(hub(), matter, Rate(date, v1::RATING_SATISFIED, "村民"));
    EXPECT_EQ(Do(hub(), matter, StepOn(date, v1::STEP_CLOSE)), v1::CLOSED);
  }
};

TEST_F(CaseworkScenario, AppendOnly) {
  Make({"HK-D057"});
  StartHub("2026-12-01T09:00");
  Daemon* station = &StartStation("HK-D057", "2026-12-01T09:00");
  const std::string id = Reception(*station, "2026-11-20", {1}, 0)[0];
  Deliver("HK-D057");
  Do(hub(), id, StepOn("2026-11-23", v1::STEP_ACCEPT));
  Do(hub(), id, Assign("2026-11-24", "HK-U05"));
  AwaitState(*station, id, v1::ASSIGNED);
  station->Stop(SIGTERM);
  station = &StartStation("HK-D057", "2026-12-01T10:00", kNobody);

  // At the same time, neither knows of the other.
  v1::Step told = StepOn("2026-11-30", v1::STEP_FEED_BACK);
  told.set_mode("电话");
  told.set_by("HK-R001");
  told.set_text("告诉他已交水利站");
  Do(*station, id, told);
  v1::Step progress = StepOn("2026-11-30", v1::STEP_PROGRESS);
  progress.set_text("已派人勘察");
  Do(hub(), id, progress);
  v1::Step urge = StepOn("2026-11-30", v1::STEP_SUPERVISE);
  urge.set_supervision("催办");
  Do(hub(), id, urge);

  station->Stop(SIGTERM);
  station = &StartStation("HK-D057", "2026-12-01T11:00");
  Deliver("HK-D057");
  AwaitState(*station, id, v1::HANDLING);
  for (Daemon* daemon : {station, &hub()}) {
    v1::CaseView view = Case(*daemon, id);
    ASSERT_EQ(view.feedback_size(), 1);
    EXPECT_EQ(view.feedback(0).text(), "告诉他已交水利站");
    ASSERT_EQ(view.progress_size(), 1);
    EXPECT_EQ(view.progress(0).text(), "已派人勘察");
    ASSERT_EQ(view.supervisions_size(), 1);
    EXPECT_EQ(view.supervisions(0).type(), "催办");
    EXPECT_EQ(view.matter().conflicts(), 0);
    EXPECT_EQ(view.matter().state(), v1::HANDLING);
  }
}

TEST_F(CaseworkScenario, TheReceptionSentence) {
  Make({"HK-D057"});
  StartHub("2026-12-20T09:00");
  Daemon& station = StartStation("HK-D057", "2026-12-20T09:00");
  std::vector<std::string> matters = Reception(station, "2026-11-20", std::vector<int>(16, 3), 10);
  Deliver("HK-D057");
  for (size_t i = 10; i < 14; ++i) Handle(matters[i], "2026-12-10", v1::CLASS_A);
  for (size_t i = 14; i < 16; ++i) {
    Do(hub(), matters[i], StepOn("2026-12-01", v1::STEP_ACCEPT));
    Do(hub(), matters[i], Assign("2026-12-02", "HK-U05"));
  }
  v1::GetReportResponse report = Report("2026-11-01", "2026-11-30");
  EXPECT_THAT(report.sentence(), HasSubstr("接待选民16批48人次，收集意见建议16条"));
  EXPECT_THAT(report.sentence(), HasSubstr("已解决14条，其余2条正在办理之中"));
  EXPECT_EQ(report.figures().identity_difference(), 0);
}

TEST_F(CaseworkScenario, AYearInOneTown) {
  Make({"HK-D057"});
  StartHub("2026-12-31T09:00");
  Daemon& station = StartStation("HK-D057", "2026-12-31T09:00");
  std::vector<int> headcounts(37, 3);
  headcounts[0] = 4;  // 112 in all
  std::vector<std::string> matters = Reception(station, "2026-06-15", headcounts, 28);
  Deliver("HK-D057");
  for (size_t i = 28; i < 37; ++i) Handle(matters[i], "2026-07-01", v1::CLASS_A);
  const FigureValues figures = Figures("2026-01-01", "2026-12-31");
  EXPECT_EQ(figures.at("N5"), 37);
  EXPECT_EQ(figures.at("N5.headcount"), 112);
  EXPECT_EQ(figures.at("N7"), 28);
  EXPECT_EQ(figures.at("N9"), 9);
  EXPECT_EQ(figures.at("R1"), 1000);
  EXPECT_EQ(figures.at("R4.voters"), 1000);
  EXPECT_THAT(Report("2026-01-01", "2026-12-31").sentence(), HasSubstr("接待选民37批112人次"));
}

TEST_F(CaseworkScenario, TheAssignmentMeeting) {
  Make({});
  StartHub("2026-12-31T09:00");
  const std::vector<std::pair<std::string, std::string>> about = {
      {"增加学位", "05"}, {"修缮校舍", "05"}, {"保护古街", "10"}, {"疏通街道", "03"},
      {"增设路灯", "03"}, {"扶持产业", "09"}, {"方便办事", "12"}};
  const std::vector<std::string> units = {"HK-U03", "HK-U03", "HK-U06", "HK-U02", "HK-U02", "HK-U01", "HK-U04"};
  std::map<std::string, std::vector<std::string>> of_unit;
  for (size_t i = 0; i < about.size(); ++i)
    of_unit[units[i]].push_back(Propose(about[i].first, about[i].second, "HK-R001"));
  ASSERT_EQ(of_unit.size(), 5u);
  std::set<std::string> numbers;
  for (const auto& [unit, matters] : of_unit) {
    v1::Step assign = Assign("2026-03-25", unit);
    assign.set_batch("2026年3月25日交办会");
    Take(hub(), matters, assign);
    for (const std::string& matter : matters) {
      v1::CaseView view = Case(hub(), matter);
      ASSERT_EQ(view.assignments_size(), 1);
      EXPECT_EQ(view.assignments(0).assignment().batch(), "2026年3月25日交办会");
      EXPECT_EQ(view.assignments(0).due_date(), "2026-06-25");
      numbers.insert(view.assignments(0).assignment().number());
    }
  }
  EXPECT_EQ(numbers.size(), 7u);
  for (const auto& [unit, matters] : of_unit)
    for (const std::string& matter : matters) {
      v1::PrintFormRequest print;
      print.set_paper(v1::PAPER_ASSIGNMENT);
      print.set_id(matter);
      const std::string slip = Call<v1::PrintFormResponse>(hub(), "PrintService/PrintForm", print).content();
      EXPECT_THAT(slip, HasSubstr(NumberOf(matter)));
      EXPECT_THAT(slip, HasSubstr("盖章"));
      EXPECT_THAT(slip, HasSubstr("签收"));
    }
  EXPECT_TRUE(numbers.contains("恒人交〔2026〕001号") && numbers.contains("恒人交〔2026〕007号"));
  for (const auto& [unit, matters] : of_unit)
    for (const std::string& matter : matters) {
      Do(hub(), matter, StepOn("2026-03-26", v1::STEP_RECEIVE));
      Do(hub(), matter, Reply("2026-06-20", v1::CLASS_A));
      Do(hub(), matter, Rate("2026-06-22", v1::RATING_SATISFIED, "HK-R001"));
      EXPECT_EQ(Do(hub(), matter, StepOn("2026-06-23", v1::STEP_CLOSE)), v1::CLOSED);
    }
  const FigureValues figures = Figures("2026-01-01", "2026-12-31");
  EXPECT_EQ(figures.at("N6.suggestions"), 7);
  EXPECT_EQ(figures.at("R2.suggestions"), 1000);
  EXPECT_EQ(figures.at("R4.deputies"), 1000);
  EXPECT_EQ(figures.at("N6"), 0);  // the tracks stay apart
}

TEST_F(CaseworkScenario, Returned) {
  Make({});
  StartHub("2026-12-31T09:00");
  const std::string id = Propose("修一条路", "03", "HK-R001"), late = Propose("修一座桥", "03", "HK-R001");
  EXPECT_EQ(Do(hub(), id, Assign("2026-04-01", "HK-U05")), v1::ASSIGNED);
  EXPECT_EQ(Do(hub(), late, Assign("2026-04-01", "HK-U05")), v1::ASSIGNED);
  EXPECT_EQ(Do(hub(), id, Because("2026-04-07", v1::STEP_ASK_RETURN, "不属本单位职责")), v1::ASSIGNED);
  v1::Step ask = Because("2026-04-09", v1::STEP_ASK_RETURN, "不属本单位职责");
  EXPECT_THAT(Refused(hub(), late, ask),
              HasSubstr("退办期限已过：交办后7日，到2026-04-08为止；确需退办的须经主席批准"));
  ask.set_approved_by("主席");
  EXPECT_EQ(Do(hub(), late, ask), v1::ASSIGNED);
  v1::Step grant = StepOn("2026-04-09", v1::STEP_DECIDE_RETURN);
  grant.set_decision(v1::DECISION_GRANTED);
  EXPECT_EQ(Do(hub(), id, grant), v1::ACCEPTED);
  EXPECT_EQ(Do(hub(), id, Assign("2026-04-10", "HK-U04")), v1::ASSIGNED);
  v1::CaseView view = Case(hub(), id);
  ASSERT_EQ(view.assignments_size(), 2);
  EXPECT_EQ(view.assignments(1).unit_name(), "交通办");
  EXPECT_EQ(view.assignments(1).due_date(), "2026-07-10");
  EXPECT_EQ(view.assignments(1).ceiling(), "2026-10-08");  // six months end on 1 October, a holiday
  EXPECT_EQ(view.first_assigned(), "2026-04-01");
}

TEST_F(CaseworkScenario, NotSatisfied) {
  Make({});
  StartHub("2026-12-01T09:00");
  const std::string id = Propose("修学校门口的路", "03", "HK-R001");
  Do(hub(), id, Assign("2026-04-15", "HK-U04"));
  EXPECT_EQ(Do(hub(), id, Reply("2026-05-10", v1::CLASS_C)), v1::REPLIED);
  Do(hub(), id, Rate("2026-05-20", v1::RATING_DISSATISFIED, "HK-R001"));
  EXPECT_THAT(Refused(hub(), id, StepOn("2026-05-21", v1::STEP_CLOSE)), HasSubstr("不满意"));
  EXPECT_EQ(Do(hub(), id, StepOn("2026-05-20", v1::STEP_REWORK)), v1::REWORK);
  EXPECT_EQ(Case(hub(), id).round(), 2u);
  EXPECT_EQ(Case(hub(), id).due_date(), "2026-06-22");  // 20 June is in the Dragon Boat holiday
  v1::Step promise = Reply("2026-06-18", v1::CLASS_B);
  promise.set_promise("列入年度计划");
  promise.set_promise_date("2026-12-31");
  EXPECT_EQ(Do(hub(), id, promise), v1::REPLIED);
  Do(hub(), id, Rate("2026-06-20", v1::RATING_BASICALLY, "HK-R001"));
  EXPECT_EQ(Do(hub(), id, StepOn("2026-06-23", v1::STEP_CLOSE)), v1::TRACKING);
  const FigureValues figures = Figures("2026-01-01", "2026-12-31");
  EXPECT_EQ(figures.at("R4.deputies"), 1000);
  EXPECT_EQ(figures.at("R4.deputies.basically"), 1);
  EXPECT_EQ(figures.at("R4.deputies.dissatisfied"), 0);
  EXPECT_EQ(CountIn(hub(), v1::WORK_PROMISES), 1);
  hub().Stop(SIGTERM);
  StartHub("2027-02-01T09:00");
  EXPECT_EQ(CountIn(hub(), v1::WORK_OVERDUE), 1);  // the promise was not kept
  v1::Step kept = StepOn("2027-02-01", v1::STEP_KEEP_PROMISE);
  kept.set_text("路已修通");
  EXPECT_EQ(Do(hub(), id, kept), v1::CLOSED);
  EXPECT_EQ(CountIn(hub(), v1::WORK_PROMISES), 0);
}

}  // namespace
}  // namespace liaison
