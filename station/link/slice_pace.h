// How much of a file a station sends or asks for at once: so little that a record which is entered meanwhile waits two
// seconds at most, which on a fast link is a whole piece.
//
// Pure: it is told what was moved and how long that took, the answer included. It begins small and grows at most
// twofold at a time, since nothing is known of a link before it was used. After losses it begins smaller.
#ifndef LIAISON_STATION_LINK_SLICE_PACE_H_
#define LIAISON_STATION_LINK_SLICE_PACE_H_

#include <cstddef>
#include <cstdint>

namespace liaison {

class SlicePace {
 public:
  size_t bytes() const { return bytes_; }
  void OnStart();  // a new connection: the link may have become another one
  void OnAnswer(size_t moved, int64_t took_ms);
  void OnLoss();  // no answer came

 private:
  static constexpr size_t kFirst = 8 << 10;
  size_t bytes_ = kFirst;
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_SLICE_PACE_H_
