// liaison enrol: makes a station's data folder, from a hub on this machine or with a code over the network.
#include <CLI/CLI.hpp>
#include <ostream>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/cli/core/shell.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/hub_service.pb.h"

namespace liaison::cli {
namespace {

constexpr int kSyncPort = 7061;  // where a hub listens for stations unless told otherwise

struct EnrolOptions {
  std::string dir, station, hub_data, hub_http, hub_sync, device, code, hub, wait;
};

absl::StatusOr<Link> LinkToHub(const EnrolOptions& options, const Shell& shell) {
  if (options.hub_http.empty()) return Link(options.hub_data, shell.environment().bin_dir, "");
  std::string host;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(options.hub_http, &host, &port));
  return Link::At(host, port, "");
}

// Where the station will look for the hub: as told, as the running hub says, as it was, or the hub's default.
std::string HubAddress(const EnrolOptions& options, const v1::StationConfig& before, Link* hub) {
  if (!options.hub_sync.empty()) return options.hub_sync;
  const v1::Endpoint* endpoint = hub->running();
  if (endpoint != nullptr && endpoint->sync_port() > 0) return Cat(endpoint->host(), ":", endpoint->sync_port());
  if (!before.hub_address().empty()) return before.hub_address();
  return Cat(endpoint == nullptr ? "127.0.0.1" : endpoint->host(), ":", kSyncPort);
}

absl::StatusOr<v1::StationConfig> Enrol(EnrolOptions options, const Shell& shell) {
  if (!options.hub_sync.empty()) {
    ASSIGN_OR_RETURN(options.hub_sync, PlainAddress(options.hub_sync));
  }
  ASSIGN_OR_RETURN(v1::StationConfig before, FolderBefore(options.dir));
  if (!before.station_id().empty() && before.station_id() != options.station)
    return absl::FailedPreconditionError(Cat("文件夹 ", options.dir, " 属于站点 ", before.station_id()));
  ASSIGN_OR_RETURN(Link hub, LinkToHub(options, shell));
  ASSIGN_OR_RETURN(KeyPair key, OpenDeviceKey(options.dir, shell.environment().random));
  v1::EnrolRequest request;
  request.set_station_id(options.station);
  request.set_device_name(options.device);
  request.set_public_key(key.public_key);
  request.set_signature_algorithm(key.algorithm);
  v1::EnrolResponse response;
  RETURN_IF_ERROR(CallService(&hub, "HubService/Enrol", request, &response));
  if (response.station_id().empty()) response.set_station_id(options.station);
  return WriteStation(options.dir, before, response, HubAddress(options, before, &hub));
}

// The station's program speaks to the hub; this one knows no network but HTTP.
int EnrolByCode(const EnrolOptions& o, const Shell& shell) {
  std::vector<std::string> args = {"enrol", "--data", o.dir, "--code", "-"};
  if (!o.hub.empty()) args.insert(args.end(), {"--hub", o.hub});
  if (!o.wait.empty()) args.insert(args.end(), {"--wait", o.wait});
  if (!o.device.empty()) args.insert(args.end(), {"--device", o.device});
  absl::StatusOr<ProcessResult> result =
      RunProcess(shell.environment().bin_dir + "/liaison-station", args, shell.Given(o.code) + "\n");
  if (!result.ok()) return shell.Fail(result.status());
  shell.out() << result->out;
  return result->exit_code;
}

}  // namespace

void AddEnrolCommand(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<EnrolOptions>();
  CLI::App* command = app->add_subcommand("enrol", "站点入网：建立站点的数据文件夹；可重复执行");
  command->add_option("--station", o->station, "站点编号，如 HK-D057");
  command->add_option("--data", o->dir, "站点的数据文件夹")->required();
  auto* hub_data = command->add_option("--hub-data", o->hub_data, "本机镇中心的数据文件夹");
  auto* hub_http = command->add_option("--hub-http", o->hub_http, "镇中心的网页地址，主机和端口，如 192.168.1.10:7080");
  auto* code = command->add_option("--code", o->code, "镇里给的邀请码；写 - 从标准输入读一行");
  hub_data->excludes(hub_http)->excludes(code);
  hub_http->excludes(code);
  command->add_option("--hub", o->hub, "与 --code 同用：镇中心地址，主机和端口，如 192.168.1.10:7061；默认用邀请码里的")
      ->needs(code);
  command->add_option("--hub-sync", o->hub_sync,
                      "站点日后连接的镇中心地址，主机和端口，如 192.168.1.10:7061；默认问镇中心，否则用端口 7061");
  command->add_option("--wait", o->wait, "与 --code 同用：要等镇里核对时，最多等几分钟，默认 30")->needs(code);
  command->add_option("--device", o->device, "设备名称");
  command->callback([=] {
    if (!o->code.empty()) {
      shell->code = EnrolByCode(*o, *shell);
      return;
    }
    if (o->hub_data.empty() == o->hub_http.empty() || o->station.empty()) {
      shell->code = shell->FailUsage("请写 --code，或者 --station 和 --hub-data 或 --hub-http");
      return;
    }
    absl::StatusOr<v1::StationConfig> config = Enrol(*o, *shell);
    if (!config.ok()) {
      shell->code = shell->Fail(config.status());
      return;
    }
    shell->out() << "已入网：站点 " << config->station_id() << "，设备 " << config->node_id() << "，镇中心 "
                 << config->hub_address() << "\n";
  });
}

}  // namespace liaison::cli
