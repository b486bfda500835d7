#include "common/base/utf8.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "common/base/text.h"

namespace liaison {
namespace {

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

}  // namespace

Char NextChar(std::string_view* rest) {
  int32_t length = 0;
  UChar32 code = 0;
  U8_NEXT(rest->data(), length, static_cast<int32_t>(std::min<size_t>(rest->size(), U8_MAX_LENGTH)), code);
  if (code < 0) length = 1;
  Char c{code < 0 ? kBrokenChar + static_cast<unsigned char>((*rest)[0]) : static_cast<char32_t>(code),
         rest->substr(0, static_cast<size_t>(length))};
  rest->remove_prefix(static_cast<size_t>(length));
  return c;
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

std::string_view CutBytes(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  size_t kept = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t size = NextChar(&rest).bytes.size();
    if (kept + size > most) break;
    kept += size;
  }
  return text.substr(0, kept);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return U8_IS_SINGLE(c); });
}

void AppendChar(char32_t code, std::string* out) {
  char bytes[U8_MAX_LENGTH];
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code);
  out->append(bytes, size);
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty())
    if (NextChar(&bytes).code >= kBrokenChar) return false;
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
