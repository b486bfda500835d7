#include "hub/figures/figures.h"

#include "common/base/ports.h"
#include "common/rules/days/late.h"
#include "common/store/reader.h"
#include "hub/figures/figures_computation.h"
#include "liaison/v1/congress.pb.h"

namespace liaison {

absl::Status Computation::ReadQuery() {
  const std::optional<Day> from = ParseDay(query_.from), to = ParseDay(query_.to);
  if (!from) return absl::InvalidArgumentError(Cat("起始日期“", query_.from, "”不是有效日期"));
  if (!to) return absl::InvalidArgumentError(Cat("截止日期“", query_.to, "”不是有效日期"));
  if (*from > *to) return absl::InvalidArgumentError("起始日期不能晚于截止日期");
  const std::optional<Day> today = query_.today.empty() ? to : ParseDay(query_.today);
  if (!today) return absl::InvalidArgumentError(Cat("今天的日期“", query_.today, "”不是有效日期"));
  figures_.period = query_.period;
  figures_.from = *from;
  figures_.to = *to;
  today_ = *today;
  return FillScope();
}

absl::Status Computation::FillScope() {
  const std::string& limit = query_.station.empty() ? query_.area : query_.station;
  figures_.whole = limit.empty();
  if (limit.empty()) {
    if (const v1::Station* center = roster_.Center()) figures_.place = center->public_name();
    return absl::OkStatus();
  }
  auto it = roster_.stations.find(limit);
  if (it == roster_.stations.end()) return absl::InvalidArgumentError(Cat("没有站点“", limit, "”"));
  figures_.place = it->second.name();
  for (const auto& [code, station] : roster_.stations)
    if (code == limit || (query_.station.empty() && AncestorIn(code) == limit)) figures_.scope.insert(code);
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
    if (ActiveOn(*now, figures_.to)) return true;
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

void Computation::SetMean(Code code, int64_t sum, int64_t count) {
  tallies_[code].note = "—";
  if (count == 0) return;
  const int64_t tenths = (sum * 20 + count) / (2 * count);
  tallies_[code].value = (sum * 2 + count) / (2 * count);
  tallies_[code].note = Cat(tenths / 10, ".", tenths % 10, "(", sum, "/", count, ")");
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
      Mark(kCoverage, id);
    }
    if (station.tier() == v1::POINT && ActiveOn(station, today_) && !last->contains(code)) {
      Count(kSilent, 1, id);
      figures_.silent.push_back(code);
    }
    if (!ActiveOn(station, figures_.to)) continue;
    if (station.grade() == v1::GRADE_HIGH_STANDARD) Count(kHighStandard, 1, id);
    if (station.tier() == v1::CENTER) Count(kCenters, 1, id);
    if (station.tier() == v1::AREA) Count(kAreas, 1, id);
    if (station.tier() != v1::POINT) continue;
    Count(kPoints, 1, id);
    Mark(kActiveRate, id);
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
  visitor.event = [this](const EventFact& fact) { OnEvent(fact); };
  visitor.activity = [this](const ActivityFact& fact) { OnActivity(fact); };
  RETURN_IF_ERROR(ScanFacts(snapshot_, figures_.from, figures_.to, visitor));
  return status_;
}

void Computation::OnSession(const SessionFact& fact) {
  if (!In(fact.station)) return;
  auto id = [&] { return IdText<v1::ReceptionSession>(fact.session); };
  if (fact.unregistered > 0) Count(kUnregistered, fact.unregistered, id);
  if (fact.paper) Count(kPaper, 1, id);
  if (!fact.closed()) return;
  Count(kSessions, 1, id);
  AddLine(fact.station, fact.day, &Breakdown::Line::sessions, 1);
  if (fact.form == v1::FORM_HOME_VISIT) Count(kHomeSessions, 1, id);
  if (fact.historical) Count(kSessionsLedger, 1, id);
  auto it = roster_.stations.find(fact.station);
  const bool point =
      it != roster_.stations.end() && it->second.tier() == v1::POINT && ActiveOn(it->second, figures_.to);
  if (point && active_points_.insert(fact.station).second)
    Count(kActivePoints, 1, [&] { return IdText<v1::Station>(fact.station); });
}

void Computation::OnVisit(const VisitFact& fact) {
  if (auto sitting = sitting_.find(fact.session); sitting != sitting_.end() && fact.day == sitting_day_) {
    for (Breakdown::DeputyLine* line : sitting->second) {
      ++line->visits;
      line->headcount += fact.headcount;
    }
  }
  if (!In(fact.station)) return;
  auto id = [&] { return Cat(IdText<v1::ReceptionSession>(fact.session), "/", IdText<v1::VisitEntry>(fact.entry)); };
  Count(kVisits, 1, id);
  Count(kHeadcount, fact.headcount, id);
  Mark(kPeople, id);
  AddLine(fact.station, fact.day, &Breakdown::Line::visits, 1);
  AddLine(fact.station, fact.day, &Breakdown::Line::headcount, fact.headcount);
  if (fact.form == v1::FORM_HOME_VISIT) {
    Count(kHomeVisits, 1, id);
    Count(kHomeHeadcount, fact.headcount, id);
  }
  if (fact.form == v1::FORM_OPINION_BOX) Count(kBoxEntries, 1, id);
  if (IsLate(fact)) Count(kCameLate, 1, id);
  if (fact.visitor.empty()) {
    Value(kPeople) += 1;
    return;
  }
  FigureQuery::Person person = query_.person ? query_.person(fact.visitor) : FigureQuery::Person{fact.visitor};
  if (person.phoneless && !fact.anonymous && !fact.historical) Count(kPhoneless, 1, id);
  people_.insert(std::move(person.key));
}

// Rows come by day, so that a log is asked about in order: mostly what was read last holds.
bool Computation::IsLate(const VisitFact& fact) {
  constexpr size_t kMarks = 64;
  if (fact.seq == 0) return false;
  Arrived& arrived = arrived_[fact.author];
  if (fact.seq < arrived.from || fact.seq > arrived.to) {
    const std::vector<ArrivalMark> marks = ArrivalsFrom(snapshot_, fact.author, fact.seq, kMarks);
    arrived = {fact.seq, marks.size() < kMarks ? UINT64_MAX : marks.back().last, {}};
    for (const ArrivalMark& mark : marks)
      arrived.days.emplace_back(mark.last, ParseDay(BusinessDate(mark.ms)).value_or(kUndated));
  }
  auto came = std::lower_bound(arrived.days.begin(), arrived.days.end(), std::pair(fact.seq, kUndated));
  return came != arrived.days.end() && CameLate(came->second, fact.day);
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
  visitor.activity = [&](const ActivityFact& fact) {
    if (In(fact.station)) Count(kUndatedRows, 1, [&] { return IdText<v1::Activity>(fact.activity); });
  };
  return ScanFacts(snapshot_, kUndated, kUndated, visitor);
}

void Computation::Finish() {
  SetRate(kActiveRate, Value(kActivePoints), Value(kPoints));
  Value(kFinished) = Value(kSumAnswered) + Value(kSumClosed);
  Value(kDifference) =
      Value(kOpinions) - Value(kSumAnswered) - Value(kSumClosed) - Value(kSumOpen) - Value(kGuided) - Value(kWithdrawn);
  Value(kConflicts) = query_.sync.conflicts;
  Value(kUnsynced) = query_.sync.stations_total - query_.sync.stations_synced;
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
  FillCategories();
  out.set_from(DayText(figures_.from));
  out.set_to(DayText(figures_.to));
  out.set_place(figures_.place);
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
  CountServing();
  FinishMatters();
  Finish();
  FillResponse();
  return std::move(figures_);
}

const v1::Figure* Figures::Find(std::string_view code) const {
  for (const v1::Figure& figure : response.figures())
    if (figure.code() == code) return &figure;
  return nullptr;
}

int64_t Figures::Value(std::string_view code) const {
  const v1::Figure* figure = Find(code);
  return figure == nullptr ? 0 : figure->value();
}

bool ActiveOn(const v1::Station& station, Day day) {
  if (station.status() == v1::STATION_ACTIVE) return true;
  const std::optional<Day> since = ParseDay(station.status_date());
  return since && day < *since;
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
