#include "common/actions/context.h"

#include "common/rules/days/box_clock.h"
#include "common/rules/days/clock_trust.h"

namespace liaison {

std::string ServiceContext::Today() const { return box == nullptr ? BusinessDate(clock()->NowMs()) : box->Today(); }

absl::StatusOr<std::string> ServiceContext::DateOr(const std::string& date) const {
  if (box != nullptr) return box->DateOr(date);
  return date.empty() ? Today() : date;
}

absl::Status ServiceContext::CheckDate(std::string_view label, std::string_view date, bool meant, bool any_past) const {
  if (box == nullptr) return CheckPossible({label, date, Today(), false, meant, any_past});
  return CheckPossible({label, date, box->BestToday(), box->Guessing(), meant, any_past});
}

NewOp OpOn(const Aggregate& aggregate) { return {aggregate.id(), aggregate.lineage().Visible(), {}, {}, {}}; }

}  // namespace liaison
