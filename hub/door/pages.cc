#include "hub/door/pages.h"

#include <algorithm>

#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/page_certificate.h"
#include "common/daemon/page_names.h"
#include "common/record/view.h"
#include "liaison/v1/people.pb.h"

namespace liaison {
namespace {

constexpr char kPageAuthorityMeta[] = "page-authority-fingerprint";
constexpr int64_t kPageDayMs = 86'400'000;

}  // namespace

bool NetworkAllowed(const StoreReader& reader, std::string_view place) {
  const std::optional<Aggregate> rights = reader.Load(RecordId::Master(TypeOf<v1::Rights>().type(), place));
  return rights && Show<v1::Rights>(*rights).network_allowed();
}

absl::StatusOr<std::unique_ptr<PageIssuer>> PageIssuer::Open(const std::string& dir, Store* store, Clock* clock) {
  const std::string path = dir + "/page-authority";
  absl::StatusOr<Authority> authority = LoadAuthority(path);
  const std::optional<std::string> known = store->GetMeta(kPageAuthorityMeta);
  if (absl::IsNotFound(authority.status())) {
    if (known) LogWarning(Cat("文件 ", path, " 不在了，已另建；手机和电脑要重新信任网页证书"));
    authority = NewPageAuthority(clock->NowMs());
    RETURN_IF_ERROR(SaveAuthority(path, *authority));
  }
  if (!authority.ok())
    return absl::Status(authority.status().code(),
                        Cat("读不出签发网页证书的文件 ", path, "：", authority.status().message()));
  const std::string fingerprint = Fingerprint(authority->certificate);
  if (known != fingerprint) RETURN_IF_ERROR(store->PutMeta(kPageAuthorityMeta, fingerprint));
  return std::make_unique<PageIssuer>(*std::move(authority), store, clock);
}

absl::StatusOr<std::string> PageIssuer::Issue(const DeviceName& device, std::string_view block,
                                              std::string_view public_key,
                                              const std::vector<std::string>& names) const {
  if (!NetworkAllowed(store_->Read(), device.station))
    return absl::PermissionDeniedError("镇里没有允许这个站点使用村内网络");
  const std::vector<std::string> own = LocalNames(device.station, block, device.node);
  for (const std::string& name : names)
    if (!IsPrivateAddress(name) && std::find(own.begin(), own.end(), name) == own.end())
      return absl::InvalidArgumentError(
          Cat("网页证书不发给“", name.substr(0, 64), "”：只发给内网地址和本站自己的名称"));
  const int64_t now = clock_->NowMs();
  absl::StatusOr<std::string> issued =
      IssuePage(authority_, public_key, names, now - kPageDayMs, now + kDays * kPageDayMs);
  if (!issued.ok()) return absl::InvalidArgumentError("网页证书的申请不对：没有名称、名称太多，或密钥不对");
  return issued;
}

}  // namespace liaison
