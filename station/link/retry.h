// When a station tries again, and when it gives a connection up that nobody answers on. Pure: told what happens, with
// times of a steady clock in milliseconds.
#ifndef LIAISON_STATION_LINK_RETRY_H_
#define LIAISON_STATION_LINK_RETRY_H_

#include <cstdint>

namespace liaison {

struct RetryDelays {
  int64_t least_ms = 1'000;  // of the first attempt after a loss, and between any two attempts
  int64_t most_ms = 60'000;  // doubled up to this
};
struct RetryWait {
  int64_t least_ms = 0;  // nothing ends it before
  int64_t most_ms = 0;   // it ends by itself
  bool commit_ends = true;
};
// The wait behind an attempt. `losses`: since a session was last up, 1 for the first. `refused`: the hub does not want
// this station; then only a person ends the wait. `draw`: random.
RetryWait RetryWaitOf(const RetryDelays& delays, bool refused, int losses, uint64_t draw);

// Whether the hub still answers. A box on the way may have forgotten the connection: what is sent is then acknowledged
// near by and never arrives, and nothing tells. So a connection is worthless where the hub has something to answer and
// nothing comes from it at all. A hub may also be slow by intent: the patience doubles with each connection that was
// given up, and is the first one again after half an hour without.
class ReceiptWatch {
 public:
  explicit ReceiptWatch(int64_t patience_ms) : least_ms_(patience_ms), patience_ms_(patience_ms) {}

  void OnStart(int64_t now_ms);  // of a session; it has twice the patience, since it has to connect first
  void SetWaiting(bool waiting, int64_t now_ms);  // whether the hub has something to answer
  void OnMessage(int64_t now_ms);                 // anything of the hub's
  void OnOverdue(int64_t now_ms);                 // the connection was given up

  // Until the connection is to be given up, at most an hour; 0 or less: now.
  int64_t LeftMs(int64_t now_ms) const;

 private:
  const int64_t least_ms_;
  int64_t patience_ms_;
  bool waiting_ = false, connecting_ = false;
  int64_t since_ms_ = 0;  // the hub was last heard of, or first had something to answer
  int64_t given_up_ms_ = 0;
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_RETRY_H_
