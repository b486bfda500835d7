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
    shell.out() << "未计划 " << OneLine(skip.station_name()) << "：" << OneLine(skip.reason()) << "\n";
  shell.out() << "新计划 " << response.planned_size() << " 场，已有 " << response.existing() << " 场\n";
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
  Table table({{"场次"}, {"日期"}, {"站点"}, {"形式"}, {"状态"}, {"公告"}, {"批次", true}, {"代表"}});
  for (const v1::SessionView& view : response.sessions()) {
    const v1::ReceptionSession& session = view.session();
    std::string deputies;
    for (const v1::SessionDeputy& deputy : session.deputies())
      deputies += Cat(deputies.empty() ? "" : " ", deputy.deputy_id(), deputy.leave().empty() ? "" : "（请假）",
                      deputy.in().empty() ? "" : Cat("（", deputy.in(), "）"));
    table.Add({session.number(), session.date(), session.station_id(), EnumLabel(session.form()),
               view.voided() ? "作废" : EnumLabel(view.state()), session.notice_date(), Cat(view.visits()),
               OneLine(deputies)});
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
    shell.out() << OneLine(row.session().session().number()) << " 最迟公告 " << row.notice_by()
                << (row.late() ? "（已迟）" : "") << "\n  " << OneLine(row.text()) << "\n";
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
    shell.out() << OneLine(session.session().number()) << " 已公告 " << session.session().notice_date() << "\n";
  return kDone;
}

int ShowLate(const Shell& shell, const ReceptionOptions& o) {
  v1::ListLateEntriesRequest request;
  request.set_station_id(o.station);
  v1::ListLateEntriesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "ReceptionService/ListLateEntries", request, &response, &code)) return code;
  Table table({{"场次"}, {"日期"}, {"站点"}, {"照片", true}, {"已录", true}, {"已等天数", true}});
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
  shell.out() << (response.value().empty() ? "已取消" : response.value()) << "\n";
  return kDone;
}

}  // namespace

void AddReceptionCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, Kind kind, int (*run)(const Shell&, const ReceptionOptions&)) {
    auto o = std::make_shared<ReceptionOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto add_one = [&](const char* name, const char* help, int (*run)(const Shell&, const ReceptionOptions&)) {
    auto [command, o] = add(name, help, Kind::kWrites, run);
    command->add_option("session", o->session, "场次编号或日期")->required();
    return std::pair(command, o);
  };
  const char* who = "代表的编号或姓名";
  const char* where = "只看一个站点";

  auto [plan, p] = add("plan", "按接待日规则计划一段时间的接待", Kind::kWrites, RunPlan);
  plan->add_option("--from", p->from, "起日")->required();
  plan->add_option("--to", p->to, "止日")->required();
  plan->add_option("--station", p->stations, "站点编号，可写几个；默认本站及所辖");
  plan->add_option("--deputy", p->deputies, "轮值代表，可写几位；默认本站代表");
  plan->add_option("--each", p->each, "每场几位代表，默认1");
  plan->add_option("--start", p->start, "开始时间");
  plan->add_option("--end", p->end, "结束时间");
  plan->add_option("--place", p->place, "地点");
  plan->add_option("--theme", p->theme, "主题");

  auto [list, l] = add("sessions", "接待场次，新的在前", Kind::kReads, ShowSessions);
  list->add_option("--from", l->from, "起日");
  list->add_option("--to", l->to, "止日");
  list->add_option("--station", l->station, where);

  auto [start, s] = add_one("start", "开始一场计划好的接待", RunStart);
  start->add_option("--start", s->start, "开始时间");
  auto [in, i] = add_one("sign-in", "代表签到、签退", RunSignIn);
  in->add_option("deputy", i->deputy, who)->required();
  in->add_option("--in", i->start, "签到时间，如 09:00");
  in->add_option("--out", i->end, "签退时间");
  auto [leave, v] = add_one("leave", "代表请假", RunLeave);
  leave->add_option("deputy", v->deputy, who)->required();
  leave->add_option("--reason", v->reason, "原因")->required();
  auto [sub, u] = add_one("substitute", "替请假的代表值班", RunSubstitute);
  sub->add_option("deputy", u->deputy, who)->required();
  sub->add_option("--for", u->other, "替哪位代表")->required();

  auto [notices, n] = add("notices", "今天应当贴出的接待公告", Kind::kReads, ShowNotices);
  notices->add_option("--ahead", n->ahead, "再看几天以内的");
  notices->add_option("--station", n->station, where);
  auto [posted, d] = add("notice-done", "公告已经贴出", Kind::kWrites, RunNoticeDone);
  posted->add_option("session", d->sessions, "场次编号，可写几个")->required();
  posted->add_option("--date", d->date, "公告日期，默认今天");

  auto [late, w] = add("late", "待补录的纸质记录", Kind::kReads, ShowLate);
  late->add_option("--station", w->station, where);
  auto [typed, t] = add_one("late-done", "一场纸质记录已经补录", RunLateDone);
  typed->add_flag("--nobody", t->nobody, "当日无人来访");

  auto [rule, r] = add("schedule", "设定接待日规则（镇中心），如 每月15日，节假日顺延", Kind::kWrites, RunSchedule);
  rule->add_option("rule", r->rule, "规则；不写则取消");
  rule->add_option("--station", r->station, "一个站点自己的规则；默认全镇");
}

}  // namespace liaison::cli
