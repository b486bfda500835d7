// What the core takes from the world: time and randomness. Tests and the simulator bring their own.
#ifndef LIAISON_COMMON_BASE_PORTS_H_
#define LIAISON_COMMON_BASE_PORTS_H_

#include <cstdint>
#include <memory>
#include <string>

namespace liaison {

// Milliseconds since 1970-01-01 UTC by this machine's wall clock, which may be wrong by years. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMs() = 0;
};

// Random bytes fit for keys and names. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(char* out, size_t n) = 0;

  std::string Bytes(size_t n);
  uint64_t U64();
};

// The real ones. Both live as long as the process.
Clock* SystemClock();
Random* SystemRandom();  // getrandom(2); aborts if the kernel refuses

// Milliseconds by a clock that nobody sets; only differences mean something.
int64_t SteadyMs();

// A clock that is set, and a SplitMix64 generator (Steele, Lea, Flood 2014), for tests and simulation.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t now_ms = 1'790'000'000'000) : now_ms_(now_ms) {}
  int64_t NowMs() override { return now_ms_; }
  void Set(int64_t now_ms) { now_ms_ = now_ms; }
  void Advance(int64_t ms) { now_ms_ += ms; }

 private:
  int64_t now_ms_;  // not thread-safe
};

class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(char* out, size_t n) override;

 private:
  uint64_t state_;  // not thread-safe
};

// The business day of an instant in the township (UTC+8, no daylight saving since 1991): "2026-11-20".
std::string BusinessDate(int64_t ms);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_PORTS_H_
