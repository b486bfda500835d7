#include "hub/door/registry.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/api/record_service.h"
#include "common/api/request.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/door/devices.h"

namespace liaison {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr size_t kMostDeviceNameBytes = 160;

}  // namespace

absl::StatusOr<v1::InviteResponse> Registry::Invite(const v1::InviteRequest& request) {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  if (!roster->stations.contains(request.station_id()))
    return absl::InvalidArgumentError(Cat("站点：名册里没有“", request.station_id(), "”"));
  if (request.device_name().size() > kMostDeviceNameBytes) return absl::InvalidArgumentError("设备名称：太长");
  ASSIGN_OR_RETURN(Invitations::Made made,
                   invitations_.Make(request.station_id(), request.device_name(), request.hours()));
  std::string fingerprint = Fingerprint(admission_->authority().certificate);
  v1::InviteResponse response;
  response.set_id(made.invitation.id());
  response.set_code(TypedCode({made.secret, fingerprint.substr(0, kCodeFingerprintBytes), ""}));
  response.set_expires_ms(made.invitation.expires_ms());
  response.set_fingerprint(Hex(fingerprint));
  response.set_station_name(roster->StationName(request.station_id()));
  response.set_hub_address(hub_address_);
  return response;
}

absl::StatusOr<v1::ListInvitationsResponse> Registry::ListInvitations(const v1::ListInvitationsRequest&) const {
  v1::ListInvitationsResponse response;
  for (v1::Invitation& one : invitations_.List()) *response.add_invitations() = std::move(one);
  return response;
}

absl::StatusOr<v1::WithdrawInvitationResponse> Registry::WithdrawInvitation(
    const v1::WithdrawInvitationRequest& request) {
  v1::WithdrawInvitationResponse response;
  ASSIGN_OR_RETURN(*response.mutable_invitation(), invitations_.Withdraw(request.id()));
  if (response.invitation().state() == v1::INVITATION_USED)
    return absl::FailedPreconditionError("邀请码已用过，不能撤回；要停用设备请吊销它");
  return response;
}

absl::StatusOr<v1::ListNodesResponse> Registry::ListNodes(const v1::ListNodesRequest& request) const {
  v1::ListNodesResponse response;
  for (const auto& [id, node] : context_.roster->Get()->nodes)
    if (request.station_id().empty() || node.station_id() == request.station_id()) *response.add_nodes() = node;
  if (slowed_)
    for (std::string& station : slowed_())
      if (request.station_id().empty() || station == request.station_id()) response.add_slowed(std::move(station));
  if (!clocks_) return response;
  for (v1::NodeClock& clock : clocks_()) {
    const bool shown = std::any_of(response.nodes().begin(), response.nodes().end(),
                                   [&](const v1::Node& node) { return node.node_id() == clock.node_id(); });
    if (shown) *response.add_clocks() = std::move(clock);
  }
  return response;
}

absl::StatusOr<v1::RevokeNodeResponse> Registry::RevokeNode(const v1::RevokeNodeRequest& request) {
  if (request.reason().empty()) return absl::InvalidArgumentError("吊销原因：不能为空");
  v1::Node change;
  change.set_revoked(true);
  change.set_revoked_by(request.user());
  change.set_revoked_reason(request.reason());
  for (int field : {v1::Node::kRevokedByFieldNumber, v1::Node::kRevokedReasonFieldNumber})
    RETURN_IF_ERROR(ValidateField(change, field));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    NewOp op = MasterOp(view, change, request.node_id());
    std::optional<Aggregate> known = view.Load(op.aggregate);
    if (!known) return absl::NotFoundError(Cat("没有设备“", request.node_id(), "”"));
    if (Show<v1::Node>(*known).revoked()) return Action::Nothing();
    Action action;
    action.user = request.user().empty() ? "吊销" : request.user();
    action.ops.push_back(std::move(op));
    return action;
  };
  RETURN_IF_ERROR(
      context_.store->Commit(context_.random()->Bytes(kActionIdBytes), RequestHash(request), build).status());
  v1::RevokeNodeResponse response;
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  if (auto node = roster->nodes.find(request.node_id()); node != roster->nodes.end())
    *response.mutable_node() = node->second;
  return response;
}

absl::StatusOr<std::string> Registry::CertificateFor(const DeviceName& name, std::string_view public_key) const {
  int64_t now = context_.clock()->NowMs();
  return IssueDevice(admission_->authority(), name, public_key, now, now + kCertificateDays * kDayMs);
}

absl::StatusOr<v1::EnrolResponse> Registry::Enrol(const v1::EnrolRequest& request) {
  absl::MutexLock lock(&enrolling_);
  RETURN_IF_ERROR(CheckMayEnrol(request.station_id(), request.public_key()));
  ASSIGN_OR_RETURN(v1::EnrolResponse response, EnrolDevice(context_, request));
  response.set_station_id(request.station_id());
  response.set_authority(admission_->authority().certificate);
  ASSIGN_OR_RETURN(*response.mutable_certificate(),
                   CertificateFor({request.station_id(), response.node_id()}, request.public_key()));
  return response;
}

// What would make a code useless for this device: it is then not used up.
absl::Status Registry::CheckMayEnrol(const std::string& station_id, std::string_view public_key) const {
  for (const auto& [id, node] : context_.roster->Get()->nodes) {
    if (node.public_key() != public_key) continue;
    if (node.station_id() != station_id) return absl::AlreadyExistsError("设备公钥：已登记在别的站点");
    if (node.revoked()) return absl::PermissionDeniedError(Cat("设备“", id, "”已被吊销，请换一个数据文件夹"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::EnrolResponse> Registry::EnrolByCode(const v1::EnrolByCodeRequest& request,
                                                        const Certificate& device, std::string_view peer) {
  if (request.secret().empty()) return absl::UnauthenticatedError("没有邀请码");
  if (request.device_name().size() > kMostDeviceNameBytes) return absl::InvalidArgumentError("设备名称：太长");
  ASSIGN_OR_RETURN(v1::StoredInvitation invitation, invitations_.Find(request.secret(), device.public_key, peer));
  RETURN_IF_ERROR(CheckMayEnrol(invitation.station_id(), device.public_key));
  ASSIGN_OR_RETURN(invitation, invitations_.Use(request.secret(), device.public_key));
  v1::EnrolRequest enrol;
  enrol.set_station_id(invitation.station_id());
  enrol.set_device_name(invitation.device_name().empty() ? request.device_name() : invitation.device_name());
  enrol.set_public_key(device.public_key);
  enrol.set_signature_algorithm(kEd25519);
  return Enrol(enrol);
}

absl::StatusOr<v1::RenewResponse> Registry::Renew(const v1::RenewRequest& request, const Certificate& device) const {
  if (request.nonce().size() != kTimeNonceBytes) return absl::InvalidArgumentError("nonce");
  int64_t now = context_.clock()->NowMs();
  v1::RenewResponse response;
  response.set_hub_time_ms(now);
  response.set_program_version(std::string(ProgramVersion()));
  if (context_.store->options().sign) {
    sync::Seal seal = context_.store->options().sign(TimeSigningBytes(request.nonce(), now));
    response.set_signature_algorithm(seal.algorithm);
    response.set_signature(seal.signature);
  }
  if (IsRenewalDue(device, now)) {
    ASSIGN_OR_RETURN(*response.mutable_certificate(), CertificateFor(device.name, device.public_key));
  }
  return response;
}

void Registry::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("Enrol", &Registry::Enrol);
  methods.Bind("Invite", &Registry::Invite);
  methods.Bind("ListInvitations", &Registry::ListInvitations);
  methods.Bind("WithdrawInvitation", &Registry::WithdrawInvitation);
  methods.Bind("ListNodes", &Registry::ListNodes);
  methods.Bind("RevokeNode", &Registry::RevokeNode);
}

}  // namespace liaison
