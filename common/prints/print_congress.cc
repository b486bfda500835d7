// A deputy's file, a station's ten-have checklist, and the totals of ballots.
#include "common/actions/congress_check.h"
#include "common/api/views.h"
#include "common/base/markup.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/prints/print_forms.h"
#include "common/record/view.h"
#include "common/rules/roster/roster.h"

namespace liaison::prints {
namespace {

std::string Tenths(int tenths) { return Cat(tenths / 10, ".", tenths % 10); }

std::string MandateText(const v1::Deputy& deputy) {
  std::string text;
  for (const v1::Mandate& mandate : deputy.mandates()) {
    text += Cat(text.empty() ? "" : "；", mandate.congress(), EnumLabel(mandate.level()), "人大代表",
                mandate.constituency().empty() ? "" : Cat("（", mandate.constituency(), "）"));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> Deputy(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                   const v1::PrintFormRequest& request) {
  v1::GetDeputyFileRequest get;
  get.set_deputy_id(request.id());
  get.set_from(request.from());
  get.set_to(request.to());
  ASSIGN_OR_RETURN(v1::GetDeputyFileResponse file, congress.GetDeputyFile(get, caller));
  std::shared_ptr<const Roster> roster = context.roster->Get();
  office::DeputyForm form;
  form.name = file.name();
  form.period = Cat(office::ChineseDate(file.from()), "至", office::ChineseDate(file.to()));
  form.points = Tenths(file.points_tenths());
  if (auto found = roster->deputies.find(file.deputy_id()); found != roster->deputies.end()) {
    const v1::Deputy& deputy = found->second;
    form.gender = deputy.gender();
    if (deputy.birth_year() > 0) form.birth_year = Cat(deputy.birth_year());
    form.ethnicity = deputy.ethnicity();
    form.party = deputy.party();
    form.position = deputy.position();
    form.group = deputy.group();
    form.mandates = MandateText(deputy);
    if (!deputy.home_station_id().empty()) form.station = SignName(*roster, deputy.home_station_id());
  }
  for (const v1::FileSection& section : file.sections()) {
    office::DeputySection& out = form.sections.emplace_back();
    out.title = section.title();
    out.summary = section.summary();
    for (const v1::FileEntry& entry : section.entries())
      out.entries.push_back(Cat(office::ChineseDate(entry.date()), entry.date().empty() ? "" : " ", entry.text()));
  }
  return office::Print(form);
}

absl::StatusOr<std::string> TenHaves(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                     const std::string& id) {
  v1::ListTenHavesRequest list;
  list.set_station_id(id);
  ASSIGN_OR_RETURN(v1::ListTenHavesResponse response, congress.ListTenHaves(list, caller));
  if (id.empty() || response.stations_size() != 1) return absl::NotFoundError(Cat("站点：没有“", id, "”这个站点"));
  office::TenHavesForm form;
  form.station = SignName(*context.roster->Get(), id);
  form.date = context.Today();
  for (const v1::TenHaveRow& row : response.stations(0).rows())
    form.lines.push_back({row.label(), row.ok(), row.evidence(), row.date()});
  return office::Print(form);
}

absl::StatusOr<std::string> Ballots(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                    const std::string& id) {
  std::shared_ptr<const Roster> roster = context.roster->Get();
  const Views views = MakeViews(context, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadLive(views.reader(), id, TypeOf<v1::Activity>().type(), "履职活动"));
  if (!views.Sees(aggregate)) return absl::NotFoundError("履职活动：没有这一条");
  v1::ListActivitiesRequest list;
  list.set_from(Show<v1::Activity>(aggregate).date());
  list.set_to(list.from());
  ASSIGN_OR_RETURN(v1::ListActivitiesResponse response, congress.ListActivities(list, caller));
  for (const v1::ActivityView& view : response.activities()) {
    if (view.id() != ToText(aggregate.id())) continue;
    if (view.ballots().empty()) return absl::FailedPreconditionError("这次活动还没有测评结果，不能打印");
    office::BallotForm form;
    form.title = Cat(view.activity().title(), "测评统计表");
    form.date = view.activity().date();
    form.place = view.activity().place();
    for (const v1::BallotView& one : view.ballots()) {
      const v1::Ballot& ballot = one.ballot();
      form.lines.push_back({one.subject_name(), EnumLabel(ballot.kind()), ballot.reported(), ballot.voters(),
                            ballot.excellent(), ballot.satisfied(), ballot.basically(), ballot.dissatisfied(),
                            ballot.abstained(),
                            one.satisfied_permille() < 0 ? "—" : Tenths(one.satisfied_permille()) + "%"});
    }
    return office::Print(form);
  }
  return absl::NotFoundError("履职活动：没有这一条");
}

}  // namespace liaison::prints
