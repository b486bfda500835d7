// The ledger as a file: .csv for scripts, .xlsx for the office. Names and phones are masked, and left out where
// confidentiality was asked for.
#ifndef LIAISON_COMMON_PRINTS_EXPORT_H_
#define LIAISON_COMMON_PRINTS_EXPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/views.h"
#include "common/sheets/sheet.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

inline constexpr char kConfidential[] = "要求保密";  // stands where a name would

// A matter with its visit and how it is handled, as text.
struct LedgerEntry {
  std::string number, date, station, visitor, phone, headcount, content, category, deputies, disposition, state, unit,
      assigned, due, reply_class, closed, rating, remark;
  std::vector<std::string> first, more;  // columns that the schema adds (FieldsIn): after the category, at the end
};

// The register of visits and matters (社情民意台账) that the views' viewer sees, one a matter, ascending by date. Voided
// ones are left out; a matter whose visit is not here has its visit's fields empty.
std::vector<LedgerEntry> LedgerEntries(const Views& views, const Roster& roster, std::string_view from,
                                       std::string_view to, std::string_view station_id);

// A table of texts as a file. kInvalidArgument: `format` is neither csv nor xlsx.
absl::StatusOr<v1::ExportResponse> ExportSheet(const office::Sheet& sheet, std::string_view format,
                                               std::string_view name);
// The same of the register.
absl::StatusOr<v1::ExportResponse> ExportLedger(const std::vector<LedgerEntry>& entries, std::string_view format,
                                                std::string_view name);

// "A类" of "A类（已解决或采纳）"; empty where there is none.
std::string ShortClass(v1::ReplyClass reply_class);

}  // namespace liaison

#endif  // LIAISON_COMMON_PRINTS_EXPORT_H_
