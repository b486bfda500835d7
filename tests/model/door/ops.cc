#include "tests/model/door/ops.h"

#include <algorithm>

namespace liaison::door {

Folded::Folded(const Universe* universe, const std::vector<int>& ops) : universe_(universe) {
  std::vector<int> sorted = ops;
  std::sort(sorted.begin(), sorted.end());  // an op's predecessor is older
  for (int id : sorted)
    if (const Op& op = universe->op(id); op.previous == kNothing || applied_.contains(op.previous)) applied_.insert(id);
  auto carries = [&](int id, const Key& key) {
    const Op& op = universe_->op(id);
    return std::any_of(op.writes.begin(), op.writes.end(),
                       [&](const Change& write) { return Key(write.what, write.key) == key; });
  };
  auto covered = [&](int id, const Key& key) {
    return std::any_of(applied_.begin(), applied_.end(), [&](int other) {
      return other != id && !hidden_.contains(other) && carries(other, key) && Covers(universe_->op(other).context, id);
    });
  };
  std::set<int> judged;
  for (bool verdicts : {true, false}) {
    for (int id : applied_) {
      if (!verdicts && hidden_.contains(id)) continue;
      for (const Change& write : universe_->op(id).writes) {
        if ((write.what == What::kVerdict) != verdicts) continue;
        Key key(write.what, write.key);
        if (covered(id, key)) continue;
        visible_[key][id] = write.value;
        if (verdicts && write.value != 0) judged.insert(write.key);
      }
    }
    if (!verdicts) continue;
    for (int id : judged) {
      if (!applied_.contains(id)) continue;
      const std::vector<Change>& writes = universe_->op(id).writes;
      if (std::none_of(writes.begin(), writes.end(), [](const Change& w) { return w.what == What::kVerdict; }))
        hidden_.insert(id);
    }
  }
}

const std::map<int, int>& Folded::Visible(What what, int key) const {
  static const std::map<int, int> kNone;
  auto it = visible_.find({what, key});
  return it == visible_.end() ? kNone : it->second;
}

bool Folded::Has(What what, int key, int value) const {
  const auto& siblings = Visible(what, key);
  return std::any_of(siblings.begin(), siblings.end(), [&](const auto& one) { return one.second == value; });
}

bool Folded::Covers(const std::set<int>& context, int op) const {
  for (int entry : context) {
    if (entry == op) return true;
    if (!applied_.contains(entry)) continue;
    for (int at = universe_->op(entry).previous; at != kNothing; at = universe_->op(at).previous)
      if (at == op) return true;
  }
  return false;
}

State Folded::Status() const {
  std::set<int> states;
  for (const auto& [op, value] : Visible(What::kStatus)) states.insert(value);
  if (states.empty()) return State::kNone;
  return states.size() > 1 ? State::kContested : static_cast<State>(*states.begin());
}

std::set<int> Folded::Vector(bool stops) const {
  std::map<int, int> last;
  std::set<int> stopped;
  for (int id : applied_) {  // ascending: of one actor in its order
    const int actor = universe_->op(id).actor;
    if (!hidden_.contains(id) && !stopped.contains(actor)) last[actor] = id;
    if (hidden_.contains(id) && stops) stopped.insert(actor);
  }
  std::set<int> vector;
  for (const auto& [actor, id] : last) vector.insert(id);
  return vector;
}

int Folded::Maker() const {
  int maker = kNothing;
  for (int id : applied_) {
    const Op& op = universe_->op(id);
    if (hidden_.contains(id) || !Makes(*universe_, op)) continue;
    if (maker != kNothing && universe_->op(maker).station != op.station) return kNothing;
    if (maker == kNothing) maker = id;
  }
  return maker;
}

int Folded::Place() const {
  int maker = Maker();
  if (maker == kNothing) return kNothing;
  for (const Change& write : universe_->op(maker).writes)
    if (write.what == What::kPlace) return write.value;
  return kNothing;
}

std::string Told(const Universe& universe, int id) {
  constexpr const char* kWhat[] = {"field",      "status",     "void",    "place",      "number",
                                   "historical", "hub field",  "sealed",  "reply",      "feedback",
                                   "evaluation", "void child", "verdict", "grant",      "revoke",
                                   "ended",      "enter",      "merged",  "may import", "login"};
  constexpr const char* kKinds[] = {"rights", "account", "session", "visitor", "matter"};
  const Op& op = universe.op(id);
  std::string out = "#" + std::to_string(id) + " " + (op.station == kHub ? "hub" : kPlaceNames[op.station]) + "/" +
                    std::to_string(op.actor) + " on " + kKinds[static_cast<int>(universe.record(op.record).kind)] +
                    " " + std::to_string(op.record) + ":";
  if (!op.honest) out += " FORGED";
  if (op.action == universe.record(op.record).action) out += " makes";
  for (const Change& write : op.writes) {
    out += std::string(" ") + kWhat[static_cast<int>(write.what)] + "[" + std::to_string(write.key) + "]=";
    if (write.what == What::kStatus)
      out += NameOf(static_cast<State>(write.value));
    else if (write.what == What::kVerdict && write.value != 0)
      out += std::string(NameOf(static_cast<Outcome>(write.value % 10))) + " (" +
             NameOf(static_cast<Reason>(write.value / 10)) + ")";
    else
      out += std::to_string(write.value);
  }
  out += " context {";
  for (int entry : op.context) out += " #" + std::to_string(entry);
  out += " }";
  if (op.grants) {
    out += " grants {";
    for (int entry : *op.grants) out += " #" + std::to_string(entry);
    out += " }";
  }
  return out;
}

}  // namespace liaison::door
