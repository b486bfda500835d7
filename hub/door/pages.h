// What the hub issues to pages on village networks, its own and the stations'.
#ifndef LIAISON_HUB_DOOR_PAGES_H_
#define LIAISON_HUB_DOOR_PAGES_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/crypto/certificate.h"
#include "common/store/store.h"

namespace liaison {

// Whether a clerk has allowed the page of `place`, a station or kHubStation, on its village's network.
bool NetworkAllowed(const StoreReader& reader, std::string_view place);

// Thread-safe.
class PageIssuer {
 public:
  static constexpr int64_t kDays = 90;

  // The authority of DIR/page-authority; made where there is none, for a folder that never had one. One that had one
  // gets another, and the log says that phones must trust anew. Other errors as LoadAuthority(), in Chinese.
  static absl::StatusOr<std::unique_ptr<PageIssuer>> Open(const std::string& dir, Store* store, Clock* clock);

  PageIssuer(Authority authority, const Store* store, Clock* clock)
      : authority_(std::move(authority)), store_(store), clock_(clock) {}

  // A certificate for the page of this device, or of the hub (kHubStation, no node). kPermissionDenied: it is not
  // allowed on its village's network. kInvalidArgument: a name that is neither a private address nor its own. Chinese.
  absl::StatusOr<std::string> Issue(const DeviceName& device, std::string_view block, std::string_view public_key,
                                    const std::vector<std::string>& names) const;
  const std::string& authority() const { return authority_.certificate; }

 private:
  const Authority authority_;
  const Store* const store_;
  Clock* const clock_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_PAGES_H_
