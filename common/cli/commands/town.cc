// Commands for the hub's stations, and those that check or wait.
#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>

#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

constexpr int64_t kLookEveryMs = 200;

struct TownOptions {
  Common common;
  std::string from, to;
  int matters = -1;
  bool sent = false;
  int timeout_s = 60;
};

std::string SyncText(int64_t ms) {
  if (ms == 0) return "从未";
  return ShortMinuteText(ms);
}

int ShowStations(const Shell& shell, const TownOptions& o) {
  v1::ListStationsRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  v1::ListStationsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListStations", request, &response, &code)) return code;
  Table table({{"站点"},
               {"名称", false, 30},
               {"层级"},
               {"入网"},
               {"场次", true},
               {"批", true},
               {"人次", true},
               {"意见", true},
               {"最近送达"}});
  for (const v1::StationRow& row : response.stations())
    table.Add({row.station_id(), row.name(), EnumLabel(row.tier()), row.enrolled() ? "是" : "", Cat(row.sessions()),
               Cat(row.visits()), Cat(row.headcount()), Cat(row.opinions()),
               row.enrolled() ? SyncText(row.last_sync_ms()) : ""});
  table.Print(&shell.out());
  shell.out() << "站点 " << response.stations_size() << " 个；数据截止 " << response.cut_off() << "\n";
  return kDone;
}

int Verify(const Shell& shell, const TownOptions& o) {
  v1::VerifyResponse response;
  int code = kDone;
  if (Ask(shell, o.common, "RecordService/Verify", v1::VerifyRequest(), &response, &code)) {
    shell.out() << response.summary() << "\n";
    for (const std::string& difference : response.differences()) shell.out() << "  " << OneLine(difference) << "\n";
  }
  if (code != kDone) return code;
  return response.ok() && response.differences().empty() ? kDone : kFound;
}

// What is still missing; empty when there is nothing left to wait for. Only a running daemon is asked: it alone can
// make progress, and answering from the data folder would hold the database just when a daemon wants to start.
absl::StatusOr<std::string> Missing(const Shell& shell, const TownOptions& o) {
  Link link = shell.LinkTo(o.common);
  if (link.running() == nullptr) return absl::UnavailableError(Cat("没有程序在 ", o.common.dir, " 上运行"));
  if (o.sent) {
    v1::GetStatusResponse status;
    RETURN_IF_ERROR(CallService(&link, "RecordService/GetStatus", v1::GetStatusRequest(), &status));
    if (status.pending_ops() > 0) {
      std::string missing = Cat("待传 ", status.pending_ops());
      return status.link_error().empty() ? missing : Cat(missing, "，", status.link_error());
    }
  }
  if (o.matters >= 0) {
    v1::ListMattersRequest request;
    request.set_limit(1);
    v1::ListMattersResponse response;
    RETURN_IF_ERROR(CallService(&link, "HubService/ListMatters", request, &response));
    if (response.total() < o.matters) return Cat("事项 ", response.total(), "/", o.matters);
  }
  return std::string();
}

// The time is counted in pauses, so a daemon that is slow to answer makes it longer.
int Wait(const Shell& shell, const TownOptions& o) {
  for (int64_t left_ms = o.timeout_s * int64_t{1000};; left_ms -= kLookEveryMs) {
    absl::StatusOr<std::string> now = Missing(shell, o);
    if (!now.ok() && !absl::IsUnavailable(now.status())) return shell.Fail(now.status());
    if (now.ok() && now->empty()) return kDone;
    if (left_ms <= 0)
      return shell.Fail(now.ok() ? absl::CancelledError(Cat("等了 ", o.timeout_s, " 秒：", *now)) : now.status());
    shell.environment().pause(kLookEveryMs);
  }
}

int Retry(const Shell& shell, const TownOptions& o) {
  v1::RetryNowResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "StationService/RetryNow", v1::RetryNowRequest(), &response, &code)) return code;
  shell.out() << (response.link_up() ? "已连接镇中心，不用重试\n" : "正在连接镇中心\n");
  return kDone;
}

}  // namespace

void AddVerifyCommand(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<TownOptions>();
  CLI::App* command =
      AddCommand(app, "verify", "核对：由操作重算全部记录和统计，逐一比较；不同则退出码为 3", Kind::kReads, &o->common);
  command->callback([=] { shell->code = Verify(*shell, *o); });
}

void AddTownCommands(CLI::App* app, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const TownOptions&), bool period) {
    auto o = std::make_shared<TownOptions>();
    CLI::App* command = AddCommand(app, name, help, Kind::kReads, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    if (period) {
      command->add_option("--from", o->from, "从哪一天，默认本年 1 月 1 日");
      command->add_option("--to", o->to, "到哪一天，默认今天");
    }
    return std::pair(command, o.get());
  };
  add("stations", "各站点一览（镇中心）", ShowStations, true);
  AddVerifyCommand(app, shell);
  add("retry", "立即重试连接镇中心，不等下一次（站点）", Retry, false);
  auto [wait, w] = add("wait", "等到程序已启动，可加：已送达，已收齐", Wait, false);
  wait->add_flag("--sent", w->sent, "等到没有待传的（站点）");
  wait->add_option("--matters", w->matters, "等到有这么多件事项（镇中心）");
  wait->add_option("--timeout", w->timeout_s, "最多等几秒，默认 60");
}

}  // namespace liaison::cli
