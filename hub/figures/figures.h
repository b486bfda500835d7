// The township's figures for a period, computed from fact rows and the roster. Definitions: hub/FIGURES.md.
//
// A figure is right for exactly the records that the snapshot holds: what a station has not delivered yet is missing,
// which is why every answer carries the cut-off and how many stations have delivered (SyncState).
#ifndef LIAISON_HUB_FIGURES_FIGURES_H_
#define LIAISON_HUB_FIGURES_FIGURES_H_

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rules/roster/roster.h"
#include "common/store/kv.h"
#include "hub/facts/facts.h"
#include "liaison/v1/figures.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

// What the hub had by then. Only passed on.
struct SyncState {
  std::string cut_off;  // as people read it: "2026-07-01 09:30"
  int stations_synced = 0;
  int stations_total = 0;
  int64_t conflicts = 0;  // records of all times that a person must look at
};

inline constexpr int kSilentDays = 60;  // 沉默站点: no closed session within so many days up to today
inline constexpr int kHotDays = 30;     // 热点: a second-level category that, within so many days of the period, …
inline constexpr int kHotStations = 3;  // … so many stations brought
inline constexpr int kMaxFigureIds = 1000;
inline constexpr int64_t kNoRate = -1;  // value of a rate whose denominator is 0, shown as "—"

struct FigureQuery {
  std::string from, to;  // business days, both included: "2026-01-01"
  std::string period;    // what to call them; empty: by the days
  std::string station;   // only this station's own records; empty: no such limit
  std::string area;      // only this station and those below it; ignored if `station` is set
  std::string today;     // for 沉默站点 and 按期办结率; empty: `to`
  bool ids = false;      // fill Figure.ids
  std::string ids_of;    // only of the figure with this code; empty: of all
  size_t ids_max = kMaxFigureIds;
  SyncState sync;

  // Who stands behind a visitor's id bytes, for 约N人 and missing phones: made in memory from opened values and never
  // stored. Empty: every visitor record is a person, of whom nothing is known.
  struct Person {
    std::string key;         // the same for all visits of one
    bool phoneless = false;  // what was written of them could be read, and has no phone
  };
  std::function<Person(std::string_view visitor)> person;
};

// What tables are made of (figure_tables.h). Sums of lines equal the figures of the same name.
struct Breakdown {
  struct Line {  // of a station, or of a month
    int64_t sessions = 0, attendances = 0, visits = 0, headcount = 0;
    int64_t opinions = 0, answered = 0, assigned = 0, solved = 0, finished = 0, open = 0, guided = 0, withdrawn = 0;
  };
  struct Results {  // of a first-level category, of N6
    int64_t all = 0, solved = 0, explained = 0, open = 0, guided = 0, withdrawn = 0;
  };
  struct Handling {  // of a department, of one track
    int64_t assigned = 0, closed = 0, on_time = 0, due = 0, overdue = 0, rated = 0, good = 0;
  };
  struct DeputyLine {
    int64_t attendances = 0, visits = 0, headcount = 0, opinions = 0, suggestions = 0, bills = 0, cosigned = 0;
    int64_t activities = 0;
    bool in_office = false;
    bool serves() const { return attendances + opinions + suggestions + bills + cosigned + activities > 0; }
  };
  struct Overdue {
    std::string matter, station, unit;
    int track = 0;
    Day assigned = kUndated, due = kUndated;
    int64_t days = 0;  // past its time limit
  };
  std::map<std::string, Line> stations;
  std::map<uint32_t, Line> months;  // year * 12 + month - 1
  std::map<std::string, Results> categories;
  std::map<std::string, std::map<std::string, int64_t>> heat;  // of N6: station, first-level category
  std::map<std::string, std::array<Handling, 2>> units;        // opinions, suggestions
  std::map<std::string, DeputyLine> deputies;                  // wherever they served
  std::map<int, int64_t> states;                               // of N6, each its own
  std::vector<Overdue> overdue;                                // the longest first
  std::array<std::vector<int64_t>, 2> days;                    // D1's, ascending: opinions, suggestions
};

struct Figures {
  // Rates are in permille (unit "‰"), their note is "numerator/denominator". Categories are those of N6, most
  // frequent first.
  v1::GetFiguresResponse response;
  Day from = kUndated, to = kUndated;
  std::string period;               // the query's
  std::string place;                // the township, area or station that the figures are of
  bool whole = true;                // no limit to a station or area
  std::set<std::string> scope;      // else the stations that are asked for
  std::vector<std::string> silent;  // N2.silent
  std::map<Day, int64_t> meetings;  // how many suggestions were first assigned on each day
  std::string levels;               // of the deputies' mandates, highest first: "区、镇"
  Breakdown breakdown;

  // The figure's value; 0 if there is no such code.
  int64_t Value(std::string_view code) const;
  const v1::Figure* Find(std::string_view code) const;  // null if there is no such code
};

// kInvalidArgument (Chinese) for days that do not exist, an empty period, or a station or area that the roster does
// not know; kDataLoss for rows that cannot be read. `snapshot` must hold the tables of FactsProjection and
// CountersProjection. Reads only; may run on any thread that the snapshot allows.
absl::StatusOr<Figures> Compute(const KvReader& snapshot, const Roster& roster, const FigureQuery& query);

// Whether a station is active on a day: one that was paused, merged or closed later still was. Without a status date it
// is what it is now.
bool ActiveOn(const v1::Station& station, Day day);

// numerator * 1000 / denominator to the nearest, but 1000 only if they are equal and 0 only if the numerator is;
// kNoRate if the denominator is 0.
int64_t Permille(int64_t numerator, int64_t denominator);

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_FIGURES_H_
