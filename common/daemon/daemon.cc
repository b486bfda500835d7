#include "common/daemon/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/api/record_service.h"
#include "common/base/file.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/daemon/login_service.h"
#include "common/daemon/metrics.h"
#include "common/daemon/service_manager.h"
#include "common/http/client.h"
#include "common/http/connect.h"
#include "common/http/server.h"

namespace liaison {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

constexpr char kStatusPath[] = "/liaison.v1.RecordService/GetStatus", kAlivePath[] = "/healthz";
constexpr int kRoundsInPatience = 4;  // so that one that comes late costs nothing

// One round through the work, as a person at the page goes through it. Its answer may be an error: that is one too.
void GoRound(const v1::Endpoint& endpoint, const Face& face) {
  int silence_ms = 600'000;
  const http::Client port(endpoint.host(), endpoint.port());
  port.Get(kAlivePath, silence_ms).IgnoreError();
  // Over the port the answer is that nobody has logged in. A disk without sockets leaves that way alone.
  const bool socket = http::Client::AnswersInFolder(face.dir);
  (socket ? http::Client::InFolder(face.dir) : port).Post(kStatusPath, "{}", silence_ms).IgnoreError();
  face.work();
}

// Returns at SIGINT or SIGTERM. Until then a manager that watches is told that the work lives, while it does.
void AwaitStop(const v1::Endpoint& endpoint, const Face& face, const std::string& status) {
  ServiceManager manager;
  const absl::Duration patience = manager.patience();
  const sigset_t signals = StopSignals();
  manager.Ready(status);
  if (patience == absl::InfiniteDuration()) {
    int which = 0;
    sigwait(&signals, &which);
    EndWithin(face.stop_s);
    return manager.Stopping();
  }
  Pulse pulse([&] { GoRound(endpoint, face); });
  const timespec round = absl::ToTimespec(patience / kRoundsInPatience);
  bool silent = false;
  while (sigtimedwait(&signals, nullptr, &round) < 0) {
    if (!pulse.Beat()) {
      if (!std::exchange(silent, true)) LogError("没有应答，再过一会儿会自动重新启动；反复出现时请检查磁盘");
      manager.Say("没有应答，再过一会儿会自动重新启动");
      continue;
    }
    manager.Alive();
    if (std::exchange(silent, false)) manager.Say(status);
  }
  EndWithin(face.stop_s);
  manager.Stopping();
}

}  // namespace

std::unique_ptr<ProgramLog> OpenLog(const std::string& dir, const std::string& mark, LogSettings settings,
                                    const std::string& what) {
  std::error_code error;
  if (!std::filesystem::exists(dir + "/" + mark, error)) return nullptr;
  settings.folder = ManagerReadsErrors() ? "" : dir + "/log";
  auto log = std::make_unique<ProgramLog>(std::move(settings));
  LogInfo(Cat(what, "程序启动：版本 ", AbslView(ProgramVersion()), "，数据文件夹 ", dir));
  return log;
}

void BlockSignals() {
  sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void ServeMethods(const Dispatcher& dispatcher, LoginService* login, http::Server* server) {
  for (const auto& [path, method] : dispatcher.methods()) {
    server->Handle(path, [&dispatcher, login, path = path](const http::Call& call) -> absl::StatusOr<http::Reply> {
      PageSession page;
      Caller caller{call.user, nullptr, call.local, &page};
      if (login != nullptr) {
        ASSIGN_OR_RETURN(caller, login->CallerOf(path, call, &page));
      }
      ASSIGN_OR_RETURN(std::string json, dispatcher.Call(path, call.body, caller));
      http::Reply reply(std::move(json));
      reply.cookie = page.set_cookie;
      return reply;
    });
  }
}

absl::Status Serve(const Dispatcher& dispatcher, const Face& face) {
  http::ServerOptions options;
  if (face.login != nullptr) options.cookie = face.login->cookie_name();
  http::Server server(std::move(options));
  ServeMethods(dispatcher, face.login, &server);
  server.Get(kAlivePath, [](const http::Call&) {
    return absl::StatusOr<http::File>(http::File{"text/plain; charset=utf-8", "", "ok\n"});
  });
  ServeMetrics(face.dir, face.metrics, &server);
  face.more(&server);
  server.Pages(face.pages);
  v1::Endpoint endpoint;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(face.address, endpoint.mutable_host(), &port));
  // Without it (a disk that has no sockets) the command line takes the port.
  if (absl::Status local = server.ListenLocal(face.dir); !local.ok()) LogWarning(StdView(local.message()));
  RETURN_IF_ERROR(server.Listen(endpoint.host(), port));
  endpoint.set_port(server.port());
  endpoint.set_sync_port(face.sync_port);
  endpoint.set_pid(getpid());
  std::string path = face.dir + "/endpoint.json";
  RETURN_IF_ERROR(WriteConfig(path, endpoint));
  const std::string banner = face.banner(Cat(endpoint.host(), ":", server.port()));
  std::cout << banner << std::endl;
  LogInfo(banner);
  std::unique_ptr<Repeater> beside = face.beside(&server);
  AwaitStop(endpoint, face, banner);
  LogInfo("正在停止");
  beside.reset();
  unlink(path.c_str());
  server.Stop();
  return absl::OkStatus();
}

void AwaitWritable(Store* store) {
  const std::string nobodys(kActionIdBytes, '0');
  store->Commit(nobodys, "", [](const StoreReader&) { return Action::Nothing(); }).IgnoreError();
}

int AnswerOneCall(const Dispatcher& dispatcher, const std::string& path, const Caller& caller) {
  std::string request((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  if (absl::Status legible = CheckInput(request); !legible.ok()) {
    std::cout << http::ErrorBody(legible) << std::endl;
    return 2;
  }
  absl::StatusOr<std::string> answer = dispatcher.Call(path, request.empty() ? "{}" : request, caller);
  std::cout << (answer.ok() ? *answer : http::ErrorBody(answer.status())) << std::endl;
  return Told(answer.ok() ? 0 : 1);
}

int Told(int code) {
  absl::Status told = FlushOutput();
  if (told.ok()) return code;
  if (!absl::IsCancelled(told)) std::cerr << "出错：" << told.message() << std::endl;
  return code == 0 ? 1 : code;
}

}  // namespace liaison
