#include "hub/interests.h"

#include <set>

#include "common/record/view.h"
#include "liaison/v1/congress.pb.h"

namespace liaison {
namespace {

// All visible values of a text field of the root, whoever wrote them.
void AddPoints(const Aggregate& aggregate, uint32_t field, std::set<std::string>* points) {
  const Child* root = aggregate.Find({});
  if (root == nullptr) return;
  auto it = root->fields.find({field << 3 | 2, ""});
  if (it == root->fields.end()) return;
  for (const Sibling& sibling : it->second.siblings())
    if (!sibling.value.empty()) points->insert(sibling.value);
}

}  // namespace

std::vector<std::string> InterestsOf(const Aggregate& aggregate) {
  const TypeInfo* type = FindType(aggregate.id().type);
  if (type != nullptr && (type->rules.master() || type == &TypeOf<v1::Notice>())) return {"all"};
  std::set<std::string> points;
  if (type == &TypeOf<v1::ReceptionSession>())
    AddPoints(aggregate, v1::ReceptionSession::kStationIdFieldNumber, &points);
  if (type == &TypeOf<v1::Visitor>()) AddPoints(aggregate, v1::Visitor::kStationIdFieldNumber, &points);
  if (type == &TypeOf<v1::Refusal>()) {
    std::set<std::string> stations;
    AddPoints(aggregate, v1::Refusal::kStationIdFieldNumber, &stations);
    std::vector<std::string> interests;
    for (const std::string& station : stations) interests.push_back("station:" + station);
    return interests;
  }
  if (type == &TypeOf<v1::Activity>()) AddPoints(aggregate, v1::Activity::kStationIdFieldNumber, &points);
  if (type == &TypeOf<v1::ImportBatch>()) AddPoints(aggregate, v1::ImportBatch::kStationIdFieldNumber, &points);
  if (type == &TypeOf<v1::Matter>()) {
    AddPoints(aggregate, v1::Matter::kStationIdFieldNumber, &points);
    auto matter = Show<v1::Matter>(aggregate);
    for (const v1::Source& source : matter.sources())
      if (!source.station_id().empty()) points.insert(source.station_id());
  }
  std::vector<std::string> interests;
  for (const std::string& point : points) interests.push_back("point:" + point);
  if (interests.empty()) return interests;
  for (const auto& [actor, steps] : aggregate.lineage().steps())
    if (actor.station != kHubStation && !points.contains(actor.station) && steps.front().n == 1)
      interests.push_back("station:" + actor.station);
  std::set<std::string> unique(interests.begin(), interests.end());
  return {unique.begin(), unique.end()};
}

std::vector<std::string> SubscriptionsOf(const Roster& roster, std::string_view station_id) {
  std::vector<std::string> subscriptions{"all", "station:" + std::string(station_id)};
  for (const std::string& id : roster.MayEnterFor(station_id)) subscriptions.push_back("point:" + id);
  return subscriptions;
}

}  // namespace liaison
