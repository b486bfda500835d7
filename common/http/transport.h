// HTTP/1.1 as bytes: sockets, limits, threads. It knows no methods and no pages; server.h stands on it.
//
// One thread waits for all sockets (libevent), others run the handler. A connection costs no thread, so the limits are
// on what it may hold: time for a request, bytes of header and body, places among all connections and among those of
// its address. Nobody can keep others out by silence: where all places are taken, the connection that has been silent
// longest, and at least for a moment, makes room. One whose request is being handled never does. While there
// is nobody who can, further ones wait in the kernel.
#ifndef LIAISON_COMMON_HTTP_TRANSPORT_H_
#define LIAISON_COMMON_HTTP_TRANSPORT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/certificate.h"

namespace liaison::http {

struct WireRequest {
  std::string method;  // "GET"; "" for one that is no method of HTTP
  std::string target;  // as it came: "/files/1?name=%41"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string local_address;  // numeric, that it arrived at; empty on the folder's socket
  std::string peer_address;   // numeric, that it came from; empty on the folder's socket
  bool local = false;         // on the folder's socket: its process is the owner's or root's
  bool secure = false;        // by TLS

  size_t Count(std::string_view name) const;
  std::string_view Header(std::string_view name) const;  // the first one; empty if there is none
};

struct WireResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Length, Date and Connection
  std::string bytes;
  std::string_view lasting;  // instead of bytes: what outlives the transport
  bool close = false;        // the connection ends with it

  size_t size() const { return lasting.empty() ? bytes.size() : lasting.size(); }
};

struct TransportOptions {
  int threads = 8;
  size_t header_bytes_max = 16 << 10;  // request line and headers; more is refused with 400
  size_t body_bytes_max = 32 << 20;    // more is read to its end, up to four times of it, and refused with 413
  int request_ms = 15'000;             // from a request's first byte to its last; also a peer's silence when it reads
  int idle_ms = 30'000;                // before a connection's first request, and between two
  int connections_max = 64;
  int of_one_address_max = 16;  // 127.0.0.1, ::1 and the folder's socket may have all
};

class Transport {
 public:
  // `handle` is called by the threads, several at a time; it may take parts of the request, and must not throw.
  // `refuse` is called by the event thread: the answer to what never becomes a request, 400, 413 and others.
  using Handle = std::function<WireResponse(WireRequest&)>;
  using Refuse = std::function<WireResponse(int status)>;

  Transport(TransportOptions options, Handle handle, Refuse refuse);
  ~Transport();  // Stop()
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Binds DIR/socket, mode 0600, for processes of the folder's owner and of root: others are cut off before a byte is
  // read. Served from Listen() on. The path may be of any length. A socket that lies there is replaced: REQUIRES that
  // this process is the folder's only one. kUnavailable (Chinese): it cannot be made. REQUIRES: before Listen.
  absl::Status ListenLocal(const std::string& dir);

  // Binds a TCP port and starts the threads. `host` is a name or a numeric address without brackets; port 0: any free
  // one. kUnavailable: it cannot be bound; it may be tried again. kFailedPrecondition: called before with success, or
  // stopped. Neither has a text for people.
  absl::Status Listen(const std::string& host, int port);
  int port() const;  // 0 before Listen

  // A door of TLS beside the others, with the same limits together; of a connection there the handshake and the first
  // request have one deadline. Who speaks plain HTTP to it is told its address with https. From any thread but the
  // event thread, while the server runs.
  //
  // What it presents, from the next connection on; codes as PageTls::Set().
  absl::Status SetIdentity(const TlsIdentity& identity);
  // Codes as Listen(). kFailedPrecondition: there is nothing to present, this server does not listen, or has this door.
  absl::Status ListenTls(const std::string& host, int port);
  // On return it takes no connection any more; those that it took are gone, or go with the answer that is on its way.
  void StopTls();
  int tls_port() const;  // 0: it is closed

  // Takes no connection and no request any more, waits for running handlers without a limit, for what is on its way
  // in or out at most five seconds. Idempotent, thread-safe. A handler must not call it.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_TRANSPORT_H_
