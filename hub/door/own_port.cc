#include "hub/door/own_port.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>
#include <memory>

#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/crypto/certificate.h"

namespace liaison {
namespace {

std::shared_ptr<grpc::ChannelCredentials> Nobody() {
  namespace tls = grpc::experimental;
  const TlsIdentity identity = DeviceIdentity(GenerateKeyPair(SystemRandom()), "");
  std::vector<tls::IdentityKeyCertPair> pairs = {{identity.secret_key, identity.certificate}};
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>("", pairs));
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);  // nothing is told to the other end, and its certificate is read elsewhere
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  return tls::TlsCredentials(options);
}

}  // namespace

absl::Status AskOwnPort(const std::string& address, bool clear, int ms) {
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  const std::string here = host == "0.0.0.0" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetString(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, kDoorName);
  const std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
      Cat(here, colon == std::string::npos ? "" : address.substr(colon)),
      clear ? grpc::InsecureChannelCredentials() : Nobody(), arguments);
  const auto deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(ms);
  for (grpc_connectivity_state state = channel->GetState(true);;) {
    if (state == GRPC_CHANNEL_READY) return absl::OkStatus();
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) return absl::UnavailableError("ended");
    if (!channel->WaitForStateChange(state, deadline)) return absl::DeadlineExceededError("no answer");
    state = channel->GetState(true);
  }
}

}  // namespace liaison
