#include "station/reception/planning.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/api/views.h"
#include "common/base/markup.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/token.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/days/deadlines.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/reception/schedule.h"
#include "common/rules/roster/roster.h"
#include "common/store/op_on.h"
#include "common/store/store.h"
#include "station/reception/entry.h"
#include "station/reception/plan_maker.h"

namespace liaison {
namespace {

constexpr int kMostNotices = 200, kMostDaysAhead = 400;

// The last day on which a notice is in time: so long before the session's day, which is not counted.
Day NoticeBy(Day session, const Deadlines& deadlines) {
  const TimeLimit limit = deadlines.Limit(Deadline::kNotice);
  if (limit.unit == TimeLimit::Unit::kMonths) return AddMonths(session, -limit.amount);
  if (limit.unit == TimeLimit::Unit::kDays) return session - limit.amount;
  for (int left = limit.amount; left > 0;) left -= deadlines.calendar().IsWorkday(--session) ? 1 : 0;
  return session;
}

std::string NoticeText(const v1::ReceptionSession& session, Day day, const v1::NoticeRow& row) {
  std::string when = Cat(office::ChineseDate(DayText(day)), "（", WeekdayText(day), "）");
  if (!session.start().empty()) when += session.start() + (session.end().empty() ? "起" : "至" + session.end());
  std::string who;
  for (const std::string& name : row.deputy_names()) who += (who.empty() ? "" : "、") + name;
  return Cat("兹定于", when, "，由人大代表", who, "在", session.place().empty() ? row.station_name() : session.place(),
             "接待选民", session.theme().empty() ? "" : Cat("，主题：", session.theme()), "。欢迎前来反映意见建议。");
}

// Takes a field's value away.
Write Cleared(int field) {
  return {{}, TypeOf<v1::ReceptionSession>().Find(static_cast<uint32_t>(field))->tag, "", ""};
}

void WriteDeputy(const v1::SessionDeputy& deputy, NewOp* op) {
  v1::ReceptionSession change;
  *change.add_deputies() = deputy;
  WritesOf(change, {}, &op->writes, &op->sealed);
}

absl::Status CheckBegun(v1::SessionState state) {
  if (state == v1::SESSION_PLANNED) return absl::FailedPreconditionError("这一场还没有开始");
  if (state == v1::SESSION_CLOSED) return absl::FailedPreconditionError("这一场已经结束");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SessionView> Planning::ViewOf(const std::string& session_id, const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate session, LoadSession(views.reader(), session_id));
  return views.Session(session);
}

template <typename Request>
absl::StatusOr<v1::SessionView> Planning::Edit(const Request& request, const Caller& caller,
                                                const Change& change) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  RecordId id;
  if (!ParseRecordId(request.session_id(), &id)) return absl::InvalidArgumentError("接待场次：编号无效");
  ASSIGN_OR_RETURN(VersionVector seen, ReadToken(request.token(), id));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(view, Viewer::Of(caller), request.session_id()));
    RETURN_IF_ERROR(CheckMayWorkOn(context_, *roster, aggregate));
    Action action;
    action.user = request.user();
    NewOp& op = action.ops.emplace_back();
    op.aggregate = id;
    op.context = seen;
    RETURN_IF_ERROR(change(aggregate, Show<v1::ReceptionSession>(aggregate), Views::SessionStateOf(aggregate), &op));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  return ViewOf(request.session_id(), caller);
}

absl::StatusOr<v1::PlanSessionsResponse> Planning::PlanSessions(const v1::PlanSessionsRequest& request,
                                                                const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::PlanSessionsResponse response;
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    PlanMaker maker(context_, *roster, view, request);
    ASSIGN_OR_RETURN(Action action, maker.Make(action_id));
    response.set_existing(maker.existing());
    for (v1::PlanSkip& skip : maker.TakeSkipped()) *response.add_skipped() = std::move(skip);
    if (action.ops.empty()) return Action::Nothing();
    for (const NewOp& op : action.ops) action.result += ToText(op.aggregate) + "\n";
    return action;
  };
  ASSIGN_OR_RETURN(const Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  const std::string& ids = committed.result;
  for (size_t at = 0; at < ids.size(); at = ids.find('\n', at) + 1) {
    ASSIGN_OR_RETURN(*response.add_planned(), ViewOf(ids.substr(at, ids.find('\n', at) - at), caller));
  }
  std::stable_sort(
      response.mutable_planned()->begin(), response.mutable_planned()->end(),
      [](const v1::SessionView& a, const v1::SessionView& b) { return a.session().date() < b.session().date(); });
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::StartSessionResponse> Planning::StartSession(const v1::StartSessionRequest& request,
                                                                const Caller& caller) {
  auto change = [&](const Aggregate&, const v1::ReceptionSession& session, v1::SessionState state,
                    NewOp* op) -> absl::Status {
    if (state == v1::SESSION_CLOSED) return absl::FailedPreconditionError("这一场已经结束");
    if (state != v1::SESSION_PLANNED) return absl::FailedPreconditionError("这一场已经开始");
    RETURN_IF_ERROR(CheckReceives(*context_.roster->Get(), session));
    v1::ReceptionSession change;
    change.set_start(request.start());
    RETURN_IF_ERROR(ValidateField(change, v1::ReceptionSession::kStartFieldNumber));
    change.mutable_status()->set_to(v1::SESSION_OPEN);
    change.mutable_status()->set_date(session.date());
    WritesOf(change, {}, &op->writes, &op->sealed);
    return absl::OkStatus();
  };
  v1::StartSessionResponse response;
  ASSIGN_OR_RETURN(*response.mutable_session(), Edit(request, caller, change));
  return response;
}

absl::StatusOr<v1::ListDueNoticesResponse> Planning::ListDueNotices(const v1::ListDueNoticesRequest& request,
                                                                    const Caller& caller) const {
  if (request.days_ahead() < 0 || request.days_ahead() > kMostDaysAhead)
    return absl::InvalidArgumentError(Cat("天数：应为0到", kMostDaysAhead));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Deadlines deadlines(roster->policies);
  Views views = MakeViews(context_, roster.get(), caller);
  v1::ListDueNoticesResponse response;
  response.set_today(context_.Today());
  const Day today = ParseDay(context_.Today()).value_or(kUndated);
  auto visit = [&](const RecordId& id, std::string_view date, std::string_view station) {
    const Day day = ParseDay(date).value_or(kUndated), by = NoticeBy(day, deadlines);
    if (by > today + request.days_ahead()) return true;
    if (!request.station_id().empty() && station != request.station_id()) return true;
    std::optional<Aggregate> aggregate = views.Load(id);
    if (!aggregate || aggregate->VoidOf({}) == VoidState::kVoid) return true;
    if (Views::SessionStateOf(*aggregate) != v1::SESSION_PLANNED) return true;
    v1::SessionView view = views.Session(*aggregate);
    if (!view.session().notice_date().empty()) return true;
    v1::NoticeRow& row = *response.add_notices();
    *row.mutable_session() = std::move(view);
    row.set_station_name(roster->StationName(station));
    for (const std::string& deputy : PresentAt(row.session().session()))
      row.add_deputy_names(roster->DeputyName(deputy));
    row.set_notice_by(DayText(by));
    row.set_late(by < today);
    row.set_text(NoticeText(row.session().session(), day, row));
    return true;
  };
  tables::ByDate(views.reader().kv(), TypeOf<v1::ReceptionSession>().type(), response.today(), "", visit);
  return response;
}

absl::StatusOr<v1::RecordNoticesResponse> Planning::RecordNotices(const v1::RecordNoticesRequest& request,
                                                                  const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  if (request.session_ids().empty() || request.session_ids_size() > kMostNotices)
    return absl::InvalidArgumentError(Cat("接待场次：一次1到", kMostNotices, "场"));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::ReceptionSession change;
  ASSIGN_OR_RETURN(*change.mutable_notice_date(), context_.DateOr(request.date()));
  RETURN_IF_ERROR(ValidateField(change, v1::ReceptionSession::kNoticeDateFieldNumber));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = request.user();
    std::set<std::string> once;
    for (const std::string& text : request.session_ids()) {
      if (!once.insert(text).second) continue;
      ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(view, Viewer::Of(caller), text));
      RETURN_IF_ERROR(CheckMayWorkOn(context_, *roster, aggregate));
      auto session = Show<v1::ReceptionSession>(aggregate);
      if (change.notice_date() > session.date())
        return absl::InvalidArgumentError(
            Cat("公告日期：", session.number(), " 的公告不能晚于接待日 ", session.date()));
      NewOp& op = action.ops.emplace_back(OpOn(aggregate));
      WritesOf(change, {}, &op.writes, &op.sealed);
    }
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::RecordNoticesResponse response;
  for (const std::string& text : request.session_ids()) {
    ASSIGN_OR_RETURN(*response.add_sessions(), ViewOf(text, caller));
  }
  return response;
}

absl::StatusOr<v1::SignInResponse> Planning::SignIn(const v1::SignInRequest& request, const Caller& caller) {
  if (request.in().empty() && request.out().empty()) return absl::InvalidArgumentError("签到时间：不能为空");
  auto change = [&](const Aggregate&, const v1::ReceptionSession& session, v1::SessionState state,
                    NewOp* op) -> absl::Status {
    RETURN_IF_ERROR(CheckBegun(state));
    v1::SessionDeputy deputy;
    const v1::SessionDeputy* known = FindDeputy(session, request.deputy_id());
    if (known != nullptr) deputy = *known;
    RETURN_IF_ERROR(CheckServes(*context_.roster->Get(), "接待代表", request.deputy_id(), session.date()));
    deputy.set_deputy_id(request.deputy_id());
    deputy.clear_leave();  // who comes is not on leave
    if (!request.in().empty()) deputy.set_in(request.in());
    if (!request.out().empty()) deputy.set_out(request.out());
    RETURN_IF_ERROR(CheckSessionDeputy(deputy, session));
    WriteDeputy(deputy, op);
    return absl::OkStatus();
  };
  v1::SignInResponse response;
  ASSIGN_OR_RETURN(*response.mutable_session(), Edit(request, caller, change));
  return response;
}

absl::StatusOr<v1::TakeLeaveResponse> Planning::TakeLeave(const v1::TakeLeaveRequest& request, const Caller& caller) {
  if (request.reason().empty()) return absl::InvalidArgumentError("请假原因：不能为空");
  auto change = [&](const Aggregate&, const v1::ReceptionSession& session, v1::SessionState state, NewOp* op) {
    if (state == v1::SESSION_CLOSED) return absl::FailedPreconditionError("这一场已经结束");
    const v1::SessionDeputy* known = FindDeputy(session, request.deputy_id());
    if (known == nullptr) return absl::InvalidArgumentError("请假：这位代表不在这一场的名单里");
    v1::SessionDeputy deputy = *known;
    deputy.set_leave(request.reason());
    RETURN_IF_ERROR(CheckSessionDeputy(deputy, session));
    WriteDeputy(deputy, op);
    return absl::OkStatus();
  };
  v1::TakeLeaveResponse response;
  ASSIGN_OR_RETURN(*response.mutable_session(), Edit(request, caller, change));
  return response;
}

absl::StatusOr<v1::SubstituteResponse> Planning::Substitute(const v1::SubstituteRequest& request,
                                                            const Caller& caller) {
  if (request.substitute_for().empty()) return absl::InvalidArgumentError("替班：请写明替哪位代表");
  auto change = [&](const Aggregate&, const v1::ReceptionSession& session, v1::SessionState state,
                    NewOp* op) -> absl::Status {
    if (state == v1::SESSION_CLOSED) return absl::FailedPreconditionError("这一场已经结束");
    RETURN_IF_ERROR(CheckServes(*context_.roster->Get(), "接待代表", request.deputy_id(), session.date()));
    if (FindDeputy(session, request.deputy_id()) != nullptr)
      return absl::FailedPreconditionError("替班：这位代表已在这一场的名单里");
    for (const v1::SessionDeputy& other : session.deputies())
      if (other.substitute_for() == request.substitute_for())
        return absl::FailedPreconditionError("替班：已有代表替班");
    v1::SessionDeputy deputy;
    deputy.set_deputy_id(request.deputy_id());
    deputy.set_substitute_for(request.substitute_for());
    RETURN_IF_ERROR(CheckSessionDeputy(deputy, session));
    WriteDeputy(deputy, op);
    return absl::OkStatus();
  };
  v1::SubstituteResponse response;
  ASSIGN_OR_RETURN(*response.mutable_session(), Edit(request, caller, change));
  return response;
}

absl::StatusOr<v1::ListLateEntriesResponse> Planning::ListLateEntries(const v1::ListLateEntriesRequest& request,
                                                                      const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  const Day today = ParseDay(context_.Today()).value_or(kUndated);
  v1::ListLateEntriesResponse response;
  auto visit = [&](const RecordId& id, std::string_view date, std::string_view station) {
    if (!request.station_id().empty() && station != request.station_id()) return true;
    std::optional<Aggregate> aggregate = views.Load(id);
    if (!aggregate || aggregate->VoidOf({}) == VoidState::kVoid) return true;
    if (!Show<v1::ReceptionSession>(*aggregate).paper_pending()) return true;
    v1::LateEntryRow& row = *response.add_rows();
    *row.mutable_session() = views.Session(*aggregate);
    row.set_station_name(roster->StationName(station));
    for (const RecordId& file : ChildrenOf<v1::AttachmentRef>(*aggregate))
      row.set_photos(row.photos() + (aggregate->VoidOf(file) == VoidState::kVoid ? 0 : 1));
    row.set_days_waiting(today - ParseDay(date).value_or(today));
    return true;
  };
  tables::ByDate(views.reader().kv(), TypeOf<v1::ReceptionSession>().type(), "", "", visit);
  return response;
}

absl::StatusOr<v1::FinishLateEntryResponse> Planning::FinishLateEntry(const v1::FinishLateEntryRequest& request,
                                                                      const Caller& caller) {
  auto change = [&](const Aggregate& aggregate, const v1::ReceptionSession& session, v1::SessionState, NewOp* op) {
    if (!session.paper_pending()) return absl::FailedPreconditionError("补录：这一场没有待补录的纸质记录");
    const std::vector<RecordId> entries = ChildrenOf<v1::VisitEntry>(aggregate);
    const bool typed = std::any_of(entries.begin(), entries.end(),
                                   [&](const RecordId& entry) { return aggregate.VoidOf(entry) != VoidState::kVoid; });
    if (!typed && !request.nobody_came())
      return absl::FailedPreconditionError("补录：还没有录入一条；当日无人来访的，请注明无人来访");
    if (typed && request.nobody_came()) return absl::InvalidArgumentError("补录：已录入来访，不能注明无人来访");
    op->writes.push_back(Cleared(v1::ReceptionSession::kPaperPendingFieldNumber));
    return absl::OkStatus();
  };
  v1::FinishLateEntryResponse response;
  ASSIGN_OR_RETURN(*response.mutable_session(), Edit(request, caller, change));
  return response;
}

void Planning::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "ReceptionService", this, &context_);
  methods.Bind("PlanSessions", &Planning::PlanSessions);
  methods.Bind("StartSession", &Planning::StartSession);
  methods.Bind("ListDueNotices", &Planning::ListDueNotices);
  methods.Bind("RecordNotices", &Planning::RecordNotices);
  methods.Bind("SignIn", &Planning::SignIn);
  methods.Bind("TakeLeave", &Planning::TakeLeave);
  methods.Bind("Substitute", &Planning::Substitute);
  methods.Bind("ListLateEntries", &Planning::ListLateEntries);
  methods.Bind("FinishLateEntry", &Planning::FinishLateEntry);
}

}  // namespace liaison
