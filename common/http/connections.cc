// The connections of transport.h: taken in, counted, timed, answered, forgotten.
#include <event2/bufferevent_ssl.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/http/loop.h"

namespace liaison::http {
namespace {

constexpr size_t kDrainFactor = 4;  // read on this many times over the limit, so that the sender hears the refusal
constexpr size_t kHeadBytes = 12;   // "HTTP/1.1 200"

std::string MethodOf(const evhttp_request* request) {
  switch (evhttp_request_get_command(request)) {
    case EVHTTP_REQ_GET:
      return "GET";
    case EVHTTP_REQ_HEAD:
      return "HEAD";
    case EVHTTP_REQ_POST:
      return "POST";
    default:
      return "";
  }
}

// The bytes without a copy: they live with the buffer.
void AddBytes(evbuffer* to, WireResponse* response) {
  if (!response->lasting.empty()) {
    evbuffer_add_reference(to, response->lasting.data(), response->lasting.size(), nullptr, nullptr);
  } else if (!response->bytes.empty()) {
    auto* kept = new std::string(std::move(response->bytes));
    evbuffer_add_reference(
        to, kept->data(), kept->size(), [](const void*, size_t, void* all) { delete static_cast<std::string*>(all); },
        kept);
  }
}

// The answer to plain HTTP at the door of TLS: the same address with https. `rest` is the request without its first
// five bytes: "GET /", or another method with its space.
std::string TlsAddressFor(std::string_view rest) {
  constexpr std::string_view kHost = "\r\nhost:";
  constexpr size_t kMostHostBytes = 255, kMostPathBytes = 512;
  const std::string lower = absl::AsciiStrToLower(AbslView(rest));
  std::string host, path(rest.substr(0, rest.find_first_of(" \r\n")));
  if (const size_t at = lower.find(kHost); at != std::string::npos) {
    const size_t begin = at + kHost.size();
    host = lower.substr(begin, lower.find('\r', begin) - begin);
    absl::StripAsciiWhitespace(&host);
  }
  const bool good_host = !host.empty() && host.size() <= kMostHostBytes &&
                         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == std::string::npos;
  const bool good_path = path.size() <= kMostPathBytes &&
                         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 127; });
  if (!path.starts_with('/')) path.insert(0, "/");
  const std::string words = "请用 https:// 开头的网址打开\n";
  const std::string moved = Cat("301 Moved Permanently\r\nLocation: https://", host, good_path ? path : "/");
  return Cat("HTTP/1.1 ", good_host ? moved : "400 Bad Request",
             "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ", words.size(),
             "\r\n\r\n", words);
}

}  // namespace

size_t WireRequest::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& header) {
    return absl::EqualsIgnoreCase(header.first, AbslView(name));
  }));
}

std::string_view WireRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (absl::EqualsIgnoreCase(key, AbslView(name))) return value;
  return "";
}

// evhttp asks for the buffer of a socket that it has just accepted. What it makes of both is seen in Adopt(), before
// the loop waits again, so before a byte is read.
bufferevent* Transport::Impl::Accepted(bool tls) {
  auto made = std::make_unique<Connection>();
  Connection* connection = made.get();
  connection->all = this;
  connection->id = ++last_id_;
  connection->tls = tls;
  if (ssl_st* session = tls ? tls_.NewSession() : nullptr) {
    connection->buffer = bufferevent_openssl_socket_new(base_, -1, session, BUFFEREVENT_SSL_ACCEPTING,
                                                        BEV_OPT_CLOSE_ON_FREE);
  } else if (!tls) {
    connection->buffer = bufferevent_socket_new(base_, -1, 0);
  }
  if (connection->buffer == nullptr) return nullptr;
  bufferevent_incref(connection->buffer);  // until Adopt()
  connection->look = event_new(
      base_, -1, 0, [](int, short, void* at) { static_cast<Connection*>(at)->all->Look(static_cast<Connection*>(at)); },
      connection);
  connection->deadline = evtimer_new(
      base_, [](int, short, void* at) { Close(static_cast<Connection*>(at)); }, connection);
  connections_.push_back(std::move(made));
  event_active(connection->look, EV_TIMEOUT, 0);
  Balance();
  return connection->buffer;
}

void Transport::Impl::Look(Connection* connection) {
  if (connection->phase == Phase::kNew) return Adopt(connection);
  if (connection->cut) return Close(connection);
  if (std::exchange(connection->answered, false)) AnswerInstead(connection);
}

void Transport::Impl::Adopt(Connection* connection) {
  bufferevent* buffer = connection->buffer;
  void* http = nullptr;
  bufferevent_getcb(buffer, nullptr, nullptr, nullptr, &http);
  const bool gone = bufferevent_decref(buffer) != 0;
  if (gone || http == nullptr) return Forget(connection);  // evhttp could not take it
  connection->http = static_cast<evhttp_connection*>(http);
  evhttp_connection_set_closecb(
      connection->http,
      [](evhttp_connection*, void* at) { static_cast<Connection*>(at)->all->Forget(static_cast<Connection*>(at)); },
      connection);
  const int socket = bufferevent_getfd(buffer);
  connection->peer = PeerOf(socket);
  const std::string& address = connection->peer.address;
  connection->shared = !connection->peer.local && address != "127.0.0.1" && address != "::1";
  auto may_enter = [&](const Door& door) {
    return !door.dir.empty() && (connection->peer.uid == 0 || connection->peer.uid == door.owner);
  };
  const bool known = !connection->peer.local ||
                     std::any_of(doors_.begin(), doors_.end(), [&](const auto& door) { return may_enter(*door); });
  if (stop_begun_ || connection->last || !known || !MakeRoom(*connection)) return Close(connection);
  const int yes = 1;
  if (!connection->peer.local) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  connection->in = evbuffer_add_cb(
      bufferevent_get_input(buffer),
      [](evbuffer*, const evbuffer_cb_info* change, void* at) {
        static_cast<Connection*>(at)->all->OnInput(static_cast<Connection*>(at), *change);
      },
      connection);
  connection->out = evbuffer_add_cb(
      bufferevent_get_output(buffer),
      [](evbuffer*, const evbuffer_cb_info* change, void* at) {
        static_cast<Connection*>(at)->all->OnOutput(static_cast<Connection*>(at), *change);
      },
      connection);
  const timeval unread = After(options_.request_ms);
  bufferevent_set_timeouts(buffer, nullptr, &unread);
  if (connection->tls) connection->by_ms = SteadyMs() + options_.request_ms;
  Enter(connection, Phase::kIdle);
  Balance();
}

// Takes the places of others where there are none left. False: there is nobody who can go.
bool Transport::Impl::MakeRoom(const Connection& newcomer) {
  const auto of_address = std::count_if(connections_.begin(), connections_.end(), [&](const auto& other) {
    return other->shared && other->peer.address == newcomer.peer.address;
  });
  for (const std::string* address : {&newcomer.peer.address, static_cast<const std::string*>(nullptr)}) {
    const bool full = address != nullptr ? newcomer.shared && of_address > options_.of_one_address_max
                                         : connections_.size() > static_cast<size_t>(options_.connections_max);
    if (!full) continue;
    Connection* victim = Victim(address);
    if (victim == nullptr || SteadyMs() - victim->since_ms < kGraceMs) return false;
    Close(victim);
  }
  return true;
}

// Who makes room next, of one address or of all; null if all are being handled. First those whose grace is over: the
// idle before those that have begun to speak, the oldest first.
Transport::Impl::Connection* Transport::Impl::Victim(const std::string* address) const {
  const int64_t now_ms = SteadyMs();
  auto order = [now_ms](const Connection& each) {
    const bool has_grace = now_ms - each.since_ms < kGraceMs;
    return std::tuple(has_grace, has_grace ? Phase::kIdle : each.phase, each.since_ms);
  };
  Connection* victim = nullptr;
  for (const auto& other : connections_) {
    if (other->phase >= Phase::kHandling || (address != nullptr && other->peer.address != *address)) continue;
    if (victim == nullptr || order(*other) < order(*victim)) victim = other.get();
  }
  return victim;
}

// ---- one connection

void Transport::Impl::Enter(Connection* connection, Phase phase) {
  connection->phase = phase;
  connection->since_ms = SteadyMs();
  evtimer_del(connection->deadline);
  if (phase == Phase::kIdle) Arm(connection, options_.idle_ms);
  if (phase == Phase::kReading) Arm(connection, options_.request_ms);
  if (phase > Phase::kReading) connection->by_ms = 0;
  if (connection->by_ms != 0) Arm(connection, static_cast<int>(std::max<int64_t>(0, connection->by_ms - SteadyMs())));
  if (phase == Phase::kIdle && connection->last) Arm(connection, 0);
  if (!stop_begun_) return;
  if (phase == Phase::kIdle) Arm(connection, 0);  // its answer was begun before the stop and does not close it
  if (phase == Phase::kReading) Arm(connection, std::min(kStopMs, options_.request_ms));
  if (phase == Phase::kWriting) Arm(connection, kStopMs);
}

void Transport::Impl::Arm(Connection* connection, int ms) {
  const timeval limit = After(ms);
  evtimer_add(connection->deadline, &limit);
}

void Transport::Impl::Hold(Connection* connection, size_t bytes) {
  held_ += bytes - connection->held;
  connection->held = bytes;
}

void Transport::Impl::OnInput(Connection* connection, const evbuffer_cb_info& change) {
  if (connection->phase == Phase::kHandling) return;
  if (change.n_added > 0 && connection->phase == Phase::kIdle) Enter(connection, Phase::kReading);
  connection->seen += change.n_added;
  // Not the length of this buffer: of a chunked body libevent moves each chunk into another one.
  Hold(connection, std::min(connection->seen, options_.body_bytes_max + options_.header_bytes_max));
  Connection* cut = nullptr;
  if (connection->seen / kDrainFactor > options_.body_bytes_max + options_.header_bytes_max) cut = connection;
  // As much as the handlers could be at, and not more: the largest of those that are still coming goes.
  if (held_ >
      static_cast<size_t>(std::max(1, options_.threads)) * (options_.body_bytes_max + options_.header_bytes_max))
    for (const auto& other : connections_)
      if (other->phase < Phase::kHandling && (cut == nullptr || other->held > cut->held)) cut = other.get();
  if (cut == nullptr) return;
  cut->cut = true;
  event_active(cut->look, EV_TIMEOUT, 0);
}

// Between requests only evhttp itself writes: "100 Continue", or a page in English about a request that is none.
void Transport::Impl::OnOutput(Connection* connection, const evbuffer_cb_info& change) {
  if (change.n_added == 0 || connection->phase > Phase::kReading) return;
  connection->answered = true;
  event_active(connection->look, EV_TIMEOUT, 0);
}

// Nothing of evhttp's page has left yet: sockets are written to in another round of the loop.
void Transport::Impl::AnswerInstead(Connection* connection) {
  evbuffer* out = bufferevent_get_output(connection->buffer);
  char head[kHeadBytes + 1] = "";
  if (evbuffer_copyout(out, head, kHeadBytes) != static_cast<ev_ssize_t>(kHeadBytes)) return;
  const int status = std::atoi(head + kHeadBytes - 3);
  if (status < 200) return;
  WireResponse response = refuse_(status);
  Enter(connection, Phase::kWriting);
  Arm(connection, options_.request_ms);
  evbuffer_unfreeze(out, 1);
  size_t length = 0;
  char* line = evbuffer_readln(out, &length, EVBUFFER_EOL_CRLF_STRICT);
  evbuffer_drain(out, evbuffer_get_length(out));
  if (!connection->tls) evbuffer_freeze(out, 1);  // those of TLS never are
  std::string text =
      Cat(line == nullptr ? head : line, "\r\nConnection: close\r\nContent-Length: ", response.size(), "\r\n");
  std::free(line);
  for (const auto& [name, value] : response.headers) text += Cat(name, ": ", value, "\r\n");
  text += "\r\n";
  evbuffer_add(out, text.data(), text.size());
  AddBytes(out, &response);
}

void Transport::Impl::OnRequest(evhttp_request* request) {
  auto found = std::find_if(connections_.begin(), connections_.end(), [&](const auto& connection) {
    return connection->http == evhttp_request_get_connection(request);
  });
  if (found == connections_.end()) return evhttp_connection_free(evhttp_request_get_connection(request));
  Connection* connection = found->get();
  Job job{.id = connection->id};
  job.request.method = MethodOf(request);
  job.request.target = evhttp_request_get_uri(request);
  job.request.local_address = connection->peer.arrived;
  job.request.peer_address = connection->peer.address;
  job.request.local = connection->peer.local;
  job.request.secure = connection->tls;
  const evkeyvalq* headers = evhttp_request_get_input_headers(request);
  for (const evkeyval* at = headers->tqh_first; at != nullptr; at = at->next.tqe_next)
    job.request.headers.emplace_back(at->key, at->value);
  evbuffer* body = evhttp_request_get_input_buffer(request);
  job.request.body.resize(evbuffer_get_length(body));
  evbuffer_remove(body, job.request.body.data(), job.request.body.size());
  connection->request = request;
  Enter(connection, Phase::kHandling);
  Hold(connection, job.request.body.size());
  Balance();
  absl::MutexLock lock(&mutex_);
  jobs_.push_back(std::move(job));
}

void Transport::Impl::Send(Answer answer) {
  auto found = std::find_if(connections_.begin(), connections_.end(),
                            [&](const auto& connection) { return connection->id == answer.id; });
  if (found == connections_.end()) return;
  Connection* connection = found->get();
  evhttp_request* request = std::exchange(connection->request, nullptr);
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  for (const auto& [name, value] : answer.response.headers) evhttp_add_header(headers, name.c_str(), value.c_str());
  if (answer.response.close || connection->last || stop_begun_) evhttp_add_header(headers, "Connection", "close");
  evhttp_request_set_on_complete_cb(
      request,
      [](evhttp_request*, void* at) { static_cast<Connection*>(at)->all->OnSent(static_cast<Connection*>(at)); },
      connection);
  Enter(connection, Phase::kWriting);
  Hold(connection, evbuffer_get_length(bufferevent_get_input(connection->buffer)));
  evbuffer* bytes = evbuffer_new();
  if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
    evhttp_add_header(headers, "Content-Length", Cat(answer.response.size()).c_str());
  } else {
    AddBytes(bytes, &answer.response);
  }
  evhttp_send_reply(request, answer.response.status, nullptr, bytes);
  evbuffer_free(bytes);
  Balance();
}

// What is in already belongs to the next request.
void Transport::Impl::OnSent(Connection* connection) {
  connection->seen = evbuffer_get_length(bufferevent_get_input(connection->buffer));
  Enter(connection, connection->seen > 0 ? Phase::kReading : Phase::kIdle);
}

// In the place of TLS' silence: what the peer asked lies in the socket still, but for the first five bytes.
void Transport::Impl::SendToTls(const Connection& connection) {
  bool plain = false;
  while (const unsigned long error = bufferevent_get_openssl_error(connection.buffer))
    plain |= PageTls::IsPlainHttp(error);
  if (!plain) return;
  const int socket = bufferevent_getfd(connection.buffer);
  std::string rest(options_.header_bytes_max, 0);
  const ssize_t got = ::recv(socket, rest.data(), rest.size(), MSG_DONTWAIT);
  rest.resize(static_cast<size_t>(std::max<ssize_t>(0, got)));
  const std::string answer = TlsAddressFor(rest);
  (void)::send(socket, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);  // who does not read it goes without
}

void Transport::Impl::Forget(Connection* connection) {
  Hold(connection, 0);
  if (connection->in != nullptr) {
    if (connection->tls && connection->seen == 0) SendToTls(*connection);
    evbuffer_remove_cb_entry(bufferevent_get_input(connection->buffer), connection->in);
    evbuffer_remove_cb_entry(bufferevent_get_output(connection->buffer), connection->out);
  }
  event_free(connection->look);
  event_free(connection->deadline);
  std::erase_if(connections_, [&](const auto& each) { return each.get() == connection; });
  Balance();
  EndIfDone();
}

}  // namespace liaison::http
