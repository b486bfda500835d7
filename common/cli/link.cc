#include "common/cli/link.h"

#include <signal.h>

#include <cerrno>
#include <filesystem>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/process.h"
#include "common/http/connect.h"
#include "common/service/daemon.h"
#include "common/service/dispatcher.h"
#include "liaison/v1/services.pb.h"

namespace liaison::cli {
namespace {

constexpr char kStatusPath[] = "/liaison.v1.RecordService/GetStatus";
constexpr int kLookTimeoutMs = 3'000;
constexpr int kCallTimeoutMs = 600'000;  // an import of years of records is one call

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool Lives(int pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

bool IsDaemonOf(const std::string& dir, const std::string& status_json) {
  v1::GetStatusResponse status;
  if (!FromJson(status_json, &status).ok()) return false;
  if (KindOf(dir) != FolderKind::kStation) return status.role() == "hub";
  v1::StationConfig config;
  return status.role() == "station" && ReadConfig(dir + "/station.json", &config).ok() &&
         status.station_id() == config.station_id() && status.node_id() == config.node_id();
}

}  // namespace

FolderKind KindOf(const std::string& dir) {
  if (Exists(dir + "/station.json")) return FolderKind::kStation;
  return Exists(DbPath(dir)) ? FolderKind::kHub : FolderKind::kNone;
}

Link::Link(std::string dir, std::string bin_dir, std::string user)
    : dir_(std::move(dir)), bin_dir_(std::move(bin_dir)), user_(std::move(user)) {}

Link Link::At(std::string host, int port, std::string user) {
  Link link;
  link.looked_ = true;
  link.endpoint_.set_host(host);
  link.endpoint_.set_port(port);
  link.client_ = std::make_unique<http::Client>(std::move(host), port, std::move(user));
  return link;
}

void Link::Look() {
  if (looked_) return;
  looked_ = true;
  v1::Endpoint endpoint;
  if (!ReadConfig(dir_ + "/endpoint.json", &endpoint).ok() || !Lives(endpoint.pid())) return;
  auto client = std::make_unique<http::Client>(endpoint.host(), endpoint.port(), user_);
  absl::StatusOr<std::string> status = client->Post(kStatusPath, "{}", kLookTimeoutMs);
  if (!status.ok() || !IsDaemonOf(dir_, *status)) return;
  endpoint_ = endpoint;
  client_ = std::move(client);
}

const v1::Endpoint* Link::running() {
  Look();
  return client_ == nullptr ? nullptr : &endpoint_;
}

absl::StatusOr<std::string> Link::Call(const std::string& method, const std::string& json) {
  const std::string path = "/liaison.v1." + method;
  Look();
  if (client_ != nullptr) return client_->Post(path, json, kCallTimeoutMs);
  return CallBinary(path, json);
}

absl::StatusOr<std::string> Link::CallBinary(const std::string& path, const std::string& json) {
  FolderKind kind = KindOf(dir_);
  if (kind == FolderKind::kNone) return absl::InvalidArgumentError(Cat("文件夹 ", dir_, " 里没有站点或镇中心的数据"));
  std::string binary = bin_dir_ + (kind == FolderKind::kStation ? "/liaison-station" : "/liaison-hub");
  std::vector<std::string> args{"call", "--data", dir_};
  if (!user_.empty()) args.insert(args.end(), {"--user", user_});
  args.push_back(path);
  ASSIGN_OR_RETURN(ProcessResult result, RunProcess(binary, args, json));
  while (result.out.ends_with('\n')) result.out.pop_back();
  if (result.exit_code == 0) return result.out;
  return http::ErrorOfBody(500, result.out);
}

}  // namespace liaison::cli
