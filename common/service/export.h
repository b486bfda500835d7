// The ledger as a file: .csv for scripts, .xlsx for the office. Names and phones are masked.
#ifndef LIAISON_COMMON_SERVICE_EXPORT_H_
#define LIAISON_COMMON_SERVICE_EXPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/views.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// The register of visits and matters (社情民意台账), one row a matter, header first. Ascending by date. Voided ones are
// left out; a matter whose visit is not here has its visit's columns empty.
std::vector<std::vector<std::string>> LedgerRows(const Views& views, const Roster& roster, std::string_view from,
                                                 std::string_view to, std::string_view station_id);

// kInvalidArgument: `format` is neither csv nor xlsx.
absl::StatusOr<v1::ExportResponse> ExportLedger(const std::vector<std::vector<std::string>>& rows,
                                                std::string_view format, std::string_view name);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_EXPORT_H_
