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
                << (row.node_id().empty() ? "" : Cat(shell.T(" 设备 ", " device "), row.node_id())) << " "
                << OneLine(row.user()) << " " << written
                << (row.clock_suspect() ? shell.T("（时钟可疑）", " (clock suspect)") : "") << "\n  "
                << shell.T("记录：", "record: ") << row.record_label() << " " << row.record_id() << "\n  "
                << shell.T("原因：", "why: ") << OneLine(row.reason())
                << (row.readable() ? "" : shell.T("（读不懂，不能采用）", " (unreadable, cannot be accepted)")) << "\n  "
                << shell.T("内容：", "words: ") << OneLine(row.words()) << "\n";
  }
  shell.out() << shell.T("未采用的记录 ", "refused: ") << response.total();
  if (response.total() > response.ops_size())
    shell.out() << shell.T(" 条，只列出前 ", ", shown: ") << response.ops_size();
  shell.out() << shell.T(" 条\n", "\n");
  for (const std::string& note : response.notes()) shell.out() << OneLine(note) << "\n";
  return kDone;
}

int Accept(const Shell& shell, const RefusedOptions& o) {
  if (o.op.empty() == o.device.empty())
    return shell.FailUsage(shell.T("请写明一条记录，或 --device 设备编号", "name one record, or --device NODE"));
  if (!o.device.empty() && !o.yes)
    return shell.FailUsage(shell.T("要采用这台设备的全部记录，请先用 liaison refused --device 看过，再加 --yes",
                                   "to accept all of the device: look with liaison refused --device, then add --yes"));
  v1::AcceptRefusedRequest request;
  request.set_op(o.op);
  request.set_node_id(o.device);
  v1::AcceptRefusedResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/AcceptRefused", request, &response, &code)) return code;
  if (response.accepted() == 0 && response.left() == 0) {
    shell.out() << shell.T("没有要采用的：已经采用过了。\n", "nothing to accept: it stands already.\n");
    return kDone;
  }
  shell.out() << shell.T("已采用 ", "accepted: ") << response.accepted() << shell.T(" 条", "");
  if (response.left() > 0)
    shell.out() << shell.T("；还有 ", "; left: ") << response.left()
                << shell.T(" 条读不懂，或另有原因，要看过再逐条采用", " (unreadable, or refused for another reason)");
  shell.out() << "\n";
  return kDone;
}

}  // namespace

void AddRefusedCommands(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<RefusedOptions>();
  CLI::App* refused = AddCommand(
      app, "refused", shell->T("收下了但没有采用的记录，和原因（镇中心）", "what is kept and not used, and why (hub)"),
      Kind::kReads, &o->common, *shell);
  refused->add_option("--station", o->station, shell->T("只看一个站点", "of one station"));
  refused->add_option("--device", o->device, shell->T("只看一台设备", "of one device"));
  refused->callback([=] { shell->code = ShowRefused(*shell, *o); });

  auto a = std::make_shared<RefusedOptions>();
  CLI::App* accept =
      AddCommand(app, "accept", shell->T("采用一条没有采用的记录（镇中心）", "accepts a refused record (hub)"),
                 Kind::kWrites, &a->common, *shell);
  accept->add_option("op", a->op, shell->T("记录的名字，见 liaison refused", "the record, as liaison refused names it"));
  accept->add_option("--device", a->device, shell->T("一台被吊销的设备的全部记录", "all records of a revoked device"));
  accept->add_flag("--yes", a->yes, shell->T("看过了，全部采用", "they were looked at: accept all"));
  accept->callback([=] { shell->code = Accept(*shell, *a); });
}

}  // namespace liaison::cli
