#include "common/base/markup.h"

#include <cstddef>
#include <cstdint>

#include "common/base/text.h"

namespace liaison::office {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the well-formed sequence that `s` begins with (Unicode 15, table 3-7); 0: none.
size_t SequenceLength(std::string_view s) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  auto tail = [&](size_t from, size_t to) {
    if (s.size() < to) return false;
    for (size_t i = from; i < to; ++i)
      if ((byte(i) & 0xC0) != 0x80) return false;
    return true;
  };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1, 2) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1, 3)) return 0;
    const bool overlong = first == 0xE0 && byte(1) < 0xA0, surrogate = first == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1, 4)) return 0;
    const bool overlong = first == 0xF0 && byte(1) < 0x90, beyond = first == 0xF4 && byte(1) > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

}  // namespace

std::string CleanText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const std::string_view c = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(c.size());
    if (length == 0) {
      out += kReplacement;
    } else if (c[0] == '\r') {
      if (text.empty() || text[0] != '\n') out += '\n';
    } else if (length == 1 && ((c[0] >= 0 && c[0] < 0x20 && c[0] != '\t' && c[0] != '\n') || c[0] == 0x7F)) {
      continue;
    } else if (c != "\xEF\xBF\xBE" && c != "\xEF\xBF\xBF") {
      out += c;
    }
  }
  return out;
}

std::string Escape(std::string_view text) {
  std::string out;
  for (char c : CleanText(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string ChineseNumber(int n) {
  static constexpr const char* kDigits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  if (n < 1 || n > 99) return Cat(n);
  if (n < 10) return kDigits[n];
  return Cat(n < 20 ? "" : kDigits[n / 10], "十", kDigits[n % 10]);
}

std::string ChineseDate(std::string_view date) {
  auto digits = [&](size_t from, size_t count) {
    for (size_t i = from; i < from + count; ++i)
      if (date[i] < '0' || date[i] > '9') return false;
    return true;
  };
  if (date.size() != 10 || date[4] != '-' || date[7] != '-' || !digits(0, 4) || !digits(5, 2) || !digits(8, 2))
    return std::string(date);
  auto number = [&](size_t from) {
    return date.substr(date[from] == '0' ? from + 1 : from, date[from] == '0' ? 1 : 2);
  };
  return Cat(date.substr(0, 4), "年", number(5), "月", number(8), "日");
}

}  // namespace liaison::office
