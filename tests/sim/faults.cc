// What happens to machines: power cuts, deaths in the middle of a write, full disks, older images, clones, processes
// resumed twice, new boxes, clocks.
#include <algorithm>

#include "common/base/text.h"
#include "common/store/keys.h"
#include "tests/sim/link.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {

constexpr size_t kMostMachines = 3;  // in use at one station

}  // namespace

const std::vector<std::string>& KindsThatMustFire() {
  static const std::vector<std::string> kinds = {
      "weeks offline with something to say",
      "weak link",
      "cut at a message",
      "cut with messages on their way",
      "range delivered twice",
      "ranges of several stations in one batch",
      "up and down overtake each other",
      "station: power cut",
      "station: power cut that lost unsynced writes",
      "station: died in a write",
      "station: killed",
      "station: disk full",
      "hub: power cut",
      "hub: died in a write",
      "hub: killed",
      "hub: disk full",
      "station restored to an older image that lacks ops",
      "disk cloned",
      "clone wrote",
      "process resumed twice, both wrote under one name",
      "box replaced, reads from 0",
      "clock stepped by years",
      "written with a clock years off",
      "village moved while it and its area had unsent edits",
      "matter moved to another point",
      "matter given to one more point",
      "visitors erased",
      "written on a page that was out of date",
      "voids",
      "conflicts settled",
      "hub restored to an older copy that lacks ops",
      "offers of what a restored hub has lost",
      "rewinds",
      "receipts lowered",
      "gaps",
      "wants",
  };
  return kinds;
}

void World::ScheduleFaults() {
  auto some_station = [this] { return Pick(SomeSite().machines); };
  double year = 8766 / options_.faults, station_year = year / options_.stations;
  Every(station_year / 1.5, [this, some_station] { PowerCut(some_station()); });
  Every(station_year / 1.5, [this, some_station] { DieInAWrite(some_station()); });
  Every(station_year / 1.5, [this, some_station] { Kill(some_station()); });
  Every(station_year / 0.3, [this, some_station] { FillDisk(some_station()); });
  Every(station_year / 1.5, [this, some_station] { TakeImage(some_station()); });
  Every(station_year / 0.2, [this, some_station] { RestoreStation(some_station()); });
  Every(station_year / 0.06, [this, some_station] { CloneDisk(some_station()); });
  Every(station_year / 0.06, [this, some_station] { ResumeTwice(some_station()); });
  Every(station_year / 0.06, [this, some_station] { ReplaceBox(some_station()); });
  Every(station_year / 0.4, [this, some_station] { StepClock(some_station()); });
  Every(year / 5, [this] { PowerCut(hub_); });
  Every(year / 5, [this] { DieInAWrite(hub_); });
  Every(year / 5, [this] { Kill(hub_); });
  Every(year / 2, [this] { FillDisk(hub_); });
  if (!options_.hub_restores) return;
  Every(year / 8, [this] { TakeImage(hub_); });
  Every(year / 0.7, [this] { RestoreHub(); });
}

void World::Died(Machine* machine, const std::string& how) {
  std::string who = machine->is_hub() ? "hub: " : "station: ";
  if (how == "in a write") {
    Count(who + "died in a write");
    if (OneIn(2)) machine->disk().LosePower(Below(machine->disk().unsynced() + 1));
  }
  Log(Cat(machine->name(), " died: ", how));
  if (machine->is_hub()) {
    CutAll("the hub is gone");
    to_apply_.clear();
  } else {
    Cut(machine, "the station is gone");
  }
  machine->Stop();
  if (calm_) return;
  CheckReceipts();
  After(Exponential(machine->is_hub() ? 3 : 20), [this, machine] {
    if (machine->running() || (machine != hub_ && !site_of_.contains(machine))) return;
    Log(Cat(machine->name(), " starts"));
    Start(machine);
  });
}

void World::PowerCut(Machine* machine) {
  if (!machine->running()) return;
  std::string who = machine->is_hub() ? "hub: " : "station: ";
  Count(who + "power cut");
  size_t lost = Below(machine->disk().unsynced() + 1);
  if (lost > 0) Count(who + "power cut that lost unsynced writes");
  machine->disk().LosePower(lost);
  Died(machine, Cat("power cut, ", lost, " writes lost"));
}

void World::Kill(Machine* machine) {
  if (!machine->running()) return;
  Count(machine->is_hub() ? "hub: killed" : "station: killed");
  Died(machine, "killed");
}

void World::DieInAWrite(Machine* machine) {
  if (!machine->running()) return;
  machine->disk().DieAtNextWrite(OneIn(2) ? VolatileDisk::Death::kBefore : VolatileDisk::Death::kAfter);
}

void World::FillDisk(Machine* machine) {
  if (!machine->running()) return;
  machine->disk().SetFull(true);
  Log(Cat(machine->name(), "'s disk is full"));
  After(2 + Exponential(machine->is_hub() ? 6 : 60), [this, machine] {
    machine->disk().SetFull(false);
    if (!machine->disk().failed() || !machine->running()) return;
    Count(machine->is_hub() ? "hub: disk full" : "station: disk full");
    Died(machine, "its disk was full, somebody made room");
  });
}

void World::TakeImage(Machine* machine) {
  machine->images.push_back(machine->disk().durable());
  if (machine->images.size() > 4) machine->images.erase(machine->images.begin() + static_cast<ptrdiff_t>(Below(4)));
}

// Ops of a disk that goes back or away: from now on they may be nowhere.
void World::NoteLoss(const PersistentMap& before, const PersistentMap& after) {
  std::set<OpId> left = OpsOn(after);
  for (OpId op : OpsOn(before))
    if (!left.contains(op)) may_be_lost_.insert(op);
}

void World::RestoreStation(Machine* machine) {
  if (machine->images.empty()) return;
  PersistentMap image = Pick(machine->images);
  size_t before = OpsOn(machine->disk().contents()).size(), after = OpsOn(image).size();
  NoteLoss(machine->disk().contents(), image);
  if (machine->running()) {
    Cut(machine, "restored");
    machine->Stop();
  }
  machine->disk().SetFull(false);
  machine->disk().Restore(image);
  said_saved_.erase(machine);
  SiteOf(machine).numbers_may_repeat = true;
  if (after < before) Count("station restored to an older image that lacks ops");
  Log(Cat(machine->name(), " restored: ", after, " ops of ", before));
  Start(machine);
}

void World::RestoreHub() {
  if (hub_->images.empty() || !hub_->running()) return;
  PersistentMap image = Pick(hub_->images);
  size_t before = OpsOn(hub_->disk().contents()).size(), after = OpsOn(image).size();
  NoteLoss(hub_->disk().contents(), image);
  CutAll("the hub is restored");
  to_apply_.clear();
  hub_->Stop();
  hub_->disk().SetFull(false);
  hub_->disk().Restore(image);
  said_saved_.erase(hub_);
  ++hub_life_;
  if (after < before) Count("hub restored to an older copy that lacks ops");
  Log(Cat("the hub is restored: ", after, " ops of ", before));
  Start(hub_);
  After(48, [this] { ReEnrol(); });
}

void World::ReEnrol() {
  if (!hub_->running() || hub_->disk().failed()) return;
  std::shared_ptr<const Roster> roster = hub_->roster()->Get();
  std::vector<const Machine*> machines;
  for (const auto& [machine, site] : site_of_) machines.push_back(machine);
  for (const Machine* machine : machines) {
    const Identity& identity = const_cast<Machine*>(machine)->identity();
    if (roster->nodes.contains(identity.node)) continue;
    if (EnterDevice(identity, Cat("enrols ", identity.node, " again")))
      Count("device enrolled again after a hub restore");
    roster = hub_->running() ? hub_->roster()->Get() : roster;
    if (!hub_->running()) return;
  }
}

// The two boxes are then used in turns.
void World::CloneDisk(Machine* machine) {
  Site& site = SiteOf(machine);
  if (site.machines.size() >= kMostMachines) return;
  Machine* clone = NewMachine(Cat(site.id, "-clone", machines_.size()), machine->identity());
  clone->disk().Restore(machine->disk().contents());
  clone->pages = machine->pages;
  site.machines.push_back(clone);
  site_of_[clone] = &site;
  site.numbers_may_repeat = true;
  Count("disk cloned");
  Log(Cat(machine->name(), " cloned as ", clone->name()));
  Start(clone);
}

// Two machines go on from one snapshot of a running process: with one actor, one clock, the same random bytes to come.
// Both may first do the same, before they part.
void World::ResumeTwice(Machine* machine) {
  Site& site = SiteOf(machine);
  if (site.machines.size() >= kMostMachines || machine->disk().failed()) return;
  std::optional<RecordId> record = SomeRecord(machine, 24);
  if (!record) return;
  Cut(machine, "snapshot");
  machine->Stop();
  Machine* twin = NewMachine(Cat(site.id, "-twin", machines_.size()), machine->identity());
  twin->disk().Restore(machine->disk().contents());
  twin->clock() = machine->clock();
  site.machines.push_back(twin);
  site_of_[twin] = &site;
  site.numbers_may_repeat = true;
  uint64_t seed = random_.U64();
  for (Machine* each : {machine, twin})
    if (absl::Status status = each->Start(seed); !status.ok())
      return Wrong(Cat(each->name(), " does not open: ", status.message()));
  Log(Cat(machine->name(), " goes on twice, as ", twin->name()));
  Page page;
  page.record = *record;
  if (!OpenPage(machine, &page)) return;
  if (OneIn(2)) {  // one op that both have, as one process made it before the snapshot
    Write write;
    write.tag = 32 << 3 | 2;
    write.value = Cat("同一条", oracle_.deeds());
    OpId op = oracle_.Enter(site.id, ToBytes(page.record), {WrittenOf(page.record, write, false)}, page.screen);
    NewOp wanted{page.record, page.vector, {write}, {}, {}};
    std::string action_id = random_.Bytes(kActionIdBytes);
    for (Machine* each : {machine, twin}) {
      auto build = [&](const StoreReader&) { return absl::StatusOr<Action>(Action{UserOf(op), {wanted}, {}, ""}); };
      absl::Status status = each->store()->Commit(action_id, "request", build).status();
      if (each->disk().failed()) return;  // it was full
      if (!status.ok()) return Wrong(Cat("a twin cannot write: ", status.message()));
    }
    oracle_.Confirm(op);
    Count("process resumed twice after it had written");
  }
  for (Machine* each : {machine, twin}) {
    WriteOnPage(each, page);
    if (each->running()) each->Reseed(random_.U64());  // no two machines stay in step for weeks
  }
  if (!machine->running() || !twin->running()) return;
  std::optional<sync::Tip> one = machine->store()->tip(), other = twin->store()->tip();
  if (one && other && one->actor == other->actor && one->seq == other->seq && one->head != other->head)
    Count("process resumed twice, both wrote under one name");
}

void World::ReplaceBox(Machine* machine) {
  Site& site = SiteOf(machine);
  if (!hub_->running() || hub_->disk().failed() || hub_->disk().dying() || site.devices >= 20) return;
  Identity identity = Enrol(site.id, std::string(1, static_cast<char>('a' + site.devices)));
  if (failed() || identity.node.empty()) return;
  ++site.devices;
  NoteLoss(machine->disk().contents(), PersistentMap());
  Cut(machine, "thrown away");
  machine->Stop();
  machine->disk().Restore(PersistentMap());
  machine->images.clear();
  site_of_.erase(machine);
  std::erase(site.machines, machine);
  Machine* box = NewMachine(Cat(site.id, "-box", machines_.size()), std::move(identity));
  site.machines.push_back(box);
  site_of_[box] = &site;
  Count("box replaced, reads from 0");
  Log(Cat(machine->name(), " replaced by ", box->name()));
  Start(box);
}

void World::StepClock(Machine* machine) {
  int64_t years = static_cast<int64_t>(Below(31)) - 15;
  if (OneIn(3)) years = 0;
  machine->clock().Set(years * 365 * 86'400'000, static_cast<int64_t>(Below(401)) - 200);
  if (years != 0) Count("clock stepped by years");
  Log(Cat(machine->name(), "'s clock is ", years, " years off"));
}

}  // namespace liaison::sim
