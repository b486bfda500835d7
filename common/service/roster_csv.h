// The township's own lists, from .csv files with English column names in any order (UTF-8 or GB18030), as records. Each
// function reads the whole file and gives either every record or kInvalidArgument with a Chinese message: all faults,
// one a line, by row and column; never some of the records. Lengths, required fields and formats are those of the
// schema (proto/liaison/v1/records.proto). Columns that are not listed here are ignored. Pure functions, thread-safe.
#ifndef LIAISON_COMMON_SERVICE_ROSTER_CSV_H_
#define LIAISON_COMMON_SERVICE_ROSTER_CSV_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// station_id, tier (center, area, point), parent_id, grade (normal, high_standard), name, division_code (12 digits),
// public_name. Ids are unique; every parent is in the file and one tier up; there is one center.
absl::StatusOr<std::vector<v1::Station>> ParseStations(std::string_view bytes);

// deputy_id, name, gender, birth_year, mandates (levels 镇, 区, 市, 省, 全国 separated by semicolons), home_station_id,
// group. `stations`: home_station_id must be one of these, if any are given.
absl::StatusOr<std::vector<v1::Deputy>> ParseDeputies(std::string_view bytes,
                                                      const std::vector<v1::Station>& stations = {});

// department_id, name, level. Names are unique too: ledgers know departments by their names.
absl::StatusOr<std::vector<v1::Department>> ParseDepartments(std::string_view bytes);

// date, kind (holiday or workday), name. One policy a day: key "holiday-2026-01-01", value the kind, note the name.
absl::StatusOr<std::vector<v1::Policy>> ParseHolidays(std::string_view bytes);

// The code table "category" that a new township starts with.
std::vector<v1::Code> DefaultCategories();

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_ROSTER_CSV_H_
