#include "common/http/client.h"

#include <httplib.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "common/base/text.h"
#include "common/http/connect.h"
#include "common/http/origin.h"
#include "common/http/percent.h"
#include "common/http/sockets.h"

namespace liaison::http {
namespace {

// The library knows TCP alone: on a folder's socket it is handed one that is connected.
class InFolderOrAt : public httplib::ClientImpl {
 public:
  InFolderOrAt(const std::string& host, int port, std::string dir)
      : httplib::ClientImpl(host, port), dir_(std::move(dir)) {}

 private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    if (dir_.empty()) return httplib::ClientImpl::create_and_connect_socket(socket, error);
    socket.sock = ConnectToFolder(dir_);
    if (socket.is_open()) return true;
    error = httplib::Error::Connection;
    return false;
  }

  const std::string dir_;
};

}  // namespace

Client::Client(std::string host, int port, std::string user)
    : host_(HostName(host)), port_(port), user_(std::move(user)) {}

Client Client::InFolder(std::string dir, std::string user) {
  Client client("localhost", 0, std::move(user));
  client.dir_ = std::move(dir);
  return client;
}

bool Client::AnswersInFolder(const std::string& dir) {
  const int socket = ConnectToFolder(dir);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

absl::StatusOr<std::string> Client::Post(const std::string& path, const std::string& json, int timeout_ms) const {
  return Send(path, &json, timeout_ms);
}

absl::StatusOr<std::string> Client::Get(const std::string& path, int timeout_ms) const {
  return Send(path, nullptr, timeout_ms);
}

absl::StatusOr<std::string> Client::Send(const std::string& path, const std::string* json, int timeout_ms) const {
  InFolderOrAt http(host_, port_, dir_);
  const auto timeout = std::chrono::milliseconds(timeout_ms);
  http.set_connection_timeout(timeout);
  http.set_read_timeout(timeout);
  http.set_write_timeout(timeout);
  httplib::Headers headers;
  if (!dir_.empty()) headers.emplace("Host", "localhost");
  if (host_.find(':') != std::string::npos) headers.emplace("Host", Cat("[", host_, "]:", port_));
  if (!user_.empty()) headers.emplace("Liaison-User", PercentEncode(user_));

  const auto start = std::chrono::steady_clock::now();
  httplib::Result result(nullptr, httplib::Error::Unknown);
  if (json != nullptr) {
    headers.emplace("Connect-Protocol-Version", "1");
    result = http.Post(path, headers, *json, "application/json");
  } else {
    result = http.Get(path, headers);
  }
  if (!result) {
    const std::string where = dir_.empty() ? Cat(host_, ":", port_) : Cat("文件夹 ", dir_, " 的程序");
    if (result.error() == httplib::Error::Connection || result.error() == httplib::Error::ConnectionTimeout) {
      return absl::UnavailableError(Cat("连接不上 ", where, "，请确认程序已经启动"));
    }
    // The library reports a timeout and a broken connection alike.
    if (std::chrono::steady_clock::now() - start >= timeout) {
      return absl::DeadlineExceededError(Cat(where, " 在 ", timeout_ms, " 毫秒内没有答复，操作是否完成尚不清楚"));
    }
    return absl::UnavailableError(Cat("与 ", where, " 的连接中断，操作是否完成尚不清楚"));
  }
  if (result->status != 200) return ErrorOfBody(result->status, result->body);
  return std::move(result->body);
}

}  // namespace liaison::http
