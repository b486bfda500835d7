#include "common/base/markup.h"

#include <cstddef>
#include <cstdint>

#include "common/base/text.h"
#include "common/base/utf8.h"

namespace liaison::office {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

std::string CleanText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Char c = NextChar(&text);
    if (c.code >= kBrokenChar) {
      out += kReplacement;
    } else if (c.code == '\r') {
      if (text.empty() || text[0] != '\n') out += '\n';
    } else if ((c.code >= 0x20 || c.code == '\t' || c.code == '\n') && c.code != 0x7f && c.code != 0xfffe &&
               c.code != 0xffff) {
      out += c.bytes;
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
