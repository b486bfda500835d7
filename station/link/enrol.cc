#include "station/link/enrol.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "station/link/hub_channel.h"

namespace liaison {
namespace {

constexpr char kAuthorityKey[] = "authority-bin";

// What is known of the hub at the other end. Until the authority is known every door is let through, and remembered:
// nothing is told to it but that somebody is there.
class Hub {
 public:
  absl::Status Accept(const std::string& der) {
    absl::MutexLock lock(&mutex_);
    door_ = der;
    return authority_.empty() ? absl::OkStatus() : Check();
  }
  // Somebody speaks TLS there.
  bool answered() {
    absl::MutexLock lock(&mutex_);
    return !door_.empty();
  }
  std::string authority() {
    absl::MutexLock lock(&mutex_);
    return authority_;
  }
  // The authority that the hub claims, if it is the one of the fingerprint, and the door that we are talking to is its.
  absl::Status Pin(const std::string& authority, const std::string& fingerprint) {
    absl::MutexLock lock(&mutex_);
    if (authority.empty() || Fingerprint(authority).substr(0, fingerprint.size()) != fingerprint)
      return absl::UnauthenticatedError("fingerprint");
    authority_ = authority;
    return Check();
  }

 private:
  absl::Status Check() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ASSIGN_OR_RETURN(Certificate door, ParseCertificate(door_));
    absl::Status status = VerifyIssued(door, authority_, Purpose::kDoor);
    // No key of this hub's is known yet, so nothing could tell an older program's door from a page.
    if (!status.ok() && VerifyIssued(door, authority_, Purpose::kOldDoor).ok())
      return absl::UnimplementedError(status.message());
    return status;
  }

  absl::Mutex mutex_;
  std::string door_ ABSL_GUARDED_BY(mutex_), authority_ ABSL_GUARDED_BY(mutex_);
};

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return absl::UnavailableError("连不上镇中心");
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
    return absl::DeadlineExceededError("镇中心没有及时回答，请再试一次");
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// Of the first question, which a hub never answers without naming its authority.
absl::Status NoHub(const grpc::Status& status, const std::string& address, bool answered) {
  constexpr char kLogIn[] = "如果上网要先在网页上登录，请先用浏览器登录；否则请向镇里核对地址，再试一次";
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return FromGrpc(status);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && !answered) {
    const std::string why = WhyUnreached(status.error_message());
    return absl::UnavailableError(absl::StripSuffix(why, "，会自动重试"));  // here a person tries again
  }
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    return absl::UnavailableError(Cat("连不上镇中心：地址 ", address, " 接了连接，没有回答就断了。", kLogIn));
  return absl::UnavailableError(
      Cat("连不上镇中心：地址 ", address, " 上应答的不是镇中心，像是网络的登录页面或代理，没有把邀请码告诉它。", kLogIn));
}

void SetDeadline(int timeout_ms, grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
}

}  // namespace

absl::StatusOr<v1::StationConfig> Enrol(const EnrolByCode& options) {
  RequireTls13();
  ASSIGN_OR_RETURN(InviteCode code, ParseCode(options.code));
  ASSIGN_OR_RETURN(v1::StationConfig before, FolderBefore(options.dir));
  std::string address = options.hub_address;
  if (address.empty()) address = code.hub_address.empty() ? before.hub_address() : code.hub_address;
  if (address.empty())
    return absl::InvalidArgumentError("邀请码里没有镇中心的地址，请用 --hub 写明主机和端口，如 192.168.1.10:7061");
  std::string host;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(address, &host, &port));
  ASSIGN_OR_RETURN(KeyPair key, OpenDeviceKey(options.dir, options.random));

  auto hub = std::make_shared<Hub>();
  auto accept = [hub](const std::string& der) { return hub->Accept(der); };
  std::unique_ptr<v1::DoorService::Stub> stub =
      v1::DoorService::NewStub(NewTlsChannel(address, DeviceIdentity(key, ""), accept));
  v1::EnrolByCodeRequest request;
  v1::EnrolResponse response;
  {
    grpc::ClientContext context;
    SetDeadline(options.timeout_ms, &context);
    grpc::Status status = stub->Enrol(&context, request, &response);
    auto& trailing = context.GetServerTrailingMetadata();
    auto authority = trailing.find(kAuthorityKey);
    if (authority == trailing.end()) return NoHub(status, address, hub->answered());
    absl::Status pinned = hub->Pin(std::string(authority->second.data(), authority->second.size()), code.fingerprint);
    if (absl::IsUnimplemented(pinned))
      return absl::FailedPreconditionError(
          Cat("地址 ", address, " 上的镇中心程序太旧，或者不是镇中心，没有把邀请码告诉它。请先升级镇中心"));
    if (!pinned.ok())
      return absl::FailedPreconditionError(
          Cat("地址 ", address, " 上的不是发这个邀请码的镇中心（指纹不符），没有把邀请码告诉它"));
  }
  request.set_secret(code.secret);
  request.set_device_name(options.device_name);
  for (;;) {
    grpc::ClientContext context;
    SetDeadline(options.timeout_ms, &context);
    response.Clear();
    const absl::Status answer = FromGrpc(stub->Enrol(&context, request, &response));
    if (answer.ok()) break;
    const auto& trailing = context.GetServerTrailingMetadata();
    const auto nonce = trailing.find(kEnrolNonceMetadata);
    if (nonce == trailing.end() || options.wait == nullptr) return answer;
    // Reckoned here, and not taken from the hub's words: of the key that this device has and the hub that it has found.
    if (!options.wait(EnrolDigits(key.public_key, hub->authority(), {nonce->second.data(), nonce->second.size()})))
      return answer;
  }
  if (Fingerprint(response.authority()).substr(0, code.fingerprint.size()) != code.fingerprint)
    return absl::InternalError("镇中心的回答不对");
  before.set_door_usage_seen(true);
  return WriteStation(options.dir, before, response, address);
}

}  // namespace liaison
