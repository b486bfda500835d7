// How Compute() counts: one pass over the rows of a period, then what the sums are divided by. For figures*.cc alone.
#ifndef LIAISON_HUB_FIGURES_FIGURES_COMPUTATION_H_
#define LIAISON_HUB_FIGURES_FIGURES_COMPUTATION_H_

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "hub/facts/fact_rows.h"
#include "hub/figures/figure_codes.h"
#include "hub/figures/figures.h"

namespace liaison {

using namespace figure;  // NOLINT: the codes of this header's one subject

template <typename M>
std::string IdText(std::string_view name) {
  return ToText(RecordId{TypeOf<M>().type(), std::string(name)});
}

class Computation {
 public:
  Computation(const KvReader& snapshot, const Roster& roster, const FigureQuery& query)
      : snapshot_(snapshot), roster_(roster), query_(query) {}

  // Once.
  absl::StatusOr<Figures> Run();

 private:
  struct Tally {
    int64_t value = 0;
    std::string note;
    bool approximate = false;
    std::vector<std::string> ids;
    std::unordered_set<std::string> named;  // the same ones
  };
  struct End {  // how a matter ends when merging and converting are followed
    Outcome outcome = Outcome::kOpen;
    bool solved = false, by_ledger = false;
  };
  struct Window {  // the last kHotDays of one second-level category
    std::deque<std::pair<Day, std::string>> brought;
    std::map<std::string, int> stations;
    size_t most = 0;
  };
  struct Arrived {  // when what of one log came, known for from..to: up to which number on which day
    uint64_t from = 1, to = 0;
    std::vector<std::pair<uint64_t, Day>> days;
  };

  absl::Status ReadQuery();
  absl::Status FillScope();
  bool In(const std::string& station) const { return figures_.whole || figures_.scope.contains(station); }
  std::string AncestorIn(const std::string& station) const;
  bool Served(const v1::Station& station) const;

  // `id` makes the id's text; called only when ids are asked for. Mark names a record without counting it.
  template <typename Id>
  void Mark(Code code, const Id& id) {
    if (!query_.ids || (!query_.ids_of.empty() && query_.ids_of != kNames[code].code)) return;
    Tally& tally = tallies_[code];
    if (tally.ids.size() >= query_.ids_max) return;
    std::string text = id();
    if (tally.named.insert(text).second) tally.ids.push_back(std::move(text));
  }
  template <typename Id>
  void Count(Code code, int64_t n, const Id& id) {
    tallies_[code].value += n;
    Mark(code, id);
  }
  void SetRate(Code code, int64_t numerator, int64_t denominator);
  // To the nearest whole number; the note is "1.8(137/75)". "—" and 0 with nothing to divide by.
  void SetMean(Code code, int64_t sum, int64_t count);
  int64_t& Value(Code code) { return tallies_[code].value; }
  // Adds to the lines of a station and of a day's month.
  void AddLine(const std::string& station, Day day, int64_t Breakdown::Line::*field, int64_t n) {
    figures_.breakdown.stations[station].*field += n;
    figures_.breakdown.months[MonthOf(day)].*field += n;
  }

  // figures.cc
  absl::Status CountStations();
  absl::Status ScanPeriod();
  absl::Status CountUndated();
  void OnSession(const SessionFact& fact);
  void OnVisit(const VisitFact& fact);
  bool IsLate(const VisitFact& fact);
  void Finish();
  void FillResponse();

  // figures_deputies.cc
  void OnDeputy(const DeputyFact& fact);
  void OnActivity(const ActivityFact& fact);
  void OnBallots(const ActivityFact& fact);
  void CountPeople();
  void CountServing();

  // figures_matters.cc
  void OnMatter(const MatterFact& fact);
  void OnProposal(const MatterFact& fact);
  void OnOpinion(const MatterFact& fact);
  void OnEnd(const MatterFact& fact, const End& end, Breakdown::Results* results);
  void OnFeedback(const MatterFact& fact, const End& end);
  void OnCategory(const MatterFact& fact);
  void OnRating(const MatterFact& fact, Code excellent);
  void OnAssigned(const AssignedFact& fact);
  void OnHandling(const AssignedFact& fact, size_t side);
  void OnEvent(const EventFact& fact);
  std::string FirstLevel(const std::string& category) const;
  std::string Class(const std::string& category) const;
  absl::StatusOr<End> EndOf(const MatterFact& fact);
  absl::Status CountAssignedChildren();
  void FinishMatters();
  void FinishDays(size_t side);
  void FillCategories();

  const KvReader& snapshot_;
  const Roster& roster_;
  const FigureQuery& query_;
  Figures figures_;
  Day today_ = kUndated;
  std::array<Tally, kCodeCount> tallies_;
  absl::Status status_;  // the first failure inside a scan

  std::set<std::string> active_points_;
  std::map<std::string, std::set<v1::MandateLevel>> deputies_;  // with the levels under which they sat
  Day sitting_day_ = kUndated;
  std::unordered_map<std::string, std::vector<Breakdown::DeputyLine*>> sitting_;  // at the sessions of that day
  std::unordered_set<std::string> people_;
  std::map<Actor, Arrived> arrived_;
  std::set<std::string> reporting_[2], rated_[3];  // deputies, officials, departments
  int64_t votes_ = 0, good_votes_ = 0;

  std::map<std::string, int64_t> categories_, subcategories_, classes_;
  std::map<std::string, Window> windows_;
  std::unordered_set<std::string> assigned_;
  std::array<std::map<std::string, int64_t>, 2> units_;  // opinions, suggestions; likewise below
  std::array<Breakdown::Handling, 2> handled_;
  std::array<int64_t, 2> replied_{}, replies_{}, faced_{}, phoned_{};
  std::array<std::set<std::string>, EventFact::kKinds * 2> touched_;
  int64_t bills_closed_ = 0, ended_ = 0, fed_back_ = 0;
};

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_FIGURES_COMPUTATION_H_
