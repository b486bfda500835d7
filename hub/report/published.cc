#include "hub/report/published.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "hub/figures/figure_codes.h"
#include "hub/figures/figures.h"

namespace liaison {
namespace {

constexpr size_t kOpBytes = 200 << 10;
constexpr int kComparedIdsMax = 1000;
constexpr size_t kTablePieceBytes = 100 << 10;

size_t BytesOf(const std::vector<Write>& writes) {
  size_t bytes = 0;
  for (const Write& write : writes) bytes += write.value.size() + 64;
  return bytes;
}

size_t PlaceOf(const std::string& code) {
  for (size_t i = 0; i < figure::kCodeCount; ++i)
    if (code == figure::kNames[i].code) return i;
  return figure::kCodeCount;
}

// Those of `a` that are not in `b`.
template <typename Field>
void Difference(const std::vector<std::string>& a, const std::vector<std::string>& b, Field* out) {
  const std::set<std::string> others(b.begin(), b.end());
  for (const std::string& id : a) {
    if (out->size() >= kComparedIdsMax) return;
    if (!others.contains(id)) *out->Add() = id;
  }
}

}  // namespace

std::string EncodeFigureIds(const std::vector<std::string>& ids) {
  std::string encoded, before;
  ByteWriter out(&encoded);
  for (const std::string& text : ids) {
    RecordId root, child;
    if (!ParseFullId(text, &root, &child)) return "";
    const std::string root_bytes = ToBytes(root), child_bytes = child.IsRoot() ? "" : ToBytes(child);
    const std::string bytes = root_bytes + child_bytes;
    const size_t shared = static_cast<size_t>(
        std::mismatch(bytes.begin(), bytes.end(), before.begin(), before.end()).first - bytes.begin());
    out.Varint(shared);
    out.Varint(root_bytes.size());
    out.Varint(child_bytes.size());
    out.Raw(std::string_view(bytes).substr(shared));
    before = bytes;
    if (encoded.size() > kFigureIdsBytesMax) return "";
  }
  return encoded;
}

absl::StatusOr<std::vector<std::string>> DecodeFigureIds(std::string_view encoded) {
  std::vector<std::string> ids;
  std::string before;
  const absl::Status damaged = absl::DataLossError("ids of a published figure cannot be read");
  for (ByteReader in(encoded); !in.empty();) {
    const uint64_t shared = in.Varint(), root_size = in.Varint(), child_size = in.Varint();
    if (!in.ok() || shared > before.size() || root_size > kFigureIdsBytesMax || child_size > kFigureIdsBytesMax ||
        root_size + child_size < shared)
      return damaged;
    std::string bytes = before.substr(0, shared);
    bytes += in.Raw(root_size + child_size - shared);
    RecordId root, child;
    if (!in.ok() || !RecordIdFromBytes(std::string_view(bytes).substr(0, root_size), &root)) return damaged;
    if (child_size > 0 && !RecordIdFromBytes(std::string_view(bytes).substr(root_size), &child)) return damaged;
    ids.push_back(FullId(root, child));
    before = std::move(bytes);
  }
  return ids;
}

std::vector<NewOp> PublishOps(const RecordId& root, const v1::ReportSnapshot& snapshot,
                              const v1::GetFiguresResponse& figures, const std::vector<v1::ReportTable>& tables) {
  std::vector<NewOp> ops(1);
  ops[0].aggregate = root;
  WritesOf(snapshot, {}, &ops[0].writes, &ops[0].sealed);
  size_t bytes = BytesOf(ops[0].writes);
  auto add = [&](const google::protobuf::Message& record, const RecordId& id) {
    std::vector<Write> writes, sealed;
    WritesOf(record, id, &writes, &sealed);
    if (bytes + BytesOf(writes) > kOpBytes) {
      ops.emplace_back().aggregate = root;
      bytes = 0;
    }
    bytes += BytesOf(writes);
    std::move(writes.begin(), writes.end(), std::back_inserter(ops.back().writes));
  };
  for (const v1::Figure& figure : figures.figures()) {
    v1::SnapshotFigure frozen;
    frozen.set_code(figure.code());
    frozen.set_label(figure.label());
    frozen.set_value(figure.value());
    frozen.set_unit(figure.unit());
    frozen.set_note(figure.note());
    if (static_cast<size_t>(figure.ids_size()) < kFigureIdsMax)
      frozen.set_ids(EncodeFigureIds({figure.ids().begin(), figure.ids().end()}));
    add(frozen, RecordId::Master(TypeOf<v1::SnapshotFigure>().type(), figure.code()));
  }
  for (size_t i = 0; i < tables.size(); ++i) {
    const std::string whole = tables[i].SerializeAsString();
    for (size_t at = 0, part = 0; at < whole.size(); at += kTablePieceBytes, ++part) {
      v1::SnapshotTable piece;
      piece.set_name(tables[i].name());
      piece.set_order(static_cast<uint32_t>(i));
      piece.set_part(static_cast<uint32_t>(part));
      piece.set_table(whole.substr(at, kTablePieceBytes));
      add(piece, RecordId::Master(TypeOf<v1::SnapshotTable>().type(), Cat(piece.name(), "-", part)));
    }
  }
  return ops;
}

namespace {

std::vector<v1::ReportTable> TablesIn(const Aggregate& aggregate) {
  std::map<std::pair<uint32_t, uint32_t>, v1::SnapshotTable> pieces;  // by order and part
  for (const RecordId& id : ChildrenOf<v1::SnapshotTable>(aggregate)) {
    auto piece = Show<v1::SnapshotTable>(aggregate, id);
    pieces.emplace(std::pair(piece.order(), piece.part()), std::move(piece));
  }
  std::map<uint32_t, std::string> whole;
  for (const auto& [place, piece] : pieces) whole[place.first] += piece.table();
  std::vector<v1::ReportTable> tables;
  for (const auto& [order, bytes] : whole) {
    v1::ReportTable table;
    if (table.ParseFromString(bytes)) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

Published ReadPublished(const Aggregate& aggregate) {
  Published published;
  published.snapshot = Show<v1::ReportSnapshot>(aggregate);
  std::map<std::pair<size_t, std::string>, v1::SnapshotFigure> ordered;
  for (const RecordId& id : ChildrenOf<v1::SnapshotFigure>(aggregate)) {
    auto figure = Show<v1::SnapshotFigure>(aggregate, id);
    ordered.emplace(std::pair(PlaceOf(figure.code()), figure.code()), std::move(figure));
  }
  for (auto& [place, figure] : ordered) published.figures.push_back(std::move(figure));
  published.tables = TablesIn(aggregate);
  return published;
}

v1::ReportRow RowOf(const RecordId& id, const v1::ReportSnapshot& snapshot) {
  v1::ReportRow row;
  row.set_id(ToText(id));
  row.set_title(snapshot.title());
  row.set_from(snapshot.from());
  row.set_to(snapshot.to());
  row.set_published_date(snapshot.published_date());
  row.set_cut_off(snapshot.cut_off());
  row.set_stations_synced(snapshot.stations_synced());
  row.set_stations_total(snapshot.stations_total());
  row.set_station_id(snapshot.station_id());
  row.set_below(snapshot.below());
  row.set_version(static_cast<int32_t>(snapshot.version()));
  return row;
}

v1::PublishedFigure ComparePublished(const v1::SnapshotFigure& then, const v1::Figure* now, bool ids) {
  v1::PublishedFigure compared;
  compared.mutable_then()->set_code(then.code());
  compared.mutable_then()->set_label(then.label());
  compared.mutable_then()->set_value(then.value());
  compared.mutable_then()->set_unit(then.unit());
  compared.mutable_then()->set_note(then.note());
  if (now == nullptr) return compared;
  compared.set_known(true);
  compared.set_now(now->value());
  const bool no_rate = then.unit() == "‰" && (then.value() == kNoRate || now->value() == kNoRate);
  if (!no_rate) compared.set_difference(now->value() - then.value());
  const bool too_many = (then.ids().empty() && then.value() > 0) || now->ids_size() >= static_cast<int>(kFigureIdsMax);
  if (!ids || too_many) return compared;
  const absl::StatusOr<std::vector<std::string>> were = DecodeFigureIds(then.ids());
  if (!were.ok()) return compared;
  const std::vector<std::string> are(now->ids().begin(), now->ids().end());
  Difference(are, *were, compared.mutable_new_ids());
  Difference(*were, are, compared.mutable_gone_ids());
  return compared;
}

}  // namespace liaison
