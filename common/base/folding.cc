#include "common/base/folding.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/utf8.h"

namespace liaison {
namespace {

bool IsHanInUse(char32_t c) {
  return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x2f7ff);
}

bool IsVariationSelector(char32_t c) { return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef); }

bool IsHyphen(char32_t c) {
  return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2043 || c == 0x2500 || c == 0x2e3a || c == 0x2e3b;
}

bool IsSlash(char32_t c) { return c == 0x2044 || c == 0x2215; }

bool IsNameDot(char32_t c) { return c == 0x2022 || c == 0x2027 || c == 0x22c5 || c == 0x30fb || c == 0x2219; }

// The radicals of the supplement block that have no decomposition in Unicode, but look like a character in use
// (EquivalentUnifiedIdeograph.txt). Kangxi radicals have one.
char32_t WithoutRadical(char32_t c) {
  static constexpr std::pair<char32_t, char32_t> kRadicals[] = {
      {0x2e81, 0x5382}, {0x2e84, 0x4e5a}, {0x2e85, 0x4ebb}, {0x2e87, 0x51e0}, {0x2e88, 0x5200}, {0x2e89, 0x5202},
      {0x2e8b, 0x353e}, {0x2e8c, 0x5c0f}, {0x2e8d, 0x5c0f}, {0x2e8e, 0x5140}, {0x2e8f, 0x5c23}, {0x2e92, 0x5df3},
      {0x2e93, 0x5e7a}, {0x2e95, 0x5f50}, {0x2e96, 0x5fc4}, {0x2e97, 0x38fa}, {0x2e98, 0x624c}, {0x2e99, 0x6535},
      {0x2e9b, 0x65e1}, {0x2e9c, 0x65e5}, {0x2e9d, 0x6708}, {0x2e9e, 0x6b7a}, {0x2e9f, 0x6bcd}, {0x2ea0, 0x6c11},
      {0x2ea1, 0x6c35}, {0x2ea2, 0x6c3a}, {0x2ea3, 0x706c}, {0x2ea4, 0x722b}, {0x2ea6, 0x4e2c}, {0x2ea8, 0x72ad},
      {0x2eaa, 0x758b}, {0x2eab, 0x7f52}, {0x2ead, 0x793b}, {0x2eae, 0x7af9}, {0x2eaf, 0x7cf9}, {0x2eb0, 0x7e9f},
      {0x2eb6, 0x7f8a}, {0x2eb9, 0x8002}, {0x2ebb, 0x8080}, {0x2ebc, 0x6708}, {0x2ebe, 0x8279}, {0x2ec1, 0x864e},
      {0x2ec2, 0x8864}, {0x2ec3, 0x8980}, {0x2ec4, 0x897f}, {0x2ec5, 0x89c1}, {0x2ec6, 0x89d2}, {0x2ec8, 0x8ba0},
      {0x2ec9, 0x8d1d}, {0x2eca, 0x8db3}, {0x2ecb, 0x8f66}, {0x2ecc, 0x8fb6}, {0x2ecd, 0x8fb6}, {0x2ece, 0x8fb6},
      {0x2ecf, 0x9091}, {0x2ed0, 0x9485}, {0x2ed1, 0x9577}, {0x2ed2, 0x9578}, {0x2ed3, 0x957f}, {0x2ed4, 0x95e8},
      {0x2ed6, 0x961d}, {0x2ed7, 0x96e8}, {0x2ed8, 0x9752}, {0x2ed9, 0x97e6}, {0x2eda, 0x9875}, {0x2edb, 0x98ce},
      {0x2edc, 0x98de}, {0x2edd, 0x98df}, {0x2ede, 0x98df}, {0x2edf, 0x98e0}, {0x2ee0, 0x9963}, {0x2ee1, 0x9996},
      {0x2ee2, 0x9a6c}, {0x2ee3, 0x9aa8}, {0x2ee4, 0x9b3c}, {0x2ee5, 0x9c7c}, {0x2ee6, 0x9e1f}, {0x2ee7, 0x5364},
      {0x2ee8, 0x9ea6}, {0x2ee9, 0x9ec4}, {0x2eea, 0x9efe}, {0x2eeb, 0x6589}, {0x2eec, 0x9f50}, {0x2eed, 0x6b6f},
      {0x2eee, 0x9f7f}, {0x2eef, 0x7adc}, {0x2ef0, 0x9f99}, {0x2ef1, 0x9f9c}, {0x2ef2, 0x4e80}, {0x2ef3, 0x9f9f}};
  const auto* end = std::end(kRadicals);
  const auto* found = std::lower_bound(std::begin(kRadicals), end, c,
                                       [](const auto& pair, char32_t code) { return pair.first < code; });
  return found != end && found->first == c ? found->second : c;
}

// What needs no table of Unicode's; false: it does.
template <typename Emit>
bool FoldPlain(char32_t c, const Emit& emit) {
  if (c == '\n' || c == '\r') {
    emit(c);
  } else if (IsSpaceChar(c)) {
    emit(' ');
  } else if (c < 0x80) {
    if (c >= 0x20 && c != 0x7f) emit(c);
  } else if (IsHanInUse(c) || c >= kBrokenChar) {
    emit(c);
  } else if (c >= 0xff01 && c <= 0xff5e) {
    emit(c - 0xff01 + '!');
  } else if (IsInvisible(c)) {
    return true;
  } else if (IsHyphen(c)) {
    emit('-');
  } else if (IsSlash(c)) {
    emit('/');
  } else if (IsNameDot(c)) {
    emit(0xb7);
  } else if (c >= 0x2e80 && c <= 0x2eff) {
    emit(WithoutRadical(c));
  } else {
    return false;
  }
  return true;
}

template <typename Emit>
void FoldAll(std::string_view text, const Emit& emit) {
  static const icu::Normalizer2* const compatible = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCInstance(error);
  }();
  while (!text.empty()) {
    const char32_t c = NextChar(&text).code;
    if (FoldPlain(c, emit)) continue;
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString form =
        compatible == nullptr ? icu::UnicodeString(static_cast<UChar32>(c))
                              : compatible->normalize(icu::UnicodeString(static_cast<UChar32>(c)), error);
    for (int32_t i = 0; i < form.length(); i = form.moveIndex32(i, 1)) {
      const auto part = static_cast<char32_t>(form.char32At(i));
      if (!FoldPlain(part, emit)) emit(part);
    }
  }
}

// Broken bytes stand as U+FFFD: without what was left out between them two could make a character.
void AppendFolded(char32_t c, std::string* out) { AppendChar(c >= kBrokenChar ? 0xfffd : c, out); }

// Gone at the ends of a text and between its characters.
bool IsBlank(char32_t c) { return IsSpaceChar(c) || (IsInvisible(c) && !IsVariationSelector(c)); }

}  // namespace

bool IsSpaceChar(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x2800 ||
         c == 0x3000;
}

bool IsInvisible(char32_t c) {
  if (c < 0x80) return (c < 0x20 && !IsSpaceChar(c)) || c == 0x7f;
  if (IsHanInUse(c) || c >= kBrokenChar || IsSpaceChar(c)) return false;
  if (c < 0xa0 || c == 0xfffc) return true;  // control characters; where an object was
  const auto code = static_cast<UChar32>(c);
  return u_charType(code) == U_FORMAT_CHAR || u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

void ForEachFolded(std::string_view text, const std::function<void(char32_t)>& emit) { FoldAll(text, emit); }

std::string Fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  FoldAll(text, [&out](char32_t c) { AppendFolded(c, &out); });
  return out;
}

std::string NameKey(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  FoldAll(text, [&out](char32_t c) {
    if (IsSpaceChar(c)) return;
    if (c < 0x80) {
      out.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    } else {
      AppendFolded(c, &out);
    }
  });
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

std::string NumberText(std::string_view text) {
  std::string out;
  FoldAll(text, [&out](char32_t c) {
    const bool open = c == '(' || c == '[' || c == 0x3010 || c == 0x3014 || c == 0x3016;
    const bool close = c == ')' || c == ']' || c == 0x3011 || c == 0x3015 || c == 0x3017;
    if (!IsSpaceChar(c)) AppendFolded(open ? 0x3014 : close ? 0x3015 : c, &out);
  });
  return out;
}

std::string Trim(std::string_view text) {
  std::string_view rest = text;
  size_t begin = text.size(), end = 0;
  while (!rest.empty()) {
    Char c = NextChar(&rest);
    if (IsBlank(c.code)) continue;
    begin = std::min(begin, text.size() - rest.size() - c.bytes.size());
    end = text.size() - rest.size();
  }
  return begin < end ? std::string(text.substr(begin, end - begin)) : "";
}

std::string RemoveSpaces(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (Char c = NextChar(&text); !IsBlank(c.code)) out += c.bytes;
  }
  return out;
}

std::string PlainLines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out.push_back('\n');
    } else if (c == '\v' || c == '\f') {
      out.push_back('\n');
    } else if (c == '\x1e') {
      out.push_back('-');
    } else if (c != '\x1f') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace liaison
