#include "common/daemon/login_service.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "common/api/access.h"
#include "common/api/methods.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/setup_code.h"
#include "common/http/origin.h"
#include "common/record/schema.h"
#include "common/record/validate.h"
#include "common/rules/people/granting.h"
#include "common/rules/roster/roster.h"

namespace liaison {
namespace {

constexpr char kFilesMethod[] = "/liaison.v1.FileService/ListFiles";
constexpr char kSetupGuess[] = "setup", kNobodysGuess[] = "nobody";  // no accounts: these are U and five characters
constexpr int kPinCharacters = 6, kPasswordCharacters = 10;

absl::Status NobodyLoggedIn() { return absl::UnauthenticatedError("请先登录"); }

Sessions::Key KeyOf(const Caller& caller) {
  return caller.page == nullptr ? Sessions::Key() : Sessions::Key{caller.page->cookie, caller.page->token};
}

absl::Status CheckPage(const Caller& caller) {
  if (caller.page != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("登录只在网页上用；在数据文件夹的机器上用命令不必登录");
}

std::vector<v1::Access::Role> RolesOf(const Who& who) {
  std::set<v1::Access::Role, std::greater<>> roles;
  for (const Right& right : who.rights) roles.insert(right.role);
  return {roles.begin(), roles.end()};
}

bool HasRole(const Who& who, v1::Access::Role role) {
  return std::any_of(who.rights.begin(), who.rights.end(), [&](const Right& right) { return right.role == role; });
}

}  // namespace

LoginService::LoginService(Options options)
    : options_(std::move(options)),
      sessions_(options_.context.random(), options_.steady_ms),
      gate_(options_.context.store, options_.context.roster, [this] { return !required(); }) {
  options_.context.store->AddListener(this);
}

LoginService::~LoginService() { options_.context.store->RemoveListener(this); }

bool LoginService::required() const {
  if (IsHub() || options_.asks) return true;
  const std::shared_ptr<const People> people = options_.context.people->Get();
  const auto here = people->rights.find(place());
  return here != people->rights.end() && here->second.login_required;
}

std::string LoginService::cookie_name() const {
  return Cat("liaison-", IsHub() ? std::string(kHubStation) : options_.context.node_id);
}

std::string LoginService::PlaceName() const {
  return IsHub() ? "镇中心" : options_.context.roster->Get()->StationName(place());
}

Who LoginService::WhoHas(std::string_view account) const {
  return WhoIs(*options_.context.people->Get(), *options_.context.roster->Get(), account, place());
}

v1::Me LoginService::MeOf(const Who& who) const {
  v1::Me me;
  me.set_account_id(who.account);
  me.set_name(who.name);
  me.set_deputy_id(who.deputy);
  for (v1::Access::Role role : RolesOf(who)) me.add_roles(role);
  me.set_place(place());
  me.set_place_name(PlaceName());
  return me;
}

// ---- who calls

absl::StatusOr<Caller> LoginService::CallerOf(std::string_view path, const http::Call& call, PageSession* page) {
  Caller caller;
  caller.page = page;
  page->cookie = call.cookie;
  page->token = call.token;
  if (call.local) {
    caller.user = call.user;
    caller.owner = true;
    return caller;
  }
  const bool open = WayOf(path) == v1::Access::OPEN;
  if (!call.token.empty()) {
    absl::StatusOr<std::string> account = sessions_.Use(KeyOf(caller), !call.background && !open);
    if (account.ok()) {
      auto who = std::make_shared<Who>(WhoHas(*account));
      if (!who->rights.empty()) {
        caller.user = *account;
        caller.who = std::move(who);
        return caller;
      }
      sessions_.End(KeyOf(caller));
      account = NobodyLoggedIn();
    }
    if (!open) return account.status();
  }
  if (open) return caller;
  if (required() || !http::IsLoopback(call.peer)) return NobodyLoggedIn();
  caller.user = call.user;
  return caller;
}

absl::StatusOr<Caller> LoginService::CallerOfFile(const http::Call& call) {
  PageSession page;
  absl::StatusOr<Caller> caller = CallerOf(kFilesMethod, call, &page);
  if (caller.ok()) caller->page = nullptr;
  return caller;
}

// ---- the service

absl::StatusOr<v1::GetLoginResponse> LoginService::GetLogin(const v1::GetLoginRequest&, const Caller& caller) {
  v1::GetLoginResponse response;
  response.set_required(required());
  response.set_place(place());
  response.set_place_name(PlaceName());
  response.set_digits_only(!IsHub());
  response.set_secret_characters(IsHub() ? kPasswordCharacters : kPinCharacters);
  const std::shared_ptr<const People> people = options_.context.people->Get();
  if (IsHub()) {
    if (AwaitsAdmin(*people)) response.set_set_up(v1::SET_UP_ADMIN);
  } else {
    for (const auto& [id, account] : people->accounts) {
      const Who who = WhoHas(id);
      if (who.rights.empty()) continue;
      v1::Login& login = *response.add_people();
      login.set_account_id(id);
      login.set_name(account.name());
      for (v1::Access::Role role : RolesOf(who)) login.add_roles(role);
      login.set_has_secret(options_.secrets.ok() && (*options_.secrets)->Has(id));
    }
    if (response.required() && response.people().empty()) response.set_set_up(v1::SET_UP_PEOPLE);
  }
  const absl::StatusOr<std::string> account = sessions_.AccountOf(KeyOf(caller));
  if (!account.ok()) return response;
  const Who who = WhoHas(*account);
  if (who.rights.empty()) return response;
  *response.mutable_me() = MeOf(who);
  response.set_locked(!sessions_.Use(KeyOf(caller), false).ok());
  return response;
}

// The id of somebody with a right here, from the id or from a name that one of them only has. Empty: nobody.
absl::StatusOr<std::string> LoginService::AccountNamed(const std::string& typed) const {
  const std::string text = RemoveSpaces(Fold(typed));
  const std::shared_ptr<const People> people = options_.context.people->Get();
  std::string found;
  for (const auto& [id, account] : people->accounts) {
    const bool by_id = RemoveSpaces(Fold(id)) == text, by_name = RemoveSpaces(Fold(account.name())) == text;
    if ((!by_id && !by_name) || WhoHas(id).rights.empty()) continue;
    if (by_id) return id;
    if (!found.empty()) return WrongField("账号", "不止一个账号是这个姓名，请填账号（U和五个字符）");
    found = id;
  }
  return found;
}

absl::StatusOr<v1::LoginResponse> LoginService::Enter(const std::string& account, const Caller& caller) {
  const Who who = WhoHas(account);
  if (who.rights.empty()) return NobodyLoggedIn();
  v1::LoginResponse response;
  *response.mutable_me() = MeOf(who);
  if (caller.page == nullptr) return response;
  sessions_.End(KeyOf(caller));  // whoever sat here before
  const Sessions::Key key = sessions_.Open(account);
  caller.page->set_cookie = key.cookie;
  response.set_token(key.token);
  return response;
}

absl::StatusOr<v1::LoginResponse> LoginService::Login(const v1::LoginRequest& request, const Caller& caller) {
  RETURN_IF_ERROR(CheckPage(caller));
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  ASSIGN_OR_RETURN(const std::string account, AccountNamed(request.account_id()));
  if (account.empty()) return secrets->Guess(kNobodysGuess, "账号或密码", [] { return false; });
  RETURN_IF_ERROR(secrets->Check(account, request.secret()));
  return Enter(account, caller);
}

absl::StatusOr<v1::LoginResponse> LoginService::Redeem(const v1::RedeemRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  ASSIGN_OR_RETURN(const std::string account, AccountNamed(request.account_id()));
  if (account.empty()) return secrets->Guess(kNobodysGuess, "账号或激活码", [] { return false; });
  const std::shared_ptr<const People> people = options_.context.people->Get();
  RETURN_IF_ERROR(secrets->Redeem(account, request.code(), people->rights.find(place())->second.codes,
                                  request.secret()));
  // Whoever knew the old secret is out.
  sessions_.EndUnless([&](const std::string& other) { return other != account; });
  return Enter(account, caller);
}

absl::Status LoginService::MakeAdmin(const std::string& id, const std::string& name) {
  v1::Account account;
  account.set_account_id(id);
  account.set_name(name);
  v1::Grant grant;
  grant.set_account_id(id);
  grant.set_role(v1::Access::ADMIN);
  RETURN_IF_ERROR(Validate(grant));
  const std::string action_id = options_.context.random()->Bytes(kActionIdBytes);
  return options_.context.store
      ->Commit(action_id, "",
               [&](const StoreReader& view) -> absl::StatusOr<Action> {
                 Action action;
                 action.user = AuthorOf(options_.context, Caller());
                 action.ops.push_back(MasterOp(view, account, id));
                 action.ops.push_back(GrantOp(view, kHubStation,
                                              RecordId::Random(TypeOf<v1::Grant>().type(), action_id, 0), grant));
                 return action;
               })
      .status();
}

absl::StatusOr<v1::LoginResponse> LoginService::FirstRun(const v1::FirstRunRequest& request, const Caller& caller) {
  if (!IsHub()) return absl::FailedPreconditionError("第一个账号在镇中心建立，不在站点");
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  absl::MutexLock lock(&first_run_mutex_);
  const std::shared_ptr<const People> people = options_.context.people->Get();
  if (!AwaitsAdmin(*people)) return absl::FailedPreconditionError("已有系统管理员，请登录；要加人，请找系统管理员");
  v1::Account account;
  account.set_account_id(NewAccountId(*people, options_.context.random()));
  account.set_name(request.name());
  RETURN_IF_ERROR(Validate(account));
  RETURN_IF_ERROR(secrets->CheckForm(request.secret()));
  RETURN_IF_ERROR(secrets->Guess(kSetupGuess, "设置码", [&]() -> absl::StatusOr<bool> {
    const absl::Status right = CheckSetupCode(options_.context.store, request.setup_code());
    if (absl::IsUnauthenticated(right)) return false;
    RETURN_IF_ERROR(right);
    return true;
  }));
  // The password first: an admin without one could not get in, and a password without an account lets nobody in.
  RETURN_IF_ERROR(secrets->Set(account.account_id(), request.secret()));
  RETURN_IF_ERROR(MakeAdmin(account.account_id(), account.name()));
  RETURN_IF_ERROR(EndSetupCode(options_.context.store));
  return Enter(account.account_id(), caller);
}

absl::StatusOr<v1::LockResponse> LoginService::Lock(const v1::LockRequest&, const Caller& caller) {
  sessions_.Lock(KeyOf(caller));
  return v1::LockResponse();
}

absl::StatusOr<v1::UnlockResponse> LoginService::Unlock(const v1::UnlockRequest& request, const Caller& caller) {
  RETURN_IF_ERROR(CheckPage(caller));
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  ASSIGN_OR_RETURN(const std::string account, sessions_.AccountOf(KeyOf(caller)));
  const Who who = WhoHas(account);
  if (who.rights.empty()) {
    sessions_.End(KeyOf(caller));
    return NobodyLoggedIn();
  }
  RETURN_IF_ERROR(secrets->Check(account, request.secret()));
  RETURN_IF_ERROR(sessions_.Unlock(KeyOf(caller)));
  v1::UnlockResponse response;
  *response.mutable_me() = MeOf(who);
  return response;
}

absl::StatusOr<v1::LogoutResponse> LoginService::Logout(const v1::LogoutRequest&, const Caller& caller) {
  sessions_.End(KeyOf(caller));
  if (caller.page != nullptr) caller.page->set_cookie = "";
  return v1::LogoutResponse();
}

absl::StatusOr<v1::ChangeSecretResponse> LoginService::ChangeSecret(const v1::ChangeSecretRequest& request,
                                                                    const Caller& caller) {
  if (caller.who == nullptr) return absl::FailedPreconditionError("请先登录再改密码；忘了密码，请凭激活码重设");
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  RETURN_IF_ERROR(secrets->CheckForm(request.secret()));
  RETURN_IF_ERROR(secrets->Check(caller.who->account, request.old_secret()));
  RETURN_IF_ERROR(secrets->Set(caller.who->account, request.secret()));
  sessions_.EndOthers(KeyOf(caller));
  return v1::ChangeSecretResponse();
}

absl::Status LoginService::CheckAgain(const Caller& caller, const std::string& secret) {
  if (caller.who == nullptr) return absl::UnauthenticatedError("请先登录");
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  return secrets->Check(caller.who->account, secret);
}

absl::StatusOr<v1::ResetPinResponse> LoginService::ResetPin(const v1::ResetPinRequest& request, const Caller& caller) {
  if (IsHub()) return absl::FailedPreconditionError("镇中心的密码请系统管理员另发激活码");
  ASSIGN_OR_RETURN(Secrets * secrets, options_.secrets);
  const Who whose = WhoHas(request.account_id());
  if (whose.rights.empty()) return WrongField("账号", "不是本站的人");
  if (caller.who != nullptr && HasRole(whose, v1::Access::AREA) && !HasRole(*caller.who, v1::Access::AREA))
    return absl::PermissionDeniedError("片区干事的数字密码请片区干事来重设，或请系统管理员另发激活码");
  v1::ResetPinResponse response;
  v1::OneTimeSlip& slip = *response.mutable_slip();
  ASSIGN_OR_RETURN(const std::string code, secrets->NewCode(whose.account));
  sessions_.EndUnless([&](const std::string& other) { return other != whose.account; });
  slip.set_account_id(whose.account);
  slip.set_name(whose.name);
  slip.set_place(place());
  slip.set_place_name(PlaceName());
  for (v1::Access::Role role : RolesOf(whose)) slip.add_roles(role);
  slip.set_code(code);
  slip.set_date(options_.context.Today());
  return response;
}

void LoginService::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "LoginService", this, &options_.context);
  methods.Bind("GetLogin", &LoginService::GetLogin);
  methods.Bind("Login", &LoginService::Login);
  methods.Bind("Redeem", &LoginService::Redeem);
  methods.Bind("FirstRun", &LoginService::FirstRun);
  methods.Bind("Lock", &LoginService::Lock);
  methods.Bind("Unlock", &LoginService::Unlock);
  methods.Bind("Logout", &LoginService::Logout);
  methods.Bind("ChangeSecret", &LoginService::ChangeSecret);
  methods.Bind("ResetPin", &LoginService::ResetPin);
}

void LoginService::Guard(Dispatcher* dispatcher) {
  dispatcher->set_gate([this](const std::string& path, const google::protobuf::Message& request,
                              const Caller& caller) { return gate_.Admit(path, request, caller); });
}

void LoginService::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  const bool of_people = std::any_of(changed.begin(), changed.end(), [](const Aggregate* aggregate) {
    return aggregate->id().type == TypeOf<v1::Account>().type() || aggregate->id().type == TypeOf<v1::Rights>().type();
  });
  if (of_people) sessions_.EndUnless([this](const std::string& account) { return !WhoHas(account).rights.empty(); });
}

}  // namespace liaison
