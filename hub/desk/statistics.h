// The township's statistics as services: figures, the report, its tables, the records behind a number, published
// reports, and the days of the congress's sessions that periods begin with.
//
// Everything is counted from one snapshot when it is asked for; only what is published is stored (published.h). What
// was published is compared with the same figures counted as of the day of publishing, so that only records that have
// come or changed since make a difference, not the days that have passed.
//
// Who sees figures only (common/api/viewer.h) is told no small ones (withhold.h).
#ifndef LIAISON_HUB_DESK_STATISTICS_H_
#define LIAISON_HUB_DESK_STATISTICS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "hub/desk/desk.h"
#include "hub/figures/figure_tables.h"
#include "hub/figures/period.h"
#include "hub/report/report.h"

namespace liaison {

class Statistics {
 public:
  // `board` must outlive this.
  Statistics(ServiceContext context, const SyncBoard* board) : context_(std::move(context)), board_(board) {}

  // kInvalidArgument, kFailedPrecondition (no session of the congress is known); both in Chinese.
  absl::StatusOr<ReportContents> Contents(const v1::FigureScope& scope, bool compare) const;

  absl::StatusOr<v1::GetFiguresResponse> GetFigures(const v1::GetFiguresRequest& request,
                                                    const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::GetReportResponse> GetReport(const v1::GetReportRequest& request,
                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ExportResponse> ExportReport(const v1::ExportReportRequest& request) const;
  absl::StatusOr<v1::ListFigureRecordsResponse> ListFigureRecords(const v1::ListFigureRecordsRequest& request) const;
  absl::StatusOr<v1::GetTablesResponse> GetTables(const v1::GetTablesRequest& request,
                                                  const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::PublishReportResponse> PublishReport(const v1::PublishReportRequest& request);
  absl::StatusOr<v1::ListReportsResponse> ListReports(const v1::ListReportsRequest& request) const;
  absl::StatusOr<v1::GetPublishedReportResponse> GetPublishedReport(const v1::GetPublishedReportRequest& request,
                                                                    const Caller& caller = InProcess()) const;
  // From what was stored alone: nothing is counted again.
  absl::StatusOr<v1::ExportResponse> ExportPublishedReport(const v1::ExportPublishedReportRequest& request,
                                                           const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::SetCongressSessionResponse> SetCongressSession(const v1::SetCongressSessionRequest& request);
  absl::StatusOr<v1::ListCongressSessionsResponse> ListCongressSessions(
      const v1::ListCongressSessionsRequest& request) const;

  void Register(Dispatcher* dispatcher);

 private:
  // One request: the roster and the records of one moment.
  struct Moment {
    std::shared_ptr<const Roster> roster;
    StoreReader reader;
    std::string today;
  };
  struct Asked {
    ReportPeriod period;
    FigureQuery query;
  };
  Moment Now() const { return {context_.roster->Get(), context_.store->Read(), context_.Today()}; }
  SyncState SyncOf(const Moment& now) const;
  absl::StatusOr<Asked> Resolve(const Moment& now, const v1::FigureScope& scope) const;
  static absl::StatusOr<Figures> Count(const Moment& now, const FigureQuery& query);
  // Fills before and last_year. A period of which nothing can be said is left out.
  void Compare(const Moment& now, const Asked& asked, v1::GetFiguresResponse* figures) const;
  std::vector<v1::ReportTable> TablesOf(const Moment& now, const Figures& figures,
                                        const std::vector<std::string>& names) const;
  absl::StatusOr<v1::ReportSnapshot> SnapshotOf(const Moment& now, const v1::PublishReportRequest& request,
                                                const Figures& figures) const;

  ServiceContext context_;
  const SyncBoard* board_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_STATISTICS_H_
