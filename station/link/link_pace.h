// Chooses what a station sends with: how hard the compressor works, how large a range is, and how many may be
// unanswered. Ranges begin small and double with each answer, up to what the link carries in a second, since a cut
// wastes what is on its way. The compressor works as hard as it can without keeping the link waiting: what a level
// costs is measured on this machine, what a byte costs on the way in the same session. Until a range is answered, the
// welcome tells a near hub from a far one: far counts as slow. A link that is cut again and again gets so little on its
// way that a cut wastes about a tenth.
//
// Pure: it is told what happens, with times of a steady clock. Lives as long as the uplink: what one session learns,
// the next begins with.
#ifndef LIAISON_STATION_LINK_LINK_PACE_H_
#define LIAISON_STATION_LINK_LINK_PACE_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/codec/stream_zip.h"
#include "common/sync/port.h"

namespace liaison {

class LinkPace {
 public:
  struct Range {
    size_t plain_bytes = 0, packed_bytes = 0;
    int64_t pack_us = 0;  // that packing took
    int level = 0;        // at which
  };

  void OnStart(int64_t now_ms);                      // a session begins: from here on it connects
  void OnWelcome(int64_t now_ms);                    // of the hub
  void OnRange(const Range& range, int64_t now_ms);  // was given to the link
  void OnAnswer(int64_t now_ms);                     // of the oldest range
  void OnCut();                                      // the session was lost, not ended; counts if ranges were out

  sync::PushLimits limits() const;
  // For a session with this many plain bytes still to send.
  StreamZip::Settings zip(uint64_t pending_bytes) const;

  double bytes_per_second() const { return rate_; }  // packed; 0: not known yet

 private:
  struct Out {
    size_t plain = 0, packed = 0;
    int64_t at_ms = 0;
  };

  std::deque<Out> out_;
  double rate_ = 0;               // packed bytes a second while ranges were out
  size_t range_bytes_ = 8 << 10;  // plain, of the next range while the link is not cut
  double ratio_ = 0.25;           // packed bytes per plain byte
  int64_t start_ms_ = 0;          // of the session
  bool far_ = false;              // the last welcome took long
  int64_t round_trip_ms_ = -1;    // the shortest answer; -1: none yet
  int64_t busy_from_ms_ = 0;      // since when ranges have been out without a pause
  size_t busy_bytes_ = 0;         // answered since then, packed
  size_t busy_plain_ = 0;         // and plain
  double pack_us_ = 0;            // a plain byte at the lightest level; 0: not known yet
  double way_us_ = 0;             // a plain byte from packing to its answer, all others behind it; 0: not known yet
  uint64_t session_bytes_ = 0;    // packed, of this session
  double cut_after_ = 0;          // packed bytes that sessions carried before they were cut; 0: they are not
};

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_LINK_PACE_H_
