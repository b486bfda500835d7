// Statistics: reports that are published, and what became of their figures.
#include <algorithm>
#include <tuple>

#include "common/api/request.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/desk/statistics.h"
#include "hub/desk/withhold.h"
#include "hub/report/published.h"
#include "hub/report/report.h"
#include "hub/report/report_files.h"

namespace liaison {
namespace {

constexpr size_t kMostOfAName = 60;       // characters of a title in a file's name
constexpr size_t kTextBytesMax = 60'000;  // 20,000 characters of three bytes

// Sentences, problems and footnotes, one a line.
std::string TextOf(const v1::GetReportResponse& report) {
  std::string text;
  auto line = [&](const std::string& words) {
    if (!words.empty() && text.size() + words.size() < kTextBytesMax) text += Cat(words, "\n");
  };
  line(report.paragraph());
  line(report.suggestions());
  line(report.activities());
  for (const std::string& problem : report.problems()) line(problem);
  for (const std::string& note : report.footnotes()) line(Cat("注：", note));
  return text;
}

bool SamePlaceAndDays(const v1::ReportSnapshot& a, const v1::ReportSnapshot& b) {
  return a.from() == b.from() && a.to() == b.to() && a.station_id() == b.station_id() && a.below() == b.below();
}

bool Live(const Aggregate& aggregate) {
  return aggregate.Find({}) != nullptr && aggregate.VoidOf({}) != VoidState::kVoid;
}

v1::FigureScope ScopeOfSnapshot(const v1::ReportSnapshot& snapshot) {
  v1::FigureScope scope;
  scope.set_from(snapshot.from());
  scope.set_to(snapshot.to());
  (snapshot.below() ? scope.mutable_area_id() : scope.mutable_station_id())->assign(snapshot.station_id());
  return scope;
}

}  // namespace

absl::StatusOr<v1::ReportSnapshot> Statistics::SnapshotOf(const Moment& now, const v1::PublishReportRequest& request,
                                                          const Figures& figures) const {
  const v1::GetReportResponse report = MakeReport(figures, *now.roster);
  v1::ReportSnapshot snapshot;
  snapshot.set_title(request.title().empty() ? report.title() : request.title());
  snapshot.set_from(figures.response.from());
  snapshot.set_to(figures.response.to());
  snapshot.set_published_date(now.today);
  snapshot.set_cut_off(figures.response.cut_off());
  snapshot.set_stations_synced(figures.response.stations_synced());
  snapshot.set_stations_total(figures.response.stations_total());
  snapshot.set_text(TextOf(report));
  snapshot.set_headline(request.title().empty() ? Cat(report.title(), kReportHeadline) : request.title());
  snapshot.set_unit(now.roster->PresidiumName());
  const v1::FigureScope& scope = request.scope();
  snapshot.set_station_id(scope.station_id().empty() ? scope.area_id() : scope.station_id());
  snapshot.set_below(scope.station_id().empty() && !scope.area_id().empty());
  for (const auto& [id, station] : now.roster->stations) {
    v1::SnapshotStation* one = snapshot.add_stations();
    one->set_station_id(id);
    if (const int64_t last = board_->LastSyncMs(id); last > 0) one->set_last_sync(MinuteText(last));
  }
  RETURN_IF_ERROR(Validate(snapshot));
  return snapshot;
}

absl::StatusOr<v1::PublishReportResponse> Statistics::PublishReport(const v1::PublishReportRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  const RecordId root = RecordId::Random(TypeOf<v1::ReportSnapshot>().type(), action_id, 0);
  const Moment now = Now();
  ASSIGN_OR_RETURN(Asked asked, Resolve(now, request.scope()));
  asked.query.ids = true;
  asked.query.ids_max = kFigureIdsMax;
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  ASSIGN_OR_RETURN(v1::ReportSnapshot snapshot, SnapshotOf(now, request, figures));
  const std::vector<v1::ReportTable> tables = TablesOf(now, figures, {});
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    uint32_t version = 1;
    view.ForEach(root.type, [&](const Aggregate& aggregate) {
      const auto other = Show<v1::ReportSnapshot>(aggregate);
      if (SamePlaceAndDays(other, snapshot)) version = std::max(version, other.version() + 1);
      return true;
    });
    snapshot.set_version(version);
    Action action;
    action.user = request.user();
    action.result = ToText(root);
    action.ops = PublishOps(root, snapshot, figures.response, tables);
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  const std::optional<Aggregate> published = context_.store->Read().Load(root);
  if (!published) return absl::InternalError("刚发布的报告读不出来");
  v1::PublishReportResponse response;
  *response.mutable_report() = RowOf(root, Show<v1::ReportSnapshot>(*published));
  return response;
}

absl::StatusOr<v1::ListReportsResponse> Statistics::ListReports(const v1::ListReportsRequest&) const {
  std::vector<v1::ReportRow> rows;
  context_.store->Read().ForEach(TypeOf<v1::ReportSnapshot>().type(), [&](const Aggregate& aggregate) {
    if (Live(aggregate)) rows.push_back(RowOf(aggregate.id(), Show<v1::ReportSnapshot>(aggregate)));
    return true;
  });
  std::stable_sort(rows.begin(), rows.end(), [](const v1::ReportRow& a, const v1::ReportRow& b) {
    return std::tuple(a.cut_off(), a.version(), a.id()) > std::tuple(b.cut_off(), b.version(), b.id());
  });
  v1::ListReportsResponse response;
  for (v1::ReportRow& row : rows) *response.add_reports() = std::move(row);
  return response;
}

namespace {

absl::StatusOr<Published> PublishedById(const StoreReader& reader, const std::string& text) {
  RecordId id;
  if (!ParseRecordId(text, &id) || id.type != TypeOf<v1::ReportSnapshot>().type())
    return absl::InvalidArgumentError(Cat("报告：“", text, "”不是报告编号"));
  const std::optional<Aggregate> aggregate = reader.Load(id);
  if (!aggregate || !Live(*aggregate)) return absl::NotFoundError(Cat("报告：没有编号为 ", text, " 的报告"));
  return ReadPublished(*aggregate);
}

}  // namespace

absl::StatusOr<v1::ExportResponse> Statistics::ExportPublishedReport(
    const v1::ExportPublishedReportRequest& request, const Caller& caller) const {
  RETURN_IF_ERROR(CheckReportFormat(request.format()));
  ASSIGN_OR_RETURN(Published published, PublishedById(context_.store->Read(), request.id()));
  const bool figures_only = Viewer::Of(caller).figures_only();
  if (figures_only) WithholdSmall(&published);
  const v1::ReportSnapshot& snapshot = published.snapshot;
  ReportFileOptions options{snapshot.unit(), snapshot.published_date(), request.restricted() && !figures_only};
  if (options.unit.empty()) options.unit = context_.roster->Get()->PresidiumName();
  return ReportFile(
      Cat(Truncate(snapshot.title(), kMostOfAName), "（第", snapshot.version(), "版）"), request.format(),
      published.tables, [&] { return PublishedDocument(published, options); },
      [&] { return PublishedWorkbook(published, options); });
}

absl::StatusOr<v1::GetPublishedReportResponse> Statistics::GetPublishedReport(
    const v1::GetPublishedReportRequest& request, const Caller& caller) const {
  const Moment now = Now();
  ASSIGN_OR_RETURN(const Published published, PublishedById(now.reader, request.id()));
  RecordId id;
  ParseRecordId(request.id(), &id);
  ASSIGN_OR_RETURN(Asked asked, Resolve(now, ScopeOfSnapshot(published.snapshot)));
  asked.query.today = published.snapshot.published_date();
  asked.query.ids = request.ids();
  asked.query.ids_max = kFigureIdsMax;
  ASSIGN_OR_RETURN(const Figures figures, Count(now, asked.query));
  v1::GetPublishedReportResponse response;
  *response.mutable_report() = RowOf(id, published.snapshot);
  response.set_text(published.snapshot.text());
  for (const v1::ReportTable& table : published.tables) *response.add_tables() = table;
  *response.mutable_stations() = published.snapshot.stations();
  response.set_cut_off(asked.query.sync.cut_off);
  for (const v1::SnapshotFigure& then : published.figures)
    *response.add_figures() = ComparePublished(then, figures.Find(then.code()), request.ids());
  if (Viewer::Of(caller).figures_only()) WithholdSmall(&response);
  return response;
}

}  // namespace liaison
