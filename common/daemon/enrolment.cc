#include "common/daemon/enrolment.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_format.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/daemon/daemon.h"

namespace liaison {
namespace {

constexpr std::string_view kMagic = "LIAISONE";
constexpr int64_t kClockStepMs = 300'000;  // by which the hub's clock may be set back without a renewal

std::string PathIn(const std::string& dir) { return dir + "/enrolment"; }
std::string ConfigPath(const std::string& dir) { return dir + "/station.json"; }
std::string CertificatePath(const std::string& dir) { return dir + "/certificate.der"; }

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

absl::Status WriteEnrolment(const std::string& dir, const std::vector<std::string>& messages) {
  std::string bytes(kMagic);
  ByteWriter out(&bytes);
  out.Varint(messages.size());
  for (const std::string& message : messages) out.String(message);
  return WriteFileAtomically(PathIn(dir), bytes);
}

absl::StatusOr<std::vector<std::string>> ReadEnrolment(const std::string& dir) {
  std::vector<std::string> messages;
  absl::StatusOr<std::string> bytes = ReadFile(PathIn(dir));
  if (absl::IsNotFound(bytes.status())) return messages;
  RETURN_IF_ERROR(bytes.status());
  ByteReader in(*bytes);
  if (in.Raw(kMagic.size()) != kMagic) return absl::InvalidArgumentError(Cat(PathIn(dir), "：不是入网文件"));
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) messages.emplace_back(in.String());
  RETURN_IF_ERROR(in.Finish("enrolment file"));
  return messages;
}

absl::StatusOr<v1::StationConfig> FolderBefore(const std::string& dir) {
  v1::StationConfig config;
  absl::Status read = ReadConfig(ConfigPath(dir), &config);
  if (read.ok()) return config;
  if (!absl::IsNotFound(read)) return read;
  if (Exists(DbPath(dir)) || Exists(dir + "/authority"))
    return absl::FailedPreconditionError(Cat("文件夹 ", dir, " 里已有别的数据，不能用作站点"));
  return v1::StationConfig();
}

absl::StatusOr<KeyPair> OpenDeviceKey(const std::string& dir, Random* random) {
  RETURN_IF_ERROR(MakeFolder(dir));
  RETURN_IF_ERROR(KeepPrivate(dir));
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(dir));
  if (!absl::IsNotFound(key.status())) return key;
  KeyPair fresh = GenerateKeyPair(random);
  RETURN_IF_ERROR(SaveKeyPair(KeyPath(dir), fresh));
  return fresh;
}

absl::StatusOr<v1::StationConfig> WriteStation(const std::string& dir, const v1::StationConfig& before,
                                               const v1::EnrolResponse& response, const std::string& hub_address) {
  if (!before.station_id().empty() && before.station_id() != response.station_id())
    return absl::FailedPreconditionError(Cat("文件夹 ", dir, " 属于站点 ", before.station_id()));
  if (!before.hub_public_key().empty() && before.hub_public_key() != response.hub_public_key())
    return absl::FailedPreconditionError(Cat("文件夹 ", dir, " 在另一个镇中心入过网"));
  RETURN_IF_ERROR(WriteEnrolment(dir, {response.messages().begin(), response.messages().end()}));
  if (!response.certificate().empty()) RETURN_IF_ERROR(WriteCertificate(dir, response.certificate()));
  v1::StationConfig config;
  config.set_station_id(response.station_id());
  config.set_node_id(response.node_id());
  config.set_block(response.block());
  config.set_hub_public_key(response.hub_public_key());
  config.set_hub_address(hub_address);
  config.set_township(response.township());
  config.set_authority(response.authority());
  config.set_door_usage_seen(before.door_usage_seen());
  config.set_door_key(before.door_key());
  // A folder of an older version that enrols again goes on as it was, until the township asks for logins.
  config.set_login(before.station_id().empty() || before.login());
  RETURN_IF_ERROR(WriteConfig(ConfigPath(dir), config));
  return config;
}

absl::Status WriteCertificate(const std::string& dir, std::string_view der) {
  return WriteFileAtomically(CertificatePath(dir), der);
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& dir) {
  ASSIGN_OR_RETURN(std::string der, ReadFile(CertificatePath(dir)));
  absl::StatusOr<Certificate> certificate = ParseCertificate(der);
  if (!certificate.ok()) return absl::InvalidArgumentError(Cat(CertificatePath(dir), "：不是证书"));
  return certificate;
}

bool IsInDate(const Certificate& certificate, int64_t now_ms) {
  return certificate.not_before_ms - kClockStepMs <= now_ms && now_ms <= certificate.not_after_ms;
}

bool IsRenewalDue(const Certificate& certificate, int64_t now_ms) {
  int64_t third = (certificate.not_after_ms - certificate.not_before_ms) / 3;
  return !IsInDate(certificate, now_ms) || certificate.not_after_ms - now_ms <= third;
}

std::string EnrolDigits(std::string_view public_key, std::string_view authority, std::string_view nonce) {
  std::string bytes = "liaison-enrol-digits-1";
  ByteWriter out(&bytes);
  for (std::string_view part : {public_key, authority, nonce}) out.String(part);
  const std::string hash = Sha256(bytes);
  return absl::StrFormat("%06d", ByteReader(hash).Fixed64() % 1'000'000);
}

std::string SpacedDigits(std::string_view digits) {
  return digits.size() == 6 ? Cat(digits.substr(0, 3), " ", digits.substr(3)) : std::string(digits);
}

std::string TimeSigningBytes(std::string_view nonce, int64_t time_ms) {
  std::string bytes = "liaison-time-1";
  ByteWriter out(&bytes);
  out.String(nonce);
  out.Fixed64(static_cast<uint64_t>(time_ms));
  return bytes;
}

}  // namespace liaison
