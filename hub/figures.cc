#include "hub/figures.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "hub/figure_codes.h"

namespace liaison {
namespace {

using namespace figure;  // NOLINT: the codes of this file's one subject

// Mandate levels from the highest, and their two figures.
struct LevelCodes {
  v1::MandateLevel level;
  Code people, times;
};
constexpr LevelCodes kLevels[] = {
    {v1::MANDATE_NATION, kNation, kNationTimes}, {v1::MANDATE_PROVINCE, kProvince, kProvinceTimes},
    {v1::MANDATE_CITY, kCity, kCityTimes},       {v1::MANDATE_DISTRICT, kDistrict, kDistrictTimes},
    {v1::MANDATE_TOWN, kTown, kTownTimes},
};

template <typename M>
std::string IdText(std::string_view name) {
  return ToText(RecordId{TypeOf<M>().type(), std::string(name)});
}

// Whether a mandate runs on a day; dates not given do not limit.
bool Runs(const v1::Mandate& mandate, Day day) {
  const std::optional<Day> from = ParseDay(mandate.from()), to = ParseDay(mandate.to());
  return (!from || *from <= day) && (!to || day <= *to);
}

class Computation {
 public:
  Computation(const KvReader& snapshot, const Roster& roster, const FigureQuery& query)
      : snapshot_(snapshot), roster_(roster), query_(query) {}

  absl::StatusOr<Figures> Run();

 private:
  struct Tally {
    int64_t value = 0;
    std::string note;
    bool approximate = false;
    std::vector<std::string> ids;
  };
  struct End {  // how a matter ends when merging and converting are followed
    Outcome outcome = Outcome::kOpen;
    bool solved = false, by_ledger = false;
  };

  absl::Status ReadQuery();
  absl::Status FillScope();
  bool In(const std::string& station) const { return figures_.whole || scope_.contains(station); }
  std::string AncestorIn(const std::string& station) const;
  bool Served(const v1::Station& station) const;

  // `id` makes the id's text; called only when ids are asked for.
  template <typename Id>
  void Count(Code code, int64_t n, const Id& id) {
    Tally& tally = tallies_[code];
    tally.value += n;
    if (query_.ids && tally.ids.size() < kMaxFigureIds) tally.ids.push_back(id());
  }
  void SetRate(Code code, int64_t numerator, int64_t denominator);
  int64_t& Value(Code code) { return tallies_[code].value; }

  absl::Status CountStations();
  absl::Status ScanPeriod();
  void OnSession(const SessionFact& fact);
  void OnDeputy(const DeputyFact& fact);
  void OnVisit(const VisitFact& fact);
  void OnMatter(const MatterFact& fact);
  void OnOpinion(const MatterFact& fact);
  void OnAssigned(const AssignedFact& fact);
  void OnRating(const MatterFact& fact, Code excellent);
  absl::StatusOr<End> EndOf(const MatterFact& fact);
  absl::Status CountAssignedChildren();
  absl::Status CountUndated();
  void CountPeople();
  void Finish();
  void FillResponse();

  const KvReader& snapshot_;
  const Roster& roster_;
  const FigureQuery& query_;
  Figures figures_;
  Day today_ = kUndated;
  std::unordered_set<std::string> scope_;
  std::array<Tally, kCodeCount> tallies_;
  absl::Status status_;  // the first failure inside a scan

  std::set<std::string> active_points_;
  std::map<std::string, std::set<v1::MandateLevel>> deputies_;  // with the levels under which they sat
  std::unordered_set<std::string> people_;
  std::map<std::string, int64_t> categories_, units_;
  std::unordered_set<std::string> assigned_;
  int64_t assigned_closed_ = 0, assigned_replied_ = 0, due_ = 0, on_time_ = 0;
};

absl::Status Computation::ReadQuery() {
  const std::optional<Day> from = ParseDay(query_.from), to = ParseDay(query_.to);
  if (!from) return absl::InvalidArgumentError(Cat("起始日期“", query_.from, "”不是有效日期"));
  if (!to) return absl::InvalidArgumentError(Cat("截止日期“", query_.to, "”不是有效日期"));
  if (*from > *to) return absl::InvalidArgumentError("起始日期不能晚于截止日期");
  const std::optional<Day> today = query_.today.empty() ? to : ParseDay(query_.today);
  if (!today) return absl::InvalidArgumentError(Cat("今天的日期“", query_.today, "”不是有效日期"));
  figures_.from = *from;
  figures_.to = *to;
  today_ = *today;
  return FillScope();
}

absl::Status Computation::FillScope() {
  const std::string& limit = query_.station.empty() ? query_.area : query_.station;
  figures_.whole = limit.empty();
  if (limit.empty()) {
    for (const auto& [code, station] : roster_.stations)
      if (station.tier() == v1::CENTER) figures_.place = station.public_name();
    return absl::OkStatus();
  }
  auto it = roster_.stations.find(limit);
  if (it == roster_.stations.end()) return absl::InvalidArgumentError(Cat("没有站点“", limit, "”"));
  figures_.place = it->second.name();
  for (const auto& [code, station] : roster_.stations)
    if (code == limit || (query_.station.empty() && AncestorIn(code) == limit)) scope_.insert(code);
  return absl::OkStatus();
}

// The area asked for if the station lies below it, else "". A circle of parents ends after as many steps as stations.
std::string Computation::AncestorIn(const std::string& station) const {
  std::string code = station;
  for (size_t steps = 0; steps <= roster_.stations.size(); ++steps) {
    if (code == query_.area) return code;
    auto it = roster_.stations.find(code);
    if (it == roster_.stations.end()) return "";
    code = it->second.parent_id();
  }
  return "";
}

// A village is served by an active station, or by the active one that its station was merged into.
bool Computation::Served(const v1::Station& station) const {
  const v1::Station* now = &station;
  for (size_t steps = 0; steps <= roster_.stations.size(); ++steps) {
    if (now->status() == v1::STATION_ACTIVE) return true;
    auto it = roster_.stations.find(now->merged_into());
    if (now->status() != v1::STATION_MERGED || it == roster_.stations.end()) return false;
    now = &it->second;
  }
  return false;
}

void Computation::SetRate(Code code, int64_t numerator, int64_t denominator) {
  tallies_[code].value = Permille(numerator, denominator);
  tallies_[code].note = denominator == 0 ? "—" : Cat(numerator, "/", denominator);
}

absl::Status Computation::CountStations() {
  auto last = LastSessionDays(snapshot_, std::max(kUndated + 1, today_ - kSilentDays + 1), today_);
  RETURN_IF_ERROR(last.status());
  std::set<std::string> villages, served;
  for (const auto& [code, station] : roster_.stations) {
    if (!In(code)) continue;
    auto id = [&code = code] { return IdText<v1::Station>(code); };
    if (station.tier() == v1::POINT) {  // a point that names no village is one
      std::set<std::string> own(station.villages().begin(), station.villages().end());
      if (own.empty()) own.insert(code);
      villages.insert(own.begin(), own.end());
      if (Served(station)) served.insert(own.begin(), own.end());
    }
    if (station.status() != v1::STATION_ACTIVE) continue;
    if (station.grade() == v1::GRADE_HIGH_STANDARD) Count(kHighStandard, 1, id);
    if (station.tier() == v1::CENTER) Count(kCenters, 1, id);
    if (station.tier() == v1::AREA) Count(kAreas, 1, id);
    if (station.tier() != v1::POINT) continue;
    Count(kPoints, 1, id);
    if (!last->contains(code)) Count(kSilent, 1, id);
  }
  SetRate(kCoverage, static_cast<int64_t>(served.size()), static_cast<int64_t>(villages.size()));
  return absl::OkStatus();
}

absl::Status Computation::ScanPeriod() {
  FactVisitor visitor;
  visitor.session = [this](const SessionFact& fact) { OnSession(fact); };
  visitor.deputy = [this](const DeputyFact& fact) { OnDeputy(fact); };
  visitor.visit = [this](const VisitFact& fact) { OnVisit(fact); };
  visitor.matter = [this](const MatterFact& fact) { OnMatter(fact); };
  visitor.assigned = [this](const AssignedFact& fact) { OnAssigned(fact); };
  RETURN_IF_ERROR(ScanFacts(snapshot_, figures_.from, figures_.to, visitor));
  return status_;
}

void Computation::OnSession(const SessionFact& fact) {
  if (!In(fact.station)) return;
  auto id = [&] { return IdText<v1::ReceptionSession>(fact.session); };
  if (fact.unregistered > 0) Count(kUnregistered, fact.unregistered, id);
  if (!fact.closed()) return;
  Count(kSessions, 1, id);
  if (fact.historical) Count(kSessionsLedger, 1, id);
  auto it = roster_.stations.find(fact.station);
  const bool point =
      it != roster_.stations.end() && it->second.tier() == v1::POINT && it->second.status() == v1::STATION_ACTIVE;
  if (point && active_points_.insert(fact.station).second)
    Count(kActivePoints, 1, [&] { return IdText<v1::Station>(fact.station); });
}

void Computation::OnDeputy(const DeputyFact& fact) {
  if (!In(fact.station) || !fact.closed) return;
  Count(kAttendances, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
  std::set<v1::MandateLevel>& levels = deputies_[fact.deputy_id];
  auto it = roster_.deputies.find(fact.deputy_id);
  if (it == roster_.deputies.end()) return;
  std::set<v1::MandateLevel> today;
  for (const v1::Mandate& mandate : it->second.mandates())
    if (Runs(mandate, fact.day)) today.insert(mandate.level());
  for (const LevelCodes& codes : kLevels)
    if (today.contains(codes.level)) Count(codes.times, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
  levels.merge(today);
}

void Computation::OnVisit(const VisitFact& fact) {
  if (!In(fact.station)) return;
  auto id = [&] { return Cat(IdText<v1::ReceptionSession>(fact.session), "/", IdText<v1::VisitEntry>(fact.entry)); };
  Count(kVisits, 1, id);
  Count(kHeadcount, fact.headcount, id);
  if (fact.visitor.empty()) {
    Value(kPeople) += 1;
  } else {
    people_.insert(query_.person ? query_.person(fact.visitor) : fact.visitor);
  }
}

void Computation::OnMatter(const MatterFact& fact) {
  const Outcome outcome = OutcomeOf(fact);
  if (!In(fact.station) || outcome == Outcome::kDraft || !status_.ok()) return;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  if (fact.accusation || fact.track == v1::TRACK_ELSEWHERE) return Count(kAccusations, 1, id);
  if (fact.track == v1::TRACK_SUGGESTION) {
    if (fact.rating != 0 || outcome == Outcome::kClosed) OnRating(fact, kDeputyExcellent);
    return;
  }
  if (fact.track != v1::TRACK_OPINION) return;
  if (fact.nature == v1::NATURE_INQUIRY) return Count(kInquiries, 1, id);
  if (fact.nature == v1::NATURE_PRAISE) return Count(kPraise, 1, id);
  if (!IsOpinion(fact)) return Count(kNatureUnset, 1, id);
  OnOpinion(fact);
}

void Computation::OnOpinion(const MatterFact& fact) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  const Outcome own = OutcomeOf(fact);
  Count(kOpinions, 1, id);
  std::string category = fact.category;  // second level counts under its first
  for (int steps = 0; steps < 8; ++steps) {
    auto it = roster_.categories.find(category);
    if (it == roster_.categories.end() || it->second.parent().empty()) break;
    category = it->second.parent();
  }
  ++categories_[category];
  if (fact.historical) Count(kOpinionsLedger, 1, id);
  if (fact.state == v1::MERGED) Count(kMerged, 1, id);
  if (fact.state == v1::CONTESTED) Count(kContested, 1, id);
  if (own == Outcome::kAnswered && !fact.assigned) {
    Count(kAnswered, 1, id);
    if (fact.solved) Count(kAnsweredSolved, 1, id);
  }
  if (fact.rating != 0 || own == Outcome::kAnswered || own == Outcome::kClosed) OnRating(fact, kVoterExcellent);

  const absl::StatusOr<End> end = EndOf(fact);
  if (!end.ok()) {
    status_ = end.status();
    return;
  }
  switch (end->outcome) {
    case Outcome::kAnswered:
      Count(kSumAnswered, 1, id);
      break;
    case Outcome::kClosed:
      Count(kSumClosed, 1, id);
      break;
    case Outcome::kGuided:
      Count(kGuided, 1, id);
      break;
    case Outcome::kWithdrawn:
      Count(kWithdrawn, 1, id);
      break;
    case Outcome::kUnknown:
      break;
    default:
      Count(kSumOpen, 1, id);
      break;
  }
  if (end->solved) Count(kSolved, 1, id);
  if (end->by_ledger) Count(kSolvedLedger, 1, id);
}

// A merged matter ends as its parent does, a converted one as its child. One whose link leads nowhere (not here yet,
// voided) or round in a circle is open: nothing says that it is over.
absl::StatusOr<Computation::End> Computation::EndOf(const MatterFact& fact) {
  MatterFact now = fact;
  std::set<std::string> seen;
  while (OutcomeOf(now) == Outcome::kFollows) {
    std::optional<MatterFact> next;
    if (!now.link.empty() && seen.insert(now.matter).second) {
      ASSIGN_OR_RETURN(next, FindMatter(snapshot_, now.link));
    }
    if (!next) {
      Count(kDangling, 1, [&] { return IdText<v1::Matter>(fact.matter); });
      return End{};
    }
    now = *std::move(next);
  }
  return End{OutcomeOf(now), now.solved, now.by_ledger};
}

// `excellent` begins the row of five figures of one side.
void Computation::OnRating(const MatterFact& fact, Code excellent) {
  size_t offset = kVoterUnrated - kVoterExcellent;
  switch (fact.rating) {
    case v1::RATING_EXCELLENT:
      offset = 0;
      break;
    case v1::RATING_SATISFIED:
      offset = kVoterSatisfied - kVoterExcellent;
      break;
    case v1::RATING_BASICALLY:
      offset = kVoterBasically - kVoterExcellent;
      break;
    case v1::RATING_DISSATISFIED:
      offset = kVoterDissatisfied - kVoterExcellent;
      break;
    default:
      break;
  }
  Count(static_cast<Code>(excellent + offset), 1, [&] { return IdText<v1::Matter>(fact.matter); });
}

void Computation::OnAssigned(const AssignedFact& fact) {
  if (!In(fact.station) || fact.state == v1::MERGED) return;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  if (fact.track == v1::TRACK_SUGGESTION) Count(kSuggestionsAssigned, 1, id);
  if (fact.track != v1::TRACK_OPINION) return;
  Count(kAssigned, 1, id);
  assigned_.insert(fact.matter);
  ++units_[fact.unit];
  if (fact.closed()) ++assigned_closed_;
  if (fact.any_reply || fact.closed()) ++assigned_replied_;
  if (fact.due && *fact.due <= today_) {
    ++due_;
    if (fact.replied && *fact.replied <= *fact.due) ++on_time_;
  }
}

// Merged matters whose last parent is among those assigned in the period, whenever they were registered themselves.
absl::Status Computation::CountAssignedChildren() {
  std::map<std::string, std::string> follows;
  RETURN_IF_ERROR(ScanMerged(
      snapshot_, [&](std::string_view followed, std::string_view matter) { follows.emplace(matter, followed); }));
  for (const auto& [matter, followed] : follows) {
    std::string root = followed;
    for (size_t steps = 0; steps < follows.size(); ++steps) {
      auto it = follows.find(root);
      if (it == follows.end()) break;
      root = it->second;
    }
    if (assigned_.contains(root)) Count(kAssignedChildren, 1, [&m = matter] { return IdText<v1::Matter>(m); });
  }
  return absl::OkStatus();
}

absl::Status Computation::CountUndated() {
  FactVisitor visitor;
  visitor.session = [&](const SessionFact& fact) {
    if (In(fact.station)) Count(kUndatedRows, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
  };
  visitor.visit = [&](const VisitFact& fact) {
    if (!In(fact.station)) return;
    Count(kUndatedRows, 1,
          [&] { return Cat(IdText<v1::ReceptionSession>(fact.session), "/", IdText<v1::VisitEntry>(fact.entry)); });
  };
  visitor.matter = [&](const MatterFact& fact) {
    if (In(fact.station)) Count(kUndatedRows, 1, [&] { return IdText<v1::Matter>(fact.matter); });
  };
  return ScanFacts(snapshot_, kUndated, kUndated, visitor);
}

void Computation::CountPeople() {
  Value(kPeople) += static_cast<int64_t>(people_.size());
  tallies_[kPeople].approximate = true;
  tallies_[kPeople].note = "约数:登记的反映人去重,未登记姓名的每批计1人";
  for (const auto& [deputy, levels] : deputies_) {
    auto id = [&deputy = deputy] { return IdText<v1::Deputy>(deputy); };
    Count(kDeputies, 1, id);
    for (const LevelCodes& codes : kLevels)
      if (levels.contains(codes.level)) Count(codes.people, 1, id);
    if (levels.size() > 1) Count(kPlural, 1, id);
    if (!roster_.deputies.contains(deputy)) Count(kStrangers, 1, id);
  }
  for (const LevelCodes& codes : kLevels) {
    if (Value(codes.people) == 0) continue;
    figures_.levels += Cat(figures_.levels.empty() ? "" : "、", EnumLabel(codes.level));
  }
}

void Computation::Finish() {
  SetRate(kActiveRate, Value(kActivePoints), Value(kPoints));
  Value(kCases) = Value(kOpinions) - Value(kMerged);
  Value(kFinished) = Value(kSumAnswered) + Value(kSumClosed);
  Value(kDifference) =
      Value(kOpinions) - Value(kSumAnswered) - Value(kSumClosed) - Value(kSumOpen) - Value(kGuided) - Value(kWithdrawn);
  Value(kUnits) = static_cast<int64_t>(units_.size());
  std::string& note = tallies_[kUnits].note;
  for (const auto& [unit, count] : units_) {
    auto it = roster_.departments.find(unit);
    note += Cat(note.empty() ? "" : "、", it == roster_.departments.end() ? unit : it->second.name(), count, "件");
  }
  SetRate(kClosingRate, assigned_closed_, Value(kAssigned));
  SetRate(kReplyRate, assigned_replied_, Value(kAssigned));
  SetRate(kOnTimeRate, on_time_, due_);
  for (auto [rate, first] : {std::pair(kVoterRate, kVoterExcellent), std::pair(kDeputyRate, kDeputyExcellent)}) {
    const auto at = [this, first = first](size_t offset) { return Value(static_cast<Code>(first + offset)); };
    const int64_t good = at(0) + at(1) + at(2);
    SetRate(rate, good, good + at(3));
  }
}

void Computation::FillResponse() {
  v1::GetFiguresResponse& out = figures_.response;
  for (size_t i = 0; i < kCodeCount; ++i) {
    v1::Figure* figure = out.add_figures();
    figure->set_code(kNames[i].code);
    figure->set_label(kNames[i].label);
    figure->set_unit(kNames[i].unit);
    figure->set_value(tallies_[i].value);
    figure->set_note(tallies_[i].note);
    figure->set_approximate(tallies_[i].approximate);
    for (std::string& id : tallies_[i].ids) figure->add_ids(std::move(id));
  }
  std::vector<std::pair<std::string, int64_t>> shares(categories_.begin(), categories_.end());
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [code, count] : shares) {
    v1::CategoryShare* share = out.add_categories();
    auto it = roster_.categories.find(code);
    share->set_code(code);
    share->set_name(it != roster_.categories.end() ? it->second.name() : code.empty() ? "未分类" : code);
    share->set_count(count);
    share->set_share_permille(static_cast<int32_t>(Permille(count, Value(kOpinions))));
  }
  out.set_identity_difference(Value(kDifference));
  out.set_cut_off(query_.sync.cut_off);
  out.set_stations_synced(query_.sync.stations_synced);
  out.set_stations_total(query_.sync.stations_total);
}

absl::StatusOr<Figures> Computation::Run() {
  RETURN_IF_ERROR(ReadQuery());
  RETURN_IF_ERROR(CountStations());
  RETURN_IF_ERROR(ScanPeriod());
  RETURN_IF_ERROR(CountAssignedChildren());
  RETURN_IF_ERROR(CountUndated());
  CountPeople();
  Finish();
  FillResponse();
  return std::move(figures_);
}

}  // namespace

const v1::Figure* Figures::Find(std::string_view code) const {
  for (const v1::Figure& figure : response.figures())
    if (figure.code() == code) return &figure;
  return nullptr;
}

int64_t Figures::Value(std::string_view code) const {
  const v1::Figure* figure = Find(code);
  return figure == nullptr ? 0 : figure->value();
}

int64_t Permille(int64_t numerator, int64_t denominator) {
  if (denominator == 0) return kNoRate;
  const int64_t nearest = (numerator * 1000 + denominator / 2) / denominator;
  if (nearest >= 1000 && numerator < denominator) return 999;
  if (nearest == 0 && numerator > 0) return 1;
  return nearest;
}

absl::StatusOr<Figures> Compute(const KvReader& snapshot, const Roster& roster, const FigureQuery& query) {
  return Computation(snapshot, roster, query).Run();
}

}  // namespace liaison
