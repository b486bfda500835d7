#include "hub/desk/statistics.h"

#include <algorithm>
#include <limits>

#include "common/api/congress_deeds.h"
#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/find/find.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/desk/withhold.h"
#include "hub/figures/figure_changes.h"
#include "hub/report/report.h"
#include "hub/report/report_files.h"

namespace liaison {
namespace {

constexpr int kRecordsShown = 100, kRecordsMax = 1000;

template <typename Request>
v1::FigureScope ScopeOf(const Request& request) {
  v1::FigureScope scope;
  scope.set_from(request.from());
  scope.set_to(request.to());
  scope.set_period(request.period());
  scope.set_station_id(request.station_id());
  scope.set_area_id(request.area_id());
  return scope;
}

}  // namespace

SyncState Statistics::SyncOf(const Moment& now) const {
  SyncState state;
  state.cut_off = MinuteText(context_.clock()->NowMs());
  for (const auto& [id, station] : now.roster->stations) {
    if (station.status() == v1::STATION_MERGED || station.status() == v1::STATION_CLOSED) continue;
    ++state.stations_total;
    state.stations_synced += board_->LastSyncMs(id) > 0 ? 1 : 0;
  }
  state.conflicts = static_cast<int64_t>(tables::CountDisagreements(now.reader.kv()));
  return state;
}

absl::StatusOr<Statistics::Asked> Statistics::Resolve(const Moment& now, const v1::FigureScope& scope) const {
  const std::optional<Day> today = ParseDay(now.today);
  if (!today) return absl::InternalError("today is no day");
  Asked asked;
  if (!scope.period().empty() || (scope.from().empty() && scope.to().empty())) {
    if (!scope.from().empty() || !scope.to().empty())
      return absl::InvalidArgumentError("时段：写了名称，就不能再写起止日期");
    ASSIGN_OR_RETURN(asked.period, ParsePeriod(scope.period(), *today, CongressDays(now.roster->policies)));
  } else {
    const std::string to = scope.to().empty() ? now.today : scope.to();
    const std::string from = scope.from().empty() ? Cat(to.substr(0, 4), "-01-01") : scope.from();
    ASSIGN_OR_RETURN(asked.period, DaysPeriod(from, to));
  }
  FigureQuery& query = asked.query;
  query.from = DayText(asked.period.from);
  query.to = DayText(asked.period.to);
  query.period = asked.period.words;
  query.today = now.today;
  query.station = scope.station_id();
  query.area = scope.area_id();
  query.sync = SyncOf(now);
  query.person = [this](std::string_view visitor) {
    FindIndex::Who who = context_.find->WhoIs(visitor);
    return FigureQuery::Person{std::move(who.key), who.phoneless};
  };
  return asked;
}

absl::StatusOr<Figures> Statistics::Count(const Moment& now, const FigureQuery& query) {
  return Compute(now.reader.kv(), *now.roster, query);
}

void Statistics::Compare(const Moment& now, const Asked& asked, v1::GetFiguresResponse* figures) const {
  const std::vector<CongressDay> sessions = CongressDays(now.roster->policies);
  const ReportPeriod before = PeriodBefore(asked.period, sessions), last_year = YearBefore(asked.period);
  auto count = [&](const ReportPeriod& period) {
    FigureQuery query = asked.query;
    query.from = DayText(period.from);
    query.to = DayText(period.to);
    return Count(now, query);
  };
  absl::StatusOr<Figures> then = count(before);
  if (then.ok()) FillChanges(then->response, Against::kBefore, figures);
  if (last_year.from != before.from || last_year.to != before.to) then = count(last_year);  // of a year it is the same
  if (then.ok()) FillChanges(then->response, Against::kLastYear, figures);
  figures->set_before_from(DayText(before.from));
  figures->set_before_to(DayText(before.to));
}

std::vector<v1::ReportTable> Statistics::TablesOf(const Moment& now, const Figures& figures,
                                                  const std::vector<std::string>& names) const {
  TableSources sources;
  sources.roster = now.roster.get();
  sources.matter = [&](const std::string& name) {
    const std::optional<Aggregate> matter = now.reader.Load({TypeOf<v1::Matter>().type(), name});
    if (!matter) return MatterWords();
    const auto shown = Show<v1::Matter>(*matter);
    return MatterWords{shown.number(), shown.title()};
  };
  if (names.empty() || std::find(names.begin(), names.end(), "deputies") != names.end()) {
    const std::map<std::string, int> weights = PointWeights(*now.roster);
    for (const auto& [deputy, deeds] : CountDeeds(now.reader, DayText(figures.from), DayText(figures.to)))
      for (const auto& [key, times] : deeds) {
        auto weight = weights.find(key);
        if (weight != weights.end()) sources.points[deputy] += int64_t{weight->second} * times;
      }
  }
  return MakeTables(figures, sources, names);
}

absl::StatusOr<ReportContents> Statistics::Contents(const v1::FigureScope& scope, bool compare) const {
  const Moment now = Now();
  ASSIGN_OR_RETURN(const Asked asked, Resolve(now, scope));
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  ReportContents contents;
  contents.report = MakeReport(figures, *now.roster);
  if (compare) Compare(now, asked, contents.report.mutable_figures());
  contents.tables = TablesOf(now, figures, {});
  return contents;
}

absl::StatusOr<v1::GetFiguresResponse> Statistics::GetFigures(const v1::GetFiguresRequest& request,
                                                              const Caller& caller) const {
  const Moment now = Now();
  ASSIGN_OR_RETURN(const Asked asked, Resolve(now, ScopeOf(request)));
  ASSIGN_OR_RETURN(Figures figures, Count(now, asked.query));
  if (request.compare()) Compare(now, asked, &figures.response);
  if (Viewer::Of(caller).figures_only()) WithholdSmall(&figures.response);
  return std::move(figures.response);
}

absl::StatusOr<v1::GetReportResponse> Statistics::GetReport(const v1::GetReportRequest& request,
                                                            const Caller& caller) const {
  const Moment now = Now();
  ASSIGN_OR_RETURN(const Asked asked, Resolve(now, ScopeOf(request)));
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  v1::GetReportResponse response = MakeReport(figures, *now.roster);
  if (request.compare()) Compare(now, asked, response.mutable_figures());
  if (Viewer::Of(caller).figures_only()) WithholdSmall(&response);
  return response;
}

absl::StatusOr<v1::ExportResponse> Statistics::ExportReport(const v1::ExportReportRequest& request) const {
  RETURN_IF_ERROR(CheckReportFormat(request.format()));
  ASSIGN_OR_RETURN(ReportContents contents, Contents(request.scope(), request.compare()));
  ReportFileOptions options{request.unit(), context_.Today(), request.restricted()};
  if (options.unit.empty()) options.unit = context_.roster->Get()->PresidiumName();
  return ReportFile(
      Cat(contents.report.title(), "工作情况报告"), request.format(), contents.tables,
      [&] { return ReportDocument(contents, options); }, [&] { return ReportWorkbook(contents, options); });
}

absl::StatusOr<v1::ListFigureRecordsResponse> Statistics::ListFigureRecords(
    const v1::ListFigureRecordsRequest& request) const {
  const Moment now = Now();
  ASSIGN_OR_RETURN(Asked asked, Resolve(now, request.scope()));
  asked.query.ids = true;
  asked.query.ids_of = request.code();
  asked.query.ids_max = std::numeric_limits<size_t>::max();
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  const v1::Figure* figure = figures.Find(request.code());
  if (figure == nullptr) return absl::InvalidArgumentError(Cat("统计：没有代号为“", request.code(), "”的数字"));
  v1::ListFigureRecordsResponse response;
  response.set_total(figure->ids_size());
  *response.mutable_figure() = *figure;
  response.mutable_figure()->clear_ids();
  const int first = std::clamp(request.offset(), 0, figure->ids_size());
  const int limit = request.limit() < 1 ? kRecordsShown : std::min(request.limit(), kRecordsMax);
  const int last = std::min(first + limit, figure->ids_size());
  for (int i = first; i < last; ++i) response.mutable_figure()->add_ids(figure->ids(i));
  return response;
}

absl::StatusOr<v1::GetTablesResponse> Statistics::GetTables(const v1::GetTablesRequest& request,
                                                            const Caller& caller) const {
  const std::vector<std::string> names(request.names().begin(), request.names().end());
  RETURN_IF_ERROR(CheckTableNames(names));
  const Moment now = Now();
  ASSIGN_OR_RETURN(const Asked asked, Resolve(now, request.scope()));
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  v1::GetTablesResponse response;
  std::vector<v1::ReportTable> tables = TablesOf(now, figures, names);
  if (Viewer::Of(caller).figures_only()) WithholdSmall(&tables);
  for (v1::ReportTable& table : tables) *response.add_tables() = std::move(table);
  response.set_cut_off(asked.query.sync.cut_off);
  response.set_stations_synced(asked.query.sync.stations_synced);
  response.set_stations_total(asked.query.sync.stations_total);
  response.set_from(asked.query.from);
  response.set_to(asked.query.to);
  return response;
}

absl::StatusOr<v1::SetCongressSessionResponse> Statistics::SetCongressSession(
    const v1::SetCongressSessionRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  CongressDay wanted;
  if (!ParseCongress(request.session().name(), &wanted))
    return absl::InvalidArgumentError(Cat("会议：“", request.session().name(), "”应如 20-3（第20届第3次会议）"));
  const std::string& date = request.session().date();
  if (!date.empty()) {
    const std::optional<Day> day = ParseDay(date);
    if (!day) return absl::InvalidArgumentError(Cat("日期：“", date, "”不是有效日期"));
    for (const CongressDay& other : CongressDays(context_.roster->Get()->policies)) {
      const auto order = [](const CongressDay& one) { return std::pair(one.term, one.number); };
      if (order(other) == order(wanted)) continue;
      if ((order(other) < order(wanted)) != (other.day < *day))
        return absl::InvalidArgumentError(Cat("日期：与", other.words(), "（", DayText(other.day), "）的先后不符"));
    }
  }
  v1::Policy policy;
  policy.set_key(Cat(kCongressPolicy, wanted.name()));
  policy.set_value(date);
  policy.set_note(wanted.words());
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = request.user();
    action.ops.push_back(PolicyOp(view, policy));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::SetCongressSessionResponse response;
  *response.mutable_session() = request.session();
  return response;
}

absl::StatusOr<v1::ListCongressSessionsResponse> Statistics::ListCongressSessions(
    const v1::ListCongressSessionsRequest&) const {
  v1::ListCongressSessionsResponse response;
  for (const CongressDay& one : CongressDays(context_.roster->Get()->policies)) {
    v1::CongressSession* session = response.add_sessions();
    session->set_name(one.name());
    session->set_date(DayText(one.day));
  }
  return response;
}

void Statistics::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("GetFigures", &Statistics::GetFigures);
  methods.Bind("GetReport", &Statistics::GetReport);
  methods.Bind("ExportReport", &Statistics::ExportReport);
  methods.Bind("ListFigureRecords", &Statistics::ListFigureRecords);
  methods.Bind("GetTables", &Statistics::GetTables);
  methods.Bind("PublishReport", &Statistics::PublishReport);
  methods.Bind("ListReports", &Statistics::ListReports);
  methods.Bind("GetPublishedReport", &Statistics::GetPublishedReport);
  methods.Bind("ExportPublishedReport", &Statistics::ExportPublishedReport);
  methods.Bind("SetCongressSession", &Statistics::SetCongressSession);
  methods.Bind("ListCongressSessions", &Statistics::ListCongressSessions);
}

}  // namespace liaison
