#include "common/rules/people/scope.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/crypto/hash.h"
#include "common/record/view.h"
#include "common/store/op_on.h"
#include "liaison/v1/people.pb.h"

namespace liaison {
namespace {

RecordId RightsIdOf(std::string_view station) { return RecordId::Master(TypeOf<v1::Rights>().type(), station); }

// Without writes where the station's rights say what the roster does.
NewOp ScopeOp(const StoreReader& view, const Roster& roster, const v1::Station& station, const std::string& id) {
  const std::optional<Aggregate> known = view.Load(RightsIdOf(id));
  const v1::Rights now = known ? Show<v1::Rights>(*known) : v1::Rights();
  std::set<std::string> wanted;
  for (std::string& other : roster.MayEnterFor(id))
    if (other != id) wanted.insert(std::move(other));
  const std::set<std::string> told(now.enters_for().begin(), now.enters_for().end());
  const std::string merged = station.status() == v1::STATION_MERGED ? station.status_date() : "";
  NewOp op = OpOn(view, RightsIdOf(id));
  auto tag = [](int field) { return TypeOf<v1::Rights>().Find(static_cast<uint32_t>(field))->tag; };
  const uint32_t enters = tag(v1::Rights::kEntersForFieldNumber);
  for (const std::string& other : wanted)
    if (!told.contains(other)) op.writes.push_back({{}, enters, other, other});
  for (const std::string& other : told)
    if (!wanted.contains(other)) op.writes.push_back({{}, enters, other, ""});
  if (merged != now.merged_date()) op.writes.push_back({{}, tag(v1::Rights::kMergedDateFieldNumber), "", merged});
  if (!op.writes.empty() && now.station_id().empty())
    op.writes.push_back({{}, tag(v1::Rights::kStationIdFieldNumber), "", id});
  return op;
}

}  // namespace

std::vector<NewOp> ScopeOps(const StoreReader& view, const Roster& roster) {
  std::vector<NewOp> ops;
  for (const auto& [id, station] : roster.stations)
    if (NewOp op = ScopeOp(view, roster, station, id); !op.writes.empty()) ops.push_back(std::move(op));
  return ops;
}

absl::Status SettleScopes(Store* store, const Roster& roster) {
  if (ScopeOps(store->Read(), roster).empty()) return absl::OkStatus();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = "系统";
    action.ops = ScopeOps(view, roster);
    return action.ops.empty() ? Action::Nothing() : std::move(action);
  };
  return store->Commit(store->options().random->Bytes(kActionIdBytes), Sha256("scopes"), build).status();
}

VersionVector RightsKnown(const StoreReader& view, std::string_view station) {
  const std::optional<Aggregate> rights = view.Load(RightsIdOf(station));
  return rights ? rights->lineage().Visible() : VersionVector();
}

}  // namespace liaison
