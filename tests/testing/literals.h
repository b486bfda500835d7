// Dots and vectors as people say them: "Bob2"_dot is the second op of Bob, "Bob2'"_dot another op under the same
// number (a fork), "Alice1 Bob2"_vv a vector. The same text is always the same dot.
#ifndef LIAISON_TESTS_TESTING_LITERALS_H_
#define LIAISON_TESTS_TESTING_LITERALS_H_

#include <cstdlib>
#include <string>
#include <string_view>

#include "common/causal/version_vector.h"

namespace liaison {

// REQUIRES: letters, then digits, then any number of primes; anything else ends the test program.
inline Dot DotFrom(std::string_view text) {
  size_t digits = text.find_first_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) std::abort();
  size_t primes = text.find_first_not_of("0123456789", digits);
  if (primes == std::string_view::npos) primes = text.size();
  if (text.find_first_not_of('\'', primes) != std::string_view::npos) std::abort();
  Dot dot;
  dot.actor.station = std::string(text.substr(0, digits));
  dot.n = std::strtoull(std::string(text.substr(digits, primes - digits)).c_str(), nullptr, 10);
  dot.tag = 0xcbf29ce484222325;  // FNV-1a
  for (char c : text) dot.tag = (dot.tag ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return dot;
}

inline Dot operator""_dot(const char* text, size_t size) { return DotFrom({text, size}); }

inline VersionVector operator""_vv(const char* text, size_t size) {
  std::string_view rest(text, size);
  VersionVector vector;
  while (!rest.empty()) {
    size_t end = rest.find(' ');
    vector.Insert(DotFrom(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return vector;
}

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_LITERALS_H_
