// What a page on a village's network is reached by: names under .local and this machine's private addresses.
#ifndef LIAISON_COMMON_DAEMON_PAGE_NAMES_H_
#define LIAISON_COMMON_DAEMON_PAGE_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

namespace liaison {

// The names of one device's page: of its station, of its block there, and of itself; all in small letters. The hub
// issues certificates for no others. "hk-d057.local", "hk-d057-b.local", "n-0123456789abcdef.local"; of the hub
// "hub.local".
std::vector<std::string> LocalNames(std::string_view station_id, std::string_view block, std::string_view node_id);

// The private addresses of this machine's network cards that are up, loopback aside; sorted, at most 8.
std::vector<std::string> PresentAddresses();

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_PAGE_NAMES_H_
