// Sockets of the system as the server and the client need them. Descriptors are closed on exec.
#ifndef LIAISON_COMMON_HTTP_SOCKETS_H_
#define LIAISON_COMMON_HTTP_SOCKETS_H_

#include <sys/types.h>

#include <string>

namespace liaison::http {

// Listening, non-blocking; -1 with errno. A `port` of 0 is replaced by the one that was given. SO_REUSEPORT is off: no
// second process shares the port.
int ListenTcp(const std::string& host, int* port);

// DIR/socket. Its path is walked from an open folder, so that the 107 bytes that an address may have bind nobody.
// Listening: mode 0600 from the first moment, in the place of any other socket there; non-blocking; -1 with errno.
int ListenInFolder(const std::string& dir);
void RemoveFromFolder(const std::string& dir);
// Connected and blocking; -1 with errno if nobody listens there, or this user may not.
int ConnectToFolder(const std::string& dir);

// Who is at the other end of a socket, and where it arrived.
struct Peer {
  bool local = false;   // on a folder's socket
  uid_t uid = 0;        // there
  std::string address;  // numeric, of TCP; IPv4 in its own form also where it came over IPv6
  std::string arrived;  // the same of this end
};
Peer PeerOf(int socket);

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_SOCKETS_H_
