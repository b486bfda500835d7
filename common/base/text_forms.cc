#include "common/base/text_forms.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace liaison {
namespace {

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

// 三, 十二, 廿五, 两百零五, 一千: the value, or 0.
int ChineseNumber(std::string_view text) {
  static constexpr std::string_view kDigits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  int total = 0, digit = -1, last_unit = 10000;
  while (!text.empty()) {
    std::string_view c = NextChar(&text).bytes;
    int unit = c == "十" ? 10 : c == "百" ? 100 : c == "千" ? 1000 : 0;
    if (c == "廿" || c == "卅") {
      if (total != 0 || digit >= 0) return 0;
      total = c == "廿" ? 20 : 30;
      last_unit = 10;
      continue;
    }
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

// 二〇二六, with any of the signs that people use for a nought: "2026"; else empty.
std::string DigitByDigit(std::string_view text) {
  static constexpr std::string_view kDigits[] = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  std::string out;
  while (!text.empty()) {
    const std::string_view c = NextChar(&text).bytes;
    const auto* found = std::find(std::begin(kDigits), std::end(kDigits), c);
    const bool nought = c == "零" || c == "○" || c == "O" || c == "o" || c == "0";
    if (found == std::end(kDigits) && !nought) return "";
    out.push_back(static_cast<char>('0' + (nought ? 0 : found - std::begin(kDigits))));
  }
  return out;
}

// Reads the parts of a date off a folded text.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(text) {}

  // In Arabic or Chinese digits.
  bool Digits(size_t least, size_t most, int* value) {
    SkipSpaces();
    size_t n = 0;
    while (n < rest_.size() && IsDigit(rest_[n])) ++n;
    if (n == 0) return ChineseDigits(least, value);
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
  bool AtDigit() {
    SkipSpaces();
    return !rest_.empty() && IsDigit(rest_[0]);
  }
  // Nothing, or what people write behind a date: a day of the week (*weekday: 1 Monday to 7 Sunday), a part of the day,
  // a time: 9:30, T09:30:00, 0:00:00.000Z, 9时30分.
  bool AtEndOrTail(int* weekday) {
    for (int parts = 0; parts < 4; ++parts) {
      if (AtEnd()) return true;
      if (!SkipWeekday(weekday) && !SkipPartOfDay() && !SkipTime()) return false;
    }
    return AtEnd();
  }

 private:
  bool ChineseDigits(size_t least, int* value) {
    size_t n = 0;
    for (std::string_view ahead = rest_; !ahead.empty();) {
      const std::string_view c = NextChar(&ahead).bytes;
      const bool number = !DigitByDigit(c).empty() || c == "十" || c == "廿" || c == "卅";
      if (!number) break;
      n += c.size();
    }
    const std::string_view run = Take(n);
    const std::string digits = DigitByDigit(run);
    if (least == 4) return digits.size() == 4 && absl::SimpleAtoi(digits, value);
    *value = ChineseNumber(run);
    return *value > 0;
  }
  bool SkipWeekday(int* weekday) {
    static constexpr std::string_view kNames[] = {"一", "二", "三", "四", "五", "六", "日", "天"};
    const std::string_view before = rest_;
    const bool bracket = Skip("(");
    if (Skip("星期") || Skip("周") || Skip("礼拜")) {
      for (size_t i = 0; i < std::size(kNames); ++i) {
        if (!Skip(kNames[i])) continue;
        *weekday = static_cast<int>(std::min<size_t>(i + 1, 7));
        if (!bracket || Skip(")")) return true;
      }
    }
    rest_ = before;
    return false;
  }
  bool SkipPartOfDay() {
    for (std::string_view name : {"上午", "下午", "中午", "早上", "早晨", "凌晨", "傍晚", "晚上", "AM", "PM", "am", "pm"}) {
      if (Skip(name)) return true;
    }
    return false;
  }
  bool SkipTime() {
    Skip("T");
    int number = 0;
    if (rest_.empty() || !IsDigit(rest_[0]) || !Digits(1, 2, &number) || number > 24) return false;
    if (Skip("时") || Skip("点")) {
      if (!AtDigit()) return true;
      if (!Digits(1, 2, &number) || number > 59) return false;
      Skip("分");
      return true;
    }
    if (!Skip(":") || !Digits(2, 2, &number) || number > 59) return false;
    if (Skip(":") && (!Digits(2, 2, &number) || number > 60)) return false;
    if (Skip(".") && !Digits(1, 9, &number)) return false;
    Skip("Z");
    return true;
  }

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

absl::StatusOr<std::string> RealDay(int year, int month, int day) {
  absl::CivilDay civil(year, month, day);
  if (civil.year() != year || civil.month() != month || civil.day() != day) {
    return absl::InvalidArgumentError("日期不存在");
  }
  if (year < 1950 || year > 2100) return absl::InvalidArgumentError("年份应在 1950 至 2100 之间");
  return absl::StrFormat("%04d-%02d-%02d", year, month, day);
}

// UTF-16 without its mark: its separators and digits are a byte and a nought, which no other text has. The encoding
// that the first bytes are in, or null.
const char* UnmarkedUtf16(std::string_view bytes) {
  if (bytes.size() % 2 != 0) return nullptr;
  bytes = bytes.substr(0, 4096);
  size_t noughts[2] = {0, 0};
  for (size_t i = 0; i < bytes.size(); ++i) noughts[i % 2] += bytes[i] == '\0' ? 1 : 0;
  if (noughts[0] + noughts[1] < bytes.size() / 50 + 2) return nullptr;
  return noughts[0] == 0 ? "UTF-16LE" : noughts[1] == 0 ? "UTF-16BE" : nullptr;
}

}  // namespace

absl::StatusOr<std::string> DecodeText(std::string_view bytes) {
  constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
  absl::StatusOr<std::string> text;
  if (bytes.substr(0, 2) == "\xff\xfe") {
    text = Convert(bytes, "UTF-16LE", 2);
  } else if (bytes.substr(0, 2) == "\xfe\xff") {
    text = Convert(bytes, "UTF-16BE", 2);
  } else if (bytes.substr(0, 3) == kUtf8Mark) {
    text = Convert(bytes, "UTF-8", 3);  // marked as UTF-8: guessing another encoding would garble it in silence
  } else if (const char* unmarked = UnmarkedUtf16(bytes); unmarked != nullptr) {
    text = Convert(bytes, unmarked, 0);
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
  const std::string folded = Trim(Fold(text));
  if (folded.empty()) return absl::InvalidArgumentError("不能为空");
  const auto unreadable = absl::InvalidArgumentError("看不懂这个日期，请写成 2026-01-17 的样子");
  if (int number = 0; folded.find_first_not_of("0123456789") == std::string::npos) {
    if (folded.size() > 8 || !absl::SimpleAtoi(folded, &number)) return unreadable;
    if (folded.size() == 8 || folded.size() == 5) return DateFromNumber(number);
    return unreadable;
  }
  DateScanner scanner(folded);
  int year = 0, month = 0, day = 0, weekday = 0;
  if (!scanner.Digits(4, 4, &year)) {
    const size_t digits = folded.find_first_not_of("0123456789");
    if (digits == 2 && folded.find_first_of("-/.") == 2) return absl::InvalidArgumentError("年份要写四位数字");
    const bool no_year = folded.find("月") != std::string::npos && folded.find("年") == std::string::npos;
    return no_year ? absl::InvalidArgumentError("日期缺少年份") : unreadable;
  }
  std::string_view between;
  for (std::string_view separator : {"-", "/", ".", "。", "、", "\\"}) {
    if (between.empty() && scanner.Skip(separator)) between = separator;
  }
  if (between.empty() && scanner.Skip("年")) between = "月";
  if (between.empty() && !scanner.AtDigit()) return unreadable;  // 2026 3 5
  if (!scanner.Digits(1, 2, &month)) return unreadable;
  if (!scanner.Skip(between) || scanner.AtEnd()) return absl::InvalidArgumentError("日期缺少“日”");
  if (!scanner.Digits(1, 2, &day)) return unreadable;
  if (between == "月") scanner.Skip("日") || scanner.Skip("号");
  if (!scanner.AtEndOrTail(&weekday)) return unreadable;
  ASSIGN_OR_RETURN(std::string date, RealDay(year, month, day));
  if (weekday != 0 && weekday != static_cast<int>(absl::GetWeekday(absl::CivilDay(year, month, day))) + 1) {
    return absl::InvalidArgumentError("日期与星期对不上");
  }
  return date;
}

absl::StatusOr<std::string> DateFromNumber(double number, bool system_1904) {
  const auto whole = static_cast<int64_t>(number >= 0 && number < 1e9 ? number : 0);
  if (whole >= 10'000'000 && static_cast<double>(whole) == number) {
    return RealDay(static_cast<int>(whole / 10000), static_cast<int>(whole / 100 % 100), static_cast<int>(whole % 100));
  }
  return DateFromSerial(number, system_1904);
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
  std::string digits = PhoneDigits(text);
  if (digits.empty() && !NameKey(text).empty()) {
    return absl::InvalidArgumentError("电话只能有数字，应为 7 至 12 位");
  }
  if (digits.size() < 7 || digits.size() > 12) return absl::InvalidArgumentError("电话应为 7 至 12 位数字");
  return digits;
}

std::string PhoneDigits(std::string_view text) {
  const std::string key = NameKey(text);
  std::string_view rest = key;
  for (std::string_view quote : {"'", "’", "‘", "`"}) {
    if (rest.substr(0, quote.size()) == quote) rest.remove_prefix(quote.size());
  }
  bool abroad = false;
  for (std::string_view code : {"+86", "(+86)", "(86)"}) {
    if (abroad || rest.substr(0, code.size()) != code) continue;
    rest.remove_prefix(code.size());
    abroad = true;
  }
  std::string digits;
  for (char c : rest) {
    if (IsDigit(c)) {
      digits.push_back(c);
    } else if (c != '-' && c != '(' && c != ')') {
      return "";
    }
  }
  if (abroad) return digits;
  if (digits.size() >= 14 && digits.compare(0, 4, "0086") == 0) return digits.substr(4);
  if (digits.size() == 13 && digits.compare(0, 3, "861") == 0) return digits.substr(2);
  return digits;
}

}  // namespace liaison
