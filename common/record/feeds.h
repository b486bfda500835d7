// The names of feeds: what the hub sends to stations, and to which. They stand in stored rows and on the wire.
#ifndef LIAISON_COMMON_RECORD_FEEDS_H_
#define LIAISON_COMMON_RECORD_FEEDS_H_

#include <optional>
#include <string>
#include <string_view>

namespace liaison {

inline constexpr std::string_view kFeedOfAll = "all";           // master records and notices
inline constexpr std::string_view kPointFeedPrefix = "point:";  // the records of a point, area or centre
inline constexpr std::string_view kStationFeedPrefix = "station:";  // what is for one station only, and its keys

inline std::string PointFeed(std::string_view station) { return std::string(kPointFeedPrefix).append(station); }
inline std::string StationFeed(std::string_view station) { return std::string(kStationFeedPrefix).append(station); }

// The station that a feed's name has; nullopt for one of another kind.
inline std::optional<std::string_view> PointOfFeed(std::string_view feed) {
  if (!feed.starts_with(kPointFeedPrefix)) return std::nullopt;
  return feed.substr(kPointFeedPrefix.size());
}
inline std::optional<std::string_view> StationOfFeed(std::string_view feed) {
  if (!feed.starts_with(kStationFeedPrefix)) return std::nullopt;
  return feed.substr(kStationFeedPrefix.size());
}

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_FEEDS_H_
