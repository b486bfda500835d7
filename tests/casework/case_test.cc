// Matters from the voter's words to the archive, at whole stations and a whole hub.
#include "common/store/judging.h"
#include "common/store/verdict_rows.h"
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

TEST_F(CaseTest, WhatReachesTheTownshipMoreThanAWeekLaterIsLateAndStaysSo) {
  v1::MatterView first = Log("三组水渠垮了二十来米"), second = Log("学校门口没有减速带");
  EXPECT_FALSE(Case(village(), first.id()).matter().late());
  On("2026-03-27");
  Sync();
  EXPECT_FALSE(Case(&town_.hub(), first.id()).matter().late());
  v1::MatterView third = Log("卫生室晚上没人");
  On("2026-04-04");
  EXPECT_EQ(Do(village(), first.id(), Of(v1::STEP_SUBMIT)), v1::SUBMITTED);
  EXPECT_EQ(Do(village(), third.id(), Of(v1::STEP_SUBMIT)), v1::SUBMITTED);
  Sync();
  On("2026-04-05");
  v1::MatterView fourth = Log("卫生室白天也没人");
  On("2026-04-12");
  Sync();
  EXPECT_EQ(Do(&town_.hub(), first.id(), Of(v1::STEP_ACCEPT)), v1::ACCEPTED);
  EXPECT_FALSE(Case(&town_.hub(), first.id()).matter().late());  // what was written later does not count
  EXPECT_FALSE(Case(&town_.hub(), second.id()).matter().late());
  EXPECT_FALSE(Case(&town_.hub(), fourth.id()).matter().late());
  EXPECT_TRUE(Case(&town_.hub(), third.id()).matter().late());
  EXPECT_TRUE(town_.hub().records()->Verify({})->ok());
}

TEST_F(CaseTest, FromTheVotersWordsToTheArchive) {
  HubNode* hub = &town_.hub();
  v1::MatterView logged = Log("三组水渠垮了二十来米");
  EXPECT_EQ(Refused(village(), logged.id(), Of(v1::STEP_ACCEPT)), Cat(logged.matter().number(), "：受理由镇里办理"));
  EXPECT_EQ(Do(village(), logged.id(), Of(v1::STEP_SUBMIT)), v1::SUBMITTED);
  Sync();
  EXPECT_EQ(CountIn(v1::WORK_TRIAGE), 1);
  EXPECT_EQ(Do(hub, logged.id(), Of(v1::STEP_ACCEPT)), v1::ACCEPTED);
  EXPECT_EQ(CountIn(v1::WORK_TO_ASSIGN), 1);
  EXPECT_EQ(Do(hub, logged.id(), Assign("HK-U05")), v1::ASSIGNED);
  v1::CaseView assigned = Case(hub, logged.id());
  ASSERT_EQ(assigned.assignments_size(), 1);
  EXPECT_EQ(assigned.assignments(0).assignment().number(), "恒人交〔2026〕001号");
  EXPECT_EQ(assigned.assignments(0).unit_name(), "水利站");
  EXPECT_EQ(assigned.due_date(), "2026-04-20");  // 30 days from 20 March, the 19th is a Sunday
  On("2026-04-16");
  EXPECT_EQ(Case(hub, logged.id()).lamp(), v1::LAMP_YELLOW);
  On("2026-04-21");
  EXPECT_EQ(Case(hub, logged.id()).lamp(), v1::LAMP_RED);
  EXPECT_EQ(CountIn(v1::WORK_OVERDUE), 1);
  v1::Step urge = Of(v1::STEP_SUPERVISE);
  urge.set_supervision("催办");
  Do(hub, logged.id(), urge);
  EXPECT_EQ(Do(hub, logged.id(), Of(v1::STEP_RECEIVE)), v1::RECEIVED);
  v1::Step progress = Of(v1::STEP_PROGRESS);
  progress.set_text("已派人勘察");
  EXPECT_EQ(Do(hub, logged.id(), progress), v1::HANDLING);
  EXPECT_EQ(Do(hub, logged.id(), Reply(v1::CLASS_A)), v1::REPLIED);
  Sync();  // the village sees all of it, and the voter's word comes from there
  v1::CaseView seen = Case(village(), logged.id());
  ASSERT_EQ(seen.replies_size(), 1);
  EXPECT_EQ(seen.replies(0).unit(), "HK-U05");
  EXPECT_EQ(seen.assignments(0).assignment().received_date(), "2026-04-21");
  EXPECT_EQ(Do(village(), logged.id(), Rate(v1::RATING_SATISFIED, "王小二")), v1::REPLIED);
  Sync();
  EXPECT_EQ(CountIn(v1::WORK_TO_CLOSE), 1);
  EXPECT_EQ(Do(hub, logged.id(), Of(v1::STEP_CLOSE)), v1::CLOSED);
  EXPECT_EQ(CountIn(v1::WORK_TO_FEED_BACK), 1);
  EXPECT_EQ(Refused(hub, logged.id(), Of(v1::STEP_ARCHIVE)),
            Cat(logged.matter().number(), "：还没有反馈群众；已反馈或写明联系不上的原因后才能归档"));
  Sync();
  v1::Step told = Of(v1::STEP_FEED_BACK);
  told.set_mode("电话");
  told.set_by("HK-R001");
  told.set_text("已告知，满意");
  EXPECT_EQ(Do(village(), logged.id(), told), v1::CLOSED);
  Sync();
  EXPECT_EQ(Do(hub, logged.id(), Of(v1::STEP_ARCHIVE)), v1::ARCHIVED);
  EXPECT_EQ(CountIn(v1::WORK_ALL), 0);
  v1::VoidRecordRequest voiding;
  voiding.set_action_id(town_.ActionId());
  voiding.set_id(logged.id());
  voiding.set_token(Case(hub, logged.id()).matter().token());
  voiding.set_reason("写错");
  EXPECT_EQ(hub->records()->VoidRecord(voiding).status().message(), "这件事已是“归档”，不能作废");
  EXPECT_TRUE(hub->store()->Verify().ok());
  EXPECT_TRUE(village()->store()->Verify().ok());
}

TEST_F(CaseTest, AStepTakenFromAStaleScreenIsRefused) {
  const std::string id = Accepted("路灯不亮");
  v1::GetRecordRequest get;
  get.set_id(id);
  const std::string old_token = town_.hub().records()->GetRecord(get)->record().token();
  Do(&town_.hub(), id, Assign("HK-U01"));
  v1::TakeStepRequest request;
  request.set_action_id(town_.ActionId());
  request.add_targets()->set_id(id);
  request.mutable_targets(0)->set_token(old_token);
  *request.mutable_step() = Of(v1::STEP_RECEIVE);
  absl::Status status = town_.hub().casework()->TakeStep(request).status();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_NE(status.message().find("状态刚被改为“已交办”"), std::string::npos) << status;
}

TEST_F(CaseTest, OneOfManyRefusedLeavesAllAsTheyWere) {
  const std::string good = Accepted("水渠漏水"), other = Accepted("垃圾没人收");
  Do(&town_.hub(), other, Assign("HK-U07"));
  v1::TakeStepRequest request;
  request.set_action_id(town_.ActionId());
  for (const std::string& id : {good, other}) {
    v1::StepTarget& target = *request.add_targets();
    target.set_id(id);
    target.set_token(Case(&town_.hub(), id).matter().token());
  }
  *request.mutable_step() = Assign("HK-U05");
  EXPECT_EQ(town_.hub().casework()->TakeStep(request).status().message(),
            Cat(Case(&town_.hub(), other).matter().matter().number(), "：现在是“已交办”，不能交办"));
  EXPECT_EQ(Case(&town_.hub(), good).matter().state(), v1::ACCEPTED);
  request.mutable_targets()->DeleteSubrange(1, 1);
  request.set_action_id(town_.ActionId());
  absl::StatusOr<v1::TakeStepResponse> first = town_.hub().casework()->TakeStep(request);
  ASSERT_TRUE(first.ok()) << first.status();
  absl::StatusOr<v1::TakeStepResponse> again = town_.hub().casework()->TakeStep(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated_action());
  EXPECT_EQ(Case(&town_.hub(), good).assignments_size(), 1);
}

// 04-01 assigned, 04-07 is day 6, 04-09 day 8; re-assigned 04-10; six months from the first assignment end in a
// holiday.
TEST_F(CaseTest, ReturnsHaveALimitAndTheFirstAssignmentStays) {
  HubNode* hub = &town_.hub();
  const std::string id = Suggestion("修一条路"), late = Suggestion("修一座桥");
  On("2026-04-01");
  EXPECT_EQ(Do(hub, id, Assign("HK-U05")), v1::ASSIGNED);
  EXPECT_EQ(Do(hub, late, Assign("HK-U05")), v1::ASSIGNED);
  On("2026-04-07");
  EXPECT_EQ(Do(hub, id, Because(v1::STEP_ASK_RETURN, "不属本单位职责")), v1::ASSIGNED);
  EXPECT_EQ(CountIn(v1::WORK_DECISIONS), 1);
  On("2026-04-09");
  EXPECT_EQ(Refused(hub, late, Because(v1::STEP_ASK_RETURN, "不属本单位职责")),
            Cat(Case(hub, late).matter().matter().number(),
                "：退办期限已过：交办后7日，到2026-04-08为止；确需退办的须经主席批准"));
  v1::Step approved = Because(v1::STEP_ASK_RETURN, "不属本单位职责");
  approved.set_approved_by("主席");
  EXPECT_EQ(Do(hub, late, approved), v1::ASSIGNED);
  v1::Step decide = Of(v1::STEP_DECIDE_RETURN);
  decide.set_decision(v1::DECISION_GRANTED);
  EXPECT_EQ(Do(hub, id, decide), v1::ACCEPTED);
  decide.set_decision(v1::DECISION_REFUSED);
  EXPECT_EQ(Do(hub, late, decide), v1::ASSIGNED);
  On("2026-04-10");
  EXPECT_EQ(Do(hub, id, Assign("HK-U04")), v1::ASSIGNED);
  v1::CaseView view = Case(hub, id);
  ASSERT_EQ(view.assignments_size(), 2);
  EXPECT_EQ(view.assignments(1).code(), "1-2");
  EXPECT_EQ(view.assignments(1).due_date(), "2026-07-10");
  EXPECT_EQ(view.assignments(1).ceiling(), "2026-10-08");
  EXPECT_EQ(view.first_assigned(), "2026-04-01");
  EXPECT_EQ(view.round(), 1u);
}

TEST_F(CaseTest, WhoIsNotSatisfiedGetsAnotherRoundAndAPromiseIsTracked) {
  HubNode* hub = &town_.hub();
  const std::string id = Suggestion("修学校门口的路");
  On("2026-04-15");
  Do(hub, id, Assign("HK-U04"));
  On("2026-05-10");
  EXPECT_EQ(Do(hub, id, Reply(v1::CLASS_C)), v1::REPLIED);
  On("2026-05-20");
  EXPECT_EQ(Refused(hub, id, Rate(v1::RATING_DISSATISFIED, "HK-R002")),
            Cat(Case(hub, id).matter().matter().number(), "：经办人：代表建议由领衔代表或附议代表评价，请填代表编号"));
  Do(hub, id, Rate(v1::RATING_DISSATISFIED, "HK-R001"));
  EXPECT_EQ(CountIn(v1::WORK_TO_REWORK), 1);
  EXPECT_EQ(Do(hub, id, Of(v1::STEP_REWORK)), v1::REWORK);
  v1::CaseView again = Case(hub, id);
  EXPECT_EQ(again.round(), 2u);
  EXPECT_EQ(again.due_date(), "2026-06-22");
  EXPECT_EQ(again.assignments(1).assignment().main_unit(), "HK-U04");
  On("2026-06-18");
  EXPECT_EQ(Do(hub, id, Reply(v1::CLASS_B)), v1::REPLIED);
  Do(hub, id, Rate(v1::RATING_BASICALLY, "HK-R001"));
  EXPECT_EQ(Do(hub, id, Of(v1::STEP_CLOSE)), v1::TRACKING);
  EXPECT_EQ(CountIn(v1::WORK_PROMISES), 1);
  EXPECT_EQ(CountIn(v1::WORK_OVERDUE), 0);
  On("2027-01-04");
  EXPECT_EQ(CountIn(v1::WORK_OVERDUE), 1);  // an overdue promise appears again
  v1::Step later = Because(v1::STEP_MOVE_PROMISE, "资金未到位");
  later.set_promise_date("2027-06-30");
  EXPECT_EQ(Do(hub, id, later), v1::TRACKING);
  EXPECT_EQ(Case(hub, id).due_date(), "2027-06-30");
  v1::Step kept = Of(v1::STEP_KEEP_PROMISE);
  kept.set_text("路已修通");
  EXPECT_EQ(Do(hub, id, kept), v1::CLOSED);
  EXPECT_EQ(CountIn(v1::WORK_ALL), 0);
}

TEST_F(CaseTest, ExtensionsMoveTheLimitAndNeedTheChairBeyondTheCeiling) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("自来水压力低");
  Do(hub, id, Assign("HK-U05"));
  v1::Step ask = Because(v1::STEP_ASK_EXTENSION, "等管材");
  ask.set_due_date("2026-05-20");
  Do(hub, id, ask);
  v1::Step grant = Of(v1::STEP_DECIDE_EXTENSION);
  grant.set_decision(v1::DECISION_GRANTED);
  Do(hub, id, grant);
  EXPECT_EQ(Case(hub, id).due_date(), "2026-05-20");
  EXPECT_EQ(Refused(hub, id, grant), Cat(Case(hub, id).matter().matter().number(), "：没有待审核的延期申请"));
  ask.set_due_date("2026-07-20");
  Do(hub, id, ask);
  EXPECT_EQ(Refused(hub, id, grant),
            Cat(Case(hub, id).matter().matter().number(), "：审批人：时限超过2026-06-22，须经主席批准"));
  grant.set_approved_by("主席");
  Do(hub, id, grant);
  EXPECT_EQ(Case(hub, id).due_date(), "2026-07-20");
}

TEST_F(CaseTest, WhatSaysTheSameIsMergedAndFollowsItsParent) {
  HubNode* hub = &town_.hub();
  std::unique_ptr<Site> other = town_.Enrol("HK-D058");
  const std::string parent = Accepted("三组水渠垮了二十来米，稻田没水");
  const std::string child = Accepted("三组的水渠垮了，稻田要没水了");
  const std::string apart = Accepted("医保缴费怎么办");
  v1::SuggestDuplicatesRequest ask;
  ask.set_id(child);
  absl::StatusOr<v1::SuggestDuplicatesResponse> same = hub->casework()->SuggestDuplicates(ask);
  ASSERT_TRUE(same.ok()) << same.status();
  ASSERT_EQ(same->candidates_size(), 1);
  EXPECT_EQ(same->candidates(0).matter().id(), parent);
  v1::Step merge = Of(v1::STEP_MERGE);
  merge.set_into(child);
  EXPECT_EQ(Refused(hub, child, merge), Cat(Case(hub, child).matter().matter().number(), "：并入事项：不能并入自己"));
  merge.set_into(parent);
  EXPECT_EQ(Do(hub, child, merge), v1::MERGED);
  EXPECT_EQ(Case(hub, parent).merged_size(), 1);
  EXPECT_EQ(Case(hub, child).follows().id(), parent);
  EXPECT_EQ(Case(hub, parent).matter().matter().sources_size(), 2);
  merge.set_into(child);  // no circle: what is merged takes nothing in
  EXPECT_EQ(Refused(hub, parent, merge),
            Cat(Case(hub, parent).matter().matter().number(), "：并入事项：它自己已并入另一件，请并入那一件"));
  EXPECT_EQ(Refused(hub, apart, merge),
            Cat(Case(hub, apart).matter().matter().number(), "：并入事项：它自己已并入另一件，请并入那一件"));
  EXPECT_EQ(Do(hub, child, Because(v1::STEP_UNMERGE, "不是一件事")), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, parent).merged_size(), 0);
  EXPECT_EQ(Case(hub, parent).matter().matter().sources_size(), 1);
  EXPECT_TRUE(hub->store()->Verify().ok());
}

TEST_F(CaseTest, TwoMergedAtOnceIntoOneBothBringTheirSources) {
  HubNode* hub = &town_.hub();
  const std::string parent = Accepted("水渠垮了"), a = Accepted("水渠坏了"), b = Accepted("水渠断了");
  v1::TakeStepRequest request;
  request.set_action_id(town_.ActionId());
  for (const std::string& id : {a, b}) {
    v1::StepTarget& target = *request.add_targets();
    target.set_id(id);
    target.set_token(Case(hub, id).matter().token());
  }
  *request.mutable_step() = Of(v1::STEP_MERGE);
  request.mutable_step()->set_into(parent);
  absl::StatusOr<v1::TakeStepResponse> merged = hub->casework()->TakeStep(request);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(Case(hub, parent).merged_size(), 2);
  EXPECT_EQ(Case(hub, parent).matter().matter().sources_size(), 3);
  EXPECT_EQ(Case(hub, parent).matter().conflicts(), 0);
}

TEST_F(CaseTest, AnOpinionBecomesADeputysSuggestionWithItsConsent) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("老街要保护");
  v1::Step convert = Of(v1::STEP_CONVERT);
  EXPECT_EQ(Refused(hub, id, convert), Cat(Case(hub, id).matter().matter().number(), "：领衔代表：转代表建议时必须填写"));
  convert.set_lead_deputy("HK-R001");
  convert.set_congress("20-3");
  absl::StatusOr<v1::TakeStepResponse> converted = Try(hub, id, convert);
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->matters(0).state(), v1::CONVERTED);
  ASSERT_EQ(converted->made_size(), 1);
  const v1::MatterView& made = converted->made(0);
  EXPECT_EQ(made.matter().number(), "恒人建〔20-3〕001号");
  EXPECT_EQ(made.matter().track(), v1::TRACK_SUGGESTION);
  EXPECT_EQ(made.state(), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, id).follows().id(), made.id());
  EXPECT_EQ(Case(hub, made.id()).comes_from().id(), id);
  Sync();
  EXPECT_EQ(Case(village(), made.id()).matter().matter().lead_deputy(), "HK-R001");
  Do(hub, made.id(), Assign("HK-U01"));
  EXPECT_EQ(Case(hub, made.id()).due_date(), "2026-06-22");  // three months from 20 March, over the Dragon Boat days
}

TEST_F(CaseTest, ABillNeedsFiveDeputiesOfTheTown) {
  v1::RegisterProposalRequest request;
  request.mutable_matter()->set_track(v1::TRACK_BILL);
  request.mutable_matter()->set_content("关于保护古街的议案");
  request.mutable_matter()->set_category("03");
  request.mutable_matter()->set_congress("20-3");
  request.mutable_matter()->set_lead_deputy("HK-R016");
  auto ask = [&] {
    request.set_action_id(town_.ActionId());
    return town_.hub().casework()->RegisterProposal(request);
  };
  for (const char* id : {"HK-R017", "HK-R018", "HK-R016"}) request.mutable_matter()->add_cosigners(id);
  EXPECT_EQ(ask().status().message(), "附议代表：议案须有五名以上镇人大代表联名（地方组织法第二十二条），现有3名");
  request.mutable_matter()->add_cosigners("HK-R001");
  EXPECT_EQ(ask().status().message(), "附议代表：薛云当日不是镇人大代表，不能联名提出议案");
  request.mutable_matter()->set_cosigners(3, "HK-R025");
  request.mutable_matter()->add_cosigners("HK-R026");
  auto mandate_of = [&](const char* status) {
    v1::ChangeRecordRequest change;
    change.set_action_id(town_.ActionId());
    change.set_id(ToText(MasterOp(v1::Deputy(), "HK-R025").aggregate));
    v1::GetRecordRequest get;
    get.set_id(change.id());
    change.set_token(town_.hub().records()->GetRecord(get)->record().token());
    change.set_fields(Cat(R"({"mandates":[{"level":"MANDATE_TOWN","status":")", status, R"("}]})"));
    absl::StatusOr<v1::ChangeRecordResponse> changed = town_.hub().records()->ChangeRecord(change);
    EXPECT_TRUE(changed.ok()) << changed.status();
  };
  mandate_of("暂停执行");
  EXPECT_THAT(ask().status().message(), testing::HasSubstr("当日不是镇人大代表，不能联名提出议案"));
  mandate_of("在任");
  absl::StatusOr<v1::RegisterProposalResponse> bill = ask();
  ASSERT_TRUE(bill.ok()) << bill.status();
  EXPECT_EQ(bill->matter().matter().number(), "恒人议〔20-3〕001号");
  v1::Step key = Of(v1::STEP_MARK_KEY);
  key.set_approved_by("主席");
  Do(&town_.hub(), bill->matter().id(), key);
  EXPECT_TRUE(Case(&town_.hub(), bill->matter().id()).matter().matter().key_matter());
  EXPECT_EQ(Refused(&town_.hub(), bill->matter().id(), Assign("HK-U02")),
            "恒人议〔20-3〕001号：审批人：重点事项交办须经主席批准");
}

TEST_F(CaseTest, WhatLiesTooLongInTheVillageGoesUpAndAnAnswerMeanwhileIsHeld) {
  HubNode* hub = &town_.hub();
  v1::MatterView lying = Log("邻里排水纠纷", v1::DISPOSITION_VILLAGE),
                 answered = Log("村道堆物", v1::DISPOSITION_VILLAGE);
  Sync();
  On("2026-04-07");  // 15 days end on Saturday, 4 April, a holiday until the 6th
  EXPECT_EQ(hub->casework()->RunDaily({})->escalated_size(), 0);
  On("2026-04-08");
  absl::StatusOr<v1::RunDailyResponse> daily = hub->casework()->RunDaily({});
  ASSERT_TRUE(daily.ok()) << daily.status();
  EXPECT_EQ(daily->escalated_size(), 2);
  EXPECT_EQ(hub->casework()->RunDaily({})->escalated_size(), 0);
  v1::Step answer = Of(v1::STEP_ANSWER);
  answer.set_text("已清走");
  answer.set_by("HK-R001");
  answer.set_solved(true);
  EXPECT_EQ(Do(village(), answered.id(), answer), v1::ANSWERED);
  Sync();
  EXPECT_EQ(Case(hub, lying.id()).matter().state(), v1::SUBMITTED);
  // The answer came after the township had sent it up: it waits for a person, and is the state when he takes it.
  EXPECT_EQ(Case(hub, answered.id()).matter().state(), v1::SUBMITTED);
  EXPECT_EQ(CountIn(v1::WORK_CONTESTED), 0);
  std::vector<OpName> held;
  ForEachHidden(*hub->store()->Snapshot(), "", [&](std::string_view, const JudgedOp& one) {
    held.push_back(one.name);
    return true;
  });
  ASSERT_EQ(held.size(), 1u);
  ASSERT_EQ(*Store::Judging(hub->store()).Take(held, "王干事"), 1u);
  EXPECT_EQ(Case(hub, answered.id()).matter().state(), v1::ANSWERED);
  Sync();
  EXPECT_EQ(Case(village(), answered.id()).matter().state(), v1::ANSWERED);
}

TEST_F(CaseTest, WhatThreePeopleAddApartIsAllThere) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("桥栏杆坏了");
  Do(hub, id, Assign("HK-U04"));
  Sync();
  v1::Step told = Of(v1::STEP_FEED_BACK);
  told.set_mode("上门");
  told.set_by("HK-R001");
  Do(village(), id, told);
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("是五组的桥，不是三组");
  Do(village(), id, correct);
  v1::Step progress = Of(v1::STEP_PROGRESS);
  progress.set_text("已备料");
  Do(hub, id, progress);
  v1::Step urge = Of(v1::STEP_SUPERVISE);
  urge.set_supervision("催办");
  Do(hub, id, urge);
  Sync();
  for (const v1::CaseView& view : {Case(hub, id), Case(village(), id)}) {
    EXPECT_EQ(view.feedback_size(), 1);
    EXPECT_EQ(view.corrections_size(), 1);
    EXPECT_EQ(view.progress_size(), 1);
    EXPECT_EQ(view.supervisions_size(), 1);
    EXPECT_EQ(view.matter().conflicts(), 0);
    EXPECT_EQ(view.matter().state(), v1::HANDLING);
  }
}

// Neither knew of the other's, and the ids sort the other way round than the steps were taken.
TEST_F(CaseTest, WhatTwoBoxesDidApartOnOneDayStandsByTimeWhateverTheIds) {
  HubNode* hub = &town_.hub();
  std::unique_ptr<Site> second = town_.Enrol("HK-D057");
  ASSERT_TRUE(town_.Sync(second->node.get()));
  const std::string id = Accepted("桥栏杆坏了");
  Do(hub, id, Assign("HK-U04"));
  Do(hub, id, Of(v1::STEP_RECEIVE));
  v1::Step progress = Of(v1::STEP_PROGRESS);
  progress.set_text("已备料");
  Do(hub, id, progress);
  EXPECT_EQ(Do(hub, id, Reply(v1::CLASS_A)), v1::REPLIED);
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  const v1::Step good = Rate(v1::RATING_SATISFIED, "王小二"), bad = Rate(v1::RATING_DISSATISFIED, "王小二");
  ASSERT_TRUE(Try(village(), id, good, "ffffffffffffffffffff").ok());
  town_.clock().Advance(3'600'000);
  ASSERT_TRUE(Try(second->node.get(), id, bad, "00000000000000000001").ok());
  ASSERT_TRUE(town_.Sync(second->node.get()));  // the later one comes first
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  for (const v1::CaseView& view : {Case(hub, id), Case(village(), id), Case(second->node.get(), id)}) {
    ASSERT_EQ(view.evaluations_size(), 2);
    EXPECT_EQ(view.evaluations(0).result(), v1::RATING_SATISFIED);
    EXPECT_EQ(view.evaluations(1).result(), v1::RATING_DISSATISFIED);
  }
  EXPECT_EQ(CountIn(v1::WORK_TO_REWORK), 1);  // the derived tables go by the same order, also when made anew
  EXPECT_EQ(CountIn(v1::WORK_TO_CLOSE), 0);
  EXPECT_TRUE(hub->store()->Verify().ok());
  EXPECT_TRUE(hub->store()->Rebuild().ok());
  EXPECT_EQ(CountIn(v1::WORK_TO_REWORK), 1);
  EXPECT_TRUE(village()->store()->Verify().ok());
}

TEST_F(CaseTest, DeadlinesAreTheTownships) {
  HubNode* hub = &town_.hub();
  v1::SetDeadlineRequest request;
  request.set_action_id(town_.ActionId());
  request.set_key("deadline-reply-opinion");
  request.set_value("一周");
  EXPECT_EQ(hub->casework()->SetDeadline(request).status().message(),
            "群众意见答复（一般）：“一周”不是期限，应如“30日”“20工作日”“3个月”，数目为1到1000");
  request.set_action_id(town_.ActionId());
  request.set_value("7日");
  ASSERT_TRUE(hub->casework()->SetDeadline(request).ok());
  const std::string id = Accepted("路灯不亮");
  Do(hub, id, Assign("HK-U01"));
  EXPECT_EQ(Case(hub, id).due_date(), "2026-03-27");
  Sync();
  EXPECT_EQ(village()->casework()->ListDeadlines({})->rules(10).value(), "7日");
  request.set_action_id(town_.ActionId());
  EXPECT_TRUE(absl::IsPermissionDenied(village()->casework()->SetDeadline(request).status()));
}

}  // namespace
}  // namespace liaison
