// liaison enrol: makes a station's data folder. The order is what makes a repetition safe after any interruption: the
// device key first, so that the hub knows the device again; station.json, which makes the folder a station's, last.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/shell.h"
#include "common/crypto/sign.h"
#include "common/service/daemon.h"
#include "common/service/enrolment.h"
#include "liaison/v1/services.pb.h"

namespace liaison::cli {
namespace {

constexpr int kSyncPort = 7061;  // where a hub listens for stations unless told otherwise

struct Options {
  std::string dir, station, hub_data, hub_http, hub_sync, device;
};

std::string ConfigPath(const Options& options) { return options.dir + "/station.json"; }

// What the folder already is. kFailedPrecondition if it is somebody else's.
absl::StatusOr<v1::StationConfig> Present(const Options& options) {
  v1::StationConfig config;
  switch (KindOf(options.dir)) {
    case FolderKind::kNone:
      return config;
    case FolderKind::kHub:
      return absl::FailedPreconditionError(Cat("文件夹 ", options.dir, " 里已有别的数据,不能用作站点"));
    case FolderKind::kStation:
      break;
  }
  RETURN_IF_ERROR(ReadConfig(ConfigPath(options), &config));
  if (config.station_id() != options.station)
    return absl::FailedPreconditionError(Cat("文件夹 ", options.dir, " 属于站点 ", config.station_id()));
  return config;
}

absl::Status MakeFolder(const std::string& dir) {
  std::error_code error;
  if (std::filesystem::create_directories(dir, error))
    std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
  return error ? absl::UnavailableError(Cat("不能建立文件夹 ", dir, ":", error.message())) : absl::OkStatus();
}

absl::StatusOr<KeyPair> DeviceKey(const std::string& dir, Random* random) {
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(dir));
  if (!absl::IsNotFound(key.status())) return key;
  KeyPair fresh = GenerateKeyPair(random);
  RETURN_IF_ERROR(SaveKeyPair(KeyPath(dir), fresh));
  return fresh;
}

absl::StatusOr<Link> LinkToHub(const Options& options, const Shell& shell) {
  if (options.hub_http.empty()) return Link(options.hub_data, shell.environment().bin_dir, "");
  std::string host;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(options.hub_http, &host, &port));
  return Link::At(host, port, "");
}

// Where the station will look for the hub: as told, as the running hub says, as it was, or the hub's default.
std::string HubAddress(const Options& options, const v1::StationConfig& before, Link* hub) {
  if (!options.hub_sync.empty()) return options.hub_sync;
  const v1::Endpoint* endpoint = hub->running();
  if (endpoint != nullptr && endpoint->sync_port() > 0) return Cat(endpoint->host(), ":", endpoint->sync_port());
  if (!before.hub_address().empty()) return before.hub_address();
  return Cat(endpoint == nullptr ? "127.0.0.1" : endpoint->host(), ":", kSyncPort);
}

absl::StatusOr<v1::StationConfig> Enrol(const Options& options, const Shell& shell) {
  if (!options.hub_sync.empty()) {
    std::string host;
    int port = 0;
    RETURN_IF_ERROR(ParseAddress(options.hub_sync, &host, &port));
  }
  ASSIGN_OR_RETURN(v1::StationConfig before, Present(options));
  ASSIGN_OR_RETURN(Link hub, LinkToHub(options, shell));
  RETURN_IF_ERROR(MakeFolder(options.dir));
  ASSIGN_OR_RETURN(KeyPair key, DeviceKey(options.dir, shell.environment().random));
  v1::EnrolRequest request;
  request.set_station_id(options.station);
  request.set_device_name(options.device);
  request.set_public_key(key.public_key);
  request.set_signature_algorithm(key.algorithm);
  v1::EnrolResponse response;
  RETURN_IF_ERROR(CallService(&hub, "HubService/Enrol", request, &response));
  if (!before.hub_public_key().empty() && before.hub_public_key() != response.hub_public_key())
    return absl::FailedPreconditionError(Cat("文件夹 ", options.dir, " 在另一个镇中心入过网"));
  RETURN_IF_ERROR(WriteEnrolment(options.dir, {response.messages().begin(), response.messages().end()}));
  v1::StationConfig config;
  config.set_station_id(options.station);
  config.set_node_id(response.node_id());
  config.set_block(response.block());
  config.set_hub_public_key(response.hub_public_key());
  config.set_hub_address(HubAddress(options, before, &hub));
  config.set_township(response.township());
  RETURN_IF_ERROR(WriteConfig(ConfigPath(options), config));
  return config;
}

}  // namespace

void AddEnrolCommand(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "enrol", shell->T("站点入网:建立站点的数据文件夹;可重复执行", "make a station's data folder; may be repeated"));
  command->add_option("--station", o->station, shell->T("站点编号,如 HK-D057", "station, e.g. HK-D057"))->required();
  command->add_option("--data", o->dir, shell->T("站点的数据文件夹", "the station's data folder"))->required();
  auto* hub_data = command->add_option("--hub-data", o->hub_data,
                                       shell->T("本机镇中心的数据文件夹", "data folder of a hub on this machine"));
  auto* hub_http = command->add_option(
      "--hub-http", o->hub_http, shell->T("镇中心的网页地址 主机:端口", "HTTP address of a running hub, HOST:PORT"));
  hub_data->excludes(hub_http);
  command->add_option(
      "--hub-sync", o->hub_sync,
      shell->T("站点日后连接的镇中心地址 主机:端口;默认问镇中心,否则用端口 7061",
               "where the station will connect, HOST:PORT; default: as the running hub says, or port 7061"));
  command->add_option("--device", o->device, shell->T("设备名称", "name of this device"));
  command->callback([=] {
    if (o->hub_data.empty() == o->hub_http.empty()) {
      shell->code = shell->FailUsage(shell->T("请写 --hub-data 或 --hub-http", "give --hub-data or --hub-http"));
      return;
    }
    absl::StatusOr<v1::StationConfig> config = Enrol(*o, *shell);
    if (!config.ok()) {
      shell->code = shell->Fail(config.status());
      return;
    }
    shell->out() << shell->T("已入网:站点 ", "enrolled: station ") << config->station_id()
                 << shell->T(",设备 ", ", device ") << config->node_id() << shell->T(",镇中心 ", ", hub ")
                 << config->hub_address() << "\n";
  });
}

}  // namespace liaison::cli
