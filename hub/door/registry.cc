#include "hub/door/registry.h"

#include <algorithm>
#include <optional>

#include "absl/strings/cord.h"
#include "common/api/methods.h"
#include "common/api/record_service.h"
#include "common/api/request.h"
#include "common/base/bytes.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "common/record/feeds.h"
#include "common/record/ids.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rules/roster/roster.h"
#include "common/rules/visitor/visitors.h"
#include "common/store/op_on.h"
#include "common/store/store.h"
#include "hub/door/devices.h"
#include "hub/door/interests.h"
#include "liaison/v1/people.pb.h"

namespace liaison {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr size_t kMostDeviceNameBytes = 160;
constexpr int64_t kMostHeld = 200;

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
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  for (const v1::WaitingDevice& one : waiting_.List()) {
    if (one.refused() || NodeIn(*roster, one.node_id()) != nullptr) continue;
    if (!request.station_id().empty() && one.station_id() != request.station_id()) continue;
    v1::PendingDevice& pending = *response.add_pending();
    pending.set_node_id(one.node_id());
    pending.set_station_id(one.station_id());
    pending.set_station_name(roster->StationName(one.station_id()));
    pending.set_device_name(one.device_name());
    pending.set_digits(DigitsOf(one));
    pending.set_asked_ms(one.asked_ms());
    pending.set_asked_from(one.asked_from());
    pending.set_why(one.why());
  }
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
  v1::RevokeNodeResponse response;
  if (const std::optional<v1::WaitingDevice> waiting = waiting_.Find(request.node_id())) {
    absl::MutexLock lock(&enrolling_);
    if (NodeIn(*context_.roster->Get(), request.node_id()) == nullptr) {
      RETURN_IF_ERROR(waiting_.Refuse(request.node_id()));
      response.mutable_node()->set_node_id(waiting->node_id());
      response.mutable_node()->set_station_id(waiting->station_id());
      response.mutable_node()->set_device_name(waiting->device_name());
      response.mutable_node()->set_revoked(true);
      return response;
    }
  }
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
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const v1::Node* node = NodeIn(*roster, request.node_id());
  if (node == nullptr) return response;
  *response.mutable_node() = *node;
  int64_t held = 0;
  ForEachHeld(node->station_id(), [&](const Aggregate&) { return ++held > 0; });
  response.set_held_visitors(held);
  return response;
}

absl::StatusOr<std::string> Registry::CertificateFor(const DeviceName& name, std::string_view public_key) const {
  int64_t now = context_.clock()->NowMs();
  return IssueDevice(admission_->authority(), name, public_key, now, now + kCertificateDays * kDayMs);
}

absl::StatusOr<v1::EnrolResponse> Registry::Enrol(const v1::EnrolRequest& request) {
  absl::MutexLock lock(&enrolling_);
  return EnrolNow(request);
}

absl::StatusOr<v1::EnrolResponse> Registry::EnrolNow(const v1::EnrolRequest& request) {
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
  absl::MutexLock lock(&enrolling_);
  RETURN_IF_ERROR(CheckMayEnrol(invitation.station_id(), device.public_key));
  ASSIGN_OR_RETURN(invitation, invitations_.Use(request.secret(), device.public_key));
  v1::EnrolRequest enrol;
  enrol.set_station_id(invitation.station_id());
  enrol.set_device_name(invitation.device_name().empty() ? request.device_name() : invitation.device_name());
  enrol.set_public_key(device.public_key);
  enrol.set_signature_algorithm(kEd25519);
  RETURN_IF_ERROR(CheckNeedNotWait(invitation, enrol, peer));
  return EnrolNow(enrol);
}

// ---- who waits for a person

absl::Status Registry::CheckNeedNotWait(const v1::StoredInvitation& invitation, const v1::EnrolRequest& request,
                                        std::string_view peer) {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  for (const auto& [id, node] : roster->nodes)
    if (node.public_key() == request.public_key()) return absl::OkStatus();
  const std::string why = WhyWait(*roster, context_.store->Read(), request.station_id());
  if (why.empty()) return absl::OkStatus();
  v1::WaitingDevice asked;
  asked.set_station_id(request.station_id());
  asked.set_device_name(request.device_name());
  asked.set_public_key(request.public_key());
  asked.set_asked_from(std::string(peer));
  asked.set_invitation_id(invitation.id());
  asked.set_why(why);
  ASSIGN_OR_RETURN(const v1::WaitingDevice waiting, waiting_.Note(asked));
  // Programs up to 0.4.0 show these words and no digits of their own.
  absl::Status waits = absl::FailedPreconditionError(
      Cat(why, "，新设备要等镇里核对才能入网。请打电话给镇里，报核对数字 ", SpacedDigits(DigitsOf(waiting)),
          "；镇里确认以后，用同一个邀请码再办理一次入网"));
  waits.SetPayload(kWaitsPayload, absl::Cord(waiting.nonce()));
  return waits;
}

std::string Registry::DigitsOf(const v1::WaitingDevice& waiting) const {
  return EnrolDigits(waiting.public_key(), admission_->authority().certificate, waiting.nonce());
}

const v1::Node* Registry::NodeIn(const Roster& roster, const std::string& node_id) const {
  const auto node = roster.nodes.find(node_id);
  return node == roster.nodes.end() ? nullptr : &node->second;
}

absl::StatusOr<v1::ConfirmDeviceResponse> Registry::ConfirmDevice(const v1::ConfirmDeviceRequest& request) {
  absl::MutexLock lock(&enrolling_);
  v1::ConfirmDeviceResponse response;
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const v1::Node* known = NodeIn(*roster, request.node_id());
  const std::optional<v1::WaitingDevice> waiting = waiting_.Find(request.node_id());
  if (known != nullptr && !waiting) {
    *response.mutable_node() = *known;
    return response;
  }
  if (!waiting) return absl::NotFoundError(Cat("没有等待核对的设备“", request.node_id(), "”"));
  if (waiting->refused()) return absl::FailedPreconditionError("这台设备已被拒绝入网；要让它入网，请另发一个邀请码");
  if (RemoveSpaces(Fold(request.digits())) != DigitsOf(*waiting))
    return WrongField("核对数字", "与这台设备屏幕上的不一样。请再核对一遍；仍然不一样，就不是那台设备，请拒绝它");
  v1::EnrolRequest enrol;
  enrol.set_station_id(waiting->station_id());
  enrol.set_device_name(waiting->device_name());
  enrol.set_public_key(waiting->public_key());
  enrol.set_signature_algorithm(kEd25519);
  RETURN_IF_ERROR(CheckMayEnrol(enrol.station_id(), enrol.public_key()));
  ASSIGN_OR_RETURN(*response.mutable_node(), RegisterDevice(context_, enrol, waiting->node_id(),
                                                            request.user().empty() ? "入网" : request.user()));
  RETURN_IF_ERROR(waiting_.Remove(request.node_id()));
  return response;
}

// ---- whose data a device holds

void Registry::ForEachHeld(const std::string& station_id,
                           const std::function<bool(const Aggregate& visitor)>& visit) const {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const v1::Station* center = roster->Center();
  const bool all = center != nullptr && center->station_id() == station_id;
  const StoreReader reader = context_.store->Read();
  reader.ForEach(TypeOf<v1::Visitor>().type(), [&](const Aggregate& visitor) {
    for (const std::string& interest : InterestsOf(visitor, reader))
      if (all || interest == PointFeed(station_id) || interest == StationFeed(station_id)) return visit(visitor);
    return true;
  });
}

absl::StatusOr<v1::ListHeldByResponse> Registry::ListHeldBy(const v1::ListHeldByRequest& request) const {
  const int64_t limit = request.limit() == 0 ? kMostHeld : request.limit();
  if (limit < 0) return WrongField("条数", "不能小于零");
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const v1::Node* node = NodeIn(*roster, request.node_id());
  if (node == nullptr) return absl::NotFoundError(Cat("没有设备“", request.node_id(), "”"));
  v1::ListHeldByResponse response;
  *response.mutable_node() = *node;
  const StoreReader reader = context_.store->Read();
  ForEachHeld(node->station_id(), [&](const Aggregate& visitor) {
    response.set_total(response.total() + 1);
    if (response.visitors_size() >= limit) return true;
    v1::HeldVisitor& held = *response.add_visitors();
    held.set_record_id(ToText(visitor.id()));
    held.set_station_id(Show<v1::Visitor>(visitor).station_id());
    const std::optional<v1::VisitorFields> fields = OpenVisitor(reader, visitor);
    held.set_name(fields ? Masked(*fields).name() : "（信息已清除）");
    return true;
  });
  return response;
}

// ---- the village's network

absl::StatusOr<v1::AllowNetworkResponse> Registry::AllowNetwork(const v1::AllowNetworkRequest& request) {
  ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
  if (request.place() != kHubStation && !context_.roster->Get()->stations.contains(request.place()))
    return WrongField("站点编号", Cat("没有站点“", request.place(), "”"));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    v1::Rights rights;
    NewOp op = OpOn(view, RecordId::Master(TypeOf<v1::Rights>().type(), request.place()));
    const std::optional<Aggregate> known = view.Load(op.aggregate);
    const bool allowed = known && Show<v1::Rights>(*known).network_allowed();
    if (allowed == request.allowed() && (!known || ConflictsOf(*known).empty())) return Action::Nothing();
    if (!known) rights.set_station_id(request.place());
    rights.set_network_allowed(request.allowed());
    WritesOf(rights, {}, &op.writes, &op.sealed);
    if (!request.allowed())
      op.writes.push_back({{}, TypeOf<v1::Rights>().Find(v1::Rights::kNetworkAllowedFieldNumber)->tag, "", ""});
    Action action;
    action.user = request.user().empty() ? kHubStation : request.user();
    action.ops.push_back(std::move(op));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  return v1::AllowNetworkResponse();
}

// ---- certificates

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
  if (!request.page_key().empty()) AddPage(request, device, &response);
  return response;
}

// A page that is refused spoils nothing else of the answer.
void Registry::AddPage(const v1::RenewRequest& request, const Certificate& device, v1::RenewResponse* response) const {
  if (pages_ == nullptr) return response->set_page_refused("镇中心不发网页证书");
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const v1::Node* node = NodeIn(*roster, device.name.node);
  absl::StatusOr<std::string> page =
      pages_->Issue(device.name, node == nullptr ? "" : node->block(), request.page_key(),
                    {request.page_names().begin(), request.page_names().end()});
  if (!page.ok()) return response->set_page_refused(std::string(page.status().message()));
  response->set_page_certificate(*std::move(page));
  response->set_page_authority(pages_->authority());
}

void Registry::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("Enrol", &Registry::Enrol);
  methods.Bind("Invite", &Registry::Invite);
  methods.Bind("ListInvitations", &Registry::ListInvitations);
  methods.Bind("WithdrawInvitation", &Registry::WithdrawInvitation);
  methods.Bind("ListNodes", &Registry::ListNodes);
  methods.Bind("RevokeNode", &Registry::RevokeNode);
  methods.Bind("ConfirmDevice", &Registry::ConfirmDevice);
  methods.Bind("ListHeldBy", &Registry::ListHeldBy);
  methods.Bind("AllowNetwork", &Registry::AllowNetwork);
}

}  // namespace liaison
