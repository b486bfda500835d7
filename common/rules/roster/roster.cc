#include "common/rules/roster/roster.h"

#include <algorithm>

#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/record/view.h"
#include "common/rules/reception/attendance.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

// Takes one aggregate into the roster; false if it is not a master record.
bool Take(const Aggregate& aggregate, Roster* roster) {
  const TypeInfo* type = FindType(aggregate.id().type);
  if (type == nullptr || !type->rules.master()) return false;
  bool live = aggregate.VoidOf({}) != VoidState::kVoid;
  const std::string& code = aggregate.id().name;
  auto put = [&](auto& map, auto record) {
    if (live) {
      map[code] = std::move(record);
    } else {
      map.erase(code);
    }
  };
  if (type == &TypeOf<v1::Station>()) put(roster->stations, Show<v1::Station>(aggregate));
  if (type == &TypeOf<v1::Node>()) put(roster->nodes, Show<v1::Node>(aggregate));
  if (type == &TypeOf<v1::Deputy>()) put(roster->deputies, Show<v1::Deputy>(aggregate));
  if (type == &TypeOf<v1::Department>()) put(roster->departments, Show<v1::Department>(aggregate));
  if (type == &TypeOf<v1::Policy>()) put(roster->policies, Show<v1::Policy>(aggregate).value());
  if (type == &TypeOf<v1::Code>()) {
    auto entry = Show<v1::Code>(aggregate);
    if (entry.table() == "category") roster->categories[entry.code()] = entry;
  }
  return true;
}

}  // namespace

const v1::Station* Roster::Center() const {
  for (const auto& [id, station] : stations)
    if (station.tier() == v1::CENTER) return &station;
  return nullptr;
}

std::string Roster::PresidiumName() const {
  const v1::Station* center = Center();
  return Cat(center == nullptr ? "镇" : StationName(center->station_id()), "人大主席团");
}

std::string Roster::StationName(std::string_view id) const {
  auto it = stations.find(id);
  if (it == stations.end()) return std::string(id);
  return it->second.public_name().empty() ? it->second.name() : it->second.public_name();
}

std::string Roster::DeputyName(std::string_view id) const {
  auto it = deputies.find(id);
  return it == deputies.end() ? std::string(id) : it->second.name();
}

std::string Roster::CategoryName(std::string_view code) const {
  auto it = categories.find(code);
  return it == categories.end() ? std::string(code) : it->second.name();
}

std::string Roster::DepartmentName(std::string_view id) const {
  auto it = departments.find(id);
  return it == departments.end() ? std::string(id) : it->second.name();
}

std::string Roster::Policy(std::string_view key, std::string_view otherwise) const {
  auto it = policies.find(key);
  return it == policies.end() ? std::string(otherwise) : it->second;
}

std::vector<std::string> Roster::MayEnterFor(std::string_view station_id) const {
  std::vector<std::string> ids{std::string(station_id)};
  auto own = stations.find(station_id);
  if (own == stations.end()) return ids;
  for (const auto& [id, station] : stations) {
    bool below =
        own->second.tier() == v1::CENTER || (own->second.tier() == v1::AREA && station.parent_id() == station_id);
    if (below && id != station_id) ids.push_back(id);
  }
  for (const auto& [id, station] : stations)
    if (station.status() == v1::STATION_MERGED && std::find(ids.begin(), ids.end(), id) == ids.end() &&
        std::find(ids.begin(), ids.end(), HomeOf(id)) != ids.end())
      ids.push_back(id);
  return ids;
}

std::string Roster::HomeOf(std::string_view station_id) const {
  std::string home(station_id);
  for (size_t steps = 0; steps < stations.size(); ++steps) {
    auto it = stations.find(home);
    if (it == stations.end() || it->second.status() != v1::STATION_MERGED || it->second.merged_into().empty()) break;
    home = it->second.merged_into();
  }
  return home;
}

absl::Status CheckServes(const Roster& roster, std::string_view field, std::string_view deputy_id,
                         std::string_view date) {
  auto found = roster.deputies.find(deputy_id);
  if (found == roster.deputies.end()) return WrongField(field, Cat("名册里没有编号为“", deputy_id, "”的代表"));
  if (ServesOn(found->second, date)) return absl::OkStatus();
  return WrongField(field, Cat(found->second.name(), "在", date, "不是在任代表"));
}

NewOp PolicyOp(const StoreReader& view, const v1::Policy& policy) {
  NewOp op = MasterOp(view, policy, policy.key());
  if (policy.value().empty())
    op.writes.push_back({{}, TypeOf<v1::Policy>().Find(v1::Policy::kValueFieldNumber)->tag, "", ""});
  return op;
}

RosterCache::RosterCache(Store* store) : store_(store) {
  auto roster = std::make_shared<Roster>();
  StoreReader reader = store->Read();
  for (const TypeInfo& type : AllTypes()) {
    if (!type.rules.master()) continue;
    reader.ForEach(type.type(), [&](const Aggregate& aggregate) { return Take(aggregate, roster.get()); });
  }
  {
    absl::MutexLock lock(&mutex_);
    roster_ = std::move(roster);
  }
  store->AddListener(this);
}

RosterCache::~RosterCache() { store_->RemoveListener(this); }

std::shared_ptr<const Roster> RosterCache::Get() const {
  absl::MutexLock lock(&mutex_);
  return roster_;
}

void RosterCache::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  std::shared_ptr<Roster> next;
  for (const Aggregate* aggregate : changed) {
    const TypeInfo* type = FindType(aggregate->id().type);
    if (type == nullptr || !type->rules.master()) continue;
    if (next == nullptr) next = std::make_shared<Roster>(*Get());
    Take(*aggregate, next.get());
  }
  if (next == nullptr) return;
  absl::MutexLock lock(&mutex_);
  roster_ = std::move(next);
}

NewOp MasterOp(const google::protobuf::Message& record, std::string_view code) {
  NewOp op;
  op.aggregate = RecordId::Master(FindType(record.GetDescriptor())->type(), code);
  WritesOf(record, {}, &op.writes, &op.sealed);
  return op;
}

NewOp MasterOp(const StoreReader& view, const google::protobuf::Message& record, std::string_view code) {
  NewOp op = OpOn(view, RecordId::Master(FindType(record.GetDescriptor())->type(), code));
  WritesOf(record, {}, &op.writes, &op.sealed);
  return op;
}

std::string CodeId(const v1::Code& code) { return Cat(code.table(), "-", code.code()); }

}  // namespace liaison
