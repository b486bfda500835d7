// Chinese sentences have Chinese punctuation: what users read holds no half-width mark beside a Chinese character.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/places.h"

using liaison::InSource;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarks = ",:;()?!";

// As old ledgers and lists have it, folded; and names of fonts.
const std::vector<std::string> kAllowed = {
    "村(社区)办理",  "村(社区)联络点", "单位(盖章)", "\"(签\"", "\"(盖\"",
    "\"华文中宋,\"", "\"宋体,\"",      "\"仿宋,",    "\"楷体,",
};

struct Letter {
  size_t at;
  char32_t code;
};

std::vector<Letter> Letters(std::string_view text) {
  std::vector<Letter> letters;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? lead : lead & (0x7fu >> length);
    for (size_t k = 1; k < length && i + k < text.size(); ++k)
      code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    letters.push_back({i, code});
    i += length;
  }
  return letters;
}

bool IsChinese(char32_t code) { return code >= 0x4e00 && code <= 0x9fff; }

// Around each half-width mark that stands directly beside a Chinese character.
std::vector<std::string> HalfWidth(std::string text) {
  for (const std::string& allowed : kAllowed)
    for (size_t at; (at = text.find(allowed)) != std::string::npos;) text.replace(at, allowed.size(), " ");
  const std::vector<Letter> letters = Letters(text);
  std::vector<std::string> found;
  for (size_t i = 0; i < letters.size(); ++i) {
    const char32_t code = letters[i].code;
    if (code >= 0x80 || kMarks.find(static_cast<char>(code)) == std::string_view::npos) continue;
    const bool beside =
        (i > 0 && IsChinese(letters[i - 1].code)) || (i + 1 < letters.size() && IsChinese(letters[i + 1].code));
    const size_t from = letters[i < 12 ? 0 : i - 12].at;
    const size_t to = i + 12 < letters.size() ? letters[i + 12].at : text.size();
    if (beside) found.push_back(text.substr(from, to - from));
  }
  return found;
}

// The insides of the string literals of C++, quotation marks included; comments and characters are passed over.
std::vector<std::string> Literals(const std::string& text) {
  std::vector<std::string> found;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "R\"") == 0) {
      const size_t open = text.find('(', i);
      const std::string end = ")" + text.substr(i + 2, open - i - 2) + "\"";
      const size_t close = text.find(end, open);
      found.push_back(text.substr(open, close - open));
      i = close + end.size();
    } else if (text[i] == '"' ||
               (text[i] == '\'' && (i == 0 || isalnum(static_cast<unsigned char>(text[i - 1])) == 0))) {
      size_t close = i + 1;
      while (close < text.size() && text[close] != text[i]) close += text[close] == '\\' ? 2 : 1;
      if (text[i] == '"') found.push_back(text.substr(i, close + 1 - i));
      i = close + 1;
    } else {
      ++i;
    }
  }
  return found;
}

std::string ReadWhole(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

template <typename Take>
void ForEachFile(const std::vector<std::string>& tops, const std::set<std::string>& extensions, Take take) {
  for (const std::string& top : tops)
    for (fs::recursive_directory_iterator it(fs::path(InSource("")) / top), end; it != end; ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      if (it->is_regular_file() && extensions.contains(it->path().extension().string()))
        take(fs::relative(it->path(), InSource("")).string(), ReadWhole(it->path()));
    }
}

TEST(Punctuation, TheRuleSeesWhatItIsFor) {
  EXPECT_EQ(HalfWidth("标题:不能为空").size(), 1u);
  EXPECT_EQ(HalfWidth("不能为空,标题").size(), 1u);
  EXPECT_EQ(HalfWidth("(镇中心)").size(), 2u);
  EXPECT_EQ(HalfWidth("标题：不能为空，10:30，村(社区)联络点").size(), 0u);
  EXPECT_EQ(Literals("Cat(\"甲:\") // \"乙:\"\n R\"(丙:)\" ':'").size(), 2u);
}

TEST(Punctuation, MessagesOfTheProgramsAreFullWidth) {
  size_t literals = 0;
  ForEachFile({"common", "hub", "station", "proto"}, {".h", ".cc", ".proto"},
              [&](const std::string& path, const std::string& text) {
                for (const std::string& literal : Literals(text)) {
                  ++literals;
                  for (const std::string& around : HalfWidth(literal)) ADD_FAILURE() << path << ": " << around;
                }
              });
  EXPECT_GT(literals, 5000u);
}

TEST(Punctuation, TextsOfThePagesAreFullWidth) {
  size_t files = 0;
  ForEachFile({"common/web/src", "hub/web/src", "station/web/src"}, {".vue", ".ts"},
              [&](const std::string& path, const std::string& text) {
                ++files;
                std::stringstream lines(text);
                for (std::string line; std::getline(lines, line);) {
                  const size_t begin = line.find_first_not_of(' ');
                  if (begin == std::string::npos || line.compare(begin, 2, "//") == 0) continue;
                  line = line.substr(0, line.find("  // "));  // a comment in English may name a Chinese word
                  for (const std::string& around : HalfWidth(line)) ADD_FAILURE() << path << ": " << around;
                }
              });
  EXPECT_GT(files, 30u);
}

}  // namespace
