#include "common/rules/people/people.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/record/live.h"

namespace liaison {
namespace {

// What is visible of a field; it has several values where two hubs wrote without knowing of each other.
std::vector<std::string> VisibleOf(const Aggregate& aggregate, const RecordId& child, const TypeInfo& type,
                                   int number) {
  std::vector<std::string> values;
  const Child* found = aggregate.Find(child);
  if (found == nullptr) return values;
  const auto field = found->fields.find({type.Find(static_cast<uint32_t>(number))->tag, ""});
  if (field == found->fields.end()) return values;
  for (const Sibling& sibling : field->second.siblings()) values.push_back(sibling.value);
  return values;
}

// Of a bool: whether any visible write says yes.
bool AnySays(const Aggregate& aggregate, const RecordId& child, const TypeInfo& type, int number) {
  const std::vector<std::string> values = VisibleOf(aggregate, child, type, number);
  return std::any_of(values.begin(), values.end(), [](const std::string& value) { return value == "\x01"; });
}

bool Says(const std::vector<std::string>& values, v1::RevokedHow how) {
  return std::find(values.begin(), values.end(), std::string(1, static_cast<char>(how))) != values.end();
}

// Takes one aggregate into the people; false if it is none of theirs.
bool Take(const Aggregate& aggregate, People* people) {
  const TypeInfo* type = FindType(aggregate.id().type);
  const std::string& code = aggregate.id().name;
  if (type == &TypeOf<v1::Account>()) {
    people->accounts.erase(code);
    if (std::optional<v1::Account> account = AccountOf(aggregate)) people->accounts[code] = *std::move(account);
    return true;
  }
  if (type != &TypeOf<v1::Rights>()) return false;
  people->rights[code] = RightsOf(aggregate);
  return true;
}

// The stations whose records a role reaches at a station.
std::vector<std::string> StationsOf(const Roster& roster, v1::Access::Role role, std::string_view place) {
  std::vector<std::string> stations = roster.MayEnterFor(place);
  if (role == v1::Access::AREA) return stations;
  std::erase_if(stations, [&](const std::string& id) { return id != place && roster.HomeOf(id) != place; });
  return stations;
}

}  // namespace

std::optional<v1::Account> AccountOf(const Aggregate& aggregate) {
  if (!IsLive(aggregate)) return std::nullopt;
  auto account = Show<v1::Account>(aggregate);
  account.set_account_id(aggregate.id().name);
  account.set_ended(AnySays(aggregate, {}, TypeOf<v1::Account>(), v1::Account::kEndedFieldNumber));
  return account;
}

std::optional<v1::Grant> GrantOf(const Aggregate& rights, const RecordId& id) {
  if (!IsLive(rights, id)) return std::nullopt;
  const TypeInfo& type = TypeOf<v1::Grant>();
  auto grant = Show<v1::Grant>(rights, id);
  // One that somebody voided and somebody else wrote to is flagged for a person; until then it is no right.
  const bool voided = rights.VoidOf(id) != VoidState::kLive;
  grant.set_revoked(voided || AnySays(rights, id, type, v1::Grant::kRevokedFieldNumber));
  const std::vector<std::string> hows = VisibleOf(rights, id, type, v1::Grant::kHowFieldNumber);
  if (Says(hows, v1::REVOKED_DOUBT)) grant.set_how(v1::REVOKED_DOUBT);
  return grant;
}

StationRights RightsOf(const Aggregate& aggregate) {
  StationRights rights;
  rights.login_required = AnySays(aggregate, {}, TypeOf<v1::Rights>(), v1::Rights::kLoginRequiredFieldNumber);
  for (const RecordId& id : ChildrenOf<v1::Grant>(aggregate))
    if (std::optional<v1::Grant> grant = GrantOf(aggregate, id)) rights.grants[id] = *std::move(grant);
  for (const RecordId& id : LiveChildrenOf<v1::OneTimeCode>(aggregate)) {
    const bool gone = AnySays(aggregate, id, TypeOf<v1::OneTimeCode>(), v1::OneTimeCode::kWithdrawnFieldNumber);
    if (!gone) rights.codes[id] = Show<v1::OneTimeCode>(aggregate, id);
  }
  return rights;
}

bool People::IsLive(std::string_view account) const {
  const auto found = accounts.find(account);
  return found != accounts.end() && !found->second.ended();
}

std::string People::NameOf(std::string_view account) const {
  const auto found = accounts.find(account);
  return found == accounts.end() ? std::string(account) : found->second.name();
}

std::set<std::string> People::HoldersOf(v1::Access::Role role, std::string_view place) const {
  std::set<std::string> holders;
  const auto there = rights.find(place);
  if (there == rights.end()) return holders;
  for (const auto& [id, grant] : there->second.grants)
    if (grant.role() == role && !grant.revoked() && IsLive(grant.account_id())) holders.insert(grant.account_id());
  return holders;
}

Who WhoIs(const People& people, const Roster& roster, std::string_view account, std::string_view place) {
  Who who;
  who.account = std::string(account);
  who.name = people.NameOf(account);
  const auto there = people.rights.find(place);
  if (!people.IsLive(account) || there == people.rights.end()) return who;
  who.deputy = people.accounts.find(account)->second.deputy_id();
  for (const auto& [id, grant] : there->second.grants) {
    if (grant.account_id() != account || grant.revoked()) continue;
    Right right;
    right.role = grant.role();
    right.unit = grant.unit_id();
    if (place != kHubStation) right.stations = StationsOf(roster, grant.role(), place);
    who.rights.push_back(std::move(right));
  }
  return who;
}

PeopleCache::PeopleCache(Store* store) : store_(store) {
  auto people = std::make_shared<People>();
  StoreReader reader = store->Read();
  for (const TypeInfo* type : {&TypeOf<v1::Account>(), &TypeOf<v1::Rights>()})
    reader.ForEach(type->type(), [&](const Aggregate& aggregate) { return Take(aggregate, people.get()); });
  {
    absl::MutexLock lock(&mutex_);
    people_ = std::move(people);
  }
  store->AddListener(this);
}

PeopleCache::~PeopleCache() { store_->RemoveListener(this); }

std::shared_ptr<const People> PeopleCache::Get() const {
  absl::MutexLock lock(&mutex_);
  return people_;
}

void PeopleCache::OnCommitted(std::span<const Aggregate* const> changed, bool) {
  std::shared_ptr<People> next;
  for (const Aggregate* aggregate : changed) {
    const TypeInfo* type = FindType(aggregate->id().type);
    if (type != &TypeOf<v1::Account>() && type != &TypeOf<v1::Rights>()) continue;
    if (next == nullptr) next = std::make_shared<People>(*Get());
    Take(*aggregate, next.get());
  }
  if (next == nullptr) return;
  absl::MutexLock lock(&mutex_);
  people_ = std::move(next);
}

}  // namespace liaison
