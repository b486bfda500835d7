// liaison-hub: the daemon of the township.
//   liaison-hub init --data DIR --roster FOLDER [--demo FILE [--station ID]...]
//   liaison-hub run --data DIR [--http HOST:PORT] [--sync HOST:PORT] [--lan-port PORT] [--log-level LEVEL] [--clear]
//   liaison-hub restore BACKUP [--keys FILE] --data NEWDIR
//   liaison-hub verify-backup BACKUP
//   liaison-hub call --data DIR /liaison.v1.SERVICE/METHOD      one call without a daemon; JSON on stdin and stdout
#include <stdlib.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <vector>

#include "common/base/file.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/owner.h"
#include "common/base/progress.h"
#include "common/base/shifted_clock.h"
#include "common/base/standard_files.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/daemon/daemon.h"
#include "common/daemon/locked.h"
#include "common/daemon/login_service.h"
#include "common/daemon/setup_code.h"
#include "common/doctor/doctor_service.h"
#include "common/http/connect.h"
#include "hub/desk/demo.h"
#include "hub/desk/setup.h"
#include "hub/door/listener.h"
#include "hub/examination.h"
#include "hub/hub_node.h"
#include "hub/keep/backups.h"
#include "hub_pages.h"

namespace liaison {
namespace {

int Fail(const absl::Status& status) {
  std::cerr << "出错：" << status.message() << std::endl;
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// What keeps a daemon from running is of folders, disks, options and ports, and quotes no record.
int FailLogged(const absl::Status& status) {
  LogError(StdView(status.message()));
  return Fail(status);
}

struct InitOptions {
  std::string roster;
  std::string demo;                   // where the logins of a demo's people are written; empty: it is no demo
  std::vector<std::string> stations;  // that get people in a demo
};

// A demo's people, or the code with which the page makes the first admin; what to tell of it.
absl::StatusOr<std::string> FirstPeople(HubNode* node, const InitOptions& init, Random* random) {
  if (init.demo.empty()) {
    if (!AwaitsAdmin(*node->people()->Get())) return std::string("已有系统管理员");
    ASSIGN_OR_RETURN(const std::string code, NewSetupCode(node->store(), random));
    return Cat("设置码    ", code, "\n在网页上用它建立第一个系统管理员。它只显示这一次；丢了，用 liaison hub setup-code 再要一个");
  }
  if (node->secrets() == nullptr) return absl::FailedPreconditionError("密码文件 secrets.json 读不出来，见程序的日志");
  ASSIGN_OR_RETURN(const std::vector<DemoLogin> logins,
                   MakeDemoPeople(node->accounts(), node->store(), *node->roster()->Get(), node->secrets(),
                                  init.stations, random));
  RETURN_IF_ERROR(WriteFileAtomically(init.demo, DemoLoginsText(logins)));
  return Cat("演示账号 ", logins.size(), " 个，写在 ", init.demo);
}

int Init(HubNode::Options options, const InitOptions& init) {
  options.create = true;
  options.sync_address = "";
  const std::string dir = options.dir;
  Random* const random = options.random;
  std::error_code error;
  const bool remake =
      std::filesystem::exists(DbPath(dir), error) && !std::filesystem::exists(dir + "/authority", error);
  auto node = UnderProgressLine([&] { return HubNode::Open(std::move(options)); });
  if (!node.ok()) return Fail(node.status());
  absl::StatusOr<RosterCounts> counts = UnderProgressLine([&] { return SetUp(init.roster, (*node)->store()); });
  if (remake && absl::IsFailedPrecondition(counts.status())) {
    std::cout << "已另建签发站点证书的文件 " << dir << "/authority；名册没有改动，各站点请凭邀请码再办理入网"
              << std::endl;
    return 0;
  }
  if (!counts.ok()) return Fail(counts.status());
  std::cout << Cat("镇中心已建立：站点", counts->stations, "个，代表", counts->deputies, "名，承办单位",
                   counts->departments, "个，节假日", counts->holidays, "天，类别", counts->categories, "个")
            << std::endl;
  const absl::StatusOr<std::string> people = FirstPeople(node->get(), init, random);
  if (!people.ok()) return Fail(people.status());
  std::cout << *people << std::endl;
  return 0;
}

int ServeUntilStopped(HubNode::Options options, const std::string& address) {
  RaiseFileLimit();
  QuietConnectionLog();
  std::string dir = options.dir, sync_host = options.sync_address.substr(0, options.sync_address.rfind(':'));
  absl::StatusOr<VaultPtr> vault = VaultOrWait({dir, address, "保管口令或恢复码的人"});
  if (absl::IsCancelled(vault.status())) return 0;
  if (!vault.ok()) return FailLogged(vault.status());
  options.vault = *std::move(vault);
  auto node = UnderProgressLine([&] { return HubNode::Open(std::move(options)); });
  if (!node.ok()) return FailLogged(node.status());
  Face face;
  face.dir = dir;
  face.address = address;
  face.sync_port = (*node)->sync_port();
  face.pages = HubPages();
  LoginService* const login = (*node)->login();
  face.login = login;
  face.more = [hub = node->get(), login](http::Server* server) {
    hub->file_desk()->Register(server, [login](const http::Call& call) { return login->CallerOfFile(call); });
    hub->lan()->Register(server);
  };
  face.beside = [lan = (*node)->lan()](http::Server* server) {
    return std::make_unique<Repeater>(kLanPause, [lan, server] { lan->Step(server); });
  };
  std::string sync = Cat(sync_host, ":", face.sync_port);
  face.metrics = [hub = node->get()](Metrics* metrics) { hub->AddMetrics(metrics); };
  face.work = [hub = node->get()] { hub->AwaitWork(); };
  const bool nobody = AwaitsAdmin(*(*node)->people()->Get());
  face.banner = [sync, nobody](const std::string& page) {
    return Cat("镇中心已启动：http://", page, "/ 站点连接 ", sync,
               nobody ? "；还没有系统管理员，请用 liaison hub setup-code 要一个设置码，在网页上建立" : "");
  };
  absl::Status status = Serve((*node)->dispatcher(), face);
  return status.ok() ? 0 : FailLogged(status);
}

int Run(HubNode::Options options, const std::string& address, LogSettings log_settings) {
  log_settings.name = "hub";
  const std::unique_ptr<ProgramLog> log = OpenLog(options.dir, "authority", std::move(log_settings), "镇中心");
  const int code = ServeUntilStopped(std::move(options), address);
  LogInfo(code == 0 ? "程序已结束" : "程序没有启动，或没有正常结束");
  return code;
}

// Also where the folder cannot be opened. Its files are looked at before the program mends their modes.
int ExamineOnce(HubNode::Options options, const Caller& caller) {
  setenv("GRPC_VERBOSITY", "NONE", 0);  // what fails is told in words; gRPC would add lines of its own
  const std::string dir = options.dir;
  HubExamination examination{dir, CheckFolder(dir)};
  absl::StatusOr<std::unique_ptr<HubNode>> node = HubNode::Open(std::move(options));
  examination.opened = node.status();
  if (node.ok()) examination.node = node->get();
  const DoctorService doctor([&] { return Examine(examination); }, nullptr);
  Dispatcher dispatcher;
  doctor.Register(&dispatcher);
  return AnswerOneCall(dispatcher, kExaminePath, caller);
}

int CallOnce(HubNode::Options options, const std::string& path, const Caller& caller) {
  options.sync_address = "";
  if (path == kExaminePath) return ExamineOnce(std::move(options), caller);
  auto node = UnderProgressLine([&] { return HubNode::Open(std::move(options)); });
  if (!node.ok()) {
    std::cout << http::ErrorBody(node.status()) << std::endl;
    return 1;
  }
  return UnderProgressLine([&] { return AnswerOneCall((*node)->dispatcher(), path, caller); });
}

int Main(int argc, char** argv) {
  if (absl::Status legible = CheckArguments(argc, argv); !legible.ok()) return Fail(legible);
  umask(077);  // the database makes its files as it likes
  CLI::App app{"人大代表联络站：镇中心程序"};
  app.require_subcommand(1);
  HubNode::Options options;
  options.sync_address = "127.0.0.1:7061";
  std::string address = "127.0.0.1:7080", path, start_at, log_level = "info";
  options.login = true;
  Caller caller{.owner = true};
  InitOptions first;
  CLI::App* init = app.add_subcommand("init", "建立镇中心的数据，读入名册");
  init->add_option("--data", options.dir, "数据文件夹")->required();
  init->add_option("--roster", first.roster, "名册文件夹（stations.csv 等）")->required();
  auto* demo = init->add_option("--demo", first.demo, "演示用：建立各种账号，密码写进这个文件；只限本机");
  init->add_option("--station", first.stations, "与 --demo 同用：也给这个站点建立账号，可写几个")->needs(demo);
  CLI::App* run = app.add_subcommand("run", "启动镇中心，直到按下 Ctrl-C");
  run->add_option("--data", options.dir, "数据文件夹")->required();
  run->add_option("--http", address, "网页地址，默认 127.0.0.1:7080");
  run->add_option("--sync", options.sync_address,
                  "站点连接的地址，默认 127.0.0.1:7061；别的机器要能连上，写 0.0.0.0:7061");
  run->add_option("--lan-port", options.lan_port, "允许以后，办公网络上的网页端口，默认 7443；0：任一空闲端口")
      ->check(CLI::Range(0, 65535));
  run->add_option("--log-level", log_level, "日志记到哪一级：error、warning、info 或 debug，默认 info")
      ->check(CLI::IsMember({"error", "warning", "info", "debug"}));
  run->add_option("--start-at", start_at, "演练：程序的时钟从这一刻走起，如 2026-11-20T09:00，默认用本机时间");
  run->add_flag("--clear", options.clear, "站点连接不加密，只限本机，供开发和测量");
  CLI::App* call = app.add_subcommand("call", "不启动镇中心，直接调用一次服务（JSON 从标准输入读）");
  call->add_option("--data", options.dir, "数据文件夹")->required();
  call->add_option("--user", caller.user, "操作人");
  call->add_option("method", path, "/liaison.v1.服务/方法")->required();
  int code = -1;
  AddBackupCommands(&app, &code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Told(app.exit(error) == 0 ? 0 : 2);
  }
  if (code >= 0) return Told(code);
  BlockSignals();
  if (absl::Status owner = BecomeOwnerOf(options.dir); !owner.ok()) return Fail(owner);
  if (init->parsed()) return Told(Init(std::move(options), first));
  if (call->parsed()) return CallOnce(std::move(options), path, caller);
  absl::StatusOr<std::unique_ptr<Clock>> clock = ClockFrom(start_at);
  if (!clock.ok()) return Fail(clock.status());
  options.clock = clock->get();
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
