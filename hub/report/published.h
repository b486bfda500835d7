// A published report as records: what was said, the figures as they were, and the records behind each.
//
// The figures are children of one ReportSnapshot, each under its own code; several ops carry them, since one op holds a
// bounded number of bytes. The ids behind a figure, in their order:
//
//   ids := (shared:varint root:varint child:varint bytes)*
//
// `shared` bytes are those of the id before, the `root` and `child` bytes of the id (root record, child or none) follow
// without them. Downside: of more than about thirteen thousand visits only the number is kept.
#ifndef LIAISON_HUB_REPORT_PUBLISHED_H_
#define LIAISON_HUB_REPORT_PUBLISHED_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/record/aggregate.h"
#include "common/store/store_options.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/figures.pb.h"

namespace liaison {

inline constexpr size_t kFigureIdsBytesMax = 240 << 10;
inline constexpr size_t kFigureIdsMax = 20'000;  // so many are asked for when a report is published

// Ids as figures name them ("24.…", "16.…/17.…"). "" for more than fit, and for what is no id.
std::string EncodeFigureIds(const std::vector<std::string>& ids);
// kDataLoss for bytes that EncodeFigureIds() does not make.
absl::StatusOr<std::vector<std::string>> DecodeFigureIds(std::string_view bytes);

// The ops that make it. `figures` with ids. Tables stand in pieces, each in a child of its own, since a table of all
// deputies may be more than one op can hold.
std::vector<NewOp> PublishOps(const RecordId& root, const v1::ReportSnapshot& snapshot,
                              const v1::GetFiguresResponse& figures, const std::vector<v1::ReportTable>& tables);

struct Published {
  v1::ReportSnapshot snapshot;
  std::vector<v1::SnapshotFigure> figures;  // in the order of figure_codes.h
  std::vector<v1::ReportTable> tables;      // in the order of the report; none in one that 0.4.0 published
};
Published ReadPublished(const Aggregate& aggregate);
v1::ReportRow RowOf(const RecordId& id, const v1::ReportSnapshot& snapshot);

// One figure then and now; `now` null: this version has none of that code. Ids are compared where both have them, and
// `now` fewer than kFigureIdsMax.
v1::PublishedFigure ComparePublished(const v1::SnapshotFigure& then, const v1::Figure* now, bool ids);

}  // namespace liaison

#endif  // LIAISON_HUB_REPORT_PUBLISHED_H_
