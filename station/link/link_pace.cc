#include "station/link/link_pace.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "common/codec/dictionary.h"

namespace liaison {
namespace {

struct Level {
  int level;
  double cost;  // of a byte, the lightest is 1; measured on records
};
constexpr Level kLevels[] = {{19, 14}, {12, 4}, {5, 1}};
constexpr int64_t kFarMs = 1'000;        // from the connection's start to the welcome: three to five round trips
constexpr double kPacking = 0.25;        // of the way of a byte, at most, may be packing
constexpr size_t kFirstRange = 8 << 10;  // plain bytes, while nothing is known
constexpr double kSecondsOfRange = 1;    // of the link's time for one range, at most
constexpr double kWaste = 0.1;           // of what a session carries before it is cut
constexpr double kKeep = 0.7;            // weight of what was known before

double Blend(double before, double now) { return before == 0 ? now : kKeep * before + (1 - kKeep) * now; }

}  // namespace

void LinkPace::OnStart(int64_t now_ms) {
  out_.clear();
  start_ms_ = now_ms;
  range_bytes_ = kFirstRange;
  session_bytes_ = 0;
}

void LinkPace::OnWelcome(int64_t now_ms) { far_ = now_ms - start_ms_ >= kFarMs; }

void LinkPace::OnRange(const Range& range, int64_t now_ms) {
  if (out_.empty()) {
    busy_from_ms_ = now_ms - range.pack_us / 1000;
    busy_bytes_ = busy_plain_ = 0;
  }
  out_.push_back({range.plain_bytes, range.packed_bytes, now_ms});
  session_bytes_ += range.packed_bytes;
  if (range.plain_bytes == 0) return;
  double plain = static_cast<double>(range.plain_bytes);
  ratio_ = kKeep * ratio_ + (1 - kKeep) * range.packed_bytes / plain;
  for (const Level& level : kLevels)
    if (level.level == range.level) pack_us_ = Blend(pack_us_, std::max<double>(range.pack_us, 1) / plain / level.cost);
}

void LinkPace::OnAnswer(int64_t now_ms) {
  if (out_.empty()) return;
  Out out = out_.front();
  out_.pop_front();
  busy_bytes_ += out.packed;
  busy_plain_ += out.plain;
  int64_t took = std::max<int64_t>(now_ms - out.at_ms, 0);
  round_trip_ms_ = round_trip_ms_ < 0 ? took : std::min(round_trip_ms_, took);
  // A round trip is no transfer: what one range tells about the rate is its bytes over the time beyond it.
  double seconds = (now_ms - busy_from_ms_ - round_trip_ms_ / 2) / 1000.0;
  rate_ = Blend(rate_, busy_bytes_ / std::max(seconds, 0.001));
  if (busy_plain_ > 0) way_us_ = Blend(way_us_, seconds * 1e6 / busy_plain_);
  range_bytes_ = std::min(2 * range_bytes_, sync::kMaxRangeBytes);
  if (cut_after_ > 0 && session_bytes_ > 4 * cut_after_) cut_after_ = 0;  // it has become better
}

void LinkPace::OnCut() {
  if (out_.empty()) return;
  cut_after_ = Blend(cut_after_, std::max<double>(session_bytes_, 1'000));
}

sync::PushLimits LinkPace::limits() const {
  auto plain = [&](double packed, size_t parts) {
    return std::clamp<size_t>(std::lround(packed / parts / std::max(ratio_, 0.01)), 1 << 10, sync::kMaxRangeBytes);
  };
  if (cut_after_ > 0) {
    double budget = kWaste * cut_after_;
    size_t parts = plain(budget, sync::kMaxRangesInFlight) >= kFirstRange ? sync::kMaxRangesInFlight : 1;
    return {plain(budget, parts), parts};
  }
  if (rate_ == 0) return {range_bytes_, sync::kMaxRangesInFlight};
  size_t bytes = std::clamp<size_t>(plain(rate_ * kSecondsOfRange, 1), kFirstRange, range_bytes_);
  // One range is on its way while the last one's answer comes back.
  double packed = std::max(bytes * ratio_, 1.0), parts = std::ceil(rate_ * round_trip_ms_ / 1000 / packed) + 1;
  return {bytes, std::clamp<size_t>(std::lround(parts), 2, sync::kMaxRangesInFlight)};
}

StreamZip::Settings LinkPace::zip(uint64_t pending_bytes) const {
  StreamZip::Settings settings;
  settings.level = far_ ? kLevels[0].level : std::prev(std::end(kLevels))->level;
  if (way_us_ > 0) {
    auto fits = [&](const Level& level) { return level.cost * pack_us_ <= kPacking * way_us_; };
    const Level* level = std::find_if(std::begin(kLevels), std::end(kLevels), fits);
    settings.level = level != std::end(kLevels) ? level->level : std::prev(std::end(kLevels))->level;
  }
  settings.dictionary = kDictionary;
  // The hub holds a window for every station: no larger than what is to be sent.
  settings.window_log = 14;
  while (settings.window_log < kMaxWindowLog && (uint64_t{1} << settings.window_log) < pending_bytes)
    ++settings.window_log;
  return settings;
}

}  // namespace liaison
