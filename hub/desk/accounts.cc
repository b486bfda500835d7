#include "hub/desk/accounts.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/base32.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/setup_code.h"
#include "common/daemon/slip.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rules/people/granting.h"
#include "common/rules/roster/roster.h"
#include "common/store/op_on.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kAccountIdChars = 6;

std::string PlaceNameOf(const Roster& roster, std::string_view place) {
  return place == kHubStation ? "镇中心" : roster.StationName(place);
}

// Of the account there, but for those that were revoked; the highest number first.
std::vector<v1::Access::Role> RolesAt(const People& people, std::string_view account, std::string_view place) {
  std::set<v1::Access::Role, std::greater<>> roles;
  const auto there = people.rights.find(place);
  if (people.IsLive(account) && there != people.rights.end())
    for (const auto& [id, grant] : there->second.grants)
      if (grant.account_id() == account && !grant.revoked()) roles.insert(grant.role());
  return {roles.begin(), roles.end()};
}

bool HasSlip(const People& people, std::string_view account, std::string_view place) {
  const auto there = people.rights.find(place);
  return there != people.rights.end() &&
         std::any_of(there->second.codes.begin(), there->second.codes.end(),
                     [&](const auto& code) { return code.second.account_id() == account; });
}

RecordId RightsIdOf(std::string_view place) { return RecordId::Master(TypeOf<v1::Rights>().type(), place); }
RecordId GrantIdOf(const std::string& action_id) {
  return RecordId::Random(TypeOf<v1::Grant>().type(), action_id, 0);
}
RecordId CodeIdOf(const std::string& action_id, size_t index) {
  return RecordId::Random(TypeOf<v1::OneTimeCode>().type(), action_id, static_cast<uint16_t>(index));
}

// Into an op on the rights at `place`.
void WithdrawSlips(const People& people, std::string_view place, std::string_view account, NewOp* op) {
  v1::OneTimeCode change;
  change.set_withdrawn(true);
  const auto there = people.rights.find(place);
  if (there == people.rights.end()) return;
  for (const auto& [id, code] : there->second.codes)
    if (code.account_id() == account) WritesOf(change, id, &op->writes, &op->sealed);
}
void GiveSlip(const std::string& account, const Slip& slip, const std::string& date, const RecordId& id, NewOp* op) {
  v1::OneTimeCode code;
  code.set_account_id(account);
  code.set_code_hash(slip.code_hash);
  code.set_date(date);
  WritesOf(code, id, &op->writes, &op->sealed);
}

bool LooksLikeAnId(const std::string& name) {
  const std::optional<std::string> digits = Base32Digits(std::string_view(name).substr(name.empty() ? 0 : 1));
  return name.size() == kAccountIdChars && name[0] == 'U' && digits && digits->size() == kAccountIdChars - 1;
}

absl::Status CheckNewAccount(const People& people, const Roster& roster, const v1::Account& account) {
  RETURN_IF_ERROR(Validate(account));
  if (LooksLikeAnId(account.name())) return WrongField("姓名", Cat("“", account.name(), "”像是账号，请写姓名"));
  if (account.deputy_id().empty()) return absl::OkStatus();
  if (!roster.deputies.contains(account.deputy_id()))
    return WrongField("代表编号", Cat("名册里没有“", account.deputy_id(), "”"));
  for (const auto& [id, other] : people.accounts)
    if (!other.ended() && other.deputy_id() == account.deputy_id())
      return FixedField("代表编号", Cat("这位代表已有账号 ", id, "（", other.name(), "），请给这个账号授权"));
  return absl::OkStatus();
}

struct NewPerson {
  v1::Account account;
  std::string place;
  v1::Grant grant;
};

// The op that makes the account, and the one that gives it its first right.
absl::StatusOr<std::vector<NewOp>> OpsOf(const StoreReader& view, People people, const Roster& roster,
                                         NewPerson person, const std::string& action_id) {
  const std::string id = person.account.account_id();
  RETURN_IF_ERROR(CheckNewAccount(people, roster, person.account));
  people.accounts[id] = person.account;
  person.grant.set_account_id(id);
  RETURN_IF_ERROR(CheckGrant(people, roster, person.place, person.grant));
  return std::vector<NewOp>{MasterOp(view, person.account, id),
                            GrantOp(view, person.place, GrantIdOf(action_id), person.grant)};
}

void AddRows(const People& people, const Roster& roster, std::map<std::string, v1::AccountRow>* rows) {
  for (bool revoked : {false, true})
    for (const auto& [place, rights] : people.rights)
      for (const auto& [id, grant] : rights.grants) {
        const auto row = rows->find(grant.account_id());
        if (row == rows->end() || grant.revoked() != revoked) continue;
        v1::RightRow& right = *row->second.add_rights();
        right.set_grant_id(ToText(id));
        right.set_place(place);
        right.set_place_name(PlaceNameOf(roster, place));
        right.set_role(grant.role());
        right.set_unit_id(grant.unit_id());
        if (!grant.unit_id().empty()) right.set_unit_name(roster.DepartmentName(grant.unit_id()));
        right.set_revoked(revoked);
        right.set_how(grant.how());
        right.set_revoked_date(grant.revoked_date());
      }
  for (const auto& [place, rights] : people.rights)
    for (const auto& [id, code] : rights.codes)
      if (const auto row = rows->find(code.account_id()); row != rows->end())
        row->second.set_code_date(std::max(row->second.code_date(), code.date()));
}

v1::PlaceRow PlaceRowOf(const People& people, const Roster& roster, const StoreReader& reader,
                        const std::string& place) {
  v1::PlaceRow row;
  row.set_place(place);
  row.set_place_name(PlaceNameOf(roster, place));
  const std::optional<Aggregate> rights = reader.Load(RightsIdOf(place));
  // Nobody ever writes that it is not required.
  row.set_login_required(place == kHubStation || (rights && Show<v1::Rights>(*rights).login_required()));
  std::set<std::string> accounts;
  if (const auto there = people.rights.find(place); there != people.rights.end())
    for (const auto& [id, grant] : there->second.grants)
      if (!grant.revoked() && people.IsLive(grant.account_id())) accounts.insert(grant.account_id());
  row.set_people(static_cast<int32_t>(accounts.size()));
  return row;
}

struct SlipFor {
  std::string place, account;
  Slip slip;
};

// Who has a right at `place` (empty: at any station) and no slip that counts there: by place and name.
std::vector<SlipFor> WhoLacksASlip(const People& people, const std::string& place) {
  std::set<std::tuple<std::string, std::string, std::string>> found;  // place, name, account
  for (const auto& [where, rights] : people.rights) {
    if (place.empty() ? where == kHubStation : where != place) continue;
    for (const auto& [id, grant] : rights.grants)
      if (!grant.revoked() && people.IsLive(grant.account_id()) && !HasSlip(people, grant.account_id(), where))
        found.insert({where, people.NameOf(grant.account_id()), grant.account_id()});
  }
  std::vector<SlipFor> all;
  for (const auto& [where, name, account] : found) all.push_back({where, account, {}});
  return all;
}

absl::Status CheckPlace(const Roster& roster, const std::string& place) {
  if (place == kHubStation || roster.stations.contains(place)) return absl::OkStatus();
  return WrongField("站点编号", Cat("没有站点“", place, "”"));
}

}  // namespace

absl::StatusOr<v1::ListAccountsResponse> Accounts::List(const v1::ListAccountsRequest& request) const {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const std::shared_ptr<const People> people = people_->Get();
  if (!request.place().empty()) RETURN_IF_ERROR(CheckPlace(*roster, request.place()));
  std::map<std::string, v1::AccountRow> rows;
  for (const auto& [id, account] : people->accounts) {
    if (account.ended() && !request.with_ended()) continue;
    if (!request.place().empty() && RolesAt(*people, id, request.place()).empty()) continue;
    v1::AccountRow& row = rows[id];
    row.set_account_id(id);
    row.set_name(account.name());
    row.set_deputy_id(account.deputy_id());
    row.set_ended(account.ended());
  }
  AddRows(*people, *roster, &rows);
  std::vector<v1::AccountRow> sorted;
  for (auto& [id, row] : rows) sorted.push_back(std::move(row));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const v1::AccountRow& a, const v1::AccountRow& b) { return a.name() < b.name(); });
  v1::ListAccountsResponse response;
  for (v1::AccountRow& row : sorted) *response.add_accounts() = std::move(row);
  const StoreReader reader = context_.store->Read();
  *response.add_places() = PlaceRowOf(*people, *roster, reader, kHubStation);
  for (const auto& [id, station] : roster->stations)
    *response.add_places() = PlaceRowOf(*people, *roster, reader, id);
  return response;
}

v1::OneTimeSlip Accounts::SlipOf(const std::string& account, const std::string& place) const {
  const std::shared_ptr<const People> people = people_->Get();
  v1::OneTimeSlip slip;
  slip.set_account_id(account);
  slip.set_name(people->NameOf(account));
  slip.set_place(place);
  slip.set_place_name(PlaceNameOf(*context_.roster->Get(), place));
  for (v1::Access::Role role : RolesAt(*people, account, place)) slip.add_roles(role);
  slip.set_date(context_.Today());
  return slip;
}

absl::StatusOr<v1::AddAccountResponse> Accounts::Add(const v1::AddAccountRequest& request, const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  ASSIGN_OR_RETURN(const Slip slip, NewSlip(context_.random()));
  const std::string today = context_.Today();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    const std::shared_ptr<const People> people = people_->Get();
    NewPerson person;
    person.account.set_account_id(NewAccountId(*people, context_.random()));
    person.account.set_name(request.name());
    person.account.set_deputy_id(request.deputy_id());
    person.place = request.place();
    person.grant.set_role(request.role());
    person.grant.set_unit_id(request.unit_id());
    Action action;
    action.user = user;
    action.result = person.account.account_id();
    ASSIGN_OR_RETURN(action.ops, OpsOf(view, *people, *context_.roster->Get(), person, action_id));
    GiveSlip(action.result, slip, today, CodeIdOf(action_id, 0), &action.ops.back());
    return action;
  };
  ASSIGN_OR_RETURN(const Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::AddAccountResponse response;
  response.set_account_id(committed.result);
  response.set_grant_id(ToText(GrantIdOf(action_id)));
  *response.mutable_slip() = SlipOf(committed.result, request.place());
  if (!committed.repeated) response.mutable_slip()->set_code(slip.typed);
  return response;
}

absl::StatusOr<v1::GrantRightResponse> Accounts::Grant(const v1::GrantRightRequest& request, const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  v1::Grant grant;
  grant.set_account_id(request.account_id());
  grant.set_role(request.role());
  grant.set_unit_id(request.unit_id());
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RETURN_IF_ERROR(CheckGrant(*people_->Get(), *context_.roster->Get(), request.place(), grant));
    Action action;
    action.user = user;
    action.ops.push_back(GrantOp(view, request.place(), GrantIdOf(action_id), grant));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::GrantRightResponse response;
  response.set_grant_id(ToText(GrantIdOf(action_id)));
  return response;
}

absl::StatusOr<v1::RevokeRightResponse> Accounts::Revoke(const v1::RevokeRightRequest& request,
                                                         const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  RecordId id;
  if (!ParseRecordId(request.grant_id(), &id) || id.type != TypeOf<v1::Grant>().type())
    return WrongField("授权", Cat("“", request.grant_id(), "”不是授权的编号"));
  const std::string today = context_.Today();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    People people = *people_->Get();
    RETURN_IF_ERROR(CheckRevoke(people, request.place(), id, request.how()));
    Action action;
    action.user = user;
    action.ops.push_back(RevokeOp(view, request.place(), id, request.how(), today));
    v1::Grant& grant = people.rights[request.place()].grants[id];
    grant.set_revoked(true);
    // Or a slip that lies about would count again with a later grant.
    if (RolesAt(people, grant.account_id(), request.place()).empty())
      WithdrawSlips(people, request.place(), grant.account_id(), &action.ops.back());
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  return v1::RevokeRightResponse();
}

absl::StatusOr<v1::EndAccountResponse> Accounts::End(const v1::EndAccountRequest& request, const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RETURN_IF_ERROR(CheckEnd(*people_->Get(), request.account_id()));
    Action action;
    action.user = user;
    action.ops.push_back(EndOp(view, request.account_id()));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  return v1::EndAccountResponse();
}

absl::StatusOr<v1::MakeCodeResponse> Accounts::MakeCode(const v1::MakeCodeRequest& request, const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  ASSIGN_OR_RETURN(const Slip slip, NewSlip(context_.random()));
  const std::string today = context_.Today();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    const std::shared_ptr<const People> people = people_->Get();
    const std::string& account = request.account_id();
    if (!people->IsLive(account)) return WrongField("账号", Cat("没有账号“", account, "”，或已停用"));
    if (RolesAt(*people, account, request.place()).empty())
      return FixedField("账号", Cat(people->NameOf(account), "在", PlaceNameOf(*context_.roster->Get(), request.place()),
                                    "没有权限，请先授权"));
    Action action;
    action.user = user;
    NewOp op = OpOn(view, RightsIdOf(request.place()));
    WithdrawSlips(*people, request.place(), account, &op);
    GiveSlip(account, slip, today, CodeIdOf(action_id, 0), &op);
    action.ops.push_back(std::move(op));
    return action;
  };
  ASSIGN_OR_RETURN(const Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::MakeCodeResponse response;
  *response.mutable_slip() = SlipOf(request.account_id(), request.place());
  response.mutable_slip()->set_code(committed.repeated ? "" : slip.typed);
  return response;
}

absl::StatusOr<v1::MakeCodesResponse> Accounts::MakeCodes(const v1::MakeCodesRequest& request,
                                                          const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  if (!request.place().empty()) RETURN_IF_ERROR(CheckPlace(*context_.roster->Get(), request.place()));
  std::vector<SlipFor> wanted = WhoLacksASlip(*people_->Get(), request.place());
  ProgressScope progress("制作激活码", "个", static_cast<int64_t>(wanted.size()));
  for (SlipFor& one : wanted) {
    ASSIGN_OR_RETURN(one.slip, NewSlip(context_.random()));
    progress.Add();
  }
  std::map<RecordId, std::string> typed;
  const std::string today = context_.Today();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    const std::shared_ptr<const People> people = people_->Get();
    std::map<std::string, NewOp> ops;  // by place
    for (size_t i = 0; i < wanted.size(); ++i) {
      const SlipFor& one = wanted[i];
      // Somebody may have been quicker while the codes were made.
      if (RolesAt(*people, one.account, one.place).empty() || HasSlip(*people, one.account, one.place)) continue;
      auto [op, fresh] = ops.try_emplace(one.place);
      if (fresh) op->second = OpOn(view, RightsIdOf(one.place));
      const RecordId id = CodeIdOf(action_id, i);
      GiveSlip(one.account, one.slip, today, id, &op->second);
      typed[id] = one.slip.typed;
    }
    if (ops.empty()) return Action::Nothing();
    Action action;
    action.user = user;
    for (auto& [place, op] : ops) action.ops.push_back(std::move(op));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::MakeCodesResponse response;
  const std::shared_ptr<const People> people = people_->Get();
  for (const auto& [place, rights] : people->rights)
    for (const auto& [id, code] : rights.codes) {
      if (!IsOfAction(id, action_id)) continue;
      v1::OneTimeSlip& slip = *response.add_slips();
      slip = SlipOf(code.account_id(), place);
      if (const auto known = typed.find(id); known != typed.end()) slip.set_code(known->second);
    }
  return response;
}

absl::StatusOr<v1::RequireLoginResponse> Accounts::RequireLogin(const v1::RequireLoginRequest& request,
                                                                const std::string& user) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  if (!context_.roster->Get()->stations.contains(request.place()))
    return WrongField("站点编号", Cat("没有站点“", request.place(), "”"));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    const std::optional<Aggregate> known = view.Load(RightsIdOf(request.place()));
    if (known && Show<v1::Rights>(*known).login_required()) return Action::Nothing();
    v1::Rights rights;
    if (!known) rights.set_station_id(request.place());
    rights.set_login_required(true);
    Action action;
    action.user = user;
    action.ops.push_back(MasterOp(view, rights, request.place()));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  return v1::RequireLoginResponse();
}

absl::StatusOr<v1::ResetAdminResponse> Accounts::ResetAdmin(const v1::ResetAdminRequest& request,
                                                            const std::string& user) {
  const std::string action_id = context_.random()->Bytes(kActionIdBytes), key = NameKey(request.name());
  ASSIGN_OR_RETURN(const Slip slip, NewSlip(context_.random()));
  const std::string today = context_.Today();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    const std::shared_ptr<const People> people = people_->Get();
    std::vector<std::string> found;
    for (const std::string& id : people->HoldersOf(v1::Access::ADMIN, kHubStation))
      if (id == key || NameKey(people->NameOf(id)) == key) found.push_back(id);
    if (found.size() > 1)
      return FixedField("姓名", Cat("不止一个系统管理员叫“", request.name(), "”，请写账号，如 ", found[0], "、", found[1]));
    Action action;
    action.user = user;
    if (found.empty()) {
      NewPerson person;
      person.account.set_account_id(NewAccountId(*people, context_.random()));
      person.account.set_name(request.name());
      person.place = kHubStation;
      person.grant.set_role(v1::Access::ADMIN);
      action.result = person.account.account_id();
      ASSIGN_OR_RETURN(action.ops, OpsOf(view, *people, *context_.roster->Get(), person, action_id));
    } else {
      action.result = found[0];
      action.ops.push_back(OpOn(view, RightsIdOf(kHubStation)));
      WithdrawSlips(*people, kHubStation, found[0], &action.ops.back());
    }
    GiveSlip(action.result, slip, today, CodeIdOf(action_id, 0), &action.ops.back());
    return action;
  };
  ASSIGN_OR_RETURN(const Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::ResetAdminResponse response;
  *response.mutable_slip() = SlipOf(committed.result, kHubStation);
  response.mutable_slip()->set_code(slip.typed);
  return response;
}

absl::StatusOr<v1::NewSetupCodeResponse> Accounts::MakeSetupCode(const v1::NewSetupCodeRequest&) {
  if (!AwaitsAdmin(*people_->Get()))
    return absl::FailedPreconditionError("已有系统管理员，不用设置码。忘了密码，请用 liaison hub admin reset 姓名");
  v1::NewSetupCodeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_code(), NewSetupCode(context_.store, context_.random()));
  return response;
}

void Accounts::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "AccountService", this, &context_);
  methods.Bind("ListAccounts", &Accounts::List);
  methods.Bind("AddAccount", &Accounts::Add);
  methods.Bind("GrantRight", &Accounts::Grant);
  methods.Bind("RevokeRight", &Accounts::Revoke);
  methods.Bind("EndAccount", &Accounts::End);
  methods.Bind("MakeCode", &Accounts::MakeCode);
  methods.Bind("MakeCodes", &Accounts::MakeCodes);
  methods.Bind("RequireLogin", &Accounts::RequireLogin);
  methods.Bind("ResetAdmin", &Accounts::ResetAdmin);
  methods.Bind("NewSetupCode", &Accounts::MakeSetupCode);
}

}  // namespace liaison
