#include "common/http/sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "common/base/text.h"

namespace liaison::http {
namespace {

constexpr int kBacklog = 1'024;  // who finds no place here comes again after seconds only
constexpr char kName[] = "socket";

// Closes and keeps errno.
int Failed(int fd) {
  const int error = errno;
  if (fd >= 0) ::close(fd);
  errno = error;
  return -1;
}

int BindOne(const addrinfo& where, int* port) {
  const int fd = ::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, where.ai_protocol);
  if (fd < 0) return -1;
  const int yes = 1, no = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (where.ai_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::bind(fd, where.ai_addr, where.ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0)
    return Failed(fd);
  *port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                            : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  return fd;
}

// The folder, open, and the address of the socket in it by that descriptor.
struct FolderSocket {
  explicit FolderSocket(const std::string& dir) : folder(::open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, kName);
  }
  ~FolderSocket() { Failed(folder); }
  const sockaddr* at() const { return reinterpret_cast<const sockaddr*>(&address); }

  const int folder;
  sockaddr_un address{};
};

std::string Numeric(const sockaddr_storage& address, socklen_t length) {
  char host[NI_MAXHOST] = "";
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, nullptr, 0,
                    NI_NUMERICHOST) != 0)
    return "";
  const std::string_view text = host;
  constexpr std::string_view kMapped = "::ffff:";
  return std::string(text.starts_with(kMapped) && text.find('.') != text.npos ? text.substr(kMapped.size()) : text);
}

}  // namespace

int ListenTcp(const std::string& host, int* port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (::getaddrinfo(host.c_str(), Cat(*port).c_str(), &hints, &found) != 0) {
    errno = EADDRNOTAVAIL;
    return -1;
  }
  int fd = -1;
  for (const addrinfo* at = found; at != nullptr && fd < 0; at = at->ai_next) fd = BindOne(*at, port);
  const int error = errno;
  ::freeaddrinfo(found);
  errno = error;
  return fd;
}

int ListenInFolder(const std::string& dir) {
  const FolderSocket where(dir);
  if (where.folder < 0) return -1;
  struct stat old {};
  if (::fstatat(where.folder, kName, &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(old.st_mode))
    ::unlinkat(where.folder, kName, 0);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // Nobody connects before listen().
  if (::bind(fd, where.at(), sizeof where.address) != 0 || ::fchmodat(where.folder, kName, 0600, 0) != 0 ||
      ::listen(fd, kBacklog) != 0)
    return Failed(fd);
  return fd;
}

void RemoveFromFolder(const std::string& dir) {
  const FolderSocket where(dir);
  if (where.folder >= 0) ::unlinkat(where.folder, kName, 0);
}

int ConnectToFolder(const std::string& dir) {
  const FolderSocket where(dir);
  if (where.folder < 0) return -1;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, where.at(), sizeof where.address) != 0) return Failed(fd);
  return fd;
}

Peer PeerOf(int socket) {
  Peer peer;
  sockaddr_storage here{}, there{};
  socklen_t length = sizeof here, far = sizeof there;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &length) != 0) return peer;
  if (here.ss_family == AF_UNIX) {
    ucred who{};
    socklen_t size = sizeof who;
    peer.local = true;
    peer.uid = ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 ? who.uid : static_cast<uid_t>(-1);
    return peer;
  }
  peer.arrived = Numeric(here, length);
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &far) == 0) peer.address = Numeric(there, far);
  return peer;
}

}  // namespace liaison::http
