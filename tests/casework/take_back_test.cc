// 撤销: whoever took a step takes it back, until anyone else has acted.
#include "common/actions/settle.h"
#include "common/store/op_on.h"
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TakeBackTest : public CaseTest {
 protected:
  static v1::Step Back() { return Of(v1::STEP_TAKE_BACK); }
};

TEST_F(TakeBackTest, ASubmissionIsTakenBackAndTheContentMayBeWrittenAgain) {
  v1::MatterView matter = Log("水渠垮了");
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  EXPECT_EQ(Do(village(), matter.id(), Back()), v1::REGISTERED);
  v1::GetRecordRequest get;
  get.set_id(matter.id());
  v1::ChangeRecordRequest edit;
  edit.set_action_id(town_.ActionId());
  edit.set_id(matter.id());
  edit.set_token(village()->records()->GetRecord(get)->record().token());
  edit.set_fields(R"({"content":"水渠垮了二十米"})");
  EXPECT_TRUE(village()->records()->ChangeRecord(edit).ok());
  const v1::CaseView view = Case(village(), matter.id());
  ASSERT_EQ(view.taken_back_size(), 1);
  EXPECT_EQ(view.taken_back(0).what(), "已上报");
  v1::GetHistoryRequest history;
  history.set_id(matter.id());
  int submitted = 0;
  const v1::GetHistoryResponse events = village()->records()->GetHistory(history).value();
  for (const v1::HistoryEvent& event : events.events())
    submitted += event.field_label() == "状态" && event.text() == "已上报" ? 1 : 0;
  EXPECT_EQ(submitted, 1);
}

TEST_F(TakeBackTest, NotAfterAnybodyElseHasActed) {
  v1::MatterView matter = Log("水渠垮了");
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  Sync();
  EXPECT_THAT(Refused(&town_.hub(), matter.id(), Back()), HasSubstr("没有您办的"));
  Do(&town_.hub(), matter.id(), Of(v1::STEP_ACCEPT));
  Sync();
  EXPECT_THAT(Refused(village(), matter.id(), Back()), HasSubstr("其他人已经接着办理"));
}

TEST_F(TakeBackTest, StepsAreTakenBackOneBehindTheOtherAndNumbersStayUsed) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("水渠垮了");
  Do(hub, id, Assign("HK-U01"));
  const std::string number = Case(hub, id).assignments(0).assignment().number();
  EXPECT_EQ(Do(hub, id, Back()), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, id).assignments_size(), 0);
  Do(hub, id, Assign("HK-U02"));
  EXPECT_NE(Case(hub, id).assignments(0).assignment().number(), number);
  EXPECT_EQ(Case(hub, id).assignments(0).code(), "1-2");
  EXPECT_EQ(Do(hub, id, Back()), v1::ACCEPTED);
  EXPECT_EQ(Do(hub, id, Back()), v1::SUBMITTED);
  EXPECT_EQ(Case(hub, id).taken_back_size(), 3);
  EXPECT_EQ(Do(hub, id, Of(v1::STEP_ACCEPT)), v1::ACCEPTED);
}

TEST_F(TakeBackTest, AFeedbackAndASendingBackToo) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("水渠垮了");
  v1::Step told = Of(v1::STEP_FEED_BACK);
  told.set_mode("电话");
  told.set_by("李四");
  Do(village(), matter.id(), told);
  EXPECT_EQ(Case(village(), matter.id()).feedback_size(), 1);
  Do(village(), matter.id(), Back());
  EXPECT_EQ(Case(village(), matter.id()).feedback_size(), 0);
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  Sync();
  EXPECT_EQ(Do(hub, matter.id(), Because(v1::STEP_SEND_BACK, "写清楚地点")), v1::RETURNED);
  EXPECT_EQ(Do(hub, matter.id(), Back()), v1::SUBMITTED);
}

TEST_F(TakeBackTest, AMergingGivesTheSourcesBackAndAConversionItsSuggestion) {
  HubNode* hub = &town_.hub();
  const std::string a = Accepted("水渠垮了"), b = Accepted("三组水渠垮了");
  v1::Step merge = Of(v1::STEP_MERGE);
  merge.set_into(a);
  Do(hub, b, merge);
  EXPECT_EQ(Case(hub, a).matter().matter().sources_size(), 2);
  EXPECT_EQ(Do(hub, b, Back()), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, a).matter().matter().sources_size(), 1);
  EXPECT_EQ(Case(hub, b).matter().matter().merged_into(), "");
  v1::Step convert = Of(v1::STEP_CONVERT);
  convert.set_lead_deputy("HK-R001");
  absl::StatusOr<v1::TakeStepResponse> made = Try(hub, b, convert);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Do(hub, b, Back()), v1::ACCEPTED);
  EXPECT_TRUE(Case(hub, made->made(0).id()).matter().voided());
}

// Two suggestions got one number; the township let the other one keep it. That is no work on the suggestion.
TEST_F(TakeBackTest, AConversionToWhatOnlyGotAnotherNumberToo) {
  HubNode* hub = &town_.hub();
  const std::string matter = Accepted("水渠垮了"), other = Suggestion("修路");
  v1::Step convert = Of(v1::STEP_CONVERT);
  convert.set_lead_deputy("HK-R001");
  const std::string made = Must(Try(hub, matter, convert)).made(0).id();
  const std::string number = Case(hub, made).matter().matter().number();
  auto clash = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId id;
    EXPECT_TRUE(ParseRecordId(other, &id));
    const std::optional<Aggregate> record = view.Load(id);
    if (!record) return absl::NotFoundError(other);
    Action action;
    action.user = "李雪";
    NewOp& op = action.ops.emplace_back(OpOn(*record));
    op.writes.push_back({{}, TypeOf<v1::Matter>().Find(v1::Matter::kNumberFieldNumber)->tag, "", number});
    return action;
  };
  ASSERT_EQ(hub->store()->Commit(town_.random().Bytes(kActionIdBytes), "", clash).status(), absl::OkStatus());
  v1::SettleRequest keep;
  keep.set_action_id(town_.ActionId());
  keep.set_id(other);
  keep.set_field(std::string(kNumberField));
  keep.set_side(std::string(kSideKeep));
  keep.set_user("李雪");
  ASSERT_EQ(hub->records()->Settle(keep).status(), absl::OkStatus());
  EXPECT_EQ(Case(hub, other).matter().matter().number(), number);
  EXPECT_NE(Case(hub, made).matter().matter().number(), number);
  EXPECT_EQ(Do(hub, matter, Back()), v1::ACCEPTED);
  EXPECT_TRUE(Case(hub, made).matter().voided());
}

TEST_F(TakeBackTest, AConversionToWhatWasWorkedOnStays) {
  HubNode* hub = &town_.hub();
  const std::string matter = Accepted("水渠垮了");
  v1::Step convert = Of(v1::STEP_CONVERT);
  convert.set_lead_deputy("HK-R001");
  const std::string made = Must(Try(hub, matter, convert)).made(0).id();
  EXPECT_EQ(Do(hub, made, Assign("HK-U05")), v1::ASSIGNED);
  EXPECT_EQ(Refused(hub, matter, Back()),
            Cat(Case(hub, matter).matter().matter().number(), "：转成的代表建议已经办理，不能撤销"));
}

// 取消并案 taken back: merged again, and the parent has the sources again.
TEST_F(TakeBackTest, AnUnmergingIsTakenBackOnBothSides) {
  HubNode* hub = &town_.hub();
  const std::string a = Accepted("水渠垮了"), b = Accepted("三组水渠垮了");
  v1::Step merge = Of(v1::STEP_MERGE);
  merge.set_into(a);
  EXPECT_EQ(Do(hub, b, merge), v1::MERGED);
  const std::string into = Case(hub, b).matter().matter().merged_into();
  EXPECT_EQ(Do(hub, b, Because(v1::STEP_UNMERGE, "不是一件事")), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, a).matter().matter().sources_size(), 1);
  EXPECT_EQ(Do(hub, b, Back()), v1::MERGED);
  EXPECT_EQ(Case(hub, a).matter().matter().sources_size(), 2);
  const v1::CaseView again = Case(hub, b);
  EXPECT_EQ(again.matter().matter().merged_into(), into);
  EXPECT_EQ(again.follows().id(), a);
  ASSERT_EQ(Case(hub, a).merged_size(), 1);
  EXPECT_EQ(Case(hub, a).merged(0).id(), b);
  EXPECT_EQ(Do(hub, b, Back()), v1::ACCEPTED) << "and the merging itself";
  EXPECT_EQ(Case(hub, a).matter().matter().sources_size(), 1);
  EXPECT_TRUE(hub->store()->Verify().ok());
}

}  // namespace
}  // namespace liaison
