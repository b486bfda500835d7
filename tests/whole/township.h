// A township in one process: a hub and stations with all their services, and links that are cut at will.
#ifndef LIAISON_TESTS_WHOLE_TOWNSHIP_H_
#define LIAISON_TESTS_WHOLE_TOWNSHIP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub_node.h"
#include "station/station_node.h"

namespace liaison {

// A folder that goes away with it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Makes `dir` a device of the station, as `liaison enrol` does.
void EnrolInto(const std::string& dir, const std::string& station_id, HubNode* hub, Random* random);

// What the stations' folders hold, the hub holds in the same state: every aggregate has one, wherever it is. How many
// were compared. No process may run in them.
int ExpectSameStates(const std::string& hub_dir, const std::vector<std::string>& station_dirs);

struct Site {
  std::string dir;
  std::unique_ptr<StationNode> node;
};

class Township {
 public:
  // The roster of hub/fixture; the hub on a RocksDB, the clock at 2026-11-20. `sync_address`: where it also serves the
  // stations over sockets, in clear text.
  // `start_ms`: where its clock begins, instead.
  explicit Township(uint64_t seed, const std::string& sync_address = "", int64_t start_ms = 0);

  HubNode& hub() { return *hub_; }
  // Closes the hub, lets `damage` write to its database behind its back, and opens it again.
  void ReopenHub(const std::function<void(Kv&)>& damage);
  ManualClock& clock() { return clock_; }
  Random& random() { return random_; }
  uint64_t Below(uint64_t n) { return random_.U64() % n; }
  std::string ActionId() { return Hex(random_.Bytes(kActionIdBytes)); }

  // Enrols a device of the station and opens it, in memory or on a RocksDB of its own.
  std::unique_ptr<Site> Enrol(const std::string& station_id, bool rocks = false);
  // Opens what was enrolled in `dir`, without a link; `kv`: another database than its own.
  std::unique_ptr<StationNode> Open(const std::string& dir, std::unique_ptr<Kv> kv = nullptr);
  // Closes the site and copies its folder: two boxes that take themselves for one. Where the copy is.
  std::string Clone(Site* site);

  // One session over a link that delivers messages of both directions in random order (each direction in its own) and
  // is cut after `messages` of them; negative: until both sides have nothing to say. True if the station is then
  // synced.
  bool Sync(StationNode* station, int messages = -1);

  uint64_t messages_delivered = 0, cuts = 0;

 private:
  void OpenHub();

  TempDir dir_;
  const std::string sync_address_;
  ManualClock clock_;
  SeededRandom random_;
  std::unique_ptr<HubNode> hub_;
  int sites_ = 0;
};

// Requests as a page would send them.
v1::SessionView OpenSession(Township* town, StationNode* station, const std::string& date,
                            const std::string& point = "");
v1::LogVisitRequest VisitRequest(Township* town, const v1::SessionView& session, const std::string& words);

}  // namespace liaison

#endif  // LIAISON_TESTS_WHOLE_TOWNSHIP_H_
