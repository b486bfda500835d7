#include "common/base/shifted_clock.h"

#include <string>

#include "absl/time/time.h"
#include "common/base/text.h"

namespace liaison {
namespace {

class ShiftedClock : public Clock {
 public:
  explicit ShiftedClock(int64_t by_ms) : by_ms_(by_ms) {}
  int64_t NowMs() override { return SystemClock()->NowMs() + by_ms_; }

 private:
  const int64_t by_ms_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Clock>> ClockFrom(std::string_view start) {
  if (start.empty()) return std::make_unique<ShiftedClock>(0);
  const absl::TimeZone township = absl::FixedTimeZone(8 * 3600);
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M", AbslView(start), township, &time, &error) &&
      !absl::ParseTime("%Y-%m-%d", AbslView(start), township, &time, &error))
    return absl::InvalidArgumentError(Cat("“", start, "”不是时间，应如 2026-11-20T09:00"));
  return std::make_unique<ShiftedClock>(absl::ToUnixMillis(time) - SystemClock()->NowMs());
}

}  // namespace liaison
