// Bare sockets on loopback, to send what no well-behaved client sends.
#ifndef LIAISON_TESTS_HTTP_RAW_H_
#define LIAISON_TESTS_HTTP_RAW_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "common/base/text.h"

namespace liaison::http {

class RawSocket {
 public:
  // From 127.0.0.`from`; from 1 as usual.
  explicit RawSocket(int port, uint32_t from = 1) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from);
    if (from != 1) ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~RawSocket() { ::close(fd_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  bool connected() const { return connected_; }
  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  // The peer has closed it, or does within `ms`.
  bool Closed(int ms) const {
    pollfd wait{fd_, POLLIN, 0};
    char byte;
    return ::poll(&wait, 1, ms) > 0 && ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
  }
  void EndSending() const { ::shutdown(fd_, SHUT_WR); }
  // Until the peer closes in good order; "(reset)" at the end if it did not.
  std::string ReadAll() const {
    std::string out;
    char buffer[4096];
    for (;;) {
      ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n < 0) return out + "(reset)";
      if (n == 0) return out;
      out.append(buffer, static_cast<size_t>(n));
    }
  }

 private:
  int fd_;
  bool connected_;
};

// One request, on a connection that ends with it. "(reset)" at the end also if the peer did not take the whole request.
inline std::string Exchange(int port, std::string_view request) {
  RawSocket socket(port);
  std::string text(request);
  constexpr std::string_view kFirst = " HTTP/1.1\r\n";
  if (size_t at = text.find(kFirst); at != std::string::npos) text.insert(at + kFirst.size(), "Connection: close\r\n");
  const bool sent = socket.Send(text);
  return socket.ReadAll() + (sent ? "" : "(reset)");
}

// A POST of `body` with further header lines, each ending in \r\n; Host and Content-Type are among them.
inline std::string PostText(std::string_view path, std::string_view headers, std::string_view body) {
  return Cat("POST ", path, " HTTP/1.1\r\n", headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

inline std::string GetText(std::string_view path, std::string_view headers = "Host: localhost\r\n") {
  return Cat("GET ", path, " HTTP/1.1\r\n", headers, "\r\n");
}

inline int StatusOf(std::string_view response) {
  return response.size() < 12 ? 0 : std::stoi(std::string(response.substr(9, 3)));
}

inline std::string BodyOf(std::string_view response) {
  size_t end = response.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(response.substr(end + 4));
}

inline bool Has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace liaison::http

#endif  // LIAISON_TESTS_HTTP_RAW_H_
