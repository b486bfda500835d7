// liaison refused, accept, decline: what the hub keeps without using it or holds, and a person who decides.
#include <CLI/CLI.hpp>
#include <ostream>

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/hub_service.pb.h"

namespace liaison::cli {
namespace {

struct RefusedOptions {
  Common common;
  std::string station, device, op, reason;
  bool yes = false, held = false, marked = false;
};

// What a row says of itself beyond its reason.
std::string_view RefusedKindText(const v1::RefusedOp& row) {
  switch (row.kind()) {
    case v1::REFUSED_HELD:
      return "待镇里确认";
    case v1::REFUSED_DECLINED:
      return "已退回";
    case v1::REFUSED_MARKED:
      return "已采用，请留意";
    case v1::REFUSED_DISPUTED:
      return "两处建立，待退回一处";
    default:
      return row.readable() ? "未采用" : "未采用（读不懂，不能采用）";
  }
}

int ShowRefused(const Shell& shell, const RefusedOptions& o) {
  v1::ListRefusedRequest request;
  request.set_station_id(o.station);
  request.set_node_id(o.device);
  request.set_held(o.held);
  request.set_marked(o.marked);
  v1::ListRefusedResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListRefused", request, &response, &code)) return code;
  for (const v1::RefusedOp& row : response.ops()) {
    const std::string written = MinuteText(row.wall_time_ms());
    shell.out() << row.op() << "\n  " << row.station_id() << " " << OneLine(row.station_name())
                << (row.node_id().empty() ? "" : Cat(" 设备 ", row.node_id())) << " " << OneLine(row.user()) << " "
                << written << (row.clock_suspect() ? "（时钟可疑）" : "") << "\n  "
                << "记录：" << row.record_label() << " " << row.record_id() << "\n  "
                << RefusedKindText(row) << "，原因：" << OneLine(row.reason()) << "\n  "
                << "内容：" << OneLine(row.words()) << "\n";
    if (!row.counts_now().empty()) shell.out() << "  现在：" << OneLine(row.counts_now()) << "\n";
  }
  shell.out() << (o.marked ? "已采用、请留意的记录 " : "未采用的记录 ") << response.total();
  if (response.total() > response.ops_size()) shell.out() << " 条，只列出前 " << response.ops_size();
  shell.out() << " 条";
  if (response.held() > 0) shell.out() << "，其中待镇里确认 " << response.held() << " 条";
  shell.out() << "\n";
  for (const std::string& note : response.notes()) shell.out() << OneLine(note) << "\n";
  return kDone;
}

int Accept(const Shell& shell, const RefusedOptions& o) {
  if (o.op.empty() == o.device.empty()) return shell.FailUsage("请写明一条记录，或 --device 设备编号");
  if (!o.device.empty() && !o.yes)
    return shell.FailUsage("要采用这台设备的全部记录，请先用 liaison refused --device 看过，再加 --yes");
  v1::AcceptRefusedRequest request;
  request.set_op(o.op);
  request.set_node_id(o.device);
  v1::AcceptRefusedResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/AcceptRefused", request, &response, &code)) return code;
  if (response.accepted() == 0 && response.left() == 0) {
    shell.out() << "没有要采用的：已经采用过了。\n";
    return kDone;
  }
  shell.out() << "已采用 " << response.accepted() << " 条";
  if (response.left() > 0) shell.out() << "；还有 " << response.left() << " 条读不懂，或另有原因，要看过再逐条采用";
  shell.out() << "\n";
  return kDone;
}

int DeclineHeld(const Shell& shell, const RefusedOptions& o) {
  if (o.op.empty() == o.device.empty()) return shell.FailUsage("请写明一条记录，或 --device 设备编号");
  if (!o.device.empty() && !o.yes)
    return shell.FailUsage("要退回这台设备的全部待确认记录，请先用 liaison refused --held --device 看过，再加 --yes");
  v1::DeclineHeldRequest request;
  request.set_op(o.op);
  request.set_node_id(o.device);
  request.set_reason(o.reason);
  v1::DeclineHeldResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/DeclineHeld", request, &response, &code)) return code;
  if (response.declined() == 0) {
    shell.out() << "没有要退回的：没有待确认的，或已经退回过了。\n";
  } else {
    shell.out() << "已退回 " << response.declined() << " 条\n";
  }
  return kDone;
}

}  // namespace

void AddRefusedCommands(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<RefusedOptions>();
  CLI::App* refused =
      AddCommand(app, "refused", "收下了但没有采用的、待镇里确认的记录，和原因（镇中心）", Kind::kReads, &o->common);
  refused->add_option("--station", o->station, "只看一个站点");
  refused->add_option("--device", o->device, "只看一台设备");
  refused->add_flag("--held", o->held, "只看待镇里确认的");
  refused->add_flag("--marked", o->marked, "只看已采用、请留意的");
  refused->callback([=] { shell->code = ShowRefused(*shell, *o); });

  auto a = std::make_shared<RefusedOptions>();
  CLI::App* accept = AddCommand(app, "accept", "采用一条没有采用或待确认的记录（镇中心）", Kind::kWrites, &a->common);
  accept->add_option("op", a->op, "记录的名字，见 liaison refused");
  accept->add_option("--device", a->device, "一台被吊销的设备的全部记录");
  accept->add_flag("--yes", a->yes, "看过了，全部采用");
  accept->callback([=] { shell->code = Accept(*shell, *a); });

  auto d = std::make_shared<RefusedOptions>();
  CLI::App* decline = AddCommand(app, "decline", "退回一条待镇里确认的记录（镇中心）", Kind::kWrites, &d->common);
  decline->add_option("op", d->op, "记录的名字，见 liaison refused");
  decline->add_option("--device", d->device, "一台设备的全部待确认记录");
  decline->add_option("--reason", d->reason, "理由，站点会看到");
  decline->add_flag("--yes", d->yes, "看过了，全部退回");
  decline->callback([=] { shell->code = DeclineHeld(*shell, *d); });
}

}  // namespace liaison::cli
