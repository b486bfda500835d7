#include <cstdio>
#include <utility>

#include "tests/hub_facts/oracle_common.h"

namespace oracle {
namespace {

// Days since some day long ago (Julian day numbers of the Gregorian calendar).
int DayNumber(const std::string& date) {
  int year = 0, month = 0, day = 0;
  std::sscanf(date.c_str(), "%d-%d-%d", &year, &month, &day);
  const int a = (14 - month) / 12, y = year + 4800 - a, m = month + 12 * a - 3;
  return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32045;
}

int64_t Nearest(double value) { return static_cast<int64_t>(value + 0.5); }

class Work {
 public:
  Work(const World& world, const Query& query, Answer* out) : world_(world), query_(query), out_(*out) {}

  void Run() {
    Sessions();
    for (const Matter& matter : world_.matters) {
      if (matter.voided) continue;
      Registered(matter);
      Handled(matter, matter.track == "TRACK_SUGGESTION" ? ".suggestions" : "");
      Happened(matter, matter.track == "TRACK_SUGGESTION" ? ".suggestions" : "");
    }
    Hot();
    Activities();
    Deputies();
    Rates();
    Figure("Q1.conflicts") = query_.conflicts;
    Figure("Q1.unsynced") = query_.stations - query_.synced;
  }

 private:
  int64_t& Figure(const std::string& code) { return out_.figures[code]; }
  bool Here(const std::string& station) const { return InPlace(world_, query_, station); }
  bool Now(const std::string& date) const { return InPeriod(query_, date); }

  void Sessions() {
    for (const Session& session : world_.sessions) {
      if (session.voided || !session.root_here || !Now(session.date)) continue;
      const bool closed = session.state == "SESSION_CLOSED";
      if (closed)
        for (const std::string& deputy : session.deputies) ++attended_[deputy];
      if (!Here(session.station)) continue;
      if (session.paper) ++Figure("Q1.paper");
      if (closed) Figure("N4.leave") += static_cast<int64_t>(session.leave.size());
      if (closed && session.form == "FORM_HOME_VISIT") ++Figure("V1.sessions");
      for (const Visit& visit : session.visits) {
        if (visit.voided) continue;
        if (visit.number && !visit.historical && !visit.came.empty() &&
            DayNumber(visit.came) - DayNumber(session.date) > 7)
          ++Figure("Q1.late");
        if (!visit.visitor.empty() && !visit.phone && !visit.anonymous && !visit.historical) ++Figure("Q1.phone");
        if (session.form == "FORM_HOME_VISIT") ++Figure("V1.visits");
        if (session.form == "FORM_HOME_VISIT") Figure("V1.headcount") += visit.headcount;
        if (session.form == "FORM_OPINION_BOX") ++Figure("V1.box");
      }
    }
  }

  void Registered(const Matter& matter) {
    if (!Now(matter.date) || matter.state == "DRAFT" || IsAccusation(matter)) return;
    if (matter.track != "TRACK_ELSEWHERE") {
      if (!matter.lead.empty()) acted_.insert(matter.lead);
      if (matter.track == "TRACK_OPINION" && !matter.answered_by.empty()) acted_.insert(matter.answered_by);
      if (matter.track != "TRACK_OPINION") acted_.insert(matter.cosigners.begin(), matter.cosigners.end());
    }
    if (!Here(matter.station)) return;
    if (matter.track == "TRACK_ELSEWHERE") ++Figure("N8.elsewhere");
    for (const auto& [track, name] : {std::pair("TRACK_SUGGESTION", "suggestions"), std::pair("TRACK_BILL", "bills")}) {
      if (matter.track != track) continue;
      ++Figure(std::string("N6.") + name);
      if (matter.key) ++Figure(std::string("N6.") + name + ".key");
      if (ClassOf(matter) == "GUIDED") ++Figure(std::string("N8.") + name + ".guided");
      if (ClassOf(matter) == "WITHDRAWN") ++Figure(std::string("N8.") + name + ".withdrawn");
    }
    if (!IsOpinion(matter)) return;
    Category(matter);
    Feedback(matter);
  }

  std::string ClassFor(std::string code) const {
    while (!code.empty()) {
      if (world_.category_classes.count(code)) return world_.category_classes.at(code);
      code = world_.category_parents.count(code) ? world_.category_parents.at(code) : "";
    }
    return "";
  }

  void Category(const Matter& matter) {
    std::string second = matter.subcategory;
    if (second.empty() && world_.category_parents.count(matter.category)) second = matter.category;
    std::string reported = ClassFor(second);
    if (reported.empty()) reported = ClassFor(matter.category);
    ++out_.classes[reported];
    if (second.empty()) return;
    ++out_.subcategories[second];
    brought_[second].emplace_back(DayNumber(matter.date), matter.station);
  }

  // Any thirty days, each opinion's day taken as their last.
  void Hot() {
    for (const auto& [category, all] : brought_) {
      for (const auto& [last, unused] : all) {
        std::set<std::string> stations;
        for (const auto& [day, station] : all)
          if (day <= last && day > last - 30) stations.insert(station);
        if (stations.size() >= 3) out_.hot.insert(category);
      }
    }
    Figure("C1.hot") = static_cast<int64_t>(out_.hot.size());
  }

  void Feedback(const Matter& matter) {
    const Matter* end = &matter;  // who is merged or converted is told once that is over which they follow
    for (size_t i = 0; end != nullptr && ClassOf(*end) == "follows"; ++i) {
      const std::string& name = end->state == "MERGED" ? end->merged_into : end->converted_to;
      const auto next = std::find_if(world_.matters.begin(), world_.matters.end(),
                                     [&](const Matter& one) { return !one.voided && one.id == name; });
      end = i > world_.matters.size() || next == world_.matters.end() ? nullptr : &*next;
    }
    const std::string kind = end == nullptr ? "open" : ClassOf(*end);
    const bool heard = end == &matter && kind == "ANSWERED" && !WasAssigned(matter) &&
                       matter.disposition == "DISPOSITION_ANSWERED";
    if (matter.historical || heard || !IsOneOf(kind, {"ANSWERED", "closed"})) return;
    bool told = false, tried = false;
    for (const Step& step : matter.steps) {
      if (step.voided) continue;
      told = told || step.what == "feedback";
      tried = tried || step.what == "unreachable";
    }
    bool nameless = !matter.sources.empty();
    for (const auto& [session, visit] : matter.sources) {
      const Session& at = world_.sessions[session];
      const Visit& one = at.visits[visit];
      nameless = nameless && !at.voided && !one.voided && (one.anonymous || one.visitor.empty());
    }
    if (!told && tried) {
      ++Figure("R6.unreachable");
    } else if (!told && nameless) {
      ++Figure("R6.anonymous");
    } else {
      ++ended_;
      if (told) ++told_;
    }
  }

  // One matter by its first assignment. `side` is "" of opinions.
  void Handled(const Matter& matter, const std::string& side) {
    const std::string first = FirstAssigned(matter);
    if (!Here(matter.station) || !Now(first) || matter.state == "MERGED") return;
    const bool closed = IsOneOf(matter.state, {"CLOSED", "TRACKING", "ARCHIVED"});
    if (IsAccusation(matter) || matter.track == "TRACK_ELSEWHERE") {
      ++Figure("N9.elsewhere");
      return;
    }
    if (matter.track == "TRACK_BILL") {
      ++Figure("N9.bills");
      if (matter.key) ++Figure("N9.bills.key");
      if (closed) ++Figure("N11.bills");
      return;
    }
    if (matter.key) ++Figure("N9" + side + ".key");
    const std::string due = DueOf(matter), reply = ReplyDate(matter);
    if (!reply.empty() && reply >= first) days_[side].push_back(DayNumber(reply) - DayNumber(first));
    if (!due.empty() && !reply.empty() && reply > due) ++Figure("D2.late" + side);
    if (!due.empty() && reply.empty() && !closed && due < query_.today) ++Figure("D2.overdue" + side);
    if (side.empty()) return;
    units_.insert(LastAssignment(matter)->unit);
    if (closed) ++Figure("N11.suggestions");
    const bool replied =
        std::any_of(matter.replies.begin(), matter.replies.end(), [](auto& one) { return !one.voided; });
    if (replied || closed) ++replied_;
    if (!due.empty() && due <= query_.today) {
      ++due_;
      if (!reply.empty() && reply <= due) ++on_time_;
    }
  }

  // Steps of a matter, each on its own day.
  void Happened(const Matter& matter, const std::string& side) {
    if (!Here(matter.station) || IsAccusation(matter) || !IsOneOf(matter.track, {"TRACK_OPINION", "TRACK_SUGGESTION"}))
      return;
    for (const Reply& one : matter.replies) {
      if (one.voided || one.historical || !Now(one.date)) continue;
      ++replies_[side];
      if (one.mode == "面复") ++faced_[side];
      if (one.mode == "面复" || one.mode == "电话") ++spoken_[side];
    }
    std::map<std::string, int> events;
    for (const Step& one : matter.steps) {
      if (one.voided || !Now(one.date)) continue;
      if (one.what == "催办") ++events["urged"];
      if (one.what == "督办" || one.what == "挂牌督办") ++events["supervised"];
      if (one.what == "约谈") ++events["talked"];
      if (one.what == "return") ++events["returned"];
      if (one.what == "escalation") ++events["escalated"];
    }
    for (const Extension& one : matter.extensions)
      if (!one.voided && one.granted && Now(one.date)) ++events["extended"];
    for (int round = 2; round <= 3; ++round) {
      std::string begins;
      for (const Assignment& one : matter.assignments)
        if (!one.voided && one.round == round && (begins.empty() || one.date < begins)) begins = one.date;
      if (Now(begins)) ++events["reworked"];
    }
    for (const auto& [what, count] : events) {
      Figure("D2." + what + side) += count;
      ++Figure("D2." + what + side + ".matters");
    }
  }

  void Activities() {
    std::map<std::string, std::set<std::string>> subjects;
    for (const Activity& one : world_.activities) {
      if (one.voided) continue;
      if (one.date.empty() && Here(one.station)) ++Figure("Q1.undated");
      if (!Now(one.date)) continue;
      acted_.insert(one.deputies.begin(), one.deputies.end());
      if (!Here(one.station)) continue;
      Figure("A1.articles") += one.articles;
      const auto people = static_cast<int64_t>(one.deputies.size());
      if (one.type == "ACTIVITY_GROUP") ++Figure("A1.group");
      if (one.type == "ACTIVITY_TRAINING") ++Figure("T1");
      if (one.type == "ACTIVITY_TRAINING") Figure("T1.times") += people + one.others;
      for (const auto& [type, code] :
           {std::pair("ACTIVITY_INSPECTION", "A1.inspection"), std::pair("ACTIVITY_RESEARCH", "A1.research"),
            std::pair("ACTIVITY_LAW_CHECK", "A1.law_check"), std::pair("ACTIVITY_OVERSIGHT", "A1.oversight")}) {
        if (one.type != type) continue;
        ++Figure(code);
        ++Figure("A1");
        Figure("A1.times") += people;
        Figure("A1.problems") += one.problems;
        Figure("A1.suggestions") += one.made;
        Figure("A1.adopted") += one.adopted;
      }
      bool any = false;
      for (const Ballot& ballot : one.ballots) {
        if (ballot.voided) continue;
        any = true;
        const int good = ballot.excellent + ballot.satisfied + ballot.basically;
        good_votes_ += good;
        votes_ += good + ballot.dissatisfied;
        if (ballot.reported && ballot.kind == "BALLOT_DEPUTY") subjects["T1.reporting"].insert(ballot.subject);
        if (ballot.reported && ballot.kind == "BALLOT_OFFICIAL")
          subjects["T1.reporting.officials"].insert(ballot.subject);
        if (good + ballot.dissatisfied == 0) continue;
        if (ballot.kind == "BALLOT_DEPUTY") subjects["T1.rated"].insert(ballot.subject);
        if (ballot.kind == "BALLOT_OFFICIAL") subjects["T1.rated.officials"].insert(ballot.subject);
        if (ballot.kind == "BALLOT_DEPARTMENT") subjects["T1.rated.departments"].insert(ballot.subject);
      }
      if (one.type == "ACTIVITY_DUTY_REPORT" && !any)
        subjects["T1.reporting"].insert(one.deputies.begin(), one.deputies.end());
    }
    for (const auto& [code, names] : subjects) Figure(code) = static_cast<int64_t>(names.size());
  }

  void Deputies() {
    int64_t attendances = 0;
    for (const auto& [deputy, mandates] : world_.deputies) {
      bool sits = false;
      for (const Mandate& one : mandates) {
        const bool runs = (one.from.empty() || one.from <= query_.to) && (one.to.empty() || query_.to <= one.to);
        sits = sits || (runs && IsOneOf(one.status, {"", "在任"}));
      }
      if (!sits || !Here(world_.homes.count(deputy) ? world_.homes.at(deputy) : "")) continue;
      ++Figure("P1.in_office");
      ++Figure(attended_.count(deputy) || acted_.count(deputy) ? "P1.serving" : "P1.idle");
      attendances += attended_[deputy];
    }
    if (Figure("P1.in_office") > 0)
      Figure("P1.sessions") = Nearest(static_cast<double>(attendances) / static_cast<double>(Figure("P1.in_office")));
  }

  void Rates() {
    Figure("N9.suggestions.units") = static_cast<int64_t>(units_.size());
    Figure("R1.suggestions") = Permille(Figure("N11.suggestions"), Figure("N9.suggestions"));
    Figure("R1.bills") = Permille(Figure("N11.bills"), Figure("N9.bills"));
    Figure("R2.suggestions") = Permille(on_time_, due_);
    Figure("R3.suggestions") = Permille(replied_, Figure("N9.suggestions"));
    Figure("R6") = Permille(told_, ended_);
    Figure("T1.rate") = Permille(good_votes_, votes_);
    for (const std::string& side : {std::string("R4.voters"), std::string("R4.deputies")}) {
      const int64_t plain = Figure(side + ".excellent") + Figure(side + ".satisfied");
      Figure(side + ".plain") = Permille(plain, plain + Figure(side + ".basically") + Figure(side + ".dissatisfied"));
    }
    for (const std::string& side : {std::string(), std::string(".suggestions")}) {
      Figure("R5" + side) = Permille(faced_[side], replies_[side]);
      Figure("R5" + side + ".contact") = Permille(spoken_[side], replies_[side]);
      std::vector<int>& days = days_[side];
      std::sort(days.begin(), days.end());
      if (days.empty()) continue;
      double sum = 0;
      for (int one : days) sum += one;
      Figure("D1" + side) = Nearest(sum / static_cast<double>(days.size()));
      const double middle =
          days.size() % 2 == 1 ? days[days.size() / 2] : (days[days.size() / 2 - 1] + days[days.size() / 2]) / 2.0;
      Figure("D1" + side + ".median") = Nearest(middle);
    }
  }

  const World& world_;
  const Query& query_;
  Answer& out_;
  std::map<std::string, int64_t> attended_;
  std::set<std::string> acted_, units_;
  std::map<std::string, std::vector<std::pair<int, std::string>>> brought_;
  std::map<std::string, std::vector<int>> days_;
  std::map<std::string, int64_t> replies_, faced_, spoken_;
  int64_t replied_ = 0, due_ = 0, on_time_ = 0, ended_ = 0, told_ = 0, votes_ = 0, good_votes_ = 0;
};

}  // namespace

void CountWork(const World& world, const Query& query, Answer* out) { Work(world, query, out).Run(); }

}  // namespace oracle
