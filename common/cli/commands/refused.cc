// liaison refused, accept: what the hub keeps without using it, and a person who accepts it.
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
  std::string station, device, op;
  bool yes = false;
};

int ShowRefused(const Shell& shell, const RefusedOptions& o) {
  v1::ListRefusedRequest request;
  request.set_station_id(o.station);
  request.set_node_id(o.device);
  v1::ListRefusedResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListRefused", request, &response, &code)) return code;
  for (const v1::RefusedOp& row : response.ops()) {
    const std::string written = MinuteText(row.wall_time_ms());
    shell.out() << row.op() << "\n  " << row.station_id() << " " << OneLine(row.station_name())
                << (row.node_id().empty() ? "" : Cat(" 设备 ", row.node_id())) << " " << OneLine(row.user()) << " "
                << written << (row.clock_suspect() ? "（时钟可疑）" : "") << "\n  "
                << "记录：" << row.record_label() << " " << row.record_id() << "\n  "
                << "原因：" << OneLine(row.reason()) << (row.readable() ? "" : "（读不懂，不能采用）") << "\n  "
                << "内容：" << OneLine(row.words()) << "\n";
  }
  shell.out() << "未采用的记录 " << response.total();
  if (response.total() > response.ops_size()) shell.out() << " 条，只列出前 " << response.ops_size();
  shell.out() << " 条\n";
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

}  // namespace

void AddRefusedCommands(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<RefusedOptions>();
  CLI::App* refused = AddCommand(app, "refused", "收下了但没有采用的记录，和原因（镇中心）", Kind::kReads, &o->common);
  refused->add_option("--station", o->station, "只看一个站点");
  refused->add_option("--device", o->device, "只看一台设备");
  refused->callback([=] { shell->code = ShowRefused(*shell, *o); });

  auto a = std::make_shared<RefusedOptions>();
  CLI::App* accept = AddCommand(app, "accept", "采用一条没有采用的记录（镇中心）", Kind::kWrites, &a->common);
  accept->add_option("op", a->op, "记录的名字，见 liaison refused");
  accept->add_option("--device", a->device, "一台被吊销的设备的全部记录");
  accept->add_flag("--yes", a->yes, "看过了，全部采用");
  accept->callback([=] { shell->code = Accept(*shell, *a); });
}

}  // namespace liaison::cli
