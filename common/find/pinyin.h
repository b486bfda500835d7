// How Chinese is read, in letters without tones. Pure functions, thread-safe.
#ifndef LIAISON_COMMON_FIND_PINYIN_H_
#define LIAISON_COMMON_FIND_PINYIN_H_

#include <string>
#include <string_view>
#include <vector>

namespace liaison {

enum class Reading {
  kText,
  kName,  // surnames have readings of their own: 曾 z, 单 s, 仇 q, 单于 cy
};

// One lower-case letter per Chinese character: 水渠 -> sq. ASCII letters (in lower case) and digits stay, after
// folding; all else falls out, also a character without a reading. kText remembers each character's letter; kName gives
// the first of NameReadings.
std::string PinyinInitials(std::string_view text, Reading reading = Reading::kText);

// ü is written u.
struct NameReading {
  std::string initials;  // 单于明 -> cym
  std::string full;      // chanyuming
};
// The usual reading first; more where a surname is read in several ways (覃: qin, tan). Takes some 50 us: every name
// goes through ICU.
std::vector<NameReading> NameReadings(std::string_view name);

}  // namespace liaison

#endif  // LIAISON_COMMON_FIND_PINYIN_H_
