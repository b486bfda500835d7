#include "hub/desk/desk.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/api/views.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/desk/withhold.h"
#include "hub/facts/facts.h"

namespace liaison {
namespace {

constexpr Day kLastDay = (1 << 24) - 1;  // that a fact row can have
constexpr Day kLookBackDays = 730;       // a station without a session for longer is shown as one that never had any

}  // namespace

absl::StatusOr<v1::ListStationsResponse> Desk::ListStations(const v1::ListStationsRequest& request,
                                                            const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  std::string today = context_.Today();
  std::string from_text = request.from().empty() ? today.substr(0, 4) + "-01-01" : request.from();
  std::string to_text = request.to().empty() ? today : request.to();
  std::optional<Day> from = ParseDay(from_text), to = ParseDay(to_text), now = ParseDay(today);
  if (!from || !to) return absl::InvalidArgumentError("日期：不是有效日期");
  std::unique_ptr<KvReader> snapshot = context_.store->Snapshot();
  ASSIGN_OR_RETURN(auto counters, CountersByStation(*snapshot, *from, *to));
  ASSIGN_OR_RETURN(auto last_days, LastSessionDays(*snapshot, *now - kLookBackDays, *now));
  std::set<std::string> enrolled;
  for (const auto& [id, node] : roster->nodes)
    if (!node.revoked()) enrolled.insert(node.station_id());
  v1::ListStationsResponse response;
  for (const auto& [id, station] : roster->stations) {
    v1::StationRow& row = *response.add_stations();
    row.set_station_id(id);
    row.set_name(roster->StationName(id));
    row.set_tier(station.tier());
    row.set_area_id(station.parent_id());
    row.set_grade(station.grade());
    row.set_last_sync_ms(board_->LastSyncMs(id));
    row.set_connected(board_->Connected(id));
    row.set_enrolled(enrolled.contains(id));
    if (auto counts = counters.find(id); counts != counters.end()) {
      row.set_sessions(static_cast<int32_t>(counts->second[counter::kSessions]));
      row.set_visits(static_cast<int32_t>(counts->second[counter::kVisits]));
      row.set_headcount(static_cast<int32_t>(counts->second[counter::kHeadcount]));
      row.set_opinions(static_cast<int32_t>(counts->second[counter::kOpinions]));
    }
    auto last = last_days.find(id);
    row.set_silent_days(last == last_days.end() ? -1 : *now - last->second);
    if (last != last_days.end()) row.set_last_session_date(DayText(last->second));
  }
  if (Viewer::Of(caller).figures_only()) WithholdSmall(&response);
  response.set_cut_off(MinuteText(context_.clock()->NowMs()));
  return response;
}

namespace {

// The matters that a request asks for, oldest first, but for its query: told by their fact rows, so that a page of a
// year of a million matters need not open all of them.
absl::StatusOr<std::vector<RecordId>> MattersAskedFor(const KvReader& kv, const Roster& roster,
                                                      const v1::ListMattersRequest& request) {
  auto here = [&](const std::string& station) {
    if (!request.station_id().empty() && station != request.station_id()) return false;
    if (request.area_id().empty() || station == request.area_id()) return true;
    auto found = roster.stations.find(station);
    return found != roster.stations.end() && found->second.parent_id() == request.area_id();
  };
  std::vector<RecordId> ids;
  FactVisitor visitor;
  visitor.matter = [&](const MatterFact& fact) {
    if (request.state() != v1::STATE_UNSPECIFIED && fact.state != request.state()) return;
    if (!request.category().empty() && fact.category != request.category()) return;
    if (here(fact.station)) ids.push_back({TypeOf<v1::Matter>().type(), fact.matter});
  };
  // Days before 1970 are before all.
  const Day from = request.from().empty() ? kUndated : ParseDay(request.from()).value_or(kUndated + 1);
  const Day to = request.to().empty() ? kLastDay : ParseDay(request.to()).value_or(kUndated);
  RETURN_IF_ERROR(ScanFacts(kv, from, to, visitor));
  return ids;
}

bool Says(const v1::Matter& matter, const std::string& query) {
  return Fold(Cat(matter.number(), matter.title(), matter.content())).find(query) != std::string::npos;
}

}  // namespace

absl::StatusOr<v1::ListMattersResponse> Desk::ListMatters(const v1::ListMattersRequest& request,
                                                          const Caller& caller) const {
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const std::string query = Fold(request.query());
  ASSIGN_OR_RETURN(const std::vector<RecordId> ids, MattersAskedFor(views.reader().kv(), *roster, request));
  int limit = std::clamp(request.limit() > 0 ? request.limit() : 100, 1, 1000), total = 0;
  v1::ListMattersResponse response;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {  // the newest first
    const bool on_page = total >= request.offset() && response.matters_size() < limit;
    if (on_page || !query.empty() || !views.viewer().sees_all()) {
      std::optional<Aggregate> matter = views.Load(*id);
      if (!matter || (!query.empty() && !Says(Show<v1::Matter>(*matter), query))) continue;
      if (on_page) *response.add_matters() = views.Matter(*matter);
    }
    ++total;
  }
  response.set_total(total);
  return response;
}

void Desk::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("ListStations", &Desk::ListStations);
  methods.Bind("ListMatters", &Desk::ListMatters);
}

}  // namespace liaison
