// The township's own lists as tables: from cells to records and back. Pure functions, thread-safe; nothing is stored
// here, so a caller can show what a file would change.
//
// A cell that reads as the record's own export would is left alone, whatever it says: what goes out comes in again
// without a change. An empty cell, a column that is not there and a record that is not there say nothing.
#ifndef LIAISON_COMMON_INTAKE_ROSTER_TABLE_H_
#define LIAISON_COMMON_INTAKE_ROSTER_TABLE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/intake/roster_columns.h"
#include "common/record/op.h"
#include "common/sheets/table.h"
#include "liaison/v1/imports.pb.h"

namespace liaison {

// Where the names of the columns stand and what they name.
struct RosterHeader {
  v1::RosterKind kind = v1::ROSTER_UNSPECIFIED;
  size_t sheet = 0;                    // in the workbook's sheets
  size_t index = 0;                    // in the table's rows
  std::map<std::string, int> columns;  // RosterColumn::field -> place
  std::vector<std::string> unknown;    // names that mean nothing here
  std::vector<std::string> notices;    // of the file: what else is not read, with its place
};

// Looks through the first ten rows of every sheet. An unspecified kind is the one that most names fit;
// kInvalidArgument, in Chinese, where two fit alike or none does, a name stands there twice, or several sheets have
// such a list: they are named, for a list is one table. Other sheets are named in `notices`.
absl::StatusOr<RosterHeader> FindRosterHeader(const Workbook& book, v1::RosterKind kind);

// Records by code; null: voided.
using RosterRecords = std::map<std::string, std::shared_ptr<const google::protobuf::Message>, std::less<>>;

struct RosterKnown {
  RosterRecords records;   // of the table's kind
  RosterRecords stations;  // that deputies may belong to; empty: any
};

struct RosterRow {
  int number = 0;                                           // as the spreadsheet shows it
  std::string code;                                         // of the record
  std::shared_ptr<const google::protobuf::Message> before;  // null: new
  std::shared_ptr<const google::protobuf::Message> after;
};

// If there are faults, `rows` and `changes` are not to be used.
struct RosterParse {
  std::vector<RosterRow> rows;  // those that say something new, in the order of the file
  std::vector<v1::TableFault> faults;
  std::vector<v1::TableChange> changes;
  std::vector<std::string> notices;  // lines that were passed over, cells in columns without a name
  int added = 0, changed = 0, unchanged = 0;
};

// Every row against what is known, and all of them together (roster_check.h). Blank lines, sums, heads printed again
// and lines at the foot are passed over; `table` is the header's sheet.
RosterParse ReadRoster(const Table& table, const RosterHeader& header, const RosterKnown& known);

// The writes that bring a record from `before` (may be null) to `after`; none if they say the same.
std::vector<Write> RosterWrites(const google::protobuf::Message* before, const google::protobuf::Message& after);

// The table of an export, header first, by code.
std::vector<std::vector<std::string>> RosterTable(v1::RosterKind kind, const RosterRecords& records);

// The whole file as .csv with a column 退回原因, which importing it again passes over.
std::string RosterMendFile(const Table& table, const RosterHeader& header, const RosterParse& parse);

}  // namespace liaison

#endif  // LIAISON_COMMON_INTAKE_ROSTER_TABLE_H_
