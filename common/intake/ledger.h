// An old register (台账) as rows that can become records. Pure functions, thread-safe; nothing is stored here.
//
// A row is taken whole or refused whole, with every reason, in Chinese, by the row's number and the column's name as
// the file shows them. A refused row never keeps another one out. The refused rows can be written to a file of their
// own, mended there, and imported again.
#ifndef LIAISON_COMMON_INTAKE_LEDGER_H_
#define LIAISON_COMMON_INTAKE_LEDGER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sheets/table.h"
#include "liaison/v1/records.pb.h"
#include "liaison/v1/views.pb.h"

namespace liaison {

// Which names a ledger may use for what. Every lookup gives a code, or kNotFound (nobody) or kInvalidArgument (several)
// with a Chinese message.
class LedgerRoster {
 public:
  LedgerRoster(const std::vector<v1::Station>& stations, const std::vector<v1::Deputy>& deputies,
               const std::vector<v1::Department>& departments, const std::vector<v1::Code>& categories);

  // By station id (HK-D057, D057), name, public name, village, or these with another of the endings 村, 村委会,
  // 村民委员会, 社区, 居委会, 社区居委会, 居民委员会 or none, with or without the township's name in front. A name that
  // is somebody's own goes before one that only becomes so by changing the ending.
  absl::StatusOr<std::string> FindStation(std::string_view name) const;
  absl::StatusOr<std::string> FindDeputy(std::string_view name) const;      // by name or deputy id
  absl::StatusOr<std::string> FindDepartment(std::string_view name) const;  // by name or department id
  absl::StatusOr<std::string> FindCategory(std::string_view name) const;    // by name, code, or both: 05 教育

 private:
  using Index = std::map<std::string, std::set<std::string>, std::less<>>;  // key -> codes

  static absl::StatusOr<std::string> Find(const Index& index, std::string_view key, std::string_view name);

  Index stations_, station_endings_, station_stems_, deputies_, departments_, categories_;
  std::string township_;  // the center's public name
};

// Who reported is in this struct only: `visitor_name`, `phone` and the words of `content` and `remark` are personal
// data.
struct LedgerRow {
  size_t sheet = 0;  // index into Workbook::sheets
  int row = 0;       // as the spreadsheet shows it, from 1
  std::string serial;
  std::string date;  // YYYY-MM-DD, like every date here; optional ones are empty
  std::string station_id;
  std::string visitor_name;  // empty: anonymous
  std::string phone;         // digits, or empty
  std::string village_group;
  int headcount = 1;
  std::string content;
  std::string category;                 // code; 99 where the ledger says nothing
  std::vector<std::string> deputy_ids;  // at least one, in the ledger's order, each once
  v1::Disposition disposition = v1::DISPOSITION_UNSPECIFIED;
  bool accusation = false;    // the way of handling names one
  std::string department_id;  // with assigned_date, always there for DISPOSITION_SUBMIT
  std::string assigned_date;
  std::string closed_date;
  v1::Rating rating = v1::RATING_UNSPECIFIED;
  std::string remark;

  // The row's identity for repeated imports: "v1:" serial ":" 16 hex digits of a hash over date, station, content,
  // category, deputies and disposition as understood, so that the same row from .csv and from .xlsx, or typed in
  // full-width digits, is one row. The person (name, phone, group) is not in it, not even hashed: keys travel and
  // outlive an erasure. What happens later (closing, rating, remark) is not in it either.
  //
  // The k-th row of one file with an equal key gets ":k" behind it if it has no serial: two people may well say the
  // same thing on one day. With a serial it is refused as a repetition.
  std::string import_key;
  // The key that version 0.4.0 gave to the same row, where its folding of the content came out otherwise; else empty.
  std::string older_import_key;
};

// Rows that were read, below one head. A sheet may hold several, each with its columns in its own order.
struct LedgerSheet {
  size_t sheet = 0;            // index into Workbook::sheets
  size_t header = 0;           // index into its rows
  size_t below = 0, end = 0;   // the rows: [below, end)
  Row names;                   // of the columns
  std::vector<int> fields;     // columns; for MendFile
};

struct LedgerParse {
  std::vector<LedgerRow> rows;
  std::vector<v1::RefusedRow> refusals;  // by row, several for one row if it has several faults
  int refused_rows = 0;
  std::vector<LedgerSheet> sheets;
  std::vector<std::string> ignored_columns;  // with something in them, that no field is called by
  std::vector<std::string> notices;          // what else was not taken, with its place
};

// Bytes in, at least eight bytes out; SHA-256 in the daemons.
using LedgerHash = std::function<std::string(std::string_view)>;

// Reads every sheet that has a header among its first ten rows: known by its columns' names, in any order and with the
// usual other names (for example 来访人 for 反映人); a head may take two lines, and a sheet may have further heads
// below. Required: 接待日期, 联络点, 反映内容, 接待代表, 处理方式. A row with a cell that cannot be read (CellFault) in
// a column that is used is refused. Whatever is not taken is named: sheets without a header, rows above it, columns
// that it does not know, sums, lines at the foot, heads printed again; of these only what cannot be a record is passed
// over. kInvalidArgument with a Chinese message when no sheet has a header, or one lacks a required column or has one
// twice.
absl::StatusOr<LedgerParse> ParseLedger(const Workbook& book, const LedgerRoster& roster, const LedgerHash& hash);

// The refused rows of all sheets as .csv for Excel: the header, the rows' cells as they were (days written out), and a
// last column 退回原因 (which takes the place of an older one). Parsed again unmended, it gives the same refusals, save
// that a row refused as a repetition is alone then. Holds personal data.
std::string MendFile(const Workbook& book, const LedgerParse& parse);

}  // namespace liaison

#endif  // LIAISON_COMMON_INTAKE_LEDGER_H_
