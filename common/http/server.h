// The JSON face of the services and the pages, over HTTP/1.1. A unary call of the Connect protocol is
// POST /package.Service/Method with Content-Type application/json; the answer is 200 with JSON, or an error as in
// connect.h. Everything else is GET: the pages, and files to download.
//
// Guarded against pages of other sites (see origin.h): a Host that is not ours is refused for every request, an Origin
// that is not ours for every POST, and a call must be application/json, which no form of another site can send. There
// are no CORS headers. This says nothing about who sits at the keyboard: callers check what a user may do.
//
// A connection costs no thread and carries any number of requests, one at a time; what it may hold is bounded (see
// transport.h). Responses are not compressed, and Range is ignored.
#ifndef LIAISON_COMMON_HTTP_SERVER_H_
#define LIAISON_COMMON_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/certificate.h"
#include "common/http/page.h"

namespace liaison::http {

struct Call {
  std::string body;                          // what was posted, at most body_bytes_max; not yet parsed; empty for GET
  std::string user;                          // from the header Liaison-User (percent-encoded UTF-8): a claim, no proof
  std::map<std::string, std::string> query;  // of a GET: ?name=value, decoded; the first of equal names
  std::string rest;                          // of a GET under a folder: the path behind it
  bool secure = false;                       // it came by TLS
  std::string authorization;                 // the header Authorization as it came; empty if it came twice
  // Of a page's session (common/daemon/sessions.h): the value of our cookie, which browsers send to every port of the
  // host, and the header Liaison-Token, which only our page can send. Empty if it did not come, or came twice.
  std::string cookie, token;
  bool local = false;       // came through DIR/socket: from a process of the folder's owner or of root
  std::string peer;         // the numeric address that it came from; empty on DIR/socket
  bool background = false;  // the page asks by itself, without its person (header Liaison-Background)
};

// What a call is answered: JSON, and what our cookie is set to; empty: it is taken away.
struct Reply {
  Reply(std::string text) : json(std::move(text)) {}  // implicit: most answers are only that
  std::string json;
  std::optional<std::string> cookie;
};

struct File {
  std::string mime;      // a Content-Type
  std::string filename;  // offered for saving, may be Chinese; empty: shown, not saved
  std::string bytes;
};

struct ServerOptions {
  size_t body_bytes_max = 32 << 20;  // a longer body is refused with resource_exhausted
  size_t header_bytes_max = 16 << 10;
  int threads = 8;                 // requests handled at a time; further ones wait in line
  int request_ms = 15'000;         // for a request to come in whole
  int idle_ms = 30'000;            // for a connection between requests
  int connections_max = 64;        // where all are taken, the one that has been silent longest makes room
  int of_one_address_max = 16;     // of any but 127.0.0.1 and ::1
  bool allow_lan = false;          // may listen on an address that other machines reach
  std::vector<std::string> names;  // further host names that requests may be addressed to, without port
  std::string cookie;              // the name of our cookie; empty: there is none
};

class Server {
 public:
  // Handlers run concurrently on the server's threads, and Stop waits for those that are running. A handler must not
  // call Stop. An error's message reaches the person as it stands.
  using Handler = std::function<absl::StatusOr<Reply>(const Call&)>;
  using GetHandler = std::function<absl::StatusOr<File>(const Call&)>;

  explicit Server(ServerOptions options = {});
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What to serve. REQUIRES: before Listen, from one thread. For equal paths the last one counts; a Get goes before a
  // page. `pages` and their bytes must outlive the server.
  void Handle(std::string path, Handler handler);  // "/liaison.v1.Records/Find"
  // "/healthz"; HEAD too. Never cached. "/files/": all below it. kUnauthenticated asks for a bearer token (RFC 6750).
  void Get(std::string path, GetHandler handler);
  // A GET for a path without a dot that nothing else serves gets /index.html, where the router of the pages reads the
  // path. ETags are hashes of the content.
  void Pages(std::span<const Page> pages);

  // Also serves DIR/socket, a Unix socket for processes of the folder's owner and of root; others get nothing. The same
  // requests, with Host: localhost. It goes at Stop. kUnavailable (Chinese): it cannot be made. REQUIRES: before
  // Listen, and this process is the folder's only one.
  absl::Status ListenLocal(const std::string& dir);

  // Binds and starts serving; on return requests are answered. Port 0 takes any free one. "localhost" is 127.0.0.1.
  // kInvalidArgument: the address is not loopback, and allow_lan is not set. kUnavailable: cannot bind (in use, not an
  // address of this machine). kFailedPrecondition: called before with success. The server can be tried again after an
  // error. With allow_lan a request may also be addressed to the numeric address that it arrived at.
  absl::Status Listen(const std::string& host, int port);

  int port() const;  // 0 before Listen has succeeded

  // A second door, of TLS, on a network that others reach: the same pages and methods. A request there must be
  // addressed to one of `names` exactly (host names and numeric addresses, those of the certificate), and an Origin
  // must be https. From any thread, also while it serves; a handler may call CloseNetwork.
  //
  // What connections from now on are shown, and what they may be addressed to. kInvalidArgument: see PageTls::Set().
  absl::Status SetNetwork(const TlsIdentity& identity, std::vector<std::string> names);
  // `host` may be any address, "::" is all. kFailedPrecondition: SetNetwork has not succeeded, or it is open, or the
  // server does not serve. kUnavailable (Chinese): cannot bind.
  absl::Status OpenNetwork(const std::string& host, int port);
  void CloseNetwork();       // its connections go; what is being answered is answered
  int network_port() const;  // 0: it is closed

  // Takes no further connections and waits for running handlers (without a limit: what they use may go after this) and
  // until their answers are sent, which a peer that stops in the middle holds up by at most five seconds. Idempotent,
  // thread-safe. It cannot be started again.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_SERVER_H_
