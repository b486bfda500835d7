#include "station/link/slice_pace.h"

#include <algorithm>

#include "common/attachments/partial.h"

namespace liaison {
namespace {

constexpr int64_t kTurnMs = 2'000;
constexpr size_t kLeast = 2 << 10;

}  // namespace

void SlicePace::OnStart() { bytes_ = std::min(bytes_, kFirst); }

void SlicePace::OnAnswer(size_t moved, int64_t took_ms) {
  if (moved < bytes_ / 2) return;  // the end of a piece tells little
  size_t fits = moved * static_cast<size_t>(kTurnMs) / static_cast<size_t>(std::max<int64_t>(took_ms, 1));
  bytes_ = std::clamp(std::clamp(fits, bytes_ / 2, bytes_ * 2), kLeast, size_t{kPieceBytes});
}

void SlicePace::OnLoss() { bytes_ = std::max(bytes_ / 2, kLeast); }

}  // namespace liaison
