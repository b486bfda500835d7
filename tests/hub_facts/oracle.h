// The figures counted a second time, from a plain list of what was entered: no records, no ops, no rows, no sharing
// with the code under test (nothing of common/ and hub/ is included). Slow and plain on purpose, so that it can be
// checked by reading it beside hub/FIGURES.md.
//
// Dates are text (YYYY-MM-DD, "" if missing) and compared as text. States and natures are their names in the schema.
#ifndef LIAISON_TESTS_HUB_FACTS_ORACLE_H_
#define LIAISON_TESTS_HUB_FACTS_ORACLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace oracle {

struct Visit {
  std::string id;
  int headcount = 1;
  std::string visitor;  // "" if nobody was named
  bool anonymous = false, voided = false, historical = false;
  bool number = true, phone = true;  // has a number; its visitor's phone is known
  std::string came;                  // the day on which it reached the hub; "" if in no range
};

struct Session {
  std::string id, station, date;
  std::string state = "SESSION_CLOSED";  // or "CONTESTED"
  bool root_here = true;                 // its own fields have come
  bool voided = false, historical = false, paper = false;
  std::string form = "FORM_RECEPTION_DAY";
  std::set<std::string> deputies, leave;  // there; not there
  int unregistered = 0;
  std::vector<Visit> visits;
};

struct Assignment {
  int round = 1;
  std::string date, unit, due;
  bool voided = false, historical = false;
};

struct Reply {
  int round = 1;
  std::string date, mode;
  char letter = 0;  // 'A'..'D'
  bool voided = false, historical = false;
};

struct Evaluation {
  int round = 1;
  std::string date, by, result;  // "RATING_SATISFIED"
  bool voided = false;
};

struct Extension {
  std::string date, new_due;  // of the decision
  size_t assignment = 0;      // in Matter.assignments
  bool granted = false, voided = false;
};

struct Step {              // anything else that happened to a matter
  std::string what, date;  // "feedback", "unreachable", "return", "escalation", or a supervision's type
  bool voided = false;
};

struct Matter {
  std::string id, station, date, category, subcategory, answered_by;
  std::string nature = "NATURE_OPINION", track = "TRACK_OPINION", state = "REGISTERED";
  std::string disposition = "DISPOSITION_UNSPECIFIED", guide_reason, lead;
  bool answer_solved = false, historical = false, voided = false, key = false;
  std::string merged_into, converted_to;
  std::set<std::string> cosigners;
  // In the order in which they were entered.
  std::vector<Assignment> assignments;
  std::vector<Reply> replies;
  std::vector<Evaluation> evaluations;
  std::vector<Extension> extensions;
  std::vector<Step> steps;
  std::vector<std::pair<size_t, size_t>> sources;  // session and visit, by their places in the world
};

struct Ballot {
  std::string kind, subject;  // "BALLOT_DEPUTY"
  int excellent = 0, satisfied = 0, basically = 0, dissatisfied = 0, abstained = 0;
  bool reported = false, voided = false;
};

struct Activity {
  std::string type, date, station;  // "ACTIVITY_INSPECTION"
  int problems = 0, made = 0, adopted = 0, others = 0, articles = 0;
  std::set<std::string> deputies;
  std::vector<Ballot> ballots;
  bool voided = false;
};

struct Station {
  std::string tier = "POINT", parent, grade = "GRADE_NORMAL", status = "STATION_ACTIVE", merged_into, status_date;
  std::set<std::string> villages;
};

struct Mandate {
  std::string level, from, to, status;
};

struct World {
  std::map<std::string, Station> stations;
  std::map<std::string, std::vector<Mandate>> deputies;
  std::map<std::string, std::string> homes;  // of deputies
  std::map<std::string, std::string> category_parents, category_classes;
  std::vector<Session> sessions;
  std::vector<Matter> matters;
  std::vector<Activity> activities;
};

struct Query {
  std::string from, to, station, area, today;
  int conflicts = 0, synced = 0, stations = 0;
};

struct Answer {
  std::map<std::string, int64_t> figures;     // by code, those that are not 0
  std::map<std::string, int64_t> categories;  // of N6
  std::map<std::string, int64_t> subcategories, classes;
  std::set<std::string> hot;
};
Answer Count(const World& world, const Query& query);

std::string DayBefore(const std::string& date);

}  // namespace oracle

#endif  // LIAISON_TESTS_HUB_FACTS_ORACLE_H_
