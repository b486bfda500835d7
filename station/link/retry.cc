#include "station/link/retry.h"

#include <algorithm>

namespace liaison {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kMostPatienceMs = 4 * 60'000;  // keepalive finds a dead connection after six minutes
constexpr int64_t kForgetMs = 30 * 60'000;

}  // namespace

RetryWait RetryWaitOf(const RetryDelays& delays, bool refused, int losses, uint64_t draw) {
  int64_t delay_ms = std::min(delays.least_ms << std::clamp(losses - 1, 0, 20), delays.most_ms);
  if (refused) delay_ms = delays.most_ms;
  RetryWait wait;
  wait.most_ms = delay_ms / 2 + static_cast<int64_t>(draw % (static_cast<uint64_t>(delay_ms) / 2 + 1));
  wait.least_ms = std::min(wait.most_ms, delays.least_ms);
  wait.commit_ends = !refused;
  return wait;
}

void ReceiptWatch::OnStart(int64_t now_ms) {
  if (now_ms - given_up_ms_ > kForgetMs) patience_ms_ = least_ms_;
  waiting_ = connecting_ = true;
  since_ms_ = now_ms;
}

void ReceiptWatch::SetWaiting(bool waiting, int64_t now_ms) {
  if (waiting && !waiting_) since_ms_ = now_ms;
  waiting_ = waiting;
}

void ReceiptWatch::OnMessage(int64_t now_ms) {
  connecting_ = false;
  since_ms_ = now_ms;
}

void ReceiptWatch::OnOverdue(int64_t now_ms) {
  patience_ms_ = std::min(2 * patience_ms_, kMostPatienceMs);
  given_up_ms_ = now_ms;
}

int64_t ReceiptWatch::LeftMs(int64_t now_ms) const {
  if (!waiting_) return kHourMs;
  return since_ms_ + (connecting_ ? 2 : 1) * patience_ms_ - now_ms;
}

}  // namespace liaison
