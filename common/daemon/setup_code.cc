#include "common/daemon/setup_code.h"

#include <optional>

#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/crypto/password.h"
#include "common/daemon/slip.h"
#include "common/record/view.h"

namespace liaison {
namespace {

constexpr char kSetupCodeMeta[] = "setup-code";  // the hash; empty: none
constexpr char kSetupCodeLabel[] = "设置码";

}  // namespace

bool AwaitsAdmin(const People& people) { return people.HoldersOf(v1::Access::ADMIN, kHubStation).empty(); }

absl::StatusOr<std::string> NewSetupCode(Store* store, Random* random) {
  ASSIGN_OR_RETURN(const Slip slip, NewSlip(random));
  RETURN_IF_ERROR(store->PutMeta(kSetupCodeMeta, slip.code_hash));
  return slip.typed;
}

absl::Status CheckSetupCode(Store* store, std::string_view typed) {
  const absl::StatusOr<std::string> code = ParseSlip(typed);
  if (!code.ok()) {
    const std::optional<Fault> fault = FaultOf(code.status());
    return fault ? WrongField(kSetupCodeLabel, fault->reason) : code.status();
  }
  const std::string hash = store->GetMeta(kSetupCodeMeta).value_or("");
  if (hash.empty())
    return absl::FailedPreconditionError("没有可用的设置码，请在镇中心的机器上用 liaison hub setup-code 要一个");
  ASSIGN_OR_RETURN(const bool right, IsPassword(*code, hash));
  if (!right) return absl::UnauthenticatedError("设置码不对，请核对后再试");
  return absl::OkStatus();
}

absl::Status EndSetupCode(Store* store) { return store->PutMeta(kSetupCodeMeta, ""); }

}  // namespace liaison
