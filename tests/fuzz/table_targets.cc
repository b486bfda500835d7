#include <algorithm>

#include "common/base/text_forms.h"
#include "common/crypto/hash.h"
#include "common/find/pinyin.h"
#include "common/http/percent.h"
#include "common/intake/ledger.h"
#include "common/intake/roster_csv.h"
#include "common/sheets/table.h"
#include "common/sheets/xml.h"
#include "common/sheets/zip.h"
#include "tests/fuzz/targets.h"

namespace liaison::testing_fuzz {
namespace {

std::vector<std::vector<std::string>> TextsOf(const Table& table) {
  std::vector<std::vector<std::string>> rows;
  for (const Row& row : table.rows) {
    std::vector<std::string>& texts = rows.emplace_back();
    for (const Cell& cell : row.cells) texts.push_back(cell.text);
  }
  return rows;
}

void CsvText(std::string_view bytes) {
  absl::StatusOr<Workbook> table = ReadCsv(bytes);
  if (!table.ok()) return Require(!table.status().message().empty(), "a refusal says why");
  std::vector<std::vector<std::string>> rows = TextsOf(table->sheets[0]);
  for (const Row& row : table->sheets[0].rows)
    for (const Cell& cell : row.cells)
      if (cell.trouble == CellTrouble::kOpenQuote) return;  // its row is refused, and texts do not tell of it
  for (const auto& row : rows)
    for (const std::string& text : row)
      if (CountChars(text) >= kMaxCellChars) return;  // a guard in front would be one too many
  std::string written = WriteCsv(rows);
  absl::StatusOr<Workbook> again = ReadCsv(std::string_view(written).substr(3));  // behind the byte order mark
  Require(again.ok(), "a table that was written can be read");
  std::vector<std::vector<std::string>> back = TextsOf(again->sheets[0]);
  for (auto& row : back)
    for (std::string& text : row) text = UnguardCell(text);
  Require(back == rows, "a table is the same after its own text");
}

void XlsxFile(std::string_view bytes) {
  absl::StatusOr<Workbook> table = ReadXlsx(bytes);
  if (!table.ok()) Require(absl::IsInvalidArgument(table.status()), "a damaged file is the person's to mend");
}

void ZipFile(std::string_view bytes) {
  constexpr size_t kBudget = 1 << 20;
  absl::StatusOr<ZipReader> zip = ZipReader::Open(bytes, kBudget);
  if (!zip.ok()) return;
  size_t unpacked = 0;
  for (const char* name : {"xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml",
                           "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "a", ""}) {
    absl::StatusOr<std::string> entry = zip->Read(name);
    if (entry.ok()) unpacked += entry->size();
  }
  Require(unpacked <= kBudget, "the budget holds");
}

void XmlText(std::string_view bytes) {
  size_t depth = 0, events = 0;
  absl::Status status = WalkXml(bytes, [&](const XmlEvent& event) {
    Require(++events <= 4 * bytes.size() + 4, "every event takes bytes");
    if (event.kind == XmlEvent::Kind::kStart) ++depth;
    if (event.kind == XmlEvent::Kind::kEnd) Require(depth-- > 0, "what closes was open");
    Require(IsUtf8(event.name) && IsUtf8(event.text) && IsUtf8(event.Attribute("r")), "what is given is UTF-8");
    return absl::OkStatus();
  });
  if (status.ok()) return Require(depth == 0 && events > 0, "all that was open has closed");
  Require(absl::IsInvalidArgument(status), "a damaged document is the person's to mend");
}

const LedgerRoster& Names() {
  static const LedgerRoster roster = [] {
    v1::Station center, point;
    center.set_station_id("HK-Z");
    center.set_public_name("花口镇");
    point.set_station_id("HK-D057");
    point.set_name("水口村代表联络站");
    point.set_public_name("水口村");
    v1::Deputy deputy;
    deputy.set_deputy_id("HK-R001");
    deputy.set_name("王小明");
    v1::Department department;
    department.set_department_id("HK-B01");
    department.set_name("农业农村办");
    return LedgerRoster({center, point}, {deputy}, {department}, DefaultCategories());
  }();
  return roster;
}

void LedgerFile(std::string_view bytes) {
  absl::StatusOr<Workbook> table = ReadTable("台账", bytes);
  if (!table.ok()) return;
  auto hash = [](std::string_view text) { return Sha256(text); };
  absl::StatusOr<LedgerParse> parse = ParseLedger(*table, Names(), hash);
  if (!parse.ok()) return Require(!parse.status().message().empty(), "a refusal says why");
  Require(parse->refused_rows == 0 || !parse->refusals.empty(), "a refused row has a reason");
  for (const LedgerRow& row : parse->rows) Require(!row.deputy_ids.empty(), "a row that is taken is complete");
  if (parse->refused_rows == 0) return;
  absl::StatusOr<Workbook> mended = ReadTable("退回", MendFile(*table, *parse));
  if (!mended.ok()) return;  // cells near the limits grow by their guard and reason
  absl::StatusOr<LedgerParse> again = ParseLedger(*mended, Names(), hash);
  Require(again.ok(), "refused rows can be imported again");
  Require(again->refused_rows <= parse->refused_rows, "and none is added");
}

void RosterFile(std::string_view bytes) {
  if (bytes.empty()) return;
  std::string_view file = bytes.substr(1);
  switch (static_cast<uint8_t>(bytes[0]) % 4) {
    case 0:
      return ParseStations(file).IgnoreError();
    case 1:
      return ParseDeputies(file).IgnoreError();
    case 2:
      return ParseDepartments(file).IgnoreError();
    default:
      return ParseHolidays(file).IgnoreError();
  }
}

void AnyText(std::string_view bytes) {
  Require(UnguardCell(GuardCell(bytes)) == bytes, "a guard can be taken away");
  Require(http::PercentDecode(http::PercentEncode(bytes)) == bytes, "percent-encoding can be taken back");
  if (absl::StatusOr<std::string> text = DecodeText(bytes); text.ok()) Require(IsUtf8(*text), "decoded text is UTF-8");
  if (absl::StatusOr<std::string> date = ParseDate(bytes); date.ok()) {
    absl::StatusOr<std::string> again = ParseDate(*date);
    Require(again.ok() && *again == *date, "a date is the same when it is read again");
  }
  if (absl::StatusOr<std::string> phone = NormalisePhone(bytes); phone.ok()) {
    absl::StatusOr<std::string> again = NormalisePhone(*phone);
    Require(again.ok() && *again == *phone, "a phone number is the same when it is read again");
  }
  if (absl::StatusOr<int> count = ParseCount(bytes); count.ok()) Require(*count > 0, "a count is positive");
  std::string folded = Fold(bytes);
  Require(Fold(folded) == folded, "folding twice is folding once");
  Require(NameKey(NameKey(bytes)) == NameKey(bytes), "a name's key is its own key");
  Require(CountChars(Truncate(bytes, 3)) <= 3, "a short text is short");
  PinyinInitials(bytes);
  PinyinInitials(bytes.substr(0, 60), Reading::kName);
  MaskName(bytes);
  MaskPhone(bytes);
  Trim(bytes);
}

}  // namespace

std::vector<Target> TableTargets() {
  return {{"csv", CsvText},       {"xlsx", XlsxFile},     {"zip", ZipFile}, {"xml", XmlText},
          {"ledger", LedgerFile}, {"roster", RosterFile}, {"text", AnyText}};
}

}  // namespace liaison::testing_fuzz
