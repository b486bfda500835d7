// Deputies: who came, what else they did, what they were asked to account for.
#include "common/rules/reception/attendance.h"
#include "hub/figures/figures_computation.h"
#include "liaison/v1/congress.pb.h"

namespace liaison {
namespace {

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

}  // namespace

void Computation::OnDeputy(const DeputyFact& fact) {
  if (!fact.closed) return;
  if (fact.leave) {
    if (In(fact.station)) Count(kLeave, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
    return;
  }
  Breakdown::DeputyLine& line = figures_.breakdown.deputies[fact.deputy_id];
  ++line.attendances;
  if (sitting_day_ != fact.day) sitting_.clear();
  sitting_day_ = fact.day;
  sitting_[fact.session].push_back(&line);
  if (!In(fact.station)) return;
  Count(kAttendances, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
  AddLine(fact.station, fact.day, &Breakdown::Line::attendances, 1);
  std::set<v1::MandateLevel>& levels = deputies_[fact.deputy_id];
  auto it = roster_.deputies.find(fact.deputy_id);
  if (it == roster_.deputies.end()) return;
  std::set<v1::MandateLevel> today;
  const std::string day = DayText(fact.day);
  for (const v1::Mandate& mandate : it->second.mandates())
    if (RunsOn(mandate, day)) today.insert(mandate.level());
  for (const LevelCodes& codes : kLevels)
    if (today.contains(codes.level)) Count(codes.times, 1, [&] { return IdText<v1::ReceptionSession>(fact.session); });
  levels.merge(today);
}

void Computation::CountPeople() {
  Value(kPeople) += static_cast<int64_t>(people_.size());
  tallies_[kPeople].approximate = true;
  tallies_[kPeople].note = "约数：登记的反映人去重，未登记姓名的每批计1人";
  for (const auto& [deputy, levels] : deputies_) {
    auto id = [&deputy = deputy] { return IdText<v1::Deputy>(deputy); };
    Count(kDeputies, 1, id);
    for (const LevelCodes& codes : kLevels)
      if (levels.contains(codes.level)) Count(codes.people, 1, id);
    if (levels.size() > 1) Count(kPlural, 1, id);
    if (!roster_.deputies.contains(deputy)) Count(kStrangers, 1, id);
  }
  SetRate(kBallotRate, good_votes_, votes_);
  for (const LevelCodes& codes : kLevels) {
    if (Value(codes.people) == 0) continue;
    figures_.levels += Cat(figures_.levels.empty() ? "" : "、", EnumLabel(codes.level));
  }
}

// In office: a mandate that runs on the period's last day and is neither suspended nor ended (代表法 61, 62). What a
// deputy did counts wherever it was done.
void Computation::CountServing() {
  int64_t attendances = 0;
  const std::string last_day = DayText(figures_.to);
  for (const auto& [code, deputy] : roster_.deputies) {
    const bool in_office = std::any_of(deputy.mandates().begin(), deputy.mandates().end(),
                                       [&](const v1::Mandate& mandate) { return InForce(mandate, last_day); });
    if (!in_office || !In(deputy.home_station_id())) continue;
    auto id = [&code = code] { return IdText<v1::Deputy>(code); };
    Breakdown::DeputyLine& line = figures_.breakdown.deputies[code];
    line.in_office = true;
    Count(kInOffice, 1, id);
    Count(line.serves() ? kServing : kIdle, 1, id);
    Mark(kMeanSessions, id);
    attendances += line.attendances;
  }
  SetMean(kMeanSessions, attendances, Value(kInOffice));
}

void Computation::OnActivity(const ActivityFact& fact) {
  for (const std::string& deputy : fact.deputies) ++figures_.breakdown.deputies[deputy].activities;
  if (!In(fact.station)) return;
  auto id = [&] { return IdText<v1::Activity>(fact.activity); };
  const auto deputies = static_cast<int64_t>(fact.deputies.size());
  if (fact.articles > 0) Count(kArticles, fact.articles, id);
  OnBallots(fact);
  Code kind;
  switch (fact.type) {
    case v1::ACTIVITY_INSPECTION:
      kind = kInspections;
      break;
    case v1::ACTIVITY_RESEARCH:
      kind = kResearch;
      break;
    case v1::ACTIVITY_LAW_CHECK:
      kind = kLawChecks;
      break;
    case v1::ACTIVITY_OVERSIGHT:
      kind = kOversight;
      break;
    case v1::ACTIVITY_GROUP:
      return Count(kGroupActivities, 1, id);
    case v1::ACTIVITY_TRAINING:
      Count(kTrainings, 1, id);
      return Count(kTrainingTimes, deputies + fact.others, id);
    default:
      return;
  }
  Count(kind, 1, id);
  Count(kActivities, 1, id);
  Count(kActivityTimes, deputies, id);
  Count(kProblems, fact.problems, id);
  Count(kProposed, fact.made, id);
  Count(kAdopted, fact.adopted, id);
}

// A meeting of 述职 without ballots: its deputies reported.
void Computation::OnBallots(const ActivityFact& fact) {
  auto id = [&] { return IdText<v1::Activity>(fact.activity); };
  auto first = [&](std::set<std::string>* seen, const std::string& subject, Code code) {
    if (seen->insert(subject).second) Count(code, 1, id);
  };
  if (fact.type == v1::ACTIVITY_DUTY_REPORT && fact.ballots.empty())
    for (const std::string& deputy : fact.deputies) first(&reporting_[0], deputy, kReporting);
  for (const BallotFact& ballot : fact.ballots) {
    const bool deputy = ballot.kind == v1::BALLOT_DEPUTY, official = ballot.kind == v1::BALLOT_OFFICIAL;
    if (ballot.reported && deputy) first(&reporting_[0], ballot.subject, kReporting);
    if (ballot.reported && official) first(&reporting_[1], ballot.subject, kReportingOfficials);
    if (ballot.votes == 0) continue;
    votes_ += ballot.votes;
    good_votes_ += ballot.good;
    Mark(kBallotRate, id);
    if (deputy) first(&rated_[0], ballot.subject, kRatedDeputies);
    if (official) first(&rated_[1], ballot.subject, kRatedOfficials);
    if (ballot.kind == v1::BALLOT_DEPARTMENT) first(&rated_[2], ballot.subject, kRatedUnits);
  }
}

}  // namespace liaison
