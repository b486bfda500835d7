// Who may come in at the hub's door, decided in one place.
//
// TLS has shown that the peer holds the key of the certificate it presents, whatever that certificate says; it checks
// nothing else. Everything else is decided here, for every call of every method, the health service and unknown
// methods included: by the authority's signature, the roster, and the hub's clock.
//
//   presented                                          may call
//   nothing                                            nothing: TLS refuses it
//   signed by its own device key                       DoorService/Enrol
//   issued by our authority, out of date               DoorService/Renew
//   issued by our authority, in date                   everything but Enrol
//   issued by us, device revoked, unknown or changed   nothing: PERMISSION_DENIED
//   anything else                                      nothing: UNAUTHENTICATED
#ifndef LIAISON_HUB_DOOR_ADMISSION_H_
#define LIAISON_HUB_DOOR_ADMISSION_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/crypto/certificate.h"
#include "common/rules/roster/roster.h"

namespace grpc {
class AuthContext;
class ServerCredentials;
}  // namespace grpc

namespace liaison {

inline constexpr char kExchangeMethod[] = "/liaison.v1.SyncService/Exchange";
inline constexpr char kEnrolMethod[] = "/liaison.v1.DoorService/Enrol";
inline constexpr char kRenewMethod[] = "/liaison.v1.DoorService/Renew";

// Thread-safe.
class Admission {
 public:
  // `roster` and `clock` must outlive this.
  Admission(Authority authority, const RosterCache* roster, Clock* clock)
      : authority_(std::move(authority)), roster_(roster), clock_(clock) {}

  // Whether the holder of this certificate (PEM) may call this method now, and what the certificate says. For Enrol
  // its name is empty. kUnauthenticated: no certificate of ours, or one that must be renewed first; kPermissionDenied:
  // this device is not let in. Chinese.
  absl::StatusOr<Certificate> Decide(std::string_view method, std::string_view peer_pem) const;
  // Whether the roster still has this device of this station. kPermissionDenied. An empty key is not compared.
  absl::Status CheckDevice(const DeviceName& name, std::string_view public_key) const;

  const Authority& authority() const { return authority_; }
  Clock* clock() const { return clock_; }

 private:
  const Authority authority_;
  const RosterCache* const roster_;
  Clock* const clock_;
};

// The certificate that the peer of a call presented, as PEM; empty in clear text.
std::string PeerPem(const grpc::AuthContext& context);

// TLS 1.3 with a certificate from both ends; every call goes through Decide(). `admission` must outlive the server.
// REQUIRES: RequireTls13() was called.
std::shared_ptr<grpc::ServerCredentials> DoorCredentials(const Admission* admission);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_ADMISSION_H_
