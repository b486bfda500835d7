// The working lists: one small row for each matter with which something is left to do, so that ten years of closed
// matters cost nothing.
//
//   row (behind the projection's prefix)   matter-name -> version:u8=1 flags:varint state:varint track:varint
//     rating:varint since due replied rated promise (varints, days) station:string unit:string category
#ifndef LIAISON_COMMON_SERVICE_WORK_H_
#define LIAISON_COMMON_SERVICE_WORK_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/casework/duty.h"
#include "common/store/projection.h"

namespace liaison {

struct WorkFact {
  std::string matter;  // its name, without type byte
  std::string station, unit, category;
  DutyFacts duty;
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

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_WORK_H_
