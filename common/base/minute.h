// A moment as people read it, by the township's own time (UTC+8, no summer time).
#ifndef LIAISON_COMMON_BASE_MINUTE_H_
#define LIAISON_COMMON_BASE_MINUTE_H_

#include <cstdint>
#include <string>

namespace liaison {

// "2026-11-20 09:30"; empty for 0, which says that there was no such moment. `ms` since 1970.
std::string MinuteText(int64_t ms);

// The same without the year, for narrow tables.
std::string ShortMinuteText(int64_t ms);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_MINUTE_H_
