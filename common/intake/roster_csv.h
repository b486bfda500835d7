// The lists that a new township starts with, as records: files of `hub init`, read as any other list that comes in
// (roster_table.h), by the same names of columns, Chinese or English. Each function reads the whole file, .csv (UTF-8
// or GB18030) or .xlsx, and gives either every record or kInvalidArgument with a Chinese message: all faults, one a
// line, by row and column; never some of the records. Pure functions, thread-safe.
#ifndef LIAISON_COMMON_INTAKE_ROSTER_CSV_H_
#define LIAISON_COMMON_INTAKE_ROSTER_CSV_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// Every parent is in the file and one tier up; there is one center.
absl::StatusOr<std::vector<v1::Station>> ParseStations(std::string_view bytes);

// `stations`: a home station must be one of these, if any are given.
absl::StatusOr<std::vector<v1::Deputy>> ParseDeputies(std::string_view bytes,
                                                      const std::vector<v1::Station>& stations = {});

// Names are unique too: ledgers know departments by their names.
absl::StatusOr<std::vector<v1::Department>> ParseDepartments(std::string_view bytes);

// One policy a day: key "holiday-2026-01-01", value the kind, note the name.
absl::StatusOr<std::vector<v1::Policy>> ParseHolidays(std::string_view bytes);

// The code table "category" that a new township starts with.
std::vector<v1::Code> DefaultCategories();

}  // namespace liaison

#endif  // LIAISON_COMMON_INTAKE_ROSTER_CSV_H_
