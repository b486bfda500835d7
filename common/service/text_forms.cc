#include "common/service/text_forms.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

struct Char {
  char32_t code;           // the byte plus kBroken for a byte that is not UTF-8
  std::string_view bytes;  // in the text walked over
};
constexpr char32_t kBroken = 0x110000;

// Takes the first character off *rest, which must not be empty.
Char NextChar(std::string_view* rest) {
  int32_t length = 0;
  UChar32 code = 0;
  U8_NEXT(rest->data(), length, static_cast<int32_t>(std::min<size_t>(rest->size(), 4)), code);
  if (code < 0) length = 1;
  Char c{code < 0 ? kBroken + static_cast<unsigned char>((*rest)[0]) : static_cast<char32_t>(code),
         rest->substr(0, length)};
  rest->remove_prefix(length);
  return c;
}

void AppendChar(char32_t code, std::string* out) {
  char bytes[4];
  int32_t n = 0;
  U8_APPEND_UNSAFE(bytes, n, static_cast<UChar32>(code));
  out->append(bytes, n);
}

bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || (c >= 0x2000 && c <= 0x200f) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Decodes through ICU, stopping at the first error; `skip` bytes in front are the mark.
absl::StatusOr<std::string> Convert(std::string_view bytes, const char* encoding, size_t skip) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, void (*)(UConverter*)> converter(ucnv_open(encoding, &error), ucnv_close);
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  if (U_FAILURE(error)) return absl::InternalError(Cat("ICU has no converter for ", encoding));
  std::string out;
  out.reserve(bytes.size() * 3 / 2);
  const char* from = bytes.data() + skip;
  const char* end = bytes.data() + bytes.size();
  std::array<UChar, 4096> units;
  icu::UnicodeString text;
  do {
    error = U_ZERO_ERROR;
    UChar* to = units.data();
    ucnv_toUnicode(converter.get(), &to, units.data() + units.size(), &from, end, nullptr, true, &error);
    text.append(units.data(), static_cast<int32_t>(to - units.data()));
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  if (U_FAILURE(error)) {
    char invalid[32];
    int8_t count = sizeof invalid;
    UErrorCode ignored = U_ZERO_ERROR;
    ucnv_getInvalidChars(converter.get(), invalid, &count, &ignored);
    return absl::InvalidArgumentError(Cat("文件的文字编码有误（第 ", from - bytes.data() - count + 1,
                                          " 个字节）。请用表格软件打开后另存为 .xlsx 或 UTF-8 的 .csv 再导入"));
  }
  text.toUTF8String(out);
  return out;
}

// Letter by letter through ICU: Latin letters of `text`, syllables separated by spaces.
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
  return c < kBroken && uscript_getScript(static_cast<UChar32>(c), &error) == USCRIPT_HAN && u_isalpha(c);
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

// The first letter of every syllable of a run of Chinese characters.
void AppendRunInitials(std::string_view run, std::string* out) {
  if (run.empty()) return;
  std::string romanised = Romanise(run, Reading::kName);
  for (size_t i = 0; i < romanised.size(); ++i) {
    if (i > 0 && romanised[i - 1] != ' ') continue;
    if (char letter = FirstLetter(std::string_view(romanised).substr(i)); letter != '\0') out->push_back(letter);
  }
}

// Reads the parts of a date off a folded text.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(text) {}

  bool Digits(size_t least, size_t most, int* value) {
    SkipSpaces();
    size_t n = 0;
    while (n < rest_.size() && IsDigit(rest_[n])) ++n;
    if (n < least || n > most) return false;
    return absl::SimpleAtoi(AbslView(Take(n)), value);
  }
  bool Skip(std::string_view what) {
    SkipSpaces();
    if (rest_.substr(0, what.size()) != what) return false;
    Take(what.size());
    return true;
  }
  bool AtEnd() {
    SkipSpaces();
    return rest_.empty();
  }
  // Nothing, or a time of day: 9:30, T09:30:00, 0:00:00.000Z.
  bool AtEndOrTime() {
    if (AtEnd()) return true;
    if (rest_[0] == 'T') Take(1);
    int number = 0;
    if (!Digits(1, 2, &number) || number > 24 || !Skip(":") || !Digits(2, 2, &number) || number > 59) return false;
    if (Skip(":") && (!Digits(2, 2, &number) || number > 60)) return false;
    if (Skip(".") && !Digits(1, 9, &number)) return false;
    Skip("Z");
    return AtEnd();
  }

 private:
  void SkipSpaces() {
    while (!rest_.empty() && rest_[0] == ' ') Take(1);
  }
  std::string_view Take(size_t n) {
    std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }

  std::string_view rest_;
};

bool IsDash(char32_t c) { return (c >= 0x2010 && c <= 0x2015) || c == 0x2212; }

std::string FoldDashes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    Char c = NextChar(&text);
    out += IsDash(c.code) ? std::string_view("-") : c.bytes;
  }
  return out;
}

absl::StatusOr<std::string> RealDay(int year, int month, int day) {
  absl::CivilDay civil(year, month, day);
  if (civil.year() != year || civil.month() != month || civil.day() != day) {
    return absl::InvalidArgumentError("日期不存在");
  }
  if (year < 1950 || year > 2100) return absl::InvalidArgumentError("年份应在 1950 至 2100 之间");
  return absl::StrFormat("%04d-%02d-%02d", year, month, day);
}

// 三, 十二, 两百零五, 一千: the value, or 0.
int ChineseNumber(std::string_view text) {
  static constexpr std::string_view kDigits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  int total = 0, digit = -1, last_unit = 10000;
  while (!text.empty()) {
    std::string_view c = NextChar(&text).bytes;
    int unit = c == "十" ? 10 : c == "百" ? 100 : c == "千" ? 1000 : 0;
    if (unit != 0) {
      if (unit >= last_unit || digit == 0 || (digit < 0 && (unit != 10 || total != 0))) return 0;
      total += (digit < 0 ? 1 : digit) * unit;
      last_unit = unit;
      digit = -1;
      continue;
    }
    int value = c == "〇" ? 0 : c == "两" ? 2 : -1;
    for (int i = 0; i < 10; ++i) {
      if (c == kDigits[i]) value = i;
    }
    if (value < 0 || digit > 0) return 0;
    digit = value;
  }
  return total + std::max(digit, 0);
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    if (static_cast<unsigned char>(bytes[0]) < 0x80) {
      bytes.remove_prefix(1);
    } else if (NextChar(&bytes).code >= kBroken) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<std::string> DecodeText(std::string_view bytes) {
  constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
  absl::StatusOr<std::string> text;
  if (bytes.substr(0, 2) == "\xff\xfe") {
    text = Convert(bytes, "UTF-16LE", 2);
  } else if (bytes.substr(0, 2) == "\xfe\xff") {
    text = Convert(bytes, "UTF-16BE", 2);
  } else if (bytes.substr(0, 3) == kUtf8Mark) {
    text = Convert(bytes, "UTF-8", 3);  // marked as UTF-8: guessing another encoding would garble it in silence
  } else if (IsUtf8(bytes)) {
    text = std::string(bytes);
  } else {
    text = Convert(bytes, "gb18030", 0);
  }
  if (text.ok() && text->find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("这不是文本文件。请导入 .xlsx 或 .csv 表格");
  }
  return text;
}

size_t CountChars(std::string_view text) {
  size_t n = 0;
  for (; !text.empty(); ++n) NextChar(&text);
  return n;
}

std::string Truncate(std::string_view text, size_t chars) {
  std::string_view rest = text;
  while (chars-- > 0 && !rest.empty()) NextChar(&rest);
  return std::string(text.substr(0, text.size() - rest.size()));
}

std::string Trim(std::string_view text) {
  std::string_view rest = text;
  size_t begin = text.size(), end = 0;
  while (!rest.empty()) {
    Char c = NextChar(&rest);
    if (IsSpace(c.code)) continue;
    begin = std::min(begin, text.size() - rest.size() - c.bytes.size());
    end = text.size() - rest.size();
  }
  return begin < end ? std::string(text.substr(begin, end - begin)) : "";
}

std::string RemoveSpaces(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (Char c = NextChar(&text); !IsSpace(c.code)) out += c.bytes;
  }
  return out;
}

std::string FoldWidth(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    Char c = NextChar(&text);
    if (c.code >= 0xff01 && c.code <= 0xff5e) {
      out.push_back(static_cast<char>(c.code - 0xff01 + '!'));
    } else if (IsSpace(c.code) && c.code != '\n' && c.code != '\r') {
      out.push_back(' ');
    } else {
      out += c.bytes;
    }
  }
  return out;
}

// Broken bytes are not kept: without the space between them two could make a character.
std::string NameKey(std::string_view text) {
  std::string folded = FoldWidth(text);
  std::string out;
  for (std::string_view rest = folded; !rest.empty();) {
    Char c = NextChar(&rest);
    if (IsSpace(c.code)) continue;
    if (c.code == 0x2022 || c.code == 0x2027 || c.code == 0x22c5 || c.code == 0x30fb || c.code == 0xff65) {
      AppendChar(0xb7, &out);
    } else if (c.code < 0x80) {
      out.push_back(absl::ascii_toupper(static_cast<unsigned char>(c.code)));
    } else if (c.code >= kBroken) {
      AppendChar(0xfffd, &out);
    } else {
      out += c.bytes;
    }
  }
  return out;
}

std::string ColumnKey(std::string_view text) {
  std::string key = NameKey(text);
  for (size_t open = key.find('('); open != std::string::npos; open = key.find('(')) {
    const size_t close = key.find(')', open);
    key.erase(open, close == std::string::npos ? close : close - open + 1);
  }
  key.erase(key.find_last_not_of(":*") + 1);
  key.erase(0, std::min(key.find_first_not_of('*'), key.size()));
  return key;
}

std::string PinyinInitials(std::string_view text, Reading reading) {
  std::string folded = FoldWidth(text);
  std::string out, run;
  for (std::string_view rest = folded; !rest.empty();) {
    Char c = NextChar(&rest);
    if (IsHan(c.code)) {
      if (reading == Reading::kName) {
        run += c.bytes;
      } else if (char letter = InitialOf(c); letter != '\0') {
        out.push_back(letter);
      }
      continue;
    }
    AppendRunInitials(run, &out);
    run.clear();
    if (c.code < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(c.code))) {
      out.push_back(absl::ascii_tolower(static_cast<unsigned char>(c.code)));
    }
  }
  AppendRunInitials(run, &out);
  return out;
}

std::string MaskName(std::string_view name) {
  std::string trimmed = Trim(name);
  return trimmed.empty() ? "" : Truncate(trimmed, 1) + "**";
}

std::string MaskPhone(std::string_view phone) {
  if (phone.empty()) return "";
  for (char c : phone) {
    if (!IsDigit(c)) return "****";
  }
  if (phone.size() < 7) return "****";
  size_t head = phone.size() > 8 ? phone.size() - 8 : 0;
  size_t tail = std::min<size_t>(4, phone.size() - 4);
  return Cat(phone.substr(0, head), "****", phone.substr(phone.size() - tail));
}

absl::StatusOr<std::string> ParseDate(std::string_view text) {
  std::string folded = FoldDashes(Trim(FoldWidth(text)));
  if (folded.empty()) return absl::InvalidArgumentError("不能为空");
  const auto unreadable = absl::InvalidArgumentError("看不懂这个日期，请写成 2026-01-17 的样子");
  if (int number = 0; folded.find_first_not_of("0123456789") == std::string::npos) {
    if (folded.size() > 8 || !absl::SimpleAtoi(folded, &number)) return unreadable;
    if (folded.size() == 8) return RealDay(number / 10000, number / 100 % 100, number % 100);
    if (folded.size() == 5) return DateFromSerial(number);
    return unreadable;
  }
  DateScanner scanner(folded);
  int year = 0, month = 0, day = 0;
  if (!scanner.Digits(4, 4, &year)) return unreadable;
  std::string_view between = scanner.Skip("年") ? "月" : scanner.Skip("-") ? "-" : scanner.Skip("/") ? "/" : ".";
  if (between == "." && !scanner.Skip(".")) return unreadable;
  if (!scanner.Digits(1, 2, &month)) return unreadable;
  if (!scanner.Skip(between) || scanner.AtEnd()) return absl::InvalidArgumentError("日期缺少“日”");
  if (!scanner.Digits(1, 2, &day)) return unreadable;
  if (between == "月") scanner.Skip("日") || scanner.Skip("号");
  if (!scanner.AtEndOrTime()) return unreadable;
  return RealDay(year, month, day);
}

absl::StatusOr<std::string> DateFromSerial(double serial, bool system_1904) {
  // 1900-02-29 is a day to spreadsheets (number 60), so numbers below 61 count from another day; none is in range.
  if (!(serial >= (system_1904 ? 0 : 61)) || serial > 80000) {
    return absl::InvalidArgumentError("看不懂这个日期，请写成 2026-01-17 的样子");
  }
  absl::CivilDay epoch = system_1904 ? absl::CivilDay(1904, 1, 1) : absl::CivilDay(1899, 12, 30);
  absl::CivilDay day = epoch + static_cast<int64_t>(std::floor(serial));
  return RealDay(static_cast<int>(day.year()), day.month(), day.day());
}

absl::StatusOr<int> ParseCount(std::string_view text) {
  std::string folded = NameKey(text);
  for (std::string_view unit : {"人次", "人", "名", "位", "个"}) {
    if (folded.size() > unit.size() && folded.compare(folded.size() - unit.size(), unit.size(), unit) == 0) {
      folded.resize(folded.size() - unit.size());
      break;
    }
  }
  size_t digits = std::min(folded.find_first_not_of("0123456789"), folded.size());
  int value = 0;
  if (digits > 0) {
    std::string_view fraction = std::string_view(folded).substr(digits);
    const bool whole = fraction.empty() || (fraction[0] == '.' && fraction.size() > 1 &&
                                            fraction.find_first_not_of('0', 1) == std::string_view::npos);
    if (!whole || digits > 9 || !absl::SimpleAtoi(AbslView(std::string_view(folded).substr(0, digits)), &value)) {
      value = 0;
    }
  } else {
    value = ChineseNumber(folded);
  }
  if (value < 1) return absl::InvalidArgumentError("应为正整数");
  return value;
}

absl::StatusOr<std::string> NormalisePhone(std::string_view text) {
  std::string key = NameKey(text), digits;
  std::string_view rest = key;
  if (rest.substr(0, 3) == "+86") rest.remove_prefix(3);
  while (!rest.empty()) {
    Char c = NextChar(&rest);
    if (c.code < 0x80 && IsDigit(static_cast<char>(c.code))) {
      digits.push_back(static_cast<char>(c.code));
    } else if (c.code != '-' && c.code != '(' && c.code != ')' && !IsDash(c.code)) {
      return absl::InvalidArgumentError("电话只能有数字，应为 7 至 12 位");
    }
  }
  if (digits.size() < 7 || digits.size() > 12) return absl::InvalidArgumentError("电话应为 7 至 12 位数字");
  return digits;
}

}  // namespace liaison
