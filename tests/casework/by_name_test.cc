// Who did a step, by name where a deputy's id goes.
#include "common/record/view.h"
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class ByNameTest : public CaseTest {
 protected:
  // Another deputy of that name.
  void AddDeputy(const char* id, const char* name) {
    v1::Deputy deputy;
    deputy.set_deputy_id(id);
    deputy.set_name(name);
    deputy.set_home_station_id("HK-D057");
    v1::Mandate& mandate = *deputy.add_mandates();
    mandate.set_level(v1::MANDATE_TOWN);
    mandate.set_congress("20");
    NewOp op;
    op.aggregate = RecordId::Master(TypeOf<v1::Deputy>().type(), id);
    WritesOf(deputy, {}, &op.writes, &op.sealed);
    const std::string action = town_.random().Bytes(kActionIdBytes);
    ASSERT_TRUE(town_.hub()
                    .store()
                    ->Commit(action, "deputy",
                             [&](const StoreReader&) {
                               return Action{"", {op}, {}, {}};
                             })
                    .ok());
    Sync();
  }
  static v1::Step Answer(const char* by) {
    v1::Step step = Of(v1::STEP_ANSWER);
    step.set_text("已修好");
    step.set_by(by);
    return step;
  }
};

TEST_F(ByNameTest, AnAnswerIsTheDeputysWhoIsCalledSo) {
  const std::string id = Log("路灯不亮", v1::DISPOSITION_VILLAGE).id();
  EXPECT_THAT(Refused(village(), id, Answer("没有这人")), HasSubstr("没有这人"));
  EXPECT_EQ(Do(village(), id, Answer("薛云")), v1::ANSWERED);
  EXPECT_EQ(Case(village(), id).matter().matter().answered_by(), "HK-R001");
}

TEST_F(ByNameTest, OfTwoWithOneNameTheIdIsAskedFor) {
  AddDeputy("HK-R900", "薛云");
  const std::string id = Log("路灯不亮", v1::DISPOSITION_VILLAGE).id();
  EXPECT_THAT(Refused(village(), id, Answer("薛云")),
              HasSubstr("经办人：不止一个叫“薛云”，请写编号，如 HK-R001、HK-R900"));
  EXPECT_EQ(Do(village(), id, Answer("HK-R001")), v1::ANSWERED);
}

TEST_F(ByNameTest, ASuggestionIsRatedByTheOneOfThatNameWhoSignedIt) {
  AddDeputy("HK-R900", "薛云");
  const std::string id = Suggestion("修一条路");
  Do(&town_.hub(), id, Assign("HK-U05"));
  Do(&town_.hub(), id, Reply(v1::CLASS_A));
  EXPECT_THAT(Refused(&town_.hub(), id, Rate(v1::RATING_SATISFIED, "邱春梅")), HasSubstr("由领衔代表或附议代表评价"));
  Do(&town_.hub(), id, Rate(v1::RATING_SATISFIED, "薛云"));
  ASSERT_EQ(Case(&town_.hub(), id).evaluations_size(), 1);
  EXPECT_EQ(Case(&town_.hub(), id).evaluations(0).by(), "HK-R001");
}

TEST_F(ByNameTest, WhoTellsTheVoterNeedNotBeADeputy) {
  const std::string id = Accepted("路灯不亮");
  for (const char* by : {"薛云", "王干事"}) {
    v1::Step told = Of(v1::STEP_FEED_BACK);
    told.set_mode("电话");
    told.set_by(by);
    Do(&town_.hub(), id, told);
  }
  std::vector<std::string> by;
  const auto case_file = Case(&town_.hub(), id);
  for (const v1::Feedback& feedback : case_file.feedback()) by.push_back(feedback.by());
  EXPECT_THAT(by, ::testing::UnorderedElementsAre("HK-R001", "王干事"));
}

}  // namespace
}  // namespace liaison
