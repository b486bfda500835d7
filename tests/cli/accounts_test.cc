// What the commands of accounts ask the hub for, and what they print; a secret is never among the arguments.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "common/paper/forms.h"
#include "liaison/v1/accounts.pb.h"
#include "liaison/v1/login.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AccountCommands : public CliTest {
 protected:
  AccountCommands() {
    MakeHub();
    daemon_.Add("RecordService/GetStatus", HubStatus());
    v1::GetRosterResponse roster;
    v1::Station& station = *roster.add_stations();
    station.set_station_id("HK-D057");
    station.set_name("民兴村联络点");
    v1::Deputy& deputy = *roster.add_deputies();
    deputy.set_deputy_id("HK-R001");
    deputy.set_name("薛云");
    v1::Department& unit = *roster.add_departments();
    unit.set_department_id("HK-U05");
    unit.set_name("水利站");
    daemon_.Add("RecordService/GetRoster", roster);
    daemon_.Add("AccountService/ListAccounts", [this](const std::string&) { return ToJson(all_); });
    for (const char* method : {"GrantRight", "RevokeRight", "EndAccount", "RequireLogin"})
      daemon_.Add(Cat("AccountService/", method), [](const std::string&) { return std::string("{}"); });
    slip_.set_account_id("U7K2MC");
    slip_.set_name("李娟");
    slip_.set_place("HK-D057");
    slip_.set_place_name("民兴村联络点");
    slip_.add_roles(v1::Access::OFFICER);
    slip_.set_code("7K2M-C9QX-41TB");
    slip_.set_date("2026-11-20");
    v1::AddAccountResponse added;
    *added.mutable_slip() = slip_;
    daemon_.Add("AccountService/AddAccount", added);
    v1::MakeCodeResponse made;
    *made.mutable_slip() = slip_;
    daemon_.Add("AccountService/MakeCode", made);
    v1::MakeCodesResponse many;
    *many.add_slips() = slip_;
    daemon_.Add("AccountService/MakeCodes", many);
    v1::ResetAdminResponse reset;
    *reset.mutable_slip() = slip_;
    daemon_.Add("AccountService/ResetAdmin", reset);
    v1::NewSetupCodeResponse setup;
    setup.set_code("9QX4-1TB7-K2MC");
    daemon_.Add("AccountService/NewSetupCode", setup);
    set_.set_account_id("U7K2MC");
    set_.set_name("李娟");
    daemon_.Add("LoginService/SetSecret", [this](const std::string&) { return ToJson(set_); });
    daemon_.Start(dir_);
    AddRow("U7K2MC", "李娟", "HK-D057", v1::Access::OFFICER);
  }
  v1::AccountRow* AddRow(const std::string& id, const std::string& name, const std::string& place,
                         v1::Access::Role role) {
    v1::AccountRow* row = all_.add_accounts();
    row->set_account_id(id);
    row->set_name(name);
    AddRight(row, place, role);
    return row;
  }
  static void AddRight(v1::AccountRow* row, const std::string& place, v1::Access::Role role) {
    v1::RightRow& right = *row->add_rights();
    right.set_grant_id(Cat("9.0000000000000000000", row->rights_size(), "0000"));
    right.set_place(place);
    right.set_place_name(place);
    right.set_role(role);
  }
  Outcome Account(std::vector<std::string> more) {
    std::vector<std::string> args = {"account", more[0], "--data", dir_};
    args.insert(args.end(), more.begin() + 1, more.end());
    return Run(args);
  }

  FakeDaemon daemon_;
  v1::ListAccountsResponse all_;
  v1::OneTimeSlip slip_;
  v1::SetSecretResponse set_;
};

TEST_F(AccountCommands, AreListedWithWhatTheyMayDo) {
  v1::AccountRow* two = AddRow("U00002", "王明", "HUB", v1::Access::CLERK);
  AddRight(two, "HK-D012", v1::Access::OFFICER);
  two->mutable_rights(1)->set_revoked(true);
  two->mutable_rights(1)->set_how(v1::REVOKED_DOUBT);
  all_.add_places()->set_place("HK-D057");
  const Outcome outcome = Account({"list", "--at", "民兴村联络点"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("U7K2MC"), HasSubstr("HK-D057 联络员"), HasSubstr("HUB 镇人大干事"),
                                 Not(HasSubstr("HK-D012")), HasSubstr("还没有要求登录的站点 1 个")));
  EXPECT_EQ(daemon_.Request<v1::ListAccountsRequest>("AccountService/ListAccounts").place(), "HK-D057");
  EXPECT_THAT(Account({"list", "--ended"}).out, HasSubstr("HK-D012 联络员，收回：存疑"));
}

TEST_F(AccountCommands, OneIsAddedByNamesAndItsSlipIsShown) {
  const Outcome outcome =
      Account({"add", "李娟", "--at", "民兴村联络点", "--role", "代表", "--deputy", "薛云", "--unit", "水利站"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("7K2M-C9QX-41TB"), HasSubstr("只显示这一次")));
  for (const std::string& sentence : office::SlipSentences(false)) EXPECT_THAT(outcome.out, HasSubstr(sentence));
  const auto request = daemon_.Request<v1::AddAccountRequest>("AccountService/AddAccount");
  EXPECT_EQ(request.name(), "李娟");
  EXPECT_EQ(request.place(), "HK-D057");
  EXPECT_EQ(request.role(), v1::Access::DEPUTY);
  EXPECT_EQ(request.deputy_id(), "HK-R001");
  EXPECT_EQ(request.unit_id(), "HK-U05");
  EXPECT_EQ(request.action_id().size(), 20u);
  EXPECT_EQ(Account({"add", "王明", "--at", "镇中心", "--role", "主席"}).code, kDone);
  const auto chair = daemon_.Request<v1::AddAccountRequest>("AccountService/AddAccount", 1);
  EXPECT_EQ(chair.place(), "HUB");
  EXPECT_EQ(chair.role(), v1::Access::CHAIR);
  EXPECT_EQ(Account({"add", "王明", "--at", "镇中心", "--role", "镇长"}).code, kUsage);
}

TEST_F(AccountCommands, ARightIsGrantedAndRevokedByNameAndRole) {
  EXPECT_EQ(Account({"grant", "李娟", "--at", "HK-D012", "--role", "联络员"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::GrantRightRequest>("AccountService/GrantRight").account_id(), "U7K2MC");
  EXPECT_EQ(Account({"revoke", "u7k2mc", "--at", "HK-D057", "--how", "存疑"}).code, kDone);
  const auto revoke = daemon_.Request<v1::RevokeRightRequest>("AccountService/RevokeRight");
  EXPECT_EQ(revoke.grant_id(), all_.accounts(0).rights(0).grant_id());
  EXPECT_EQ(revoke.how(), v1::REVOKED_DOUBT);
  EXPECT_EQ(Account({"revoke", "李娟", "--at", "HK-D012", "--how", "离任"}).code, kFailed) << "no right there";
  AddRight(all_.mutable_accounts(0), "HK-D057", v1::Access::DEPUTY);
  EXPECT_THAT(Account({"revoke", "李娟", "--at", "HK-D057", "--how", "离任"}).err, HasSubstr("--role"));
  EXPECT_EQ(Account({"revoke", "李娟", "--at", "HK-D057", "--how", "离任", "--role", "代表"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::RevokeRightRequest>("AccountService/RevokeRight", 1).grant_id(),
            all_.accounts(0).rights(1).grant_id());
  AddRow("U00002", "李娟", "HUB", v1::Access::CLERK);
  EXPECT_THAT(Account({"end", "李娟"}).err, HasSubstr("不止一个叫“李娟”"));
  EXPECT_EQ(Account({"end", "U00002"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::EndAccountRequest>("AccountService/EndAccount").account_id(), "U00002");
  EXPECT_THAT(Account({"end", "无名"}).err, HasSubstr("没有账号“无名”"));
  EXPECT_EQ(Account({"require-login", "民兴村联络点"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::RequireLoginRequest>("AccountService/RequireLogin").place(), "HK-D057");
}

TEST_F(AccountCommands, SlipsGoToPaperAndNotToTheScreen) {
  const std::string path = root_ + "/slips.html";
  const Outcome outcome = Account({"codes", "--print", path});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("激活码 1 个"), Not(HasSubstr("7K2M"))));
  const std::string page = ReadText(path);
  EXPECT_THAT(page, AllOf(HasSubstr("7K2M-C9QX-41TB"), HasSubstr("李娟"), HasSubstr("U7K2MC"),
                          HasSubstr("2026年11月20日"), Not(HasSubstr("<script"))));
  for (const std::string& sentence : office::SlipSentences(false)) EXPECT_THAT(page, HasSubstr(sentence));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_THAT(Account({"codes", "--at", "HK-D057"}).out, HasSubstr("7K2M-C9QX-41TB"));
  EXPECT_EQ(daemon_.Request<v1::MakeCodesRequest>("AccountService/MakeCodes", 1).place(), "HK-D057");
  EXPECT_EQ(Account({"code", "李娟", "--at", "HK-D057", "--print", root_ + "/no/one.html"}).code, kUsage);
  EXPECT_TRUE(daemon_.requests["AccountService/MakeCode"].empty()) << "a slip that cannot be written is not made";
  EXPECT_THAT(Account({"code", "李娟", "--at", "HK-D057"}).out, HasSubstr("7K2M-C9QX-41TB"));
}

TEST_F(AccountCommands, TheFoldersOwnerMakesAnAdmin) {
  const Outcome reset = Run({"hub", "admin", "reset", "王明", "--data", dir_});
  EXPECT_THAT(reset.out, HasSubstr("7K2M-C9QX-41TB")) << reset.err;
  EXPECT_EQ(daemon_.Request<v1::ResetAdminRequest>("AccountService/ResetAdmin").name(), "王明");
  EXPECT_THAT(Run({"hub", "setup-code", "--data", dir_}).out, HasSubstr("9QX4-1TB7-K2MC"));
}

TEST_F(AccountCommands, ASecretComesFromStandardInputAlone) {
  input_ = "135790\r\nmore\n";
  const Outcome outcome = Run({"pin", "set", "李娟", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("李娟（U7K2MC）"), HasSubstr("还没有权限"), Not(HasSubstr("135790"))));
  const auto request = daemon_.Request<v1::SetSecretRequest>("LoginService/SetSecret");
  EXPECT_EQ(request.account_id(), "李娟");
  EXPECT_EQ(request.secret(), "135790");
  EXPECT_EQ(Run({"pin", "set", "李娟", "135790", "--data", dir_}).code, kUsage) << "there is no such argument";
  set_.set_has_right(true);
  EXPECT_THAT(Run({"pin", "set", "李娟", "--data", dir_}).out, Not(HasSubstr("还没有权限")));
}

}  // namespace
}  // namespace liaison::cli
