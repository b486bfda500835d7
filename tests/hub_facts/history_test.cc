// Random histories of a small town: after every change the tables equal a recount byte for byte, and the figures equal
// the oracle's, for the whole town, an area and a station.
#include <random>

#include "gtest/gtest.h"
#include "hub/figures.h"
#include "tests/hub_facts/oracle.h"
#include "tests/hub_facts/town.h"

namespace liaison {
namespace {

const std::vector<std::string> kDates = {"2025-12-31", "2026-01-01", "2026-02-28", "2026-03-10", "2026-03-31",
                                         "2026-04-01", "2026-06-15", "2026-12-31", "2027-01-01", ""};
const std::vector<std::string> kStations = {"HK-D001", "HK-D002", "HK-D003", "HK-D009"};  // the last: nobody knows it
const std::vector<std::string> kUnits = {"HK-U01", "HK-U02"};
const std::vector<std::string> kDeputies = {"HK-R001", "HK-R002", "HK-R003", "HK-R099"};
const std::vector<std::string> kCategories = {"01", "0101", "02", "99", ""};
const std::vector<std::string> kStates = {"REGISTERED", "ANSWERED", "VILLAGE",   "GUIDED",    "SUBMITTED", "RETURNED",
                                          "ACCEPTED",   "ASSIGNED", "RECEIVED",  "REPLIED",   "REWORK",    "CLOSED",
                                          "TRACKING",   "ARCHIVED", "WITHDRAWN", "DRAFT",     "ESCALATED", "HANDLING",
                                          "CLOSED",     "ANSWERED", "CLOSED",    "FROM_LATER"};
const std::vector<std::string> kNatures = {"NATURE_OPINION",    "NATURE_OPINION",    "NATURE_HELP",
                                           "NATURE_CRITICISM",  "NATURE_PRAISE",     "NATURE_INQUIRY",
                                           "NATURE_SUGGESTION", "NATURE_UNSPECIFIED"};
const std::vector<std::string> kTracks = {"TRACK_OPINION",    "TRACK_OPINION", "TRACK_OPINION",
                                          "TRACK_SUGGESTION", "TRACK_BILL",    "TRACK_ELSEWHERE"};
const std::vector<std::string> kDispositions = {"DISPOSITION_ANSWERED", "DISPOSITION_VILLAGE", "DISPOSITION_SUBMIT",
                                                "DISPOSITION_GUIDED"};
const std::vector<std::string> kRatings = {"RATING_SATISFIED", "RATING_BASICALLY", "RATING_DISSATISFIED",
                                           "RATING_EXCELLENT"};
constexpr int kStateOfALaterVersion = 25;

template <typename E>
E Enum(const std::string& name) {
  const auto* value = google::protobuf::GetEnumDescriptor<E>()->FindValueByName(name);
  EXPECT_NE(value, nullptr) << name;
  return static_cast<E>(value->number());
}

// What is done in the town, done to its records and told to the oracle.
class History {
 public:
  explicit History(uint32_t seed) : random_(seed) { MakeRoster(); }

  void Step() {
    switch (Below(23)) {
      case 0:
      case 1:
        return AddSession();
      case 2:
      case 3:
        return AddVisit();
      case 4:
      case 5:
      case 6:
        return AddMatter();
      case 7:
      case 8:
      case 9:
        return ChangeState();
      case 10:
        return Disagree();
      case 11:
      case 12:
        return Assign();
      case 13:
        return ReplyTo();
      case 14:
        return Evaluate();
      case 15:
        return MergeOrConvert();
      case 16:
        return VoidChild();
      case 17:
        return VoidMatter();
      case 18:
        return VoidSession();
      case 19:
        return Overtake();
      case 20:
        return MoveMatter();
      default:
        return ChangeSession();
    }
  }

  // Where they differ, as text; empty if nowhere.
  std::string Compare(std::set<std::string>* fired) const {
    const std::pair<const char*, const char*> kLimits[] = {{"", ""}, {"HK-D002", ""}, {"", "HK-P001"}};
    std::string differences;
    for (const auto& [station, area] : kLimits) {
      FigureQuery query;
      query.from = "2026-01-01";
      query.to = "2026-12-31";
      query.today = "2026-05-20";
      query.station = station;
      query.area = area;
      const Figures figures = town_.Compute(query);
      oracle::Answer answer = oracle::Count(world_, {query.from, query.to, query.station, query.area, query.today});
      for (const v1::Figure& figure : figures.response.figures()) {
        const int64_t wanted = answer.figures[figure.code()];
        answer.figures.erase(figure.code());
        if (figure.value() > 0) fired->insert(figure.code());
        if (figure.value() != wanted) {
          differences += "[" + std::string(station) + area + "] " + figure.code() + ": " +
                         std::to_string(figure.value()) + ", the oracle says " + std::to_string(wanted) + "\n";
        }
      }
      for (const auto& [code, value] : answer.figures) differences += "no figure " + code + "\n";
      std::map<std::string, int64_t> categories;
      for (const v1::CategoryShare& share : figures.response.categories()) categories[share.code()] = share.count();
      if (categories != answer.categories) differences += "categories differ\n";
    }
    return differences;
  }

  const Town& town() const { return town_; }

 private:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  const std::string& Any(const std::vector<std::string>& list) { return list[Below(list.size())]; }

  void MakeRoster();
  void AddSession();
  void AddVisit();
  void AddMatter();
  void ChangeState();
  void Disagree();
  void Assign();
  void ReplyTo();
  void Evaluate();
  void MergeOrConvert();
  void VoidChild();
  void VoidMatter();
  void VoidSession();
  void Overtake();
  void MoveMatter();
  void ChangeSession();

  template <typename T>
  bool Pick(const std::vector<T>& list, size_t* index) {
    if (list.empty()) return false;
    *index = Below(list.size());
    return true;
  }
  static void SetStateOf(const std::string& name, v1::StatusChange* status) {
    status->set_to(name == "FROM_LATER" ? static_cast<v1::MatterState>(kStateOfALaterVersion)
                                        : Enum<v1::MatterState>(name));
  }

  std::mt19937 random_;
  Town town_;
  oracle::World world_;
  std::vector<RecordId> sessions_, matters_;                                // as in world_
  std::vector<std::vector<RecordId>> visits_;                               // of each session
  std::vector<std::vector<RecordId>> assignments_, replies_, evaluations_;  // of each matter
};

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
  station("HK-D003", v1::POINT, "HK-P002").set_status(v1::STATION_MERGED);
  station("HK-D004", v1::POINT, "HK-P002").set_status(v1::STATION_CLOSED);
  town_.roster.stations["HK-D003"].set_merged_into("HK-D002");
  world_.stations["HK-P001"].grade = "GRADE_HIGH_STANDARD";
  world_.stations["HK-D001"].villages = {"大道村"};
  world_.stations["HK-D003"].status = "STATION_MERGED";
  world_.stations["HK-D003"].merged_into = "HK-D002";
  world_.stations["HK-D004"].status = "STATION_CLOSED";
  auto mandate = [&](const std::string& deputy, v1::MandateLevel level, const std::string& code,
                     const std::string& from, const std::string& to) {
    v1::Mandate* record = town_.roster.deputies[deputy].add_mandates();
    record->set_level(level);
    record->set_from(from);
    record->set_to(to);
    world_.deputies[deputy].push_back({code, from, to});
  };
  mandate("HK-R001", v1::MANDATE_TOWN, "town", "", "");
  mandate("HK-R002", v1::MANDATE_TOWN, "town", "", "2026-03-10");
  mandate("HK-R002", v1::MANDATE_DISTRICT, "district", "2026-03-10", "");
  mandate("HK-R003", v1::MANDATE_CITY, "city", "2026-04-02", "");
  mandate("HK-R003", v1::MANDATE_PROVINCE, "province", "", "2026-04-01");
  mandate("HK-R003", v1::MANDATE_NATION, "nation", "2026-04-01", "2026-04-01");
  town_.roster.categories["01"].set_name("农业农村与水利");
  town_.roster.categories["0101"].set_parent("01");
  world_.category_parents["0101"] = "01";
}

void History::AddSession() {
  oracle::Session session;
  v1::ReceptionSession record;
  session.station = Any(kStations);
  session.date = Any(kDates);
  session.state = Any({"SESSION_CLOSED", "SESSION_CLOSED", "SESSION_OPEN", "SESSION_PLANNED"});
  session.unregistered = static_cast<int>(Below(3));
  session.historical = Chance(20);
  session.root_here = !Chance(10);
  for (size_t i = Below(3); i < 3; ++i) session.deputies.insert(Any(kDeputies));
  record.set_station_id(session.station);
  record.set_date(session.date);
  record.mutable_status()->set_to(Enum<v1::SessionState>(session.state));
  record.set_unregistered_count(session.unregistered);
  record.set_historical(session.historical);
  for (const std::string& deputy : session.deputies) record.add_deputies()->set_deputy_id(deputy);
  if (session.root_here) {
    sessions_.push_back(town_.Add(record));
  } else {
    sessions_.push_back(town_.NewId<v1::ReceptionSession>());
    session.deputies.clear();
    session.unregistered = 0;
  }
  world_.sessions.push_back(session);
  visits_.emplace_back();
}

void History::AddVisit() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || world_.sessions[at].voided) return;
  oracle::Visit visit;
  v1::VisitEntry record;
  visit.headcount = static_cast<int>(1 + Below(5));
  if (Chance(70)) visit.visitor = ToBytes(RecordId{18, "person" + std::to_string(Below(4))});
  record.set_headcount(visit.headcount);
  record.set_visitor_id(visit.visitor);
  record.set_anonymous(visit.visitor.empty());
  visits_[at].push_back(town_.Add(record, sessions_[at]));
  world_.sessions[at].visits.push_back(visit);
}

void History::AddMatter() {
  oracle::Matter matter;
  v1::Matter record;
  matter.station = Any(kStations);
  matter.date = Any(kDates);
  matter.category = Any(kCategories);
  matter.nature = Any(kNatures);
  matter.track = Any(kTracks);
  matter.state = Any(kStates);
  matter.disposition = Any(kDispositions);
  if (Chance(20)) matter.guide_reason = Chance(50) ? "检举控告/涉法涉诉" : "已进入诉讼";
  matter.lead = Any(kDeputies);
  matter.answer_solved = Chance(40);
  matter.historical = Chance(30);
  record.set_station_id(matter.station);
  record.set_date(matter.date);
  record.set_category(matter.category);
  record.set_nature(Enum<v1::Nature>(matter.nature));
  record.set_track(Enum<v1::Track>(matter.track));
  SetStateOf(matter.state, record.mutable_status());
  record.set_disposition(Enum<v1::Disposition>(matter.disposition));
  record.set_guide_reason(matter.guide_reason);
  record.set_lead_deputy(matter.lead);
  record.set_answer_solved(matter.answer_solved);
  record.set_historical(matter.historical);
  matters_.push_back(town_.Add(record));
  matter.id = matters_.back().name;
  world_.matters.push_back(matter);
  assignments_.emplace_back();
  replies_.emplace_back();
  evaluations_.emplace_back();
}

void History::ChangeState() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  world_.matters[at].state = Any(kStates);
  v1::Matter record;
  SetStateOf(world_.matters[at].state, record.mutable_status());
  // A change of what is voided by somebody who saw the void leaves the void in doubt: live again, and flagged.
  town_.Set(matters_[at], record, {v1::Matter::kStatusFieldNumber});
  world_.matters[at].voided = false;
}

void History::Disagree() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  const VersionVector saw = town_.Seen(matters_[at]);
  town_.SetState(matters_[at], v1::CLOSED, "HUB", saw);
  town_.SetState(matters_[at], v1::REWORK, "HK-D001", saw);
  world_.matters[at].state = "CONTESTED";
  world_.matters[at].voided = false;
}

void History::Assign() {
  size_t at = 0;
  if (!Pick(matters_, &at) || world_.matters[at].voided) return;
  oracle::Assignment assignment;
  v1::Assignment record;
  assignment.round = static_cast<int>(1 + Below(2));
  assignment.date = kDates[Below(kDates.size() - 1)];
  assignment.unit = Any(kUnits);
  assignment.due = Any({"", "2026-05-20", "2026-05-21", "2026-04-01"});
  assignment.historical = Chance(30);
  record.set_round(Chance(50) && assignment.round == 1 ? 0 : static_cast<uint32_t>(assignment.round));
  record.set_assigned_date(assignment.date);
  record.set_main_unit(assignment.unit);
  record.set_due_date(assignment.due);
  record.set_historical(assignment.historical);
  assignments_[at].push_back(town_.Add(record, matters_[at]));
  world_.matters[at].assignments.push_back(assignment);
}

void History::ReplyTo() {
  size_t at = 0;
  if (!Pick(matters_, &at) || world_.matters[at].voided) return;
  oracle::Reply reply;
  v1::Reply record;
  reply.round = static_cast<int>(1 + Below(2));
  reply.date = kDates[Below(kDates.size() - 1)];
  reply.letter = static_cast<char>('A' + Below(4));
  reply.historical = Chance(30);
  record.set_round(static_cast<uint32_t>(reply.round));
  record.set_date(reply.date);
  record.set_reply_class(static_cast<v1::ReplyClass>(1 + reply.letter - 'A'));
  record.set_historical(reply.historical);
  replies_[at].push_back(town_.Add(record, matters_[at]));
  world_.matters[at].replies.push_back(reply);
}

void History::Evaluate() {
  size_t at = 0;
  if (!Pick(matters_, &at) || world_.matters[at].voided) return;
  oracle::Evaluation evaluation;
  v1::Evaluation record;
  evaluation.round = static_cast<int>(1 + Below(2));
  evaluation.date = Any(kDates);
  evaluation.by = Chance(50) ? world_.matters[at].lead : Any({"", "HK-R001"});
  evaluation.result = Any(kRatings);
  record.set_round(static_cast<uint32_t>(evaluation.round));
  record.set_date(evaluation.date);
  record.set_by(evaluation.by);
  record.set_result(Enum<v1::Rating>(evaluation.result));
  evaluations_[at].push_back(town_.Add(record, matters_[at]));
  world_.matters[at].evaluations.push_back(evaluation);
}

void History::MergeOrConvert() {
  size_t at = 0, into = 0;
  if (!Pick(matters_, &at) || !Pick(matters_, &into)) return;
  oracle::Matter& matter = world_.matters[at];
  v1::Matter record;
  const RecordId target = Chance(90) ? matters_[into] : RecordId{24, "not here yet"};
  const bool merge = Chance(70);
  matter.state = merge ? "MERGED" : "CONVERTED";
  (merge ? matter.merged_into : matter.converted_to) = target.name;
  matter.voided = false;
  SetStateOf(matter.state, record.mutable_status());
  record.set_merged_into(ToBytes(target));
  record.set_converted_to(ToBytes(target));
  town_.Set(matters_[at], record,
            {v1::Matter::kStatusFieldNumber,
             static_cast<uint32_t>(merge ? v1::Matter::kMergedIntoFieldNumber : v1::Matter::kConvertedToFieldNumber)});
}

void History::VoidChild() {
  size_t at = 0, child = 0;
  if (Chance(50)) {
    if (!Pick(sessions_, &at) || world_.sessions[at].voided || !Pick(visits_[at], &child)) return;
    town_.Void(sessions_[at], visits_[at][child]);
    world_.sessions[at].visits[child].voided = true;
    return;
  }
  if (!Pick(matters_, &at) || world_.matters[at].voided) return;
  oracle::Matter& matter = world_.matters[at];
  if (Chance(33) && Pick(assignments_[at], &child)) {
    town_.Void(matters_[at], assignments_[at][child]);
    matter.assignments[child].voided = true;
  } else if (Chance(50) && Pick(replies_[at], &child)) {
    town_.Void(matters_[at], replies_[at][child]);
    matter.replies[child].voided = true;
  } else if (Pick(evaluations_[at], &child)) {
    town_.Void(matters_[at], evaluations_[at][child]);
    matter.evaluations[child].voided = true;
  }
}

void History::VoidMatter() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  const bool take_back = world_.matters[at].voided;
  take_back ? town_.Unvoid(matters_[at]) : town_.Void(matters_[at]);
  world_.matters[at].voided = !take_back;
}

void History::VoidSession() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || !world_.sessions[at].root_here) return;
  const bool take_back = world_.sessions[at].voided;
  take_back ? town_.Unvoid(sessions_[at]) : town_.Void(sessions_[at]);
  world_.sessions[at].voided = !take_back;
}

// Somebody voids a session without having seen the visit that came meanwhile: the session stays.
void History::Overtake() {
  size_t at = 0;
  if (!Pick(sessions_, &at) || world_.sessions[at].voided || !world_.sessions[at].root_here) return;
  const VersionVector saw = town_.Seen(sessions_[at]);
  v1::VisitEntry record;
  record.set_headcount(1);
  visits_[at].push_back(town_.Add(record, sessions_[at]));
  world_.sessions[at].visits.emplace_back();
  town_.Void(sessions_[at], {}, "HUB", saw);
}

void History::MoveMatter() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  oracle::Matter& matter = world_.matters[at];
  v1::Matter record;
  record.set_date(matter.date = Any(kDates));
  record.set_station_id(matter.station = Any(kStations));
  record.set_nature(Enum<v1::Nature>(matter.nature = Any(kNatures)));
  matter.answer_solved = !matter.answer_solved;
  record.set_answer_solved(matter.answer_solved);
  town_.Set(matters_[at], record,
            {v1::Matter::kDateFieldNumber, v1::Matter::kStationIdFieldNumber, v1::Matter::kNatureFieldNumber,
             v1::Matter::kAnswerSolvedFieldNumber});
  matter.voided = false;
}

void History::ChangeSession() {
  size_t at = 0;
  if (!Pick(sessions_, &at)) return;
  oracle::Session& session = world_.sessions[at];
  v1::ReceptionSession record;
  record.set_date(session.date = Any(kDates));
  record.set_station_id(session.station = Any(kStations));
  session.state = Any({"SESSION_CLOSED", "SESSION_OPEN"});
  record.mutable_status()->set_to(Enum<v1::SessionState>(session.state));
  if (!session.root_here) session.historical = false;
  town_.Set(sessions_[at], record,
            {v1::ReceptionSession::kDateFieldNumber, v1::ReceptionSession::kStationIdFieldNumber,
             v1::ReceptionSession::kStatusFieldNumber});
  session.root_here = true;
  session.voided = false;
}

TEST(RandomHistories, AreCountedAsTheOracleCountsThem) {
  std::set<std::string> fired;
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    History history(seed);
    for (int step = 1; step <= 120; ++step) {
      history.Step();
      ASSERT_EQ(history.town().Rows(), history.town().Recounted()) << "seed " << seed << " step " << step;
      if (step % 10 != 0) continue;
      const std::string differences = history.Compare(&fired);
      ASSERT_EQ(differences, "") << "seed " << seed << " step " << step;
    }
  }
  const Figures figures = Town().Year();
  for (const v1::Figure& figure : figures.response.figures())
    EXPECT_TRUE(fired.contains(figure.code())) << "no history makes " << figure.code();
}

}  // namespace
}  // namespace liaison
