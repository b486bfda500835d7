#include "common/base/minute.h"

#include "absl/time/time.h"

namespace liaison {
namespace {

std::string Formatted(const char* format, int64_t ms) {
  if (ms == 0) return "";
  return absl::FormatTime(format, absl::FromUnixMillis(ms), absl::FixedTimeZone(8 * 3600));
}

}  // namespace

std::string MinuteText(int64_t ms) { return Formatted("%Y-%m-%d %H:%M", ms); }

std::string ShortMinuteText(int64_t ms) { return Formatted("%m-%d %H:%M", ms); }

}  // namespace liaison
