// A report as the files that a township office sends on: the text with tables and charts as .docx, all numbers as
// .xlsx.
#ifndef LIAISON_HUB_REPORT_REPORT_FILES_H_
#define LIAISON_HUB_REPORT_REPORT_FILES_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/report/published.h"
#include "hub/report/report.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

struct ReportFileOptions {
  std::string unit;         // who signs: 恒口镇人大主席团
  std::string date;         // of signing, YYYY-MM-DD
  bool restricted = false;  // with the tables that name who did nothing
};

// What stands below the place and the period at the top of a report.
inline constexpr std::string_view kReportHeadline = "人大代表联络站工作情况报告";

// kInvalidArgument unless "docx" or "xlsx".
absl::Status CheckReportFormat(std::string_view format);

// The answer to who asks for a file: named STEM.FORMAT, made by `document` or `workbook`, with the rows of `tables`
// counted. REQUIRES: CheckReportFormat(format).ok().
absl::StatusOr<v1::ExportResponse> ReportFile(std::string_view stem, std::string_view format,
                                              const std::vector<v1::ReportTable>& tables,
                                              const std::function<std::string()>& document,
                                              const std::function<absl::StatusOr<std::string>()>& workbook);

// Text first, in the order of a work report; charts and tables behind it, long tables at the end as 附表.
std::string ReportDocument(const ReportContents& contents, const ReportFileOptions& options);

// A sheet of all figures and one for each table; charts beside the tables that have one. As WriteXlsx().
absl::StatusOr<std::string> ReportWorkbook(const ReportContents& contents, const ReportFileOptions& options);

// The same of a report as it was published.
std::string PublishedDocument(const Published& published, const ReportFileOptions& options);
absl::StatusOr<std::string> PublishedWorkbook(const Published& published, const ReportFileOptions& options);

}  // namespace liaison

#endif  // LIAISON_HUB_REPORT_REPORT_FILES_H_
