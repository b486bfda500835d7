#include "hub/desk/demo.h"

#include <cctype>
#include <set>
#include <utility>

#include "common/base/base32.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/http/origin.h"
#include "common/record/schema.h"
#include "common/record/view.h"

namespace liaison {
namespace {

constexpr char kDemoMeta[] = "demo", kDemoAuthor[] = "演示";
constexpr size_t kPasswordDigits = 12, kGroup = 4;
constexpr uint64_t kPins = 1'000'000;

// Sixty bits, as one reads them off a screen: "7k2m-c9qx-41tb".
std::string DrawPassword(Random* random) {
  std::string digits;
  for (char byte : random->Bytes(kPasswordDigits))
    digits += static_cast<char>(std::tolower(Base32Digit(static_cast<uint8_t>(byte))));
  return InGroups(digits, kGroup);
}

// Six digits that are no row: the first two lie apart.
std::string DrawPin(Random* random) {
  for (;;) {
    const std::string digits = Cat(kPins + random->U64() % kPins).substr(1);
    const int step = digits[1] - digits[0];
    if (step < -1 || 1 < step) return digits;
  }
}

// The first deputy of the station that is not `taken`, or else of any; empty: there is none.
std::string DeputyFor(const Roster& roster, const std::string& station, std::set<std::string>* taken) {
  for (bool at_home : {true, false})
    for (const auto& [id, deputy] : roster.deputies)
      if ((!at_home || deputy.home_station_id() == station) && taken->insert(id).second) return id;
  return "";
}

absl::StatusOr<DemoLogin> AddDemoLogin(Accounts* accounts, v1::AddAccountRequest request, std::string secret,
                                       Random* random) {
  request.set_action_id(Hex(random->Bytes(kActionIdBytes)));
  ASSIGN_OR_RETURN(const v1::AddAccountResponse added, accounts->Add(request, kDemoAuthor));
  return DemoLogin{request.place(), EnumLabel(request.role()), added.account_id(), request.name(), std::move(secret)};
}

}  // namespace

absl::StatusOr<std::vector<DemoLogin>> MakeDemoPeople(Accounts* accounts, Store* store, const Roster& roster,
                                                      Secrets* secrets, const std::vector<std::string>& stations,
                                                      Random* random) {
  v1::ListAccountsRequest all;
  all.set_with_ended(true);
  ASSIGN_OR_RETURN(const v1::ListAccountsResponse known, accounts->List(all));
  if (known.accounts_size() > 0) return absl::FailedPreconditionError("这里已有账号，不再建立演示账号");
  RETURN_IF_ERROR(store->PutMeta(kDemoMeta, "yes"));
  std::vector<DemoLogin> logins;
  for (v1::Access::Role role : {v1::Access::ADMIN, v1::Access::CLERK, v1::Access::CHAIR}) {
    v1::AddAccountRequest request;
    request.set_name(role == v1::Access::ADMIN ? "演示管理员" : role == v1::Access::CLERK ? "演示干事" : "演示主席");
    request.set_place(kHubStation);
    request.set_role(role);
    ASSIGN_OR_RETURN(DemoLogin login, AddDemoLogin(accounts, request, DrawPassword(random), random));
    RETURN_IF_ERROR(secrets->Set(login.account, login.secret));
    logins.push_back(std::move(login));
  }
  std::set<std::string> taken;
  for (const std::string& id : stations) {
    const auto station = roster.stations.find(id);
    v1::AddAccountRequest officer;
    officer.set_place(id);
    officer.set_role(station != roster.stations.end() && station->second.tier() == v1::POINT ? v1::Access::OFFICER
                                                                                             : v1::Access::AREA);
    officer.set_name(Cat("演示", EnumLabel(officer.role()), logins.size()));
    ASSIGN_OR_RETURN(DemoLogin login, AddDemoLogin(accounts, officer, DrawPin(random), random));
    logins.push_back(std::move(login));
    v1::AddAccountRequest deputy;
    deputy.set_deputy_id(DeputyFor(roster, id, &taken));
    if (deputy.deputy_id().empty()) continue;
    deputy.set_place(id);
    deputy.set_role(v1::Access::DEPUTY);
    deputy.set_name(roster.DeputyName(deputy.deputy_id()));
    ASSIGN_OR_RETURN(DemoLogin second, AddDemoLogin(accounts, deputy, DrawPin(random), random));
    logins.push_back(std::move(second));
  }
  return logins;
}

std::string DemoLoginsText(const std::vector<DemoLogin>& logins) {
  std::string text;
  for (const DemoLogin& one : logins)
    text += Cat(one.place, "\t", one.role, "\t", one.account, "\t", one.name, "\t", one.secret, "\n");
  return text;
}

absl::Status CheckDemoStaysHere(const Store& store, const std::string& address) {
  if (!store.GetMeta(kDemoMeta) || http::IsLoopback(http::HostName(address))) return absl::OkStatus();
  return absl::FailedPreconditionError(
      Cat("这是演示数据，密码写在文件里，只限本机使用：地址 ", address, " 应是 127.0.0.1"));
}

}  // namespace liaison
