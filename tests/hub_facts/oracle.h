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
#include <vector>

namespace oracle {

struct Visit {
  std::string id;
  int headcount = 1;
  std::string visitor;  // "" if nobody was named
  bool voided = false;
};

struct Session {
  std::string id, station, date;
  std::string state = "SESSION_CLOSED";  // or "CONTESTED"
  bool root_here = true;                 // its own fields have come
  bool voided = false, historical = false;
  std::set<std::string> deputies;
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
  std::string date;
  char letter = 0;  // 'A'..'D'
  bool voided = false, historical = false;
};

struct Evaluation {
  int round = 1;
  std::string date, by, result;  // "RATING_SATISFIED"
  bool voided = false;
};

struct Matter {
  std::string id, station, date, category;
  std::string nature = "NATURE_OPINION", track = "TRACK_OPINION", state = "REGISTERED";
  std::string disposition = "DISPOSITION_UNSPECIFIED", guide_reason, lead;
  bool answer_solved = false, historical = false, voided = false;
  std::string merged_into, converted_to;
  // In the order in which they were entered.
  std::vector<Assignment> assignments;
  std::vector<Reply> replies;
  std::vector<Evaluation> evaluations;
};

struct Station {
  std::string tier = "POINT", parent, grade = "GRADE_NORMAL", status = "STATION_ACTIVE", merged_into;
  std::set<std::string> villages;
};

struct Mandate {
  std::string level, from, to;
};

struct World {
  std::map<std::string, Station> stations;
  std::map<std::string, std::vector<Mandate>> deputies;
  std::map<std::string, std::string> category_parents;
  std::vector<Session> sessions;
  std::vector<Matter> matters;
};

struct Query {
  std::string from, to, station, area, today;
};

struct Answer {
  std::map<std::string, int64_t> figures;     // by code, those that are not 0
  std::map<std::string, int64_t> categories;  // of N6
};
Answer Count(const World& world, const Query& query);

std::string DayBefore(const std::string& date);

}  // namespace oracle

#endif  // LIAISON_TESTS_HUB_FACTS_ORACLE_H_
