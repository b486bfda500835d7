#include "tests/sim/oracle.h"

#include <algorithm>
#include <utility>

namespace liaison::sim {

OpId Oracle::Enter(std::string author, std::string record, std::vector<Written> writes, OpIds screen) {
  OpId op = static_cast<OpId>(deeds_.size());
  deeds_.push_back({op, std::move(author), std::move(record), std::move(writes), std::move(screen)});
  return op;
}

bool Oracle::OnScreen(const Deed& later, OpId op) const {
  return std::binary_search(later.screen.begin(), later.screen.end(), op);
}

Oracle::Shown Oracle::Expect(const OpIds& held) const {
  std::map<Place, OpIds> writers;
  for (OpId op : held)
    for (const Written& write : deeds_[op].writes) writers[write.place].push_back(op);
  Shown shown;
  auto value_of = [this](OpId op, const Place& place) {
    for (const Written& write : deeds_[op].writes)
      if (write.place == place) return write.value;
    return std::string();
  };
  for (const auto& [place, ops] : writers) {
    auto& visible = shown.places[place];
    for (OpId op : ops) {
      bool covered = std::any_of(ops.begin(), ops.end(), [&](OpId by) { return OnScreen(deeds_[by], op); });
      if (!covered) visible[op] = value_of(op, place);
    }
    if (visible.empty()) shown.places.erase(place);
  }
  for (const auto& [place, ops] : writers) shown.life.emplace(place.child, Life::kLive);
  for (auto& [child, life] : shown.life) {
    auto voids = shown.places.find({child, kVoidField, "", false});
    if (voids == shown.places.end()) continue;
    for (const auto& [op, value] : voids->second) {
      if (value.empty()) continue;
      bool saw_all = true;
      for (const auto& [place, ops] : writers) {
        if (place.field == kVoidField || (!child.empty() && place.child != child)) continue;
        for (OpId other : ops) saw_all = saw_all && (other == op || OnScreen(deeds_[op], other));
      }
      if (saw_all) life = Life::kVoid;
      if (life == Life::kLive) life = Life::kFlagged;
    }
  }
  return shown;
}

std::set<std::string> Oracle::PointsOf(const Shown& shown, const OpIds& held) const {
  std::set<std::string> points;
  for (OpId op : held)
    for (const Written& write : deeds_[op].writes) {
      if (write.point.empty()) continue;
      auto place = shown.places.find(write.place);
      if (place != shown.places.end() && place->second.contains(op)) points.insert(write.point);
    }
  return points;
}

// Who makes a record has seen nothing of it; anybody else has opened it on a page.
std::string Oracle::MakerOf(const OpIds& held) const {
  for (OpId op : held)
    if (deeds_[op].screen.empty()) return deeds_[op].author;
  return "";
}

std::set<std::string> Oracle::AuthorsOf(const OpIds& held) const {
  std::set<std::string> authors;
  for (OpId op : held) authors.insert(deeds_[op].author);
  return authors;
}

std::set<std::string> Oracle::EverPointsOf(const OpIds& held) const {
  std::set<std::string> points;
  for (OpId op : held)
    for (const Written& write : deeds_[op].writes)
      if (!write.point.empty()) points.insert(write.point);
  return points;
}

std::string ToText(const Oracle::Shown& shown) {
  std::string text;
  for (const auto& [place, writes] : shown.places) {
    text += "  " + std::to_string(place.child.size()) + "/" + std::to_string(place.field) + "/" + place.element + ":";
    for (const auto& [op, value] : writes) text += " #" + std::to_string(op) + "=" + value.substr(0, 24);
    text += "\n";
  }
  for (const auto& [child, life] : shown.life)
    if (life != Life::kLive) text += life == Life::kVoid ? "  void\n" : "  flagged\n";
  return text;
}

}  // namespace liaison::sim
