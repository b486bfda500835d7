#include "common/service/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "common/base/text.h"
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

absl::Status WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(file, bytes.data(), bytes.size());
    if (n < 0) return absl::UnavailableError(Cat("写文件失败:", strerror(errno)));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return fsync(file) == 0 ? absl::OkStatus() : absl::UnavailableError("写文件失败:fsync");
}

}  // namespace

std::string DbPath(const std::string& dir) { return dir + "/db"; }
std::string KeyPath(const std::string& dir) { return dir + "/key"; }

absl::Status ReadConfig(const std::string& path, google::protobuf::Message* config) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(Cat("没有文件 ", path));
  std::string json((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  absl::Status status = FromJson(json, config);
  return status.ok() ? status : absl::InvalidArgumentError(Cat(path, ":", status.message()));
}

absl::Status WriteConfig(const std::string& path, const google::protobuf::Message& config) {
  return WriteFileAtomically(path, ToJson(config) + "\n");
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".new";
  int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return absl::UnavailableError(Cat("不能写文件 ", temporary, ":", strerror(errno)));
  absl::Status status = WriteAll(file, bytes);
  close(file);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0)
    status = absl::UnavailableError(Cat("不能写文件 ", path, ":", strerror(errno)));
  std::string folder = path.substr(0, path.rfind('/'));
  if (int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);
    close(handle);
  }
  return status;
}

absl::Status ParseAddress(const std::string& address, std::string* host, int* port) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), port) || *port < 0 || *port > 65535)
    return absl::InvalidArgumentError(Cat("地址“", address, "”应为 主机:端口,如 127.0.0.1:7060"));
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
  std::cout << face.banner(server.port()) << std::endl;
  sigset_t signals = StopSignals();
  int which = 0;
  sigwait(&signals, &which);
  unlink(path.c_str());
  server.Stop();
  return absl::OkStatus();
}

int AnswerOneCall(const Dispatcher& dispatcher, const std::string& path, const Caller& caller) {
  std::string request((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  absl::StatusOr<std::string> answer = dispatcher.Call(path, request.empty() ? "{}" : request, caller);
  std::cout << (answer.ok() ? *answer : http::ErrorBody(answer.status())) << std::endl;
  return answer.ok() ? 0 : 1;
}

}  // namespace liaison
