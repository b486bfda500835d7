// The command line's way to a running station or hub: a unary call of the Connect protocol (see server.h), without TLS,
// meant for the own machine.
#ifndef LIAISON_COMMON_HTTP_CLIENT_H_
#define LIAISON_COMMON_HTTP_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"

namespace liaison::http {

// Thread-safe: every call has a connection of its own.
class Client {
 public:
  // `host` is a name or a numeric address, of IPv6 with brackets or without. Nothing is connected yet. `user` goes out
  // as Liaison-User if not empty.
  Client(std::string host, int port, std::string user = "");
  // On the socket that a server has in the folder `dir` (Server::ListenLocal).
  static Client InFolder(std::string dir, std::string user = "");
  // A server is there, and this user may call it.
  static bool AnswersInFolder(const std::string& dir);

  // The JSON that the method answered, or its error with code and message (Chinese) as the handler returned them.
  // kUnavailable: no connection, or it broke off. kDeadlineExceeded: silence for timeout_ms. In these two cases the
  // call may have been carried out unless the connection was refused: repeat it with the same action id.
  // `timeout_ms` bounds connecting and each silence of the peer, not the whole call.
  absl::StatusOr<std::string> Post(const std::string& path, const std::string& json, int timeout_ms) const;

  // A file or a health page; errors as above.
  absl::StatusOr<std::string> Get(const std::string& path, int timeout_ms) const;

 private:
  absl::StatusOr<std::string> Send(const std::string& path, const std::string* json, int timeout_ms) const;

  std::string host_;
  int port_;
  std::string user_;
  std::string dir_;  // empty: host_ and port_
};

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_CLIENT_H_
