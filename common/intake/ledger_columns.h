// The columns of an old register and the place of each in a sheet. Behind ledger.h. Pure, thread-safe.
#ifndef LIAISON_COMMON_INTAKE_LEDGER_COLUMNS_H_
#define LIAISON_COMMON_INTAKE_LEDGER_COLUMNS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/sheets/table.h"

namespace liaison::ledger {

enum Field {
  kSerial,
  kDate,
  kStation,
  kVisitor,
  kPhone,
  kGroup,
  kHeadcount,
  kContent,
  kCategory,
  kDeputies,
  kDisposition,
  kDepartment,
  kAssigned,
  kClosed,
  kRating,
  kRemark,
  kFieldCount,
};

// The usual name of a field's column.
std::string_view NameOf(Field field);

// Where each field stands; -1: nowhere.
using Header = std::array<int, kFieldCount>;

// Where a table begins in a sheet. A head of two lines (群众情况 above 姓名 and 联系电话) is read as one.
struct Head {
  Header fields;
  Row names;         // of the lower line, and of the upper one where that has none
  size_t index = 0;  // of its first line among the table's rows
  size_t below = 0;  // of the first row below it
};

// Finds the header among the first ten rows. kNotFound: there is none. kInvalidArgument, with a Chinese message: a
// required column is missing or one is there twice.
absl::StatusOr<Head> FindHeader(const Table& table);

// The head in the row with this index, or none. What follows it is in the order of its columns, which need not be that
// of the head before. kInvalidArgument as above.
absl::StatusOr<std::optional<Head>> FurtherHeader(const Table& table, size_t index);

// What FindHeader says of a file without any.
absl::Status NoHeader();

}  // namespace liaison::ledger

#endif  // LIAISON_COMMON_INTAKE_LEDGER_COLUMNS_H_
