// The township's figures for a period, computed from fact rows and the roster. Definitions: hub/FIGURES.md.
//
// A figure is right for exactly the records that the snapshot holds: what a station has not delivered yet is missing,
// which is why every answer carries the cut-off and how many stations have delivered (SyncState).
#ifndef LIAISON_HUB_FIGURES_H_
#define LIAISON_HUB_FIGURES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/service/roster.h"
#include "common/store/kv.h"
#include "hub/facts.h"
#include "liaison/v1/records.pb.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// What the hub had by then. Only passed on.
struct SyncState {
  std::string cut_off;  // as people read it: "2026-07-01 09:30"
  int stations_synced = 0;
  int stations_total = 0;
};

struct FigureQuery {
  std::string from, to;  // business days, both included: "2026-01-01"
  std::string station;   // only this station's own records; empty: no such limit
  std::string area;      // only this station and those below it; ignored if `station` is set
  std::string today;     // for 沉默站点 and 按期办结率; empty: `to`
  bool ids = false;      // fill Figure.ids
  SyncState sync;

  // Tells which visitors are one person (for 约N人): the record's id bytes to a key, computed in memory from opened
  // values and never stored. Empty: every visitor record is a person.
  std::function<std::string(std::string_view visitor)> person;
};

inline constexpr int kSilentDays = 60;  // 沉默站点: no closed session within so many days up to today
inline constexpr int kMaxFigureIds = 1000;
inline constexpr int64_t kNoRate = -1;  // value of a rate whose denominator is 0, shown as "—"

struct Figures {
  // Rates are in permille (unit "‰"), their note is "numerator/denominator". Categories are those of N6, most
  // frequent first.
  v1::GetFiguresResponse response;
  Day from = kUndated, to = kUndated;
  std::string place;   // the township, area or station that the figures are of
  bool whole = true;   // no limit to a station or area
  std::string levels;  // of the deputies' mandates, highest first: "区、镇"

  // The figure's value; 0 if there is no such code.
  int64_t Value(std::string_view code) const;
  const v1::Figure* Find(std::string_view code) const;  // null if there is no such code
};

// kInvalidArgument (Chinese) for days that do not exist, an empty period, or a station or area that the roster does
// not know; kDataLoss for rows that cannot be read. `snapshot` must hold the tables of FactsProjection and
// CountersProjection. Reads only; may run on any thread that the snapshot allows.
absl::StatusOr<Figures> Compute(const KvReader& snapshot, const Roster& roster, const FigureQuery& query);

// numerator * 1000 / denominator to the nearest, but 1000 only if they are equal and 0 only if the numerator is;
// kNoRate if the denominator is 0.
int64_t Permille(int64_t numerator, int64_t denominator);

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_H_
