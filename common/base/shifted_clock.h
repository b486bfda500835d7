// A clock that began elsewhere: for rehearsals of a reception day, and for tests of whole processes.
#ifndef LIAISON_COMMON_BASE_SHIFTED_CLOCK_H_
#define LIAISON_COMMON_BASE_SHIFTED_CLOCK_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

// Runs at the pace of this machine's clock, from `start` in the township (UTC+8) at the moment of this call. `start`:
// "2026-11-20T09:00" or "2026-11-20", which is its beginning; empty: now. kInvalidArgument (Chinese).
absl::StatusOr<std::unique_ptr<Clock>> ClockFrom(std::string_view start);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_SHIFTED_CLOCK_H_
