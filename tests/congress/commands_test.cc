// What the commands of reception days and the congress ask the services for, and how they show the answers.
#include <gmock/gmock.h>

#include "common/record/json.h"
#include "liaison/v1/congress_services.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;

class CongressCommandsTest : public CliTest {
 protected:
  CongressCommandsTest() {
    MakeStation();
    daemon_.Add("RecordService/GetStatus", StationStatus());
    v1::GetRosterResponse roster;
    for (auto [id, name] : {std::pair("HK-R001", "薛云"), std::pair("HK-R002", "王芳"), std::pair("HK-R003", "王芳")}) {
      roster.add_deputies()->set_deputy_id(id);
      roster.mutable_deputies(roster.deputies_size() - 1)->set_name(name);
    }
    daemon_.Add("RecordService/GetRoster", roster);
    daemon_.Add("StationService/ListSessions", [this](const std::string&) { return ToJson(sessions_); });
    v1::SignInResponse signed_in;
    signed_in.mutable_session()->mutable_session()->set_number("J20261215-D057-1");
    signed_in.mutable_session()->set_state(v1::SESSION_OPEN);
    daemon_.Add("ReceptionService/SignIn", signed_in);
    v1::AddCongressRecordResponse added;
    added.mutable_record()->set_id("48.00112233445566778899000a");
    added.mutable_record()->set_label("履职活动");
    daemon_.Add("CongressService/AddCongressRecord", added);
    daemon_.Start(dir_);
  }
  void AddSession(const std::string& id, const std::string& number) {
    v1::SessionView& session = *sessions_.add_sessions();
    session.set_id(id);
    session.set_token("T" + id);
    session.mutable_session()->set_number(number);
  }
  Outcome SignIn(const std::string& session, const std::string& deputy) {
    return Run({"sign-in", "--data", dir_, session, deputy, "--in", "08:35"});
  }

  FakeDaemon daemon_;
  v1::ListSessionsResponse sessions_;
};

TEST_F(CongressCommandsTest, ASessionIsNamedByNumberAndADeputyByName) {
  AddSession("16.00000000000000000000000a", "J20261215-D057-1");
  AddSession("16.00000000000000000000000b", "J20261215-D057-2");
  Outcome outcome = SignIn("J20261215-D057-2", "薛云");
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "J20261215-D057-1 进行中\n");
  auto request = daemon_.Request<v1::SignInRequest>("ReceptionService/SignIn");
  EXPECT_EQ(request.session_id(), "16.00000000000000000000000b");
  EXPECT_EQ(request.token(), "T16.00000000000000000000000b");
  EXPECT_EQ(request.deputy_id(), "HK-R001");
  EXPECT_EQ(request.in(), "08:35");
  EXPECT_EQ(daemon_.Request<v1::ListSessionsRequest>("StationService/ListSessions").from(), "2026-12-15");
}

TEST_F(CongressCommandsTest, ADateNamesASessionOnlyWhereThereIsOne) {
  AddSession("16.00000000000000000000000a", "J20261215-D057-1");
  EXPECT_EQ(SignIn("2026-12-15", "HK-R001").code, kDone);
  EXPECT_EQ(daemon_.Request<v1::ListSessionsRequest>("StationService/ListSessions").station_id(), "HK-D057");
  AddSession("16.00000000000000000000000b", "J20261215-D057-2");
  Outcome two = SignIn("2026-12-15", "HK-R001");
  EXPECT_EQ(two.code, kUsage);
  EXPECT_THAT(two.err, HasSubstr("有几场"));
  EXPECT_EQ(SignIn("J20261215-D057-9", "HK-R001").code, kFailed);
}

TEST_F(CongressCommandsTest, ANameThatTwoHaveIsRefusedWithTheirNumbers) {
  AddSession("16.00000000000000000000000a", "J20261215-D057-1");
  Outcome outcome = SignIn("J20261215-D057-1", "王芳");
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("HK-R002、HK-R003"));
  EXPECT_FALSE(daemon_.requests.contains("ReceptionService/SignIn"));
}

TEST_F(CongressCommandsTest, ARecordTakesItsOptionsFromItsMessage) {
  Outcome outcome = Run({"activity", "add", "--data", dir_, "--type", "执法检查", "--date", "2026-05-12", "--title",
                         "水法", "--deputies", "薛云", "HK-R002", "--problems-found", "14", "--units", "水利站"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "已登记 履职活动 48.00112233445566778899000a\n");
  auto request = daemon_.Request<v1::AddCongressRecordRequest>("CongressService/AddCongressRecord");
  EXPECT_EQ(request.action_id().size(), 20u);
  EXPECT_EQ(request.activity().type(), v1::ACTIVITY_LAW_CHECK);
  ASSERT_EQ(request.activity().deputies_size(), 2);
  EXPECT_EQ(request.activity().deputies(0).deputy_id(), "HK-R001");
  EXPECT_EQ(request.activity().problems_found(), 14);
  EXPECT_EQ(request.activity().units(0), "水利站");
  EXPECT_EQ(Run({"ten-haves", "set", "--data", dir_, "--station-id", "HK-D057", "--item", "4", "--ok"}).code, kDone);
  request = daemon_.Request<v1::AddCongressRecordRequest>("CongressService/AddCongressRecord", 1);
  EXPECT_TRUE(request.ten_have().ok());
  EXPECT_EQ(Run({"project", "vote", "--data", dir_, "50.00", "--votes-for", "21", "--votes-total", "40"}).code, kDone);
  request = daemon_.Request<v1::AddCongressRecordRequest>("CongressService/AddCongressRecord", 2);
  EXPECT_EQ(request.parent(), "50.00");
  EXPECT_EQ(request.vote().votes_for(), 21);
}

TEST_F(CongressCommandsTest, WrongWordsAndNumbersAreRefusedBeforeAnythingIsAsked) {
  Outcome type = Run({"activity", "add", "--data", dir_, "--type", "郊游"});
  EXPECT_EQ(type.code, kUsage);
  EXPECT_THAT(type.err, HasSubstr("可用：视察"));
  EXPECT_EQ(Run({"activity", "add", "--data", dir_, "--problems-found", "很多"}).code, kUsage);
  EXPECT_EQ(Run({"activity", "finding", "--data", dir_, "48.00", "--station-id", "HK-D057"}).code, kUsage);
  EXPECT_EQ(Run({"activity", "--data", dir_}).code, kUsage);
  EXPECT_FALSE(daemon_.requests.contains("CongressService/AddCongressRecord"));
}

}  // namespace
}  // namespace liaison::cli
