#include "common/http/server.h"

#include <httplib.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/http/connect.h"
#include "common/http/origin.h"
#include "common/http/percent.h"

namespace liaison::http {
namespace {

using Request = httplib::Request;
using Response = httplib::Response;

constexpr size_t kPathBytesMax = 512;  // before a path reaches the library's regular expressions, which recurse
constexpr size_t kDrainFactor = 4;     // read on this many times over the limit, so that the sender hears the refusal
constexpr char kJson[] = "application/json";
constexpr char kText[] = "text/plain; charset=utf-8";

const httplib::Headers kHeaders = {
    // Element Plus sets inline styles; small images and fonts are inlined by the bundler as data:.
    {"Content-Security-Policy",
     "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
     "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

struct ServedPage {
  Page page;
  std::string etag;
};

// A refusal before any handler: the HTTP status is more exact than the code's own.
struct Refusal {
  int http_status;
  absl::Status status;
};

std::string Etag(std::string_view bytes) {  // FNV-1a, 64 bits
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3;
  return absl::StrFormat("\"%016x\"", hash);
}

bool EtagMatches(std::string_view if_none_match, const std::string& etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

// The library hands out const views of its own, non-const request, and has no other switch for what is changed here.
Request& Mutable(const Request& request) { return const_cast<Request&>(request); }

Call CallOf(const Request& request) {
  Call call;
  call.user = PercentDecode(request.get_header_value("Liaison-User"));
  if (absl::StartsWithIgnoreCase(request.get_header_value("Accept-Language"), "en")) call.language = "en";
  if (request.get_header_value_count("Authorization") == 1)
    call.authorization = request.get_header_value("Authorization");
  return call;
}

void Answer(Response& response, int http_status, std::string_view mime, std::string_view bytes) {
  response.status = http_status;
  response.set_content(bytes.data(), bytes.size(), std::string(mime));
}

void AnswerOnce(Response& response, int http_status, std::string_view mime, std::string_view bytes) {
  response.set_header("Cache-Control", "no-store");
  Answer(response, http_status, mime, bytes);
}

void AnswerError(Response& response, int http_status, const absl::Status& status) {
  AnswerOnce(response, http_status, kJson, ErrorBody(status));
}

// httplib::Server with what it keeps to itself.
class Listener : public httplib::Server {
 public:
  void WidenBacklog() { ::listen(svr_sock_, 128); }  // the library's 5 makes a burst of browsers wait a second
  void StopOnce() {                                  // the library's stop() may not be called twice
    if (svr_sock_ != INVALID_SOCKET) stop();
  }
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options);

  absl::Status Listen(const std::string& host, int port);
  void Stop();
  int port() const {
    absl::MutexLock lock(&mu_);
    return port_;
  }

  // Frozen by Listen, then read without a lock.
  absl::flat_hash_map<std::string, Handler> handlers;
  absl::flat_hash_map<std::string, GetHandler> gets;
  absl::flat_hash_map<std::string, ServedPage> pages;

 private:
  enum class BodyState { kRead, kTooLong, kBroken };

  httplib::Server::HandlerResponse Route(const Request& request, Response& response);
  void AnswerGet(const Request& request, Response& response);
  bool AnswerPage(const Request& request, Response& response);
  void AnswerPost(const Request& request, Response& response, const httplib::ContentReader& reader);
  absl::Status CheckHost(const Request& request) const;
  Refusal CheckPost(const Request& request) const;
  BodyState ReadBody(const Request& request, const httplib::ContentReader& reader, bool keep, std::string* body) const;
  bool Bind() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Serve();

  const ServerOptions options_;
  std::vector<std::string> names_;  // of options_, normalised
  Listener http_;
  absl::Notification serving_;  // the accept loop runs
  absl::Notification ended_;    // it has ended for good, and so have the workers

  mutable absl::Mutex mu_;
  std::string address_ ABSL_GUARDED_BY(mu_);
  int port_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mu_);
};

Server::Impl::Impl(ServerOptions options) : options_(std::move(options)) {
  for (const std::string& name : options_.names) names_.push_back(HostName(name));
  http_.set_default_headers(kHeaders);
  http_.set_tcp_nodelay(true);
  // The library would set SO_REUSEPORT, with which a second server silently shares the port.
  http_.set_socket_options([](int socket) {
    int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  http_.set_keep_alive_max_count(1);
  http_.set_keep_alive_timeout(1);  // how long a connection may stay silent before its request
  http_.new_task_queue = [this] {
    if (!serving_.HasBeenNotified()) serving_.Notify();
    return new httplib::ThreadPool(static_cast<size_t>(std::max(1, options_.threads)));
  };
  http_.set_pre_routing_handler([this](const Request& q, Response& r) { return Route(q, r); });
  http_.Post(R"([\s\S]*)",
             [this](const Request& q, Response& r, const httplib::ContentReader& reader) { AnswerPost(q, r, reader); });
  http_.set_exception_handler([this](const Request& q, Response& r, std::exception_ptr) {
    const bool known = handlers.contains(q.path) || gets.contains(q.path);  // another may hold typed words
    LogError(Cat(known ? q.path : "网页", "：程序内部出错，请把这份日志交给维护人员"));
    AnswerError(r, 500, absl::InternalError("程序内部出错，请重试；仍然出错请联系管理员"));
  });
}

// ---- routing

httplib::Server::HandlerResponse Server::Impl::Route(const Request& request, Response& response) {
  Mutable(request).ranges.clear();                    // its range code trusts offsets from the wire
  Mutable(request).headers.erase("Accept-Encoding");  // it would compress every answer anew at the highest level
  using enum httplib::Server::HandlerResponse;
  if (request.path.size() > kPathBytesMax) {
    Answer(response, 414, kText, "网址太长");
    return Handled;
  }
  if (request.method == "POST") return Unhandled;  // only there can the body be read
  if (request.method == "GET" || request.method == "HEAD") {
    AnswerGet(request, response);
  } else {
    response.set_header("Allow", "GET, HEAD, POST");
    Answer(response, 405, kText, "不支持这种请求方式");
  }
  return Handled;
}

void Server::Impl::AnswerGet(const Request& request, Response& response) {
  if (absl::Status status = CheckHost(request); !status.ok()) {
    return AnswerOnce(response, 403, kText, StdView(status.message()));
  }
  auto it = gets.find(request.path);
  size_t folder = request.path.rfind('/') + 1;
  if (it == gets.end() && folder > 1) it = gets.find(request.path.substr(0, folder));
  if (it == gets.end()) {
    if (!AnswerPage(request, response)) Answer(response, 404, kText, "没有这个页面");
    return;
  }
  Call call = CallOf(request);
  for (const auto& [name, value] : request.params) call.query.try_emplace(name, value);
  if (it->first.size() < request.path.size()) call.rest = request.path.substr(it->first.size());
  absl::StatusOr<File> file = it->second(call);
  if (absl::IsUnauthenticated(file.status())) response.set_header("WWW-Authenticate", "Bearer");
  if (!file.ok()) {
    return AnswerOnce(response, HttpStatus(file.status().code()), kText, StdView(file.status().message()));
  }
  if (!file->filename.empty()) {
    response.set_header("Content-Disposition", "attachment; filename*=UTF-8''" + PercentEncode(file->filename));
  }
  AnswerOnce(response, 200, file->mime, file->bytes);
}

bool Server::Impl::AnswerPage(const Request& request, Response& response) {
  auto it = pages.find(request.path);
  if (it == pages.end() && request.path.find('.') == std::string::npos) it = pages.find("/index.html");
  if (it == pages.end()) return false;
  const auto& [page, etag] = it->second;
  response.set_header("ETag", etag);
  response.set_header("Cache-Control", page.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (EtagMatches(request.get_header_value("If-None-Match"), etag)) {
    response.status = 304;
  } else {
    Answer(response, 200, page.mime, page.bytes);
  }
  return true;
}

void Server::Impl::AnswerPost(const Request& request, Response& response, const httplib::ContentReader& reader) {
  const Refusal refusal = CheckPost(request);
  Call call = CallOf(request);
  const BodyState body = ReadBody(request, reader, refusal.status.ok(), &call.body);
  if (!refusal.status.ok()) {
    if (refusal.http_status == 415) response.set_header("Accept-Post", kJson);
    return AnswerError(response, refusal.http_status, refusal.status);
  }
  if (body == BodyState::kTooLong) {
    return AnswerError(
        response, 413,
        absl::ResourceExhaustedError(absl::StrFormat("内容太大：一次最多提交 %.4g MB，请减小附件或分几次提交",
                                                     options_.body_bytes_max / 1048576.0)));
  }
  if (body == BodyState::kBroken) {
    return AnswerError(response, 400, absl::InvalidArgumentError("提交的内容没有传完，请重试"));
  }
  absl::StatusOr<std::string> json = handlers.find(request.path)->second(call);
  if (!json.ok()) return AnswerError(response, HttpStatus(json.status().code()), json.status());
  AnswerOnce(response, 200, kJson, *json);
}

absl::Status Server::Impl::CheckHost(const Request& request) const {
  const std::string host = request.get_header_value("Host");
  if (request.get_header_value_count("Host") == 1) {
    if (HostAllowed(host, names_)) return absl::OkStatus();
    // A numeric address needs no name service, so nobody can have re-pointed it.
    if (options_.allow_lan && !HostName(host).empty() && HostName(host) == request.local_addr) return absl::OkStatus();
  }
  return absl::PermissionDeniedError("不能用这个网址访问本系统，请使用管理员告知的地址");
}

Refusal Server::Impl::CheckPost(const Request& request) const {
  if (absl::Status status = CheckHost(request); !status.ok()) return {403, status};
  for (size_t i = 0; i < request.get_header_value_count("Origin"); ++i) {
    if (!SameOrigin(request.get_header_value("Origin", i), request.get_header_value("Host"))) {
      return {403, absl::PermissionDeniedError("请求来自其他网站，已拒绝")};
    }
  }
  if (!handlers.contains(request.path)) return {404, absl::UnimplementedError("没有这项功能，程序版本可能过旧")};
  std::string mime = absl::AsciiStrToLower(request.get_header_value("Content-Type"));
  mime.resize(std::min(mime.size(), mime.find(';')));
  absl::StripAsciiWhitespace(&mime);
  if (mime != kJson) return {415, absl::InvalidArgumentError("提交的内容必须是 JSON（application/json）")};
  const std::string encoding = request.get_header_value("Content-Encoding", 0);
  if (!encoding.empty() && encoding != "identity") {
    return {HttpStatus(absl::StatusCode::kUnimplemented), absl::UnimplementedError("不支持压缩过的内容")};
  }
  const std::string version = request.get_header_value("Connect-Protocol-Version");
  if (!version.empty() && version != "1") return {400, absl::InvalidArgumentError("不支持这个版本的 Connect 协议")};
  return {200, absl::OkStatus()};
}

// Reads on even when nothing is kept: closing a socket with unread bytes resets the connection, and the peer would
// never see the answer.
Server::Impl::BodyState Server::Impl::ReadBody(const Request& request, const httplib::ContentReader& reader, bool keep,
                                               std::string* body) const {
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) return BodyState::kRead;
  Mutable(request).headers.erase("Content-Type");      // else it parses multipart
  Mutable(request).headers.erase("Content-Encoding");  // else it inflates, without a limit
  const size_t limit = options_.body_bytes_max;
  size_t seen = 0;
  const bool whole = reader([&](const char* data, size_t n) {
    seen += n;
    if (keep && seen <= limit) {
      body->append(data, n);
    } else if (!body->empty()) {
      std::string().swap(*body);
    }
    return seen / kDrainFactor <= limit;
  });
  if (seen > limit) return BodyState::kTooLong;
  return whole ? BodyState::kRead : BodyState::kBroken;
}

// ---- life

bool Server::Impl::Bind() {
  if (port_ != 0) {
    if (!http_.bind_to_port(address_, port_)) return false;
  } else {
    int port = http_.bind_to_any_port(address_);
    if (port <= 0) return false;
    port_ = port;
  }
  http_.WidenBacklog();
  return true;
}

absl::Status Server::Impl::Listen(const std::string& host, int port) {
  const std::string name = HostName(host);
  if (name.empty() || port < 0 || port > 65535)
    return absl::InvalidArgumentError(Cat("监听地址不对：", host, ":", port));
  if (!IsLoopback(name) && !options_.allow_lan) {
    return absl::InvalidArgumentError(Cat("没有允许局域网访问，不能监听 ", host));
  }
  {
    absl::MutexLock lock(&mu_);
    if (stopping_ || thread_.joinable()) return absl::FailedPreconditionError("已经在监听，或已经停止");
    address_ = name == "localhost" ? "127.0.0.1" : name;
    port_ = port;
    if (!Bind()) {
      port_ = 0;
      return absl::UnavailableError(Cat("不能监听 ", host, ":", port, "，端口可能已被其他程序占用"));
    }
    thread_ = std::thread([this] { Serve(); });
  }
  serving_.WaitForNotification();
  return absl::OkStatus();
}

// The library's accept loop ends on any error it does not know, such as a shortage of kernel memory that is over a
// second later. A station has nobody to restart it, so the port is opened again until Stop.
void Server::Impl::Serve() {
  for (;;) {
    http_.listen_after_bind();
    absl::MutexLock lock(&mu_);
    while (!stopping_ && !Bind()) mu_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Seconds(1));
    if (stopping_) break;
  }
  ended_.Notify();
}

void Server::Impl::Stop() {
  std::thread thread;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    if (port_ == 0) return;
    thread = std::move(thread_);
  }
  // Asked again because the library forgets a stop that comes between its bind and its accept loop.
  do {
    http_.StopOnce();
  } while (!ended_.WaitForNotificationWithTimeout(absl::Milliseconds(20)));
  if (thread.joinable()) thread.join();
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() { impl_->Stop(); }
void Server::Handle(std::string path, Handler handler) { impl_->handlers[std::move(path)] = std::move(handler); }
void Server::Get(std::string path, GetHandler handler) { impl_->gets[std::move(path)] = std::move(handler); }
void Server::Pages(std::span<const Page> pages) {
  for (const Page& page : pages) impl_->pages[std::string(page.path)] = {page, Etag(page.bytes)};
}
absl::Status Server::Listen(const std::string& host, int port) { return impl_->Listen(host, port); }
int Server::port() const { return impl_->port(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace liaison::http
