// Years of a township, seed by seed. See README.md for the knobs; LIAISON_SIM_SEED alone plays one seed again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <ostream>
#include <set>
#include <sstream>

#include "common/base/text.h"
#include "tests/sim/world.h"
#include "tests/testing/places.h"

namespace liaison::sim {
namespace {

const std::string kSeedsFile = InSource("/tests/sim/seeds.txt");

double Number(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

// A line of seeds.txt: seed, years, stations; what follows is for people. Lines with # are not read.
std::vector<Options> KnownSeeds() {
  std::vector<Options> seeds;
  std::ifstream in(kSeedsFile);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    Options options;
    std::istringstream(line) >> options.seed >> options.years >> options.stations;
    seeds.push_back(options);
  }
  return seeds;
}

void Remember(const Options& options, const std::string& failure) {
  for (const Options& known : KnownSeeds())
    if (known.seed == options.seed && known.years == options.years && known.stations == options.stations) return;
  std::string why = failure.substr(0, failure.find('\n'));
  std::ofstream(kSeedsFile, std::ios::app)
      << options.seed << ' ' << options.years << ' ' << options.stations << "  " << why << "\n";
}

struct Totals {
  Counts fired, checked;
  double station_years = 0;
  uint64_t seeds = 0;

  void Add(const World& world) {
    ++seeds;
    station_years += world.station_years();
    for (const auto& [kind, count] : world.checked()) checked[kind] += count;
    for (const auto& [kind, count] : world.fired()) {
      if (kind == kCalmRounds) {
        fired[kind] = std::max(fired[kind], count);
      } else {
        fired[kind] += count;
      }
    }
  }
};

std::ostream& operator<<(std::ostream& out, const Totals& totals) {
  out << totals.seeds << " seeds, " << totals.station_years << " station-years\n  happened:\n";
  for (const auto& [kind, count] : totals.fired) out << "  " << count << "\t" << kind << "\n";
  out << "  checked:\n";
  for (const auto& [kind, count] : totals.checked) out << "  " << count << "\t" << kind << "\n";
  return out;
}

bool Play(const Options& options, Totals* totals) {
  World world(options);
  std::string failure = world.Run();
  totals->Add(world);
  if (failure.empty()) return true;
  Remember(options, failure);
  ADD_FAILURE() << failure;
  return false;
}

TEST(Simulation, SeedsThatFailedOnceHoldNow) {
  Totals totals;
  for (const Options& options : KnownSeeds()) Play(options, &totals);
  std::cout << totals;
}

TEST(Simulation, TheSameSeedDoesTheSameAgain) {
  Options options;
  options.seed = 77;
  options.stations = 12;
  options.years = 1;
  World one(options), two(options);
  EXPECT_EQ(one.Run(), "");
  EXPECT_EQ(two.Run(), "");
  EXPECT_EQ(one.trace_hash(), two.trace_hash());
  EXPECT_EQ(one.fired(), two.fired());
  options.seed = 78;
  World other(options);
  EXPECT_EQ(other.Run(), "");
  EXPECT_NE(other.trace_hash(), one.trace_hash());
}

TEST(Simulation, AYearWithoutFaultsIsDull) {
  Options options;
  options.stations = 12;
  options.years = 1;
  options.faults = 0;
  World world(options);
  EXPECT_EQ(world.Run(), "");
  std::set<std::string> accidents = {"gaps", "rewinds", "receipts lowered", "cut at a message", "hub: killed"};
  for (const auto& [kind, count] : world.fired()) EXPECT_FALSE(accidents.contains(kind)) << kind;
}

// LIAISON_SIM_SEED and LIAISON_SIM_SEEDS: where to begin and how many; LIAISON_SIM_MINUTES: go on until then.
TEST(Simulation, NinetySixStationsComeTogetherAfterYearsOfFaults) {
  Options options;
  options.years = Number("LIAISON_SIM_YEARS", 2.75);
  options.stations = static_cast<int>(Number("LIAISON_SIM_STATIONS", 96));
  options.faults = Number("LIAISON_SIM_FAULTS", 1);
  const bool one_seed = std::getenv("LIAISON_SIM_SEED") != nullptr;
  const uint64_t first = static_cast<uint64_t>(Number("LIAISON_SIM_SEED", 2));
  const uint64_t seeds = static_cast<uint64_t>(Number("LIAISON_SIM_SEEDS", one_seed ? 1 : 4));
  const double seconds = Number("LIAISON_SIM_MINUTES", 0) * 60;
  if (const char* path = std::getenv("LIAISON_SIM_TRACE")) options.trace = std::fopen(path, "w");
  const int64_t start_ms = SystemClock()->NowMs();
  Totals totals;
  for (options.seed = first;
       options.seed < first + seeds || static_cast<double>(SystemClock()->NowMs() - start_ms) < seconds * 1000;
       ++options.seed) {
    std::cout << "seed " << options.seed << std::endl;
    if (!Play(options, &totals)) break;
  }
  if (options.trace != nullptr) std::fclose(options.trace);
  std::cout << "seeds " << first << " to " << options.seed - 1 << ": " << totals;
  if (totals.station_years < 1'000 || HasFailure()) return;
  for (const std::string& kind : KindsThatMustFire()) EXPECT_GT(totals.fired[kind], 0u) << "never happened: " << kind;
}

}  // namespace
}  // namespace liaison::sim
