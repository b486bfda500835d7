#include "common/base/shifted_clock.h"

#include <string>

#include "absl/time/time.h"

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

std::unique_ptr<Clock> ClockFrom(std::string_view start) {
  const absl::TimeZone township = absl::FixedTimeZone(8 * 3600);
  absl::Time time;
  std::string error;
  const absl::string_view text(start.data(), start.size());  // another type than std's in the packaged build
  if (!absl::ParseTime("%Y-%m-%dT%H:%M", text, township, &time, &error) &&
      !absl::ParseTime("%Y-%m-%d", text, township, &time, &error))
    return nullptr;
  return std::make_unique<ShiftedClock>(absl::ToUnixMillis(time) - SystemClock()->NowMs());
}

}  // namespace liaison
