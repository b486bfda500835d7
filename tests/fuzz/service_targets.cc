#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "common/base/bytes.h"
#include "common/base/text_forms.h"
#include "common/daemon/daemon.h"
#include "common/http/connect.h"
#include "common/http/origin.h"
#include "hub/hub_node.h"
#include "station/station_node.h"
#include "tests/fuzz/targets.h"

namespace liaison::testing_fuzz {
namespace {

constexpr int kMostCalls = 8;

// "PATH\nJSON" calls, one behind the other with a NUL between, on one node.
template <typename Node>
void Calls(Node* node, std::string_view bytes) {
  for (int calls = 0; !bytes.empty() && calls < kMostCalls; ++calls) {
    std::string_view call = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(bytes.size(), call.size() + 1));
    size_t end = call.find('\n');
    std::string path(call.substr(0, end));
    std::string_view json = end == std::string_view::npos ? std::string_view() : call.substr(end + 1);
    absl::StatusOr<std::string> answer = node->dispatcher().Call(path, json, Caller{"li"});
    if (answer.ok()) {
      Require(IsUtf8(*answer), "an answer is JSON");
      continue;
    }
    Require(!answer.status().message().empty(), "an error says why");
    absl::StatusCode code = answer.status().code();
    Require(code != absl::StatusCode::kInternal && code != absl::StatusCode::kUnknown &&
                code != absl::StatusCode::kDataLoss,
            "no request is our own fault");
    Require(IsUtf8(http::ErrorBody(answer.status())), "an error is JSON");
  }
  Require(node->store()->Verify().ok(), "whatever was asked, the records are what their ops say");
}

struct Folders {
  std::string path;
  Folders() {
    std::string pattern = std::filesystem::temp_directory_path() / "liaison-fuzz-XXXXXX";
    path = mkdtemp(pattern.data());
    for (const char* name : {"/station", "/hub"}) {
      std::filesystem::create_directory(path + name);
      SeededRandom random(5);
      Require(SaveKeyPair(KeyPath(path + name), GenerateKeyPair(&random)).ok(), "a key");
    }
    v1::StationConfig config;
    config.set_station_id("HK-D057");
    config.set_node_id("1");
    Require(WriteConfig(path + "/station/station.json", config).ok(), "a configuration");
  }
  ~Folders() { std::filesystem::remove_all(path); }
};

const std::string& Home() {
  static const Folders folders;
  return folders.path;
}

void StationRequests(std::string_view bytes) {
  ManualClock clock;
  SeededRandom random(1);
  StationNode::Options options;
  options.dir = Home() + "/station";
  options.link = false;
  options.kv = NewMemoryKv();
  options.clock = &clock;
  options.random = &random;
  absl::StatusOr<std::unique_ptr<StationNode>> node = StationNode::Open(std::move(options));
  Require(node.ok(), "a station");
  Calls(node->get(), bytes);
}

void HubRequests(std::string_view bytes) {
  ManualClock clock;
  SeededRandom random(1);
  HubNode::Options options;
  options.dir = Home() + "/hub";
  options.kv = NewMemoryKv();
  options.sync_address = "";
  options.clock = &clock;
  options.random = &random;
  absl::StatusOr<std::unique_ptr<HubNode>> node = HubNode::Open(std::move(options));
  Require(node.ok(), "a hub");
  Calls(node->get(), bytes);
}

// The status of the answer in two bytes, then its body; and headers as any page may send them.
void ErrorAnswers(std::string_view bytes) {
  if (bytes.size() < 2) return;
  int http_status = static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]);
  absl::Status error = http::ErrorOfBody(http_status, bytes.substr(2));
  Require(!error.ok() && !error.message().empty(), "an error is an error and says why");
  absl::Status again = http::ErrorOfBody(http::HttpStatus(error.code()), http::ErrorBody(error));
  Require(again.code() == error.code(), "an error keeps its code on the way");
  std::string_view header = bytes.substr(2);
  size_t middle = header.size() / 2;
  std::string name = http::HostName(header);
  Require(name.empty() || http::HostName(header).find('/') == std::string::npos, "a host's name is a name");
  http::IsLoopback(header);
  http::SameOrigin(header.substr(0, middle), header.substr(middle));
  std::string host, json;
  int port = -1;
  if (ParseAddress(std::string(header), &host, &port).ok()) Require(port >= 0 && port <= 65535, "a port is a port");
}

}  // namespace

std::vector<Target> ServiceTargets() {
  return {{"station", StationRequests}, {"hub", HubRequests}, {"error", ErrorAnswers}};
}

}  // namespace liaison::testing_fuzz
