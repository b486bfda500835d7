#include "station/reception/plan_maker.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/rows/tables.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/reception/schedule.h"
#include "common/rules/roster/roster.h"
#include "station/reception/entry.h"

namespace liaison {
namespace {

constexpr Day kMostDays = 400, kTurnsLookBackDays = 183;
constexpr size_t kMostSessions = 500;  // of one action
constexpr int kMostDeputies = 20;
constexpr char kDefaultRule[] = "schedule-default";

}  // namespace

PlanMaker::PlanMaker(const ServiceContext& context, const Roster& roster, const StoreReader& view,
                     const v1::PlanSessionsRequest& request)
    : context_(context),
      roster_(roster),
      view_(view),
      request_(request),
      deadlines_(roster.policies),
      numbers_(NumbersFor(context, roster, view)) {}

void PlanMaker::Skip(const std::string& station_id, std::string reason) {
  v1::PlanSkip& skip = skipped_.emplace_back();
  skip.set_station_id(station_id);
  skip.set_station_name(roster_.StationName(station_id));
  skip.set_reason(std::move(reason));
}

absl::StatusOr<std::vector<std::string>> PlanMaker::Stations() const {
  if (request_.station_ids().empty()) return roster_.MayEnterFor(context_.station_id);
  std::set<std::string> stations(request_.station_ids().begin(), request_.station_ids().end());
  for (const std::string& station : stations) RETURN_IF_ERROR(CheckMayEnterFor(context_, roster_, station));
  return std::vector<std::string>(stations.begin(), stations.end());
}

void PlanMaker::ReadSessions(Day from, Day to) {
  const std::string first = DayText(from);
  tables::ByDate(view_.kv(), TypeOf<v1::ReceptionSession>().type(), DayText(from - kTurnsLookBackDays), DayText(to),
                 [&](const RecordId& id, std::string_view date, std::string_view station) {
                   std::optional<Aggregate> aggregate = view_.Load(id);
                   if (!aggregate || aggregate->VoidOf({}) == VoidState::kVoid) return true;
                   if (date >= first) taken_.emplace(station, date);
                   for (const std::string& deputy : PresentAt(Show<v1::ReceptionSession>(*aggregate))) ++turns_[deputy];
                   return true;
                 });
}

std::vector<std::string> PlanMaker::CandidatesFor(const v1::Station& station) const {
  if (!request_.deputy_ids().empty()) return {request_.deputy_ids().begin(), request_.deputy_ids().end()};
  std::vector<std::string> own, near;
  const std::string& area = station.tier() == v1::POINT ? station.parent_id() : station.station_id();
  for (const auto& [id, deputy] : roster_.deputies) {
    const std::string& home = deputy.home_station_id();
    if (home == station.station_id()) own.push_back(id);
    auto found = roster_.stations.find(home);
    if (home == area || (found != roster_.stations.end() && found->second.parent_id() == area)) near.push_back(id);
  }
  return own.empty() ? near : own;
}

std::vector<std::string> PlanMaker::TakeTurns(const std::vector<std::string>& candidates, const std::string& date) {
  std::vector<std::string> order;
  for (const std::string& id : candidates)
    if (ServesOn(roster_.deputies.find(id)->second, date)) order.push_back(id);
  std::stable_sort(order.begin(), order.end(),
                   [&](const std::string& a, const std::string& b) { return turns_[a] < turns_[b]; });
  order.resize(std::min(order.size(), static_cast<size_t>(std::max(1, request_.deputies_each()))));
  for (const std::string& id : order) ++turns_[id];
  return order;
}

absl::Status PlanMaker::PlanStation(const std::string& station_id, Day from, Day to) {
  const v1::Station& station = roster_.stations.find(station_id)->second;
  if (station.status() != v1::STATION_ACTIVE) {
    Skip(station_id, Cat("站点状态是“", EnumLabel(station.status()), "”"));
    return absl::OkStatus();
  }
  const std::string text = station.schedule_rule().empty() ? roster_.Policy(kDefaultRule, "") : station.schedule_rule();
  if (text.empty()) {
    Skip(station_id, "没有接待日规则");
    return absl::OkStatus();
  }
  absl::StatusOr<ScheduleRule> rule = ParseSchedule(text);
  if (!rule.ok()) {
    Skip(station_id, std::string(rule.status().message()));
    return absl::OkStatus();
  }
  const std::vector<std::string> candidates = CandidatesFor(station);
  for (Day day : DaysIn(*rule, from, to, deadlines_.calendar())) {
    const std::string date = DayText(day);
    if (!taken_.emplace(station_id, date).second) {
      ++existing_;
      continue;
    }
    const std::vector<std::string> deputies = TakeTurns(candidates, date);
    if (deputies.empty()) {
      Skip(station_id, Cat(date, " 没有可以轮值的代表"));
      return absl::OkStatus();
    }
    v1::ReceptionSession& session = planned_.emplace_back();
    session.set_station_id(station_id);
    session.set_date(date);
    session.set_start(request_.start());
    session.set_end(request_.end());
    session.set_place(request_.place());
    session.set_theme(request_.theme());
    session.set_form(v1::FORM_RECEPTION_DAY);
    session.mutable_status()->set_to(v1::SESSION_PLANNED);
    session.mutable_status()->set_date(date);
    for (const std::string& deputy : deputies) session.add_deputies()->set_deputy_id(deputy);
    RETURN_IF_ERROR(CheckSession(session));
    session.set_number(numbers_.Session(date));
  }
  return absl::OkStatus();
}

absl::StatusOr<Action> PlanMaker::Make(const std::string& action_id) {
  const std::optional<Day> from = ParseDay(request_.from()), to = ParseDay(request_.to());
  if (!from || !to) return absl::InvalidArgumentError("日期：起止日期不是有效日期");
  if (*to < *from || *to - *from >= kMostDays)
    return absl::InvalidArgumentError(Cat("日期：止日不能早于起日，一次最多计划", kMostDays, "天"));
  if (request_.deputies_each() < 0 || request_.deputies_each() > kMostDeputies)
    return absl::InvalidArgumentError(Cat("每场代表人数：应为1到", kMostDeputies));
  for (const std::string& id : request_.deputy_ids())
    if (!roster_.deputies.contains(id))
      return absl::InvalidArgumentError(Cat("接待代表：名册里没有编号为“", id, "”的代表"));
  ASSIGN_OR_RETURN(std::vector<std::string> stations, Stations());
  ReadSessions(*from, *to);
  for (const std::string& station : stations) RETURN_IF_ERROR(PlanStation(station, *from, *to));
  if (planned_.size() > kMostSessions)
    return absl::InvalidArgumentError(
        Cat("一次最多计划", kMostSessions, "场，现有", planned_.size(), "场，请缩短期间"));
  Action action;
  action.user = request_.user();
  for (size_t i = 0; i < planned_.size(); ++i) {
    NewOp& op = action.ops.emplace_back();
    op.aggregate = RecordId::Random(TypeOf<v1::ReceptionSession>().type(), action_id, static_cast<uint16_t>(i));
    WritesOf(planned_[i], {}, &op.writes, &op.sealed);
  }
  return action;
}

}  // namespace liaison
