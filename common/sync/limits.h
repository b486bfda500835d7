// What a session may hold and say at most.
#ifndef LIAISON_COMMON_SYNC_LIMITS_H_
#define LIAISON_COMMON_SYNC_LIMITS_H_

#include <cstddef>

namespace liaison::sync {

inline constexpr size_t kMaxRangeBytes = 64 << 10;  // op bytes of a range; one larger op travels alone
inline constexpr size_t kMaxRangesInFlight = 4;     // sent and not yet answered
inline constexpr size_t kMaxBatchBytes = 32 << 10;  // of a feed batch; one larger item travels alone
inline constexpr size_t kMaxBatchesInFlight = 4;    // over all feeds of a session; at most one per feed
inline constexpr size_t kMaxBatchItems = 4096;
inline constexpr size_t kMaxWantNames = 1024;
inline constexpr size_t kMaxOpsBytes = 256 << 10;  // of an answer to Want; one larger op travels alone
inline constexpr size_t kMaxFeeds = 512;           // named in a hello or subscribed to
inline constexpr size_t kMaxPoints = 4096;         // points, names and dictionaries in a hello
inline constexpr size_t kRangesPerEcho = 8;        // while a station pushes, its own ops come back after so many ranges
inline constexpr int kMaxFeedAsks = 4;             // cursors out of turn, per feed, without progress
inline constexpr int kSpareGaps = 8;               // gaps of a session beyond one per own actor

}  // namespace liaison::sync

#endif  // LIAISON_COMMON_SYNC_LIMITS_H_
