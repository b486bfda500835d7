#include "tests/model/explorer.h"

#include <algorithm>
#include <iterator>

namespace liaison::model {
namespace {

// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
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

struct Weight {
  Act act;
  uint32_t weight;
};
// Links carry most of a history; of accidents there are few in each, but all kinds in all.
constexpr Weight kWeights[] = {{Act::kWrite, 26},       {Act::kWriteBad, 2},   {Act::kMove, 3},
                               {Act::kErase, 2},        {Act::kHubWrite, 10},  {Act::kHubMove, 3},
                               {Act::kHubGrant, 3},     {Act::kHubRefuse, 2},  {Act::kHubAccept, 2},
                               {Act::kHubErase, 2},     {Act::kHubRevoke, 1},  {Act::kOpen, 30},
                               {Act::kUp, 30},          {Act::kDown, 30},      {Act::kRun, 24},
                               {Act::kCut, 10},         {Act::kRestartBox, 4}, {Act::kRestartHub, 2},
                               {Act::kCopyBox, 5},      {Act::kRestoreBox, 5}, {Act::kCloneBox, 3},
                               {Act::kResumeBox, 3},    {Act::kCopyHub, 6},    {Act::kArchive, 3},
                               {Act::kVerify, 3},       {Act::kRestoreHub, 6}, {Act::kSecondHub, 2},
                               {Act::kResumeHub, 2},    {Act::kImportHub, 2},  {Act::kStickUp, 4},
                               {Act::kStickUpTaken, 4}, {Act::kStickDown, 3},  {Act::kStickDownTaken, 4},
                               {Act::kRelay, 2},        {Act::kForgeRange, 1}, {Act::kForgeBatch, 1},
                               {Act::kForgeOffer, 1}};
static_assert(std::size(kWeights) == static_cast<size_t>(Act::kCount));

bool Fails(const Rules& rules, const History& history) {
  Counts ignored;
  return !Run(rules, history, &ignored).empty();
}

}  // namespace

History RandomHistory(uint64_t seed) {
  Random random(seed);
  History history;
  history.shape.stations = 1 + static_cast<int>(random.Below(kStations));
  history.shape.second = random.Below(3) == 0;
  history.shape.limits = {1 + static_cast<int>(random.Below(3)), 1 + static_cast<int>(random.Below(4)),
                          1 + static_cast<int>(random.Below(3))};
  // Not every history has every kind: rare ones in company of all others would hide each other.
  uint32_t total = 0;
  std::vector<Weight> weights;
  for (const Weight& weight : kWeights) {
    if (weight.weight < 10 && random.Below(2) == 0) continue;
    weights.push_back(weight);
    total += weight.weight;
  }
  for (uint32_t steps = 10 + random.Below(60); steps > 0; --steps) {
    uint32_t at = random.Below(total);
    auto it = weights.begin();
    while (at >= it->weight) at -= (it++)->weight;
    history.steps.push_back({it->act, random.Bits(), random.Bits(), random.Bits()});
  }
  return history;
}

std::string Run(const Rules& rules, const History& history, Counts* counts) {
  ForgetNames();
  World world(&rules, history.shape);
  ++counts->histories;
  std::string wrong;
  for (const Step& step : history.steps) {
    wrong = world.Do(step);
    ++counts->states;
    counts->acts[static_cast<size_t>(step.act)] += world.applied() ? 1 : 0;
    if (!wrong.empty()) return wrong;
  }
  wrong = world.Calm();
  counts->messages += static_cast<uint64_t>(world.messages());
  counts->calm_rounds_max = std::max(counts->calm_rounds_max, world.calm_rounds());
  return wrong;
}

std::optional<Failure> Explore(const Rules& rules, uint64_t first, uint64_t count, Counts* counts) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    History history = RandomHistory(seed);
    std::string wrong = Run(rules, history, counts);
    if (wrong.empty()) continue;
    return Failure{Shortened(rules, history), wrong, seed, seed - first + 1};
  }
  return std::nullopt;
}

History Shortened(const Rules& rules, const History& from) {
  History history = from;
  for (size_t size = std::max<size_t>(history.steps.size() / 2, 1);;) {
    bool dropped = false;
    for (size_t at = 0; at + size <= history.steps.size();) {
      History shorter = history;
      auto begin = shorter.steps.begin() + static_cast<std::ptrdiff_t>(at);
      shorter.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
      if (Fails(rules, shorter)) {
        history = std::move(shorter);
        dropped = true;
      } else {
        ++at;
      }
    }
    if (size == 1 && !dropped) break;
    if (size > 1) size /= 2;
  }
  for (Step& step : history.steps)
    for (uint32_t Step::*part : {&Step::a, &Step::b, &Step::c}) {
      uint32_t was = step.*part;
      for (uint32_t small = 0; small < 4 && small < was; ++small) {
        step.*part = small;
        if (Fails(rules, history)) break;
        step.*part = was;
      }
    }
  return history;
}

std::string Print(const Rules& rules, const History& history) {
  ForgetNames();
  World world(&rules, history.shape);
  std::string out = std::to_string(history.shape.stations) + " stations" +
                    (history.shape.second ? ", a second device" : "") + "\n",
              wrong;
  for (const Step& step : history.steps) {
    wrong = world.Do(step);
    out += std::string("  ") + NameOf(step.act) + " " + std::to_string(step.a) + " " + std::to_string(step.b) + " " +
           std::to_string(step.c) + (world.applied() ? "" : "  (nothing)") +
           (world.told().empty() ? "" : "  " + world.told()) + "\n";
    if (!wrong.empty()) return out + "= " + wrong + "\n";
  }
  return out + "= " + world.Calm() + "\n";
}

namespace {

struct Walk {
  const Rules& rules;
  const Alphabet& alphabet;
  Counts* counts;
  std::vector<Step> steps;
  std::optional<Failure> failure;

  void Below(const World& world, int depth) {
    World calm = world;
    ++counts->histories;
    std::string wrong = calm.Calm();
    counts->messages += static_cast<uint64_t>(calm.messages());
    counts->calm_rounds_max = std::max(counts->calm_rounds_max, calm.calm_rounds());
    if (!wrong.empty()) return Fail(wrong);
    if (depth == alphabet.depth) return;
    for (const std::vector<Step>& letter : alphabet.letters) {
      World next = world;
      bool applied = false;
      size_t before = steps.size();
      for (const Step& step : letter) {
        wrong = next.Do(step);
        steps.push_back(step);
        applied |= next.applied();
        ++counts->states;
        counts->acts[static_cast<size_t>(step.act)] += next.applied() ? 1 : 0;
        if (!wrong.empty()) return Fail(wrong);
      }
      if (applied) Below(next, depth + 1);
      if (failure) return;
      steps.resize(before);
    }
  }

  void Fail(const std::string& wrong) {
    History history{alphabet.shape, steps};
    failure = Failure{Shortened(rules, history), wrong, 0, counts->histories};
  }
};

}  // namespace

std::optional<Failure> ExploreAll(const Rules& rules, const Alphabet& alphabet, Counts* counts) {
  ForgetNames();
  World world(&rules, alphabet.shape);
  Walk walk{rules, alphabet, counts, {}, std::nullopt};
  for (const Step& step : alphabet.start) {
    walk.steps.push_back(step);
    if (std::string wrong = world.Do(step); !wrong.empty()) {
      walk.Fail(wrong);
      return walk.failure;
    }
  }
  walk.Below(world, 0);
  return walk.failure;
}

}  // namespace liaison::model
