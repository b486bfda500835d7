#include "common/http/percent.h"

#include "absl/strings/ascii.h"
#include "common/base/bytes.h"
#include "common/base/text.h"

namespace liaison::http {

std::string PercentEncode(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += Hex(std::string_view(&c, 1));
    }
  }
  return out;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string byte;
    if (text[i] == '%' && i + 2 < text.size() && Unhex(absl::AsciiStrToLower(AbslView(text.substr(i + 1, 2))), &byte)) {
      out += byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace liaison::http
