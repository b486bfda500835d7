#include "common/rules/days/clock_trust.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/cord.h"
#include "common/base/fault.h"
#include "common/base/ports.h"
#include "common/base/text.h"
#include "common/rules/days/calendar.h"

namespace liaison {
namespace {

constexpr int64_t kMinuteMs = 60'000, kSlackMs = 60 * kMinuteMs;
constexpr int64_t kFarMs = 731LL * 24 * 60 * kMinuteMs;  // no machine lies idle for longer and is then right
constexpr int kMonthsBack = 12;

// Whether the two are on different days, and not merely on the two sides of a midnight.
bool OtherDay(int64_t a, int64_t b) { return std::abs(a - b) > kSlackMs && BusinessDate(a) != BusinessDate(b); }

bool Before(int64_t now, int64_t floor) { return floor > 0 && now < floor && OtherDay(now, floor); }

}  // namespace

std::string ClockTrouble(const ClockFacts& facts) {
  const int64_t now = facts.now_ms;
  const std::string here = Cat("本机时钟是", BusinessDate(now));
  if (facts.hub_now_ms > 0) {
    if (!OtherDay(now, facts.hub_now_ms)) return "";
    return Cat(here, "，镇中心是", BusinessDate(facts.hub_now_ms));
  }
  const int64_t enrolled = facts.hub_ms > 0 ? 0 : facts.enrolled_ms;
  if (Before(now, facts.hub_ms)) return Cat(here, "，早于镇中心上次告知的", BusinessDate(facts.hub_ms));
  // It was ahead when it was told so, and has not been set back since.
  if (facts.hub_ms > 0 && facts.told_ms > facts.hub_ms && now >= facts.told_ms && OtherDay(facts.told_ms, facts.hub_ms))
    return Cat(here, "，上次联网时比镇中心快", (facts.told_ms - facts.hub_ms) / (24 * 60 * kMinuteMs) + 1, "天左右");
  if (Before(now, enrolled)) return Cat(here, "，早于本机入网的日期", BusinessDate(enrolled));
  if (Before(now, facts.newest_ms)) return Cat(here, "，早于本机最新的记录（", BusinessDate(facts.newest_ms), "）");
  const int64_t last = std::max({facts.hub_ms, enrolled, facts.newest_ms});
  if (last > 0 && now > last + kFarMs)
    return Cat(here, "，比本机最近一次记录或联网（", BusinessDate(last), "）晚两年以上");
  return "";
}

absl::Status CheckPossible(const DateCheck& check) {
  const std::optional<Day> date = ParseDay(check.date);
  const Day today = ParseDay(check.today).value_or(kUndated);  // a clock may stand at its very beginning
  if (!date) return WrongField(check.label, Cat("“", check.date, "”不是有效日期"));
  const auto confirm = [&](std::string_view why) {
    absl::Status status =
        FixedField(check.label, Cat(check.date, why, "。请核对；确实无误的，请确认后再保存（命令加 --yes）"));
    status.SetPayload(kDateToConfirm, absl::Cord());
    return status;
  };
  if (*date > today && !check.doubtful)
    return WrongField(check.label, Cat(check.date, "晚于今天（", check.today, "），还没有到"));
  if (check.meant) return absl::OkStatus();
  if (*date > today) return confirm(Cat("晚于本机的今天（", check.today, "），而本机时钟不可信"));
  if (!check.any_past && *date < AddMonths(today, -kMonthsBack))
    return confirm(Cat("距今天（", check.today, "）一年以上"));
  return absl::OkStatus();
}

}  // namespace liaison
