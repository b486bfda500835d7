#include "common/rules/people/granting.h"

#include <set>

#include "common/base/base32.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr size_t kIdChars = 5;

bool IsOfTheHub(v1::Access::Role role) {
  return role == v1::Access::CLERK || role == v1::Access::CHAIR || role == v1::Access::HANDLER ||
         role == v1::Access::COUNTY || role == v1::Access::ADMIN;
}
bool IsOfAStation(v1::Access::Role role) {
  return role == v1::Access::DEPUTY || role == v1::Access::OFFICER || role == v1::Access::AREA;
}

// That the place has the role, and the account and the roster what the role needs.
absl::Status CheckRole(const Roster& roster, std::string_view place, const v1::Account& account,
                       const v1::Grant& grant) {
  const v1::Access::Role role = grant.role();
  const std::string name = EnumLabel(role);
  if (place == kHubStation) {
    if (!IsOfTheHub(role)) return WrongField("角色", Cat("“", name, "”不在镇里授权"));
  } else {
    const auto station = roster.stations.find(place);
    if (station == roster.stations.end()) return WrongField("站点编号", Cat("没有站点“", place, "”"));
    if (!IsOfAStation(role)) return WrongField("角色", Cat("“", name, "”不在站点授权"));
    if (role == v1::Access::AREA && station->second.tier() == v1::POINT)
      return WrongField("角色", Cat("“", name, "”只在片区站、中心站授权"));
  }
  if (role == v1::Access::DEPUTY && !roster.deputies.contains(account.deputy_id()))
    return WrongField("角色", Cat(account.name(), "的账号没有写明是名册上的哪位代表"));
  if (role == v1::Access::HANDLER && !roster.departments.contains(grant.unit_id()))
    return WrongField("承办单位", Cat("没有编号为“", grant.unit_id(), "”的承办单位"));
  if (role != v1::Access::HANDLER && !grant.unit_id().empty())
    return WrongField("承办单位", Cat("“", name, "”不写承办单位"));
  return absl::OkStatus();
}

}  // namespace

std::string NewAccountId(const People& people, Random* random) {
  for (;;) {
    std::string id = "U";
    for (char byte : random->Bytes(kIdChars)) id += Base32Digit(static_cast<uint8_t>(byte));
    if (!people.accounts.contains(id)) return id;
  }
}

absl::Status CheckGrant(const People& people, const Roster& roster, std::string_view place, const v1::Grant& grant) {
  RETURN_IF_ERROR(Validate(grant));
  if (grant.revoked() || grant.how() != v1::REVOKED_UNSPECIFIED || !grant.revoked_date().empty())
    return WrongField("已收回", "新的授权不能是已收回的");
  if (!people.IsLive(grant.account_id()))
    return WrongField("账号", Cat("没有账号“", grant.account_id(), "”，或已停用"));
  RETURN_IF_ERROR(CheckRole(roster, place, people.accounts.find(grant.account_id())->second, grant));
  for (const auto& [where, rights] : people.rights)
    for (const auto& [id, other] : rights.grants) {
      if (other.account_id() != grant.account_id() || other.revoked()) continue;
      if ((other.role() == v1::Access::ADMIN) != (grant.role() == v1::Access::ADMIN))
        return FixedField("角色", "系统管理员不能兼有别的角色，请另建一个账号");
      if (where == place && other.role() == grant.role() && other.unit_id() == grant.unit_id())
        return FixedField("角色", Cat(people.NameOf(grant.account_id()), "已有这项权限"));
    }
  return absl::OkStatus();
}

absl::Status CheckRevoke(const People& people, std::string_view place, const RecordId& id, v1::RevokedHow how) {
  if (how != v1::REVOKED_LEFT && how != v1::REVOKED_DOUBT) return WrongField("收回方式", "请选离任或存疑");
  const auto there = people.rights.find(place);
  if (there == people.rights.end() || !there->second.grants.contains(id)) return absl::NotFoundError("没有这项授权");
  const v1::Grant& grant = there->second.grants.find(id)->second;
  if (grant.revoked()) return FixedField("授权", "已收回；要再给，请另外授权");
  const std::set<std::string> admins = people.HoldersOf(v1::Access::ADMIN, kHubStation);
  if (grant.role() == v1::Access::ADMIN && admins == std::set<std::string>{grant.account_id()})
    return FixedField("授权", "这是最后一个系统管理员，不能收回；请先给别的账号授权");
  return absl::OkStatus();
}

absl::Status CheckEnd(const People& people, std::string_view account) {
  if (!people.accounts.contains(account)) return absl::NotFoundError(Cat("没有账号“", account, "”"));
  if (!people.IsLive(account)) return FixedField("账号", "已停用");
  if (people.HoldersOf(v1::Access::ADMIN, kHubStation) == std::set<std::string>{std::string(account)})
    return FixedField("账号", "这是最后一个系统管理员，不能停用；请先给别的账号授权");
  return absl::OkStatus();
}

NewOp GrantOp(const StoreReader& view, std::string_view place, const RecordId& id, const v1::Grant& grant) {
  v1::Rights rights;
  rights.set_station_id(std::string(place));
  NewOp op = OpOn(view, RecordId::Master(TypeOf<v1::Rights>().type(), place));
  if (!view.Load(op.aggregate)) WritesOf(rights, {}, &op.writes, &op.sealed);
  WritesOf(grant, id, &op.writes, &op.sealed);
  return op;
}

NewOp RevokeOp(const StoreReader& view, std::string_view place, const RecordId& id, v1::RevokedHow how,
               std::string_view date) {
  v1::Grant change;
  change.set_revoked(true);
  change.set_how(how);
  change.set_revoked_date(std::string(date));
  NewOp op = OpOn(view, RecordId::Master(TypeOf<v1::Rights>().type(), place));
  WritesOf(change, id, &op.writes, &op.sealed);
  return op;
}

NewOp EndOp(const StoreReader& view, std::string_view account) {
  v1::Account change;
  change.set_ended(true);
  return MasterOp(view, change, account);
}

}  // namespace liaison
