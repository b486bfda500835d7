#include "tests/hub_facts/oracle.h"

#include <algorithm>
#include <cstdio>

#include "tests/hub_facts/oracle_common.h"

namespace oracle {
namespace {

class Counting {
 public:
  Counting(const World& world, const Query& query) : world_(world), query_(query) {}

  Answer Run() {
    Stations();
    Sessions();
    People();
    for (const Matter& matter : world_.matters)
      if (!matter.voided) OneMatter(matter);
    Assigned();
    Rates();
    CountWork(world_, query_, &out_);
    std::erase_if(out_.figures, [](const auto& figure) { return figure.second == 0; });
    return out_;
  }

 private:
  int64_t& Figure(const std::string& code) { return out_.figures[code]; }

  bool InPlace(const std::string& station) const { return oracle::InPlace(world_, query_, station); }
  bool InPeriod(const std::string& date) const { return oracle::InPeriod(query_, date); }

  static std::string DateOf(const Session& session) { return session.root_here ? session.date : ""; }
  static std::string PlaceOf(const Session& session) { return session.root_here ? session.station : ""; }
  static bool Held(const Session& session) {
    return session.root_here && !session.voided && session.state == "SESSION_CLOSED";
  }

  void Stations() {
    std::string first_day = query_.today;
    for (int i = 1; i < 60; ++i) first_day = DayBefore(first_day);
    std::set<std::string> villages, served;
    for (const auto& [id, station] : world_.stations) {
      if (!InPlace(id)) continue;
      std::set<std::string> own = station.villages;
      if (own.empty()) own.insert(id);
      const Station* now = &station;
      for (int i = 0; i < 10 && !Active(*now, query_.to) && now->status == "STATION_MERGED" &&
                      world_.stations.count(now->merged_into);
           ++i)
        now = &world_.stations.at(now->merged_into);
      if (station.tier == "POINT") {
        villages.insert(own.begin(), own.end());
        if (Active(*now, query_.to)) served.insert(own.begin(), own.end());
      }
      bool lively = false, active = false;
      for (const Session& session : world_.sessions) {
        if (!Held(session) || session.station != id) continue;
        lively = lively || (first_day <= session.date && session.date <= query_.today);
        active = active || InPeriod(session.date);
      }
      if (station.tier == "POINT" && Active(station, query_.today) && !lively) ++Figure("N2.silent");
      if (!Active(station, query_.to)) continue;
      if (station.grade == "GRADE_HIGH_STANDARD") ++Figure("N1.high_standard");
      if (station.tier == "CENTER") ++Figure("N1.center");
      if (station.tier == "AREA") ++Figure("N1.area");
      if (station.tier != "POINT") continue;
      ++Figure("N1.point");
      if (active) ++Figure("N2.active");
    }
    Figure("N1.coverage") = Permille(static_cast<int64_t>(served.size()), static_cast<int64_t>(villages.size()));
    Figure("N2") = Permille(Figure("N2.active"), Figure("N1.point"));
  }

  void Sessions() {
    std::set<std::string> named;
    for (const Session& session : world_.sessions) {
      if (session.voided || !InPlace(PlaceOf(session))) continue;
      const bool undated = DateOf(session).empty();
      if (undated && session.root_here) ++Figure("Q1.undated");
      for (const Visit& visit : session.visits) {
        if (visit.voided) continue;
        if (undated) ++Figure("Q1.undated");
        if (!InPeriod(DateOf(session))) continue;
        ++Figure("N5");
        Figure("N5.headcount") += visit.headcount;
        if (visit.visitor.empty() || named.insert(visit.visitor).second) ++Figure("N5.people");
      }
      if (!InPeriod(DateOf(session))) continue;
      Figure("N5.unregistered") += session.unregistered;
      if (!Held(session)) continue;
      ++Figure("N3");
      if (session.historical) ++Figure("N3.ledger");
      Figure("N4") += static_cast<int64_t>(session.deputies.size());
    }
  }

  void People() {
    std::map<std::string, std::set<std::string>> sat;  // deputy -> levels
    for (const Session& session : world_.sessions) {
      if (!Held(session) || !InPlace(session.station) || !InPeriod(session.date)) continue;
      for (const std::string& deputy : session.deputies) {
        std::set<std::string> levels;
        if (world_.deputies.count(deputy)) {
          for (const Mandate& mandate : world_.deputies.at(deputy)) {
            const bool begun = mandate.from.empty() || mandate.from <= session.date;
            const bool over = !mandate.to.empty() && mandate.to < session.date;
            if (begun && !over) levels.insert(mandate.level);
          }
        }
        for (const std::string& level : levels) ++Figure("N4." + level + ".times");
        sat[deputy].insert(levels.begin(), levels.end());
      }
    }
    for (const auto& [deputy, levels] : sat) {
      ++Figure("N4.deputies");
      for (const std::string& level : levels) ++Figure("N4." + level);
      if (levels.size() >= 2) ++Figure("N4.plural");
      if (!world_.deputies.count(deputy)) ++Figure("N4.unknown");
    }
  }

  // ---- one matter's own facts

  static bool BySomeoneSince(const Matter& matter) {  // the township itself took it up after the old ledger
    return std::any_of(matter.assignments.begin(), matter.assignments.end(),
                       [](const Assignment& one) { return !one.voided && !one.historical; });
  }
  // "", "rule" or "ledger"
  static std::string Solved(const Matter& matter) {
    const std::string kind = ClassOf(matter);
    if (kind == "ANSWERED") {
      if (matter.answer_solved) return "rule";
      const bool old_answer = matter.historical && matter.disposition == "DISPOSITION_ANSWERED";
      return old_answer && !BySomeoneSince(matter) ? "ledger" : "";
    }
    if (kind != "closed") return "";
    const Reply* reply = LastReply(matter);
    if (reply != nullptr && reply->letter == 'A') return "rule";
    const bool replied_since = std::any_of(matter.replies.begin(), matter.replies.end(),
                                           [](const Reply& one) { return !one.voided && !one.historical; });
    return matter.historical && !replied_since ? "ledger" : "";
  }
  const Matter* Find(const std::string& id) const {
    for (const Matter& matter : world_.matters)
      if (matter.id == id && !matter.voided) return &matter;
    return nullptr;
  }

  void OneMatter(const Matter& matter) {
    if (!InPlace(matter.station)) return;
    if (matter.date.empty()) ++Figure("Q1.undated");
    if (!InPeriod(matter.date) || matter.state == "DRAFT") return;
    if (IsAccusation(matter) || matter.track == "TRACK_ELSEWHERE") {
      ++Figure("N8.accusation");
    } else if (matter.track == "TRACK_SUGGESTION") {
      if (!LastRating(matter).empty() || ClassOf(matter) == "closed") Rating("R4.deputies", matter);
    } else if (matter.track == "TRACK_OPINION") {
      if (matter.nature == "NATURE_INQUIRY") {
        ++Figure("N6.inquiry");
      } else if (matter.nature == "NATURE_PRAISE") {
        ++Figure("N6.praise");
      } else if (matter.nature == "NATURE_UNSPECIFIED") {
        ++Figure("N6.unset");
      } else {
        Opinion(matter);
      }
    }
  }

  void Rating(const std::string& code, const Matter& matter) {
    const std::string rating = LastRating(matter);
    if (rating.empty()) ++Figure(code + ".unrated");
    if (rating == "RATING_EXCELLENT") ++Figure(code + ".excellent");
    if (rating == "RATING_SATISFIED") ++Figure(code + ".satisfied");
    if (rating == "RATING_BASICALLY") ++Figure(code + ".basically");
    if (rating == "RATING_DISSATISFIED") ++Figure(code + ".dissatisfied");
  }

  void Opinion(const Matter& matter) {
    ++Figure("N6");
    std::string category = matter.category;
    while (world_.category_parents.count(category)) category = world_.category_parents.at(category);
    ++out_.categories[category];
    if (matter.historical) ++Figure("N6.ledger");
    if (matter.state == "MERGED") ++Figure("N6.merged");
    if (matter.state == "CONTESTED") ++Figure("I1.contested");
    const std::string own = ClassOf(matter);
    if (own == "ANSWERED" && !WasAssigned(matter)) {
      ++Figure("N7");
      if (!Solved(matter).empty()) ++Figure("N7.solved");
    }
    if (!LastRating(matter).empty() || own == "ANSWERED" || own == "closed") Rating("R4.voters", matter);

    const Matter* end = &matter;
    for (size_t i = 0; end != nullptr && ClassOf(*end) == "follows"; ++i) {
      end = i > world_.matters.size() ? nullptr : Find(end->state == "MERGED" ? end->merged_into : end->converted_to);
    }
    if (end == nullptr) ++Figure("I1.dangling");
    const std::string kind = end == nullptr ? "open" : ClassOf(*end);
    const std::string solved = end == nullptr ? "" : Solved(*end);
    if (kind == "ANSWERED") ++Figure("I1.answered");
    if (kind == "closed") ++Figure("I1.closed");
    if (kind == "GUIDED") ++Figure("N8.guided");
    if (kind == "WITHDRAWN") ++Figure("N8.withdrawn");
    if (kind == "open" || kind == "DRAFT") ++Figure("I1.open");
    if (kind == "unknown") ++Figure("I1");
    if (!solved.empty()) ++Figure("N10");
    if (solved == "ledger") ++Figure("N10.ledger");
  }

  void Assigned() {
    std::set<std::string> units, cohort;
    for (const Matter& matter : world_.matters) {
      const std::string first = FirstAssigned(matter);
      if (matter.voided || !InPlace(matter.station) || !InPeriod(first) || matter.state == "MERGED") continue;
      if (IsAccusation(matter)) continue;
      if (matter.track == "TRACK_SUGGESTION") ++Figure("N9.suggestions");
      if (matter.track != "TRACK_OPINION") continue;
      ++Figure("N9");
      cohort.insert(matter.id);
      const Assignment* last = nullptr;
      for (const Assignment& one : matter.assignments) {
        if (one.voided) continue;
        if (last == nullptr || one.round > last->round || (one.round == last->round && one.date >= last->date))
          last = &one;
      }
      units.insert(last->unit);
      const bool closed = IsOneOf(matter.state, {"CLOSED", "TRACKING", "ARCHIVED"});
      if (closed) ++closed_;
      std::string reply_date;
      bool replied = false;
      for (const Reply& one : matter.replies) {
        if (one.voided) continue;
        replied = true;
        if (one.round >= last->round && (reply_date.empty() || one.date < reply_date)) reply_date = one.date;
      }
      if (replied || closed) ++replied_;
      const std::string due = DueOf(matter);
      if (!due.empty() && due <= query_.today) {
        ++due_;
        if (!reply_date.empty() && reply_date <= due) ++on_time_;
      }
    }
    Figure("N9.units") = static_cast<int64_t>(units.size());
    for (const Matter& matter : world_.matters) {
      if (matter.voided) continue;
      std::string into = matter.id;
      for (size_t i = 0; i <= world_.matters.size(); ++i) {
        const Matter* now = Find(into);
        if (now == nullptr || now->state != "MERGED" || now->merged_into.empty()) break;
        into = now->merged_into;
      }
      if (matter.state == "MERGED" && into != matter.id && cohort.count(into)) ++Figure("N9.children");
    }
  }

  void Rates() {
    Figure("N6.cases") = Figure("N6") - Figure("N6.merged");
    Figure("N11") = Figure("I1.answered") + Figure("I1.closed");
    Figure("R1") = Permille(closed_, Figure("N9"));
    Figure("R2") = Permille(on_time_, due_);
    Figure("R3") = Permille(replied_, Figure("N9"));
    for (const std::string& side : {std::string("R4.voters"), std::string("R4.deputies")}) {
      const int64_t good = Figure(side + ".excellent") + Figure(side + ".satisfied") + Figure(side + ".basically");
      Figure(side) = Permille(good, good + Figure(side + ".dissatisfied"));
    }
  }

  const World& world_;
  const Query& query_;
  Answer out_;
  int64_t closed_ = 0, replied_ = 0, due_ = 0, on_time_ = 0;
};

}  // namespace

std::string DayBefore(const std::string& date) {
  int year = 0, month = 0, day = 0;
  std::sscanf(date.c_str(), "%d-%d-%d", &year, &month, &day);
  if (--day == 0) {
    if (--month == 0) {
      month = 12;
      --year;
    }
    static const int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    day = month == 2 && leap ? 29 : kLengths[month - 1];
  }
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
  return text;
}

Answer Count(const World& world, const Query& query) { return Counting(world, query).Run(); }

}  // namespace oracle
