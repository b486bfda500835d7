#include "common/http/server.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/http/connect.h"
#include "common/http/origin.h"
#include "common/http/percent.h"
#include "common/http/transport.h"

namespace liaison::http {
namespace {

constexpr size_t kPathBytesMax = 512;
constexpr char kJson[] = "application/json";
constexpr char kText[] = "text/plain; charset=utf-8";

constexpr std::pair<const char*, const char*> kHeaders[] = {
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

// The value of the cookie in the header's "a=1; b=2"; empty if it is not there, or twice.
std::string CookieIn(const WireRequest& request, std::string_view name) {
  std::string value;
  if (name.empty() || request.Count("Cookie") != 1) return value;
  int found = 0;
  for (absl::string_view part : absl::StrSplit(AbslView(request.Header("Cookie")), ';')) {
    part = absl::StripAsciiWhitespace(part);
    const size_t equals = part.find('=');
    if (equals == absl::string_view::npos || StdView(part.substr(0, equals)) != name) continue;
    value = std::string(StdView(part.substr(equals + 1)));
    ++found;
  }
  return found == 1 ? value : "";
}

// HttpOnly: no script reads it. SameSite=Strict: no page of another site makes the browser send it. No port: browsers
// know none, so it is only half of a session.
std::string SetCookie(std::string_view name, std::string_view value, bool tls) {
  return Cat(name, "=", value, "; Path=/; HttpOnly; SameSite=Strict", tls ? "; Secure" : "",
             value.empty() ? "; Max-Age=0" : "");
}

Call CallOf(const WireRequest& request, std::string_view cookie_name) {
  Call call;
  call.user = PercentDecode(request.Header("Liaison-User"));
  call.secure = request.secure;
  if (request.Count("Authorization") == 1) call.authorization = request.Header("Authorization");
  call.cookie = CookieIn(request, cookie_name);
  if (request.Count("Liaison-Token") == 1) call.token = request.Header("Liaison-Token");
  call.local = request.local;
  call.peer = request.peer_address;
  call.background = request.Count("Liaison-Background") > 0;
  return call;
}

// "/files/1" of "/files/1?name=2", decoded. Empty: it is no path (an absolute address, "*").
std::string PathOf(std::string_view target) {
  return target.starts_with('/') ? PercentDecode(target.substr(0, target.find('?'))) : "";
}

std::map<std::string, std::string> QueryOf(std::string_view target) {
  std::map<std::string, std::string> query;
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) return query;
  const std::string text = absl::StrReplaceAll(AbslView(target.substr(mark + 1)), {{"+", " "}});
  for (const absl::string_view part : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    query.try_emplace(PercentDecode(pair.first), PercentDecode(pair.second));
  }
  return query;
}

WireResponse Answer(int http_status, std::string_view mime, std::string bytes) {
  WireResponse response{.status = http_status};
  for (const auto& [name, value] : kHeaders) response.headers.emplace_back(name, value);
  response.headers.emplace_back("Content-Type", mime);
  response.bytes = std::move(bytes);
  return response;
}

WireResponse AnswerOnce(int http_status, std::string_view mime, std::string bytes) {
  WireResponse response = Answer(http_status, mime, std::move(bytes));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

WireResponse AnswerError(int http_status, const absl::Status& status) {
  return AnswerOnce(http_status, kJson, ErrorBody(status));
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options);

  absl::Status Listen(const std::string& host, int port);
  absl::Status SetNetwork(const TlsIdentity& identity, const std::vector<std::string>& names);
  absl::Status OpenNetwork(const std::string& host, int port);

  // Frozen by Listen, then read without a lock.
  absl::flat_hash_map<std::string, Handler> handlers;
  absl::flat_hash_map<std::string, GetHandler> gets;
  absl::flat_hash_map<std::string, ServedPage> pages;

 private:
  WireResponse Take(WireRequest& request) const;
  WireResponse Route(WireRequest& request) const;
  WireResponse AnswerGet(const WireRequest& request, const std::string& path) const;
  WireResponse AnswerPage(const WireRequest& request, const std::string& path) const;
  WireResponse AnswerPost(WireRequest& request, const std::string& path) const;
  WireResponse Refuse(int http_status) const;
  absl::Status CheckHost(const WireRequest& request) const;
  bool IsNetworkName(std::string_view name) const;
  Refusal CheckPost(const WireRequest& request, const std::string& path) const;

  const ServerOptions options_;
  std::vector<std::string> names_;  // of options_, normalised
  mutable absl::Mutex network_mutex_;
  std::vector<std::string> network_names_ ABSL_GUARDED_BY(network_mutex_);  // normalised

 public:
  Transport transport;  // last: its threads use all of the above
};

Server::Impl::Impl(ServerOptions options)
    : options_(std::move(options)),
      transport(
          {.threads = options_.threads,
           .header_bytes_max = options_.header_bytes_max,
           .body_bytes_max = options_.body_bytes_max,
           .request_ms = options_.request_ms,
           .idle_ms = options_.idle_ms,
           .connections_max = options_.connections_max,
           .of_one_address_max = options_.of_one_address_max},
          [this](WireRequest& request) { return Take(request); },
          [this](int http_status) { return Refuse(http_status); }) {
  for (const std::string& name : options_.names) names_.push_back(HostName(name));
}

// ---- routing

WireResponse Server::Impl::Take(WireRequest& request) const {
  try {
    return Route(request);
  } catch (...) {
    const std::string path = PathOf(request.target);
    const bool known = handlers.contains(path) || gets.contains(path);  // another may hold typed words
    LogError(Cat(known ? path : "网页", "：程序内部出错，请把这份日志交给维护人员"));
    return AnswerError(500, absl::InternalError("程序内部出错，请重试；仍然出错请联系管理员"));
  }
}

WireResponse Server::Impl::Route(WireRequest& request) const {
  WireResponse response;
  const std::string path = PathOf(request.target);
  // Where a body ends must be said once and in a way that was understood: what is left of it would be taken for the
  // next request. libevent checks some of this, depending on its patches.
  const size_t codings = request.Count("Transfer-Encoding"), lengths = request.Count("Content-Length");
  const bool odd_coding =
      codings > 0 && !absl::EqualsIgnoreCase(AbslView(request.Header("Transfer-Encoding")), "chunked");
  const bool odd_body = odd_coding || codings + lengths > 1;
  if (odd_coding) {
    response = AnswerError(501, absl::UnimplementedError("不支持压缩过的内容"));
  } else if (odd_body) {
    response = Refuse(400);
  } else if (path.size() > kPathBytesMax || request.target.size() > options_.header_bytes_max / 2) {
    response = Answer(414, kText, "网址太长");
  } else if (request.method == "POST") {
    response = AnswerPost(request, path);
  } else if (request.method == "GET" || request.method == "HEAD") {
    response = AnswerGet(request, path);
  } else {
    response = Answer(405, kText, "不支持这种请求方式");
    response.headers.emplace_back("Allow", "GET, HEAD, POST");
  }
  response.close |= odd_body || (request.method != "POST" && request.method != "GET");
  return response;
}

WireResponse Server::Impl::AnswerGet(const WireRequest& request, const std::string& path) const {
  if (absl::Status status = CheckHost(request); !status.ok())
    return AnswerOnce(403, kText, std::string(status.message()));
  auto it = gets.find(path);
  size_t folder = path.rfind('/') + 1;
  if (it == gets.end() && folder > 1) it = gets.find(path.substr(0, folder));
  if (it == gets.end()) return AnswerPage(request, path);
  Call call = CallOf(request, options_.cookie);
  call.query = QueryOf(request.target);
  if (it->first.size() < path.size()) call.rest = path.substr(it->first.size());
  absl::StatusOr<File> file = it->second(call);
  if (!file.ok()) {
    WireResponse response = AnswerOnce(HttpStatus(file.status().code()), kText, std::string(file.status().message()));
    if (absl::IsUnauthenticated(file.status())) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  WireResponse response = AnswerOnce(200, file->mime, std::move(file->bytes));
  if (!file->filename.empty()) {
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename*=UTF-8''" + PercentEncode(file->filename));
  }
  return response;
}

WireResponse Server::Impl::AnswerPage(const WireRequest& request, const std::string& path) const {
  auto it = pages.find(path);
  if (it == pages.end() && !path.empty() && path.find('.') == std::string::npos) it = pages.find("/index.html");
  if (it == pages.end()) return Answer(404, kText, "没有这个页面");
  const auto& [page, etag] = it->second;
  WireResponse response = Answer(200, page.mime, "");
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Cache-Control", page.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (EtagMatches(request.Header("If-None-Match"), etag)) {
    response.status = 304;
  } else {
    response.lasting = page.bytes;
  }
  return response;
}

WireResponse Server::Impl::AnswerPost(WireRequest& request, const std::string& path) const {
  if (const Refusal refusal = CheckPost(request, path); !refusal.status.ok()) {
    WireResponse response = AnswerError(refusal.http_status, refusal.status);
    if (refusal.http_status == 415) response.headers.emplace_back("Accept-Post", kJson);
    return response;
  }
  Call call = CallOf(request, options_.cookie);
  call.body = std::move(request.body);
  absl::StatusOr<Reply> answer = handlers.find(path)->second(call);
  if (!answer.ok()) return AnswerError(HttpStatus(answer.status().code()), answer.status());
  WireResponse response = AnswerOnce(200, kJson, std::move(answer->json));
  if (answer->cookie && !options_.cookie.empty())
    response.headers.emplace_back("Set-Cookie", SetCookie(options_.cookie, *answer->cookie, request.secure));
  return response;
}

// What the transport refuses by itself.
WireResponse Server::Impl::Refuse(int http_status) const {
  if (http_status == 413) {
    return AnswerError(
        413, absl::ResourceExhaustedError(absl::StrFormat("内容太大：一次最多提交 %.4g MB，请减小附件或分几次提交",
                                                          options_.body_bytes_max / 1048576.0)));
  }
  return AnswerError(http_status, absl::InvalidArgumentError("请求的格式不对，或者请求头太长"));
}

absl::Status Server::Impl::CheckHost(const WireRequest& request) const {
  const std::string_view host = request.Header("Host");
  if (request.secure) {
    if (request.Count("Host") == 1 && IsNetworkName(HostName(host))) return absl::OkStatus();
  } else if (request.Count("Host") == 1) {
    if (HostAllowed(host, names_)) return absl::OkStatus();
    // A numeric address needs no name service, so nobody can have re-pointed it.
    if (options_.allow_lan && !HostName(host).empty() && HostName(host) == request.local_address)
      return absl::OkStatus();
  }
  return absl::PermissionDeniedError("不能用这个网址访问本系统，请使用管理员告知的地址");
}

bool Server::Impl::IsNetworkName(std::string_view name) const {
  absl::MutexLock lock(&network_mutex_);
  return !name.empty() && std::find(network_names_.begin(), network_names_.end(), name) != network_names_.end();
}

Refusal Server::Impl::CheckPost(const WireRequest& request, const std::string& path) const {
  if (absl::Status status = CheckHost(request); !status.ok()) return {403, status};
  for (const auto& [name, value] : request.headers) {
    const bool right_scheme = !request.secure || absl::StartsWithIgnoreCase(value, "https://");
    if (absl::EqualsIgnoreCase(name, "Origin") && !(right_scheme && SameOrigin(value, request.Header("Host")))) {
      return {403, absl::PermissionDeniedError("请求来自其他网站，已拒绝")};
    }
  }
  if (!handlers.contains(path)) return {404, absl::UnimplementedError("没有这项功能，程序版本可能过旧")};
  std::string mime = absl::AsciiStrToLower(AbslView(request.Header("Content-Type")));
  mime.resize(std::min(mime.size(), mime.find(';')));
  absl::StripAsciiWhitespace(&mime);
  if (mime != kJson) return {415, absl::InvalidArgumentError("提交的内容必须是 JSON（application/json）")};
  const std::string_view encoding = request.Header("Content-Encoding");
  if (!encoding.empty() && encoding != "identity") {
    return {HttpStatus(absl::StatusCode::kUnimplemented), absl::UnimplementedError("不支持压缩过的内容")};
  }
  const std::string_view version = request.Header("Connect-Protocol-Version");
  if (!version.empty() && version != "1") return {400, absl::InvalidArgumentError("不支持这个版本的 Connect 协议")};
  return {200, absl::OkStatus()};
}

// ---- life

absl::Status Server::Impl::Listen(const std::string& host, int port) {
  const std::string name = HostName(host);
  if (name.empty() || port < 0 || port > 65535)
    return absl::InvalidArgumentError(Cat("监听地址不对：", host, ":", port));
  if (!IsLoopback(name) && !options_.allow_lan) {
    return absl::InvalidArgumentError(Cat("没有允许局域网访问，不能监听 ", host));
  }
  const absl::Status status = transport.Listen(name == "localhost" ? "127.0.0.1" : name, port);
  if (absl::IsFailedPrecondition(status)) return absl::FailedPreconditionError("已经在监听，或已经停止");
  if (!status.ok()) return absl::UnavailableError(Cat("不能监听 ", host, ":", port, "，端口可能已被其他程序占用"));
  return absl::OkStatus();
}

absl::Status Server::Impl::SetNetwork(const TlsIdentity& identity, const std::vector<std::string>& names) {
  RETURN_IF_ERROR(transport.SetIdentity(identity));
  std::vector<std::string> plain;
  for (const std::string& name : names) plain.push_back(HostName(name));
  absl::MutexLock lock(&network_mutex_);
  network_names_ = std::move(plain);
  return absl::OkStatus();
}

absl::Status Server::Impl::OpenNetwork(const std::string& host, int port) {
  const absl::Status status = transport.ListenTls(host, port);
  if (absl::IsUnavailable(status))
    return absl::UnavailableError(Cat("不能在村内网络上监听 ", host, " 端口 ", port, "，端口可能已被其他程序占用"));
  return status;
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() { impl_->transport.Stop(); }
void Server::Handle(std::string path, Handler handler) { impl_->handlers[std::move(path)] = std::move(handler); }
void Server::Get(std::string path, GetHandler handler) { impl_->gets[std::move(path)] = std::move(handler); }
void Server::Pages(std::span<const Page> pages) {
  for (const Page& page : pages) impl_->pages[std::string(page.path)] = {page, Etag(page.bytes)};
}
absl::Status Server::ListenLocal(const std::string& dir) { return impl_->transport.ListenLocal(dir); }
absl::Status Server::Listen(const std::string& host, int port) { return impl_->Listen(host, port); }
int Server::port() const { return impl_->transport.port(); }
absl::Status Server::SetNetwork(const TlsIdentity& identity, std::vector<std::string> names) {
  return impl_->SetNetwork(identity, names);
}
absl::Status Server::OpenNetwork(const std::string& host, int port) { return impl_->OpenNetwork(host, port); }
void Server::CloseNetwork() { impl_->transport.StopTls(); }
int Server::network_port() const { return impl_->transport.tls_port(); }
void Server::Stop() { impl_->transport.Stop(); }

}  // namespace liaison::http
