// liaison-station: the daemon of a village.
//   liaison-station run --data DIR [--http HOST:PORT] [--hub HOST:PORT] [--clear]
//   liaison-station enrol --data DIR --code CODE [--hub HOST:PORT] [--device NAME]
//   liaison-station call --data DIR /liaison.v1.SERVICE/METHOD      one call without a daemon; JSON on stdin and stdout
#include <CLI/CLI.hpp>
#include <iostream>

#include "common/base/shifted_clock.h"
#include "common/base/text.h"
#include "common/http/connect.h"
#include "station/enrol.h"
#include "station/station_node.h"
#include "station_pages.h"

// jemalloc's settings, found by this name: what is freed goes back at once, since the box of a village has other use
// for it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0";

namespace liaison {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "出错:" << status.message() << std::endl;
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

int Run(StationNode::Options options, const std::string& address) {
  std::string dir = options.dir;
  absl::StatusOr<std::unique_ptr<StationNode>> node = StationNode::Open(std::move(options));
  if (!node.ok()) return Fail(node.status());
  Face face;
  face.dir = dir;
  face.address = address;
  face.pages = StationPages();
  face.more = [desk = (*node)->file_desk()](http::Server* server) { desk->Register(server); };
  std::string name = (*node)->config().station_id();
  face.banner = [name](int port) { return Cat("站点 ", name, " 已启动:http://127.0.0.1:", port, "/"); };
  absl::Status status = Serve((*node)->dispatcher(), face);
  return status.ok() ? 0 : Fail(status);
}

int EnrolHere(const EnrolByCode& options) {
  absl::StatusOr<v1::StationConfig> config = Enrol(options);
  if (!config.ok()) {
    absl::Status status = config.status();
    std::cerr << "出错:" << status.message() << std::endl;
    if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return 4;
    return absl::IsInvalidArgument(status) ? 2 : 1;
  }
  std::cout << Cat("已入网:站点 ", config->station_id(), ",设备 ", config->node_id(), ",镇中心 ", config->hub_address())
            << std::endl;
  return 0;
}

int CallOnce(StationNode::Options options, const std::string& path, const Caller& caller) {
  options.link = false;
  absl::StatusOr<std::unique_ptr<StationNode>> node = StationNode::Open(std::move(options));
  if (!node.ok()) {
    std::cout << http::ErrorBody(node.status()) << std::endl;
    return 1;
  }
  return AnswerOneCall((*node)->dispatcher(), path, caller);
}

int Main(int argc, char** argv) {
  CLI::App app{"人大代表联络站:站点程序"};
  app.require_subcommand(1);
  StationNode::Options options;
  std::string address = "127.0.0.1:7060", path, start_at;
  Caller caller;
  CLI::App* run = app.add_subcommand("run", "启动站点,直到按下 Ctrl-C");
  run->add_option("--data", options.dir, "数据文件夹")->required();
  run->add_option("--http", address, "网页地址,默认 127.0.0.1:7060");
  run->add_option("--hub", options.hub_address, "镇中心地址,默认用入网时记下的");
  run->add_option("--start-at", start_at, "演练:程序的时钟从这一刻走起,如 2026-11-20T09:00,默认用本机时间");
  run->add_flag("--clear", options.clear, "与镇中心的连接不加密,只限本机,供开发和测量");
  EnrolByCode enrolment;
  CLI::App* enrol = app.add_subcommand("enrol", "凭镇里给的邀请码入网;可重复执行");
  enrol->add_option("--data", enrolment.dir, "数据文件夹")->required();
  enrol->add_option("--code", enrolment.code, "邀请码")->required();
  enrol->add_option("--hub", enrolment.hub_address, "镇中心地址,默认用邀请码里的");
  enrol->add_option("--device", enrolment.device_name, "设备名称");
  CLI::App* call = app.add_subcommand("call", "不启动站点,直接调用一次服务(JSON 从标准输入读)");
  call->add_option("--data", options.dir, "数据文件夹")->required();
  call->add_option("--user", caller.user, "操作人");
  call->add_option("method", path, "/liaison.v1.服务/方法")->required();
  CLI11_PARSE(app, argc, argv);
  BlockSignals();
  if (enrol->parsed()) return EnrolHere(enrolment);
  if (call->parsed()) return CallOnce(std::move(options), path, caller);
  absl::StatusOr<std::unique_ptr<Clock>> clock = ClockFrom(start_at);
  if (!clock.ok()) return Fail(clock.status());
  options.clock = clock->get();
  return Run(std::move(options), address);
}

}  // namespace
}  // namespace liaison

int main(int argc, char** argv) { return liaison::Main(argc, argv); }
