#include "hub/door/admission.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "hub/door/to_grpc.h"

namespace liaison {
namespace {

constexpr char kPathKey[] = ":path";

class Gate : public grpc::AuthMetadataProcessor {
 public:
  explicit Gate(const Admission* admission) : admission_(admission) {}
  bool IsBlocking() const override { return false; }
  // `context` belongs to the connection, not to the call: nothing of the decision may be left in it.
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    auto path = metadata.find(kPathKey);
    std::string method = path == metadata.end() ? "" : std::string(path->second.data(), path->second.size());
    absl::Status status = admission_->Decide(method, PeerPem(*context)).status();
    return ToGrpc(status);
  }

 private:
  const Admission* const admission_;
};

}  // namespace

absl::Status Admission::CheckDevice(const DeviceName& name, std::string_view public_key) const {
  std::shared_ptr<const Roster> roster = roster_->Get();
  auto node = roster->nodes.find(name.node);
  if (node == roster->nodes.end())
    return absl::PermissionDeniedError(Cat("镇里没有登记设备“", name.node, "”，请先办理入网"));
  if (node->second.revoked()) return absl::PermissionDeniedError(Cat("设备“", name.node, "”已被吊销"));
  if (node->second.station_id() != name.station)
    return absl::PermissionDeniedError(Cat("设备“", name.node, "”不属于站点 ", name.station));
  if (!public_key.empty() && node->second.public_key() != public_key)
    return absl::PermissionDeniedError(Cat("设备“", name.node, "”的密钥不是登记的那一把"));
  return absl::OkStatus();
}

absl::StatusOr<Certificate> Admission::Decide(std::string_view method, std::string_view peer_pem) const {
  absl::StatusOr<std::string> der = FirstOfPem(peer_pem);
  absl::StatusOr<Certificate> parsed = der.ok() ? ParseCertificate(*der) : der.status();
  if (!parsed.ok()) return absl::UnauthenticatedError("没有证书");
  Certificate certificate = *std::move(parsed);
  if (certificate.public_key.empty()) return absl::UnauthenticatedError("证书不是设备的证书");
  if (!VerifyIssued(certificate, authority_.certificate, Purpose::kDevice).ok()) {
    if (!certificate.self_signed) return absl::UnauthenticatedError("证书不是本镇中心发的");
    if (method != kEnrolMethod) return absl::UnauthenticatedError("设备还没有入网");
    certificate.name = {};  // whatever it calls itself
    return certificate;
  }
  RETURN_IF_ERROR(CheckDevice(certificate.name, certificate.public_key));
  if (method == kEnrolMethod) return absl::PermissionDeniedError("设备已经入网");
  if (method == kRenewMethod || IsInDate(certificate, clock_->NowMs())) return certificate;
  return absl::UnauthenticatedError("证书不在有效期内，请先更新证书");
}

std::string PeerPem(const grpc::AuthContext& context) {
  std::vector<grpc::string_ref> values = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return values.size() == 1 ? std::string(values[0].data(), values[0].size()) : "";
}

std::shared_ptr<grpc::ServerCredentials> DoorCredentials(const Admission* admission) {
  TlsIdentity door = IssueDoor(admission->authority(), admission->clock()->NowMs());
  std::vector<grpc::experimental::IdentityKeyCertPair> pairs = {{door.secret_key, door.certificate}};
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>("", pairs));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<Gate>(admission));
  return credentials;
}

}  // namespace liaison
