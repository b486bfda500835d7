// liaison hub invite, invitations, withdraw, devices, revoke: who may connect.
#include <CLI/CLI.hpp>
#include <map>
#include <ostream>
#include <set>

#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/qr.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/daemon/daemon.h"
#include "common/daemon/invitation.h"
#include "common/record/json.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/hub_service.pb.h"

namespace liaison::cli {
namespace {

struct DevicesOptions {
  Common common;
  std::string station, device, address, id;
  int hours = 0;
  std::string reason;
};

std::string StateText(const Shell& shell, v1::InvitationState state) {
  switch (state) {
    case v1::INVITATION_USED:
      return shell.T("已用", "used");
    case v1::INVITATION_EXPIRED:
      return shell.T("过期", "expired");
    case v1::INVITATION_WITHDRAWN:
      return shell.T("撤回", "withdrawn");
    default:
      return shell.T("可用", "open");
  }
}

int Invite(const Shell& shell, const DevicesOptions& o) {
  const absl::StatusOr<std::string> address = o.address.empty() ? std::string() : PlainAddress(o.address);
  if (!address.ok()) return shell.Fail(address.status());
  v1::InviteRequest request;
  request.set_station_id(o.station);
  request.set_device_name(o.device);
  request.set_hours(o.hours);
  v1::InviteResponse response;
  int code = kDone;
  Common asked = o.common;
  asked.json = false;  // it is printed below, with the address that was typed
  if (!Ask(shell, asked, "HubService/Invite", request, &response, &code)) return code;
  if (!address->empty()) response.set_hub_address(*address);
  if (o.common.json) {
    shell.out() << ToJson(response) << "\n";
    return kDone;
  }
  absl::StatusOr<InviteCode> parsed = ParseCode(response.code());
  if (!parsed.ok()) return shell.Fail(parsed.status());
  parsed->hub_address = response.hub_address();
  shell.out() << shell.T("站点      ", "station      ") << o.station << " " << response.station_name() << "\n"
              << shell.T("邀请码    ", "code         ") << response.code() << "\n"
              << shell.T("有效到    ", "expires      ") << MinuteText(response.expires_ms()) << "\n"
              << shell.T("编号      ", "id           ") << response.id() << "\n"
              << shell.T("指纹      ", "fingerprint  ") << response.fingerprint() << "\n"
              << shell.T("镇中心    ", "hub          ")
              << (parsed->hub_address.empty() ? shell.T("未知，入网时写 --hub", "unknown, enrol with --hub")
                                              : parsed->hub_address)
              << "\n"
              << shell.T("在站点运行 ", "at the station: ") << "liaison enrol --data DIR --code "
              << CarriedCode(*parsed) << "\n"
              << QrText(CarriedCode(*parsed))
              << shell.T("邀请码只显示这一次，只能用一次；不要发在群里。\n",
                         "The code is shown this once and can be used once; do not post it.\n");
  return kDone;
}

int ListInvitations(const Shell& shell, const DevicesOptions& o) {
  v1::ListInvitationsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListInvitations", v1::ListInvitationsRequest(), &response, &code)) return code;
  Table table({{shell.T("编号", "id")},
               {shell.T("站点", "station")},
               {shell.T("设备", "device"), false, 30},
               {shell.T("发出", "made")},
               {shell.T("有效到", "expires")},
               {shell.T("状态", "state")}});
  for (const v1::Invitation& one : response.invitations())
    table.Add({one.id(), one.station_id(), one.device_name(), MinuteText(one.created_ms()),
               MinuteText(one.expires_ms()), StateText(shell, one.state())});
  table.Print(&shell.out());
  return kDone;
}

int Withdraw(const Shell& shell, const DevicesOptions& o) {
  v1::WithdrawInvitationRequest request;
  request.set_id(o.id);
  v1::WithdrawInvitationResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/WithdrawInvitation", request, &response, &code)) return code;
  shell.out() << o.id << " " << StateText(shell, response.invitation().state()) << "\n";
  return kDone;
}

// "快 3 天", "慢 2 小时"; minutes are not worth a word.
std::string SkewText(const Shell& shell, int64_t ahead_ms) {
  constexpr int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs, kDayMs = 24 * kHourMs;
  const int64_t off = ahead_ms < 0 ? -ahead_ms : ahead_ms;
  if (off < 2 * kMinuteMs) return shell.T("准", "right");
  const char* which = ahead_ms > 0 ? shell.T("快 ", "ahead by ") : shell.T("慢 ", "behind by ");
  if (off >= 2 * kDayMs) return Cat(which, off / kDayMs, shell.T(" 天", " days"));
  if (off >= 2 * kHourMs) return Cat(which, off / kHourMs, shell.T(" 小时", " hours"));
  return Cat(which, off / kMinuteMs, shell.T(" 分钟", " minutes"));
}

int ListDevices(const Shell& shell, const DevicesOptions& o) {
  v1::ListNodesRequest request;
  request.set_station_id(o.station);
  v1::ListNodesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListNodes", request, &response, &code)) return code;
  Table table({{shell.T("设备", "device")},
               {shell.T("站点", "station")},
               {shell.T("名称", "name"), false, 30},
               {shell.T("编号段", "block")},
               {shell.T("状态", "state")},
               {shell.T("时钟", "clock")},
               {shell.T("吊销人", "revoked by"), false, 20},
               {shell.T("吊销原因", "why"), false, 40}});
  std::map<std::string, std::string> clocks;
  for (const v1::NodeClock& clock : response.clocks()) clocks[clock.node_id()] = SkewText(shell, clock.ahead_ms());
  std::set<std::string> slowed(response.slowed().begin(), response.slowed().end());
  for (const v1::Node& node : response.nodes())
    table.Add({node.node_id(), node.station_id(), node.device_name(), node.block(),
               node.revoked()                       ? shell.T("已吊销", "revoked")
               : slowed.contains(node.station_id()) ? shell.T("限速", "slowed")
                                                    : "",
               clocks[node.node_id()], node.revoked_by(), node.revoked_reason()});
  table.Print(&shell.out());
  return kDone;
}

int Revoke(const Shell& shell, const DevicesOptions& o) {
  v1::RevokeNodeRequest request;
  request.set_node_id(o.id);
  request.set_reason(o.reason.empty() ? "未说明" : o.reason);
  request.set_user(o.common.user);
  v1::RevokeNodeResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/RevokeNode", request, &response, &code)) return code;
  shell.out() << shell.T("已吊销：站点 ", "revoked: station ") << response.node().station_id()
              << shell.T("，设备 ", ", device ") << response.node().node_id()
              << shell.T("。已送达的记录仍然有效；以后送来的先收存，见 liaison refused。\n",
                         ". What it delivered stays; what comes later is kept, see liaison refused.\n");
  return kDone;
}

}  // namespace

void AddDeviceCommands(CLI::App* hub, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const DevicesOptions&)) {
    auto o = std::make_shared<DevicesOptions>();
    CLI::App* command = AddCommand(hub, name, help, Kind::kReads, &o->common, *shell);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [invite, i] =
      add("invite", shell->T("给站点发一个邀请码，新设备凭它入网", "a code with which a new device enrols"), Invite);
  invite->add_option("station", i->station, shell->T("站点编号，如 HK-D057", "station, e.g. HK-D057"))->required();
  invite->add_option("--device", i->device, shell->T("设备名称", "name of the device"));
  invite->add_option("--hours", i->hours, shell->T("几小时内有效，默认 72", "hours until it expires, 72 unless told"));
  invite->add_option("--address", i->address,
                     shell->T("站点连接镇中心的地址，主机和端口，如 192.168.1.10:7061；默认镇中心正在听的那个",
                              "where the station reaches the hub, HOST:PORT; default: where the hub listens"));
  add("invitations", shell->T("发过的邀请码", "the codes that were made"), ListInvitations);
  auto [withdraw, w] = add("withdraw", shell->T("撤回一个没用过的邀请码", "takes an unused code back"), Withdraw);
  withdraw->add_option("id", w->id, shell->T("邀请码的编号", "the code's id"))->required();
  auto [devices, d] = add("devices", shell->T("已入网的设备", "the enrolled devices"), ListDevices);
  devices->add_option("--station", d->station, shell->T("只看一个站点", "of one station"));
  auto [revoke, r] =
      add("revoke", shell->T("吊销一台设备：立即断开，不再接受", "revokes a device: it is cut off at once, for good"),
          Revoke);
  revoke->add_option("node", r->id, shell->T("设备编号，如 N-…", "the device, N-…"))->required();
  // Not required: a stolen box is cut off by whoever is there, at once.
  revoke->add_option("--reason", r->reason,
                     shell->T("为什么，如：丢失、被盗、更换；不写则记为“未说明”", "why: lost, stolen, replaced, …"));
  revoke->add_option("--user", r->common.user, shell->T("操作人", "who does it"));
}

}  // namespace liaison::cli
