// Commands for reception days: planned, announced, attended, typed later from paper.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/names.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/congress_services.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

struct ReceptionOptions {
  Common common;
  std::string from, to, start, end, place, theme, session, deputy, other, reason, station, rule, date;
  std::vector<std::string> stations, deputies, sessions;
  int each = 1, ahead = 0;
  bool nobody = false;
};

int Print(const Shell& shell, const absl::StatusOr<v1::SessionView>& session) {
  if (!session.ok()) return shell.Fail(session.status());
  shell.out() << OneLine(session->session().number()) << " " << EnumLabel(session->state()) << "\n";
  return kDone;
}

// A request about one session, with what every such request has.
template <typename Response, typename Request>
absl::StatusOr<v1::SessionView> Call(const Shell& shell, const ReceptionOptions& o, const char* method,
                                     const std::function<void(Request*)>& fill) {
  Link link = shell.LinkTo(o.common);
  ASSIGN_OR_RETURN(v1::SessionView session, SessionNamed(&link, o.session));
  Request request;
  request.set_action_id(shell.NewActionId());
  request.set_session_id(session.id());
  request.set_token(session.token());
  request.set_user(o.common.user);
  fill(&request);
  Response response;
  RETURN_IF_ERROR(CallService(&link, Cat("ReceptionService/", method), request, &response));
  return response.session();
}

int RunPlan(const Shell& shell, const ReceptionOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::PlanSessionsRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_start(o.start);
  request.set_end(o.end);
  request.set_place(o.place);
  request.set_theme(o.theme);
  request.set_deputies_each(o.each);
  for (const std::string& station : o.stations) request.add_station_ids(station);
  for (const std::string& deputy : o.deputies) request.add_deputy_ids(deputy);
  v1::PlanSessionsResponse response;
  absl::Status status = CallService(&link, "ReceptionService/PlanSessions", request, &response);
  if (!status.ok()) return shell.Fail(status);
  for (const v1::SessionView& session : response.planned())
    shell.out() << OneLine(session.session().number()) << " " << session.session().date() << "\n";
  for (const v1::PlanSkip& skip : response.skipped())
    shell.out() << shell.T("未计划 ", "not planned ") << OneLine(skip.station_name()) << "：" << OneLine(skip.reason())
                << "\n";
  shell.out() << shell.T("新计划 ", "planned ") << response.planned_size() << shell.T(" 场，已有 ", ", there already ")
              << response.existing() << shell.T(" 场\n", "\n");
  return kDone;
}

int ShowSessions(const Shell& shell, const ReceptionOptions& o) {
  v1::ListSessionsRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  request.set_limit(1000);
  v1::ListSessionsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "StationService/ListSessions", request, &response, &code)) return code;
  Table table({{shell.T("场次", "number")},
               {shell.T("日期", "date")},
               {shell.T("站点", "station")},
               {shell.T("形式", "form")},
               {shell.T("状态", "state")},
               {shell.T("公告", "notice")},
               {shell.T("批次", "visits"), true},
               {shell.T("代表", "deputies")}});
  for (const v1::SessionView& view : response.sessions()) {
    const v1::ReceptionSession& session = view.session();
    std::string deputies;
    for (const v1::SessionDeputy& deputy : session.deputies())
      deputies += Cat(deputies.empty() ? "" : " ", deputy.deputy_id(), deputy.leave().empty() ? "" : "（请假）",
                      deputy.in().empty() ? "" : Cat("（", deputy.in(), "）"));
    table.Add({session.number(), session.date(), session.station_id(), EnumLabel(session.form()),
               view.voided() ? shell.T("作废", "void") : EnumLabel(view.state()), session.notice_date(),
               Cat(view.visits()), OneLine(deputies)});
  }
  table.Print(&shell.out());
  return kDone;
}

int RunStart(const Shell& shell, const ReceptionOptions& o) {
  return Print(shell, Call<v1::StartSessionResponse, v1::StartSessionRequest>(
                          shell, o, "StartSession", [&](v1::StartSessionRequest* request) {
                            request->set_start(o.start);
                          }));
}

int RunSignIn(const Shell& shell, const ReceptionOptions& o) {
  return Print(shell, Call<v1::SignInResponse, v1::SignInRequest>(
                          shell, o, "SignIn", [&](v1::SignInRequest* request) {
                            request->set_deputy_id(o.deputy);
                            request->set_in(o.start);
                            request->set_out(o.end);
                          }));
}

int RunLeave(const Shell& shell, const ReceptionOptions& o) {
  return Print(shell, Call<v1::TakeLeaveResponse, v1::TakeLeaveRequest>(
                          shell, o, "TakeLeave", [&](v1::TakeLeaveRequest* request) {
                            request->set_deputy_id(o.deputy);
                            request->set_reason(o.reason);
                          }));
}

int RunSubstitute(const Shell& shell, const ReceptionOptions& o) {
  return Print(shell, Call<v1::SubstituteResponse, v1::SubstituteRequest>(
                          shell, o, "Substitute", [&](v1::SubstituteRequest* request) {
                            request->set_deputy_id(o.deputy);
                            request->set_substitute_for(o.other);
                          }));
}

int ShowNotices(const Shell& shell, const ReceptionOptions& o) {
  v1::ListDueNoticesRequest request;
  request.set_days_ahead(o.ahead);
  request.set_station_id(o.station);
  v1::ListDueNoticesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "ReceptionService/ListDueNotices", request, &response, &code)) return code;
  for (const v1::NoticeRow& row : response.notices())
    shell.out() << OneLine(row.session().session().number()) << shell.T(" 最迟公告 ", " notice by ") << row.notice_by()
                << (row.late() ? shell.T("（已迟）", " (late)") : "") << "\n  " << OneLine(row.text()) << "\n";
  return kDone;
}

int RunNoticeDone(const Shell& shell, const ReceptionOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::RecordNoticesRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  request.set_date(o.date);
  for (const std::string& text : o.sessions) {
    absl::StatusOr<v1::SessionView> session = SessionNamed(&link, text);
    if (!session.ok()) return shell.Fail(session.status());
    request.add_session_ids(session->id());
  }
  v1::RecordNoticesResponse response;
  absl::Status status = CallService(&link, "ReceptionService/RecordNotices", request, &response);
  if (!status.ok()) return shell.Fail(status);
  for (const v1::SessionView& session : response.sessions())
    shell.out() << OneLine(session.session().number()) << shell.T(" 已公告 ", " notice ")
                << session.session().notice_date() << "\n";
  return kDone;
}

int ShowLate(const Shell& shell, const ReceptionOptions& o) {
  v1::ListLateEntriesRequest request;
  request.set_station_id(o.station);
  v1::ListLateEntriesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "ReceptionService/ListLateEntries", request, &response, &code)) return code;
  Table table({{shell.T("场次", "number")},
               {shell.T("日期", "date")},
               {shell.T("站点", "station")},
               {shell.T("照片", "photos"), true},
               {shell.T("已录", "typed"), true},
               {shell.T("已等天数", "days"), true}});
  for (const v1::LateEntryRow& row : response.rows())
    table.Add({row.session().session().number(), row.session().session().date(), row.station_name(), Cat(row.photos()),
               Cat(row.session().visits()), Cat(row.days_waiting())});
  table.Print(&shell.out());
  return kDone;
}

int RunLateDone(const Shell& shell, const ReceptionOptions& o) {
  return Print(shell, Call<v1::FinishLateEntryResponse, v1::FinishLateEntryRequest>(
                          shell, o, "FinishLateEntry", [&](v1::FinishLateEntryRequest* request) {
                            request->set_nobody_came(o.nobody);
                          }));
}

int RunSchedule(const Shell& shell, const ReceptionOptions& o) {
  v1::SetSettingRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  request.set_key("schedule");
  request.set_station_id(o.station);
  request.set_value(o.rule);
  v1::SetSettingResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/SetSetting", request, &response, &code)) return code;
  shell.out() << (response.value().empty() ? shell.T("已取消", "taken away") : response.value()) << "\n";
  return kDone;
}

}  // namespace

void AddReceptionCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, Kind kind, int (*run)(const Shell&, const ReceptionOptions&)) {
    auto o = std::make_shared<ReceptionOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common, *shell);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto add_one = [&](const char* name, const char* help, int (*run)(const Shell&, const ReceptionOptions&)) {
    auto [command, o] = add(name, help, Kind::kWrites, run);
    command->add_option("session", o->session, shell->T("场次编号或日期", "number, id or date"))->required();
    return std::pair(command, o);
  };
  const char* who = shell->T("代表的编号或姓名", "a deputy's id or name");
  const char* where = shell->T("只看一个站点", "of one station");

  auto [plan, p] = add("plan", shell->T("按接待日规则计划一段时间的接待", "plans sessions by the stations' rules"),
                       Kind::kWrites, RunPlan);
  plan->add_option("--from", p->from, shell->T("起日", "first day"))->required();
  plan->add_option("--to", p->to, shell->T("止日", "last day"))->required();
  plan->add_option("--station", p->stations, shell->T("站点编号，可写几个；默认本站及所辖", "stations; else all"));
  plan->add_option("--deputy", p->deputies, shell->T("轮值代表，可写几位；默认本站代表", "who takes turns"));
  plan->add_option("--each", p->each, shell->T("每场几位代表，默认1", "deputies at each, else 1"));
  plan->add_option("--start", p->start, shell->T("开始时间", "begins at"));
  plan->add_option("--end", p->end, shell->T("结束时间", "ends at"));
  plan->add_option("--place", p->place, shell->T("地点", "place"));
  plan->add_option("--theme", p->theme, shell->T("主题", "theme"));

  auto [list, l] =
      add("sessions", shell->T("接待场次，新的在前", "sessions, the newest first"), Kind::kReads, ShowSessions);
  list->add_option("--from", l->from, shell->T("起日", "first day"));
  list->add_option("--to", l->to, shell->T("止日", "last day"));
  list->add_option("--station", l->station, where);

  auto [start, s] = add_one("start", shell->T("开始一场计划好的接待", "begins a planned session"), RunStart);
  start->add_option("--start", s->start, shell->T("开始时间", "begins at"));
  auto [in, i] = add_one("sign-in", shell->T("代表签到、签退", "a deputy comes or goes"), RunSignIn);
  in->add_option("deputy", i->deputy, who)->required();
  in->add_option("--in", i->start, shell->T("签到时间，如 09:00", "came at"));
  in->add_option("--out", i->end, shell->T("签退时间", "went at"));
  auto [leave, v] = add_one("leave", shell->T("代表请假", "a deputy is on leave"), RunLeave);
  leave->add_option("deputy", v->deputy, who)->required();
  leave->add_option("--reason", v->reason, shell->T("原因", "why"))->required();
  auto [sub, u] = add_one("substitute", shell->T("替请假的代表值班", "takes the place of one on leave"), RunSubstitute);
  sub->add_option("deputy", u->deputy, who)->required();
  sub->add_option("--for", u->other, shell->T("替哪位代表", "in whose place"))->required();

  auto [notices, n] =
      add("notices", shell->T("今天应当贴出的接待公告", "notices that are due"), Kind::kReads, ShowNotices);
  notices->add_option("--ahead", n->ahead, shell->T("再看几天以内的", "and in so many days"));
  notices->add_option("--station", n->station, where);
  auto [posted, d] = add("notice-done", shell->T("公告已经贴出", "a notice was put up"), Kind::kWrites, RunNoticeDone);
  posted->add_option("session", d->sessions, shell->T("场次编号，可写几个", "numbers or ids"))->required();
  posted->add_option("--date", d->date, shell->T("公告日期，默认今天", "when, else today"));

  auto [late, w] = add("late", shell->T("待补录的纸质记录", "paper logs to be typed"), Kind::kReads, ShowLate);
  late->add_option("--station", w->station, where);
  auto [typed, t] = add_one("late-done", shell->T("一场纸质记录已经补录", "a paper log is typed"), RunLateDone);
  typed->add_flag("--nobody", t->nobody, shell->T("当日无人来访", "nobody came"));

  auto [rule, r] =
      add("schedule", shell->T("设定接待日规则（镇中心），如 每月15日，节假日顺延", "sets the rule for sessions (hub)"),
          Kind::kWrites, RunSchedule);
  rule->add_option("rule", r->rule, shell->T("规则；不写则取消", "the rule; none: taken away"));
  rule->add_option("--station", r->station, shell->T("一个站点自己的规则；默认全镇", "of one station; else of all"));
}

}  // namespace liaison::cli
