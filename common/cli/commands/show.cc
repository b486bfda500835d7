// Commands that show what is there, at a station or at the hub.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "common/base/minute.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

struct ShowOptions {
  Common common;
  std::string from, to, query, id, station, area, category, state, track, unit;
  int limit = 0, offset = 0;
};

const char* LightText(v1::Light light, const Shell& shell) {
  switch (light) {
    case v1::LIGHT_SAVED:
      return shell.T("已存", "saved");
    case v1::LIGHT_PENDING:
      return shell.T("待传", "pending");
    case v1::LIGHT_DELIVERED:
      return shell.T("已送达", "delivered");
    default:
      return "";
  }
}

// Why the clock is in doubt, and what is to be done; both empty while it is not.
std::pair<std::string, std::string> ClockText(const v1::ClockState& clock, const Shell& shell) {
  if (clock.trouble().empty()) return {};
  return {Cat(clock.trouble(), shell.T("，不可信", ", not to be trusted")),
          clock.given().empty()
              ? shell.T("登记时请写明日期，或用 liaison clock --today 写明今天是哪一天",
                        "give dates, or say which day it is by liaison clock --today")
              : Cat(shell.T("今天按写明的日期，用到程序停下为止", "today is as given, until the daemon ends"),
                    clock.given_by().empty() ? "" : Cat(shell.T("，写明的人：", ", by "), OneLine(clock.given_by())))};
}

struct ClockOptions {
  Common common;
  std::string today;
};

int RunClock(const Shell& shell, const ClockOptions& o) {
  v1::ClockState clock;
  std::string today;
  int code = kDone;
  if (o.today.empty()) {
    v1::GetStatusResponse status;
    if (!Ask(shell, o.common, "RecordService/GetStatus", v1::GetStatusRequest(), &status, &code)) return code;
    clock = status.clock();
    today = status.today();
  } else {
    v1::SetTodayRequest request;
    request.set_today(o.today);
    request.set_user(o.common.user);
    v1::SetTodayResponse response;
    if (!Ask(shell, o.common, "RecordService/SetToday", request, &response, &code)) return code;
    clock = response.clock();
    today = response.today();
  }
  shell.out() << shell.T("今天 ", "today ") << today;
  const auto [doubt, advice] = ClockText(clock, shell);
  if (!doubt.empty()) shell.out() << shell.T("（", " (") << doubt << shell.T("；", "; ") << advice << shell.T("）", ")");
  shell.out() << "\n";
  if (clock.told_ms() > 0)
    shell.out() << shell.T("镇中心上次告知的时间 ", "the hub's time as last told ") << MinuteText(clock.told_ms())
                << shell.T("，当时本机快（负数为慢） ", "; this machine was then ahead by ") << clock.ahead_ms() / 1000
                << shell.T(" 秒\n", " s\n");
  return kDone;
}

int ShowStatus(const Shell& shell, const ShowOptions& o) {
  v1::GetStatusResponse s;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/GetStatus", v1::GetStatusRequest(), &s, &code)) return code;
  Table table({{"", false}, {"", false, 100}});
  auto row = [&](const char* chinese, const char* english, const std::string& value) {
    if (!value.empty()) table.Add({shell.T(chinese, english), value});
  };
  bool hub = s.role() == "hub";
  row("角色", "role", hub ? shell.T("镇中心", "hub") : shell.T("站点", "station"));
  if (!hub) row("站点", "station", Cat(s.station_id(), " ", s.station_name()));
  row("设备", "device", s.node_id());
  const auto [doubt, advice] = ClockText(s.clock(), shell);
  row("今天", "today", s.today() + (doubt.empty() ? "" : shell.T("（时钟不可信）", " (clock not to be trusted)")));
  row("时钟", "clock", doubt);
  row("", "", advice);
  for (const v1::RunningWork& work : s.work())
    row("正在", "at work", OneLine(ProgressText({work.what(), work.unit(), work.done(), work.total(), 0})));
  row("记录", "records", Cat(s.records()));
  row("操作", "ops", s.ops() > 0 ? Cat(s.ops()) : "");
  if (!hub) {
    row("待传", "pending", Cat(s.pending_ops()));
    row("镇中心地址", "hub address", s.hub_address());
    row("联网", "link", s.link_up() ? shell.T("已连接", "up") : shell.T("未连接", "down"));
    row("未连接原因", "why down", s.link_up() ? "" : s.link_error());
    row("最近回执", "last receipt", MinuteText(s.last_receipt_ms()));
  }
  row("分歧", "conflicts", Cat(s.conflicts()));
  row("等待前项", "held", s.held() > 0 ? Cat(s.held()) : "");
  row("被拒", "refused", s.refused() > 0 ? Cat(s.refused()) : "");
  for (const std::string& refusal : s.refusals()) row("", "", refusal);
  auto count = [](int n) { return n > 0 ? Cat(n) : ""; };
  row("照片待传", "files to send", count(s.files().to_send()));
  row("照片待取", "files to fetch", count(s.files().to_fetch()));
  row("照片损坏", "files damaged", count(s.files().damaged()));
  row("同步端口", "sync port", s.port().trouble());
  row("站点连接", "connections", count(s.port().sockets()));
  row("挡下的连接", "turned away", s.port().turned_away() > 0 ? Cat(s.port().turned_away()) : "");
  row("照片传送", "file transfer", s.files().trouble());
  row("版本", "version", s.version());
  table.Print(&shell.out());
  return kDone;
}

int ShowList(const Shell& shell, const ShowOptions& o) {
  v1::ListVisitsRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_limit(o.limit);
  request.set_offset(o.offset);
  v1::ListVisitsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "StationService/ListVisits", request, &response, &code)) return code;
  Table table({{shell.T("编号", "number")},
               {shell.T("日期", "date")},
               {shell.T("反映人", "visitor")},
               {shell.T("人数", "people"), true},
               {shell.T("内容", "matter"), false, kTextPlaces},
               {shell.T("状态", "state")},
               {shell.T("送达", "delivery")}});
  for (const v1::VisitView& visit : response.visits()) {
    std::string number = visit.entry().number(), date = visit.date(), name = visit.visitor_name();
    std::string people = Cat(visit.entry().headcount()), light = LightText(visit.light(), shell);
    if (visit.matters().empty()) table.Add({number, date, name, people, visit.entry().original_words(), "", light});
    for (const v1::MatterView& matter : visit.matters()) {
      table.Add({number, date, name, people, matter.matter().title(), EnumLabel(matter.state()), light});
      number = date = name = people = light = "";  // said once for a visit
    }
  }
  table.Print(&shell.out());
  shell.out() << shell.T("显示 ", "shown ") << response.visits_size() << shell.T(" 批，共 ", " of ") << response.total()
              << shell.T(" 批\n", " visits\n");
  if (const int next = o.offset + response.visits_size(); next < response.total())
    shell.out() << shell.T("下一页：--offset ", "next page: --offset ") << next << "\n";
  return kDone;
}

int ShowFound(const Shell& shell, const ShowOptions& o) {
  v1::FindRequest request;
  request.set_query(o.query);
  request.set_limit(o.limit);
  request.set_offset(o.offset);
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  request.set_area_id(o.area);
  request.set_category(o.category);
  request.set_unit(o.unit);
  if (!o.state.empty()) {
    absl::StatusOr<v1::MatterState> state = ByLabel<v1::MatterState>("状态", o.state);
    if (!state.ok()) return shell.Fail(state.status());
    request.set_state(*state);
  }
  if (!o.track.empty()) {
    absl::StatusOr<v1::Track> track = ByLabel<v1::Track>("类型", o.track);
    if (!track.ok()) return shell.Fail(track.status());
    request.set_track(*track);
  }
  v1::FindResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/Find", request, &response, &code)) return code;
  Table table({{shell.T("编号", "number")},
               {shell.T("日期", "date")},
               {shell.T("站点", "station"), false, 24},
               {shell.T("反映人", "visitor")},
               {shell.T("内容", "matter"), false, kTextPlaces},
               {shell.T("状态", "state")},
               {shell.T("符合", "matched")}});
  for (const v1::FindHit& hit : response.hits()) {
    std::string state = hit.state() == v1::STATE_UNSPECIFIED ? "" : EnumLabel(hit.state());
    table.Add({hit.number(), hit.date(), hit.station_name(), hit.visitor_name(), hit.title(), state, hit.matched()});
  }
  table.Print(&shell.out());
  shell.out() << shell.T("找到 ", "found ") << response.hits_size()
              << (response.more() ? shell.T(" 条，还有更多\n", ", and more\n") : shell.T(" 条\n", "\n"));
  if (response.more())
    shell.out() << shell.T("下一页：--offset ", "next page: --offset ") << o.offset + response.hits_size() << "\n";
  if (response.building())
    shell.out() << shell.T("正在整理索引，结果可能不全\n", "the index is being made: something may be missing\n");
  return kDone;
}

int ShowHistory(const Shell& shell, const ShowOptions& o) {
  Link link = shell.LinkTo(o.common);
  absl::StatusOr<std::string> id = ResolveId(&link, o.id);
  if (!id.ok()) return shell.Fail(id.status());
  v1::GetHistoryRequest request;
  request.set_id(*id);
  v1::GetHistoryResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/GetHistory", request, &response, &code)) return code;
  Table table({{shell.T("时间", "time")},
               {shell.T("站点", "station")},
               {shell.T("操作人", "user")},
               {shell.T("项目", "field")},
               {shell.T("内容", "value"), false, kTextPlaces}});
  for (const v1::HistoryEvent& event : response.events()) {
    std::string time = MinuteText(event.wall_time_ms()) + (event.clock_suspect() ? "?" : "");
    std::string field =
        event.child_label().empty() ? event.field_label() : event.child_label() + " " + event.field_label();
    std::string text = event.refused() ? shell.T("[已拒绝] ", "[refused] ") + event.text() : event.text();
    table.Add({time, event.station_id(), event.user(), field, text});
  }
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddShowCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const ShowOptions&)) {
    auto o = std::make_shared<ShowOptions>();
    CLI::App* command = AddCommand(app, name, help, Kind::kReads, &o->common, *shell);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  add("status", shell->T("状态：记录、待传、联网", "records, what is pending, the link"), ShowStatus);
  auto clock = std::make_shared<ClockOptions>();
  CLI::App* c =
      AddCommand(app, "clock",
                 shell->T("今天是哪一天，本机时钟可不可信", "which day it is, and whether the clock is to be trusted"),
                 Kind::kWrites, &clock->common, *shell);
  c->add_option("--today", clock->today,
                shell->T("时钟不可信时写明今天的日期，用到程序停下为止",
                         "the day, if the clock is wrong; until the daemon ends"));
  c->callback([=] { shell->code = RunClock(*shell, *clock); });
  auto [list, l] = add("list", shell->T("接待登记列表（站点）", "visits, the newest first (stations)"), ShowList);
  list->add_option("--from", l->from, shell->T("从哪一天，如 2026-01-01", "first day, e.g. 2026-01-01"));
  list->add_option("--to", l->to, shell->T("到哪一天", "last day"));
  list->add_option("--limit", l->limit, shell->T("最多几批，默认 100", "how many, 100 unless told"));
  list->add_option("--offset", l->offset, shell->T("从第几批以后看起", "so many are passed over"));
  auto [find, f] =
      add("find", shell->T("按编号、姓名、拼音、电话、内容查找", "by number, name, pinyin, phone or text"), ShowFound);
  find->add_option("query", f->query, shell->T("要找的文字", "what to look for"))->required();
  find->add_option("--limit", f->limit, shell->T("最多几条，默认 50", "how many, 50 unless told"));
  find->add_option("--offset", f->offset, shell->T("从第几条以后看起", "so many are passed over"));
  find->add_option("--from", f->from, shell->T("从哪一天", "first day"));
  find->add_option("--to", f->to, shell->T("到哪一天", "last day"));
  find->add_option("--station", f->station, shell->T("只在一个站点", "of one station"));
  find->add_option("--area", f->area, shell->T("一个站点和它下面的", "of a station and those below it"));
  find->add_option("--category", f->category, shell->T("类别代码", "category"));
  find->add_option("--unit", f->unit, shell->T("承办单位编号", "department"));
  find->add_option("--state", f->state, shell->T("状态，如 已交办", "state"));
  find->add_option("--track", f->track, shell->T("类型：群众意见建议、代表建议、议案、转其他渠道", "track"));
  auto [history, h] = add("history", shell->T("一条记录的经过", "what happened to a record"), ShowHistory);
  history->add_option("id", h->id, shell->T("编号", "number or id"))->required();
}

}  // namespace liaison::cli
