// Deputies against their mandates, wherever one is named: at the opening of a session, at signing in, in an edit, and
// with a proposal.
#include "common/record/view.h"
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

constexpr char kGone[] = "HK-R901";

class MandatesTest : public CaseTest {
 protected:
  // A deputy whose mandate ends with 2026-03-25.
  MandatesTest() {
    v1::Deputy deputy;
    deputy.set_deputy_id(kGone);
    deputy.set_name("任满");
    deputy.set_home_station_id("HK-D057");
    v1::Mandate& mandate = *deputy.add_mandates();
    mandate.set_level(v1::MANDATE_TOWN);
    mandate.set_congress("20");
    mandate.set_from("2021-03-26");
    mandate.set_to("2026-03-25");
    NewOp op;
    op.aggregate = RecordId::Master(TypeOf<v1::Deputy>().type(), kGone);
    WritesOf(deputy, {}, &op.writes, &op.sealed);
    EXPECT_TRUE(town_.hub()
                    .store()
                    ->Commit(town_.random().Bytes(kActionIdBytes), "deputy",
                             [&](const StoreReader&) {
                               return Action{"", {op}, {}, {}};
                             })
                    .ok());
    Sync();
  }

  absl::StatusOr<v1::OpenSessionResponse> Open(const char* date, const char* deputy) {
    v1::OpenSessionRequest request;
    request.set_action_id(town_.ActionId());
    request.mutable_session()->set_date(date);
    request.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
    request.mutable_session()->add_deputies()->set_deputy_id(deputy);
    return village()->reception()->OpenSession(request);
  }
  std::string Token(const std::string& id) {
    v1::GetRecordRequest get;
    get.set_id(id);
    return village()->records()->GetRecord(get)->record().token();
  }
  std::string Edit(const std::string& id, const std::string& fields) {
    v1::ChangeRecordRequest edit;
    edit.set_action_id(town_.ActionId());
    edit.set_id(id);
    edit.set_token(Token(id));
    edit.set_fields(fields);
    return std::string(village()->records()->ChangeRecord(edit).status().message());
  }
  std::string Propose(v1::Track track, const char* date, const std::vector<std::string>& signers) {
    v1::RegisterProposalRequest request;
    request.set_action_id(town_.ActionId());
    v1::Matter& matter = *request.mutable_matter();
    matter.set_track(track);
    matter.set_date(date);
    matter.set_content("修一条路");
    matter.set_category("05");
    matter.set_congress("20-3");
    matter.set_lead_deputy(signers[0]);
    for (size_t i = 1; i < signers.size(); ++i) matter.add_cosigners(signers[i]);
    return std::string(town_.hub().casework()->RegisterProposal(request).status().message());
  }
};

TEST_F(MandatesTest, ASessionIsHeldByThoseInOfficeOnItsDay) {
  On("2026-03-26");
  EXPECT_EQ(Open("2026-03-26", kGone).status().message(), "接待代表：任满在2026-03-26不是在任代表");
  EXPECT_TRUE(Open("2026-03-25", kGone).ok()) << "of yesterday it may be typed today";
}

TEST_F(MandatesTest, NobodySignsInAfterTheirMandate) {
  On("2026-03-26");
  absl::StatusOr<v1::OpenSessionResponse> session = Open("2026-03-26", "HK-R001");
  ASSERT_TRUE(session.ok()) << session.status();
  v1::SignInRequest sign;
  sign.set_action_id(town_.ActionId());
  sign.set_session_id(session->session().id());
  sign.set_token(Token(session->session().id()));
  sign.set_in("09:00");
  sign.set_deputy_id(kGone);
  EXPECT_EQ(village()->planning()->SignIn(sign).status().message(), "接待代表：任满在2026-03-26不是在任代表");
  sign.set_action_id(town_.ActionId());
  sign.set_deputy_id("HK-R001");
  EXPECT_TRUE(village()->planning()->SignIn(sign).ok());
}

TEST_F(MandatesTest, AnEditNamesNobodyWhoWasNotInOffice) {
  const v1::MatterView matter = Log("路灯不亮");  // on 2026-03-20
  EXPECT_EQ(Edit(matter.id(), Cat("{\"answeredBy\":\"", kGone, "\"}")), "") << "in office on the matter's day";
  On("2026-03-26");
  const v1::MatterView later = Log("桥栏杆坏了");
  EXPECT_THAT(Edit(later.id(), Cat("{\"answeredBy\":\"", kGone, "\"}")), HasSubstr("任满在2026-03-26不是在任代表"));
  const std::string visit = later.matter().sources(0).entry(), session = visit.substr(0, visit.find('/'));
  const std::string both = Cat(R"({"deputies":[{"deputyId":"HK-R001"},{"deputyId":")", kGone, "\"}]}");
  EXPECT_THAT(Edit(session, both), HasSubstr("任满在2026-03-26不是在任代表"));
  const std::string before = matter.matter().sources(0).entry();
  EXPECT_EQ(Edit(before.substr(0, before.find('/')), both), "");
}

TEST_F(MandatesTest, AProposalIsSignedByThoseInOffice) {
  On("2026-03-26");
  EXPECT_THAT(Propose(v1::TRACK_SUGGESTION, "2026-03-26", {kGone}),
              HasSubstr("领衔代表：任满在2026-03-26不是在任代表"));
  EXPECT_THAT(Propose(v1::TRACK_SUGGESTION, "2026-03-26", {"HK-R001", kGone}),
              HasSubstr("附议代表：任满在2026-03-26不是在任代表"));
  EXPECT_EQ(Propose(v1::TRACK_SUGGESTION, "2026-03-25", {kGone}), "");
}

}  // namespace
}  // namespace liaison
