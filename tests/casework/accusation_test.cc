// 检举控告: a code, and no words of it anywhere.
#include "common/casework/guards.h"
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AccusationRule, IsACodeAndOldWordsAreRecognised) {
  v1::Matter matter;
  matter.set_disposition(v1::DISPOSITION_GUIDED);
  for (const char* reason : {"检举控告", "检举控告/涉法涉诉", "举报", "要控告", "检 举", "检\xE2\x80\x8B举"}) {
    matter.set_guide_reason(reason);
    EXPECT_TRUE(IsAccusation(matter)) << reason;
  }
  for (const char* reason : {"涉法涉诉", "信访", "不属本镇", ""}) {
    matter.set_guide_reason(reason);
    EXPECT_FALSE(IsAccusation(matter)) << reason;
  }
  matter.set_guide_code(v1::GUIDE_ACCUSATION);
  EXPECT_TRUE(IsAccusation(matter));
}

TEST(AccusationRule, CodeAndWordsAreMadeToAgree) {
  v1::Matter matter;
  matter.set_disposition(v1::DISPOSITION_GUIDED);
  matter.set_guide_reason("信访事项");
  ASSERT_TRUE(SettleGuiding(&matter).ok());
  EXPECT_EQ(matter.guide_code(), v1::GUIDE_PETITION);
  matter.clear_guide_reason();
  matter.set_guide_code(v1::GUIDE_OTHER);
  EXPECT_EQ(SettleGuiding(&matter).message(), "引导原因：选了“其他”，请写明原因");
  matter.set_guide_reason("举报村干部");
  ASSERT_TRUE(SettleGuiding(&matter).ok());
  EXPECT_EQ(matter.guide_reason(), "检举控告");
}

class AccusationTest : public CaseTest {
 protected:
  v1::Step Guide(const char* reason) {
    v1::Step step = Of(v1::STEP_GUIDE);
    step.set_guided_to("纪检监察机关");
    step.set_reason(reason);
    return step;
  }
  // Words that no state, row or index of the node may hold. Ops keep theirs until they are erased.
  template <typename Node>
  void ExpectGone(Node* node, const std::string& id, const char* words) {
    v1::GetHistoryRequest history;
    history.set_id(id);
    EXPECT_THAT(node->records()->GetHistory(history)->Utf8DebugString(), Not(HasSubstr(words)));
    const v1::CaseView view = Case(node, id);
    EXPECT_THAT(view.Utf8DebugString(), Not(HasSubstr(words)));
    const StoreReader reader = node->store()->Read();
    for (const TypeInfo& type : AllTypes())
      reader.ForEach(type.type(), [&](const Aggregate& aggregate) {
        EXPECT_EQ(aggregate.Encode().find(words), std::string::npos) << ToText(aggregate.id());
        return true;
      });
    v1::FindRequest find;
    find.set_query(words);
    EXPECT_EQ(node->records()->Find(find)->hits_size(), 0);
  }
};

TEST_F(AccusationTest, WhatBecomesOneLosesItsWordsEverywhereAtOnce) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("某某贪污修渠的钱");
  v1::Step more = Of(v1::STEP_CORRECT);
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  more.set_text("某某贪污了三万");
  Do(village(), matter.id(), more);
  Sync();
  EXPECT_EQ(Do(hub, matter.id(), Guide("举报某某贪污")), v1::GUIDED);
  Sync();
  ExpectGone(hub, matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
  const v1::ListRemainsResponse remains = hub->casework()->ListRemains({}).value();
  EXPECT_GE(remains.remains_size(), 3);  // the matter, its correction, the visit
  EXPECT_EQ(remains.remains(0).number(), matter.matter().number());
}

TEST_F(AccusationTest, NothingIsAddedAndItIsNeverReopened) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Guide("检举控告"));
  Sync();
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("某某贪污");
  EXPECT_THAT(Refused(hub, matter.id(), correct), HasSubstr("检举控告"));
  v1::Step reopen = Because(v1::STEP_REOPEN, "弄错了");
  reopen.set_approved_by("主席");
  EXPECT_THAT(Refused(hub, matter.id(), reopen), HasSubstr("检举控告"));
  EXPECT_THAT(Refused(village(), matter.id(), Of(v1::STEP_TAKE_BACK)), HasSubstr("检举控告"));
  v1::GetRecordRequest get;
  get.set_id(matter.id());
  for (const char* fields : {R"({"content":"某某贪污"})", R"({"title":"某某贪污"})", R"({"remark":"某某贪污"})"}) {
    v1::ChangeRecordRequest edit;
    edit.set_action_id(town_.ActionId());
    edit.set_id(matter.id());
    edit.set_token(hub->records()->GetRecord(get)->record().token());
    edit.set_fields(fields);
    EXPECT_THAT(std::string(hub->records()->ChangeRecord(edit).status().message()), HasSubstr("检举控告")) << fields;
  }
}

TEST_F(AccusationTest, NoEditMakesARecordOne) {
  v1::MatterView matter = Log("某某贪污");
  v1::GetRecordRequest get;
  get.set_id(matter.id());
  v1::ChangeRecordRequest edit;
  edit.set_action_id(town_.ActionId());
  edit.set_id(matter.id());
  edit.set_token(village()->records()->GetRecord(get)->record().token());
  edit.set_fields(R"({"disposition":"DISPOSITION_GUIDED","guide_reason":"检举控告","guided_to":"纪委"})");
  EXPECT_THAT(std::string(village()->records()->ChangeRecord(edit).status().message()), HasSubstr("检举控告"));
}

TEST_F(AccusationTest, WhatWasGuidedElsewhereIsCorrectedWithAReasonAndTheChair) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Guide("信访"));
  Sync();
  EXPECT_THAT(Refused(hub, matter.id(), Because(v1::STEP_REOPEN, "属镇里办")), HasSubstr("审批人"));
  v1::Step reopen = Because(v1::STEP_REOPEN, "属镇里办");
  reopen.set_approved_by("王主席");
  EXPECT_EQ(Do(hub, matter.id(), reopen), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, matter.id()).matter().matter().guided_to(), "");
}

TEST_F(AccusationTest, WordsThatComeLateAreTakenOutByTheTownship) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  Sync();
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("某某贪污");
  Do(village(), matter.id(), correct);  // while the township finds what it is
  Do(hub, matter.id(), Guide("检举控告"));
  Sync();
  ASSERT_TRUE(hub->casework()->RunDaily({}).ok());
  Sync();
  ExpectGone(hub, matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
}

}  // namespace
}  // namespace liaison
