#include "common/service/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
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

}  // namespace

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
    return absl::InvalidArgumentError(Cat("地址“", address, "”应为 主机:端口，如 127.0.0.1:7060"));
  *host = address.substr(0, colon);
  return absl::OkStatus();
}

void BlockSignals() {
  sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

absl::Status Serve(const Dispatcher& dispatcher, const Face& face) {
  http::Server server;
  for (const auto& [path, method] : dispatcher.methods()) {
    server.Handle(path, [&dispatcher, path = path](const http::Call& call) {
      return dispatcher.Call(path, call.body, Caller{call.user, call.language});
    });
  }
  server.Get("/healthz", [](const http::Call&) {
    return absl::StatusOr<http::File>(http::File{"text/plain; charset=utf-8", "", "ok\n"});
  });
  face.more(&server);
  server.Pages(face.pages);
  v1::Endpoint endpoint;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(face.address, endpoint.mutable_host(), &port));
  RETURN_IF_ERROR(server.Listen(endpoint.host(), port));
  endpoint.set_port(server.port());
  endpoint.set_sync_port(face.sync_port);
  endpoint.set_pid(getpid());
  std::string path = face.dir + "/endpoint.json";
  RETURN_IF_ERROR(WriteConfig(path, endpoint));
  std::cout << face.banner(Cat(endpoint.host(), ":", server.port())) << std::endl;
  sigset_t signals = StopSignals();
  int which = 0;
  sigwait(&signals, &which);
  unlink(path.c_str());
  server.Stop();
  return absl::OkStatus();
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
