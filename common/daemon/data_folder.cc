// What daemon.h says of a data folder and of addresses, apart from the run loop: the decoders under test need it alone.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/file.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/record/json.h"

namespace liaison {

std::string DbPath(const std::string& dir) { return dir + "/db"; }
std::string KeyPath(const std::string& dir) { return dir + "/key"; }

absl::Status ReadConfig(const std::string& path, google::protobuf::Message* config) {
  ASSIGN_OR_RETURN(std::string json, ReadFile(path));
  absl::Status status = FromJson(json, config);
  return status.ok() ? status : absl::InvalidArgumentError(Cat(path, "：", status.message()));
}

absl::Status WriteConfig(const std::string& path, const google::protobuf::Message& config) {
  return WriteFileAtomically(path, ToJson(config) + "\n");
}

absl::Status ParseAddress(const std::string& address, std::string* host, int* port) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), port) || *port < 0 || *port > 65535)
    return absl::InvalidArgumentError(Cat("地址“", address, "”应写主机和端口，如 127.0.0.1:7060"));
  *host = address.substr(0, colon);
  return absl::OkStatus();
}

absl::StatusOr<std::string> PlainAddress(std::string_view typed) {
  const std::string text = RemoveSpaces(Fold(typed));
  const absl::Status wrong =
      absl::InvalidArgumentError(Cat("镇中心地址“", typed, "”不对，应写明主机和端口，如 192.168.1.10:7061"));
  std::string host;
  int port = 0;
  if (!ParseAddress(text, &host, &port).ok() || port == 0) return wrong;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const bool v6 = host.find(':') != std::string::npos && host.find_first_of("/,") == std::string::npos;
    return v6 ? absl::StatusOr<std::string>(Cat(host, ":", port)) : wrong;
  }
  absl::AsciiStrToLower(&host);
  if (host.ends_with('.')) host.pop_back();
  const bool name = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
  });
  return name ? absl::StatusOr<std::string>(Cat(host, ":", port)) : wrong;
}

}  // namespace liaison
