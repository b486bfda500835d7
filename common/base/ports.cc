#include "common/base/ports.h"

#include <sys/random.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace liaison {
namespace {

class RealClock : public Clock {
 public:
  int64_t NowMs() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

class RealRandom : public Random {
 public:
  void Fill(char* out, size_t n) override {
    while (n > 0) {
      ssize_t got = getrandom(out, n, 0);
      if (got <= 0) std::abort();
      out += got;
      n -= static_cast<size_t>(got);
    }
  }
};

}  // namespace

std::string Random::Bytes(size_t n) {
  std::string bytes(n, '\0');
  Fill(bytes.data(), n);
  return bytes;
}

uint64_t Random::U64() {
  uint64_t value;
  Fill(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

Clock* SystemClock() {
  static RealClock clock;
  return &clock;
}

Random* SystemRandom() {
  static RealRandom random;
  return &random;
}

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void SeededRandom::Fill(char* out, size_t n) {
  while (n > 0) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    size_t k = n < 8 ? n : 8;
    std::memcpy(out, &z, k);
    out += k;
    n -= k;
  }
}

std::string BusinessDate(int64_t ms) {
  return absl::FormatCivilTime(absl::ToCivilDay(absl::FromUnixMillis(ms), absl::FixedTimeZone(8 * 3600)));
}

}  // namespace liaison
