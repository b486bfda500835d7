#include "common/base/base32.h"

#include <cctype>

namespace liaison {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

char Base32Digit(uint32_t bits) { return kDigits[bits & 31]; }

std::optional<std::string> Base32Digits(std::string_view typed) {
  std::string digits;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
    if (kDigits.find(c) == kDigits.npos) return std::nullopt;
    digits.push_back(c);
  }
  return digits;
}

uint32_t Base32Value(char digit) { return static_cast<uint32_t>(kDigits.find(digit)); }

std::string Base32(std::string_view bytes) {
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (char c : bytes) {
    bits = (bits << 8) | static_cast<uint8_t>(c);
    for (count += 8; count >= 5; count -= 5) text.push_back(Base32Digit(bits >> (count - 5)));
  }
  return text;
}

std::optional<std::string> UnBase32(std::string_view typed) {
  const std::optional<std::string> digits = Base32Digits(typed);
  if (!digits) return std::nullopt;
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char digit : *digits) {
    bits = (bits << 5) | Base32Value(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 255));
  }
  if (count != 0) return std::nullopt;
  return bytes;
}

std::string InGroups(std::string_view digits, size_t group) {
  std::string text;
  for (size_t at = 0; at < digits.size(); at += group) {
    if (at != 0) text += '-';
    text += digits.substr(at, group);
  }
  return text;
}

}  // namespace liaison
