#include "common/rules/reception/attendance.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/record/validate.h"
#include "common/record/view.h"

namespace liaison {
namespace {

constexpr size_t kMostReasonChars = 100;

absl::Status CheckTime(std::string_view label, std::string_view time) {
  if (time.empty() || IsTime(time)) return absl::OkStatus();
  return absl::InvalidArgumentError(Cat(label, "：“", time, "”不是时间，应如 09:00"));
}

}  // namespace

bool RunsOn(const v1::Mandate& mandate, std::string_view date) {
  return (mandate.from().empty() || mandate.from() <= date) && (mandate.to().empty() || mandate.to() >= date);
}

bool InForce(const v1::Mandate& mandate, std::string_view date) {
  return RunsOn(mandate, date) && (mandate.status().empty() || mandate.status() == "在任");
}

v1::SessionState SessionStateOf(const Aggregate& session) {
  const int state = StatusOf(session, {}, v1::ReceptionSession::kStatusFieldNumber);
  return state < 0 ? v1::SESSION_OPEN : static_cast<v1::SessionState>(state);
}

std::vector<std::string> PresentAt(const v1::ReceptionSession& session) {
  std::vector<std::string> present;
  for (const v1::SessionDeputy& deputy : session.deputies())
    if (!deputy.deputy_id().empty() && deputy.leave().empty()) present.push_back(deputy.deputy_id());
  return present;
}

const v1::SessionDeputy* FindDeputy(const v1::ReceptionSession& session, std::string_view deputy_id) {
  for (const v1::SessionDeputy& deputy : session.deputies())
    if (deputy.deputy_id() == deputy_id) return &deputy;
  return nullptr;
}

absl::Status CheckSessionDeputy(const v1::SessionDeputy& deputy, const v1::ReceptionSession& session) {
  if (absl::Status status = CheckTime("签到时间", deputy.in()); !status.ok()) return status;
  if (absl::Status status = CheckTime("签退时间", deputy.out()); !status.ok()) return status;
  if (!deputy.out().empty() && deputy.in().empty()) return absl::InvalidArgumentError("签退时间：还没有签到");
  if (!deputy.out().empty() && deputy.out() < deputy.in())
    return absl::InvalidArgumentError("签退时间：不能早于签到时间");
  if (CountChars(deputy.leave()) > kMostReasonChars)
    return absl::InvalidArgumentError(Cat("请假原因：最多", kMostReasonChars, "字"));
  if (!deputy.leave().empty() && !deputy.in().empty()) return absl::InvalidArgumentError("请假原因：这位代表已经签到");
  if (deputy.substitute_for().empty()) return absl::OkStatus();
  if (deputy.substitute_for() == deputy.deputy_id()) return absl::InvalidArgumentError("替班：不能替自己");
  const v1::SessionDeputy* absent = FindDeputy(session, deputy.substitute_for());
  if (absent == nullptr) return absl::InvalidArgumentError("替班：被替的代表不在这一场的名单里");
  if (absent->leave().empty()) return absl::FailedPreconditionError("替班：被替的代表没有请假");
  return absl::OkStatus();
}

absl::Status CheckMayClose(const v1::ReceptionSession& session, v1::SessionState state) {
  if (state == v1::SESSION_CLOSED) return absl::FailedPreconditionError("这一场已经结束");
  if (state == v1::SESSION_PLANNED) return absl::FailedPreconditionError("这一场还没有开始");
  if (session.paper_pending()) return absl::FailedPreconditionError("这一场的纸质记录还没有补录");
  const bool signing = std::any_of(session.deputies().begin(), session.deputies().end(),
                                   [](const v1::SessionDeputy& deputy) { return !deputy.in().empty(); });
  bool present = false;
  for (const v1::SessionDeputy& deputy : session.deputies()) {
    if (!deputy.leave().empty()) continue;
    present = true;
    if (signing && deputy.in().empty())
      return absl::FailedPreconditionError(Cat("接待代表：编号为“", deputy.deputy_id(), "”的代表没有签到，也没有请假"));
  }
  if (!present && session.form() != v1::FORM_OPINION_BOX)
    return absl::FailedPreconditionError("接待代表：没有一位代表到场，不能结束；没有开展的场次请作废");
  return absl::OkStatus();
}

bool ServesOn(const v1::Deputy& deputy, std::string_view date) {
  return deputy.mandates().empty() || std::any_of(deputy.mandates().begin(), deputy.mandates().end(),
                                                  [&](const v1::Mandate& m) { return InForce(m, date); });
}

}  // namespace liaison
