// A box in a village, or the hub: a disk with its keys, a clock that may be wrong, and now and then a process on it.
#ifndef LIAISON_TESTS_SIM_MACHINE_H_
#define LIAISON_TESTS_SIM_MACHINE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/crypto/sign.h"
#include "common/rows/tables.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/door/hub_port.h"
#include "hub/facts/facts.h"
#include "station/link/station_port.h"
#include "tests/sim/oracle.h"
#include "tests/testing/volatile_kv.h"

namespace liaison::sim {

// Runs fast or slow against the simulation's time, and is set wrong by years.
class DriftingClock : public Clock {
 public:
  explicit DriftingClock(const int64_t* now_ms) : now_ms_(now_ms) {}
  int64_t NowMs() override { return *now_ms_ + offset_ms_ + (*now_ms_ - since_ms_) / 1'000'000 * drift_ppm_; }
  void Set(int64_t offset_ms, int64_t drift_ppm) {
    offset_ms_ = offset_ms;
    drift_ppm_ = drift_ppm;
    since_ms_ = *now_ms_;
  }
  int64_t offset_ms() const { return offset_ms_; }

 private:
  const int64_t* now_ms_;
  int64_t offset_ms_ = 0, drift_ppm_ = 0, since_ms_ = 0;
};

// What lies in the data folder beside the database: copied with it.
struct Identity {
  std::string station, node, block;
  KeyPair key;
  std::string hub_public_key;
};

// A page that somebody has open. It survives the process behind it.
struct Page {
  RecordId record;
  VersionVector vector;
  OpIds screen;
  std::vector<Write> conflicts;  // where it shows one: place, without value
  std::vector<RecordId> children;
};

class Machine {
 public:
  Machine(std::string name, Identity identity, const int64_t* now_ms)
      : name_(std::move(name)), identity_(std::move(identity)), clock_(now_ms) {}

  // A process opens the disk. Equal seeds make equal random bytes: with them two machines play one that was resumed
  // twice.
  absl::Status Start(uint64_t random_seed);
  void Stop();
  bool running() const { return process_ != nullptr; }
  // REQUIRES of all below: running().
  Store* store() { return process_->store.get(); }
  RosterCache* roster();
  sync::StationPort* station_port() { return process_->station_port.get(); }
  sync::HubPort* hub_port() { return process_->hub_port.get(); }
  // The machine's own randomness from here on.
  void Reseed(uint64_t seed) { process_->random = SeededRandom(seed); }
  absl::Status ApplyBatch(const sync::FeedBatch& batch);

  bool is_hub() const { return identity_.station == kHubStation; }
  const std::string& name() const { return name_; }
  Identity& identity() { return identity_; }
  VolatileDisk& disk() { return disk_; }
  const VolatileDisk& disk() const { return disk_; }
  DriftingClock& clock() { return clock_; }
  uint64_t runs() const { return runs_; }

  std::vector<Page> pages;
  std::vector<PersistentMap> images;  // copies of the disk in a drawer
  StoreListener* listener = nullptr;  // of every process

 private:
  struct Process {
    explicit Process(uint64_t seed) : random(seed) {}
    SeededRandom random;
    TablesProjection tables;
    FactsProjection facts;        // the hub's
    CountersProjection counters;  // the hub's
    std::unique_ptr<Store> store;
    std::unique_ptr<RosterCache> roster;
    std::unique_ptr<StationPort> station_port;
    std::unique_ptr<HubPort> hub_port;
  };

  std::string name_;
  Identity identity_;
  VolatileDisk disk_;
  DriftingClock clock_;
  std::unique_ptr<Process> process_;
  uint64_t runs_ = 0;
};

// By name, so that the order of machines does not follow from their addresses.
struct ByName {
  bool operator()(const Machine* a, const Machine* b) const { return a->name() < b->name(); }
};

// Which op of the oracle's an op on a disk is. What people make says so in its user: "#" and the number of the first
// op of the action.
class OpNumbers {
 public:
  // 0 if it is nobody's.
  OpId Find(const StoreReader& reader, const Actor& actor, uint64_t seq, Tag tag);
  OpId Find(const Op& op);
  OpId Known(const Actor& actor, uint64_t seq, Tag tag) const;  // 0 if it was not met before
  void Add(const Op& op, OpId number) { known_[{{op.actor, op.seq}, op.tag()}] = number; }

  // The ops of an aggregate that are applied.
  OpIds Applied(const StoreReader& reader, const Aggregate& aggregate);
  // What a folded state shows, in the oracle's terms.
  Oracle::Shown Shown(const StoreReader& reader, const Aggregate& aggregate);

 private:
  std::map<std::pair<std::pair<Actor, uint64_t>, Tag>, OpId> known_;
};

std::string UserOf(OpId first);
Written WrittenOf(const RecordId& aggregate, const Write& write, bool sealed);

}  // namespace liaison::sim

#endif  // LIAISON_TESTS_SIM_MACHINE_H_
