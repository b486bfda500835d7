#include "tests/sim/world.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/store/keys.h"
#include "hub/desk/setup.h"
#include "hub/door/interests.h"
#include "tests/sim/link.h"
#include "tests/testing/places.h"

namespace liaison::sim {
namespace {

constexpr int64_t kNewYear2026 = 1'767'225'600'000;
constexpr double kHoursPerYear = 8766, kHoursPerMonth = kHoursPerYear / 12;
constexpr uint64_t kMostCalmRounds = 5;

}  // namespace

// What HubNode does: tells the sessions which feeds may have grown.
class World::HubListener : public StoreListener {
 public:
  explicit HubListener(World* world) : world_(world) {}
  void OnCommitted(std::span<const Aggregate* const> changed, bool) override {
    for (const Aggregate* aggregate : changed) {
      for (std::string& interest : InterestsOf(*aggregate, world_->hub_->store()->Live())) {
        if (interest.starts_with("point:")) world_->grown_.insert("station:" + interest.substr(6));
        world_->grown_.insert(std::move(interest));
      }
    }
    if (std::exchange(world_->grew_is_due_, true)) return;
    world_->After(0.001, [world = world_] { world->FeedsGrew(); });
  }

 private:
  World* const world_;
};

World::World(const Options& options) : options_(options), random_(options.seed * 0x9e3779b97f4a7c15u + 1) {}

World::~World() {
  links_.clear();
  for (auto& machine : machines_) machine->Stop();
}

std::string World::Run() {
  Setup();
  if (!failed()) Play();
  if (!failed()) Calm();
  if (!failed()) CheckFinally();
  if (!failed()) return "";
  std::string text = Cat("LIAISON_SIM_SEED=", options_.seed, " at ", wrong_, "\nthe last events:\n");
  for (const std::string& line : last_lines_) text += line + "\n";
  return text;
}

// ---------------------------------------------------------------- calendar and trace

void World::At(int64_t time_ms, Event event) {
  calendar_.push({std::max(time_ms, now_ms_), ++event_count_, std::make_shared<Event>(std::move(event))});
}

double World::Exponential(double mean) {
  return -mean * std::log((static_cast<double>(Below(1u << 30)) + 1) / (1u << 30));
}

void World::Every(double hours, Event what) {
  After(Exponential(hours), [this, hours, what] {
    what();
    Every(hours, what);
  });
}

std::string World::When() const {
  int64_t day_ms = ((now_ms_ + 8 * 3'600'000) % 86'400'000 + 86'400'000) % 86'400'000;
  char time[16];
  std::snprintf(time, sizeof time, " %02d:%02d:%02d", static_cast<int>(day_ms / 3'600'000),
                static_cast<int>(day_ms / 60'000 % 60), static_cast<int>(day_ms / 1'000 % 60));
  return Date() + time;
}

void World::Log(const std::string& line) {
  std::string whole = Cat(When(), "  ", line);
  for (char c : whole) trace_hash_ = (trace_hash_ ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  if (options_.trace != nullptr) std::fprintf(options_.trace, "%s\n", whole.c_str());
  last_lines_.push_back(std::move(whole));
  if (last_lines_.size() > 40) last_lines_.pop_front();
}

void World::Wrong(const std::string& what) {
  Log("WRONG: " + what);
  if (wrong_.empty()) wrong_ = Cat(When(), ": ", what);
}

// ---------------------------------------------------------------- the township

World::Site& World::SomeSite() {
  auto site = sites_.begin();
  std::advance(site, static_cast<ptrdiff_t>(Below(sites_.size())));
  return site->second;
}

Machine* World::NewMachine(const std::string& name, Identity identity) {
  machines_.push_back(std::make_unique<Machine>(name, std::move(identity), &now_ms_));
  return machines_.back().get();
}

void World::Start(Machine* machine) {
  absl::Status status = machine->Start(random_.U64());
  if (!status.ok()) return Wrong(Cat(machine->name(), " does not open: ", status.message()));
  CheckAfterRestart(machine);
}

// A clerk at the hub enrols a device. Its key is made on the device.
Identity World::Enrol(const std::string& station, const std::string& block) {
  Identity identity;
  identity.station = station;
  identity.node = Cat("N-", station, "-", block.empty() ? "a" : block);
  identity.block = block;
  identity.key = GenerateKeyPair(&random_);
  identity.hub_public_key = hub_->identity().key.public_key;
  if (!EnterDevice(identity, Cat("enrols ", identity.node))) identity.node.clear();
  return identity;
}

bool World::EnterDevice(const Identity& identity, const std::string& what) {
  v1::Node node;
  node.set_node_id(identity.node);
  node.set_station_id(identity.station);
  node.set_block(identity.block);
  node.set_public_key(identity.key.public_key);
  node.set_signature_algorithm(identity.key.algorithm);
  auto build = [&](const StoreReader&, std::vector<OpIds>*) {
    Action action;
    action.ops.push_back(MasterOp(node, node.node_id()));
    return absl::StatusOr<Action>(std::move(action));
  };
  return Act(hub_, what, build);
}

void World::Setup() {
  now_ms_ = kNewYear2026;
  end_ms_ = now_ms_ + static_cast<int64_t>(options_.years * kHoursPerYear * 3.6e6);
  hub_listener_ = std::make_unique<HubListener>(this);
  Identity identity;
  identity.station = kHubStation;
  identity.key = GenerateKeyPair(&random_);
  hub_ = NewMachine("hub", identity);
  hub_->listener = hub_listener_.get();
  Start(hub_);
  if (failed()) return;
  absl::StatusOr<RosterCounts> counts = LoadRoster(InSource("/hub/fixture"), hub_->store());
  if (!counts.ok()) return Wrong(Cat("roster: ", counts.status().message()));
  hub_->disk().contents().Scan(key::kOp, PrefixEnd(key::kOp), [&](std::string_view, std::string_view value) {
    Op op = *DecodeOp(value);
    std::vector<Written> writes;
    for (const Write& write : op.writes) writes.push_back(WrittenOf(op.aggregate, write, false));
    numbers_.Add(op, oracle_.Enter(kHubStation, ToBytes(op.aggregate), std::move(writes), {}));
    return true;
  });
  std::shared_ptr<const Roster> roster = hub_->roster()->Get();
  std::vector<std::string> chosen, points;
  for (const auto& [id, station] : roster->stations) (station.tier() == v1::POINT ? points : chosen).push_back(id);
  if (chosen.size() > static_cast<size_t>(options_.stations) / 4) chosen.resize(options_.stations / 4);
  for (size_t i = 0; chosen.size() < static_cast<size_t>(options_.stations) && i < points.size(); ++i)
    chosen.push_back(points[i]);
  for (const std::string& id : chosen) {
    const v1::Station& station = roster->stations.at(id);
    Site& site = sites_[id];
    site.id = id;
    site.area = station.parent_id();
    site.is_area = station.tier() != v1::POINT;
    if (station.tier() == v1::AREA) areas_.push_back(id);
    for (const auto& [other, one] : roster->stations)
      if (one.parent_id() == id) site.ever_points.insert(other);
    if (station.tier() == v1::POINT) points_.push_back(id);
    constexpr double kRates[] = {0.3, 0.8, 1.5, 3};
    site.sessions_per_month = kRates[Below(4)];
    Machine* machine = NewMachine(id, Enrol(id, ""));
    site.machines.push_back(machine);
    site_of_[machine] = &site;
    Start(machine);
    if (failed()) return;
    Connect(machine, true);
    RunLinks();
    Cut(machine, "enrolled");
    site.last_session_ms = now_ms_;
  }
  Log(Cat(sites_.size(), " stations, ", areas_.size(), " areas, ", points_.size(), " points"));
}

void World::Play() {
  calendar_ = {};
  grew_is_due_ = apply_is_due_ = false;
  for (auto& [id, each] : sites_) {
    Site* site = &each;
    Every(kHoursPerMonth / 1.2, [this, site] { Reception(site); });
    Every(kHoursPerMonth / 1.5, [this, site] { EditAt(Pick(site->machines)); });
    Every(kHoursPerMonth / site->sessions_per_month, [this, site] { Connect(Pick(site->machines), false); });
  }
  double town = kHoursPerMonth * 96 / options_.stations;
  Every(town / 60, [this] { EditAt(hub_); });
  Every(town / 5, [this] { MoveMatter(); });
  Every(town / 1, [this] { EraseVisitor(); });
  Every(town / 2, [this] { MoveVillage(); });
  if (options_.faults > 0) ScheduleFaults();
  while (!failed() && !calendar_.empty() && calendar_.top().time_ms <= end_ms_) {
    Later next = calendar_.top();
    calendar_.pop();
    now_ms_ = next.time_ms;
    (*next.event)();
  }
  if (!failed()) now_ms_ = end_ms_;
}

void World::Calm() {
  calm_ = true;
  CutAll("calm");
  calendar_ = {};
  to_apply_.clear();
  Log("calm");
  std::vector<Machine*> machines{hub_};
  for (auto& [machine, site] : site_of_) machines.push_back(const_cast<Machine*>(machine));
  std::sort(machines.begin(), machines.end(), [](Machine* a, Machine* b) { return a->name() < b->name(); });
  for (Machine* machine : machines) {
    machine->disk().SetFull(false);
    if (machine->running() && !machine->disk().failed() && !machine->disk().dying()) continue;
    machine->Stop();
    Start(machine);
  }
  if (failed()) return;
  ReEnrol();
  std::map<const Machine*, std::set<OpId>, ByName> before;
  for (Machine* machine : machines) before[machine] = OpsOn(machine->disk().contents());
  std::erase(machines, hub_);
  bool together = false;
  for (uint64_t round = 1; round <= kMostCalmRounds && !together; ++round) {
    fired_[kCalmRounds] = round;
    for (size_t i = machines.size(); i > 1; --i) std::swap(machines[i - 1], machines[Below(i)]);
    for (Machine* machine : machines) {
      Connect(machine, true);
      RunLinks();
      if (failed()) return;
      Cut(machine, "done");
    }
    together =
        std::all_of(machines.begin(), machines.end(), [&](Machine* machine) { return AtHeads(machine, nullptr); });
  }
  if (!together) {
    std::string text;
    for (Machine* machine : machines) AtHeads(machine, &text);
    return Wrong(Cat("not together after ", kMostCalmRounds, " rounds: ", text));
  }
  CheckNothingIsLost(before);
}

}  // namespace liaison::sim
