#include "common/api/congress_deeds.h"

#include <algorithm>

#include "common/api/views.h"
#include "common/rows/tables.h"
#include "common/rules/reception/attendance.h"

namespace liaison {
namespace {

constexpr int kMostTenths = 10'000;

bool Within(std::string_view date, std::string_view from, std::string_view to) { return date >= from && date <= to; }

bool Live(const Aggregate& aggregate) {
  return aggregate.Find({}) != nullptr && aggregate.VoidOf({}) != VoidState::kVoid;
}

const char* KeyOf(v1::ActivityType type) {
  switch (type) {
    case v1::ACTIVITY_TRAINING:
      return "points-training";
    case v1::ACTIVITY_MEETING:
    case v1::ACTIVITY_HANDOVER:
      return "points-meeting";
    case v1::ACTIVITY_DUTY_REPORT:
      return "points-report";
    case v1::ACTIVITY_AWARD:
      return "points-award";
    default:
      return "points-activity";
  }
}

}  // namespace

std::vector<SessionDeed> SessionsIn(const StoreReader& reader, std::string_view from, std::string_view to) {
  std::vector<SessionDeed> deeds;
  tables::ByDate(reader.kv(), TypeOf<v1::ReceptionSession>().type(), from, to,
                 [&](const RecordId& id, std::string_view, std::string_view) {
                   std::optional<Aggregate> aggregate = reader.Load(id);
                   if (!aggregate || !Live(*aggregate)) return true;
                   if (Views::SessionStateOf(*aggregate) != v1::SESSION_CLOSED) return true;
                   SessionDeed& deed = deeds.emplace_back();
                   deed.id = id;
                   deed.session = Show<v1::ReceptionSession>(*aggregate);
                   deed.present = PresentAt(deed.session);
                   for (const auto& [child, entry] : LiveChildren<v1::VisitEntry>(*aggregate)) {
                     ++deed.visits;
                     deed.headcount += entry.headcount();
                   }
                   deed.files = static_cast<int>(LiveChildren<v1::AttachmentRef>(*aggregate).size());
                   return true;
                 });
  return deeds;
}

std::vector<ActivityDeed> ActivitiesIn(const StoreReader& reader, std::string_view from, std::string_view to) {
  std::vector<ActivityDeed> deeds;
  reader.ForEach(TypeOf<v1::Activity>().type(), [&](const Aggregate& aggregate) {
    auto activity = Show<v1::Activity>(aggregate);
    if (Live(aggregate) && Within(activity.date(), from, to))
      deeds.push_back({aggregate.id(), std::move(activity), LiveChildren<v1::Ballot>(aggregate)});
    return true;
  });
  std::stable_sort(deeds.begin(), deeds.end(),
                   [](const ActivityDeed& a, const ActivityDeed& b) { return a.activity.date() < b.activity.date(); });
  return deeds;
}

std::vector<ProjectVisitDeed> ProjectVisitsIn(const StoreReader& reader, std::string_view from, std::string_view to) {
  std::vector<ProjectVisitDeed> deeds;
  reader.ForEach(TypeOf<v1::LivelihoodProject>().type(), [&](const Aggregate& aggregate) {
    if (!Live(aggregate)) return true;
    const std::string name = Show<v1::LivelihoodProject>(aggregate).name();
    for (auto& [id, visit] : LiveChildren<v1::ProjectVisit>(aggregate))
      if (Within(visit.date(), from, to)) deeds.push_back({aggregate.id(), id, name, visit});
    return true;
  });
  std::stable_sort(deeds.begin(), deeds.end(), [](const ProjectVisitDeed& a, const ProjectVisitDeed& b) {
    return a.visit.date() < b.visit.date();
  });
  return deeds;
}

std::vector<MatterDeed> MattersIn(const StoreReader& reader, std::string_view from, std::string_view to) {
  std::vector<MatterDeed> deeds;
  tables::ByDate(reader.kv(), TypeOf<v1::Matter>().type(), from, to,
                 [&](const RecordId& id, std::string_view, std::string_view) {
                   std::optional<Aggregate> aggregate = reader.Load(id);
                   if (!aggregate || !Live(*aggregate)) return true;
                   auto matter = Show<v1::Matter>(*aggregate);
                   const bool proposal = matter.track() == v1::TRACK_SUGGESTION || matter.track() == v1::TRACK_BILL;
                   if (proposal || !matter.answered_by().empty())
                     deeds.push_back({id, std::move(matter), Views::StateOf(*aggregate)});
                   return true;
                 });
  return deeds;
}

bool TookPart(const v1::Activity& activity, std::string_view deputy_id) {
  return std::any_of(activity.deputies().begin(), activity.deputies().end(),
                     [&](const v1::ActivityDeputy& deputy) { return deputy.deputy_id() == deputy_id; });
}

const std::vector<PointKind>& PointKinds() {
  static const std::vector<PointKind> kinds = {
      {"points-session", "接待选民（每场）", 20},
      {"points-home-visit", "走访选民（每次）", 20},
      {"points-answer", "当场答复（每条）", 5},
      {"points-suggestion", "领衔代表建议（每件）", 30},
      {"points-bill", "领衔议案（每件）", 50},
      {"points-cosign", "附议（每件）", 10},
      {"points-activity", "视察调研等活动", 20},
      {"points-project", "民生项目监督（每次）", 20},
      {"points-training", "学习培训", 20},
      {"points-meeting", "参加会议", 20},
      {"points-report", "述职", 50},
      {"points-award", "表彰奖励", 50},
  };
  return kinds;
}

bool ParsePoints(std::string_view text, int* tenths) {
  int number = 0, decimals = -1;
  if (text.empty() || text.front() == '.') return false;
  for (char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (c < '0' || c > '9' || decimals == 1 || number > kMostTenths) {
      return false;
    } else {
      number = number * 10 + (c - '0');
      if (decimals == 0) decimals = 1;
    }
  }
  if (decimals == 0) return false;
  if (decimals < 0) number *= 10;
  if (number > kMostTenths) return false;
  *tenths = number;
  return true;
}

std::map<std::string, int> PointWeights(const Roster& roster) {
  std::map<std::string, int> weights;
  for (const PointKind& kind : PointKinds()) {
    int& weight = weights[std::string(kind.key)] = kind.tenths;
    ParsePoints(roster.Policy(kind.key, ""), &weight);
  }
  return weights;
}

DeedCounts CountDeeds(const StoreReader& reader, std::string_view from, std::string_view to) {
  DeedCounts counts;
  for (const SessionDeed& deed : SessionsIn(reader, from, to)) {
    const char* key = deed.session.form() == v1::FORM_HOME_VISIT ? "points-home-visit" : "points-session";
    for (const std::string& deputy : deed.present) ++counts[deputy][key];
  }
  for (const ActivityDeed& deed : ActivitiesIn(reader, from, to))
    for (const v1::ActivityDeputy& deputy : deed.activity.deputies())
      ++counts[deputy.deputy_id()][KeyOf(deed.activity.type())];
  for (const ProjectVisitDeed& deed : ProjectVisitsIn(reader, from, to))
    for (const std::string& deputy : deed.visit.deputies()) ++counts[deputy]["points-project"];
  for (const MatterDeed& deed : MattersIn(reader, from, to)) {
    const v1::Matter& matter = deed.matter;
    if (matter.track() == v1::TRACK_OPINION) ++counts[matter.answered_by()]["points-answer"];
    if (matter.track() != v1::TRACK_SUGGESTION && matter.track() != v1::TRACK_BILL) continue;
    if (deed.state == v1::WITHDRAWN) continue;
    ++counts[matter.lead_deputy()][matter.track() == v1::TRACK_BILL ? "points-bill" : "points-suggestion"];
    for (const std::string& deputy : matter.cosigners())
      if (deputy != matter.lead_deputy()) ++counts[deputy]["points-cosign"];
  }
  return counts;
}

}  // namespace liaison
