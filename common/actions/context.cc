#include "common/actions/context.h"

#include "common/record/view.h"
#include "common/rules/days/box_clock.h"
#include "common/rules/days/clock_trust.h"
#include "common/store/store.h"

namespace liaison {

bool ServiceContext::IsHub() const { return station_id == kHubStation; }

Clock* ServiceContext::clock() const { return store->options().clock; }

Random* ServiceContext::random() const { return store->options().random; }

std::string ServiceContext::Today() const { return box == nullptr ? BusinessDate(clock()->NowMs()) : box->Today(); }

absl::StatusOr<std::string> ServiceContext::DateOr(const std::string& date) const {
  if (box != nullptr) return box->DateOr(date);
  return date.empty() ? Today() : date;
}

absl::Status ServiceContext::CheckDate(std::string_view label, std::string_view date, bool meant, bool any_past) const {
  if (box == nullptr) return CheckPossible({label, date, Today(), false, meant, any_past});
  return CheckPossible({label, date, box->BestToday(), box->Guessing(), meant, any_past});
}

}  // namespace liaison
