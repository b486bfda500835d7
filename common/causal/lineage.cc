#include "common/causal/lineage.h"

#include <algorithm>
#include <set>
#include <utility>

namespace liaison {
namespace {

const Lineage::Step* FindIn(const std::vector<Lineage::Step>& steps, uint64_t n, Tag tag) {
  auto at = std::lower_bound(steps.begin(), steps.end(), std::pair(n, tag),
                             [](const Lineage::Step& s, const auto& key) { return std::pair(s.n, s.tag) < key; });
  return at != steps.end() && at->n == n && at->tag == tag ? &*at : nullptr;
}

}  // namespace

const Lineage::Step* Lineage::Find(const Actor& actor, uint64_t n, Tag tag) const {
  auto it = steps_.find(actor);
  return it == steps_.end() ? nullptr : FindIn(it->second, n, tag);
}

bool Lineage::Ready(const Dot& dot, Tag previous) const {
  return dot.n == 1 ? previous == 0 : Find(dot.actor, dot.n - 1, previous) != nullptr;
}

void Lineage::Add(const Dot& dot, Tag previous, uint64_t seq, bool projected, bool hidden) {
  std::vector<Step>& steps = steps_[dot.actor];
  Step step{dot.n, dot.tag, previous, seq, projected, hidden};
  steps.insert(std::upper_bound(steps.begin(), steps.end(), step), step);
}

void Lineage::Hide(const Actor& actor, uint64_t seq, Tag tag) {
  auto it = steps_.find(actor);
  if (it == steps_.end()) return;
  for (Step& step : it->second)
    if (step.seq == seq && step.tag == tag && !step.projected) step.hidden = true;
}

bool Lineage::Covers(const Dot& entry, const Dot& dot) const {
  if (entry.actor != dot.actor || entry.n < dot.n) return false;
  if (entry.n == dot.n) return entry.tag == dot.tag;
  auto it = steps_.find(entry.actor);
  if (it == steps_.end()) return false;
  const Step* step = FindIn(it->second, entry.n, entry.tag);
  while (step != nullptr && step->n > dot.n + 1) step = FindIn(it->second, step->n - 1, step->previous);
  return step != nullptr && step->previous == dot.tag;
}

bool Lineage::Covers(const VersionVector& vector, const Dot& dot) const {
  for (const Dot& entry : vector.dots())
    if (Covers(entry, dot)) return true;
  return false;
}

void Lineage::Reduce(VersionVector* vector) const {
  for (size_t i = 0; i < vector->size();) {
    const Dot& dot = vector->dots()[i];
    bool covered = std::any_of(vector->dots().begin(), vector->dots().end(),
                               [&](const Dot& other) { return other != dot && Covers(other, dot); });
    if (covered) {
      vector->RemoveAt(i);
    } else {
      ++i;
    }
  }
}

void Lineage::Join(const VersionVector& more, VersionVector* into) const {
  for (const Dot& dot : more.dots()) into->Insert(dot);
  Reduce(into);
}

VersionVector Lineage::Heads() const {
  VersionVector heads;
  for (const auto& [actor, steps] : steps_) {
    std::set<std::pair<uint64_t, Tag>> followed;
    for (const Step& step : steps) followed.emplace(step.n - 1, step.previous);
    for (const Step& step : steps)
      if (!followed.contains({step.n, step.tag})) heads.Insert({actor, step.n, step.tag});
  }
  return heads;
}

VersionVector Lineage::Visible() const {
  using Place = std::pair<uint64_t, Tag>;
  VersionVector heads;
  for (const auto& [actor, steps] : steps_) {
    // Of each step that can be reached without meeting an unknown one, the last projected step up to it; n 0: none.
    // Steps are ascending, so one pass decides.
    std::map<Place, Place> last;
    std::set<Place> followed;
    for (const Step& step : steps) {
      const auto before = last.find({step.n - 1, step.previous});
      if ((step.n > 1 && before == last.end()) || (!step.projected && !step.hidden)) continue;
      const Place seen = step.n > 1 ? before->second : Place(0, 0);
      if (step.projected) followed.insert(seen);
      last[{step.n, step.tag}] = step.projected ? Place(step.n, step.tag) : seen;
    }
    for (const auto& [place, seen] : last)
      if (place == seen && !followed.contains(place)) heads.Insert({actor, place.first, place.second});
  }
  return heads;
}

size_t Lineage::size() const {
  size_t total = 0;
  for (const auto& [actor, steps] : steps_) total += steps.size();
  return total;
}

void Lineage::Encode(ByteWriter* out) const {
  out->Varint(steps_.size());
  for (const auto& [actor, steps] : steps_) {
    EncodeActor(actor, out);
    out->Varint(steps.size());
    for (const Step& step : steps) {
      out->Varint(step.n);
      out->Fixed64(step.tag);
      out->Fixed64(step.previous);
      out->Varint(step.seq);
      out->U8(step.projected ? 1 : 0);
    }
  }
}

Lineage Lineage::Decode(ByteReader* in) {
  constexpr size_t kSmallestActor = 1 + 8 + 1, kSmallestStep = 1 + 8 + 8 + 1 + 1;
  Lineage lineage;
  for (uint64_t actors = in->Count(kSmallestActor); actors > 0 && in->ok(); --actors) {
    Actor actor = DecodeActor(in);
    if (!lineage.steps_.empty() && !(lineage.steps_.rbegin()->first < actor)) in->Fail("actors out of order");
    std::vector<Step>& steps = lineage.steps_[actor];
    for (uint64_t count = in->Count(kSmallestStep); count > 0 && in->ok(); --count) {
      Step step;
      step.n = in->Varint();
      step.tag = in->Fixed64();
      step.previous = in->Fixed64();
      step.seq = in->Varint();
      uint8_t projected = in->U8();
      step.projected = projected != 0;
      if (step.n == 0 || projected > 1) in->Fail("step");
      if (!steps.empty() && std::pair(steps.back().n, steps.back().tag) >= std::pair(step.n, step.tag))
        in->Fail("steps out of order");
      steps.push_back(step);
    }
    if (steps.empty()) in->Fail("an actor without steps");
  }
  return lineage;
}

}  // namespace liaison
