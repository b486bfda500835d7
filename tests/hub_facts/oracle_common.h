// What both halves of the oracle ask of one matter, station or day. As plain as the rest of it.
#ifndef LIAISON_TESTS_HUB_FACTS_ORACLE_COMMON_H_
#define LIAISON_TESTS_HUB_FACTS_ORACLE_COMMON_H_

#include <algorithm>
#include <initializer_list>
#include <string>

#include "tests/hub_facts/oracle.h"

namespace oracle {

inline bool IsOneOf(const std::string& text, std::initializer_list<const char*> list) {
  return std::any_of(list.begin(), list.end(), [&](const char* one) { return text == one; });
}

inline int Permille(int64_t part, int64_t whole) {
  if (whole == 0) return -1;
  if (part == whole) return 1000;
  if (part == 0) return 0;
  return std::clamp(static_cast<int>(1000.0 * static_cast<double>(part) / static_cast<double>(whole) + 0.5), 1, 999);
}

inline bool InPlace(const World& world, const Query& query, const std::string& station) {
  if (!query.station.empty()) return station == query.station;
  if (query.area.empty()) return true;
  std::string up = station;
  for (int i = 0; i < 10; ++i) {
    if (up == query.area) return world.stations.count(station) > 0;
    auto it = world.stations.find(up);
    if (it == world.stations.end()) return false;
    up = it->second.parent;
  }
  return false;
}

inline bool InPeriod(const Query& query, const std::string& date) {
  return !date.empty() && query.from <= date && date <= query.to;
}

inline bool Active(const Station& station, const std::string& day) {
  return station.status == "STATION_ACTIVE" || (!station.status_date.empty() && day < station.status_date);
}

inline bool IsAccusation(const Matter& matter) {
  return !matter.historical && matter.disposition == "DISPOSITION_GUIDED" &&
         matter.guide_reason.rfind("检举控告", 0) == 0;
}

inline bool IsOpinion(const Matter& matter) {
  return matter.track == "TRACK_OPINION" && !IsAccusation(matter) && matter.state != "DRAFT" &&
         !IsOneOf(matter.nature, {"NATURE_INQUIRY", "NATURE_PRAISE", "NATURE_UNSPECIFIED"});
}

inline int Rounds(const Matter& matter) {
  int last = 1;
  for (const Assignment& one : matter.assignments)
    if (!one.voided) last = std::max(last, one.round);
  return last;
}
inline bool WasAssigned(const Matter& matter) {
  return std::any_of(matter.assignments.begin(), matter.assignments.end(),
                     [](const Assignment& one) { return !one.voided; });
}
inline const Reply* LastReply(const Matter& matter) {
  const Reply* last = nullptr;
  for (const Reply& one : matter.replies) {
    if (one.voided) continue;
    if (last == nullptr || one.round > last->round || (one.round == last->round && one.date >= last->date)) last = &one;
  }
  return last;
}
inline std::string LastRating(const Matter& matter) {
  int round = Rounds(matter);
  for (const Reply& one : matter.replies)
    if (!one.voided) round = std::max(round, one.round);
  const Evaluation* last = nullptr;
  for (const Evaluation& one : matter.evaluations) {
    if (one.voided || one.round < round) continue;
    if (matter.track == "TRACK_SUGGESTION" && !one.by.empty() && one.by != matter.lead) continue;
    if (last == nullptr || one.round > last->round || (one.round == last->round && one.date >= last->date)) last = &one;
  }
  return last == nullptr ? "" : last->result;
}
inline std::string ClassOf(const Matter& matter) {
  if (IsOneOf(matter.state, {"CLOSED", "TRACKING"})) return "closed";
  if (IsOneOf(matter.state, {"ANSWERED", "GUIDED", "WITHDRAWN", "DRAFT"})) return matter.state;
  if (IsOneOf(matter.state, {"MERGED", "CONVERTED"})) return "follows";
  if (matter.state == "ARCHIVED") {
    if (WasAssigned(matter)) return "closed";
    return matter.disposition == "DISPOSITION_GUIDED" ? "GUIDED" : "ANSWERED";
  }
  return matter.state == "FROM_LATER" ? "unknown" : "open";
}
inline std::string FirstAssigned(const Matter& matter) {
  std::string first;
  for (const Assignment& one : matter.assignments)
    if (!one.voided && !one.date.empty() && (first.empty() || one.date < first)) first = one.date;
  return first;
}

inline const Assignment* LastAssignment(const Matter& matter) {
  const Assignment* last = nullptr;
  for (const Assignment& one : matter.assignments) {
    if (one.voided) continue;
    if (last == nullptr || one.round > last->round || (one.round == last->round && one.date >= last->date)) last = &one;
  }
  return last;
}

inline std::string DueOf(const Matter& matter) {
  const Assignment* last = LastAssignment(matter);
  if (last == nullptr) return "";
  std::string due = last->due;
  for (const Extension& one : matter.extensions)
    if (!one.voided && one.granted && &matter.assignments[one.assignment] == last) due = std::max(due, one.new_due);
  return due;
}

// The first reply of the last assignment's round or later.
inline std::string ReplyDate(const Matter& matter) {
  const Assignment* last = LastAssignment(matter);
  std::string date;
  for (const Reply& one : matter.replies)
    if (!one.voided && last != nullptr && one.round >= last->round && (date.empty() || one.date < date))
      date = one.date;
  return date;
}

// oracle_work.cc: everything but what stands in oracle.cc.
void CountWork(const World& world, const Query& query, Answer* out);

}  // namespace oracle

#endif  // LIAISON_TESTS_HUB_FACTS_ORACLE_COMMON_H_
