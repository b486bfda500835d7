// What is there: activities, projects, contacts, notices, appraisals, and the ten-have checklist.
#include <algorithm>
#include <set>
#include <tuple>

#include "common/actions/congress_check.h"
#include "common/api/congress.h"
#include "common/api/congress_deeds.h"
#include "common/api/views.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/token.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/days/deadlines.h"
#include "common/rules/roster/roster.h"

namespace liaison {
namespace {

constexpr Day kActiveDays = 90, kArchiveDays = 365;
constexpr size_t kMostNotices = 1000;  // where no limit is asked for

int SatisfiedPermille(const v1::Ballot& ballot) {
  const int good = ballot.excellent() + ballot.satisfied() + ballot.basically();
  const int cast = good + ballot.dissatisfied();
  return cast == 0 ? -1 : 1000 * good / cast;
}

template <typename M>
void ForSeen(const Views& views, const std::function<void(const Aggregate&, const M&)>& visit) {
  views.reader().ForEach(TypeOf<M>().type(), [&](const Aggregate& aggregate) {
    if (aggregate.Find({}) == nullptr || aggregate.VoidOf({}) == VoidState::kVoid) return true;
    if (views.Sees(aggregate)) visit(aggregate, Show<M>(aggregate));
    return true;
  });
}

template <typename M>
void ForLive(const StoreReader& reader, const std::function<void(const Aggregate&, const M&)>& visit) {
  reader.ForEach(TypeOf<M>().type(), [&](const Aggregate& aggregate) {
    if (aggregate.Find({}) != nullptr && aggregate.VoidOf({}) != VoidState::kVoid) visit(aggregate, Show<M>(aggregate));
    return true;
  });
}

// id, token and record of one that is listed.
template <typename View>
void Head(const Aggregate& aggregate, View* view) {
  view->set_id(ToText(aggregate.id()));
  view->set_token(MakeToken(aggregate.id(), aggregate.lineage().Visible()));
}

// A person or place by its id where it is one, else what was written.
std::string NameOf(const Roster& roster, const std::string& text) {
  if (roster.deputies.contains(text)) return roster.DeputyName(text);
  if (roster.stations.contains(text)) return roster.StationName(text);
  if (roster.departments.contains(text)) return roster.DepartmentName(text);
  return text;
}

// Numbers of the matters that are seen, since `from` of which `texts_of` says one of `wanted`, by what it says.
std::map<std::string, std::vector<std::string>> MatterNumbers(
    const Views& views, const std::set<std::string>& wanted, const std::string& from,
    const std::function<std::vector<std::string>(const v1::Matter&)>& texts_of) {
  std::map<std::string, std::vector<std::string>> numbers;
  if (wanted.empty()) return numbers;
  tables::ByDate(views.reader().kv(), TypeOf<v1::Matter>().type(), from, "",
                 [&](const RecordId& id, std::string_view, std::string_view) {
                   std::optional<Aggregate> aggregate = views.Load(id);
                   if (!aggregate || aggregate->VoidOf({}) == VoidState::kVoid) return true;
                   auto matter = Show<v1::Matter>(*aggregate);
                   for (const std::string& text : texts_of(matter))
                     if (wanted.contains(text)) numbers[text].push_back(matter.number());
                   return true;
                 });
  return numbers;
}

}  // namespace

absl::StatusOr<v1::ListActivitiesResponse> Congress::ListActivities(const v1::ListActivitiesRequest& request,
                                                                    const Caller& caller) const {
  ASSIGN_OR_RETURN(Period period, PeriodOf(context_, request.from(), request.to()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::vector<ActivityDeed> deeds = ActivitiesIn(views.reader(), period.from, period.to);
  std::erase_if(deeds, [&](const ActivityDeed& deed) {
    const v1::Activity& activity = deed.activity;
    return (request.type() != v1::ACTIVITY_UNSPECIFIED && activity.type() != request.type()) ||
           (!request.deputy_id().empty() && !TookPart(activity, request.deputy_id())) ||
           (!request.station_id().empty() && activity.station_id() != request.station_id()) ||
           (!views.viewer().sees_all() && !views.Load(deed.id));
  });
  v1::ListActivitiesResponse response;
  std::map<std::string, std::vector<std::string>> matters;
  if (request.with_matters()) {
    std::set<std::string> wanted;
    for (const ActivityDeed& deed : deeds) wanted.insert(ToText(deed.id));
    matters = MatterNumbers(views, wanted, "", [](const v1::Matter& matter) {
      std::vector<std::string> entries;
      for (const v1::Source& source : matter.sources()) entries.push_back(source.entry());
      return entries;
    });
  }
  for (auto deed = deeds.rbegin(); deed != deeds.rend(); ++deed) {
    v1::ActivityView& view = *response.add_activities();
    if (std::optional<Aggregate> aggregate = views.reader().Load(deed->id)) Head(*aggregate, &view);
    const v1::Activity& activity = *view.mutable_activity() = deed->activity;
    for (const v1::ActivityDeputy& deputy : activity.deputies())
      view.add_deputy_names(roster->DeputyName(deputy.deputy_id()));
    if (!activity.station_id().empty()) view.set_station_name(roster->StationName(activity.station_id()));
    for (const auto& [id, ballot] : deed->ballots) {
      v1::BallotView& one = *view.add_ballots();
      one.set_id(FullId(deed->id, id));
      *one.mutable_ballot() = ballot;
      one.set_subject_name(NameOf(*roster, ballot.subject()));
      one.set_satisfied_permille(SatisfiedPermille(ballot));
    }
    for (const std::string& number : matters[view.id()]) view.add_matters(number);
    response.set_attendances(response.attendances() + activity.deputies_size());
    response.set_problems_found(response.problems_found() + activity.problems_found());
    response.set_suggestions_made(response.suggestions_made() + activity.suggestions_made());
    response.set_suggestions_adopted(response.suggestions_adopted() + activity.suggestions_adopted());
  }
  return response;
}

absl::StatusOr<v1::ListProjectsResponse> Congress::ListProjects(const v1::ListProjectsRequest& request,
                                                                const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const std::string today = context_.Today();
  v1::ListProjectsResponse response;
  std::set<std::string> wanted;
  ForSeen<v1::LivelihoodProject>(views, [&](const Aggregate& aggregate, const v1::LivelihoodProject& project) {
    if (request.year() != 0 && project.year() != request.year()) return;
    if (!request.id().empty() && ToText(aggregate.id()) != request.id()) return;
    v1::ProjectView& view = *response.add_projects();
    Head(aggregate, &view);
    wanted.insert(view.id());
    *view.mutable_project() = project;
    for (const std::string& id : project.supervisors()) view.add_supervisor_names(roster->DeputyName(id));
    for (const auto& [id, visit] : LiveChildren<v1::ProjectVisit>(aggregate)) {
      *view.add_visits() = visit;
      if (visit.rating() == v1::RATING_UNSPECIFIED) continue;
      view.set_rated(view.rated() + 1);
      view.set_satisfied(view.satisfied() + (visit.rating() == v1::RATING_DISSATISFIED ? 0 : 1));
    }
    std::stable_sort(view.mutable_visits()->begin(), view.mutable_visits()->end(),
                     [](const v1::ProjectVisit& a, const v1::ProjectVisit& b) { return a.date() < b.date(); });
    const bool running = project.status() == v1::PROJECT_VOTED || project.status() == v1::PROJECT_RUNNING;
    view.set_overdue(running && !project.due_date().empty() && project.due_date() < today);
  });
  auto matters = MatterNumbers(views, wanted, "",
                               [](const v1::Matter& matter) { return std::vector<std::string>{matter.project()}; });
  for (v1::ProjectView& view : *response.mutable_projects())
    for (const std::string& number : matters[view.id()]) view.add_matters(number);
  std::stable_sort(response.mutable_projects()->begin(), response.mutable_projects()->end(),
                   [](const v1::ProjectView& a, const v1::ProjectView& b) {
                     return std::pair(-a.project().year(), a.project().name()) <
                            std::pair(-b.project().year(), b.project().name());
                   });
  return response;
}

absl::StatusOr<v1::ListContactsResponse> Congress::ListContacts(const v1::ListContactsRequest& request,
                                                                const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const std::string today = context_.Today();
  v1::ListContactsResponse response;
  ForSeen<v1::Contact>(views, [&](const Aggregate& aggregate, const v1::Contact& contact) {
    if (request.kind() != v1::CONTACT_UNSPECIFIED && contact.kind() != request.kind()) return;
    if (!request.who().empty() && contact.from() != request.who() && contact.to() != request.who()) return;
    if (!request.station_id().empty() && contact.station_id() != request.station_id()) return;
    const bool ended = !contact.valid_to().empty() && contact.valid_to() < today;
    if (ended && !request.ended_too()) return;
    v1::ContactView& view = *response.add_contacts();
    Head(aggregate, &view);
    *view.mutable_contact() = contact;
    view.set_from_name(NameOf(*roster, contact.from()));
    view.set_to_name(NameOf(*roster, contact.to()));
    view.set_in_force(InForce(contact, today));
  });
  std::stable_sort(response.mutable_contacts()->begin(), response.mutable_contacts()->end(),
                   [](const v1::ContactView& a, const v1::ContactView& b) {
                     return std::pair(a.contact().kind(), a.contact().from()) <
                            std::pair(b.contact().kind(), b.contact().from());
                   });
  return response;
}

absl::StatusOr<v1::ListPostedNoticesResponse> Congress::ListPostedNotices(const v1::ListPostedNoticesRequest& request,
                                                                          const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::vector<v1::PostedNotice> notices;
  ForSeen<v1::Notice>(views, [&](const Aggregate& aggregate, const v1::Notice& notice) {
    if (notice.withdrawn() && !request.withdrawn_too()) return;
    v1::PostedNotice& view = notices.emplace_back();
    Head(aggregate, &view);
    *view.mutable_notice() = notice;
  });
  std::stable_sort(notices.begin(), notices.end(), [](const v1::PostedNotice& a, const v1::PostedNotice& b) {
    return a.notice().date() > b.notice().date();
  });
  const size_t limit = request.limit() > 0 ? static_cast<size_t>(request.limit()) : kMostNotices;
  v1::ListPostedNoticesResponse response;
  for (size_t i = 0; i < std::min(limit, notices.size()); ++i) *response.add_notices() = std::move(notices[i]);
  return response;
}

absl::StatusOr<v1::ListAppraisalsResponse> Congress::ListAppraisals(const v1::ListAppraisalsRequest& request,
                                                                    const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  v1::ListAppraisalsResponse response;
  ForSeen<v1::Appraisal>(views, [&](const Aggregate& aggregate, const v1::Appraisal& appraisal) {
    if (request.year() != 0 && appraisal.year() != request.year()) return;
    if (!request.kind().empty() && appraisal.kind() != request.kind()) return;
    v1::AppraisalView& view = *response.add_appraisals();
    Head(aggregate, &view);
    *view.mutable_appraisal() = appraisal;
    view.set_subject_name(NameOf(*roster, appraisal.subject()));
  });
  std::stable_sort(response.mutable_appraisals()->begin(), response.mutable_appraisals()->end(),
                   [](const v1::AppraisalView& a, const v1::AppraisalView& b) {
                     return std::tuple(-a.appraisal().year(), a.appraisal().kind(), -a.appraisal().points()) <
                            std::tuple(-b.appraisal().year(), b.appraisal().kind(), -b.appraisal().points());
                   });
  return response;
}

namespace {

struct Proof {
  std::string date, evidence;
};
using Proofs = std::map<std::pair<std::string, int>, Proof>;  // station, item

// What the records prove of items 7 to 10, the newest evidence of each.
Proofs ProofsOf(const StoreReader& reader, const std::string& today) {
  Proofs proofs;
  auto prove = [&](const std::string& station, int item, const std::string& date, std::string evidence) {
    if (station.empty()) return;
    Proof& proof = proofs[{station, item}];
    if (proof.date <= date) proof = {date, std::move(evidence)};
  };
  const Day now = ParseDay(today).value_or(kUndated);
  const std::string active = DayText(now - kActiveDays);
  for (const SessionDeed& deed : SessionsIn(reader, DayText(now - kArchiveDays), today)) {
    const v1::ReceptionSession& session = deed.session;
    if (session.date() >= active)
      prove(session.station_id(), 7, session.date(),
            Cat(session.date(), " ", EnumLabel(session.form()), " ", session.number()));
    if (deed.files > 0)
      prove(session.station_id(), 8, session.date(), Cat(session.number(), " 附件", deed.files, "份"));
  }
  for (const ActivityDeed& deed : ActivitiesIn(reader, active, today))
    prove(deed.activity.station_id(), 7, deed.activity.date(), Cat(deed.activity.date(), " ", deed.activity.title()));
  ForLive<v1::Contact>(reader, [&](const Aggregate&, const v1::Contact& contact) {
    if (InForce(contact, today))
      prove(contact.station_id(), 9, contact.valid_from(), Cat(EnumLabel(contact.kind()), "：", contact.to()));
  });
  const int year = std::stoi(today.substr(0, 4));
  ForLive<v1::Appraisal>(reader, [&](const Aggregate&, const v1::Appraisal& appraisal) {
    if (appraisal.kind() == "站点" && (appraisal.year() == year || appraisal.year() == year - 1))
      prove(appraisal.subject(), 10, std::to_string(appraisal.year()),
            Cat(appraisal.year(), "年考核", appraisal.grade().empty() ? "" : Cat("：", appraisal.grade())));
  });
  return proofs;
}

}  // namespace

absl::StatusOr<v1::ListTenHavesResponse> Congress::ListTenHaves(const v1::ListTenHavesRequest& request,
                                                                const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const Proofs proofs = ProofsOf(views.reader(), context_.Today());
  v1::ListTenHavesResponse response;
  for (const auto& [id, station] : roster->stations) {
    if (station.status() == v1::STATION_MERGED || station.status() == v1::STATION_CLOSED) continue;
    if (!request.station_id().empty() && id != request.station_id()) continue;
    if (!request.area_id().empty() && id != request.area_id() && station.parent_id() != request.area_id()) continue;
    if (!views.viewer().SeesStation(id)) continue;
    v1::TenHaveStation& view = *response.add_stations();
    view.set_station_id(id);
    view.set_name(roster->StationName(id));
    for (int item = 1; item <= 10; ++item) {
      v1::TenHaveRow& row = *view.add_rows();
      row.set_item(item);
      row.set_label(Cat("有", TenHaveLabel(item)));
      row.set_by_data(IsProvedByData(item));
      if (row.by_data()) {
        auto proof = proofs.find({id, item});
        row.set_ok(proof != proofs.end());
        if (!row.ok()) continue;
        row.set_evidence(proof->second.evidence);
        row.set_date(proof->second.date);
      } else if (std::optional<Aggregate> said =
                     views.reader().Load(RecordId::Master(TypeOf<v1::TenHave>().type(), Cat(id, "-", item)))) {
        auto record = Show<v1::TenHave>(*said);
        row.set_ok(record.ok());
        row.set_evidence(record.evidence());
        row.set_date(record.date());
      }
    }
    view.set_fulfilled(static_cast<int32_t>(
        std::count_if(view.rows().begin(), view.rows().end(), [](const v1::TenHaveRow& row) { return row.ok(); })));
  }
  return response;
}

}  // namespace liaison
