// liaison account, pin, hub admin, hub setup-code: who may log in where, and the slips with which people set their
// first PIN or password. A secret is read from standard input alone, and a code is printed once.
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/names.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/paper/forms.h"
#include "common/record/schema.h"
#include "common/record/view.h"
#include "liaison/v1/accounts.pb.h"
#include "liaison/v1/login.pb.h"

namespace liaison::cli {
namespace {

constexpr int kRightPlaces = 60;

struct AccountOptions {
  Common common;
  std::string account, place, role, unit, deputy, how, print;
  bool ended = false;
};

// 镇 and 镇中心 are the hub; a station by its id or its name.
absl::StatusOr<std::string> PlaceNamed(Link* link, const std::string& text) {
  const std::string key = NameKey(text);
  if (key == kHubStation || key == "镇" || key == "镇里" || key == "镇中心") return std::string(kHubStation);
  if (text.empty()) return text;
  return StationNamed(link, text);
}

absl::StatusOr<v1::ListAccountsResponse> AllAccounts(Link* link) {
  v1::ListAccountsResponse response;
  RETURN_IF_ERROR(CallService(link, "AccountService/ListAccounts", v1::ListAccountsRequest(), &response));
  return response;
}

// By its id, or by the name if one live account only has it.
absl::StatusOr<v1::AccountRow> AccountCalled(Link* link, const std::string& text) {
  ASSIGN_OR_RETURN(const v1::ListAccountsResponse all, AllAccounts(link));
  const std::string key = NameKey(text);
  const v1::AccountRow* found = nullptr;
  for (const v1::AccountRow& row : all.accounts()) {
    if (row.account_id() == key) return row;
    if (NameKey(row.name()) != key) continue;
    if (found != nullptr)
      return absl::InvalidArgumentError(Cat("账号：不止一个叫“", text, "”，请写账号，如 ", found->account_id(), "、",
                                            row.account_id()));
    found = &row;
  }
  if (found == nullptr) return absl::NotFoundError(Cat("没有账号“", text, "”，或已停用，见 liaison account list"));
  return *found;
}

std::string RolesText(const v1::OneTimeSlip& slip) {
  std::string text;
  for (int role : slip.roles())
    text += Cat(text.empty() ? "" : "、", EnumLabel(static_cast<v1::Access::Role>(role)));
  return text;
}

std::string RightText(const v1::RightRow& right) {
  std::string text = Cat(right.place_name(), " ", EnumLabel(right.role()));
  if (!right.unit_name().empty()) text += Cat("（", right.unit_name(), "）");
  if (right.revoked()) text += Cat("，", right.revoked_date(), "收回：", EnumLabel(right.how()));
  return text;
}

void ShowSlip(const Shell& shell, const v1::OneTimeSlip& slip) {
  shell.out() << "姓名      " << OneLine(slip.name()) << "\n"
              << "账号      " << slip.account_id() << "\n"
              << "在        " << slip.place() << " " << OneLine(slip.place_name()) << "\n"
              << "角色      " << RolesText(slip) << "\n"
              << "激活码    " << slip.code() << "\n";
  for (const std::string& sentence : office::SlipSentences(slip.place() == kHubStation))
    shell.out() << "  " << sentence << "\n";
  shell.out() << "激活码只显示这一次。\n";
}

int WriteSlips(const Shell& shell, const std::vector<v1::OneTimeSlip>& slips, const std::string& path) {
  std::vector<office::SlipCard> cards;
  for (const v1::OneTimeSlip& slip : slips)
    cards.push_back({slip.name(), slip.place_name(), RolesText(slip), slip.account_id(), slip.code(), slip.date(),
                     slip.place() == kHubStation});
  const absl::Status written = WriteWhole(path, office::PrintSlips(cards));
  if (!written.ok()) return shell.Fail(written);
  shell.out() << "激活码 " << slips.size() << " 个，写在 " << path << "，打印后请删掉这个文件\n";
  return kDone;
}

int ListAll(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  const absl::StatusOr<std::string> place = PlaceNamed(&link, o.place);
  if (!place.ok()) return shell.Fail(place.status());
  v1::ListAccountsRequest request;
  request.set_place(*place);
  request.set_with_ended(o.ended);
  v1::ListAccountsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "AccountService/ListAccounts", request, &response, &code)) return code;
  Table table({{"账号"}, {"姓名", false, 20}, {"代表"}, {"权限", false, kRightPlaces}, {"激活码"}, {"状态"}});
  for (const v1::AccountRow& row : response.accounts()) {
    std::vector<std::string> cells = {row.account_id(), OneLine(row.name()), row.deputy_id(), "", row.code_date(),
                                      row.ended() ? "已停用" : ""};
    bool first = true;
    for (const v1::RightRow& right : row.rights()) {
      if (right.revoked() && !o.ended) continue;
      if (!std::exchange(first, false)) cells = {"", "", "", "", "", ""};
      cells[3] = OneLine(RightText(right));
      table.Add(cells);
    }
    if (first) table.Add(cells);
  }
  table.Print(&shell.out());
  int open = 0;
  for (const v1::PlaceRow& row : response.places()) open += row.login_required() ? 0 : 1;
  shell.out() << "账号 " << response.accounts_size() << " 个；镇里还没有要求登录的站点 " << open << " 个\n";
  return kDone;
}

absl::Status AddOne(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::AddAccountRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_name(o.account);
  request.set_deputy_id(o.deputy);
  ASSIGN_OR_RETURN(*request.mutable_place(), PlaceNamed(&link, o.place));
  ASSIGN_OR_RETURN(const v1::Access::Role role, ByLabel<v1::Access::Role>("角色", o.role));
  request.set_role(role);
  request.set_unit_id(o.unit);
  v1::AddAccountResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/AddAccount", request, &response));
  ShowSlip(shell, response.slip());
  return absl::OkStatus();
}

absl::Status GrantOne(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  ASSIGN_OR_RETURN(const v1::AccountRow account, AccountCalled(&link, o.account));
  v1::GrantRightRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_account_id(account.account_id());
  ASSIGN_OR_RETURN(*request.mutable_place(), PlaceNamed(&link, o.place));
  ASSIGN_OR_RETURN(const v1::Access::Role role, ByLabel<v1::Access::Role>("角色", o.role));
  request.set_role(role);
  request.set_unit_id(o.unit);
  v1::GrantRightResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/GrantRight", request, &response));
  shell.out() << "已授权：" << OneLine(account.name()) << "（" << account.account_id() << "）在 " << request.place()
              << " 是" << EnumLabel(role) << "；还没有在那里登录过的，请发激活码：liaison account code\n";
  return absl::OkStatus();
}

// The account's one right there; of several, the one of that role.
absl::StatusOr<v1::RightRow> RightThere(const v1::AccountRow& account, const std::string& place,
                                        const std::string& role_label) {
  v1::Access::Role role = v1::Access::ROLE_UNSPECIFIED;
  if (!role_label.empty()) {
    ASSIGN_OR_RETURN(role, ByLabel<v1::Access::Role>("角色", role_label));
  }
  const v1::RightRow* found = nullptr;
  for (const v1::RightRow& right : account.rights()) {
    if (right.revoked() || right.place() != place) continue;
    if (role != v1::Access::ROLE_UNSPECIFIED && right.role() != role) continue;
    if (found != nullptr) return absl::InvalidArgumentError(Cat("角色：", account.name(), "在那里不止一项，请写 --role"));
    found = &right;
  }
  if (found == nullptr) return absl::NotFoundError(Cat(account.name(), "在那里没有这项权限"));
  return *found;
}

absl::Status RevokeOne(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  ASSIGN_OR_RETURN(const v1::RevokedHow how, ByLabel<v1::RevokedHow>("收回方式", o.how));
  ASSIGN_OR_RETURN(const v1::AccountRow account, AccountCalled(&link, o.account));
  v1::RevokeRightRequest request;
  request.set_action_id(shell.NewActionId());
  ASSIGN_OR_RETURN(*request.mutable_place(), PlaceNamed(&link, o.place));
  ASSIGN_OR_RETURN(const v1::RightRow right, RightThere(account, request.place(), o.role));
  request.set_grant_id(right.grant_id());
  request.set_how(how);
  v1::RevokeRightResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/RevokeRight", request, &response));
  shell.out() << "已收回：" << OneLine(account.name()) << "（" << account.account_id() << "）在 " << request.place()
              << " 的" << EnumLabel(right.role()) << "，" << EnumLabel(how) << "\n";
  return absl::OkStatus();
}

absl::Status EndOne(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  ASSIGN_OR_RETURN(const v1::AccountRow account, AccountCalled(&link, o.account));
  v1::EndAccountRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_account_id(account.account_id());
  v1::EndAccountResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/EndAccount", request, &response));
  shell.out() << "已停用：" << OneLine(account.name()) << "（" << account.account_id() << "），不能再启用\n";
  return absl::OkStatus();
}

int MakeOne(const Shell& shell, const AccountOptions& o) {
  const absl::Status writable = CheckOutput(o.print);
  if (!writable.ok()) return shell.Fail(writable);
  Link link = shell.LinkTo(o.common);
  auto make = [&]() -> absl::StatusOr<v1::OneTimeSlip> {
    ASSIGN_OR_RETURN(const v1::AccountRow account, AccountCalled(&link, o.account));
    v1::MakeCodeRequest request;
    request.set_action_id(shell.NewActionId());
    request.set_account_id(account.account_id());
    ASSIGN_OR_RETURN(*request.mutable_place(), PlaceNamed(&link, o.place));
    v1::MakeCodeResponse response;
    RETURN_IF_ERROR(CallService(&link, "AccountService/MakeCode", request, &response));
    return response.slip();
  };
  const absl::StatusOr<v1::OneTimeSlip> slip = make();
  if (!slip.ok()) return shell.Fail(slip.status());
  if (!o.print.empty()) return WriteSlips(shell, {*slip}, o.print);
  ShowSlip(shell, *slip);
  return kDone;
}

int MakeMany(const Shell& shell, const AccountOptions& o) {
  const absl::Status writable = CheckOutput(o.print);
  if (!writable.ok()) return shell.Fail(writable);
  Link link = shell.LinkTo(o.common);
  const absl::StatusOr<std::string> place = PlaceNamed(&link, o.place);
  if (!place.ok()) return shell.Fail(place.status());
  v1::MakeCodesRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_place(*place);
  v1::MakeCodesResponse response;
  const absl::Status made = CallService(&link, "AccountService/MakeCodes", request, &response);
  if (!made.ok()) return shell.Fail(made);
  if (response.slips().empty()) {
    shell.out() << "没有人还缺激活码\n";
    return kDone;
  }
  if (!o.print.empty())
    return WriteSlips(shell, {response.slips().begin(), response.slips().end()}, o.print);
  Table table({{"站点"}, {"姓名", false, 20}, {"账号"}, {"角色"}, {"激活码"}});
  for (const v1::OneTimeSlip& slip : response.slips())
    table.Add({slip.place(), OneLine(slip.name()), slip.account_id(), RolesText(slip), slip.code()});
  table.Print(&shell.out());
  shell.out() << "激活码 " << response.slips_size() << " 个，只显示这一次\n";
  return kDone;
}

absl::Status Require(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::RequireLoginRequest request;
  request.set_action_id(shell.NewActionId());
  ASSIGN_OR_RETURN(*request.mutable_place(), StationNamed(&link, o.place));
  v1::RequireLoginResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/RequireLogin", request, &response));
  shell.out() << "站点 " << request.place() << " 收到后就要登录，不能再取消；请确认激活码已经发到\n";
  return absl::OkStatus();
}

absl::Status ResetOne(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::ResetAdminRequest request;
  request.set_name(o.account);
  v1::ResetAdminResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/ResetAdmin", request, &response));
  ShowSlip(shell, response.slip());
  return absl::OkStatus();
}

absl::Status ShowSetupCode(const Shell& shell, const AccountOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::NewSetupCodeResponse response;
  RETURN_IF_ERROR(CallService(&link, "AccountService/NewSetupCode", v1::NewSetupCodeRequest(), &response));
  shell.out() << "设置码    " << response.code() << "\n"
              << "在镇中心的网页上用它建立第一个系统管理员。设置码只显示这一次，以前的作废。\n";
  return absl::OkStatus();
}

// While it lives, the terminal does not show what is typed.
class Unseen {
 public:
  Unseen() {
    there_ = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!there_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (there_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  bool there() const { return there_; }

 private:
  termios before_ = {};
  bool there_ = false;
};

absl::StatusOr<std::string> SecretTyped(const Shell& shell) {
  if (shell.environment().in != &std::cin) return shell.Given("-");
  const Unseen unseen;
  if (!unseen.there()) return shell.Given("-");
  shell.err() << "新的密码（输入时不显示）：" << std::flush;
  std::string once = shell.Given("-");
  shell.err() << "\n再输入一遍：" << std::flush;
  const std::string again = shell.Given("-");
  shell.err() << "\n";
  if (once != again) return absl::InvalidArgumentError("两遍输入的不一样，没有改");
  return once;
}

absl::Status SetPin(const Shell& shell, const AccountOptions& o) {
  if (o.account == "-") return absl::InvalidArgumentError("账号：请写账号或姓名；标准输入只用来读密码");
  v1::SetSecretRequest request;
  request.set_account_id(o.account);
  ASSIGN_OR_RETURN(*request.mutable_secret(), SecretTyped(shell));
  Link link = shell.LinkTo(o.common);
  v1::SetSecretResponse response;
  RETURN_IF_ERROR(CallService(&link, "LoginService/SetSecret", request, &response));
  shell.out() << "已设好 " << OneLine(response.name()) << "（" << response.account_id() << "）的密码"
              << (response.has_right() ? "\n" : "；这个账号在这里还没有权限，授权送到后才能登录\n");
  return absl::OkStatus();
}

using Does = absl::Status (*)(const Shell&, const AccountOptions&);

std::pair<CLI::App*, AccountOptions*> Writing(CLI::App* parent, Shell* shell, const char* name, const char* help,
                                              Does does) {
  auto o = std::make_shared<AccountOptions>();
  CLI::App* command = AddCommand(parent, name, help, Kind::kWrites, &o->common);
  command->callback([=] {
    const absl::Status status = does(*shell, *o);
    shell->code = status.ok() ? kDone : shell->Fail(status);
  });
  return {command, o.get()};
}

void NeedsAccount(CLI::App* command, AccountOptions* o) {
  command->add_option("account", o->account, "账号，如 U7K2MC；或姓名")->required();
}
CLI::Option* HasPlace(CLI::App* command, AccountOptions* o) {
  return command->add_option("--at", o->place, "在哪里：站点编号或名称；镇里写 镇中心");
}

void AddSlipCommands(CLI::App* account, Shell* shell) {
  auto one = std::make_shared<AccountOptions>(), many = std::make_shared<AccountOptions>();
  CLI::App* code = AddCommand(account, "code", "给一个人发激活码；以前发的作废", Kind::kWrites, &one->common);
  NeedsAccount(code, one.get());
  HasPlace(code, one.get())->required();
  code->add_option("--print", one->print, "写成可以打印的网页文件，不在屏幕上显示");
  code->callback([=] { shell->code = MakeOne(*shell, *one); });
  CLI::App* codes = AddCommand(account, "codes", "给还没有激活码的人都发一个：一个站点的，默认所有站点的",
                               Kind::kWrites, &many->common);
  HasPlace(codes, many.get());
  codes->add_option("--print", many->print, "写成可以打印的网页文件，不在屏幕上显示");
  codes->callback([=] { shell->code = MakeMany(*shell, *many); });
}

}  // namespace

void AddAccountCommands(CLI::App* app, Shell* shell) {
  CLI::App* account = app->add_subcommand("account", "账号和权限（镇中心）");
  account->require_subcommand(1);
  auto listed = std::make_shared<AccountOptions>();
  CLI::App* list = AddCommand(account, "list", "有哪些账号，各有什么权限", Kind::kReads, &listed->common);
  HasPlace(list, listed.get());
  list->add_flag("--ended", listed->ended, "也列已停用的账号和已收回的权限");
  list->callback([=] { shell->code = ListAll(*shell, *listed); });
  auto [add, a] = Writing(account, shell, "add", "建立账号，给第一项权限，发激活码", AddOne);
  add->add_option("name", a->account, "姓名")->required();
  HasPlace(add, a)->required();
  add->add_option("--role", a->role, "角色：代表、联络员、片区干事、镇人大干事、主席、承办单位、区人大、系统管理员")
      ->required();
  add->add_option("--deputy", a->deputy, "角色是代表的：代表编号或姓名");
  add->add_option("--unit", a->unit, "角色是承办单位的：单位编号或名称");
  auto [grant, g] = Writing(account, shell, "grant", "给一个账号再加一项权限", GrantOne);
  NeedsAccount(grant, g);
  HasPlace(grant, g)->required();
  grant->add_option("--role", g->role, "角色，同 add")->required();
  grant->add_option("--unit", g->unit, "角色是承办单位的：单位编号或名称");
  auto [revoke, r] = Writing(account, shell, "revoke", "收回一项权限", RevokeOne);
  NeedsAccount(revoke, r);
  HasPlace(revoke, r)->required();
  revoke->add_option("--role", r->role, "在那里不止一项权限时，收回哪一项");
  revoke->add_option("--how", r->how, "离任：以前写的照算；存疑：不知情时写的，要镇里确认")->required();
  auto [end, e] = Writing(account, shell, "end", "停用一个账号，不能再启用", EndOne);
  NeedsAccount(end, e);
  AddSlipCommands(account, shell);
  auto [require, q] = Writing(account, shell, "require-login", "要求一个站点登录后才能使用，不能取消", Require);
  require->add_option("station", q->place, "站点编号或名称")->required();
  CLI::App* pin = app->add_subcommand("pin", "本机的登录密码");
  pin->require_subcommand(1);
  auto [set, s] = Writing(pin, shell, "set", "设定一个账号在本机的密码，从标准输入读：站点六位数字，镇中心至少十个字符",
                          SetPin);
  NeedsAccount(set, s);
}

void AddAdminCommands(CLI::App* hub, Shell* shell) {
  CLI::App* admin = hub->add_subcommand("admin", "系统管理员");
  admin->require_subcommand(1);
  auto [reset, r] = Writing(admin, shell, "reset", "给系统管理员发激活码；没有这个人就新建", ResetOne);
  reset->add_option("name", r->account, "姓名；也可写账号")->required();
  Writing(hub, shell, "setup-code", "还没有系统管理员时：要一个设置码", ShowSetupCode);
}

}  // namespace liaison::cli
