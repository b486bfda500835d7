// The hub's register of devices: invitations, enrolment by code, certificates and their renewal, revocation.
#ifndef LIAISON_HUB_DOOR_REGISTRY_H_
#define LIAISON_HUB_DOOR_REGISTRY_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "hub/door/admission.h"
#include "hub/door/invitations.h"
#include "liaison/v1/sync.pb.h"

namespace liaison {

// Thread-safe. Messages are Chinese.
class Registry {
 public:
  // All must outlive this.
  Registry(ServiceContext context, const Admission* admission)
      : context_(std::move(context)), admission_(admission), invitations_(context_.store) {}

  absl::StatusOr<v1::InviteResponse> Invite(const v1::InviteRequest& request);
  absl::StatusOr<v1::ListInvitationsResponse> ListInvitations(const v1::ListInvitationsRequest& request) const;
  absl::StatusOr<v1::WithdrawInvitationResponse> WithdrawInvitation(const v1::WithdrawInvitationRequest& request);
  absl::StatusOr<v1::ListNodesResponse> ListNodes(const v1::ListNodesRequest& request) const;
  // Durable when it returns; the store's listeners then end what is open. Repeating it changes nothing.
  // kInvalidArgument: no reason.
  absl::StatusOr<v1::RevokeNodeResponse> RevokeNode(const v1::RevokeNodeRequest& request);
  // EnrolDevice() with a certificate. For callers on this machine, who are not asked for a code.
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request);

  // The two of DoorService. `device` is what Admission::Decide() returned. A code is used up before the node is made,
  // and stays good for the device that used it: an answer that was lost is given again.
  absl::StatusOr<v1::EnrolResponse> EnrolByCode(const v1::EnrolByCodeRequest& request, const Certificate& device,
                                                std::string_view peer);
  absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request, const Certificate& device) const;

  // Where stations connect, for invitations; once known.
  void set_hub_address(std::string address) { hub_address_ = std::move(address); }
  // The stations that are read more slowly now, for ListNodes(). Before anything is served.
  void set_slowed(std::function<std::vector<std::string>()> slowed) { slowed_ = std::move(slowed); }
  // What devices told of their clocks, for ListNodes(). Before anything is served.
  void set_clocks(std::function<std::vector<v1::NodeClock>()> clocks) { clocks_ = std::move(clocks); }
  void Register(Dispatcher* dispatcher);

 private:
  absl::StatusOr<std::string> CertificateFor(const DeviceName& name, std::string_view public_key) const;
  absl::Status CheckMayEnrol(const std::string& station_id, std::string_view public_key) const;

  ServiceContext context_;
  const Admission* const admission_;
  Invitations invitations_;
  std::string hub_address_;
  std::function<std::vector<std::string>()> slowed_;
  std::function<std::vector<v1::NodeClock>()> clocks_;
  absl::Mutex enrolling_;  // one at a time: two devices of a station must not get one block
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_REGISTRY_H_
