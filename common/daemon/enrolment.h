// What enrolment leaves in a station's data folder, on whichever way it came: from a hub on this machine, or with a
// code over the network. The order is what makes a repetition safe after any interruption: the device key first, so
// that the hub knows the device again; station.json, which makes the folder a station's, last.
//
//   DIR/key               made on the device, never leaves it
//   DIR/enrolment         the signed batches of the feed "all", so that the station works without a network at once
//   DIR/certificate.der   of the device; renewed in place
//   DIR/station.json      who this station is, and which hub is its own
//
//   enrolment := "LIAISONE" count:varint message:string*        messages as in codec/message_codec.h
#ifndef LIAISON_COMMON_DAEMON_ENROLMENT_H_
#define LIAISON_COMMON_DAEMON_ENROLMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/certificate.h"
#include "common/crypto/sign.h"
#include "liaison/v1/config.pb.h"
#include "liaison/v1/devices.pb.h"

namespace liaison {

absl::Status WriteEnrolment(const std::string& dir, const std::vector<std::string>& messages);
// Empty if there is no such file. kInvalidArgument if it is damaged; errors of files as in base/file.h.
absl::StatusOr<std::vector<std::string>> ReadEnrolment(const std::string& dir);

// What the folder is so far: empty if it is nobody's. kFailedPrecondition (Chinese): it holds a hub's data.
absl::StatusOr<v1::StationConfig> FolderBefore(const std::string& dir);
// Makes the folder, open to its owner alone, and its key, unless they are there.
absl::StatusOr<KeyPair> OpenDeviceKey(const std::string& dir, Random* random);
// Writes what the hub answered. kFailedPrecondition (Chinese), with nothing written: the folder is another station's
// or another hub's.
absl::StatusOr<v1::StationConfig> WriteStation(const std::string& dir, const v1::StationConfig& before,
                                               const v1::EnrolResponse& response, const std::string& hub_address);

// Written atomically. Reading: kNotFound if there is none; other errors of files as in base/file.h.
absl::Status WriteCertificate(const std::string& dir, std::string_view der);
absl::StatusOr<Certificate> ReadCertificate(const std::string& dir);

// How long a device's certificate lasts, and whether the hub gives, and the station asks for, another one at `now_ms`:
// when a third of the time is left, or when it is not in date at all. A box that lay in a cupboard for four months is
// still in date; one that lay there longer renews first.
inline constexpr int64_t kCertificateDays = 365;
bool IsInDate(const Certificate& certificate, int64_t now_ms);
bool IsRenewalDue(const Certificate& certificate, int64_t now_ms);

// The six digits that a person compares before a further device of a station is let in: of its key, the authority that
// it found the hub by, and a nonce that the hub drew after it had seen the key, so that nobody can try keys until the
// digits are another device's.
//   SHA-256("liaison-enrol-digits-1" | public key:string | authority's certificate:string | nonce:string), the first 8
//   bytes as a number, modulo a million
std::string EnrolDigits(std::string_view public_key, std::string_view authority, std::string_view nonce);
inline constexpr size_t kEnrolNonceBytes = 16;
// "123 456", as it is read out.
std::string SpacedDigits(std::string_view digits);
// With the refusal of a device that has to wait: the nonce. In the trailing metadata of DoorService/Enrol.
inline constexpr char kEnrolNonceMetadata[] = "liaison-waits-bin";

// What the hub signs when a station asks for the time: "liaison-time-1", the nonce, the time.
std::string TimeSigningBytes(std::string_view nonce, int64_t time_ms);
inline constexpr size_t kTimeNonceBytes = 16;
// With a station's stream: what its clock says, in milliseconds, for the hub to show beside its own.
inline constexpr char kClockMetadata[] = "liaison-clock-ms";

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_ENROLMENT_H_
