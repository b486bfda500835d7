// What stands on the forms, and whose name does not.
#include "tests/prints/fixture.h"

namespace liaison {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PrintsTest : public PrintsFixture {
 protected:
  std::string Add(v1::AddCongressRecordRequest request) {
    request.set_action_id(town_.ActionId());
    absl::StatusOr<v1::AddCongressRecordResponse> response = hub().congress()->AddCongressRecord(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->record().id() : "";
  }
};

TEST_F(PrintsTest, AVisitorsNameStandsOnTheFormOfItsOwnStationAlone) {
  const v1::VisitView visit = Log(Open(), "三组水渠垮了二十来米", kName, kPhone);
  area();
  SyncAll();
  const std::string own = Print(village(), v1::PAPER_VISIT, visit.id());
  EXPECT_THAT(own, AllOf(HasSubstr(kName), HasSubstr(kPhone), HasSubstr("三组水渠垮了二十来米"), HasSubstr("☑上报镇"),
                         HasSubstr(visit.entry().number()), HasSubstr("民兴村人大代表联络点"), HasSubstr("薛云")));
  for (const std::string& html :
       {Print(hub(), v1::PAPER_VISIT, visit.id()), Print(area(), v1::PAPER_VISIT, visit.id())})
    EXPECT_THAT(html, AllOf(Not(HasSubstr(kName)), Not(HasSubstr(kPhone)), HasSubstr("三组水渠垮了二十来米")));
  EXPECT_THAT(Print(hub(), v1::PAPER_VISIT, visit.id()), AllOf(HasSubstr("𬱖**"), HasSubstr("138****5678")));
  for (const std::string& html :
       {Print(village(), v1::PAPER_SESSION, visit.session_id()), Print(village(), v1::PAPER_LEDGER),
        Print(hub(), v1::PAPER_LEDGER), Ledger(village(), "csv"), Ledger(hub(), "csv"), Ledger(hub(), "xlsx")})
    EXPECT_THAT(html, AllOf(Not(HasSubstr(kName)), Not(HasSubstr(kPhone)), HasSubstr("𬱖**")));
}

TEST_F(PrintsTest, WhoAsksForConfidentialityIsNamedNowhere) {
  const v1::VisitView visit = Log(Open(), "村干部态度不好", kName, kPhone, 1, [](v1::LogVisitRequest* request) {
    request->mutable_entry()->set_confidential(true);
    request->mutable_entry()->set_village_group("三组");
  });
  SyncAll();
  for (const std::string& html :
       {Print(village(), v1::PAPER_VISIT, visit.id()), Print(hub(), v1::PAPER_VISIT, visit.id()),
        Print(village(), v1::PAPER_SESSION, visit.session_id()), Print(hub(), v1::PAPER_SESSION, visit.session_id()),
        Print(village(), v1::PAPER_LEDGER), Print(hub(), v1::PAPER_LEDGER), Ledger(village(), "csv"),
        Ledger(hub(), "xlsx")}) {
    EXPECT_THAT(html, AllOf(HasSubstr("要求保密"), HasSubstr("村干部态度不好"), Not(HasSubstr("𬱖")),
                            Not(HasSubstr("5678")), Not(HasSubstr("三组"))));
  }
}

// The columns of 0.5 keep their places, since scripts read them; what the schema adds comes at the end.
TEST_F(PrintsTest, EveryColumnOfTheSchemaIsInTheExport) {
  const TypeInfo& type = TypeOf<v1::Matter>();
  std::string head = "编号,日期,站点,反映人,联系电话,人数,反映内容,类别", row;
  v1::Matter typed;
  for (v1::FormPart part : {v1::FORM_FIRST, v1::FORM_MORE}) {
    for (const FieldInfo* field : FieldsIn(type, part, /*columns=*/true)) {
      head += "," + field->rules.label();
      if (field->descriptor->type() == google::protobuf::FieldDescriptor::TYPE_STRING)
        v1::Matter::GetReflection()->SetString(&typed, field->descriptor, Cat("栏", field->descriptor->name()));
      if (part == v1::FORM_MORE) row += "," + TextOf(typed, *field);
    }
    if (part == v1::FORM_FIRST)
      head += ",接待代表,处理方式,状态,承办单位,交办日期,时限,结果类别,办结日期,满意度,备注";
  }
  EXPECT_THAT(head, HasSubstr("类别,性质,接待代表"));
  Log(Open(), "三组水渠垮了二十来米", kName, kPhone, 1, [&](v1::LogVisitRequest* request) {
    request->mutable_matters(0)->MergeFrom(typed);
    request->mutable_matters(0)->set_remark("末栏");
  });
  EXPECT_THAT(Ledger(village(), "csv"), AllOf(HasSubstr(head + "\r\n"), HasSubstr(Cat("末栏", row, "\r\n"))));
  EXPECT_THAT(Ledger(village(), "xlsx"), HasSubstr("性质"));
}

TEST_F(PrintsTest, ASessionsRecordHasItsPeopleAndItsNoticeItsDeputies) {
  const v1::SessionView session = Open();
  Log(session, "学校门口没有减速带", "李小红", "", 4);
  const v1::VisitView anonymous = Log(session, "卫生室晚上没人", "");
  EXPECT_THAT(
      Print(village(), v1::PAPER_SESSION, session.id()),
      AllOf(HasSubstr("接待选民 2 批 5 人次"), HasSubstr("李**"), HasSubstr("匿名"), HasSubstr("卫生室晚上没人")));
  EXPECT_THAT(
      Print(village(), v1::PAPER_NOTICE, session.id()),
      AllOf(HasSubstr("2026年11月20日（星期五）"), HasSubstr("薛云（区人大代表）"), HasSubstr("民兴村人大代表联络点")));
  EXPECT_EQ(Why(TryPrint(village(), v1::PAPER_NOTICE, anonymous.id())), Cat("接待场次：编号“", anonymous.id(), "”无效"));
  EXPECT_EQ(Why(TryPrint(village(), v1::PAPER_VISIT, session.id())), Cat("接待登记：编号“", session.id(), "”无效"));
}

TEST_F(PrintsTest, AMatterPrintsAtEveryTurnOfItsWay) {
  On("2026-03-20");
  const v1::VisitView visit = Log(Open("2026-03-20"), "三组水渠垮了二十来米", kName, kPhone);
  const std::string id = visit.matters(0).id();
  Submit(visit);
  SyncAll();
  for (v1::Paper paper : {v1::PAPER_ASSIGNMENT, v1::PAPER_REPLY, v1::PAPER_SURVEY, v1::PAPER_SUPERVISION,
                          v1::PAPER_DECISION, v1::PAPER_ESCALATION})
    EXPECT_THAT(Why(TryPrint(hub(), paper, id)), HasSubstr("不能打印")) << v1::Paper_Name(paper);
  Take(id, Of(v1::STEP_ACCEPT));
  v1::Step assign = Of(v1::STEP_ASSIGN);
  assign.set_unit("HK-U05");
  assign.set_batch("第一次交办会");
  Take(id, assign);
  EXPECT_THAT(Print(hub(), v1::PAPER_ASSIGNMENT, id),
              AllOf(HasSubstr("恒口镇人大主席团交办单"), HasSubstr("恒人交〔2026〕001号"), HasSubstr("第一次交办会"),
                    HasSubstr("水利站"), HasSubstr("请于 2026年4月20日 前办结并答复"), HasSubstr("回  执")));
  EXPECT_THAT(Print(hub(), v1::PAPER_ASSIGNMENT, id), Not(HasSubstr("限期办结"))) << "there is a date";
  Take(id, Of(v1::STEP_RECEIVE));
  v1::Step ask = Of(v1::STEP_ASK_EXTENSION);
  ask.set_reason("等管材");
  ask.set_due_date("2026-05-20");
  Take(id, ask);
  EXPECT_THAT(Print(hub(), v1::PAPER_DECISION, id), AllOf(HasSubstr("延期审批单"), HasSubstr("等管材"),
                                                          HasSubstr("2026年5月20日"), HasSubstr("□同意  □不同意")));
  v1::Step refuse = Of(v1::STEP_DECIDE_EXTENSION);
  refuse.set_decision(v1::DECISION_REFUSED);
  refuse.set_reason("汛期前必须完成");
  Take(id, refuse);
  EXPECT_THAT(Print(hub(), v1::PAPER_DECISION, id), HasSubstr("□同意  ☑不同意"));
  On("2026-04-25");
  v1::Step urge = Of(v1::STEP_SUPERVISE);
  urge.set_supervision("催办");
  Take(id, urge);
  EXPECT_THAT(Print(hub(), v1::PAPER_SUPERVISION, id), AllOf(HasSubstr("催办通知单"), HasSubstr("已超期 5 天")));
  v1::Step progress = Of(v1::STEP_PROGRESS);
  progress.set_text("已派人勘察");
  Take(id, progress);
  v1::Step reply = Of(v1::STEP_REPLY);
  reply.set_reply_class(v1::CLASS_A);
  reply.set_text("渠段已修好，恢复通水");
  reply.set_mode("面复");
  reply.set_signer("王站长");
  Take(id, reply);
  EXPECT_THAT(Print(hub(), v1::PAPER_REPLY, id), AllOf(HasSubstr("答复类别：A"), HasSubstr("渠段已修好，恢复通水"),
                                                       HasSubstr("签发人：王站长"), HasSubstr("水利站（盖章）")));
  EXPECT_THAT(Print(hub(), v1::PAPER_SURVEY, id), AllOf(HasSubstr("☑面复"), HasSubstr("□满意  □基本满意  □不满意")));
  SyncAll();  // the village prints what it has been sent
  EXPECT_THAT(Print(village(), v1::PAPER_VISIT, visit.id()), HasSubstr("A类：渠段已修好，恢复通水"));
  EXPECT_THAT(Print(village(), v1::PAPER_ASSIGNMENT, id), HasSubstr("恒人交〔2026〕001号"));
  EXPECT_THAT(Ledger(hub(), "csv"), AllOf(HasSubstr("交办日期,时限,结果类别,办结日期"), HasSubstr("2026-04-20,A类,")));
  EXPECT_THAT(Print(hub(), v1::PAPER_LEDGER), AllOf(HasSubstr("2026-04-20"), HasSubstr("A类"), HasSubstr("水利站")));
}

TEST_F(PrintsTest, ManyFormsStandInOneFileEachOnItsOwnPaper) {
  const v1::SessionView session = Open();
  const v1::VisitView first = Log(session, "三组水渠垮了二十来米", kName), second = Log(session, "路灯不亮", "李小红");
  v1::PrintFormRequest request;
  request.set_paper(v1::PAPER_VISIT);
  request.add_ids(first.id());
  request.add_ids(second.id());
  absl::StatusOr<v1::PrintFormResponse> both = village().prints()->PrintForm(request);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(both->content(), AllOf(HasSubstr("三组水渠垮了二十来米"), HasSubstr("路灯不亮"), HasSubstr("break-before:page")));
  EXPECT_EQ(both->content().find("</body>"), both->content().rfind("</body>"));
  EXPECT_EQ(both->content().find("<!doctype"), both->content().rfind("<!doctype"));
  request.set_id(first.id());
  EXPECT_EQ(Why(village().prints()->PrintForm(request)), "编号：写了几个，就不能另写一个");
  request.clear_id();
  request.add_ids("17.00");
  EXPECT_THAT(Why(village().prints()->PrintForm(request)), HasSubstr("17.00："));
}

TEST_F(PrintsTest, WhatIsVoidedIsNotPrinted) {
  const v1::SessionView session = Open();
  const v1::VisitView visit = Log(session, "写错了", kName);
  v1::VoidRecordRequest request;
  request.set_action_id(town_.ActionId());
  request.set_id(visit.id());
  request.set_token(Token(village(), session.id()));
  request.set_reason("写错");
  ASSERT_TRUE(village().records()->VoidRecord(request).ok());
  EXPECT_EQ(Why(TryPrint(village(), v1::PAPER_VISIT, visit.id())), "接待登记：这一条已作废，不能打印");
  EXPECT_THAT(Print(village(), v1::PAPER_SESSION, session.id()), Not(HasSubstr("𬱖**")));
}

TEST_F(PrintsTest, TheCongressPrintsItsDeputiesStationsAndBallots) {
  v1::AddCongressRecordRequest add;
  v1::Activity& activity = *add.mutable_activity();
  activity.set_type(v1::ACTIVITY_BALLOT);
  activity.set_date("2026-07-01");
  activity.set_title("民主测评");
  activity.add_deputies()->set_deputy_id("HK-R001");
  const std::string id = Add(add);
  EXPECT_EQ(Why(TryPrint(hub(), v1::PAPER_BALLOT, id)), "这次活动还没有测评结果，不能打印");
  v1::AddCongressRecordRequest ballots;
  ballots.set_parent(id);
  v1::Ballot& ballot = *ballots.mutable_ballot();
  ballot.set_kind(v1::BALLOT_DEPUTY);
  ballot.set_subject("HK-R001");
  ballot.set_satisfied(35);
  ballot.set_dissatisfied(3);
  ballot.set_abstained(2);
  ballot.set_voters(40);
  Add(ballots);
  EXPECT_THAT(Print(hub(), v1::PAPER_BALLOT, id),
              AllOf(HasSubstr("民主测评测评统计表"), HasSubstr("薛云"), HasSubstr("92.1%")));
  EXPECT_THAT(Print(hub(), v1::PAPER_DEPUTY, "HK-R001"),
              AllOf(HasSubstr("薛云"), HasSubstr("1977"), HasSubstr("一、基本情况"), HasSubstr("八、表彰奖励"),
                    HasSubstr("民主测评")));
  EXPECT_THAT(Print(hub(), v1::PAPER_TEN_HAVES, kVillage),
              AllOf(HasSubstr("有组织机构"), HasSubstr("达标 0 项，未达标 10 项")));
  EXPECT_EQ(Why(TryPrint(hub(), v1::PAPER_TEN_HAVES, "HK-D999")), "站点：没有“HK-D999”这个站点");
  EXPECT_NE(Why(TryPrint(village(), v1::PAPER_DEPUTY, "HK-R001")), "");  // all of a deputy's work is at the hub
  EXPECT_EQ(Why(TryPrint(hub(), v1::PAPER_UNSPECIFIED, id)), "表单：请选择要打印的表单");
}

}  // namespace
}  // namespace liaison
