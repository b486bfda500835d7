// The columns of an old register and the place of each in a sheet. Behind ledger.h. Pure, thread-safe.
#ifndef LIAISON_COMMON_SERVICE_LEDGER_COLUMNS_H_
#define LIAISON_COMMON_SERVICE_LEDGER_COLUMNS_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/service/table.h"

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

inline constexpr std::string_view kReasonColumn = "退回原因";

// The usual name of a field's column.
std::string_view NameOf(Field field);

// Where each field stands; -1: nowhere.
using Header = std::array<int, kFieldCount>;

// Finds the header among the first ten rows and puts its place among the table's rows into *index. kNotFound: there is
// none. kInvalidArgument, with a Chinese message: a required column is missing or one is there twice.
absl::StatusOr<Header> FindHeader(const Table& table, size_t* index);

// What FindHeader says of a file without any.
absl::Status NoHeader();

}  // namespace liaison::ledger

#endif  // LIAISON_COMMON_SERVICE_LEDGER_COLUMNS_H_
