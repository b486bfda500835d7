#include "common/find/pinyin.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <atomic>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/folding.h"
#include "common/base/text.h"

namespace liaison {
namespace {

// What Han-Latin/Names does not know, or knows in one way only. Readings are separated by |, syllables by a space.
struct Surname {
  std::string_view characters;
  std::string_view readings;
};
constexpr Surname kSurnames[] = {
    {"万俟", "mo qi"},   {"尉迟", "yu chi"},    {"单于", "chan yu|shan yu"}, {"长孙", "zhang sun"}, {"澹台", "tan tai"},
    {"令狐", "ling hu"}, {"鲜于", "xian yu"},   {"宰父", "zai fu"},          {"亓官", "qi guan"},   {"曾", "zeng"},
    {"单", "shan"},      {"仇", "qiu"},         {"解", "xie"},               {"查", "zha"},         {"朴", "piao|pu"},
    {"区", "ou"},        {"盖", "ge|gai"},      {"缪", "miao|mou"},          {"覃", "qin|tan"},     {"种", "chong"},
    {"乐", "yue|le"},    {"召", "shao"},        {"那", "na"},                {"逄", "pang"},        {"冼", "xian"},
    {"折", "she"},       {"秘", "bi|mi"},       {"燕", "yan"},               {"翟", "zhai|di"},     {"繁", "po"},
    {"员", "yun"},       {"任", "ren"},         {"华", "hua"},               {"纪", "ji"},          {"宁", "ning"},
    {"牟", "mu|mou"},    {"黑", "he|hei"},      {"宓", "mi|fu"},             {"吕", "lu"},          {"重", "chong"},
    {"卜", "bu"},        {"石", "shi"},         {"沈", "shen"},              {"都", "du"},          {"过", "guo"},
    {"盛", "sheng"},     {"藏", "zang|cang"},   {"车", "che|ju"},            {"柏", "bai|bo"},      {"贾", "jia"},
    {"六", "lu"},        {"薄", "bo"},          {"晁", "chao"},              {"郗", "xi|chi"},      {"应", "ying"},
    {"占", "zhan"},      {"相", "xiang"},       {"谌", "chen|shen"},         {"尉", "wei|yu"},      {"隗", "wei|kui"},
    {"费", "fei|bi"},    {"祭", "zhai|ji"},     {"洗", "xian"},              {"句", "gou|ju"},      {"逯", "lu"},
    {"阚", "kan"},       {"郇", "xun|huan"},    {"角", "jue|jiao"},          {"佴", "nai|er"},      {"莘", "shen|xin"},
    {"於", "yu"},        {"隽", "juan|jun"},    {"颉", "xie|jie"},           {"曲", "qu"},          {"葛", "ge"},
    {"哈", "ha"},        {"撒", "sa"},          {"幺", "yao"},               {"洪", "hong"},        {"尹", "yin"},
    {"褚", "chu"},       {"瞿", "qu"},          {"芮", "rui"},               {"邸", "di"},          {"俞", "yu"},
    {"佘", "she"},       {"眭", "sui"},         {"昝", "zan"},               {"晟", "cheng|sheng"}, {"适", "kuo|shi"},
    {"臧", "zang"},      {"俟", "si"},          {"仉", "zhang"},             {"乜", "nie"},         {"冯", "feng"},
    {"干", "gan"},       {"行", "xing"},        {"强", "qiang"},             {"朝", "chao"},        {"参", "shen|can"},
    {"合", "he"},        {"叶", "ye"},          {"弹", "tan"},               {"无", "wu"},          {"鲍", "bao"}};

// Through ICU: Latin letters of `text`, syllables separated by spaces.
std::string Romanise(std::string_view text, Reading reading) {
  static absl::Mutex mutex;
  static const auto* transliterators = [] {
    auto* made = new std::array<std::unique_ptr<icu::Transliterator>, 2>;
    const char* ids[] = {"Han-Latin; NFD; [:Mn:] Remove", "Han-Latin/Names; NFD; [:Mn:] Remove"};
    for (size_t i = 0; i < 2; ++i) {
      UErrorCode error = U_ZERO_ERROR;
      (*made)[i].reset(icu::Transliterator::createInstance(ids[i], UTRANS_FORWARD, error));
    }
    return made;
  }();
  const auto& transliterator = (*transliterators)[reading == Reading::kName ? 1 : 0];
  if (transliterator == nullptr) return "";
  icu::UnicodeString units = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), text.size()));
  {
    absl::MutexLock lock(&mutex);  // rule-based transliterators keep state inside
    transliterator->transliterate(units);
  }
  std::string out;
  units.toUTF8String(out);
  return out;
}

bool IsHan(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  return c < kBrokenChar && uscript_getScript(static_cast<UChar32>(c), &error) == USCRIPT_HAN && u_isalpha(c);
}

char FirstLetter(std::string_view romanised) {
  return !romanised.empty() && absl::ascii_isalpha(static_cast<unsigned char>(romanised[0]))
             ? absl::ascii_tolower(static_cast<unsigned char>(romanised[0]))
             : '\0';
}

// '\0': it has no reading. Known letters of the two blocks in daily use are kept for the life of the process.
char InitialOf(const Char& c) {
  constexpr char32_t kFirst = 0x3400, kLast = 0x9fff;
  constexpr char kNone = '-';
  static std::array<std::atomic<char>, kLast - kFirst + 1> known{};
  const bool common = c.code >= kFirst && c.code <= kLast;
  char letter = common ? known[c.code - kFirst].load(std::memory_order_relaxed) : '\0';
  if (letter != '\0') return letter == kNone ? '\0' : letter;
  letter = FirstLetter(Romanise(c.bytes, Reading::kText));
  if (common) known[c.code - kFirst].store(letter == '\0' ? kNone : letter, std::memory_order_relaxed);
  return letter;
}

void AppendLetter(char32_t c, std::string* out) {
  if (c < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(c)))
    out->push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
}

// Syllables of a reading, behind those of *reading.
void AppendSyllables(std::string_view romanised, NameReading* reading) {
  for (absl::string_view syllable : absl::StrSplit(AbslView(romanised), ' ', absl::SkipEmpty())) {
    if (char letter = FirstLetter(StdView(syllable)); letter == '\0') continue;
    reading->initials.push_back(absl::ascii_tolower(static_cast<unsigned char>(syllable[0])));
    for (char c : syllable) AppendLetter(static_cast<unsigned char>(c), &reading->full);
  }
}

// A run of Chinese characters; one that begins a name may have several readings.
void AppendRun(std::string_view run, bool first, std::vector<NameReading>* readings) {
  if (run.empty()) return;
  const Surname* surname = nullptr;
  for (const Surname& one : kSurnames)
    if (first && surname == nullptr && run.starts_with(one.characters)) surname = &one;
  // Character by character: ICU does not always put a space between two syllables.
  std::string_view rest = run;
  std::string opening;
  if (surname != nullptr) {
    rest.remove_prefix(surname->characters.size());
  } else {
    opening = Romanise(NextChar(&rest).bytes, first ? Reading::kName : Reading::kText);
  }
  std::string given;
  while (!rest.empty()) given += Romanise(NextChar(&rest).bytes, Reading::kText) + " ";
  if (surname == nullptr) {
    for (NameReading& reading : *readings) {
      AppendSyllables(opening, &reading);
      AppendSyllables(given, &reading);
    }
    return;
  }
  readings->clear();
  for (absl::string_view way : absl::StrSplit(AbslView(surname->readings), '|')) {
    AppendSyllables(StdView(way), &readings->emplace_back());
    AppendSyllables(given, &readings->back());
  }
}

}  // namespace

std::string PinyinInitials(std::string_view text, Reading reading) {
  if (reading == Reading::kName) return NameReadings(text).front().initials;
  const std::string folded = Fold(text);
  std::string out;
  for (std::string_view rest = folded; !rest.empty();) {
    const Char c = NextChar(&rest);
    if (!IsHan(c.code)) {
      AppendLetter(c.code, &out);
    } else if (char letter = InitialOf(c); letter != '\0') {
      out.push_back(letter);
    }
  }
  return out;
}

std::vector<NameReading> NameReadings(std::string_view name) {
  const std::string folded = Fold(name);
  std::vector<NameReading> readings(1);
  std::string run;
  for (std::string_view rest = folded; !rest.empty();) {
    const Char c = NextChar(&rest);
    if (IsHan(c.code)) {
      run += c.bytes;
      continue;
    }
    if (c.code == ' ') continue;  // 单　小明
    AppendRun(run, readings.front().initials.empty(), &readings);
    run.clear();
    for (NameReading& reading : readings) {
      AppendLetter(c.code, &reading.initials);
      AppendLetter(c.code, &reading.full);
    }
  }
  AppendRun(run, readings.front().initials.empty(), &readings);
  return readings;
}

}  // namespace liaison
