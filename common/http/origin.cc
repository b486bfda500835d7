#include "common/http/origin.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"

namespace liaison::http {
namespace {

bool IsPort(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

std::string HostName(std::string_view host) {
  std::string_view name = host, port;
  if (host.starts_with("[")) {
    size_t end = host.find(']');
    if (end == std::string_view::npos) return "";
    name = host.substr(1, end - 1);
    std::string_view rest = host.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return "";
    if (!rest.empty()) port = rest.substr(1);
  } else if (size_t colon = host.find(':'); colon != std::string_view::npos) {
    if (host.find(':', colon + 1) == std::string_view::npos) {  // more than one: an IPv6 address without brackets
      name = host.substr(0, colon);
      port = host.substr(colon + 1);
    }
  }
  if (!IsPort(port) || name.find_first_of("/@ \t") != std::string_view::npos) return "";
  if (name.ends_with(".")) name.remove_suffix(1);
  return absl::AsciiStrToLower(AbslView(name));
}

bool IsLoopback(std::string_view name) {
  if (name == "localhost" || name == "::1") return true;
  std::vector<std::string> parts = absl::StrSplit(AbslView(name), '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    int value = 0;
    return !part.empty() && part.size() <= 3 && IsPort(part) && absl::SimpleAtoi(part, &value) && value <= 255;
  });
}

bool HostAllowed(std::string_view host, std::span<const std::string> names) {
  std::string name = HostName(host);
  if (name.empty()) return false;
  if (name == "localhost" || name == "127.0.0.1" || name == "::1") return true;
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool SameOrigin(std::string_view origin, std::string_view host) {
  size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  if (std::string_view s = origin.substr(0, scheme); s != "http" && s != "https") return false;
  return !host.empty() && absl::EqualsIgnoreCase(AbslView(origin.substr(scheme + 3)), AbslView(host));
}

}  // namespace liaison::http
