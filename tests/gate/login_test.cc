// Logging in over real HTTP, and what a session is worth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "common/api/author_names.h"
#include "common/daemon/setup_code.h"
#include "common/daemon/slip.h"
#include "common/record/op.h"
#include "common/store/op_on.h"
#include "tests/gate/place.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kRoster[] = "RecordService/GetRoster", kSome[] = "StationService/ListSessions";
constexpr int64_t kMinuteMs = 60'000;

class Login : public PlacesTest {
 protected:
  // The code of a new slip at the station.
  std::string AddCode(const std::string& account) {
    const Slip slip = Must(NewSlip(&random_));
    v1::OneTimeCode code;
    code.set_account_id(account);
    code.set_code_hash(slip.code_hash);
    const RecordId rights = RecordId::Master(TypeOf<v1::Rights>().type(), kOwnStation);
    station_->Write("test", [&](const StoreReader& view, const std::string& action_id, Action* action) {
      NewOp op = OpOn(view, rights);
      WritesOf(code, RecordId::Random(TypeOf<v1::OneTimeCode>().type(), action_id, 0), &op.writes, &op.sealed);
      action->ops.push_back(std::move(op));
    });
    return slip.typed;
  }
  Answered TryPin(const std::string& account, const std::string& pin) {
    return station_->Post("LoginService/Login", Json{{"accountId", account}, {"secret", pin}}.dump());
  }
  Answered Redeem(const std::string& account, const std::string& code, const std::string& pin) {
    return station_->Post("LoginService/Redeem", Json{{"accountId", account}, {"code", code}, {"secret", pin}}.dump());
  }
  bool LockedAt(const Browser& browser) {
    return station_->Post("LoginService/GetLogin", "{}", browser).json.value("locked", false);
  }
  int Ask(const Browser& browser, const std::string& more = "") {
    return station_->Post(kSome, "{}", browser, more).status;
  }
};

TEST_F(Login, ShowsWhoIsWho) {
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  EXPECT_EQ(Ask(officer), 200);
  const Json shown = station_->Post("LoginService/GetLogin", "{}", officer).json;
  EXPECT_EQ(shown.value("required", false), true);
  EXPECT_EQ(shown["me"].value("name", ""), "某U00001");
  EXPECT_EQ(shown["people"].size(), 1u);
  EXPECT_EQ(shown["people"][0].value("hasSecret", false), true);
  Enter(*hub_, "U00002", v1::Access::CLERK);
  const Json at_hub = hub_->Post("LoginService/GetLogin", "{}").json;
  EXPECT_TRUE(at_hub["people"].empty()) << "nobody is listed at the hub";
  EXPECT_EQ(at_hub.value("setUp", ""), "SET_UP_ADMIN");
  EXPECT_EQ(hub_->Post("LoginService/Login", Json{{"accountId", "某U00002"}, {"secret", kPassword}}.dump()).status, 200)
      << "by the name, if one only has it";
}

// A browser sends a host's cookies to every port of it, also to a program that somebody else runs there.
TEST_F(Login, ACookieFromAnotherPortIsNotEnough) {
  const Browser clerk = Enter(*hub_, "U00001", v1::Access::CLERK);
  const Browser officer = Enter(*station_, "U00002", v1::Access::OFFICER);
  http::Server other;
  other.Handle("/theirs", [](const http::Call&) -> absl::StatusOr<std::string> { return std::string("{}"); });
  Must(other.Listen("127.0.0.1", 0));
  const std::string both = Cat("Cookie: ", hub_->cookie_name(), "=", clerk.cookie, "; ", station_->cookie_name(), "=",
                               officer.cookie, "\r\n");
  const std::string json = "Host: localhost\r\nContent-Type: application/json\r\n";
  EXPECT_EQ(http::StatusOf(http::Exchange(other.port(), http::PostText("/theirs", json + both, "{}"))), 200);
  auto ask = [&](const std::string& token) {
    return http::StatusOf(http::Exchange(hub_->port(), http::PostText(Cat("/liaison.v1.", kRoster),
                                                                      Cat(json, both, token), "{}")));
  };
  EXPECT_EQ(ask(Cat("Liaison-Token: ", clerk.token, "\r\n")), 200);
  EXPECT_EQ(ask(""), 401) << "what the other program has";
  EXPECT_EQ(ask(Cat("Liaison-Token: ", officer.token, "\r\n")), 401) << "the station's page";
  EXPECT_EQ(ask(Cat("Liaison-Token: ", clerk.cookie, "\r\n")), 401);
  EXPECT_EQ(hub_->Post(kRoster, "{}", clerk, "Origin: http://localhost:1\r\n").status, 403) << "its page";
}

TEST_F(Login, WrongPinsMakeWait) {
  Enter(*station_, "U00001", v1::Access::OFFICER);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(TryPin("U00001", "000001").status, 401) << i;
  EXPECT_THAT(TryPin("U00001", kPin).message, HasSubstr("请过1分钟再试")) << "not even the right one";
  EXPECT_EQ(station_->OnSocket("/liaison.v1.RecordService/GetStatus", "{}").status(), absl::OkStatus())
      << "the owner is not shut out";
  now_ms_ += kMinuteMs;
  EXPECT_EQ(TryPin("U00001", kPin).status, 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(TryPin("U9ZZZZ", "000001").status, 401) << "nobody's counts too";
  EXPECT_EQ(TryPin("U00001", kPin).status, 400);
}

TEST_F(Login, FiveIdleMinutesLockAndThePersonsOwnPinOpens) {
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  Enter(*station_, "U00002", v1::Access::DEPUTY);
  now_ms_ += Sessions::kIdleMs - 1;
  EXPECT_EQ(Ask(officer), 200);
  now_ms_ += Sessions::kIdleMs - 1;
  EXPECT_EQ(Ask(officer, "Liaison-Background: 1\r\n"), 200) << "a page that asks by itself";
  now_ms_ += 1;
  const Answered locked = station_->Post(kSome, "{}", officer);
  EXPECT_EQ(locked.code, "failed_precondition");
  EXPECT_THAT(locked.message, HasSubstr("已锁定"));
  EXPECT_TRUE(LockedAt(officer));
  EXPECT_EQ(station_->Post("LoginService/Unlock", R"({"secret":"000001"})", officer).status, 401);
  EXPECT_EQ(Ask(officer), 400);
  EXPECT_EQ(station_->Post("LoginService/Unlock", Json{{"secret", kPin}}.dump(), officer).status, 200);
  EXPECT_EQ(Ask(officer), 200);
  station_->Post("LoginService/Lock", "{}", officer);
  EXPECT_TRUE(LockedAt(officer));
  const Answered out = station_->Post("LoginService/Logout", "{}", officer);
  EXPECT_EQ(out.status, 200);
  EXPECT_EQ(Ask(officer), 401);
}

TEST_F(Login, WhoLosesHisRightsIsOutAtOnce) {
  const Browser first = Enter(*station_, "U00001", v1::Access::OFFICER);
  const Browser second = Enter(*station_, "U00002", v1::Access::OFFICER);
  const RecordId grant = station_->Grant(kOwnStation, "U00002", v1::Access::DEPUTY);
  station_->End("U00001");
  EXPECT_EQ(Ask(first), 401);
  EXPECT_EQ(TryPin("U00001", kPin).status, 401);
  station_->Revoke(kOwnStation, grant);
  EXPECT_EQ(Ask(second), 200) << "one right is left";
  const Json people = station_->Post("LoginService/GetLogin", "{}").json["people"];
  EXPECT_EQ(people.size(), 1u);
  EXPECT_EQ(people[0].value("accountId", ""), "U00002");
}

TEST_F(Login, ASlipIsRedeemedOnceAndAMistypedOneCostsNothing) {
  station_->AddAccount("U00001", "王干事");
  station_->Grant(kOwnStation, "U00001", v1::Access::OFFICER);
  const std::string code = AddCode("U00001");
  std::string mistyped = code;
  mistyped[0] = mistyped[0] == '7' ? '8' : '7';
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Redeem("U00001", mistyped, kPin).code, "invalid_argument") << i;
  EXPECT_EQ(Redeem("U00001", code, "111111").code, "invalid_argument");
  const Answered in = Redeem("U00001", code, kPin);
  EXPECT_EQ(in.status, 200) << in.message;
  EXPECT_EQ(Ask({in.cookie, in.json.value("token", "")}), 200);
  EXPECT_EQ(Redeem("U00001", code, "246801").status, 400);
  EXPECT_EQ(TryPin("U00001", kPin).status, 200);
}

TEST_F(Login, AnOfficerGivesANewCodeWithoutANetwork) {
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  const Browser deputy = Enter(*station_, "U00002", v1::Access::DEPUTY);
  Enter(*station_, "U00003", v1::Access::AREA);
  EXPECT_EQ(station_->Post("LoginService/ResetPin", R"({"accountId":"U00001"})", deputy).status, 403);
  EXPECT_EQ(station_->Post("LoginService/ResetPin", R"({"accountId":"U00003"})", officer).status, 403);
  const Answered reset = station_->Post("LoginService/ResetPin", R"({"accountId":"U00002"})", officer);
  ASSERT_EQ(reset.status, 200) << reset.message;
  const std::string code = reset.json["slip"].value("code", "");
  EXPECT_EQ(Ask(deputy), 401) << "the old session";
  EXPECT_EQ(TryPin("U00002", kPin).status, 400) << "the old PIN";
  station_.reset();
  OpenStation();
  EXPECT_EQ(Redeem("U00001", code, "246801").status, 400) << "another's";
  EXPECT_EQ(Redeem("U00002", code, "246801").status, 200);
  EXPECT_EQ(Redeem("U00002", code, "135791").status, 400) << "once";
  EXPECT_EQ(TryPin("U00002", "246801").status, 200);
}

TEST_F(Login, AChangedSecretEndsWhatTheOldOneOpened) {
  const Browser first = Enter(*hub_, "U00001", v1::Access::CLERK), second = hub_->Login("U00001", kPassword);
  const std::string fresh = "another long password";
  auto change = [&](const std::string& old) {
    return hub_->Post("LoginService/ChangeSecret", Json{{"oldSecret", old}, {"secret", fresh}}.dump(), second).status;
  };
  EXPECT_EQ(change("not the old one"), 401);
  EXPECT_EQ(change(kPassword), 200);
  EXPECT_EQ(hub_->Post(kRoster, "{}", first).status, 401);
  EXPECT_EQ(hub_->Post(kRoster, "{}", second).status, 200);
  hub_->Login("U00001", fresh);
}

TEST_F(Login, TheSetupCodeMakesOneAdmin) {
  const std::string code = Must(NewSetupCode(hub_->store(), &random_)), other = Must(NewSlip(&random_)).typed;
  auto run = [&](const std::string& typed, const std::string& name) {
    return hub_->Post("LoginService/FirstRun",
                      Json{{"setupCode", typed}, {"name", name}, {"secret", kPassword}}.dump());
  };
  EXPECT_EQ(run(other, "周主任").status, 401);
  EXPECT_EQ(run(code, "").status, 400);
  const Answered in = run(code, "周主任");
  ASSERT_EQ(in.status, 200) << in.message;
  EXPECT_EQ(in.json["me"]["roles"][0], "ADMIN");
  EXPECT_EQ(hub_->Post("HubService/ListInvitations", "{}", {in.cookie, in.json.value("token", "")}).status, 200);
  EXPECT_EQ(run(code, "再来一个").status, 400);
  EXPECT_EQ(hub_->Post("LoginService/GetLogin", "{}").json.value("setUp", ""), "SET_UP_DONE");
  hub_->Login("周主任", kPassword);
}

TEST_F(Login, AnOlderFolderIsOpenOnThisMachineUntilTheTownshipAsks) {
  station_.reset();
  v1::StationConfig config;
  Must(ReadConfig(StationDir() + "/station.json", &config));
  EXPECT_TRUE(config.login()) << "enrolled by this version";
  config.clear_login();
  Must(WriteConfig(StationDir() + "/station.json", config));
  OpenStation();
  EXPECT_EQ(Ask({}), 200);
  EXPECT_EQ(Ask({"x", "y"}), 401) << "a page whose login has ended is not taken for nobody's";
  EXPECT_EQ(station_->Post("BundleService/ExportBundle", "{}").status, 403) << "the owner's";
  EXPECT_EQ(station_->Post(kSome, "{}", {}, "Liaison-User: U00001\r\n").status, 400) << "no name is an account";
  EXPECT_FALSE(station_->OnSocket(Cat("/liaison.v1.", kSome), "{}", "U00001").ok());
  v1::Rights rights;
  rights.set_station_id(kOwnStation);
  rights.set_login_required(true);
  station_->Write("test", [&](const StoreReader& view, const std::string&, Action* action) {
    action->ops.push_back(MasterOp(view, rights, kOwnStation));
  });
  EXPECT_EQ(Ask({}), 401);
  EXPECT_TRUE(station_->OnSocket(Cat("/liaison.v1.", kSome), "{}", "李干事").ok());
}

TEST_F(Login, WhatIsWrittenNamesTheAccountAndShowsTheName) {
  const Browser officer = Enter(*station_, "U00001", v1::Access::OFFICER);
  v1::OpenSessionRequest open;
  open.set_action_id("00000000000000000001");
  open.mutable_session()->set_date("2026-11-20");
  open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  open.mutable_session()->add_deputies()->set_deputy_id(kOwnDeputy);
  open.set_user("别人");
  EXPECT_EQ(station_->Post("StationService/OpenSession", ToCompactJson(open), officer).status, 400);
  open.clear_user();
  const Answered opened =
      station_->Post("StationService/OpenSession", ToCompactJson(open), officer, "Liaison-User: x\r\n");
  ASSERT_EQ(opened.status, 200) << opened.message;
  RecordId id;
  ASSERT_TRUE(ParseRecordId(opened.json["session"].value("id", ""), &id));
  const StoreReader reader = station_->store()->Read();
  const std::vector<Op> ops = reader.OpsOf(*reader.Load(id));
  ASSERT_FALSE(ops.empty());
  EXPECT_EQ(ops[0].user, "U00001");
  const Json history =
      station_->Post("RecordService/GetHistory", Cat("{\"id\":\"", ToText(id), "\"}"), officer).json["events"];
  EXPECT_EQ(history[0].value("user", ""), "某U00001");
}

TEST(AuthorNames, ATypedNameIsMarkedWhereLoginsAreAskedFor) {
  EXPECT_TRUE(IsAccountCode("U7K2MC"));
  for (const char* name : {"", "U", "U7K2M", "U7K2MCX", "u7k2mc", "U7K2MI", "王主任", "X7K2MC"})
    EXPECT_FALSE(IsAccountCode(name)) << name;
  People people;
  people.accounts["U7K2MC"].set_name("王主任");
  people.rights["HK-D057"].login_required = true;
  Op op;
  op.actor.station = "HK-D057";
  op.user = "U7K2MC";
  EXPECT_EQ(AuthorName(&people, op), "王主任");
  op.user = "李干事";
  EXPECT_EQ(AuthorName(&people, op), "李干事（未登录）");
  EXPECT_EQ(AuthorName(nullptr, op), "李干事");
  op.actor.station = "HK-D058";
  EXPECT_EQ(AuthorName(&people, op), "李干事");
}

// The same with a real process, killed between its guesses.
TEST_F(Login, GuessesSurviveKillMinusNine) {
  Enter(*station_, "U00001", v1::Access::OFFICER);
  station_.reset();
  Daemon daemon(InBuild("/bin/") + "liaison-station", StationDir(),
                {"run", "--data", StationDir(), "--http", "127.0.0.1:0"});
  const std::string json = "Host: localhost\r\nContent-Type: application/json\r\n";
  auto guess = [&](const std::string& pin) {
    return http::Exchange(daemon.endpoint().port(),
                          http::PostText("/liaison.v1.LoginService/Login", json,
                                         Json{{"accountId", "U00001"}, {"secret", pin}}.dump()));
  };
  for (int i = 0; i < 5; ++i) {
    daemon.Start();
    EXPECT_EQ(http::StatusOf(guess("000001")), 401) << i;
    daemon.Stop(SIGKILL);
  }
  daemon.Start();
  EXPECT_THAT(http::BodyOf(guess(kPin)), HasSubstr("请过1分钟再试"));
  daemon.Stop(SIGTERM);
}

}  // namespace
}  // namespace liaison
