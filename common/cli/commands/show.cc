// Commands that show what is there, at a station or at the hub.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "common/base/minute.h"
#include "common/base/progress.h"
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

const char* LightText(v1::Light light) {
  switch (light) {
    case v1::LIGHT_SAVED:
      return "已存";
    case v1::LIGHT_PENDING:
      return "待传";
    case v1::LIGHT_DELIVERED:
      return "已送达";
    default:
      return "";
  }
}

// Why the clock is in doubt, and what is to be done; both empty while it is not.
std::pair<std::string, std::string> ClockText(const v1::ClockState& clock) {
  if (clock.trouble().empty()) return {};
  return {Cat(clock.trouble(), "，不可信"),
          clock.given().empty() ? "登记时请写明日期，或用 liaison clock --today 写明今天是哪一天"
                                : Cat("今天按写明的日期，用到程序停下为止",
                                      clock.given_by().empty() ? "" : Cat("，写明的人：", OneLine(clock.given_by())))};
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
  shell.out() << "今天 " << today;
  const auto [doubt, advice] = ClockText(clock);
  if (!doubt.empty()) shell.out() << "（" << doubt << "；" << advice << "）";
  shell.out() << "\n";
  if (clock.told_ms() > 0)
    shell.out() << "镇中心上次告知的时间 " << MinuteText(clock.told_ms()) << "，当时本机快（负数为慢） "
                << clock.ahead_ms() / 1000 << " 秒\n";
  return kDone;
}

int ShowStatus(const Shell& shell, const ShowOptions& o) {
  v1::GetStatusResponse s;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/GetStatus", v1::GetStatusRequest(), &s, &code)) return code;
  Table table({{"", false}, {"", false, 100}});
  auto row = [&](const char* label, const std::string& value) {
    if (!value.empty()) table.Add({label, value});
  };
  bool hub = s.role() == "hub";
  row("角色", hub ? "镇中心" : "站点");
  if (!hub) row("站点", Cat(s.station_id(), " ", s.station_name()));
  row("设备", s.node_id());
  const auto [doubt, advice] = ClockText(s.clock());
  row("今天", s.today() + (doubt.empty() ? "" : "（时钟不可信）"));
  row("时钟", doubt);
  row("", advice);
  for (const v1::RunningWork& work : s.work())
    row("正在", OneLine(ProgressText({work.what(), work.unit(), work.done(), work.total(), 0})));
  row("记录", Cat(s.records()));
  row("操作", s.ops() > 0 ? Cat(s.ops()) : "");
  if (!hub) {
    row("待传", Cat(s.pending_ops()));
    row("镇中心地址", s.hub_address());
    row("联网", s.link_up() ? "已连接" : "未连接");
    row("未连接原因", s.link_up() ? "" : s.link_error());
    row("最近回执", MinuteText(s.last_receipt_ms()));
  }
  row("分歧", Cat(s.conflicts()));
  row("等待前项", s.held() > 0 ? Cat(s.held()) : "");
  row("被拒", s.refused() > 0 ? Cat(s.refused()) : "");
  for (const std::string& refusal : s.refusals()) row("", refusal);
  auto count = [](int n) { return n > 0 ? Cat(n) : ""; };
  row("照片待传", count(s.files().to_send()));
  row("照片待取", count(s.files().to_fetch()));
  row("照片损坏", count(s.files().damaged()));
  row("同步端口", s.port().trouble());
  row("站点连接", count(s.port().sockets()));
  row("挡下的连接", s.port().turned_away() > 0 ? Cat(s.port().turned_away()) : "");
  row("照片传送", s.files().trouble());
  row("村内网络", !s.network().allowed() ? "" : s.network().address().empty() ? "已允许，没有打开" : s.network().address());
  row("没有打开的原因", s.network().trouble());
  row("证书指纹", s.network().fingerprint());
  row("版本", s.version());
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
  Table table({{"编号"}, {"日期"}, {"反映人"}, {"人数", true}, {"内容", false, kTextPlaces}, {"状态"}, {"送达"}});
  for (const v1::VisitView& visit : response.visits()) {
    std::string number = visit.entry().number(), date = visit.date(), name = visit.visitor_name();
    std::string people = Cat(visit.entry().headcount()), light = LightText(visit.light());
    if (visit.matters().empty()) table.Add({number, date, name, people, visit.entry().original_words(), "", light});
    for (const v1::MatterView& matter : visit.matters()) {
      table.Add({number, date, name, people, matter.matter().title(), EnumLabel(matter.state()), light});
      number = date = name = people = light = "";  // said once for a visit
    }
  }
  table.Print(&shell.out());
  shell.out() << "显示 " << response.visits_size() << " 批，共 " << response.total() << " 批\n";
  if (const int next = o.offset + response.visits_size(); next < response.total())
    shell.out() << "下一页：--offset " << next << "\n";
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
  Table table({{"编号"}, {"日期"}, {"站点", false, 24}, {"反映人"}, {"内容", false, kTextPlaces}, {"状态"}, {"符合"}});
  for (const v1::FindHit& hit : response.hits()) {
    std::string state = hit.state() == v1::STATE_UNSPECIFIED ? "" : EnumLabel(hit.state());
    table.Add({hit.number(), hit.date(), hit.station_name(), hit.visitor_name(), hit.title(), state, hit.matched()});
  }
  table.Print(&shell.out());
  shell.out() << "找到 " << response.hits_size() << (response.more() ? " 条，还有更多\n" : " 条\n");
  if (response.more()) shell.out() << "下一页：--offset " << o.offset + response.hits_size() << "\n";
  if (response.building()) shell.out() << "正在整理索引，结果可能不全\n";
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
  Table table({{"时间"}, {"站点"}, {"操作人"}, {"项目"}, {"内容", false, kTextPlaces}});
  for (const v1::HistoryEvent& event : response.events()) {
    std::string time = MinuteText(event.wall_time_ms()) + (event.clock_suspect() ? "?" : "");
    std::string field =
        event.child_label().empty() ? event.field_label() : event.child_label() + " " + event.field_label();
    std::string text = event.refused() ? "[已拒绝] " + event.text() : event.text();
    table.Add({time, event.station_id(), event.user(), field, text});
  }
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddShowCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const ShowOptions&)) {
    auto o = std::make_shared<ShowOptions>();
    CLI::App* command = AddCommand(app, name, help, Kind::kReads, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  add("status", "状态：记录、待传、联网", ShowStatus);
  auto clock = std::make_shared<ClockOptions>();
  CLI::App* c = AddCommand(app, "clock", "今天是哪一天，本机时钟可不可信", Kind::kWrites, &clock->common);
  c->add_option("--today", clock->today, "时钟不可信时写明今天的日期，用到程序停下为止");
  c->callback([=] { shell->code = RunClock(*shell, *clock); });
  auto [list, l] = add("list", "接待登记列表（站点）", ShowList);
  list->add_option("--from", l->from, "从哪一天，如 2026-01-01");
  list->add_option("--to", l->to, "到哪一天");
  list->add_option("--limit", l->limit, "最多几批，默认 100");
  list->add_option("--offset", l->offset, "从第几批以后看起");
  auto [find, f] = add("find", "按编号、姓名、拼音、电话、内容查找", ShowFound);
  find->add_option("query", f->query, "要找的文字")->required();
  find->add_option("--limit", f->limit, "最多几条，默认 50");
  find->add_option("--offset", f->offset, "从第几条以后看起");
  find->add_option("--from", f->from, "从哪一天");
  find->add_option("--to", f->to, "到哪一天");
  find->add_option("--station", f->station, "只在一个站点");
  find->add_option("--area", f->area, "一个站点和它下面的");
  find->add_option("--category", f->category, "类别代码");
  find->add_option("--unit", f->unit, "承办单位编号");
  find->add_option("--state", f->state, "状态，如 已交办");
  find->add_option("--track", f->track, "类型：群众意见建议、代表建议、议案、转其他渠道");
  auto [history, h] = add("history", "一条记录的经过", ShowHistory);
  history->add_option("id", h->id, "编号")->required();
}

}  // namespace liaison::cli
