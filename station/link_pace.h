// Chooses what a station sends with: how hard the compressor works, how large a range is, and how many may be
// unanswered. Ranges begin small and double with each answer, since the first cut of a session should not waste much; a
// weak link gets strong compression; a link that is cut again and again gets so little on its way that a cut wastes
// about a tenth.
//
// Pure: it is told what happens, with times of a steady clock. Lives as long as the uplink: what one session learns,
// the next begins with.
#ifndef LIAISON_STATION_LINK_PACE_H_
#define LIAISON_STATION_LINK_PACE_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/codec/stream_zip.h"
#include "common/sync/port.h"

namespace liaison {

class LinkPace {
 public:
  void OnStart();                                                         // a session begins
  void OnRange(size_t plain_bytes, size_t packed_bytes, int64_t now_ms);  // was given to the link
  void OnAnswer(int64_t now_ms);                                          // of the oldest range
  void OnCut();                                                           // the session was lost, not ended

  sync::PushLimits limits() const;
  // For a session with this many plain bytes still to send.
  StreamZip::Settings zip(uint64_t pending_bytes) const;

  double bytes_per_second() const { return rate_; }  // packed; 0: not known yet

 private:
  struct Out {
    size_t packed = 0;
    int64_t at_ms = 0;
  };

  std::deque<Out> out_;
  double rate_ = 0;               // packed bytes a second while ranges were out
  size_t range_bytes_ = 8 << 10;  // plain, of the next range while the link is not cut
  double ratio_ = 0.25;           // packed bytes per plain byte
  int64_t round_trip_ms_ = -1;    // the shortest answer; -1: none yet
  int64_t busy_from_ms_ = 0;      // since when ranges have been out without a pause
  size_t busy_bytes_ = 0;         // answered since then
  uint64_t session_bytes_ = 0;    // packed, of this session
  double cut_after_ = 0;          // packed bytes that sessions carried before they were cut; 0: they are not
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_PACE_H_
