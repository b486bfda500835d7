#include "common/daemon/local_secret.h"

#include <algorithm>
#include <memory>

#include "common/api/methods.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {

absl::StatusOr<std::string> AccountNamed(const People& people, std::string_view text) {
  const std::string key = NameKey(text);
  std::string found;
  for (const auto& [id, account] : people.accounts) {
    if (account.ended()) continue;
    if (id == key) return id;
    if (NameKey(account.name()) != key) continue;
    if (!found.empty()) return WrongField("账号", Cat("不止一个叫“", text, "”，请写账号，如 ", found, "、", id));
    found = id;
  }
  if (found.empty()) return WrongField("账号", Cat("没有账号“", text, "”，或已停用"));
  return found;
}

absl::Status SetSecretLocally(Secrets* secrets, const People& people, std::string_view account,
                              std::string_view secret) {
  if (!people.IsLive(account)) return WrongField("账号", Cat("没有账号“", account, "”，或已停用"));
  return secrets->Set(account, secret);
}

absl::StatusOr<v1::SetSecretResponse> LocalSecrets::SetSecret(const v1::SetSecretRequest& request) {
  if (secrets_ == nullptr) return absl::FailedPreconditionError("密码文件 secrets.json 读不出来，见程序的日志");
  const std::shared_ptr<const People> people = people_->Get();
  ASSIGN_OR_RETURN(const std::string account, AccountNamed(*people, request.account_id()));
  RETURN_IF_ERROR(SetSecretLocally(secrets_, *people, account, request.secret()));
  v1::SetSecretResponse response;
  response.set_account_id(account);
  response.set_name(people->NameOf(account));
  if (const auto there = people->rights.find(place_); there != people->rights.end())
    response.set_has_right(std::any_of(
        there->second.grants.begin(), there->second.grants.end(),
        [&](const auto& grant) { return grant.second.account_id() == account && !grant.second.revoked(); }));
  return response;
}

void LocalSecrets::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "LoginService", this);
  methods.Bind("SetSecret", &LocalSecrets::SetSecret);
}

}  // namespace liaison
