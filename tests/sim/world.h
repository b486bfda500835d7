// A township through years of virtual time: stations and a hub made of the real parts, people who write, links that
// come and go, and everything that can happen to a machine. One seed, one thread; the same seed does the same again.
//
// First the years (Play), then calm: faults stop, every machine gets a bounded number of sessions, and everything must
// have come together (Calm). What is wrong stops the run and is returned as text.
//
//   world.cc    the township, its calendar of events, the calm phase
//   people.cc   visits, edits, voids, settlements; clerks at the hub
//   faults.cc   what happens to machines
//   link.cc     sessions, message by message
//   checks.cc   what must hold
#ifndef LIAISON_TESTS_SIM_WORLD_H_
#define LIAISON_TESTS_SIM_WORLD_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/sim/machine.h"
#include "tests/sim/oracle.h"

namespace liaison::sim {

struct Options {
  uint64_t seed = 1;
  int stations = 96;
  double years = 3;
  double faults = 1;  // how much goes wrong; 0: nothing
  bool hub_restores = true;
  FILE* trace = nullptr;  // every line of the trace, as it comes
};

// How often something happened, by name. What stands in KindsThatMustFire() and never happened fails the test.
using Counts = std::map<std::string, uint64_t>;
const std::vector<std::string>& KindsThatMustFire();
inline constexpr char kCalmRounds[] = "sessions of each machine until all had come together, at most";

struct Link;

class World {
 public:
  explicit World(const Options& options);
  ~World();

  // "" or what is wrong, with seed, time and the last events.
  std::string Run();

  const Counts& fired() const { return fired_; }      // faults and what followed from them
  const Counts& checked() const { return checked_; }  // invariants, how often each was checked
  uint64_t trace_hash() const { return trace_hash_; }
  double station_years() const { return options_.stations * options_.years; }

 private:
  friend struct Link;
  using Event = std::function<void()>;
  struct Site {  // a station with its devices
    std::string id, area;
    bool is_area = false;
    std::vector<Machine*> machines;  // in use; the last one is the newest
    double sessions_per_month = 1;   // how well it is connected
    int64_t last_session_ms = 0;
    int devices = 1;                  // ever
    bool numbers_may_repeat = false;  // a disk was copied or went back: its counters did, too
    std::set<std::string> ever_points;
  };

  // world.cc
  void Setup();
  void Play();
  void Calm();
  void At(int64_t time_ms, Event event);
  void After(double hours, Event event) { At(now_ms_ + static_cast<int64_t>(hours * 3.6e6), std::move(event)); }
  // Calls `what` at random times, on average every `hours`, for the rest of the years.
  void Every(double hours, Event what);
  uint64_t Below(uint64_t n) { return random_.U64() % n; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  double Exponential(double mean);
  template <typename T>
  T& Pick(std::vector<T>& from) {
    return from[Below(from.size())];
  }
  Site& SomeSite();
  void Log(const std::string& line);
  void Count(const std::string& kind, uint64_t by = 1) { fired_[kind] += by; }
  void Wrong(const std::string& what);
  bool failed() const { return !wrong_.empty(); }
  void ReEnrol();  // devices that a restored hub does not know any more
  std::string When() const;
  std::string Date() const { return BusinessDate(now_ms_); }
  Machine* NewMachine(const std::string& name, Identity identity);
  Identity Enrol(const std::string& station, const std::string& block);
  bool EnterDevice(const Identity& identity, const std::string& what);  // into the roster, by a clerk at the hub
  void Start(Machine* machine);
  Site& SiteOf(const Machine* machine) { return *site_of_.at(machine); }
  bool Busy(const Machine* machine) const { return links_.contains(machine); }

  // people.cc
  using Build = std::function<absl::StatusOr<Action>(const StoreReader&, std::vector<OpIds>* screens)>;
  bool Act(Machine* machine, const std::string& what, const Build& build, const std::string* action_id = nullptr);
  void Reception(Site* site);
  void EditAt(Machine* machine);
  bool OpenPage(Machine* machine, Page* page);
  void WriteOnPage(Machine* machine, const Page& page);
  Write SomeWrite(Machine* machine, const Page& page, const std::string& action_id);
  std::optional<RecordId> SomeRecord(Machine* machine, uint8_t type);
  void MoveVillage();
  void MoveMatter();
  void EraseVisitor();

  // faults.cc
  void ScheduleFaults();
  void Died(Machine* machine, const std::string& how);  // the process is gone; it starts again after a while
  void PowerCut(Machine* machine);
  void Kill(Machine* machine);
  void DieInAWrite(Machine* machine);
  void FillDisk(Machine* machine);
  void TakeImage(Machine* machine);
  void RestoreStation(Machine* machine);
  void RestoreHub();
  void CloneDisk(Machine* machine);
  void ResumeTwice(Machine* machine);
  void ReplaceBox(Machine* machine);
  void StepClock(Machine* machine);
  void NoteLoss(const PersistentMap& before, const PersistentMap& after);

  // link.cc
  void Connect(Machine* machine, bool calm);
  void Cut(const Machine* machine, const std::string& why);
  void CutAll(const std::string& why);
  void Pump(std::shared_ptr<Link> link);
  void Deliver(const std::shared_ptr<Link>& link);
  void ApplyAtHub();
  void FeedsGrew();
  void Perform(const std::shared_ptr<Link>& link, sync::Effects effects, bool at_hub);
  void NoteAck(Machine* machine, const sync::RecordAck& record);
  void RunLinks();  // calm: until nobody has anything to say

  // checks.cc
  void CheckPage(Machine* machine, const Aggregate& aggregate, const OpIds& applied);
  void CheckReceipts();
  void CheckAfterRestart(Machine* machine);
  void CheckFinally();
  void CheckNothingIsLost(const std::map<const Machine*, std::set<OpId>, ByName>& before);
  void CheckReplicas();
  void CheckReplica(Machine* machine, const std::map<std::string, std::set<std::string>>& by_interest,
                    const std::map<std::string, std::set<std::string>>& ever_points,
                    const std::map<std::string, std::string>& canonical,
                    const std::map<std::string, std::string>& parents);
  void CheckFeeds(Machine* machine);
  // Whether it has nothing pending and all its feeds; else adds to `why`.
  bool AtHeads(Machine* machine, std::string* why);
  void CheckNumbers();
  void CheckKeys();
  std::set<OpId> OpsOn(const PersistentMap& disk);
  std::map<std::string, OpIds> RecordsOn(const PersistentMap& disk);

  const Options options_;
  SeededRandom random_;
  int64_t now_ms_ = 0, end_ms_ = 0;
  uint64_t event_count_ = 0;
  struct Later {
    int64_t time_ms;
    uint64_t order;
    std::shared_ptr<Event> event;
    bool operator>(const Later& other) const {
      return std::pair(time_ms, order) > std::pair(other.time_ms, other.order);
    }
  };
  std::priority_queue<Later, std::vector<Later>, std::greater<>> calendar_;

  Oracle oracle_;
  OpNumbers numbers_;
  std::vector<std::unique_ptr<Machine>> machines_;  // all that ever were; [0] is the hub
  Machine* hub_ = nullptr;
  std::map<std::string, Site> sites_;
  std::map<const Machine*, Site*, ByName> site_of_;  // machines in use
  std::vector<std::string> points_, areas_;

  std::map<const Machine*, std::shared_ptr<Link>, ByName> links_;
  uint64_t sent_ = 0;  // messages, by order of sending
  std::deque<std::pair<std::weak_ptr<Link>, sync::Range>> to_apply_;
  bool apply_is_due_ = false, grew_is_due_ = false, calm_ = false;
  std::set<std::string> grown_;
  class HubListener;
  std::unique_ptr<HubListener> hub_listener_;

  uint64_t hub_life_ = 0;                     // how often the hub went back to an older copy
  std::map<std::string, uint64_t> receipts_;  // key of an op -> the life in which the hub said that it has it
  std::map<const Machine*, std::pair<Actor, uint64_t>, ByName> said_saved_;  // the last op that a person was told of
  std::set<OpId> may_be_lost_;                                        // ops on disks that went back or were thrown away
  std::map<std::string, std::map<std::string, std::string>> erased_;  // machine, visitor and key -> ""
  std::set<std::string> erased_keys_;  // "visitor|key" destroyed at the hub, by the hub's present disk

  Counts fired_, checked_;
  uint64_t trace_hash_ = 0xcbf29ce484222325u;
  std::deque<std::string> last_lines_;
  std::string wrong_;
};

}  // namespace liaison::sim

#endif  // LIAISON_TESTS_SIM_WORLD_H_
