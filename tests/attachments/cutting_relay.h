// A relay in front of a port that cuts each connection after so many bytes of the client.
#ifndef LIAISON_TESTS_ATTACHMENTS_CUTTING_RELAY_H_
#define LIAISON_TESTS_ATTACHMENTS_CUTTING_RELAY_H_

#include <atomic>
#include <cstddef>
#include <thread>

namespace liaison {

class CuttingRelay {
 public:
  CuttingRelay(int to_port, size_t cut_after);
  ~CuttingRelay();
  int port() const { return port_; }
  size_t up_bytes() const { return up_; }  // let through
  size_t cuts() const { return cuts_; }

 private:
  void Run(int to_port, size_t cut_after);

  int listener_ = -1, port_ = 0;
  int stop_[2] = {-1, -1};
  std::atomic<size_t> up_{0}, cuts_{0};
  std::thread thread_;  // last
};

}  // namespace liaison

#endif  // LIAISON_TESTS_ATTACHMENTS_CUTTING_RELAY_H_
