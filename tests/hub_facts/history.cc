#include "tests/hub_facts/history.h"

#include <iterator>

#include "liaison/v1/congress.pb.h"

namespace liaison {

const std::vector<std::string> kHistoryDates = {"2025-12-31", "2026-01-01", "2026-02-28", "2026-03-10", "2026-03-31",
                                                "2026-04-01", "2026-06-15", "2026-12-31", "2027-01-01", ""};
const std::vector<std::string> kHistoryDeputies = {"HK-R001", "HK-R002", "HK-R003", "HK-R004", "HK-R099"};

namespace {

const std::vector<std::string> kForms = {"FORM_RECEPTION_DAY", "FORM_RECEPTION_DAY", "FORM_HOME_VISIT",
                                         "FORM_OPINION_BOX"};
const std::vector<std::string> kActivities = {"ACTIVITY_INSPECTION",  "ACTIVITY_RESEARCH",    "ACTIVITY_LAW_CHECK",
                                              "ACTIVITY_OVERSIGHT",   "ACTIVITY_GROUP",       "ACTIVITY_TRAINING",
                                              "ACTIVITY_DUTY_REPORT", "ACTIVITY_DUTY_REPORT", "ACTIVITY_MEETING"};

}  // namespace

const std::vector<std::string>& History::Stations() {
  static const auto* kAll = new std::vector<std::string>{"HK-D001", "HK-D002", "HK-D003", "HK-P002", "HK-D009"};
  return *kAll;
}

void History::Step() {
  static void (History::*const kSteps[])() = {
      &History::AddSession,     &History::AddSession,
      &History::AddVisit,       &History::AddVisit,
      &History::AddVisit,       &History::ChangeSession,
      &History::VoidSession,    &History::VoidVisit,
      &History::Overtake,       &History::DisagreeOnSession,
      &History::AddActivity,    &History::AddBallot,
      &History::VoidActivity,   &History::AddMatter,
      &History::AddMatter,      &History::AddMatter,
      &History::AddMatter,      &History::ChangeState,
      &History::ChangeState,    &History::ChangeState,
      &History::MoveMatter,     &History::DisagreeOnMatter,
      &History::MergeOrConvert, &History::VoidMatter,
      &History::Assign,         &History::Assign,
      &History::Assign,         &History::ReplyTo,
      &History::ReplyTo,        &History::Evaluate,
      &History::Extend,         &History::TakeStep,
      &History::TakeStep,       &History::TakeStep,
      &History::VoidPart,
  };
  (this->*kSteps[Below(std::size(kSteps))])();
}

void History::MakeRoster() {
  auto station = [&](const std::string& id, v1::Tier tier, const std::string& parent) -> v1::Station& {
    v1::Station& record = town_.roster.stations[id];
    record.set_station_id(id);
    record.set_tier(tier);
    record.set_parent_id(parent);
    world_.stations[id].tier = v1::Tier_Name(tier);
    world_.stations[id].parent = parent;
    return record;
  };
  station("HK-Z001", v1::CENTER, "");
  station("HK-P001", v1::AREA, "HK-Z001").set_grade(v1::GRADE_HIGH_STANDARD);
  station("HK-P002", v1::AREA, "HK-Z001");
  station("HK-D001", v1::POINT, "HK-P001").add_villages("大道村");
  station("HK-D002", v1::POINT, "HK-P001");
  v1::Station& merged = station("HK-D003", v1::POINT, "HK-P002");
  merged.set_status(v1::STATION_MERGED);
  merged.set_merged_into("HK-D002");
  merged.set_status_date("2026-07-01");
  station("HK-D004", v1::POINT, "HK-P002").set_status(v1::STATION_CLOSED);
  world_.stations["HK-P001"].grade = "GRADE_HIGH_STANDARD";
  world_.stations["HK-D001"].villages = {"大道村"};
  world_.stations["HK-D003"].status = "STATION_MERGED";
  world_.stations["HK-D003"].merged_into = "HK-D002";
  world_.stations["HK-D003"].status_date = "2026-07-01";
  world_.stations["HK-D004"].status = "STATION_CLOSED";
  MakeDeputies();
  auto category = [&](const std::string& code, const std::string& parent, const std::string& rollup) {
    v1::Code& record = town_.roster.categories[code];
    record.set_name(code);
    record.set_parent(parent);
    record.set_rollup(rollup);
    if (!parent.empty()) world_.category_parents[code] = parent;
    if (!rollup.empty()) world_.category_classes[code] = rollup;
  };
  category("01", "", "农业农村");
  category("0101", "01", "");
  category("0102", "01", "城乡建设");
  category("02", "", "");
  category("0201", "02", "");
}

void History::MakeDeputies() {
  auto mandate = [&](const std::string& deputy, v1::MandateLevel level, const std::string& code,
                     const std::string& from, const std::string& to, const std::string& status = "") {
    v1::Mandate* record = town_.roster.deputies[deputy].add_mandates();
    record->set_level(level);
    record->set_from(from);
    record->set_to(to);
    record->set_status(status);
    world_.deputies[deputy].push_back({code, from, to, status});
  };
  mandate("HK-R001", v1::MANDATE_TOWN, "town", "", "", "在任");
  mandate("HK-R002", v1::MANDATE_TOWN, "town", "", "2026-03-10");
  mandate("HK-R002", v1::MANDATE_DISTRICT, "district", "2026-03-10", "");
  mandate("HK-R003", v1::MANDATE_CITY, "city", "2026-04-02", "");
  mandate("HK-R003", v1::MANDATE_PROVINCE, "province", "", "2026-04-01");
  mandate("HK-R003", v1::MANDATE_NATION, "nation", "2026-04-01", "2026-04-01");
  mandate("HK-R004", v1::MANDATE_TOWN, "town", "", "", "暂停执行");
  mandate("HK-R005", v1::MANDATE_TOWN, "town", "", "");
  for (const auto& [deputy, home] : {std::pair("HK-R001", "HK-D002"), std::pair("HK-R002", "HK-D002"),
                                     std::pair("HK-R003", "HK-P001"), std::pair("HK-R005", "HK-D001")}) {
    town_.roster.deputies[deputy].set_home_station_id(home);
    world_.homes[deputy] = home;
  }
}

// ---------------------------------------------------------------- sessions

void History::AddSession() {
  oracle::Session session;
  session.root_here = !Chance(10);
  session.form = "FORM_UNSPECIFIED";
  if (!session.root_here) {  // of this one only visits will come, at first
    sessions_.push_back(town_.NewId<v1::ReceptionSession>());
    world_.sessions.push_back(session);
    visits_.emplace_back();
    return;
  }
  v1::ReceptionSession record;
  session.station = Any(Stations());
  session.date = Any(kHistoryDates);
  session.state = Any({"SESSION_CLOSED", "SESSION_CLOSED", "SESSION_OPEN", "SESSION_PLANNED"});
  session.form = Any(kForms);
  session.unregistered = Upto(2);
  session.historical = Chance(20);
  session.paper = Chance(15);
  for (int i = Upto(3); i > 0; --i) {
    const std::string& deputy = Any(kHistoryDeputies);
    if (session.deputies.contains(deputy) || session.leave.contains(deputy)) continue;
    const bool leave = Chance(25);
    (leave ? session.leave : session.deputies).insert(deputy);
    v1::SessionDeputy* one = record.add_deputies();
    one->set_deputy_id(deputy);
    if (leave) one->set_leave("出差");
  }
  record.set_station_id(session.station);
  record.set_date(session.date);
  record.mutable_status()->set_to(Enum<v1::SessionState>(session.state));
  record.set_form(Enum<v1::Form>(session.form));
  record.set_unregistered_count(session.unregistered);
  record.set_historical(session.historical);
  record.set_paper_pending(session.paper);
  sessions_.push_back(town_.Add(record));
  world_.sessions.push_back(session);
  visits_.emplace_back();
}

void History::AddVisit() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || world_.sessions[at].voided) return;
  oracle::Visit visit;
  v1::VisitEntry record;
  visit.headcount = 1 + Upto(4);
  if (Chance(70)) {
    const size_t person = Below(4);
    visit.visitor = ToBytes(RecordId{18, "person" + std::to_string(person)});
    visit.phone = person < 2;
  }
  visit.anonymous = visit.visitor.empty() ? Chance(70) : Chance(10);
  record.set_headcount(visit.headcount);
  record.set_visitor_id(visit.visitor);
  record.set_anonymous(visit.anonymous);
  visit.historical = Chance(15);
  record.set_historical(visit.historical);
  visit.number = Chance(85);
  if (visit.number) record.set_number("D001-0001");
  visits_[at].push_back(town_.Add(record, sessions_[at]));
  world_.sessions[at].visits.push_back(visit);
  if (Chance(60)) Arrive();
}

// Whatever has not come yet comes now.
void History::Arrive() {
  const std::string& date = Any(kHistoryDates);
  if (date.empty()) return;
  town_.Arrive(date);
  for (oracle::Session& session : world_.sessions)
    for (oracle::Visit& visit : session.visits)
      if (visit.came.empty()) visit.came = date;
}

void History::ChangeSession() {
  size_t at = 0;
  if (!Pick(sessions_, &at)) return;
  oracle::Session& session = world_.sessions[at];
  v1::ReceptionSession record;
  record.set_date(session.date = Any(kHistoryDates));
  record.set_station_id(session.station = Any(Stations()));
  session.state = Any({"SESSION_CLOSED", "SESSION_CLOSED", "SESSION_OPEN"});
  record.mutable_status()->set_to(Enum<v1::SessionState>(session.state));
  town_.Set(sessions_[at], record,
            {v1::ReceptionSession::kDateFieldNumber, v1::ReceptionSession::kStationIdFieldNumber,
             v1::ReceptionSession::kStatusFieldNumber});
  session.root_here = true;
  session.voided = false;  // whoever saw the void and changes the session leaves it in doubt: live, and flagged
}

void History::DisagreeOnSession() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || !world_.sessions[at].root_here) return;
  const VersionVector saw = town_.Seen(sessions_[at]);
  town_.SetState(sessions_[at], v1::SESSION_CLOSED, "HUB", saw);
  town_.SetState(sessions_[at], v1::SESSION_OPEN, "HK-D001", saw);
  world_.sessions[at].state = "CONTESTED";
  world_.sessions[at].voided = false;
}

void History::VoidSession() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || !world_.sessions[at].root_here) return;
  const bool take_back = world_.sessions[at].voided;
  take_back ? town_.Unvoid(sessions_[at]) : town_.Void(sessions_[at]);
  world_.sessions[at].voided = !take_back;
}

void History::VoidVisit() {
  size_t at = 0, child = 0;
  if (!Pick(sessions_, &at) || world_.sessions[at].voided || !Pick(visits_[at], &child)) return;
  town_.Void(sessions_[at], visits_[at][child]);
  world_.sessions[at].visits[child].voided = true;
}

// Somebody voids a session without having seen the visit that came meanwhile: the session stays.
void History::Overtake() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || world_.sessions[at].voided || !world_.sessions[at].root_here) return;
  const VersionVector saw = town_.Seen(sessions_[at]);
  v1::VisitEntry record;
  record.set_headcount(1);
  record.set_number("D001-0002");
  visits_[at].push_back(town_.Add(record, sessions_[at]));
  world_.sessions[at].visits.emplace_back();
  town_.Void(sessions_[at], {}, "HUB", saw);
}

// ---------------------------------------------------------------- activities

void History::AddActivity() {
  oracle::Activity activity;
  v1::Activity record;
  activity.type = Any(kActivities);
  activity.date = Any(kHistoryDates);
  activity.station = Any({"", "", "HK-P001", "HK-P002"});
  activity.problems = Upto(3);
  activity.made = Upto(3);
  activity.adopted = Upto(2);
  activity.others = Upto(5);
  activity.articles = Upto(1);
  for (int i = Upto(3); i > 0; --i) activity.deputies.insert(Any(kHistoryDeputies));
  record.set_type(Enum<v1::ActivityType>(activity.type));
  record.set_date(activity.date);
  record.set_station_id(activity.station);
  record.set_problems_found(activity.problems);
  record.set_suggestions_made(activity.made);
  record.set_suggestions_adopted(activity.adopted);
  record.set_others(activity.others);
  record.set_articles(activity.articles);
  for (const std::string& deputy : activity.deputies) record.add_deputies()->set_deputy_id(deputy);
  activities_.push_back(town_.Add(record));
  world_.activities.push_back(activity);
  ballots_.emplace_back();
}

void History::AddBallot() {
  size_t at = 0;
  if (!Pick(activities_, &at) || world_.activities[at].voided) return;
  oracle::Ballot ballot;
  v1::Ballot record;
  ballot.kind = Any({"BALLOT_DEPUTY", "BALLOT_OFFICIAL", "BALLOT_DEPARTMENT"});
  ballot.subject = Any(kHistoryDeputies);
  if (Chance(80)) {
    ballot.excellent = Upto(3);
    ballot.satisfied = Upto(3);
    ballot.basically = Upto(3);
    ballot.dissatisfied = Upto(3);
  }
  ballot.abstained = Upto(3);
  ballot.reported = Chance(50);
  record.set_kind(Enum<v1::BallotSubject>(ballot.kind));
  record.set_subject(ballot.subject);
  record.set_excellent(ballot.excellent);
  record.set_satisfied(ballot.satisfied);
  record.set_basically(ballot.basically);
  record.set_dissatisfied(ballot.dissatisfied);
  record.set_abstained(ballot.abstained);
  record.set_reported(ballot.reported);
  ballots_[at].push_back(town_.Add(record, activities_[at]));
  world_.activities[at].ballots.push_back(ballot);
}

void History::VoidActivity() {
  size_t at = 0, child = 0;
  if (!Pick(activities_, &at)) return;
  oracle::Activity& activity = world_.activities[at];
  if (Chance(50) && !activity.voided && Pick(ballots_[at], &child)) {
    town_.Void(activities_[at], ballots_[at][child]);
    activity.ballots[child].voided = true;
    return;
  }
  activity.voided ? town_.Unvoid(activities_[at]) : town_.Void(activities_[at]);
  activity.voided = !activity.voided;
}

}  // namespace liaison
