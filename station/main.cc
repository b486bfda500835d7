// liaison-station: the daemon of a village.
//   liaison-station run --data DIR [--http HOST:PORT] [--hub HOST:PORT] [--retry-max SECONDS] [--log-level LEVEL]
//       [--lan-port PORT] [--clear]
//   liaison-station enrol --data DIR --code CODE|- [--hub HOST:PORT] [--device NAME]      -: a line of standard input
//   liaison-station call --data DIR /liaison.v1.SERVICE/METHOD      one call without a daemon; JSON on stdin and stdout
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/owner.h"
#include "common/base/progress.h"
#include "common/base/shifted_clock.h"
#include "common/base/standard_files.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/login_service.h"
#include "common/daemon/locked.h"
#include "common/doctor/doctor_service.h"
#include "common/http/connect.h"
#include "station/examination.h"
#include "station/link/enrol.h"
#include "station/link/hub_channel.h"
#include "station/station_node.h"
#include "station_pages.h"

// jemalloc's settings, found by this name: what is freed goes back at once, since the box of a village has other use
// for it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0";

namespace liaison {
namespace {

constexpr absl::Duration kAskAgain = absl::Seconds(5);  // of a device that waits for a person at the hub

int Fail(const absl::Status& status) {
  std::cerr << "出错：" << status.message() << std::endl;
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// What keeps a daemon from running is of folders, disks, options and ports, and quotes no record.
int FailLogged(const absl::Status& status) {
  LogError(StdView(status.message()));
  return Fail(status);
}

std::string WhomToTelephone(const std::string& dir) {
  v1::StationConfig config;
  const bool known = ReadConfig(dir + "/station.json", &config).ok() && !config.township().empty();
  return known ? Cat(config.township(), "人大") : "镇里";
}

int ServeUntilStopped(StationNode::Options options, const std::string& address) {
  std::string dir = options.dir, moved;
  if (!options.hub_address.empty()) {
    absl::StatusOr<std::string> plain = PlainAddress(options.hub_address);
    if (!plain.ok()) return Fail(plain.status());
    options.hub_address = *std::move(plain);
  }
  if (!options.hub_address.empty() && !options.clear) {
    absl::StatusOr<bool> kept = KeepHubAddress(dir, options.hub_address);
    if (!kept.ok()) return Fail(kept.status());
    if (*kept) moved = Cat("\n镇中心地址已改为 ", options.hub_address, "，以后启动都用它");
  }
  absl::StatusOr<VaultPtr> vault = VaultOrWait({dir, address, WhomToTelephone(dir)});
  if (absl::IsCancelled(vault.status())) return 0;
  if (!vault.ok()) return FailLogged(vault.status());
  options.vault = *std::move(vault);
  auto node = UnderProgressLine([&] { return StationNode::Open(std::move(options)); });
  if (!node.ok()) return FailLogged(node.status());
  Face face;
  face.dir = dir;
  face.address = address;
  face.pages = StationPages();
  LoginService* const login = (*node)->login();
  face.login = login;
  face.more = [station = node->get(), login](http::Server* server) {
    station->file_desk()->Register(server, [login](const http::Call& call) { return login->CallerOfFile(call); });
    station->lan()->Register(server);
  };
  face.beside = [lan = (*node)->lan()](http::Server* server) {
    return std::make_unique<Repeater>(kLanPause, [lan, server] { lan->Step(server); });
  };
  face.metrics = [node = node->get()](Metrics* metrics) { node->AddMetrics(metrics); };
  face.work = [store = (*node)->store()] { AwaitWritable(store); };
  std::string name = (*node)->config().station_id();
  face.banner = [name, moved](const std::string& page) {
    return Cat("站点 ", name, " 已启动：http://", page, "/", moved);
  };
  absl::Status status = Serve((*node)->dispatcher(), face);
  return status.ok() ? 0 : FailLogged(status);
}

int Run(StationNode::Options options, const std::string& address, LogSettings log_settings) {
  log_settings.name = "station";
  const std::unique_ptr<ProgramLog> log = OpenLog(options.dir, "station.json", std::move(log_settings), "站点");
  const int code = ServeUntilStopped(std::move(options), address);
  LogInfo(code == 0 ? "程序已结束" : "程序没有启动，或没有正常结束");
  return code;
}

// Shows the digits once and lets the hub be asked every few seconds, until a person there has compared them, or the
// time is over, or somebody ends it. On standard error: whoever runs this program passes its output on at the end only.
std::function<bool(const std::string&)> WaitForConfirmation(int minutes) {
  const absl::Time end = absl::Now() + absl::Minutes(minutes);
  return [end, shown = std::string()](const std::string& digits) mutable {
    if (std::exchange(shown, digits) != digits)
      std::cerr << "这个站点的新设备要等镇里核对。请打电话给镇里，报核对数字：\n\n        " << SpacedDigits(digits)
                << "\n\n正在等镇里确认；可以按 Ctrl-C 离开，以后用同一个邀请码再运行一次。" << std::endl;
    if (absl::Now() + kAskAgain > end) return false;
    sigset_t ended;  // blocked since BlockSignals()
    sigemptyset(&ended);
    for (const int which : {SIGINT, SIGTERM}) sigaddset(&ended, which);
    const timespec pause = absl::ToTimespec(kAskAgain);
    return sigtimedwait(&ended, nullptr, &pause) < 0;
  };
}

int EnrolHere(const EnrolByCode& options) {
  absl::StatusOr<v1::StationConfig> config = Enrol(options);
  if (!config.ok()) {
    absl::Status status = config.status();
    std::cerr << "出错：" << status.message() << std::endl;
    if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return 4;
    return absl::IsInvalidArgument(status) ? 2 : 1;
  }
  std::cout << Cat("已入网：站点 ", config->station_id(), "，设备 ", config->node_id(), "，镇中心 ",
                   config->hub_address())
            << std::endl;
  return 0;
}

// Also where the folder cannot be opened. Its files are looked at before the program mends their modes.
int ExamineOnce(StationNode::Options options, const Caller& caller) {
  const std::string dir = options.dir;
  StationExamination examination{dir, CheckFolder(dir)};
  absl::StatusOr<std::unique_ptr<StationNode>> node = StationNode::Open(std::move(options));
  examination.opened = node.status();
  if (node.ok()) examination.node = node->get();
  const DoctorService doctor([&] { return Examine(examination); }, nullptr);
  Dispatcher dispatcher;
  doctor.Register(&dispatcher);
  return AnswerOneCall(dispatcher, kExaminePath, caller);
}

int CallOnce(StationNode::Options options, const std::string& path, const Caller& caller) {
  options.link = false;
  if (path == kExaminePath) return ExamineOnce(std::move(options), caller);
  auto node = UnderProgressLine([&] { return StationNode::Open(std::move(options)); });
  if (!node.ok()) {
    std::cout << http::ErrorBody(node.status()) << std::endl;
    return 1;
  }
  return UnderProgressLine([&] { return AnswerOneCall((*node)->dispatcher(), path, caller); });
}

int Main(int argc, char** argv) {
  if (absl::Status legible = CheckArguments(argc, argv); !legible.ok()) return Fail(legible);
  umask(077);  // the database makes its files as it likes
  CLI::App app{"人大代表联络站：站点程序"};
  app.require_subcommand(1);
  StationNode::Options options;
  std::string address = "127.0.0.1:7060", path, start_at, log_level = "info";
  options.login = true;
  Caller caller{.owner = true};
  CLI::App* run = app.add_subcommand("run", "启动站点，直到按下 Ctrl-C");
  run->add_option("--data", options.dir, "数据文件夹")->required();
  run->add_option("--http", address, "网页地址，默认 127.0.0.1:7060");
  run->add_option("--hub", options.hub_address, "镇中心的新地址，记下来以后都用；默认用已记下的");
  int longest_s = 60;
  run->add_option("--retry-max", longest_s, "连不上镇中心时，最长隔多少秒再试，1 到 3600，默认 60")
      ->check(CLI::Range(1, 3600));
  run->add_option("--lan-port", options.lan_port, "镇里允许以后，村内网络上的网页端口，默认 7443；0：任一空闲端口")
      ->check(CLI::Range(0, 65535));
  run->add_option("--log-level", log_level, "日志记到哪一级：error、warning、info 或 debug，默认 info")
      ->check(CLI::IsMember({"error", "warning", "info", "debug"}));
  run->add_option("--start-at", start_at, "演练：程序的时钟从这一刻走起，如 2026-11-20T09:00，默认用本机时间");
  run->add_flag("--clear", options.clear, "与镇中心的连接不加密，只限本机，供开发和测量");
  EnrolByCode enrolment;
  CLI::App* enrol = app.add_subcommand("enrol", "凭镇里给的邀请码入网；可重复执行");
  enrol->add_option("--data", enrolment.dir, "数据文件夹")->required();
  enrol->add_option("--code", enrolment.code, "邀请码；写 - 从标准输入读一行")->required();
  enrol->add_option("--hub", enrolment.hub_address, "镇中心地址，默认用邀请码里的");
  enrol->add_option("--device", enrolment.device_name, "设备名称");
  int wait_minutes = 30;
  enrol->add_option("--wait", wait_minutes, "新设备要等镇里核对时，最多等几分钟，0 到 600，默认 30")
      ->check(CLI::Range(0, 600));
  CLI::App* call = app.add_subcommand("call", "不启动站点，直接调用一次服务（JSON 从标准输入读）");
  call->add_option("--data", options.dir, "数据文件夹")->required();
  call->add_option("--user", caller.user, "操作人");
  call->add_option("method", path, "/liaison.v1.服务/方法")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Told(app.exit(error) == 0 ? 0 : 2);
  }
  BlockSignals();
  QuietTransportLog();
  const std::string& dir = enrol->parsed() ? enrolment.dir : options.dir;
  if (absl::Status owner = BecomeOwnerOf(dir); !owner.ok()) return Fail(owner);
  for (int i = 1; i < argc && enrolment.code.size() > 1; ++i)  // the process list is everybody's to read
    if (const size_t at = std::string_view(argv[i]).find(enrolment.code); at != std::string_view::npos)
      std::fill_n(argv[i] + at, enrolment.code.size(), '*');
  if (enrolment.code == "-") std::getline(std::cin, enrolment.code);
  if (enrol->parsed() && !enrolment.hub_address.empty()) {
    absl::StatusOr<std::string> plain = PlainAddress(enrolment.hub_address);
    if (!plain.ok()) return Fail(plain.status());
    enrolment.hub_address = *std::move(plain);
  }
  enrolment.wait = WaitForConfirmation(wait_minutes);
  if (enrol->parsed()) return Told(EnrolHere(enrolment));
  if (call->parsed()) return CallOnce(std::move(options), path, caller);
  absl::StatusOr<std::unique_ptr<Clock>> clock = ClockFrom(start_at);
  if (!clock.ok()) return Fail(clock.status());
  options.clock = clock->get();
  options.retry_delay_ms_max = longest_s * int64_t{1000};
  LogSettings log;
  log.level = *LogLevelOf(log_level);
  return Run(std::move(options), address, std::move(log));
}

}  // namespace
}  // namespace liaison

int main(int argc, char** argv) {
  liaison::OpenStandardFiles();
  liaison::SayWhatEndsTheProgram();
  liaison::ResetSignals();
  return liaison::Main(argc, argv);
}
