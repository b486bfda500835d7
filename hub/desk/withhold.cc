#include "hub/desk/withhold.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "common/base/text.h"
#include "common/prints/county.h"
#include "hub/figures/figures.h"

namespace liaison {
namespace {

// Of people, and of what they said. The longer first.
constexpr std::string_view kToldOfPeople[] = {"人次", "人", "条", "件", "名", "批", "户", "份"};
constexpr std::string_view kOpen = "（", kClose = "）", kOrdinal = "第";
// Tables whose rows are persons or single matters.
constexpr std::string_view kOfPersons[] = {"deputies", "overdue"};

bool IsSmall(int64_t number) { return number > 0 && number < kSmallestCell; }

std::string TooFew() { return Cat("少于", kSmallestCell); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The unit at the front of `text`; empty: none that is told of people.
std::string_view UnitAt(std::string_view text) {
  for (const std::string_view unit : kToldOfPeople)
    if (text.starts_with(unit)) return unit;
  return "";
}

// A rate's note is "numerator/denominator".
bool IsOfSmall(const std::string& note) {
  const size_t slash = note.find('/');
  if (slash == std::string::npos) return false;
  return IsSmall(std::strtoll(note.c_str(), nullptr, 10)) ||
         IsSmall(std::strtoll(note.c_str() + slash + 1, nullptr, 10));
}

bool MustGo(const std::string& unit, int64_t value, const std::string& note) {
  if (unit == "‰") return IsOfSmall(note);
  return UnitAt(unit) == unit && !unit.empty() && IsSmall(value);
}

void WithholdFigure(v1::Figure* figure) {
  const std::string unit = figure->unit();
  const bool before = MustGo(unit, figure->before().value(), "");
  const bool last_year = MustGo(unit, figure->last_year().value(), "");
  figure->clear_ids();
  if (before) figure->clear_before();
  if (last_year) figure->clear_last_year();
  if (!MustGo(unit, figure->value(), figure->note())) return;
  figure->set_value(unit == "‰" ? kNoRate : 0);
  figure->set_withheld(true);
  figure->set_note(TooFew());
  figure->clear_before();
  figure->clear_last_year();
}

void WithholdShares(google::protobuf::RepeatedPtrField<v1::CategoryShare>* shares) {
  for (v1::CategoryShare& share : *shares) {
    if (!IsSmall(share.count())) continue;
    share.set_count(0);
    share.set_share_permille(0);
    share.set_withheld(true);
  }
}

bool IsToldOfPeople(const v1::ReportTable& table, const v1::TableColumn& column) {
  if (column.kind() != v1::CELL_NUMBER || column.figure() == "N3") return false;
  return table.name() != "days" || UnitAt(column.name()) == "件";
}

void WithholdCell(v1::TableCell* cell) {
  cell->set_number(0);
  cell->set_withheld(true);
  cell->set_text(TooFew());
}

// One column: what is small, and what the total would tell.
void WithholdColumn(int column, v1::ReportTable* table) {
  std::vector<v1::TableCell*> left;
  int gone = 0;
  for (v1::TableRow& row : *table->mutable_rows()) {
    if (column >= row.cells_size()) continue;
    v1::TableCell* cell = row.mutable_cells(column);
    if (IsSmall(cell->number())) {
      WithholdCell(cell);
      ++gone;
    } else if (cell->number() > 0) {
      left.push_back(cell);
    }
  }
  if (column < table->total().cells_size()) {
    v1::TableCell* total = table->mutable_total()->mutable_cells(column);
    if (IsSmall(total->number())) WithholdCell(total);
    if (gone == 1 && !left.empty() && !total->withheld())
      WithholdCell(*std::min_element(left.begin(), left.end(), [](const v1::TableCell* a, const v1::TableCell* b) {
        return a->number() < b->number();
      }));
  }
}

// A rate beside a number that is left out is one of it.
void WithholdRates(const v1::ReportTable& table, v1::TableRow* row) {
  const bool any =
      std::any_of(row->cells().begin(), row->cells().end(), [](const v1::TableCell& cell) { return cell.withheld(); });
  for (int i = 0; any && i < std::min(row->cells_size(), table.columns_size()); ++i)
    if (table.columns(i).kind() == v1::CELL_RATE) row->mutable_cells(i)->set_number(kNoRate);
}

void WithholdTable(v1::ReportTable* table) {
  for (int i = 0; i < table->columns_size(); ++i)
    if (IsToldOfPeople(*table, table->columns(i))) WithholdColumn(i, table);
  for (v1::TableRow& row : *table->mutable_rows()) WithholdRates(*table, &row);
  if (table->has_total()) WithholdRates(*table, table->mutable_total());
  for (std::string& note : *table->mutable_notes()) note = WithoutSmall(note);
}

bool IsOfPersons(const v1::ReportTable& table) {
  return table.restricted() ||
         std::find(std::begin(kOfPersons), std::end(kOfPersons), table.name()) != std::end(kOfPersons);
}

}  // namespace

std::string WithoutSmall(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsDigit(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string_view unit = UnitAt(text.substr(end));
    const bool whole = !out.ends_with('.') && !out.ends_with(kOrdinal);
    const bool small = end - at == 1 && IsSmall(text[at] - '0');
    if (!whole || !small || unit.empty()) {
      out += text.substr(at, end - at);
      at = end;
      continue;
    }
    out += Cat(TooFew(), unit);
    at = end + unit.size();
    // The share behind it would tell: 2条（12.5%）.
    const size_t close = text.find(kClose, at);
    if (text.substr(at).starts_with(kOpen) && close != std::string_view::npos &&
        text.substr(at, close - at).find('%') != std::string_view::npos)
      at = close + kClose.size();
  }
  return out;
}

void WithholdSmall(v1::GetFiguresResponse* figures) {
  for (v1::Figure& figure : *figures->mutable_figures()) WithholdFigure(&figure);
  WithholdShares(figures->mutable_categories());
  WithholdShares(figures->mutable_subcategories());
  WithholdShares(figures->mutable_old_classes());
  WithholdShares(figures->mutable_hot());
}

void WithholdSmall(v1::GetReportResponse* report) {
  WithholdSmall(report->mutable_figures());
  report->set_sentence(WithoutSmall(report->sentence()));
  report->set_paragraph(WithoutSmall(report->paragraph()));
  report->set_suggestions(WithoutSmall(report->suggestions()));
  report->set_activities(WithoutSmall(report->activities()));
  for (std::string& one : *report->mutable_problems()) one = WithoutSmall(one);
  for (std::string& one : *report->mutable_footnotes()) one = WithoutSmall(one);
}

void WithholdSmall(std::vector<v1::ReportTable>* tables) {
  std::erase_if(*tables, IsOfPersons);
  for (v1::ReportTable& table : *tables) WithholdTable(&table);
}

void WithholdSmall(v1::ListStationsResponse* stations) {
  for (v1::StationRow& row : *stations->mutable_stations()) {
    row.set_withheld(IsSmall(row.visits()) || IsSmall(row.headcount()) || IsSmall(row.opinions()));
    if (IsSmall(row.visits())) row.set_visits(0);
    if (IsSmall(row.headcount())) row.set_headcount(0);
    if (IsSmall(row.opinions())) row.set_opinions(0);
  }
}

void WithholdSmall(Published* published) {
  published->snapshot.set_text(WithoutSmall(published->snapshot.text()));
  std::erase_if(published->figures, [](const v1::SnapshotFigure& figure) {
    return MustGo(figure.unit(), figure.value(), figure.note());
  });
  for (v1::SnapshotFigure& figure : published->figures) figure.clear_ids();
  WithholdSmall(&published->tables);
}

void WithholdSmall(v1::GetPublishedReportResponse* report) {
  report->set_text(WithoutSmall(report->text()));
  for (v1::PublishedFigure& figure : *report->mutable_figures()) {
    const bool small = MustGo(figure.then().unit(), figure.now(), "");
    WithholdFigure(figure.mutable_then());
    figure.clear_new_ids();
    figure.clear_gone_ids();
    if (!small && !figure.then().withheld()) continue;
    figure.mutable_then()->set_withheld(true);
    figure.mutable_then()->set_value(0);
    figure.mutable_then()->set_note(TooFew());
    figure.set_now(0);
    figure.set_difference(0);
  }
  std::vector<v1::ReportTable> tables(report->tables().begin(), report->tables().end());
  WithholdSmall(&tables);
  report->clear_tables();
  for (v1::ReportTable& table : tables) *report->add_tables() = std::move(table);
}

}  // namespace liaison
