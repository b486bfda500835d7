#include "hub/door/door_service.h"

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/strings/cord.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/store/read_failure.h"
#include "hub/door/to_grpc.h"

namespace liaison {
namespace {

constexpr char kAuthorityKey[] = "authority-bin";
constexpr size_t kMostEnrolBytes = 3 << 20;  // of one answer; what is missing of the feed comes with the first session

// "ipv4:10.0.0.7:40123" without the port.
std::string AddressOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

grpc::ServerUnaryReactor* DoorService::Enrol(grpc::CallbackServerContext* context,
                                             const v1::EnrolByCodeRequest* request, v1::EnrolResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
  absl::StatusOr<Certificate> device = admission_->Decide(kEnrolMethod, PeerPem(*context->auth_context()));
  ReadWatch reads;
  absl::StatusOr<v1::EnrolResponse> answer =
      device.ok() ? registry_->EnrolByCode(*request, *device, AddressOf(context->peer())) : device.status();
  if (!reads.status().ok()) answer = reads.status();
  if (answer.ok()) {
    *response = *std::move(answer);
    while (response->ByteSizeLong() > kMostEnrolBytes && response->messages_size() > 1)
      response->mutable_messages()->RemoveLast();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  if (const auto nonce = answer.status().GetPayload(kWaitsPayload))
    context->AddTrailingMetadata(kEnrolNonceMetadata, std::string(*nonce));
  if (request->secret().empty()) context->AddTrailingMetadata(kAuthorityKey, admission_->authority().certificate);
  reactor->Finish(ToGrpc(answer.status()));
  return reactor;
}

grpc::ServerUnaryReactor* DoorService::Renew(grpc::CallbackServerContext* context, const v1::RenewRequest* request,
                                             v1::RenewResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Certificate> device = admission_->Decide(kRenewMethod, PeerPem(*context->auth_context()));
  absl::StatusOr<v1::RenewResponse> answer = device.ok() ? registry_->Renew(*request, *device) : device.status();
  if (answer.ok()) *response = *std::move(answer);
  reactor->Finish(ToGrpc(answer.status()));
  return reactor;
}

}  // namespace liaison
