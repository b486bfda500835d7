// The hub's register of devices: invitations, enrolment by code, certificates and their renewal, revocation.
#ifndef LIAISON_HUB_DOOR_REGISTRY_H_
#define LIAISON_HUB_DOOR_REGISTRY_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "hub/door/admission.h"
#include "hub/door/invitations.h"
#include "hub/door/pages.h"
#include "hub/door/waiting.h"
#include "liaison/v1/sync.pb.h"

namespace liaison {

// With the error of a device that waits: the nonce, as bytes.
inline constexpr char kWaitsPayload[] = "liaison/waits";

// Thread-safe. Messages are Chinese.
class Registry {
 public:
  // All must outlive this.
  Registry(ServiceContext context, const Admission* admission)
      : context_(std::move(context)),
        admission_(admission),
        invitations_(context_.store),
        waiting_(context_.store) {}

  absl::StatusOr<v1::InviteResponse> Invite(const v1::InviteRequest& request);
  absl::StatusOr<v1::ListInvitationsResponse> ListInvitations(const v1::ListInvitationsRequest& request) const;
  absl::StatusOr<v1::WithdrawInvitationResponse> WithdrawInvitation(const v1::WithdrawInvitationRequest& request);
  absl::StatusOr<v1::ListNodesResponse> ListNodes(const v1::ListNodesRequest& request) const;
  // Durable when it returns; the store's listeners then end what is open. Repeating it changes nothing. Of a device
  // that waits: its invitation lets it in no more. kInvalidArgument: no reason.
  absl::StatusOr<v1::RevokeNodeResponse> RevokeNode(const v1::RevokeNodeRequest& request);
  // Makes a node of a device that waits; what it asks next is answered. Repeating it changes nothing. kNotFound: none
  // of that id waits. kInvalidArgument: the digits are another device's. kFailedPrecondition: it was refused.
  absl::StatusOr<v1::ConfirmDeviceResponse> ConfirmDevice(const v1::ConfirmDeviceRequest& request);
  absl::StatusOr<v1::ListHeldByResponse> ListHeldBy(const v1::ListHeldByRequest& request) const;
  absl::StatusOr<v1::AllowNetworkResponse> AllowNetwork(const v1::AllowNetworkRequest& request);
  // EnrolDevice() with a certificate. For callers on this machine, who are not asked for a code.
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request);

  // The two of DoorService. `device` is what Admission::Decide() returned. A code is used up before the node is made,
  // and stays good for the device that used it: an answer that was lost is given again. kFailedPrecondition, with the
  // payload kWaitsPayload (the nonce of its digits): the device waits for a person (waiting.h).
  absl::StatusOr<v1::EnrolResponse> EnrolByCode(const v1::EnrolByCodeRequest& request, const Certificate& device,
                                                std::string_view peer);
  absl::StatusOr<v1::RenewResponse> Renew(const v1::RenewRequest& request, const Certificate& device) const;

  // What Renew() answers for pages; must outlive this. Before anything is served. Unset: none are issued.
  void set_pages(const PageIssuer* pages) { pages_ = pages; }
  // Where stations connect, for invitations; once known.
  void set_hub_address(std::string address) { hub_address_ = std::move(address); }
  // The stations that are read more slowly now, for ListNodes(). Before anything is served.
  void set_slowed(std::function<std::vector<std::string>()> slowed) { slowed_ = std::move(slowed); }
  // What devices told of their clocks, for ListNodes(). Before anything is served.
  void set_clocks(std::function<std::vector<v1::NodeClock>()> clocks) { clocks_ = std::move(clocks); }
  void Register(Dispatcher* dispatcher);

 private:
  absl::StatusOr<std::string> CertificateFor(const DeviceName& name, std::string_view public_key) const;
  absl::StatusOr<v1::EnrolResponse> EnrolNow(const v1::EnrolRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(enrolling_);
  // Of a device with a code that is no node yet.
  absl::Status CheckNeedNotWait(const v1::StoredInvitation& invitation, const v1::EnrolRequest& request,
                                std::string_view peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(enrolling_);
  void AddPage(const v1::RenewRequest& request, const Certificate& device, v1::RenewResponse* response) const;
  std::string DigitsOf(const v1::WaitingDevice& waiting) const;
  const v1::Node* NodeIn(const Roster& roster, const std::string& node_id) const;
  // The visitors whose record and key a device of the station was sent, to `visit` until that says false.
  void ForEachHeld(const std::string& station_id, const std::function<bool(const Aggregate& visitor)>& visit) const;
  absl::Status CheckMayEnrol(const std::string& station_id, std::string_view public_key) const;

  ServiceContext context_;
  const Admission* const admission_;
  Invitations invitations_;
  WaitingDevices waiting_;
  const PageIssuer* pages_ = nullptr;
  std::string hub_address_;
  std::function<std::vector<std::string>()> slowed_;
  std::function<std::vector<v1::NodeClock>()> clocks_;
  absl::Mutex enrolling_;  // one at a time: two devices of a station must not get one block
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_REGISTRY_H_
