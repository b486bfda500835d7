#include "station/link_pace.h"

#include <algorithm>
#include <cmath>

namespace liaison {
namespace {

constexpr double kFast = 500'000, kMiddling = 60'000;  // packed bytes a second
constexpr size_t kFirstRange = 8 << 10;                // plain bytes, while nothing is known
constexpr double kWaste = 0.1;                         // of what a session carries before it is cut
constexpr double kKeep = 0.7;                          // weight of what was known before

double Blend(double before, double now) { return before == 0 ? now : kKeep * before + (1 - kKeep) * now; }

}  // namespace

void LinkPace::OnStart() {
  out_.clear();
  range_bytes_ = kFirstRange;
  session_bytes_ = 0;
}

void LinkPace::OnRange(size_t plain_bytes, size_t packed_bytes, int64_t now_ms) {
  if (out_.empty()) {
    busy_from_ms_ = now_ms;
    busy_bytes_ = 0;
  }
  out_.push_back({packed_bytes, now_ms});
  session_bytes_ += packed_bytes;
  if (plain_bytes > 0) ratio_ = kKeep * ratio_ + (1 - kKeep) * packed_bytes / plain_bytes;
}

void LinkPace::OnAnswer(int64_t now_ms) {
  if (out_.empty()) return;
  Out out = out_.front();
  out_.pop_front();
  busy_bytes_ += out.packed;
  int64_t took = std::max<int64_t>(now_ms - out.at_ms, 0);
  round_trip_ms_ = round_trip_ms_ < 0 ? took : std::min(round_trip_ms_, took);
  // A round trip is no transfer: what one range tells about the rate is its bytes over the time beyond it.
  double seconds = (now_ms - busy_from_ms_ - round_trip_ms_ / 2) / 1000.0;
  rate_ = Blend(rate_, busy_bytes_ / std::max(seconds, 0.001));
  range_bytes_ = std::min(2 * range_bytes_, sync::kMaxRangeBytes);
  if (cut_after_ > 0 && session_bytes_ > 4 * cut_after_) cut_after_ = 0;  // it has become better
}

void LinkPace::OnCut() { cut_after_ = Blend(cut_after_, std::max<double>(session_bytes_, 1'000)); }

sync::PushLimits LinkPace::limits() const {
  auto plain = [&](double packed, size_t parts) {
    return std::clamp<size_t>(std::lround(packed / parts / std::max(ratio_, 0.01)), 1 << 10, sync::kMaxRangeBytes);
  };
  if (cut_after_ > 0) {
    double budget = kWaste * cut_after_;
    size_t parts = plain(budget, sync::kMaxRangesInFlight) >= kFirstRange ? sync::kMaxRangesInFlight : 1;
    return {plain(budget, parts), parts};
  }
  return {range_bytes_, sync::kMaxRangesInFlight};
}

StreamZip::Settings LinkPace::zip(uint64_t pending_bytes) const {
  StreamZip::Settings settings;
  settings.level = rate_ >= kFast ? 5 : rate_ >= kMiddling ? 12 : 19;
  settings.dictionary = true;
  // The hub holds a window for every station: no larger than what is to be sent.
  settings.window_log = 14;
  while (settings.window_log < kMaxWindowLog && (uint64_t{1} << settings.window_log) < pending_bytes)
    ++settings.window_log;
  return settings;
}

}  // namespace liaison
