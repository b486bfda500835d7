#include "common/actions/number_giver.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/rows/tables.h"
#include "common/rules/matter/numbering.h"

namespace liaison {

uint64_t NumberGiver::Next(const std::string& series) {
  auto [it, fresh] = given_.try_emplace(series, 0);
  if (fresh) it->second = tables::LastCounter(*kv_, series);
  return ++it->second;
}

std::string NumberGiver::Session(std::string_view date) {
  std::string series = SessionSeries(date, block_);
  return SessionNumber(series, Next(series));
}

std::string NumberGiver::Entry(std::string_view date) {
  std::string series = EntrySeries(township_, date, block_);
  return PaperNumber(series, Next(series));
}

std::string NumberGiver::Matter(std::string_view date) {
  std::string series = MatterSeries(township_, date, block_);
  return PaperNumber(series, Next(series));
}

std::string NumberGiver::Assignment(std::string_view date) {
  std::string series = AssignmentSeries(township_, date);
  return HubNumber(series, Next(series));
}

std::string NumberGiver::Proposal(bool bill, std::string_view congress) {
  std::string series = bill ? BillSeries(township_, congress) : SuggestionSeries(township_, congress);
  return HubNumber(series, Next(series));
}

NumberGiver NumbersFor(const ServiceContext& context, const Roster& roster, const StoreReader& view) {
  return NumberGiver(&view.kv(), roster.Policy("number-prefix", "恒"), NumberBlock(context.station_id, context.block));
}

absl::Status CheckMayEnterFor(const ServiceContext& context, const Roster& roster, std::string_view station_id) {
  if (!roster.stations.contains(station_id))
    return absl::InvalidArgumentError(Cat("站点：名册里没有“", station_id, "”"));
  std::vector<std::string> may = roster.MayEnterFor(context.station_id);
  if (std::find(may.begin(), may.end(), station_id) == may.end())
    return absl::PermissionDeniedError(Cat("站点：本站不能替 ", roster.StationName(station_id), " 登记"));
  return absl::OkStatus();
}

}  // namespace liaison
