// A relay in front of the hub's port that counts what goes through, and a TLS client of an older version.
#ifndef LIAISON_TESTS_TRUST_WIRE_H_
#define LIAISON_TESTS_TRUST_WIRE_H_

#include <atomic>
#include <string>
#include <thread>

namespace liaison {

// Relays the first connection that it is asked for.
class CountingRelay {
 public:
  explicit CountingRelay(int to_port);
  ~CountingRelay();
  int port() const { return port_; }

  struct Count {
    int up_bytes = 0, down_bytes = 0;
    int turns = 0;  // how often the client spoke after the hub had, the TCP handshake counted as the first: round trips
  };
  Count count() const { return {up_.load(), down_.load(), turns_.load()}; }

 private:
  void Run(int to_port);

  int listener_ = -1, port_ = 0;
  int stop_[2] = {-1, -1};
  std::atomic<int> up_{0}, down_{0}, turns_{0};
  std::thread thread_;  // last
};

// A web page without TLS, as of a router: whatever is asked, it answers with this.
class PlainPage {
 public:
  explicit PlainPage(std::string answer);
  ~PlainPage();
  int port() const { return port_; }

 private:
  int port_ = 0, listener_ = -1;  // in this order: the listener tells its port
  std::thread thread_;  // last
};

// The TLS version that the port at 127.0.0.1 agrees to with a client that knows no newer one than `max_version` (as
// OpenSSL numbers them); empty: it refuses.
std::string AgreedTlsVersion(int port, int max_version);

}  // namespace liaison

#endif  // LIAISON_TESTS_TRUST_WIRE_H_
