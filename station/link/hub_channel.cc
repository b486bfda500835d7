#include "station/link/hub_channel.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/page_certificate.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/sync.grpc.pb.h"

namespace liaison {
namespace {

namespace tls = grpc::experimental;

constexpr int kPageMs = 8'000;  // for a page's certificate: a program that ends waits for it

class HubVerifier : public tls::ExternalCertificateVerifier {
 public:
  explicit HubVerifier(std::function<absl::Status(const std::string&)> accept) : accept_(std::move(accept)) {}
  bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    grpc::string_ref pem = request->peer_cert();
    absl::StatusOr<std::string> der = FirstOfPem(std::string_view(pem.data(), pem.size()));
    absl::Status verdict = der.ok() ? accept_(*der) : der.status();
    *status = verdict.ok() ? grpc::Status::OK
                           : grpc::Status(grpc::StatusCode::UNAUTHENTICATED, std::string(verdict.message()));
    return true;  // decided here and now
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::function<absl::Status(const std::string&)> accept_;
};

std::chrono::system_clock::time_point After(int ms) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(ms);
}

// Connects; the state that it comes to: ready, failed, or what it was in when the time was over.
grpc_connectivity_state AwaitConnection(grpc::Channel* channel, int ms) {
  const auto deadline = After(ms);
  grpc_connectivity_state state = channel->GetState(true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE &&
         channel->WaitForStateChange(state, deadline))
    state = channel->GetState(true);
  return state;
}

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace

void QuietTransportLog() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

std::shared_ptr<grpc::Channel> NewTlsChannel(const std::string& address, const TlsIdentity& identity,
                                             std::function<absl::Status(const std::string& der)> accept) {
  std::vector<tls::IdentityKeyCertPair> pairs = {{identity.secret_key, identity.certificate}};
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>("", pairs));
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);  // against this box's clock; HubVerifier does it without
  options.set_check_call_host(false);
  options.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<HubVerifier>(std::move(accept)));
  grpc::ChannelArguments arguments = ChannelArguments();
  arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, kDoorName);
  return grpc::CreateCustomChannel(address, tls::TlsCredentials(options), arguments);
}

struct HubChannels::Call {
  grpc::ClientContext context;
  v1::RenewRequest request;
  v1::RenewResponse response;
};

absl::StatusOr<std::unique_ptr<HubChannels>> HubChannels::Open(Options options) {
  RequireTls13();
  absl::StatusOr<Certificate> certificate = ReadCertificate(options.dir);
  if (absl::IsNotFound(certificate.status()) || options.config.authority().empty())
    return absl::FailedPreconditionError("本机还没有证书，请凭镇里给的邀请码重新办理入网（liaison enrol）");
  RETURN_IF_ERROR(certificate.status());
  if (certificate->public_key != options.key.public_key ||
      certificate->name != DeviceName{options.config.station_id(), options.config.node_id()} ||
      !VerifyIssued(*certificate, options.config.authority(), Purpose::kDevice).ok())
    return absl::FailedPreconditionError("本机的证书不是这台设备的，请凭镇里给的邀请码重新办理入网（liaison enrol）");
  std::unique_ptr<HubChannels> channels(new HubChannels(std::move(options)));
  absl::MutexLock lock(&channels->mutex_);
  channels->certificate_ = *std::move(certificate);
  return channels;
}

HubChannels::HubChannels(Options options)
    : options_(std::move(options)), door_(std::make_shared<KnownDoor>(options_.dir, options_.config)) {}

HubChannels::~HubChannels() { Cancel(); }

std::shared_ptr<grpc::Channel> HubChannels::NewChannel(const std::string& address) {
  return Connect(address, door_, false);
}

std::shared_ptr<grpc::Channel> HubChannels::Connect(const std::string& address, const std::shared_ptr<KnownDoor>& door,
                                                    bool for_proof) const {
  TlsIdentity identity;
  {
    absl::MutexLock lock(&mutex_);
    identity = DeviceIdentity(options_.key, certificate_.der);
  }
  if (for_proof) door->BeginProof();
  auto accept = [door, for_proof](const std::string& der) {
    return for_proof ? door->AcceptForProof(der) : door->Accept(der);
  };
  return NewTlsChannel(address, identity, std::move(accept));
}

int64_t HubChannels::HubNowMs() const {
  absl::MutexLock lock(&mutex_);
  return options_.clock->NowMs() + hub_ahead_ms_;
}

Certificate HubChannels::certificate() const {
  absl::MutexLock lock(&mutex_);
  return certificate_;
}

std::string HubChannels::Complaint() const { return door_->complaint(); }

void HubChannels::OnRefused() {
  absl::MutexLock lock(&mutex_);
  refused_ = true;
}

void HubChannels::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (call_ != nullptr) call_->context.TryCancel();
}

absl::Status HubChannels::Prepare(const std::string& address) {
  int64_t now = HubNowMs();
  Call call;
  bool in_date = false;
  {
    absl::MutexLock lock(&mutex_);
    if (!refused_ && !IsRenewalDue(certificate_, now) && !door_->wants_proof()) return absl::OkStatus();
    if (cancelled_) return absl::CancelledError("正在停机");
    in_date = !refused_ && IsInDate(certificate_, now) && !door_->wants_proof();
    call_ = &call;
  }
  std::unique_ptr<v1::DoorService::Stub> stub = v1::DoorService::NewStub(Connect(address, door_, true));
  call.request.set_nonce(options_.random->Bytes(kTimeNonceBytes));
  call.context.set_deadline(After(options_.timeout_ms));
  // Waits here: an answer to a callback would come on a thread of the channel's own, which must not be the last to hold
  // the channel.
  const grpc::Status status = stub->Renew(&call.context, call.request, &call.response);
  {
    absl::MutexLock lock(&mutex_);
    call_ = nullptr;
  }
  if (status.ok()) return Take(call);
  const absl::Status answer = ToAbsl(status);
  // Whoever is still in date tries to sync all the same: what is wrong then shows there.
  if (in_date && !absl::IsPermissionDenied(answer) && !absl::IsUnavailable(answer)) return absl::OkStatus();
  if (absl::IsUnavailable(answer) || absl::IsDeadlineExceeded(answer)) {
    std::string complaint = Complaint();
    return absl::UnavailableError(complaint.empty() ? WhyUnreached(status.error_message()) : complaint);
  }
  return answer;
}

// The door is judged by a memory of its own: what the uplink is proving meanwhile is not disturbed.
HubChannels::Greeting HubChannels::Greet(const std::string& address, int step_ms) const {
  Greeting greeting;
  const auto door = std::make_shared<KnownDoor>(options_.dir, options_.config);
  const std::shared_ptr<grpc::Channel> channel = Connect(address, door, true);
  const grpc_connectivity_state state = AwaitConnection(channel.get(), step_ms);
  greeting.secured = state == GRPC_CHANNEL_READY;
  if (!greeting.secured && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    greeting.status = absl::DeadlineExceededError("no answer");
    return greeting;
  }
  std::unique_ptr<v1::DoorService::Stub> stub = v1::DoorService::NewStub(channel);
  Call call;
  call.request.set_nonce(options_.random->Bytes(kTimeNonceBytes));
  call.context.set_deadline(After(step_ms));
  greeting.status = ToAbsl(stub->Renew(&call.context, call.request, &call.response));  // tells why it failed, too
  greeting.complaint = door->complaint();
  if (!greeting.status.ok()) return greeting;
  greeting.secured = true;
  greeting.status = CheckTime(call);
  if (!greeting.status.ok()) return greeting;
  greeting.hub_time_ms = call.response.hub_time_ms();
  greeting.hub_version = call.response.program_version();
  return greeting;
}

absl::StatusOr<HubChannels::Page> HubChannels::AskForPage(const std::string& address, const std::string& public_key,
                                                          const std::vector<std::string>& names) const {
  const auto door = std::make_shared<KnownDoor>(options_.dir, options_.config);
  std::unique_ptr<v1::DoorService::Stub> stub = v1::DoorService::NewStub(Connect(address, door, false));
  Call call;
  call.request.set_nonce(options_.random->Bytes(kTimeNonceBytes));
  call.request.set_page_key(public_key);
  for (const std::string& name : names) call.request.add_page_names(name);
  call.context.set_deadline(After(std::min(options_.timeout_ms, kPageMs)));
  const grpc::Status status = stub->Renew(&call.context, call.request, &call.response);
  if (!status.ok()) return absl::UnavailableError("连不上镇中心，还没有拿到网页证书");
  RETURN_IF_ERROR(CheckTime(call));
  const v1::RenewResponse& response = call.response;
  if (!response.page_refused().empty()) return absl::PermissionDeniedError(response.page_refused());
  if (response.page_certificate().empty()) return absl::UnavailableError("镇中心的程序太旧，不发网页证书");
  for (const std::string& name : names)
    if (!VerifyPage(response.page_certificate(), response.page_authority(), public_key, name).ok())
      return absl::UnauthenticatedError("镇中心发来的网页证书不对");
  return Page{response.page_certificate(), response.page_authority()};
}

// The time counts only with the hub's signature over our nonce: an answer from another day, or from a relay, does not.
absl::Status HubChannels::CheckTime(const Call& call) const {
  const v1::RenewResponse& response = call.response;
  if (!Verify(static_cast<uint8_t>(response.signature_algorithm()), options_.config.hub_public_key(),
              TimeSigningBytes(call.request.nonce(), response.hub_time_ms()), response.signature())
           .ok())
    return absl::UnauthenticatedError("镇中心报的时间没有它的签名");
  return absl::OkStatus();
}

absl::Status HubChannels::Take(const Call& call) {
  RETURN_IF_ERROR(CheckTime(call));
  const v1::RenewResponse& response = call.response;
  RETURN_IF_ERROR(door_->Proved());
  Certificate fresh;
  if (!response.certificate().empty()) {
    absl::StatusOr<Certificate> parsed = ParseCertificate(response.certificate());
    if (!parsed.ok() || parsed->public_key != options_.key.public_key ||
        parsed->name != DeviceName{options_.config.station_id(), options_.config.node_id()} ||
        !VerifyIssued(*parsed, options_.config.authority(), Purpose::kDevice).ok())
      return absl::UnauthenticatedError("镇中心发来的新证书不是这台设备的");
    fresh = *std::move(parsed);
    RETURN_IF_ERROR(WriteCertificate(options_.dir, fresh.der));
  }
  absl::MutexLock lock(&mutex_);
  if (!fresh.der.empty()) certificate_ = std::move(fresh);
  hub_ahead_ms_ = response.hub_time_ms() - options_.clock->NowMs();
  refused_ = false;
  return absl::OkStatus();
}

}  // namespace liaison
