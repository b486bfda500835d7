// AccountService, the setup code, a secret set by the folder's owner and a demo's people, at a whole hub on a disk.
#include "hub/desk/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/crypto/password.h"
#include "common/daemon/local_secret.h"
#include "common/daemon/setup_code.h"
#include "common/daemon/slip.h"
#include "hub/desk/demo.h"
#include "hub/desk/setup.h"
#include "hub/hub_node.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

constexpr char kPoint[] = "HK-D057", kOther[] = "HK-D012", kCentre[] = "HK-Z001";
constexpr char kUser[] = "U00001";

struct AccountsOfAHub : testing::Test {
  AccountsOfAHub() {
    std::string pattern = testing::TempDir() + "/liaison-accounts-XXXXXX";
    dir = mkdtemp(pattern.data());
    Open();
    Must(LoadRoster(InSource("/hub/fixture"), hub->store()).status());
  }
  ~AccountsOfAHub() override {
    hub.reset();
    std::filesystem::remove_all(dir);
  }
  void Open() {
    hub.reset();
    HubNode::Options options;
    options.dir = dir + "/hub";
    options.create = true;
    options.sync_address = "";
    options.clock = &clock;
    options.random = &random;
    hub = Must(HubNode::Open(std::move(options)));
  }
  Accounts* accounts() { return hub->accounts(); }
  std::shared_ptr<const People> people() { return hub->people()->Get(); }
  std::string ActionId() { return Hex(random.Bytes(kActionIdBytes)); }

  v1::AddAccountRequest Person(const std::string& name, const std::string& place, v1::Access::Role role) {
    v1::AddAccountRequest request;
    request.set_action_id(ActionId());
    request.set_name(name);
    request.set_place(place);
    request.set_role(role);
    return request;
  }
  v1::AddAccountResponse Add(const std::string& name, const std::string& place, v1::Access::Role role) {
    return Must(accounts()->Add(Person(name, place, role), kUser));
  }
  v1::GrantRightRequest GrantOf(const std::string& account, const std::string& place, v1::Access::Role role) {
    v1::GrantRightRequest request;
    request.set_action_id(ActionId());
    request.set_account_id(account);
    request.set_place(place);
    request.set_role(role);
    return request;
  }
  absl::Status Revoke(const std::string& place, const std::string& grant, v1::RevokedHow how) {
    v1::RevokeRightRequest request;
    request.set_action_id(ActionId());
    request.set_place(place);
    request.set_grant_id(grant);
    request.set_how(how);
    return accounts()->Revoke(request, kUser).status();
  }
  absl::Status End(const std::string& account) {
    v1::EndAccountRequest request;
    request.set_action_id(ActionId());
    request.set_account_id(account);
    return accounts()->End(request, kUser).status();
  }
  v1::MakeCodeRequest CodeFor(const std::string& account, const std::string& place) {
    v1::MakeCodeRequest request;
    request.set_action_id(ActionId());
    request.set_account_id(account);
    request.set_place(place);
    return request;
  }
  v1::MakeCodesResponse Codes(const std::string& place) {
    v1::MakeCodesRequest request;
    request.set_action_id(ActionId());
    request.set_place(place);
    return Must(accounts()->MakeCodes(request, kUser));
  }
  v1::ListAccountsResponse List(const std::string& place = "", bool with_ended = false) {
    v1::ListAccountsRequest request;
    request.set_place(place);
    request.set_with_ended(with_ended);
    return Must(accounts()->List(request));
  }
  size_t RightsOfOne(const std::string& account, const std::string& place) {
    return WhoIs(*people(), *hub->roster()->Get(), account, place).rights.size();
  }
  // The slips of the account there that still count.
  std::vector<v1::OneTimeCode> Slips(const std::string& account, const std::string& place) {
    std::vector<v1::OneTimeCode> slips;
    const std::shared_ptr<const People> now = people();
    if (const auto there = now->rights.find(place); there != now->rights.end())
      for (const auto& [id, code] : there->second.codes)
        if (code.account_id() == account) slips.push_back(code);
    return slips;
  }
  bool Opens(const std::string& typed, const v1::OneTimeCode& code) {
    return Must(IsPassword(Must(ParseSlip(typed)), code.code_hash()));
  }

  std::string dir;
  ManualClock clock{1'795'136'400'000};  // 2026-11-20
  SeededRandom random{21};
  std::unique_ptr<HubNode> hub;
};

TEST_F(AccountsOfAHub, AddingGivesARightAndASlipWhoseCodeIsNowhereElse) {
  const v1::AddAccountResponse added = Add("李娟", kPoint, v1::Access::OFFICER);
  EXPECT_THAT(added.account_id(), MatchesRegex("U[0-9A-Z]{5}"));
  EXPECT_EQ(RightsOfOne(added.account_id(), kPoint), 1u);
  const v1::OneTimeSlip& slip = added.slip();
  EXPECT_EQ(slip.name(), "李娟");
  EXPECT_EQ(slip.place(), kPoint);
  EXPECT_EQ(slip.place_name(), "民兴村委会");
  EXPECT_THAT(slip.roles(), ElementsAre(v1::Access::OFFICER));
  EXPECT_EQ(slip.date(), "2026-11-20");
  const std::vector<v1::OneTimeCode> slips = Slips(added.account_id(), kPoint);
  ASSERT_THAT(slips, SizeIs(1));
  EXPECT_TRUE(Opens(slip.code(), slips[0]));
  const std::string code = Must(ParseSlip(slip.code()));
  size_t seen = 0;
  hub->store()->Snapshot()->Scan("", "", [&](std::string_view key, std::string_view value) {
    ++seen;
    for (std::string_view text : {key, value})
      for (const std::string& secret : {code, slip.code()}) EXPECT_EQ(text.find(secret), std::string_view::npos);
    return true;
  });
  EXPECT_GT(seen, 100u);
}

TEST_F(AccountsOfAHub, ARepeatedRequestMakesNothingAndShowsNoCode) {
  v1::AddAccountRequest request = Person("李娟", kPoint, v1::Access::OFFICER);
  const v1::AddAccountResponse first = Must(accounts()->Add(request, kUser));
  const v1::AddAccountResponse again = Must(accounts()->Add(request, kUser));
  EXPECT_EQ(again.account_id(), first.account_id());
  EXPECT_EQ(again.grant_id(), first.grant_id());
  EXPECT_NE(first.slip().code(), "");
  EXPECT_EQ(again.slip().code(), "");
  EXPECT_EQ(again.slip().name(), "李娟");
  EXPECT_EQ(List().accounts_size(), 1);
  EXPECT_TRUE(Opens(first.slip().code(), Slips(first.account_id(), kPoint).at(0))) << "it still counts";
  request.set_name("王明");
  EXPECT_TRUE(absl::IsAlreadyExists(accounts()->Add(request, kUser).status()));
  const v1::MakeCodeRequest code = CodeFor(first.account_id(), kPoint);
  EXPECT_NE(Must(accounts()->MakeCode(code, kUser)).slip().code(), "");
  EXPECT_EQ(Must(accounts()->MakeCode(code, kUser)).slip().code(), "");
  EXPECT_THAT(Slips(first.account_id(), kPoint), SizeIs(1));
}

TEST_F(AccountsOfAHub, ARightIsRevokedEitherWayAndGivenBack) {
  const v1::AddAccountResponse added = Add("李娟", kPoint, v1::Access::OFFICER);
  Must(Revoke(kPoint, added.grant_id(), v1::REVOKED_LEFT));
  EXPECT_EQ(RightsOfOne(added.account_id(), kPoint), 0u);
  EXPECT_EQ(List(kPoint).accounts_size(), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Revoke(kPoint, added.grant_id(), v1::REVOKED_DOUBT)));
  const auto back = Must(accounts()->Grant(GrantOf(added.account_id(), kPoint, v1::Access::OFFICER), kUser));
  EXPECT_EQ(RightsOfOne(added.account_id(), kPoint), 1u);
  Must(Revoke(kPoint, back.grant_id(), v1::REVOKED_DOUBT));
  Must(accounts()->Grant(GrantOf(added.account_id(), kOther, v1::Access::OFFICER), kUser).status());
  const v1::ListAccountsResponse all = List();
  ASSERT_EQ(all.accounts_size(), 1);
  const v1::AccountRow& row = all.accounts(0);
  ASSERT_EQ(row.rights_size(), 3);
  EXPECT_FALSE(row.rights(0).revoked()) << "revoked ones last";
  EXPECT_EQ(row.rights(0).place(), kOther);
  std::set<v1::RevokedHow> hows;
  for (int i : {1, 2}) {
    EXPECT_TRUE(row.rights(i).revoked());
    EXPECT_EQ(row.rights(i).revoked_date(), "2026-11-20");
    hows.insert(row.rights(i).how());
  }
  EXPECT_EQ(hows, (std::set<v1::RevokedHow>{v1::REVOKED_LEFT, v1::REVOKED_DOUBT}));
  Must(End(added.account_id()));
  EXPECT_EQ(RightsOfOne(added.account_id(), kOther), 0u);
  EXPECT_EQ(List().accounts_size(), 0);
  EXPECT_EQ(List("", true).accounts_size(), 1);
}

TEST_F(AccountsOfAHub, TheLastAdminStays) {
  const v1::AddAccountResponse first = Add("管理员", kHubStation, v1::Access::ADMIN);
  EXPECT_THAT(Revoke(kHubStation, first.grant_id(), v1::REVOKED_LEFT).message(), HasSubstr("最后一个系统管理员"));
  EXPECT_THAT(End(first.account_id()).message(), HasSubstr("最后一个系统管理员"));
  Add("另一个", kHubStation, v1::Access::ADMIN);
  Must(End(first.account_id()));
  EXPECT_FALSE(AwaitsAdmin(*people()));
}

TEST_F(AccountsOfAHub, ANewSlipWithdrawsTheOlderOnesOfThatAccountThere) {
  const v1::AddAccountResponse added = Add("李娟", kPoint, v1::Access::OFFICER);
  const v1::AddAccountResponse other = Add("王明", kPoint, v1::Access::OFFICER);
  Must(accounts()->Grant(GrantOf(added.account_id(), kOther, v1::Access::OFFICER), kUser).status());
  Must(accounts()->MakeCode(CodeFor(added.account_id(), kOther), kUser).status());
  const auto made = Must(accounts()->MakeCode(CodeFor(added.account_id(), kPoint), kUser));
  const std::vector<v1::OneTimeCode> slips = Slips(added.account_id(), kPoint);
  ASSERT_THAT(slips, SizeIs(1));
  EXPECT_TRUE(Opens(made.slip().code(), slips[0]));
  EXPECT_FALSE(Opens(added.slip().code(), slips[0]));
  EXPECT_THAT(Slips(other.account_id(), kPoint), SizeIs(1)) << "another's";
  EXPECT_THAT(Slips(added.account_id(), kOther), SizeIs(1)) << "of another place";
}

TEST_F(AccountsOfAHub, WithTheLastRightGoItsSlips) {
  const v1::AddAccountResponse added = Add("李娟", kPoint, v1::Access::OFFICER);
  Must(Revoke(kPoint, added.grant_id(), v1::REVOKED_DOUBT));
  EXPECT_THAT(Slips(added.account_id(), kPoint), IsEmpty());
  EXPECT_TRUE(absl::IsFailedPrecondition(accounts()->MakeCode(CodeFor(added.account_id(), kPoint), kUser).status()));
  Must(accounts()->Grant(GrantOf(added.account_id(), kPoint, v1::Access::OFFICER), kUser).status());
  EXPECT_THAT(Slips(added.account_id(), kPoint), IsEmpty()) << "the paper that lies about opens nothing";
}

TEST_F(AccountsOfAHub, SlipsForManyGoToThoseWhoLackOne) {
  Add("李娟", kPoint, v1::Access::OFFICER);
  const v1::AddAccountResponse far = Add("王明", kOther, v1::Access::OFFICER);
  const v1::AddAccountResponse clerk = Add("干事", kHubStation, v1::Access::CLERK);
  Must(Revoke(kHubStation, clerk.grant_id(), v1::REVOKED_LEFT));
  Must(accounts()->Grant(GrantOf(clerk.account_id(), kHubStation, v1::Access::CLERK), kUser).status());
  EXPECT_EQ(Codes("").slips_size(), 0) << "the hub is no station";
  for (const char* place : {kPoint, kCentre})
    Must(accounts()->Grant(GrantOf(far.account_id(), place, v1::Access::OFFICER), kUser).status());
  const v1::MakeCodesResponse here = Codes(kPoint);
  ASSERT_EQ(here.slips_size(), 1);
  EXPECT_EQ(here.slips(0).name(), "王明");
  EXPECT_TRUE(Opens(here.slips(0).code(), Slips(far.account_id(), kPoint).at(0)));
  v1::MakeCodesRequest all;
  all.set_action_id(ActionId());
  const v1::MakeCodesResponse rest = Must(accounts()->MakeCodes(all, kUser));
  ASSERT_EQ(rest.slips_size(), 1);
  EXPECT_EQ(rest.slips(0).place(), kCentre);
  EXPECT_NE(rest.slips(0).code(), "");
  const v1::MakeCodesResponse again = Must(accounts()->MakeCodes(all, kUser));
  ASSERT_EQ(again.slips_size(), 1);
  EXPECT_EQ(again.slips(0).place(), kCentre);
  EXPECT_EQ(again.slips(0).code(), "");
  EXPECT_EQ(Codes(kHubStation).slips_size(), 1);
}

TEST_F(AccountsOfAHub, AStationIsToldToAskForLoginsForGood) {
  auto required = [&] {
    std::set<std::string> places;
    const v1::ListAccountsResponse listed = List();
    for (const v1::PlaceRow& row : listed.places())
      if (row.login_required()) places.insert(row.place());
    return places;
  };
  Add("李娟", kOther, v1::Access::OFFICER);
  EXPECT_EQ(required(), std::set<std::string>{kHubStation});
  for (const char* place : {kPoint, kOther, kPoint}) {
    v1::RequireLoginRequest request;
    request.set_action_id(ActionId());
    request.set_place(place);
    Must(accounts()->RequireLogin(request, kUser).status());
  }
  EXPECT_EQ(required(), (std::set<std::string>{kHubStation, kPoint, kOther}));
  const std::optional<Aggregate> rights =
      hub->store()->Read().Load(RecordId::Master(TypeOf<v1::Rights>().type(), kPoint));
  ASSERT_TRUE(rights.has_value());
  EXPECT_EQ(Show<v1::Rights>(*rights).station_id(), kPoint);
  const v1::ListAccountsResponse listed = List();
  for (const v1::PlaceRow& row : listed.places()) EXPECT_EQ(row.people(), row.place() == kOther ? 1 : 0);
}

TEST_F(AccountsOfAHub, WhatIsWrongNamesItsFieldAndWritesNothing) {
  auto refused = [&](const absl::Status& status, const std::string& says) {
    EXPECT_FALSE(status.ok()) << says;
    EXPECT_THAT(status.message(), HasSubstr(says));
  };
  auto add = [&](const std::function<void(v1::AddAccountRequest*)>& change) {
    v1::AddAccountRequest request = Person("李娟", kPoint, v1::Access::OFFICER);
    change(&request);
    return accounts()->Add(request, kUser).status();
  };
  const uint64_t before = hub->store()->ops_held();
  refused(add([](auto* r) { r->set_action_id("12"); }), "action_id");
  refused(add([](auto* r) { r->clear_name(); }), "姓名");
  refused(add([](auto* r) { r->set_name("U7K2MC"); }), "姓名：“U7K2MC”像是账号");
  refused(add([](auto* r) { r->set_place("HK-X999"); }), "站点编号");
  refused(add([](auto* r) { r->clear_place(); }), "站点编号");
  refused(add([](auto* r) { r->clear_role(); }), "角色");
  refused(add([](auto* r) { r->set_role(v1::Access::CLERK); }), "角色");
  refused(add([](auto* r) { r->set_role(v1::Access::WALL); }), "角色");
  refused(add([](auto* r) { r->set_role(v1::Access::DEPUTY); }), "角色");
  refused(add([](auto* r) { r->set_deputy_id("HK-R999"); }), "代表编号");
  refused(add([](auto* r) { r->set_unit_id("HK-U01"); }), "承办单位");
  refused(Revoke(kPoint, "7:U00001", v1::REVOKED_LEFT), "授权");
  refused(End("U00009"), "没有账号");
  refused(accounts()->MakeCode(CodeFor("U00009", kPoint), kUser).status(), "账号");
  refused(accounts()->Grant(GrantOf("U00009", kPoint, v1::Access::OFFICER), kUser).status(), "账号");
  v1::MakeCodesRequest codes;
  codes.set_action_id(ActionId());
  codes.set_place("HK-X999");
  refused(accounts()->MakeCodes(codes, kUser).status(), "站点编号");
  v1::RequireLoginRequest login;
  login.set_action_id(ActionId());
  login.set_place(kHubStation);
  refused(accounts()->RequireLogin(login, kUser).status(), "站点编号");
  refused(accounts()->ResetAdmin(v1::ResetAdminRequest(), kUser).status(), "姓名");
  v1::ListAccountsRequest list;
  list.set_place("HK-X999");
  refused(accounts()->List(list).status(), "站点编号");
  EXPECT_EQ(hub->store()->ops_held(), before);
  v1::AddAccountRequest deputy = Person("薛云", kPoint, v1::Access::DEPUTY);
  deputy.set_deputy_id("HK-R001");
  const v1::AddAccountResponse added = Must(accounts()->Add(deputy, kUser));
  refused(Revoke(kPoint, added.grant_id(), v1::REVOKED_UNSPECIFIED), "收回方式");
  deputy.set_action_id(ActionId());
  refused(accounts()->Add(deputy, kUser).status(), Cat("代表编号：这位代表已有账号 ", added.account_id()));
}

TEST_F(AccountsOfAHub, TheFoldersOwnerGetsAnAdminBack) {
  v1::ResetAdminRequest request;
  request.set_name("王明");
  const v1::OneTimeSlip made = Must(accounts()->ResetAdmin(request, kUser)).slip();
  EXPECT_THAT(made.roles(), ElementsAre(v1::Access::ADMIN));
  EXPECT_FALSE(AwaitsAdmin(*people()));
  const v1::OneTimeSlip again = Must(accounts()->ResetAdmin(request, kUser)).slip();
  EXPECT_EQ(again.account_id(), made.account_id()) << "no second one of that name";
  const std::vector<v1::OneTimeCode> slips = Slips(made.account_id(), kHubStation);
  ASSERT_THAT(slips, SizeIs(1));
  EXPECT_TRUE(Opens(again.code(), slips[0]));
  EXPECT_FALSE(Opens(made.code(), slips[0]));
  Must(accounts()->Add(Person("王明", kHubStation, v1::Access::ADMIN), kUser).status());
  EXPECT_THAT(accounts()->ResetAdmin(request, kUser).status().message(), HasSubstr("不止一个"));
  request.set_name(made.account_id());
  EXPECT_EQ(Must(accounts()->ResetAdmin(request, kUser)).slip().account_id(), made.account_id());
}

TEST_F(AccountsOfAHub, TheSetupCodeIsGoodWhileNobodyIsAdmin) {
  EXPECT_TRUE(AwaitsAdmin(*people()));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckSetupCode(hub->store(), Must(NewSlip(&random)).typed)))
      << "a folder of an older version has none";
  const std::string first = Must(accounts()->MakeSetupCode({})).code();
  const std::string code = Must(accounts()->MakeSetupCode({})).code();
  Open();
  std::string typed;
  for (char c : code) typed += c == '-' ? ' ' : static_cast<char>(tolower(c));
  Must(CheckSetupCode(hub->store(), typed));
  EXPECT_TRUE(absl::IsUnauthenticated(CheckSetupCode(hub->store(), first))) << "the newest counts alone";
  EXPECT_TRUE(absl::IsUnauthenticated(CheckSetupCode(hub->store(), Must(NewSlip(&random)).typed)));
  EXPECT_THAT(CheckSetupCode(hub->store(), code.substr(2)).message(), HasSubstr("设置码：不完整"));
  Add("管理员", kHubStation, v1::Access::ADMIN);
  EXPECT_TRUE(absl::IsFailedPrecondition(accounts()->MakeSetupCode({}).status()));
  Must(EndSetupCode(hub->store()));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckSetupCode(hub->store(), code)));
}

TEST_F(AccountsOfAHub, TheFoldersOwnerSetsASecretWithoutACode) {
  Secrets::Options options;
  options.random = &random;
  options.cost = PasswordCost{8, 1};
  const std::unique_ptr<Secrets> secrets = Must(Secrets::Open(SecretsPath(dir), options));
  LocalSecrets here(secrets.get(), hub->people(), kPoint);
  const v1::AddAccountResponse added = Add("李娟", kPoint, v1::Access::OFFICER);
  const v1::AddAccountResponse far = Add("王明", kOther, v1::Access::OFFICER);
  auto set = [&](const std::string& account, const std::string& pin) {
    v1::SetSecretRequest request;
    request.set_account_id(account);
    request.set_secret(pin);
    return here.SetSecret(request);
  };
  EXPECT_EQ(Must(set("李娟", "135790")).account_id(), added.account_id());
  EXPECT_TRUE(Must(set(added.account_id(), "246801")).has_right());
  EXPECT_TRUE(secrets->Check(added.account_id(), "246801").ok());
  EXPECT_FALSE(Must(set(far.account_id(), "135790")).has_right()) << "it is told, since the right may be on its way";
  EXPECT_TRUE(absl::IsInvalidArgument(set("李娟", "123456").status())) << "too easy";
  EXPECT_THAT(set("无名", "135790").status().message(), HasSubstr("账号：没有账号"));
  Add("李娟", kOther, v1::Access::OFFICER);
  EXPECT_THAT(set("李娟", "135790").status().message(), HasSubstr("不止一个叫“李娟”"));
  Must(End(added.account_id()));
  EXPECT_TRUE(absl::IsInvalidArgument(set(added.account_id(), "135790").status()));
}

TEST_F(AccountsOfAHub, ADemoHasPeopleAtTheHubAndAtItsStationsAndStaysOnItsMachine) {
  Secrets::Options options;
  options.kind = Secrets::Kind::kPassword;
  options.random = &random;
  options.cost = PasswordCost{8, 1};
  const std::unique_ptr<Secrets> secrets = Must(Secrets::Open(SecretsPath(dir), options));
  auto make = [&] {
    return MakeDemoPeople(accounts(), hub->store(), *hub->roster()->Get(), secrets.get(), {kCentre, kPoint}, &random);
  };
  EXPECT_TRUE(CheckDemoStaysHere(*hub->store(), "0.0.0.0:7061").ok()) << "it is none yet";
  const std::vector<DemoLogin> logins = Must(make());
  ASSERT_THAT(logins, SizeIs(7));
  std::set<std::string> drawn;
  for (const DemoLogin& one : logins) {
    drawn.insert(one.secret);
    EXPECT_EQ(RightsOfOne(one.account, one.place), 1u) << one.name;
    if (one.place == kHubStation) {
      EXPECT_TRUE(secrets->Check(one.account, one.secret).ok()) << one.name;
    } else {
      EXPECT_THAT(one.secret, MatchesRegex("[0-9]{6}"));
      EXPECT_FALSE(secrets->Has(one.account)) << "a PIN is set where it is used";
    }
  }
  EXPECT_EQ(drawn.size(), 7u);
  EXPECT_EQ(logins[3].role, "片区干事");
  EXPECT_EQ(logins[5].role, "联络员");
  EXPECT_EQ(people()->accounts.at(logins[6].account).deputy_id(), "HK-R002") << "the centre's deputy is the first";
  EXPECT_THAT(DemoLoginsText({logins[0]}),
              Cat("HUB\t系统管理员\t", logins[0].account, "\t演示管理员\t", logins[0].secret, "\n"));
  EXPECT_TRUE(absl::IsFailedPrecondition(make().status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckDemoStaysHere(*hub->store(), "0.0.0.0:7061")));
  EXPECT_TRUE(CheckDemoStaysHere(*hub->store(), "127.0.0.1:7061").ok());
}

}  // namespace
}  // namespace liaison
