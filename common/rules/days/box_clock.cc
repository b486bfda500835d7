#include "common/rules/days/box_clock.h"

#include <time.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "common/rules/days/calendar.h"

namespace liaison {
namespace {

constexpr char kToldMeta[] = "hub-time";
constexpr int64_t kDayMs = 24LL * 3600 * 1000, kZoneMs = 8LL * 3600 * 1000;

}  // namespace

// The system's clock may be set while this runs; the others go evenly by themselves.
int64_t BoxClock::SteadyMs() const {
  if (clock_ != SystemClock()) return clock_->NowMs();
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void BoxClock::Attach(Store* store, const std::string& node_id) {
  store_ = store;
  int64_t enrolled = 0;
  if (!node_id.empty()) {
    const StoreReader reader = store->Read();
    if (std::optional<Aggregate> node = reader.Load(RecordId::Master(TypeOf<v1::Node>().type(), node_id)))
      for (const Op& op : reader.OpsOf(*node))
        if (enrolled == 0 || op.wall_ms < enrolled) enrolled = op.wall_ms;
  }
  absl::MutexLock lock(&mutex_);
  enrolled_ms_ = std::max<int64_t>(enrolled, 0);
  if (std::optional<std::string> told = store->GetMeta(kToldMeta)) {
    ByteReader in(*told);
    hub_ms_ = static_cast<int64_t>(in.Fixed64());
    told_ms_ = static_cast<int64_t>(in.Fixed64());
    disproved_ms_ = static_cast<int64_t>(in.Fixed64());
  }
}

absl::Status BoxClock::OnHubTime(int64_t hub_ms) {
  if (hub_ms <= 0) return absl::OkStatus();
  const int64_t newest = store_->newest_wall_ms();
  std::string told;
  {
    absl::MutexLock lock(&mutex_);
    hub_ms_ = hub_ms;
    told_ms_ = clock_->NowMs();
    told_steady_ms_ = SteadyMs();
    if (newest > hub_ms) disproved_ms_ = newest;
    ByteWriter out(&told);
    for (int64_t ms : {hub_ms_, told_ms_, disproved_ms_}) out.Fixed64(static_cast<uint64_t>(ms));
  }
  return store_->PutMeta(kToldMeta, told);
}

absl::Status BoxClock::Give(const std::string& today, const std::string& by) {
  if (!ParseDay(today)) return absl::InvalidArgumentError(Cat("今天的日期：“", today, "”不是有效日期"));
  const ClockFacts facts = Facts();
  if (ClockTrouble(facts).empty())
    return absl::FailedPreconditionError(Cat("本机时钟没有疑问，今天是", BusinessDate(facts.now_ms), "，不用另外写明"));
  // What is known outranks a slip of the pen.
  const int64_t floor = facts.hub_now_ms > 0 ? facts.hub_now_ms : std::max(facts.hub_ms, facts.newest_ms);
  if (floor > 0 && today < BusinessDate(floor - kDayMs))
    return absl::InvalidArgumentError(Cat("今天的日期：", today, "早于已知的", BusinessDate(floor)));
  if (facts.hub_now_ms > 0 && today > BusinessDate(facts.hub_now_ms + kDayMs))
    return absl::InvalidArgumentError(Cat("今天的日期：", today, "晚于镇中心的", BusinessDate(facts.hub_now_ms)));
  absl::MutexLock lock(&mutex_);
  given_ = today;
  given_by_ = by;
  given_steady_ms_ = SteadyMs();
  return absl::OkStatus();
}

ClockFacts BoxClock::FactsAt(int64_t now_ms, int64_t newest_ms) const {
  ClockFacts facts{.now_ms = now_ms, .enrolled_ms = enrolled_ms_, .hub_ms = hub_ms_, .told_ms = told_ms_};
  if (newest_ms != disproved_ms_) facts.newest_ms = newest_ms;
  if (told_steady_ms_ > 0) facts.hub_now_ms = hub_ms_ + SteadyMs() - told_steady_ms_;
  return facts;
}

ClockFacts BoxClock::Facts() const {
  const int64_t newest = store_ == nullptr ? 0 : store_->newest_wall_ms(), now = clock_->NowMs();
  absl::MutexLock lock(&mutex_);
  return FactsAt(now, newest);
}

std::string BoxClock::Trouble() const { return ClockTrouble(Facts()); }

std::string BoxClock::Today() const {
  const std::string by_clock = BusinessDate(clock_->NowMs());
  {
    absl::MutexLock lock(&mutex_);
    if (given_.empty()) return by_clock;
  }
  if (Trouble().empty()) return by_clock;
  absl::MutexLock lock(&mutex_);
  // Midnights that have passed since, by a clock that may be wrong about the hour too.
  const int64_t now = clock_->NowMs(), then = now - (SteadyMs() - given_steady_ms_);
  const int64_t days = (now + kZoneMs) / kDayMs - (then + kZoneMs) / kDayMs;
  return DayText(ParseDay(given_).value_or(kUndated) + static_cast<Day>(days));
}

bool BoxClock::Doubtful() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!given_.empty()) return false;
  }
  return !Trouble().empty();
}

bool BoxClock::Guessing() const { return Facts().hub_now_ms == 0 && Doubtful(); }

std::string BoxClock::BestToday() const {
  const ClockFacts facts = Facts();
  return facts.hub_now_ms > 0 ? BusinessDate(facts.hub_now_ms) : Today();
}

absl::StatusOr<std::string> BoxClock::DateOr(const std::string& date) const {
  if (!date.empty()) return date;
  if (!Doubtful()) return Today();
  return absl::FailedPreconditionError(
      Cat(Trouble(), "，不可信。请写明日期（命令用 --date），或先写明今天是哪一天（liaison clock --today）"));
}

v1::ClockState BoxClock::State() const {
  const ClockFacts facts = Facts();
  v1::ClockState state;
  state.set_trouble(ClockTrouble(facts));
  if (facts.hub_now_ms > 0) state.set_hub_today(BusinessDate(facts.hub_now_ms));
  if (facts.hub_ms > 0) {
    state.set_ahead_ms(facts.told_ms - facts.hub_ms);
    state.set_told_ms(facts.hub_ms);
  }
  absl::MutexLock lock(&mutex_);
  if (!state.trouble().empty()) {
    state.set_given(given_);
    state.set_given_by(given_by_);
  }
  return state;
}

uint8_t BoxClock::QualityOf(int64_t wall_ms, int64_t newest_ms) const {
  absl::MutexLock lock(&mutex_);
  const ClockFacts facts = FactsAt(wall_ms, newest_ms);
  if (!ClockTrouble(facts).empty()) return kClockSuspect;
  return facts.hub_now_ms > 0 ? kClockTrusted : kClockUnknown;
}

}  // namespace liaison
