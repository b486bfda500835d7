// A hub's data folder after ten business years, 2016 to 2025: what 96 points delivered, and what the township made of
// it. Deterministic by seed but for what the hub draws at its setup (its keys, its devices, its epoch).
//
// What a station writes (sessions, visits, sealed visitors with their keys, matters, voids) is made as its store would
// make it: ops with hash and chain, a new log each year whose first op names its parent, ranges signed by an enrolled
// device, one for each reception day; and goes in by Store::ApplyRanges with all of the hub's checks, one batch for
// each day. What the township writes goes by Store::Commit, in actions of up to 20 ops, as a clerk's sitting. Only the
// disk is not waited for: writes are synced at the end.
#ifndef LIAISON_TESTS_BENCH_DECADE_H_
#define LIAISON_TESTS_BENCH_DECADE_H_

#include <string>

#include "tests/bench/rig.h"

namespace liaison::bench {

inline constexpr char kDecadeFirst[] = "2016-01-01", kDecadeLast[] = "2025-12-31";
inline constexpr char kDecadeYear[] = "2024";  // a year whose casework is done, for figures of one year

struct DecadeCounts {
  double matters = 0, visits = 0, visitors = 0, sessions = 0, station_ops = 0, township_ops = 0, seconds = 0;
};

// Fills the empty folder `dir` with `matters` matters, and compacts the database.
DecadeCounts FillDecade(const Setting& setting, const std::string& dir, int matters);

// More of the same, from the day after the decade on, into a hub that may hold a decade or nothing but its roster: what
// its stations would push now. Each element is one batch of the hub's queue.
class LaterVisits {
 public:
  LaterVisits(const Setting& setting, HubNode* hub);
  ~LaterVisits();
  std::vector<std::vector<sync::Range>> Make(int matters);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_DECADE_H_
