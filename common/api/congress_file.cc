// What a deputy did: the file, the points, and what is owed each month and quarter.
#include <algorithm>
#include <set>

#include "common/actions/congress_check.h"
#include "common/api/congress.h"
#include "common/api/congress_deeds.h"
#include "common/api/views.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/rules/days/calendar.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"

namespace liaison {
namespace {

enum Section { kBasics, kMeetings, kInspections, kTraining, kGroup, kProposals, kReports, kAwards, kSections };
constexpr const char* kTitles[kSections] = {"基本情况",     "参加会议",     "视察调研",   "学习培训",
                                            "代表小组活动", "提出建议意见", "述职与监督", "表彰奖励"};

Section SectionOf(v1::ActivityType type) {
  switch (type) {
    case v1::ACTIVITY_MEETING:
    case v1::ACTIVITY_HANDOVER:
      return kMeetings;
    case v1::ACTIVITY_TRAINING:
      return kTraining;
    case v1::ACTIVITY_GROUP:
    case v1::ACTIVITY_VISIT_DEPUTIES:
    case v1::ACTIVITY_PUBLICITY:
      return kGroup;
    case v1::ACTIVITY_DUTY_REPORT:
    case v1::ACTIVITY_BALLOT:
    case v1::ACTIVITY_WORK_REVIEW:
      return kReports;
    case v1::ACTIVITY_AWARD:
      return kAwards;
    default:
      return kInspections;
  }
}

int Points(const std::map<std::string, int>& counts, const std::map<std::string, int>& weights) {
  int tenths = 0;
  for (const auto& [key, count] : counts) {
    auto weight = weights.find(key);
    if (weight != weights.end()) tenths += weight->second * count;
  }
  return tenths;
}

class DeputyFile {
 public:
  DeputyFile(const Roster& roster, const StoreReader& reader, std::string deputy, Period period, std::string today)
      : roster_(roster),
        reader_(reader),
        deputy_(std::move(deputy)),
        period_(std::move(period)),
        today_(std::move(today)) {}

  v1::GetDeputyFileResponse Make() {
    response_.set_deputy_id(deputy_);
    response_.set_name(roster_.DeputyName(deputy_));
    response_.set_from(period_.from);
    response_.set_to(period_.to);
    for (const char* title : kTitles) response_.add_sections()->set_title(title);
    AddBasics();
    AddSessions();
    AddActivities();
    AddProjectVisits();
    AddMatters();
    AddAppraisals();
    for (v1::FileSection& section : *response_.mutable_sections()) Finish(&section);
    DeedCounts counts = CountDeeds(reader_, period_.from, period_.to);
    response_.set_points_tenths(Points(counts[deputy_], PointWeights(roster_)));
    return std::move(response_);
  }

 private:
  void Add(Section section, const std::string& date, std::string text, std::string id) {
    v1::FileEntry& entry = *response_.mutable_sections(section)->add_entries();
    entry.set_date(date);
    entry.set_text(std::move(text));
    entry.set_id(std::move(id));
  }

  void AddBasics() {
    const v1::Deputy& deputy = roster_.deputies.find(deputy_)->second;
    auto add = [&](const char* label, const std::string& text) {
      if (!text.empty()) Add(kBasics, "", Cat(label, "：", text), "");
    };
    add("姓名", deputy.name());
    add("性别", deputy.gender());
    add("出生年份", deputy.birth_year() == 0 ? "" : std::to_string(deputy.birth_year()));
    add("民族", deputy.ethnicity());
    add("党派", deputy.party());
    add("单位及职务", deputy.position());
    add("代表小组", deputy.group());
    add("所在站点", deputy.home_station_id().empty() ? "" : roster_.StationName(deputy.home_station_id()));
    for (const v1::Mandate& mandate : deputy.mandates())
      add("任职", Cat(EnumLabel(mandate.level()), "人大代表",
                      mandate.congress().empty() ? "" : Cat(" 第", mandate.congress(), "届"),
                      mandate.constituency().empty() ? "" : Cat(" ", mandate.constituency()),
                      mandate.status().empty() ? "" : Cat(" ", mandate.status())));
    reader_.ForEach(TypeOf<v1::Contact>().type(), [&](const Aggregate& aggregate) {
      auto contact = Show<v1::Contact>(aggregate);
      if (aggregate.VoidOf({}) == VoidState::kVoid || !InForce(contact, today_)) return true;
      if (contact.from() == deputy_ || contact.to() == deputy_)
        Add(kBasics, contact.valid_from(),
            Cat(EnumLabel(contact.kind()), "：", roster_.DeputyName(contact.from()), " → ",
                roster_.DeputyName(contact.to())),
            ToText(aggregate.id()));
      return true;
    });
  }

  void AddSessions() {
    for (const SessionDeed& deed : SessionsIn(reader_, period_.from, period_.to)) {
      if (std::find(deed.present.begin(), deed.present.end(), deputy_) == deed.present.end()) continue;
      Add(kGroup, deed.session.date(),
          Cat(EnumLabel(deed.session.form()), " ", roster_.StationName(deed.session.station_id()), " 接待", deed.visits,
              "批", deed.headcount, "人次"),
          ToText(deed.id));
    }
  }

  void AddActivities() {
    for (const ActivityDeed& deed : ActivitiesIn(reader_, period_.from, period_.to)) {
      const v1::Activity& activity = deed.activity;
      if (TookPart(activity, deputy_))
        Add(SectionOf(activity.type()), activity.date(), Cat(EnumLabel(activity.type()), " ", activity.title()),
            ToText(deed.id));
      for (const auto& [id, ballot] : deed.ballots)
        if (ballot.kind() == v1::BALLOT_DEPUTY && ballot.subject() == deputy_)
          Add(kReports, activity.date(),
              Cat("测评结果 优秀", ballot.excellent(), "票 满意", ballot.satisfied(), "票 基本满意", ballot.basically(),
                  "票 不满意", ballot.dissatisfied(), "票"),
              ToText(deed.id));
    }
  }

  void AddProjectVisits() {
    for (const ProjectVisitDeed& deed : ProjectVisitsIn(reader_, period_.from, period_.to)) {
      const auto& deputies = deed.visit.deputies();
      if (std::find(deputies.begin(), deputies.end(), deputy_) == deputies.end()) continue;
      Add(kInspections, deed.visit.date(), Cat("民生实事项目监督 ", deed.project_name), ToText(deed.project));
    }
  }

  void AddMatters() {
    for (const MatterDeed& deed : MattersIn(reader_, period_.from, period_.to)) {
      const v1::Matter& matter = deed.matter;
      const auto& signers = matter.cosigners();
      std::string role;
      if (matter.track() == v1::TRACK_SUGGESTION || matter.track() == v1::TRACK_BILL) {
        if (matter.lead_deputy() == deputy_)
          role = "领衔";
        else if (std::find(signers.begin(), signers.end(), deputy_) != signers.end())
          role = "附议";
      } else if (matter.track() == v1::TRACK_OPINION && matter.answered_by() == deputy_) {
        role = "当场答复";
      }
      if (role.empty()) continue;
      Add(kProposals, matter.date(),
          Cat(role, EnumLabel(matter.track()), " ", matter.number(), " ", matter.title(), "（", EnumLabel(deed.state),
              "）"),
          ToText(deed.id));
    }
  }

  void AddAppraisals() {
    reader_.ForEach(TypeOf<v1::Appraisal>().type(), [&](const Aggregate& aggregate) {
      auto appraisal = Show<v1::Appraisal>(aggregate);
      if (aggregate.VoidOf({}) == VoidState::kVoid || appraisal.kind() != "代表" || appraisal.subject() != deputy_)
        return true;
      const std::string year = std::to_string(appraisal.year());
      if (year < period_.from.substr(0, 4) || year > period_.to.substr(0, 4)) return true;
      Add(kAwards, appraisal.date(), Cat(year, "年考核 ", appraisal.grade()), ToText(aggregate.id()));
      return true;
    });
  }

  static void Finish(v1::FileSection* section) {
    std::stable_sort(section->mutable_entries()->begin(), section->mutable_entries()->end(),
                     [](const v1::FileEntry& a, const v1::FileEntry& b) { return a.date() < b.date(); });
    if (section->title() != kTitles[kBasics]) section->set_summary(Cat("共", section->entries_size(), "项"));
  }

  const Roster& roster_;
  const StoreReader& reader_;
  const std::string deputy_;
  const Period period_;
  const std::string today_;
  v1::GetDeputyFileResponse response_;
};

}  // namespace

absl::StatusOr<v1::GetDeputyFileResponse> Congress::GetDeputyFile(const v1::GetDeputyFileRequest& request,
                                                                  const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  ASSIGN_OR_RETURN(Period period, PeriodOf(context_, request.from(), request.to()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  if (!roster->deputies.contains(request.deputy_id()))
    return absl::NotFoundError(Cat("代表：名册里没有编号为“", request.deputy_id(), "”的代表"));
  Views views = MakeViews(context_, roster.get(), caller);
  const v1::Deputy& deputy = roster->deputies.find(request.deputy_id())->second;
  if (!views.viewer().SeesDeputy(request.deputy_id(), deputy.home_station_id()))
    return absl::NotFoundError(Cat("代表：名册里没有编号为“", request.deputy_id(), "”的代表"));
  return DeputyFile(*roster, views.reader(), request.deputy_id(), period, context_.Today()).Make();
}

absl::StatusOr<v1::ListPointsResponse> Congress::ListPoints(const v1::ListPointsRequest& request,
                                                            const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  ASSIGN_OR_RETURN(Period period, PeriodOf(context_, request.from(), request.to()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const std::map<std::string, int> weights = PointWeights(*roster);
  DeedCounts counts = CountDeeds(views.reader(), period.from, period.to);
  v1::ListPointsResponse response;
  for (const auto& [id, deputy] : roster->deputies) {
    if (!request.station_id().empty() && deputy.home_station_id() != request.station_id()) continue;
    if (!views.viewer().SeesDeputy(id, deputy.home_station_id())) continue;
    v1::PointRow& row = *response.add_rows();
    row.set_deputy_id(id);
    row.set_name(deputy.name());
    row.set_station_id(deputy.home_station_id());
    row.set_tenths(Points(counts[id], weights));
    for (const auto& [key, count] : counts[id]) {
      v1::PointPart& part = *row.add_parts();
      part.set_key(key);
      part.set_count(count);
      part.set_tenths(count * weights.at(key));
    }
  }
  std::stable_sort(response.mutable_rows()->begin(), response.mutable_rows()->end(),
                   [](const v1::PointRow& a, const v1::PointRow& b) { return a.tenths() > b.tenths(); });
  for (const PointKind& kind : PointKinds()) {
    v1::PointWeight& weight = *response.add_weights();
    weight.set_key(std::string(kind.key));
    weight.set_label(std::string(kind.label));
    weight.set_tenths(weights.at(std::string(kind.key)));
    weight.set_changed(weight.tenths() != kind.tenths);
  }
  return response;
}

namespace {

struct Done {
  int visits = 0, contacts = 0;
  std::string last_visit, last_contact;
};

// What each deputy did from the quarter's first day to `to`; visits count from `month` on.
std::map<std::string, Done> DoneIn(const StoreReader& reader, const std::string& quarter, const std::string& month,
                                   const std::string& to) {
  std::map<std::string, Done> done;
  auto note = [&](const std::string& deputy, const std::string& date, bool visit) {
    Done& one = done[deputy];
    ++one.contacts;
    one.last_contact = std::max(one.last_contact, date);
    if (!visit) return;
    one.visits += date >= month ? 1 : 0;
    one.last_visit = std::max(one.last_visit, date);
  };
  for (const SessionDeed& deed : SessionsIn(reader, quarter, to)) {
    if (deed.session.form() == v1::FORM_OPINION_BOX) continue;
    for (const std::string& deputy : deed.present)
      note(deputy, deed.session.date(), deed.session.form() == v1::FORM_HOME_VISIT);
  }
  for (const ActivityDeed& deed : ActivitiesIn(reader, quarter, to))
    if (deed.activity.type() == v1::ACTIVITY_VISIT_DEPUTIES)
      for (const v1::ActivityDeputy& deputy : deed.activity.deputies())
        note(deputy.deputy_id(), deed.activity.date(), true);
  return done;
}

}  // namespace

absl::StatusOr<v1::ListObligationsResponse> Congress::ListObligations(const v1::ListObligationsRequest& request,
                                                                      const Caller& caller) const {
  RETURN_IF_ERROR(CheckHub());
  const std::string date = request.date().empty() ? context_.Today() : request.date();
  if (!IsDate(date)) return absl::InvalidArgumentError(Cat("日期：“", date, "”不是有效日期"));
  const int month = std::stoi(date.substr(5, 2)), quarter = (month - 1) / 3;
  const std::string month_begin = date.substr(0, 8) + "01";
  const std::string first_month = std::to_string(101 + quarter * 3).substr(1);
  const std::string quarter_begin = Cat(date.substr(0, 5), first_month, "-01");
  const std::string month_end = DayText(AddMonths(ParseDay(month_begin).value_or(1), 1) - 1);
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::map<std::string, Done> done = DoneIn(views.reader(), quarter_begin, month_begin, month_end);
  v1::ListObligationsResponse response;
  response.set_month(date.substr(0, 7));
  response.set_quarter(Cat(date.substr(0, 4), "年第", quarter + 1, "季度"));
  for (const auto& [id, deputy] : roster->deputies) {
    if (!ServesOn(deputy, date)) continue;
    auto home = roster->stations.find(deputy.home_station_id());
    const std::string area = home == roster->stations.end()     ? ""
                             : home->second.tier() == v1::POINT ? home->second.parent_id()
                                                                : home->first;
    if (!request.station_id().empty() && deputy.home_station_id() != request.station_id()) continue;
    if (!request.area_id().empty() && area != request.area_id()) continue;
    if (!views.viewer().SeesDeputy(id, deputy.home_station_id())) continue;
    const Done& one = done[id];
    response.set_deputies(response.deputies() + 1);
    response.set_without_visit(response.without_visit() + (one.visits == 0 ? 1 : 0));
    response.set_without_contact(response.without_contact() + (one.contacts == 0 ? 1 : 0));
    if (request.missing_only() && one.visits > 0 && one.contacts > 0) continue;
    v1::ObligationRow& row = *response.add_rows();
    row.set_deputy_id(id);
    row.set_name(deputy.name());
    row.set_station_id(deputy.home_station_id());
    row.set_station_name(roster->StationName(deputy.home_station_id()));
    row.set_area_id(area);
    row.set_visits_in_month(one.visits);
    row.set_contacts_in_quarter(one.contacts);
    row.set_last_visit(one.last_visit);
    row.set_last_contact(one.last_contact);
  }
  std::stable_sort(response.mutable_rows()->begin(), response.mutable_rows()->end(),
                   [](const v1::ObligationRow& a, const v1::ObligationRow& b) {
                     return std::pair(a.area_id(), a.station_id()) < std::pair(b.area_id(), b.station_id());
                   });
  return response;
}

}  // namespace liaison
