#include "tests/model/door/explorer.h"

#include <algorithm>

namespace liaison::door {
namespace {

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 7) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(Next() % n); }
  uint32_t Bits() { return static_cast<uint32_t>(Next() >> 32); }

 private:
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

// By Act. What is rare here is company for one another in few histories: see RandomHistory().
constexpr uint32_t kWeights[] = {9,  3,  16, 26, 6, 5, 6, 4, 3, 6, 8, 12, 3, 6, 30, 5, 3,  // at a box
                                 80, 12, 8,  3,  5, 3, 3, 4, 2,                            // to a box
                                 44, 6,  2,  10, 8, 3, 1, 2, 4, 1, 4, 3,  2, 1, 1,         // at the hub
                                 2,  3,  4,  2,  2, 2};                                    // to the hub
static_assert(std::size(kWeights) == static_cast<size_t>(Act::kCount));

std::string LawOf(const std::string& wrong) { return wrong.substr(0, wrong.find(':')); }

History Shortened(const Variant& variant, History history, const std::string& law) {
  auto fails = [&](const History& one) {
    Counts ignored;
    return LawOf(Run(variant, one, &ignored)) == law;
  };
  for (size_t size = std::max<size_t>(history.steps.size() / 2, 1);;) {
    bool dropped = false;
    for (size_t at = 0; at + size <= history.steps.size();) {
      History shorter = history;
      auto begin = shorter.steps.begin() + static_cast<std::ptrdiff_t>(at);
      shorter.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
      if (fails(shorter)) {
        history = std::move(shorter);
        dropped = true;
      } else {
        ++at;
      }
    }
    if (size == 1 && !dropped) return history;
    if (size > 1) size /= 2;
  }
}

void Sum(const Tally& from, Tally* to) {
  for (uint64_t Tally::*part : {&Tally::honest, &Tally::forged, &Tally::held_honest, &Tally::held_forged,
                                &Tally::refused_forged, &Tally::q_forged, &Tally::marked, &Tally::taken,
                                &Tally::self_taken, &Tally::claims_after_restore, &Tally::alarms})
    to->*part += from.*part;
  for (const auto& [why, count] : from.held_why) to->held_why[why] += count;
}

}  // namespace

History RandomHistory(uint64_t seed) {
  Random random(seed);
  History history;
  for (size_t station = 0; station < kStations; ++station) {
    history.shape.honest[station] = random.Below(3) != 0;
    history.shape.old[station] = random.Below(2) == 0;
  }
  std::vector<std::pair<Act, uint32_t>> weights;
  uint32_t total = 0;
  const bool quiet_rights = random.Below(2) == 0, quiet_hub = random.Below(2) == 0,
             quiet_forgers = random.Below(3) == 0;
  for (size_t act = 0; act < std::size(kWeights); ++act) {
    const Act one = static_cast<Act>(act);
    if (kWeights[act] < 6 && random.Below(2) == 0) continue;
    if (one >= Act::kGrant && one <= Act::kRequireLogin && quiet_rights) continue;
    if ((one == Act::kRestoreHub || one == Act::kSecondHub) && quiet_hub) continue;
    if ((one == Act::kForge || one == Act::kForgeNew) && quiet_forgers) continue;
    weights.emplace_back(static_cast<Act>(act), kWeights[act]);
    total += kWeights[act];
  }
  for (uint32_t station = 0; station < kStations; ++station) {  // something to meet at
    if (random.Below(2) == 0) continue;
    history.steps.push_back({Act::kVisit, station, random.Bits(), random.Bits(), random.Bits()});
    if (random.Below(2) == 0) history.steps.push_back({Act::kMove, station, random.Bits(), 0, random.Bits()});
    history.steps.push_back({Act::kSync, station, 1, 1, 0});
  }
  for (uint32_t steps = 20 + random.Below(100); steps > 0; --steps) {
    uint32_t at = random.Below(total);
    auto it = weights.begin();
    while (at >= it->second) at -= (it++)->second;
    history.steps.push_back({it->first, random.Bits(), random.Bits(), random.Bits(), random.Bits()});
  }
  return history;
}

std::string Run(const Variant& variant, const History& history, Counts* counts) {
  World world(&variant, history.shape);
  ++counts->histories;
  for (const Step& step : history.steps) {
    world.Do(step);
    counts->acts[static_cast<size_t>(step.act)] += world.applied() ? 1 : 0;
    if (!world.wrong().empty()) break;
  }
  if (world.wrong().empty()) world.Calm();
  counts->with_held += world.tally().held_honest + world.tally().held_forged > 0 ? 1 : 0;
  Sum(world.tally(), &counts->tally);
  if (!world.wrong().empty()) ++counts->broken[LawOf(world.wrong())];
  return world.wrong();
}

std::optional<Failure> Explore(const Variant& variant, uint64_t first, uint64_t count, Counts* counts) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    History history = RandomHistory(seed);
    std::string wrong = Run(variant, history, counts);
    if (!wrong.empty()) return Failure{Shortened(variant, history, LawOf(wrong)), wrong, seed};
  }
  return std::nullopt;
}

void Count(const Variant& variant, uint64_t first, uint64_t count, Counts* counts) {
  for (uint64_t seed = first; seed < first + count; ++seed) Run(variant, RandomHistory(seed), counts);
}

std::string Story(const Variant& variant, const History& history) {
  World world(&variant, history.shape);
  world.Tell();
  std::string out;
  for (size_t station = 0; station < kStations; ++station)
    out += std::string(kPlaceNames[station]) + ": " + (history.shape.honest[station] ? "honest" : "dishonest") +
           (history.shape.old[station] ? ", former version; " : "; ");
  for (const Step& step : history.steps) {
    world.Do(step);
    if (!world.wrong().empty()) break;
  }
  if (world.wrong().empty()) world.Calm();
  return out + "\n" + world.story() + "= " + world.wrong() + "\n";
}

}  // namespace liaison::door
