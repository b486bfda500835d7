#include "common/cli/names.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/shell.h"
#include "common/record/validate.h"
#include "liaison/v1/services.pb.h"

namespace liaison::cli {
namespace {

constexpr int kMostSessions = 1000;

// "J20261215-…" -> "2026-12-15"; empty for what is no number.
std::string DateInNumber(const std::string& number) {
  if (number.size() < 10 || number[0] != 'J') return "";
  std::string date = Cat(number.substr(1, 4), "-", number.substr(5, 2), "-", number.substr(7, 2));
  return IsDate(date) ? date : "";
}

}  // namespace

absl::StatusOr<std::string> DeputyNamed(Link* link, const std::string& text) {
  v1::GetRosterResponse roster;
  RETURN_IF_ERROR(CallService(link, "RecordService/GetRoster", v1::GetRosterRequest(), &roster));
  std::string found;
  for (const v1::Deputy& deputy : roster.deputies()) {
    if (deputy.deputy_id() == text) return text;
    if (deputy.name() != text) continue;
    if (!found.empty())
      return absl::InvalidArgumentError(Cat("代表:有几位“", text, "”,请写编号,如 ", found, "、", deputy.deputy_id()));
    found = deputy.deputy_id();
  }
  return found.empty() ? text : found;
}

absl::StatusOr<v1::SessionView> SessionNamed(Link* link, const std::string& text) {
  const bool is_date = IsDate(text);
  v1::ListSessionsRequest list;
  list.set_from(is_date ? text : DateInNumber(text));
  list.set_to(list.from());
  list.set_limit(kMostSessions);
  if (is_date) {
    v1::GetStatusResponse status;
    RETURN_IF_ERROR(CallService(link, "RecordService/GetStatus", v1::GetStatusRequest(), &status));
    list.set_station_id(status.station_id());
  }
  v1::ListSessionsResponse sessions;
  RETURN_IF_ERROR(CallService(link, "StationService/ListSessions", list, &sessions));
  const v1::SessionView* found = nullptr;
  for (const v1::SessionView& session : sessions.sessions()) {
    if (session.id() != text && session.session().number() != text && !(is_date && !session.voided())) continue;
    if (found != nullptr) return absl::InvalidArgumentError(Cat("接待场次:“", text, "”有几场,请写场次编号"));
    found = &session;
  }
  if (found == nullptr) return absl::NotFoundError(Cat("接待场次:没有“", text, "”这一场"));
  return *found;
}

}  // namespace liaison::cli
