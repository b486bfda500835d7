#include "common/doctor/key_checks.h"

#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/crypto/certificate.h"
#include "common/crypto/sign.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"

namespace liaison {
namespace {

constexpr Check kKey{"key.file", "签名钥匙"}, kCertificate{"key.certificate", "证书"}, kDates{"key.dates", "证书期限"};
constexpr Check kAuthority{"key.authority", "签发证书的文件"};
constexpr char kEnrolAgain[] = "请凭镇里给的邀请码重新办理入网（liaison enrol）；本机的记录都还在";

// The key of the file, or nothing after a finding.
bool ReadKey(const std::string& dir, const char* when_gone, KeyPair* key, Findings* findings) {
  absl::StatusOr<KeyPair> read = LoadKeyPair(KeyPath(dir));
  if (read.ok()) {
    *key = *std::move(read);
    return true;
  }
  switch (read.status().code()) {
    case absl::StatusCode::kNotFound:
      findings->Problem(kKey, Cat("没有钥匙文件 ", KeyPath(dir)), when_gone);
      break;
    case absl::StatusCode::kFailedPrecondition:
      findings->Problem(kKey, Cat("钥匙文件 ", KeyPath(dir), " 别的用户也能读写，或不是普通文件"),
                        Cat("请运行 chmod 600 ", KeyPath(dir)));
      break;
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInvalidArgument:
      findings->Problem(kKey, Cat("钥匙文件 ", KeyPath(dir), " 损坏，或不是钥匙文件"), when_gone);
      break;
    default:
      findings->Problem(kKey, Cat("钥匙文件读不出来：", StdView(read.status().message())), "请检查磁盘和文件的属主");
  }
  return false;
}

void CheckDates(const Certificate& certificate, int64_t now_ms, Findings* findings) {
  const std::string until = BusinessDate(certificate.not_after_ms);
  constexpr char kRenews[] = "连上镇中心时会自动更新，不用办什么；一直没有更新的，看下面“联网”各项";
  if (now_ms > certificate.not_after_ms) {
    findings->Attention(kDates, Cat("证书已在 ", until, " 过期"), kRenews);
  } else if (!IsInDate(certificate, now_ms)) {
    findings->Attention(kDates, Cat("证书从 ", BusinessDate(certificate.not_before_ms), " 起才有效，本机时钟可能慢了"),
                        "请核对本机时钟（liaison clock）");
  } else if (IsRenewalDue(certificate, now_ms)) {
    findings->Attention(kDates, Cat("证书到 ", until, " 为止，已到该更新的时候"), kRenews);
  } else {
    findings->Good(kDates, Cat("到 ", until, " 为止，到期前会自动更新"));
  }
}

}  // namespace

void CheckDeviceKeys(const std::string& dir, const v1::StationConfig& config, int64_t now_ms, Findings* findings) {
  KeyPair key;
  const bool has_key = ReadKey(dir, kEnrolAgain, &key, findings);
  absl::StatusOr<Certificate> certificate = ReadCertificate(dir);
  if (has_key && certificate.ok() && certificate->public_key != key.public_key) {
    findings->Problem(kKey, "钥匙与证书不是一对：钥匙文件被换过，或是另一台设备的",
                      Cat("有这台设备原来的 key 文件就放回去；没有的，", kEnrolAgain));
  } else if (has_key) {
    findings->Good(kKey, certificate.ok() ? "完好，与证书是一对" : "完好");
  }
  if (absl::IsNotFound(certificate.status()) || config.authority().empty())
    return findings->Problem(kCertificate, "本机还没有证书", kEnrolAgain);
  if (!certificate.ok())
    return findings->Problem(kCertificate, std::string(certificate.status().message()), kEnrolAgain);
  const DeviceName name{config.station_id(), config.node_id()};
  if (certificate->name != name) {
    findings->Problem(kCertificate,
                      Cat("证书是设备 ", certificate->name.station, " ", certificate->name.node, " 的，不是这台设备 ",
                          name.station, " ", name.node, " 的"),
                      kEnrolAgain);
  } else if (!VerifyIssued(*certificate, config.authority(), Purpose::kDevice).ok()) {
    findings->Problem(kCertificate, "证书不是本镇的镇中心发的", kEnrolAgain);
  } else {
    findings->Good(kCertificate, Cat("由本镇的镇中心发给设备 ", name.node));
  }
  CheckDates(*certificate, now_ms, findings);
}

void CheckHubKeys(const std::string& dir, std::string_view known_key, Findings* findings) {
  constexpr char kFromBackup[] = "请从备份的 .keys 文件里拿回（liaison hub restore）；不要另建，各站点只认原来的";
  KeyPair key;
  if (ReadKey(dir, kFromBackup, &key, findings)) {
    if (!known_key.empty() && known_key != key.public_key) {
      findings->Problem(kKey, "钥匙文件不是镇中心启动时的那一把：被换过了", kFromBackup);
    } else {
      findings->Good(kKey, "完好");
    }
  }
  const std::string path = dir + "/authority";
  absl::StatusOr<Authority> authority = LoadAuthority(path);
  if (!authority.ok())
    return findings->Problem(kAuthority,
                             absl::IsNotFound(authority.status())
                                 ? Cat("没有文件 ", path, "，所有站点的证书都靠它")
                                 : Cat("文件 ", path, " 不能用：损坏，或别的用户也能读写"),
                             kFromBackup);
  findings->Good(kAuthority, "完好，钥匙与证书是一对");
}

}  // namespace liaison
