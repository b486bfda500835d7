// The working lists: one small row for each matter with which something is left to do, so that ten years of closed
// matters cost nothing.
//
//   row (behind the projection's prefix)   matter-name -> version:u8=2 flags:varint state:varint track:varint
//     rating:varint since due replied rated promise (varints, days) station:string unit:string link:string category
//
// A merged or converted matter keeps its row until its voter was told: what it follows may be over any day.
#ifndef LIAISON_COMMON_ROWS_WORK_H_
#define LIAISON_COMMON_ROWS_WORK_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/rules/matter/duty.h"
#include "common/store/projection.h"
#include "common/store/reader.h"

namespace liaison {

struct WorkFact {
  std::string matter;  // its name, without type byte
  std::string station, unit, category;
  std::string link;  // LinkOf
  DutyFacts duty;    // without what it follows: FillFollowed
};

// Owns the prefix 'w'. Stateless.
class WorkProjection : public Projection {
 public:
  std::string_view name() const override { return "办理清单"; }
  char prefix() const override { return 'w'; }
  void OnChange(const Aggregate* before, const Aggregate& after, KvWriter& out) override;
};

// Every row, ascending by matter. kDataLoss names the first that cannot be read; the visit stops there.
absl::Status ScanWork(const KvReader& kv, const std::function<void(const WorkFact&)>& visit);

// The state of the last matter on the way from `link`. One that is not here, or is voided, is not over.
void FillFollowed(const StoreReader& reader, const std::string& link, DutyFacts* facts);

}  // namespace liaison

#endif  // LIAISON_COMMON_ROWS_WORK_H_
