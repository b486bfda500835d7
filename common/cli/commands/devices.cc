// liaison hub invite, invitations, withdraw, devices, confirm, revoke, held, network: who may connect, and from where.
#include <CLI/CLI.hpp>
#include <map>
#include <ostream>
#include <set>

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/cli/core/qr.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "common/record/json.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/hub_service.pb.h"

namespace liaison::cli {
namespace {

struct DevicesOptions {
  Common common;
  std::string station, device, address, id;
  int hours = 0, limit = 0;
  std::string reason, digits, how;
};

std::string StateText(v1::InvitationState state) {
  switch (state) {
    case v1::INVITATION_USED:
      return "已用";
    case v1::INVITATION_EXPIRED:
      return "过期";
    case v1::INVITATION_WITHDRAWN:
      return "撤回";
    default:
      return "可用";
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
  shell.out() << "站点      " << o.station << " " << response.station_name() << "\n"
              << "邀请码    " << response.code() << "\n"
              << "有效到    " << MinuteText(response.expires_ms()) << "\n"
              << "编号      " << response.id() << "\n"
              << "指纹      " << response.fingerprint() << "\n"
              << "镇中心    " << (parsed->hub_address.empty() ? "未知，入网时写 --hub" : parsed->hub_address) << "\n"
              << "在站点运行 liaison enrol --data DIR --code " << CarriedCode(*parsed) << "\n"
              << QrText(CarriedCode(*parsed)) << "邀请码只显示这一次，只能用一次；不要发在群里。\n";
  return kDone;
}

int ListInvitations(const Shell& shell, const DevicesOptions& o) {
  v1::ListInvitationsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListInvitations", v1::ListInvitationsRequest(), &response, &code)) return code;
  Table table({{"编号"}, {"站点"}, {"设备", false, 30}, {"发出"}, {"有效到"}, {"状态"}});
  for (const v1::Invitation& one : response.invitations())
    table.Add({one.id(), one.station_id(), one.device_name(), MinuteText(one.created_ms()),
               MinuteText(one.expires_ms()), StateText(one.state())});
  table.Print(&shell.out());
  return kDone;
}

int Withdraw(const Shell& shell, const DevicesOptions& o) {
  v1::WithdrawInvitationRequest request;
  request.set_id(o.id);
  v1::WithdrawInvitationResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/WithdrawInvitation", request, &response, &code)) return code;
  shell.out() << o.id << " " << StateText(response.invitation().state()) << "\n";
  return kDone;
}

// "快 3 天", "慢 2 小时"; minutes are not worth a word.
std::string SkewText(int64_t ahead_ms) {
  constexpr int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs, kDayMs = 24 * kHourMs;
  const int64_t off = ahead_ms < 0 ? -ahead_ms : ahead_ms;
  if (off < 2 * kMinuteMs) return "准";
  const char* which = ahead_ms > 0 ? "快 " : "慢 ";
  if (off >= 2 * kDayMs) return Cat(which, off / kDayMs, " 天");
  if (off >= 2 * kHourMs) return Cat(which, off / kHourMs, " 小时");
  return Cat(which, off / kMinuteMs, " 分钟");
}

int ListDevices(const Shell& shell, const DevicesOptions& o) {
  v1::ListNodesRequest request;
  request.set_station_id(o.station);
  v1::ListNodesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListNodes", request, &response, &code)) return code;
  Table table({{"设备"},
               {"站点"},
               {"名称", false, 30},
               {"编号段"},
               {"状态"},
               {"时钟"},
               {"吊销人", false, 20},
               {"吊销原因", false, 40}});
  std::map<std::string, std::string> clocks;
  for (const v1::NodeClock& clock : response.clocks()) clocks[clock.node_id()] = SkewText(clock.ahead_ms());
  std::set<std::string> slowed(response.slowed().begin(), response.slowed().end());
  for (const v1::Node& node : response.nodes())
    table.Add({node.node_id(), node.station_id(), node.device_name(), node.block(),
               node.revoked()                       ? "已吊销"
               : slowed.contains(node.station_id()) ? "限速"
                                                    : "",
               clocks[node.node_id()], node.revoked_by(), node.revoked_reason()});
  table.Print(&shell.out());
  if (response.pending().empty()) return kDone;
  shell.out() << "\n等待核对的设备：\n";
  Table waiting({{"设备"}, {"站点"}, {"名称", false, 30}, {"核对数字"}, {"申请时间"}, {"来自"}, {"为什么", false, 40}});
  for (const v1::PendingDevice& one : response.pending())
    waiting.Add({one.node_id(), one.station_id(), one.device_name(), SpacedDigits(one.digits()),
                 MinuteText(one.asked_ms()), one.asked_from(), one.why()});
  waiting.Print(&shell.out());
  shell.out() << "与设备屏幕上的数字核对一致后运行 liaison hub confirm 设备 数字；不一致的用 liaison hub revoke 拒绝。\n";
  return kDone;
}

int Confirm(const Shell& shell, const DevicesOptions& o) {
  v1::ConfirmDeviceRequest request;
  request.set_node_id(o.id);
  request.set_digits(o.digits);
  request.set_user(o.common.user);
  v1::ConfirmDeviceResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ConfirmDevice", request, &response, &code)) return code;
  shell.out() << "已确认：站点 " << response.node().station_id() << "，设备 " << response.node().node_id()
              << "。设备上等着的入网会自动继续；已经离开的，请再运行一次同样的入网命令。\n";
  return kDone;
}

int ShowHeld(const Shell& shell, const DevicesOptions& o) {
  v1::ListHeldByRequest request;
  request.set_node_id(o.id);
  request.set_limit(o.limit);
  v1::ListHeldByResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/ListHeldBy", request, &response, &code)) return code;
  Table table({{"编号"}, {"姓名"}, {"站点"}});
  for (const v1::HeldVisitor& one : response.visitors()) table.Add({one.record_id(), one.name(), one.station_id()});
  table.Print(&shell.out());
  shell.out() << "设备 " << response.node().node_id() << " 上有 " << response.total() << " 名选民的信息。\n";
  return kDone;
}

int SetNetwork(const Shell& shell, const DevicesOptions& o) {
  v1::AllowNetworkRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_place(o.station);
  request.set_allowed(o.how == "on");
  request.set_user(o.common.user);
  v1::AllowNetworkResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "HubService/AllowNetwork", request, &response, &code)) return code;
  shell.out() << (o.how == "on" ? "已允许" : "已不再允许") << " " << o.station
              << " 使用村内网络；站点连上镇中心后生效，在站点运行 liaison status 可以看到网址。\n";
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
  shell.out() << "已吊销：站点 " << response.node().station_id() << "，设备 " << response.node().node_id()
              << "。已送达的记录仍然有效；以后送来的先收存，见 liaison refused。\n";
  if (response.held_visitors() > 0)
    shell.out() << "该设备上有 " << response.held_visitors() << " 名选民的信息，名单见 liaison hub held "
                << response.node().node_id() << "\n";
  return kDone;
}

}  // namespace

void AddDeviceCommands(CLI::App* hub, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const DevicesOptions&)) {
    auto o = std::make_shared<DevicesOptions>();
    CLI::App* command = AddCommand(hub, name, help, Kind::kReads, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [invite, i] = add("invite", "给站点发一个邀请码，新设备凭它入网", Invite);
  invite->add_option("station", i->station, "站点编号，如 HK-D057")->required();
  invite->add_option("--device", i->device, "设备名称");
  invite->add_option("--hours", i->hours, "几小时内有效，默认 72");
  invite->add_option("--address", i->address,
                     "站点连接镇中心的地址，主机和端口，如 192.168.1.10:7061；默认镇中心正在听的那个");
  add("invitations", "发过的邀请码", ListInvitations);
  auto [withdraw, w] = add("withdraw", "撤回一个没用过的邀请码", Withdraw);
  withdraw->add_option("id", w->id, "邀请码的编号")->required();
  auto [devices, d] = add("devices", "已入网的设备", ListDevices);
  devices->add_option("--station", d->station, "只看一个站点");
  auto [confirm, c] = add("confirm", "让一台等待核对的设备入网", Confirm);
  confirm->add_option("node", c->id, "设备编号，见 liaison hub devices")->required();
  confirm->add_option("digits", c->digits, "设备屏幕上的六位核对数字")->required();
  confirm->add_option("--user", c->common.user, "操作人");
  auto [held, h] = add("held", "一台设备上有哪些选民的信息", ShowHeld);
  held->add_option("node", h->id, "设备编号，如 N-…")->required();
  held->add_option("--limit", h->limit, "最多列出多少人，默认 200");
  auto [network, n] = add("network", "允许或不再允许一个站点的网页上村内网络", SetNetwork);
  network->add_option("how", n->how, "on：允许；off：不再允许")->required()->check(CLI::IsMember({"on", "off"}));
  network->add_option("station", n->station, "站点编号，如 HK-D057；镇中心写 HUB")->required();
  network->add_option("--user", n->common.user, "操作人");
  auto [revoke, r] = add("revoke", "吊销一台设备：立即断开，不再接受", Revoke);
  revoke->add_option("node", r->id, "设备编号，如 N-…")->required();
  // Not required: a stolen box is cut off by whoever is there, at once.
  revoke->add_option("--reason", r->reason, "为什么，如：丢失、被盗、更换；不写则记为“未说明”");
  revoke->add_option("--user", r->common.user, "操作人");
}

}  // namespace liaison::cli
