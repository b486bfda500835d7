// What villagers and the township's clerks say in ten years: drawn from wide tables, so that texts hardly repeat. The
// same for the same seed.
#ifndef LIAISON_TESTS_BENCH_DECADE_WORDS_H_
#define LIAISON_TESTS_BENCH_DECADE_WORDS_H_

#include <string>

#include "common/base/ports.h"

namespace liaison::bench {

inline constexpr char kOftenSaid[] = "盼早日落实";         // stands in one content of twenty
inline constexpr char kNeverSaid[] = "磁悬浮列车";         // stands in none
inline constexpr char kRareName[] = "𬱖䶮·买买提";  // of one visitor in 10,000
inline constexpr char kCommonName[] = "王芳";              // of one visitor in 2,000

class Scribe {
 public:
  explicit Scribe(uint64_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_.U64() % static_cast<uint64_t>(n)); }
  bool Chance(int permille) { return Below(1000) < permille; }
  SeededRandom* random() { return &random_; }

  std::string PersonName();
  std::string Phone();
  std::string Hamlet();    // 张家湾
  std::string Category();  // a code of the fixture's roster; the next Content() is of it
  std::string Content();   // 30 to 150 characters
  std::string Answer();    // what a deputy says on the spot
  std::string ProgressText();
  std::string ReplyText();

 private:
  std::string Amount();
  std::string Day();
  SeededRandom random_;
  size_t topic_ = 0;
};

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_DECADE_WORDS_H_
