#include "common/daemon/page_names.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/crypto/page_certificate.h"

namespace liaison {
namespace {

constexpr size_t kMostAddresses = 8;

}  // namespace

std::vector<std::string> LocalNames(std::string_view station_id, std::string_view block, std::string_view node_id) {
  std::vector<std::string> names;
  const std::string station = absl::AsciiStrToLower(AbslView(station_id));
  names.push_back(Cat(station, ".local"));
  if (!block.empty()) names.push_back(Cat(station, "-", absl::AsciiStrToLower(AbslView(block)), ".local"));
  if (!node_id.empty()) names.push_back(Cat(absl::AsciiStrToLower(AbslView(node_id)), ".local"));
  std::erase_if(names, [](const std::string& name) { return !IsPageName(name); });
  return names;
}

std::vector<std::string> PresentAddresses() {
  std::vector<std::string> addresses;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(found, freeifaddrs);
  for (const ifaddrs* at = found; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_UP) == 0 || (at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    const int family = at->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    char text[NI_MAXHOST] = "";
    if (getnameinfo(at->ifa_addr, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) continue;
    const std::string address(text);
    // One with a scope (fe80::1%eth0) is no address for a browser.
    if (IsPrivateAddress(address)) addresses.push_back(address);
  }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  if (addresses.size() > kMostAddresses) addresses.resize(kMostAddresses);
  return addresses;
}

}  // namespace liaison
