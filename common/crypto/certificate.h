// Certificates: the hub's authority, and what it issues to its own door and to the stations' devices (X.509, RFC 5280).
//
// Two algorithms. A device's key is its signing key (sign.h, Ed25519), so that holding it is proved by TLS itself. The
// authority and the hub's door sign with ECDSA on P-256, which browsers know too. X.509 carries an algorithm id (OID)
// beside every key and signature; the authority's file carries one of ours. SM2 with SM3 has a reserved one.
//
// Nothing here looks at a clock: dates are read and returned, and whoever judges them brings his own time. A device is
// named by its subject: OU is the station, CN the node.
//
// Keys and signatures of P-256 and serial numbers draw from OpenSSL's generator, not from the port of base/ports.h.
// Certificates travel as DER in messages and files, and as PEM to and from the TLS library. Threads: any.
#ifndef LIAISON_COMMON_CRYPTO_CERTIFICATE_H_
#define LIAISON_COMMON_CRYPTO_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/sign.h"

namespace liaison {

enum AuthorityAlgorithm : uint8_t {
  kEcdsaP256Sha256 = 1,  // SM2 with SM3 = 2 is reserved
};

// What a hub's certificates hang on.
struct Authority {
  uint8_t algorithm = kEcdsaP256Sha256;
  std::string certificate;  // DER, signed by itself
  std::string secret_key;   // DER, PKCS #8
};

// A fresh key. The certificate has no end of its own (RFC 5280, 4.1.2.5): it lasts as long as the hub's data folder.
Authority NewAuthority(int64_t now_ms);

// The authority file, mode 0600, written like the key file (sign.h), never overwritten:
//
//   file    := magic "LIAISONC" | version u8 = 1 | algorithm u8 | certificate | secret key | checksum 32
//   certificate, secret key := length varint, DER
//   checksum = SHA-256 of everything before it; against damage, not against forgery
//
// The codes are those of SaveKeyPair() and LoadKeyPair().
absl::Status SaveAuthority(const std::string& path, const Authority& authority);
absl::StatusOr<Authority> LoadAuthority(const std::string& path);

// SHA-256 of a certificate, 32 bytes. A prefix of 16 is enough to know an authority again: forging one means finding
// a second certificate for a given prefix.
std::string Fingerprint(std::string_view certificate);

struct DeviceName {
  std::string station, node;
  bool operator==(const DeviceName&) const = default;
};

// A device's certificate, DER. kInvalidArgument: no Ed25519 public key, or a name that is empty, longer than 64 bytes
// or not ASCII.
// REQUIRES: `authority` comes from NewAuthority() or LoadAuthority().
absl::StatusOr<std::string> IssueDevice(const Authority& authority, const DeviceName& name, std::string_view public_key,
                                        int64_t not_before_ms, int64_t not_after_ms);

// What one end presents in TLS, as PEM.
struct TlsIdentity {
  std::string certificate;
  std::string secret_key;
};
// The hub's door, with a key of its own that stands nowhere but here. As long as the authority.
TlsIdentity IssueDoor(const Authority& authority, int64_t now_ms);
// A device. `certificate` (DER) is the one issued to it; empty: one that it signs itself, which proves the key and
// names nobody. REQUIRES as Sign().
TlsIdentity DeviceIdentity(const KeyPair& keys, std::string_view certificate);

// What a certificate says. Without VerifyIssued() it is only a claim.
struct Certificate {
  std::string der;
  DeviceName name;         // empty where it names none
  std::string public_key;  // 32 bytes; empty unless it is Ed25519
  int64_t not_before_ms = 0, not_after_ms = 0;
  bool self_signed = false;  // by its own key, verified
  std::string key_hash;      // SHA-256 of its public key, whatever the kind (SubjectPublicKeyInfo, DER)
};
// kInvalidArgument: no certificate, or bytes behind it.
absl::StatusOr<Certificate> ParseCertificate(std::string_view der);
// The first certificate of a PEM text, DER.
absl::StatusOr<std::string> FirstOfPem(std::string_view pem);

inline constexpr char kDoorName[] = "hub";  // CN of the door: what a station asks for in the handshake
// kDoor asks for the usage of its own that doors carry (1.3.6.1.5.5.7.3 has none that a web page would not carry too),
// and for the hub's name. kOldDoor, of programs up to 0.4.0, goes without the usage: whoever accepts one must know its
// key by other means, for a page's certificate looks the same.
enum class Purpose { kDevice, kDoor, kOldDoor };
// OK: signed by the authority, for this purpose. Dates are not looked at. kUnauthenticated: not so.
absl::Status VerifyIssued(const Certificate& certificate, std::string_view authority_certificate, Purpose purpose);

// From now on every TLS context that this process makes refuses versions before 1.3: the packaged gRPC sets no lower
// bound above 1.2. Once, before the first context.
void RequireTls13();

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_CERTIFICATE_H_
