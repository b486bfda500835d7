#include "common/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "common/base/text.h"

namespace liaison {
namespace {

// The bytes of the character that text begins with; 0 if it is none.
size_t CharSize(std::string_view text) {
  const auto at = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const uint32_t first = at(0), second = at(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && second < 0xa0, surrogate = first == 0xed && second > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && second < 0x90, beyond = first == 0xf4 && second > 0x8f;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

absl::Status Refuse(std::string_view what, std::string_view english) {
  return absl::InvalidArgumentError(Cat(what,
                                        "不是 UTF-8 编码的文字（可能来自 GBK 终端或脚本），没有执行。请把终端或脚本改为 "
                                        "UTF-8；文件名是 GBK 的，请先改名。(",
                                        english, " is not UTF-8; nothing was done)"));
}

// The terminal says that it writes another encoding: then also bytes that could be UTF-8 are not (水 in GBK is ˮ).
bool TerminalIsForeign() {
  std::string locale;
  for (const char* name : {"LANG", "LC_CTYPE", "LC_ALL"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') locale = value;
  }
  const size_t dot = locale.find('.');
  if (dot == std::string::npos) return false;
  for (char& c : locale) c = absl::ascii_toupper(static_cast<unsigned char>(c));
  const std::string_view codeset = std::string_view(locale).substr(dot + 1);
  return codeset.starts_with("GB") || codeset.starts_with("BIG5") || codeset.starts_with("EUC");
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

}  // namespace

void AppendChar(char32_t code, std::string* out) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += {static_cast<char>(0xc0 | (code >> 6)), tail(0)};
  } else if (code < 0x10000) {
    *out += {static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0)};
  } else {
    *out += {static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0)};
  }
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t size = CharSize(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

// In a locale of another encoding (zh_CN.GBK) everything but ASCII is refused.
absl::Status CheckArguments(const std::vector<std::string>& args) {
  const bool foreign = TerminalIsForeign();
  for (size_t i = 0; i < args.size(); ++i)
    if (!IsUtf8(args[i]) || (foreign && !IsAscii(args[i])))
      return Refuse(Cat("第 ", i + 1, " 个参数"), Cat("argument ", i + 1));
  return absl::OkStatus();
}

absl::Status CheckArguments(int argc, const char* const* argv) {
  return CheckArguments(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}

absl::Status CheckInput(std::string_view input) {
  return IsUtf8(input) ? absl::OkStatus() : Refuse("标准输入", "standard input");
}

}  // namespace liaison
