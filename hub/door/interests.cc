#include "hub/door/interests.h"

#include <algorithm>
#include <set>

#include "common/record/feeds.h"
#include "common/record/view.h"
#include "common/store/maker.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/people.pb.h"

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

// Where a visitor's maker said that it belongs. Whatever is written to the field later moves nothing, least of all
// keys.
void AddFirstPoint(const std::optional<Op>& maker, std::set<std::string>* points) {
  if (!maker) return;
  for (const Write& write : maker->writes)
    if (write.child.IsRoot() && write.tag == (v1::Visitor::kStationIdFieldNumber << 3 | 2) && !write.value.empty())
      points->insert(write.value);
}

// Whether a making may be hidden, or there may be two. Else nobody's first op has to be read.
bool MayBeClaimed(const Aggregate& aggregate) {
  std::set<std::string_view> first;
  for (const auto& [actor, steps] : aggregate.lineage().steps()) {
    if (actor.station == kHubStation) continue;
    first.insert(actor.station);
    for (const Lineage::Step& step : steps)
      if (step.n == 1 && step.hidden) return true;
  }
  return first.size() > 1;
}

}  // namespace

std::vector<std::string> InterestsOf(const Aggregate& aggregate, const StoreReader& reader) {
  const TypeInfo* type = FindType(aggregate.id().type);
  if (type == &TypeOf<v1::Rights>()) {
    const std::string& place = aggregate.id().name;
    return place == kHubStation ? std::vector<std::string>() : std::vector<std::string>{StationFeed(place)};
  }
  if (type != nullptr && (type->rules.master() || type == &TypeOf<v1::Notice>())) return {std::string(kFeedOfAll)};
  std::set<std::string> points;
  if (type == &TypeOf<v1::ReceptionSession>())
    AddPoints(aggregate, v1::ReceptionSession::kStationIdFieldNumber, &points);
  if (type == &TypeOf<v1::Visitor>()) AddFirstPoint(MakerOf(reader, aggregate), &points);
  if (type == &TypeOf<v1::Refusal>()) {
    std::set<std::string> stations;
    AddPoints(aggregate, v1::Refusal::kStationIdFieldNumber, &stations);
    std::vector<std::string> interests;
    for (const std::string& station : stations) interests.push_back(StationFeed(station));
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
  if (MayBeClaimed(aggregate)) {
    const Makers makers = MakersOf(reader, aggregate);
    if (makers.IsDisputed()) return {};
    if (makers.standing.empty() && !makers.hidden.empty()) return {StationFeed(*makers.hidden.begin())};
  }
  std::vector<std::string> interests;
  for (const std::string& point : points) interests.push_back(PointFeed(point));
  if (interests.empty()) return interests;
  const auto& authors = aggregate.lineage().steps();
  const bool by_others = std::any_of(authors.begin(), authors.end(), [&](const auto& author) {
    return author.first.station != kHubStation && !points.contains(author.first.station);
  });
  if (by_others)  // else its maker needs no feed of its own
    if (std::optional<Op> maker = MakerOf(reader, aggregate);
        maker && maker->actor.station != kHubStation && !points.contains(maker->actor.station))
      interests.push_back(StationFeed(maker->actor.station));
  std::set<std::string> unique(interests.begin(), interests.end());
  return {unique.begin(), unique.end()};
}

std::vector<std::string> SubscriptionsOf(const Roster& roster, std::string_view station_id) {
  std::vector<std::string> subscriptions{std::string(kFeedOfAll), StationFeed(station_id)};
  for (const std::string& id : roster.MayEnterFor(station_id)) subscriptions.push_back(PointFeed(id));
  return subscriptions;
}

}  // namespace liaison
