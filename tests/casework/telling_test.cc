// Who has to be told, in which order things stand, and what goes with what.
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TellingTest : public CaseTest {
 protected:
  v1::Step FeedBack() {
    v1::Step step = Of(v1::STEP_FEED_BACK);
    step.set_mode("电话");
    step.set_by("李四");
    return step;
  }
  v1::Step MergeInto(const std::string& id) {
    v1::Step step = Of(v1::STEP_MERGE);
    step.set_into(id);
    return step;
  }
  // Assigned, answered and closed to the voter's satisfaction, all on one day.
  void Close(const std::string& id) {
    HubNode* hub = &town_.hub();
    Do(hub, id, Assign("HK-U01"));
    Do(hub, id, Reply(v1::CLASS_A));
    Do(hub, id, Rate(v1::RATING_SATISFIED, "李四"));
    EXPECT_EQ(Do(hub, id, Of(v1::STEP_CLOSE)), v1::CLOSED);
  }
  std::string NumberOf(const std::string& id) { return Case(&town_.hub(), id).matter().matter().number(); }
};

TEST_F(TellingTest, WithinADayStepsStandAsTheyWereTaken) {
  HubNode* hub = &town_.hub();
  for (int i = 0; i < 8; ++i) {
    const std::string id = Accepted(Cat("第", i, "件路灯不亮"));
    Do(hub, id, Assign("HK-U01"));
    Do(hub, id, Reply(v1::CLASS_C));
    Do(hub, id, Rate(v1::RATING_SATISFIED, "李四"));
    Do(hub, id, Rate(v1::RATING_DISSATISFIED, "李四"));
    EXPECT_NE(Refused(hub, id, Of(v1::STEP_CLOSE)), "taken") << i;
    EXPECT_EQ(Case(hub, id).evaluations(1).result(), v1::RATING_DISSATISFIED);
  }
}

TEST_F(TellingTest, APromiseKeptOnTheDayOfTheClosingCounts) {
  HubNode* hub = &town_.hub();
  for (int i = 0; i < 8; ++i) {
    const std::string id = Accepted(Cat("第", i, "件路灯不亮"));
    Do(hub, id, Assign("HK-U01"));
    Do(hub, id, Reply(v1::CLASS_B));
    Do(hub, id, Rate(v1::RATING_SATISFIED, "李四"));
    EXPECT_EQ(Do(hub, id, Of(v1::STEP_CLOSE)), v1::TRACKING);
    v1::Step kept = Of(v1::STEP_KEEP_PROMISE);
    kept.set_text("已修好");
    EXPECT_EQ(Do(hub, id, kept), v1::CLOSED);
    EXPECT_EQ(Case(hub, id).replies(1).reply_class(), v1::CLASS_A) << i;
  }
}

TEST_F(TellingTest, EveryVoterOfAMergedMatterIsToldByTheirOwnStation) {
  HubNode* hub = &town_.hub();
  std::unique_ptr<Site> other = town_.Enrol("HK-D058");
  const std::string first = Accepted("学校门口没有减速带"), second = Accepted("学校门前车太快");
  v1::LogVisitRequest request = VisitRequest(&town_, OpenSession(&town_, other->node.get(), "2026-03-20"), "学校门口危险");
  request.mutable_matters(0)->set_disposition(v1::DISPOSITION_SUBMIT);
  absl::StatusOr<v1::LogVisitResponse> logged = other->node->reception()->LogVisit(request);
  ASSERT_TRUE(logged.ok()) << logged.status();
  const std::string third = logged->visit().matters(0).id();
  Do(other->node.get(), third, Of(v1::STEP_SUBMIT));
  ASSERT_TRUE(town_.Sync(other->node.get()));
  Do(hub, second, MergeInto(first));
  Do(hub, third, MergeInto(first));
  EXPECT_THAT(Listed(hub, v1::WORK_TO_FEED_BACK), IsEmpty());
  Close(first);
  Sync();
  ASSERT_TRUE(town_.Sync(other->node.get()));
  EXPECT_THAT(Listed(village(), v1::WORK_TO_FEED_BACK, "HK-D057"),
              UnorderedElementsAre(NumberOf(first), NumberOf(second)));
  EXPECT_THAT(Listed(other->node.get(), v1::WORK_TO_FEED_BACK, "HK-D058"), ElementsAre(NumberOf(third)));
  EXPECT_EQ(Case(hub, third).due_what(), "反馈");
  // One telling serves one voter.
  Do(village(), first, FeedBack());
  EXPECT_THAT(Listed(village(), v1::WORK_TO_FEED_BACK, "HK-D057"), ElementsAre(NumberOf(second)));
  Do(village(), second, FeedBack());
  EXPECT_THAT(Listed(village(), v1::WORK_TO_FEED_BACK, "HK-D057"), IsEmpty());
  Sync();
  EXPECT_THAT(Listed(hub, v1::WORK_TO_FEED_BACK), ElementsAre(NumberOf(third)));
}

TEST_F(TellingTest, WhatWasToGoUpAndTheVillageAnsweredIsToldToo) {
  v1::MatterView matter = Log("路灯不亮", v1::DISPOSITION_SUBMIT);
  v1::Step answer = Of(v1::STEP_ANSWER);
  answer.set_text("已换灯泡");
  answer.set_by("HK-R001");
  EXPECT_EQ(Do(village(), matter.id(), answer), v1::ANSWERED);
  EXPECT_THAT(Listed(village(), v1::WORK_TO_FEED_BACK), ElementsAre(matter.matter().number()));
  Sync();
  EXPECT_NE(Refused(&town_.hub(), matter.id(), Of(v1::STEP_ARCHIVE)), "taken");
}

TEST_F(TellingTest, WhatWasMergedIsGivenBackWhenItsParentGoes) {
  HubNode* hub = &town_.hub();
  const std::string a = Accepted("水渠垮了"), b = Accepted("水渠垮了二十米"), c = Accepted("三组水渠垮了");
  Do(hub, b, MergeInto(a));
  Do(hub, c, MergeInto(a));
  v1::Step withdraw = Because(v1::STEP_WITHDRAW, "群众不提了");
  withdraw.set_by("李四");
  EXPECT_EQ(Do(hub, a, withdraw), v1::WITHDRAWN);
  for (const std::string& id : {b, c}) {
    const v1::CaseView view = Case(hub, id);
    EXPECT_EQ(view.matter().state(), v1::ACCEPTED);
    EXPECT_EQ(view.matter().matter().merged_into(), "");
  }
  EXPECT_THAT(Listed(hub, v1::WORK_TO_ASSIGN), UnorderedElementsAre(NumberOf(b), NumberOf(c)));
}

TEST_F(TellingTest, WhatIsMergedIntoAMatterThatWentMeanwhileIsMended) {
  HubNode* hub = &town_.hub();
  v1::MatterView parent = Log("水渠垮了");
  Sync();
  const std::string child = Accepted("三组水渠垮了");
  // The village does not know of the merging when its voter takes the matter back.
  EXPECT_EQ(Do(hub, child, MergeInto(parent.id())), v1::MERGED);
  v1::Step withdraw = Because(v1::STEP_WITHDRAW, "群众不提了");
  withdraw.set_by("李四");
  EXPECT_EQ(Do(village(), parent.id(), withdraw), v1::WITHDRAWN);
  Sync();
  EXPECT_EQ(Case(hub, child).matter().state(), v1::MERGED);
  ASSERT_TRUE(hub->casework()->RunDaily({}).ok());
  EXPECT_EQ(Case(hub, child).matter().state(), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, child).matter().matter().merged_into(), "");
}

TEST_F(TellingTest, WhoIsNotSatisfiedAfterTheClosingStandsInAListUntilItIsReworked) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("路灯不亮");
  Close(id);
  Do(hub, id, Rate(v1::RATING_DISSATISFIED, "李四"));
  EXPECT_THAT(Listed(hub, v1::WORK_TO_REWORK), ElementsAre(NumberOf(id)));
  EXPECT_EQ(Do(hub, id, Of(v1::STEP_REWORK)), v1::REWORK);
  EXPECT_THAT(Listed(hub, v1::WORK_TO_REWORK), IsEmpty());
  EXPECT_EQ(Case(hub, id).round(), 2U);
}

TEST_F(TellingTest, NothingIsDatedBeforeWhatItAnswers) {
  HubNode* hub = &town_.hub();
  On("2026-03-25");
  const std::string id = Accepted("路灯不亮");
  v1::Step assign = Assign("HK-U01");
  assign.set_date("2026-03-24");
  EXPECT_THAT(Refused(hub, id, assign), ::testing::HasSubstr("不能早于登记日期2026-03-25"));
  Do(hub, id, Assign("HK-U01"));
  v1::Step reply = Reply(v1::CLASS_A);
  reply.set_date("2026-03-24");
  EXPECT_THAT(Refused(hub, id, reply), ::testing::HasSubstr("不能早于交办日期2026-03-25"));
}

TEST_F(TellingTest, WhatWasMergedIsGivenBackWhenItsParentIsVoided) {
  HubNode* hub = &town_.hub();
  const std::string a = Accepted("水渠垮了"), b = Accepted("水渠垮了二十米"), c = Accepted("三组水渠垮了");
  Do(hub, b, MergeInto(a));
  Do(hub, c, MergeInto(a));
  v1::VoidRecordRequest gone;
  gone.set_action_id(town_.ActionId());
  gone.set_id(a);
  gone.set_token(Case(hub, a).matter().token());
  gone.set_reason("记重了");
  const absl::Status status = hub->records()->VoidRecord(gone).status();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(Case(hub, a).matter().voided());
  for (const std::string& id : {b, c}) {
    const v1::CaseView view = Case(hub, id);
    EXPECT_FALSE(view.matter().voided()) << "another voter's matter does not go with it";
    EXPECT_EQ(view.matter().state(), v1::ACCEPTED);
    EXPECT_EQ(view.matter().matter().merged_into(), "");
    EXPECT_EQ(view.matter().matter().status().reason(), "所并入的事项已作废");
  }
  EXPECT_THAT(Listed(hub, v1::WORK_TO_ASSIGN), UnorderedElementsAre(NumberOf(b), NumberOf(c)));
}

TEST_F(TellingTest, EveryStepIsDatedNoEarlierThanWhatItAnswers) {
  HubNode* hub = &town_.hub();
  On("2026-03-25");
  const std::string id = Accepted("路灯不亮");
  Do(hub, id, Assign("HK-U01"));
  On("2026-03-27");
  const auto early = [&](v1::Step step, const char* date) {
    step.set_date(date);
    return Refused(hub, id, step);
  };
  Do(hub, id, Because(v1::STEP_ASK_RETURN, "不属本单位职责"));
  v1::Step decide = Of(v1::STEP_DECIDE_RETURN);
  decide.set_decision(v1::DECISION_REFUSED);
  EXPECT_THAT(early(decide, "2026-03-26"), ::testing::HasSubstr("不能早于申请日期2026-03-27"));
  Do(hub, id, decide);
  v1::Step urge = Of(v1::STEP_SUPERVISE);
  urge.set_supervision("催办");
  EXPECT_THAT(early(urge, "2026-03-24"), ::testing::HasSubstr("不能早于交办日期2026-03-25"));
  Do(hub, id, Reply(v1::CLASS_A));
  EXPECT_THAT(early(Rate(v1::RATING_DISSATISFIED, "李四"), "2026-03-26"),
              ::testing::HasSubstr("不能早于答复日期2026-03-27"));
  On("2026-03-28");
  Do(hub, id, Rate(v1::RATING_DISSATISFIED, "李四"));
  EXPECT_THAT(early(Of(v1::STEP_REWORK), "2026-03-27"), ::testing::HasSubstr("不能早于评价日期2026-03-28"));
  v1::Step told = FeedBack();
  EXPECT_THAT(early(told, "2026-03-24"), ::testing::HasSubstr("不能早于登记日期2026-03-25"));
  EXPECT_EQ(Do(hub, id, Of(v1::STEP_REWORK)), v1::REWORK);
}

}  // namespace
}  // namespace liaison
