// Sockets on 127.0.0.1, for relays between a client and a server under test.
#ifndef LIAISON_TESTS_TESTING_LOOPBACK_H_
#define LIAISON_TESTS_TESTING_LOOPBACK_H_

#include <string_view>

namespace liaison {

// A listening socket on a free port; -1 if there is none.
int ListenOnLoopback(int* port);
// -1 if nobody listens there.
int ConnectToLoopback(int port);
// False when the other end is gone.
bool SendAll(int to, std::string_view bytes);
void SendAtOnce(int socket);  // no waiting for more to send

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_LOOPBACK_H_
