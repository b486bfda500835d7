#include "common/daemon/lan_door.h"

#include <algorithm>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/page_certificate.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/trust_page.h"
#include "common/http/server.h"

namespace liaison {
namespace {

constexpr absl::Duration kAskAgainAfter = absl::Minutes(1);
constexpr char kCertificateMime[] = "application/x-x509-ca-cert";

// "https://[fe80::1]:7443/"
std::string UrlOf(const std::string& host, int port) {
  return host.find(':') == std::string::npos ? Cat("https://", host, ":", port, "/")
                                             : Cat("https://[", host, "]:", port, "/");
}

}  // namespace

std::string FingerprintText(std::string_view certificate) {
  const std::string hex = Hex(Fingerprint(certificate));
  std::string text;
  for (size_t i = 0; i < hex.size(); i += 4) text += Cat(i == 0 ? "" : " ", hex.substr(i, 4));
  return text;
}

LanDoor::LanDoor(Options options) : options_(std::move(options)) {
  v1::PageConfig held;
  if (!ReadConfig(options_.dir + "/page.json", &held).ok()) return;  // it is asked for again
  absl::MutexLock lock(&mutex_);
  authority_ = held.authority();
  if (!authority_.empty()) state_.set_fingerprint(FingerprintText(authority_));
}

void LanDoor::Register(http::Server* server) {
  server->Get("/trust", [this](const http::Call&) {
    return absl::StatusOr<http::File>(http::File{"text/html; charset=utf-8", "", TrustPage()});
  });
  server->Get("/page-authority.crt", [this](const http::Call&) -> absl::StatusOr<http::File> {
    absl::MutexLock lock(&mutex_);
    if (authority_.empty()) return absl::NotFoundError("还没有网页证书：镇里允许村内网络并连上镇中心以后才有");
    return http::File{kCertificateMime, "", authority_};
  });
}

v1::NetworkState LanDoor::State() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

std::string LanDoor::TrustPage() const {
  absl::MutexLock lock(&mutex_);
  return TrustPageOf(state_.address(), state_.fingerprint());
}

void LanDoor::Step(http::Server* server) {
  const bool allowed = options_.allowed();
  std::string trouble;
  if (!allowed || !options_.login_required()) {
    if (server->network_port() != 0) LogInfo("村内网络已关闭");
    server->CloseNetwork();
    if (allowed) trouble = "还没有要求登录：先由镇里要求这个站点登录，才能用村内网络";
    absl::MutexLock lock(&mutex_);
    state_.set_allowed(allowed);
    state_.clear_address();
    state_.set_trouble(trouble);
    return;
  }
  const std::vector<std::string> addresses = options_.addresses();
  trouble = Open(server, addresses);
  const int port = server->network_port();
  absl::MutexLock lock(&mutex_);
  state_.set_allowed(true);
  state_.set_address(port == 0 ? "" : UrlOf(addresses.empty() ? options_.names.front() : addresses.front(), port));
  state_.set_trouble(trouble);
}

// Why it is not open as it should be (Chinese); empty: it is.
std::string LanDoor::Open(http::Server* server, const std::vector<std::string>& addresses) {
  const absl::StatusOr<std::string> key = OpenPageKey(options_.dir + "/page.key");
  const absl::StatusOr<std::string> half = key.ok() ? PublicHalf(*key) : key.status();
  if (!half.ok()) return Cat("读不出或写不了网页的密钥 ", options_.dir, "/page.key");
  std::vector<std::string> names = options_.names;
  names.insert(names.end(), addresses.begin(), addresses.end());
  if (names.size() > kMostPageNames) names.resize(kMostPageNames);
  const absl::StatusOr<v1::PageConfig> held = Held(*half, names);
  if (!held.ok()) {
    server->CloseNetwork();
    return std::string(held.status().message());
  }
  if (served_ != held->certificate()) {
    const TlsIdentity identity = PageIdentity(held->certificate(), held->authority(), *key);
    if (absl::Status set = server->SetNetwork(identity, PageNamesOf(held->certificate())); !set.ok())
      return "网页证书用不了，一分钟后另要一份";
    served_ = held->certificate();
  }
  if (server->network_port() != 0) return "";
  absl::Status opened = server->OpenNetwork(options_.host, options_.port);
  // A machine without IPv6 has no "::".
  if (absl::IsUnavailable(opened) && options_.host == "::") opened = server->OpenNetwork("0.0.0.0", options_.port);
  if (!opened.ok()) return std::string(opened.message());
  LogInfo(Cat("村内网络已打开，端口 ", server->network_port()));
  return "";
}

// The certificate on the disk, if it is good for long enough and for these names, else a new one. One that is in date
// serves on where there is no new one.
absl::StatusOr<v1::PageConfig> LanDoor::Held(const std::string& public_key, const std::vector<std::string>& names) {
  const std::string path = options_.dir + "/page.json";
  v1::PageConfig held;
  const bool read = ReadConfig(path, &held).ok();
  const absl::StatusOr<Certificate> leaf = ParseCertificate(held.certificate());
  const bool ours = read && leaf.ok() && IsInDate(*leaf, options_.clock->NowMs()) &&
                    VerifyPage(held.certificate(), held.authority(), public_key, names.front()).ok();
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const bool fresh = ours && !IsRenewalDue(*leaf, options_.clock->NowMs()) && PageNamesOf(held.certificate()) == sorted;
  if (fresh) return held;
  const absl::Time now = absl::FromUnixMillis(SteadyMs());
  if (asked_ && now - *asked_ < kAskAgainAfter && asked_names_ == sorted)
    return ours ? absl::StatusOr<v1::PageConfig>(held) : absl::UnavailableError(ask_error_);
  asked_ = now;
  asked_names_ = sorted;
  absl::StatusOr<v1::PageConfig> issued = options_.ask(public_key, names);
  if (!issued.ok()) {
    ask_error_ = std::string(issued.status().message());
    LogWarning(Cat("没有拿到新的网页证书：", ask_error_));
    return ours ? absl::StatusOr<v1::PageConfig>(held) : issued.status();
  }
  RETURN_IF_ERROR(WriteConfig(path, *issued));
  absl::MutexLock lock(&mutex_);
  authority_ = issued->authority();
  state_.set_fingerprint(FingerprintText(authority_));
  return issued;
}

}  // namespace liaison
