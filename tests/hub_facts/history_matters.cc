#include "liaison/v1/congress.pb.h"
#include "tests/hub_facts/history.h"

namespace liaison {
namespace {

const std::vector<std::string> kUnits = {"HK-U01", "HK-U02"};
const std::vector<std::string> kCategories = {"01", "0101", "0102", "02", "99", ""};
const std::vector<std::string> kSubcategories = {"", "", "0101", "0201"};
const std::vector<std::string> kStates = {"REGISTERED", "ANSWERED", "VILLAGE",   "GUIDED",   "SUBMITTED", "RETURNED",
                                          "ACCEPTED",   "ASSIGNED", "RECEIVED",  "REPLIED",  "REWORK",    "CLOSED",
                                          "TRACKING",   "ARCHIVED", "WITHDRAWN", "DRAFT",    "ESCALATED", "HANDLING",
                                          "CLOSED",     "ANSWERED", "CLOSED",    "ARCHIVED", "FROM_LATER"};
const std::vector<std::string> kNatures = {"NATURE_OPINION",    "NATURE_OPINION",    "NATURE_HELP",
                                           "NATURE_CRITICISM",  "NATURE_PRAISE",     "NATURE_INQUIRY",
                                           "NATURE_SUGGESTION", "NATURE_UNSPECIFIED"};
const std::vector<std::string> kTracks = {"TRACK_OPINION",    "TRACK_OPINION",    "TRACK_OPINION", "TRACK_OPINION",
                                          "TRACK_SUGGESTION", "TRACK_SUGGESTION", "TRACK_BILL",    "TRACK_ELSEWHERE"};
const std::vector<std::string> kDispositions = {"DISPOSITION_ANSWERED", "DISPOSITION_VILLAGE", "DISPOSITION_SUBMIT",
                                                "DISPOSITION_GUIDED"};
const std::vector<std::string> kRatings = {"RATING_SATISFIED", "RATING_BASICALLY", "RATING_DISSATISFIED",
                                           "RATING_EXCELLENT"};
constexpr int kStateOfALaterVersion = 25;

void SetStateOf(const std::string& name, v1::StatusChange* status) {
  status->set_to(name == "FROM_LATER" ? static_cast<v1::MatterState>(kStateOfALaterVersion)
                                      : Enum<v1::MatterState>(name));
}

}  // namespace

void History::AddMatter() {
  oracle::Matter matter;
  v1::Matter record;
  matter.station = Any(Stations());
  matter.date = Any(kHistoryDates);
  matter.category = Any(kCategories);
  matter.subcategory = Any(kSubcategories);
  matter.nature = Any(kNatures);
  matter.track = Any(kTracks);
  matter.state = Any(kStates);
  matter.disposition = Any(kDispositions);
  if (Chance(20)) matter.guide_reason = Chance(50) ? "检举控告/涉法涉诉" : "已进入诉讼";
  if (Chance(60)) matter.lead = Any(kHistoryDeputies);
  if (Chance(30)) matter.answered_by = Any(kHistoryDeputies);
  if (Chance(20)) matter.cosigners = {Any(kHistoryDeputies), Any(kHistoryDeputies)};
  matter.answer_solved = Chance(40);
  matter.historical = Chance(25);
  matter.key = Chance(30);
  size_t session = 0, visit = 0;
  for (int i = Upto(2); i > 0; --i) {
    if (!Pick(sessions_, &session) || !Pick(visits_[session], &visit)) continue;
    matter.sources.emplace_back(session, visit);
    record.add_sources()->set_entry(ToText(sessions_[session]) + "/" + ToText(visits_[session][visit]));
  }
  record.set_station_id(matter.station);
  record.set_date(matter.date);
  record.set_category(matter.category);
  record.set_subcategory(matter.subcategory);
  record.set_nature(Enum<v1::Nature>(matter.nature));
  record.set_track(Enum<v1::Track>(matter.track));
  SetStateOf(matter.state, record.mutable_status());
  record.set_disposition(Enum<v1::Disposition>(matter.disposition));
  record.set_guide_reason(matter.guide_reason);
  record.set_lead_deputy(matter.lead);
  record.set_answered_by(matter.answered_by);
  for (const std::string& deputy : matter.cosigners) record.add_cosigners(deputy);
  record.set_answer_solved(matter.answer_solved);
  record.set_historical(matter.historical);
  record.set_key_matter(matter.key);
  matters_.push_back(town_.Add(record));
  matter.id = matters_.back().name;
  world_.matters.push_back(matter);
  parts_.emplace_back();
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

void History::DisagreeOnMatter() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  const VersionVector saw = town_.Seen(matters_[at]);
  town_.SetState(matters_[at], v1::CLOSED, "HUB", saw);
  town_.SetState(matters_[at], v1::REWORK, "HK-D001", saw);
  world_.matters[at].state = "CONTESTED";
  world_.matters[at].voided = false;
}

void History::MoveMatter() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  oracle::Matter& matter = world_.matters[at];
  v1::Matter record;
  record.set_date(matter.date = Any(kHistoryDates));
  record.set_station_id(matter.station = Any(Stations()));
  record.set_nature(Enum<v1::Nature>(matter.nature = Any(kNatures)));
  matter.answer_solved = !matter.answer_solved;
  record.set_answer_solved(matter.answer_solved);
  town_.Set(matters_[at], record,
            {v1::Matter::kDateFieldNumber, v1::Matter::kStationIdFieldNumber, v1::Matter::kNatureFieldNumber,
             v1::Matter::kAnswerSolvedFieldNumber});
  matter.voided = false;
}

// Un-merging is a change of the state (ChangeState); the link stays and means nothing then.
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

void History::VoidMatter() {
  size_t at = 0;
  if (!Pick(matters_, &at)) return;
  const bool take_back = world_.matters[at].voided;
  take_back ? town_.Unvoid(matters_[at]) : town_.Void(matters_[at]);
  world_.matters[at].voided = !take_back;
}

// ---------------------------------------------------------------- parts of a matter

void History::Assign() {
  size_t at = 0;
  if (!PickLive(&at)) return;
  oracle::Assignment assignment;
  v1::Assignment record;
  assignment.round = 1 + Upto(2);
  assignment.date = kHistoryDates[Below(kHistoryDates.size() - 1)];
  assignment.unit = Any(kUnits);
  assignment.due = Any({"", "2026-05-20", "2026-05-21", "2026-05-19", "2026-04-01"});
  assignment.historical = Chance(30);
  record.set_round(Chance(50) && assignment.round == 1 ? 0 : static_cast<uint32_t>(assignment.round));
  record.set_assigned_date(assignment.date);
  record.set_main_unit(assignment.unit);
  record.set_due_date(assignment.due);
  record.set_historical(assignment.historical);
  parts_[at].assignments.push_back(town_.Add(record, matters_[at]));
  world_.matters[at].assignments.push_back(assignment);
}

void History::ReplyTo() {
  size_t at = 0;
  if (!PickLive(&at)) return;
  oracle::Reply reply;
  v1::Reply record;
  reply.round = 1 + Upto(2);
  reply.date = kHistoryDates[Below(kHistoryDates.size() - 1)];
  reply.letter = static_cast<char>('A' + Upto(3));
  reply.mode = Any({"面复", "电话", "书面", ""});
  reply.historical = Chance(30);
  record.set_round(static_cast<uint32_t>(reply.round));
  record.set_date(reply.date);
  record.set_reply_class(static_cast<v1::ReplyClass>(1 + reply.letter - 'A'));
  record.set_mode(reply.mode);
  record.set_historical(reply.historical);
  parts_[at].replies.push_back(town_.Add(record, matters_[at]));
  world_.matters[at].replies.push_back(reply);
}

void History::Evaluate() {
  size_t at = 0;
  if (!PickLive(&at)) return;
  oracle::Evaluation evaluation;
  v1::Evaluation record;
  evaluation.round = 1 + Upto(2);
  evaluation.date = Any(kHistoryDates);
  evaluation.by = Chance(50) ? world_.matters[at].lead : Any({"", "HK-R001"});
  evaluation.result = Any(kRatings);
  record.set_round(static_cast<uint32_t>(evaluation.round));
  record.set_date(evaluation.date);
  record.set_by(evaluation.by);
  record.set_result(Enum<v1::Rating>(evaluation.result));
  parts_[at].evaluations.push_back(town_.Add(record, matters_[at]));
  world_.matters[at].evaluations.push_back(evaluation);
}

void History::Extend() {
  size_t at = 0, which = 0;
  if (!PickLive(&at) || !Pick(parts_[at].assignments, &which)) return;
  oracle::Extension extension;
  v1::Extension record;
  extension.assignment = which;
  extension.date = Any(kHistoryDates);
  extension.new_due = Any({"2026-05-21", "2026-06-20"});
  extension.granted = Chance(70);
  const std::string id = ToText(parts_[at].assignments[which]);
  record.set_assignment(id.substr(id.find(':') + 1));
  record.set_date("2026-02-01");
  record.set_decision_date(extension.date);
  record.set_new_due(extension.new_due);
  record.set_decision(extension.granted ? v1::DECISION_GRANTED : v1::DECISION_REFUSED);
  parts_[at].extensions.push_back(town_.Add(record, matters_[at]));
  world_.matters[at].extensions.push_back(extension);
}

void History::TakeStep() {
  size_t at = 0;
  if (!PickLive(&at)) return;
  oracle::Step step;
  step.what = Any(
      {"feedback", "unreachable", "unreachable", "return", "escalation", "催办", "督办", "挂牌督办", "约谈", "提醒"});
  step.date = Any(kHistoryDates);
  auto add = [&](auto record) {
    record.set_date(step.date);
    parts_[at].steps.push_back(town_.Add(record, matters_[at]));
  };
  if (step.what == "feedback" || step.what == "unreachable") {
    v1::Feedback record;
    record.set_method("电话");
    if (step.what == "unreachable") record.set_unreachable("号码已停用");
    add(record);
  } else if (step.what == "return") {
    v1::ReturnRequest record;
    record.set_reason("不属本单位职责");
    add(record);
  } else if (step.what == "escalation") {
    v1::Escalation record;
    record.set_to("区水利局");
    add(record);
  } else {
    v1::Supervision record;
    record.set_type(step.what);
    add(record);
  }
  world_.matters[at].steps.push_back(step);
}

void History::VoidPart() {
  size_t at = 0, child = 0;
  if (!PickLive(&at)) return;
  oracle::Matter& matter = world_.matters[at];
  const Parts& parts = parts_[at];
  auto void_one = [&](const std::vector<RecordId>& ids, auto* facts) {
    if (!Pick(ids, &child)) return;
    town_.Void(matters_[at], ids[child]);
    (*facts)[child].voided = true;
  };
  switch (Below(5)) {
    case 0:
      return void_one(parts.assignments, &matter.assignments);
    case 1:
      return void_one(parts.replies, &matter.replies);
    case 2:
      return void_one(parts.evaluations, &matter.evaluations);
    case 3:
      return void_one(parts.extensions, &matter.extensions);
    default:
      return void_one(parts.steps, &matter.steps);
  }
}

}  // namespace liaison
