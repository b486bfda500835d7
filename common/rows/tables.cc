#include "common/rows/tables.h"

#include <cstdlib>
#include <map>

#include "common/base/text.h"
#include "common/record/view.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/numbering.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using Rows = std::map<std::string, std::string>;

template <typename... F>
std::string Row(char table, F... parts) {
  std::string key = ProjectionPrefix('t');
  key.push_back(table);
  ByteWriter out(&key);
  (parts(&out), ...);
  return key;
}
auto Text(std::string_view s) {
  return [s](ByteWriter* out) { out->String(s); };
}
auto Rest(std::string_view s) {
  return [s](ByteWriter* out) { out->Raw(s); };
}
auto Number(uint64_t n) {
  return [n](ByteWriter* out) { out->Fixed64(n); };
}

constexpr std::string_view kVoidNumber = "v";  // in the row of a number whose record is void

void AddNumber(std::string_view number, const Aggregate& aggregate, const RecordId& child, Rows* rows) {
  std::string series;
  uint64_t counter;
  if (!ParseNumber(number, &series, &counter)) return;
  const bool gone = aggregate.VoidOf({}) == VoidState::kVoid || aggregate.VoidOf(child) == VoidState::kVoid;
  (*rows)[Row('n', Text(series), Number(counter), Rest(FullId(aggregate.id(), child)))] = gone ? kVoidNumber : "";
}

void AddDate(const std::string& date, const Aggregate& aggregate, const std::string& station, Rows* rows) {
  if (date.size() == 10) (*rows)[Row('d', Rest(date), Rest(ToBytes(aggregate.id())))] = station;
}

void AddBatch(const std::string& batch, const Aggregate& aggregate, Rows* rows) {
  if (!batch.empty()) (*rows)[Row('b', Text(batch), Rest(ToBytes(aggregate.id())))] = "";
}

void AddSession(const Aggregate& aggregate, bool live, Rows* rows) {
  auto session = Show<v1::ReceptionSession>(aggregate);
  AddDate(session.date(), aggregate, session.station_id(), rows);
  AddNumber(session.number(), aggregate, {}, rows);
  if (live) AddBatch(session.import_batch(), aggregate, rows);
  for (const RecordId& child : ChildrenOf<v1::VisitEntry>(aggregate)) {
    auto entry = Show<v1::VisitEntry>(aggregate, child);
    AddNumber(entry.number(), aggregate, child, rows);
  }
}

void AddMatter(const Aggregate& aggregate, bool live, Rows* rows) {
  auto matter = Show<v1::Matter>(aggregate);
  AddDate(matter.date(), aggregate, matter.station_id(), rows);
  AddNumber(matter.number(), aggregate, {}, rows);
  for (const RecordId& child : ChildrenOf<v1::Assignment>(aggregate))
    AddNumber(Show<v1::Assignment>(aggregate, child).number(), aggregate, child, rows);
  for (const v1::Source& source : matter.sources()) {
    std::string& entries = (*rows)[Row('s', Text(source.session_id()), Rest(ToBytes(aggregate.id())))];
    entries += Cat(source.entry(), "\n");
  }
  if (!live) return;
  if (!matter.merged_into().empty() && StatusOf(aggregate, {}, v1::Matter::kStatusFieldNumber) == v1::MERGED)
    (*rows)[Row('m', Text(matter.merged_into()), Rest(ToBytes(aggregate.id())))] = "";
  if (IsAccusation(matter)) (*rows)[Row('a', Rest(ToBytes(aggregate.id())))] = "";
  AddBatch(matter.import_batch(), aggregate, rows);
  if (!matter.import_key().empty()) (*rows)[Row('i', Text(matter.import_key()), Rest(ToBytes(aggregate.id())))] = "";
}

Rows RowsOf(const Aggregate& aggregate) {
  Rows rows;
  bool live = aggregate.VoidOf({}) != VoidState::kVoid;
  if (aggregate.id().type == TypeOf<v1::ReceptionSession>().type()) AddSession(aggregate, live, &rows);
  if (aggregate.id().type == TypeOf<v1::Matter>().type()) AddMatter(aggregate, live, &rows);
  if (live && aggregate.id().type == TypeOf<v1::Visitor>().type())
    AddBatch(Show<v1::Visitor>(aggregate).import_batch(), aggregate, &rows);
  if (live && aggregate.id().type == TypeOf<v1::Refusal>().type()) rows[Row('q', Rest(ToBytes(aggregate.id())))] = "";
  const uint64_t look = CountDisagreements(aggregate);
  if (look > 0) rows[Row('c', Rest(ToBytes(aggregate.id())))] = std::to_string(look);
  return rows;
}

std::vector<RecordId> IdsBehind(const KvReader& kv, const std::string& prefix, size_t limit = ~size_t{0}) {
  std::vector<RecordId> ids;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    RecordId id;
    if (RecordIdFromBytes(key.substr(prefix.size()), &id)) ids.push_back(id);
    return ids.size() < limit;
  });
  return ids;
}

}  // namespace

std::string FullId(const RecordId& root, const RecordId& child) {
  return child.IsRoot() ? ToText(root) : Cat(ToText(root), "/", ToText(child));
}

bool ParseFullId(std::string_view text, RecordId* root, RecordId* child) {
  *child = {};
  size_t slash = text.find('/');
  if (slash == std::string_view::npos) return ParseRecordId(text, root);
  return ParseRecordId(text.substr(0, slash), root) && ParseRecordId(text.substr(slash + 1), child);
}

void TablesProjection::OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) {
  Rows old_rows = before == nullptr ? Rows() : RowsOf(*before), new_rows = RowsOf(after);
  for (const auto& [key, value] : old_rows)
    if (!new_rows.contains(key)) out.Delete(key);
  for (auto& [key, value] : new_rows) {
    auto it = old_rows.find(key);
    if (it == old_rows.end() || it->second != value) out.Put(key, value);
  }
}

namespace tables {

void ByDate(const KvReader& kv, uint8_t type, std::string_view from, std::string_view to,
            const std::function<bool(const RecordId&, std::string_view, std::string_view)>& visit) {
  std::string prefix = Row('d');
  std::string end = to.empty() ? PrefixEnd(prefix) : PrefixEnd(prefix + std::string(to));
  kv.Scan(prefix + std::string(from), end, [&](std::string_view key, std::string_view station) {
    RecordId id;
    if (!RecordIdFromBytes(key.substr(prefix.size() + 10), &id) || id.type != type) return true;
    return visit(id, key.substr(prefix.size(), 10), station);
  });
}

std::vector<RecordId> MattersOf(const KvReader& kv, const RecordId& session) {
  return IdsBehind(kv, Row('s', Text(ToBytes(session))));
}

std::map<std::string, std::vector<RecordId>, std::less<>> MattersByEntry(const KvReader& kv, const RecordId& session) {
  std::map<std::string, std::vector<RecordId>, std::less<>> found;
  const std::string prefix = Row('s', Text(ToBytes(session)));
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view entries) {
    RecordId id;
    if (!RecordIdFromBytes(key.substr(prefix.size()), &id)) return true;
    for (size_t end; (end = entries.find('\n')) != std::string_view::npos; entries.remove_prefix(end + 1)) {
      std::vector<RecordId>& ids = found[std::string(entries.substr(0, end))];
      if (ids.empty() || ids.back() != id) ids.push_back(id);
    }
    return true;
  });
  return found;
}

std::vector<RecordId> MergedInto(const KvReader& kv, const RecordId& matter) {
  return IdsBehind(kv, Row('m', Text(ToBytes(matter))));
}

std::vector<std::pair<RecordId, RecordId>> AllMerged(const KvReader& kv) {
  std::vector<std::pair<RecordId, RecordId>> all;
  const std::string table = Row('m');
  kv.ScanPrefix(table, [&](std::string_view key, std::string_view) {
    ByteReader in(key.substr(table.size()));
    RecordId into, matter;
    if (RecordIdFromBytes(in.String(), &into) && RecordIdFromBytes(in.rest(), &matter)) all.emplace_back(into, matter);
    return true;
  });
  return all;
}

std::vector<RecordId> Accusations(const KvReader& kv) { return IdsBehind(kv, Row('a')); }

bool IsAccusation(const KvReader& kv, const RecordId& matter) {
  return kv.Get(Row('a', Rest(ToBytes(matter)))).has_value();
}

std::vector<RecordId> Refusals(const KvReader& kv) { return IdsBehind(kv, Row('q')); }

uint64_t LastCounter(const KvReader& kv, std::string_view series) {
  std::string prefix = Row('n', Text(series));
  auto last = kv.Last(prefix, PrefixEnd(prefix));
  return last ? ByteReader(std::string_view(last->first).substr(prefix.size())).Fixed64() : 0;
}

std::vector<std::vector<std::string>> NumbersGivenTwice(const KvReader& kv, size_t limit) {
  std::vector<std::vector<std::string>> clashes;
  std::string number, first;  // of the row before: its key up to the id, and the id
  bool known = false;
  const std::string table = Row('n');
  kv.ScanPrefix(table, [&](std::string_view key, std::string_view value) {
    if (value == kVoidNumber) return true;
    ByteReader in(key.substr(table.size()));
    in.String();
    in.Fixed64();
    if (!in.ok()) return true;
    std::string_view id = in.rest(), prefix = key.substr(0, key.size() - id.size());
    if (prefix != number) {
      number = prefix;
      first = id;
      known = false;
      return true;
    }
    if (!known && clashes.size() == limit) return false;
    if (!known) clashes.push_back({first});
    known = true;
    clashes.back().emplace_back(id);
    return true;
  });
  return clashes;
}

std::vector<std::string> Carrying(const KvReader& kv, std::string_view number) {
  std::vector<std::string> ids;
  std::string series;
  uint64_t counter;
  if (!ParseNumber(number, &series, &counter)) return ids;
  const std::string prefix = Row('n', Text(series), Number(counter));
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    if (value != kVoidNumber) ids.emplace_back(key.substr(prefix.size()));
    return true;
  });
  return ids;
}

std::vector<RecordId> ByImportKey(const KvReader& kv, std::string_view import_key) {
  return IdsBehind(kv, Row('i', Text(import_key)));
}

std::vector<RecordId> ByBatch(const KvReader& kv, std::string_view batch) {
  return IdsBehind(kv, Row('b', Text(batch)));
}

std::vector<RecordId> ToLookAt(const KvReader& kv, size_t limit) { return IdsBehind(kv, Row('c'), limit); }

uint64_t CountDisagreements(const KvReader& kv) {
  return NumbersGivenTwice(kv, ~size_t{0}).size() + CountDisagreementsInRecords(kv);
}

uint64_t CountDisagreementsInRecords(const KvReader& kv) {
  uint64_t count = 0;
  kv.ScanPrefix(Row('c'), [&](std::string_view, std::string_view value) {
    count += std::strtoull(std::string(value).c_str(), nullptr, 10);
    return true;
  });
  return count;
}

}  // namespace tables
}  // namespace liaison
