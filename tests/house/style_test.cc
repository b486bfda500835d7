// How long a line and a function may be, and that no file is left over that nobody uses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/house/sources.h"

using liaison::house::FilesBelow;
using liaison::house::IncludesOf;
using liaison::house::SourceFile;
using liaison::house::Sources;

namespace {

constexpr size_t kLongestLine = 120, kLongestFunction = 70;

// The end of the literal that begins at `i`: of a string, of a character, or of R"x(...)x".
size_t EndOfLiteral(const std::string& text, size_t i) {
  if (text[i] == 'R') {
    const size_t open = text.find('(', i);
    const std::string end = ")" + text.substr(i + 2, open - i - 2) + "\"";
    const size_t close = text.find(end, open);
    return close == std::string::npos ? text.size() : close + end.size();
  }
  size_t close = i + 1;
  while (close < text.size() && text[close] != text[i]) close += text[close] == '\\' ? 2 : 1;
  return close + 1;
}

bool BeginsLiteral(const std::string& text, size_t i) {
  const auto before = static_cast<unsigned char>(i == 0 ? ' ' : text[i - 1]);
  if (text[i] == '\'') return isxdigit(before) == 0;  // 1'000
  return text[i] == '"' || (text.compare(i, 2, "R\"") == 0 && isalnum(before) == 0);
}

// C++ without comments and the insides of literals; their line breaks stay.
std::string Bare(const std::string& text) {
  std::string bare;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
    } else if (BeginsLiteral(text, i)) {
      end = std::min(EndOfLiteral(text, i), text.size());
      for (size_t k = i; k < end; ++k)
        if (text[k] == '\n') bare += '\n';
    } else {
      bare += text[i];
    }
    i = end;
  }
  return bare;
}

// A brace that opens a namespace, a type or a list, not a body of code. `head` is what precedes it since the last
// statement.
bool HoldsDeclarations(const std::string& head) {
  static const std::regex type("\\b(namespace|struct|class|enum|union|extern)\\b[^()]*$"),
      list("(=|\\(|,|return)\\s*$");
  return std::regex_search(head, type) || std::regex_search(head, list);
}

struct Body {
  size_t line = 0;  // of its opening brace, from 1
  size_t lines = 0;
};

// Bodies of functions, from brace to brace: outermost bodies only, so that a lambda counts where it is written.
std::vector<Body> BodiesOf(const std::string& text) {
  std::vector<Body> found;
  std::string head;
  size_t line = 1, begin = 0;
  std::vector<bool> open;  // whether each open brace is of code
  size_t code = 0;         // how many are
  for (char c : Bare(text)) {
    if (c == '\n') ++line;
    if (c == '{') {
      open.push_back(!HoldsDeclarations(head));
      if (open.back() && code++ == 0) begin = line;
    } else if (c == '}' && !open.empty()) {
      if (open.back() && --code == 0) found.push_back({begin, line - begin + 1});
      open.pop_back();
    }
    head = c == '{' || c == '}' || c == ';' ? "" : head + c;
  }
  return found;
}

// Characters, not bytes.
size_t Columns(std::string_view line) {
  size_t columns = 0;
  for (char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return columns;
}

// Lines from 1 that are too long. What stands inside R"(...)" is data.
std::vector<size_t> LongLines(const std::string& text) {
  std::set<size_t> data;
  size_t line = 1;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
    } else if (BeginsLiteral(text, i)) {
      end = std::min(EndOfLiteral(text, i), text.size());
      if (text[i] == 'R') data.insert(line);
    }
    for (size_t k = i; k < end; ++k) {
      if (text[k] != '\n') continue;
      ++line;
      if (text[i] == 'R' && end > i + 1) data.insert(line);
    }
    i = end;
  }
  std::vector<size_t> found;
  size_t at = 0;
  for (size_t number = 1; at <= text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (Columns(std::string_view(text).substr(at, end - at)) > kLongestLine && !data.contains(number))
      found.push_back(number);
    at = end + 1;
  }
  return found;
}

TEST(Style, LinesStayShort) {
  std::vector<SourceFile> files = FilesBelow({"proto"}, {".proto", ".cc"});
  files.insert(files.end(), Sources().begin(), Sources().end());
  EXPECT_GT(files.size(), 500u);
  for (const SourceFile& file : files)
    for (size_t line : LongLines(file.text))
      ADD_FAILURE() << file.path << ":" << line << " has more than " << kLongestLine << " columns";
}

TEST(Style, ALongLineIsSeen) {
  const std::string fits(kLongestLine, 'x');
  EXPECT_TRUE(LongLines(fits + "\n" + fits).empty());
  EXPECT_EQ(LongLines(fits + "\n" + fits + "x\n"), std::vector<size_t>{2});
  std::string chinese;
  for (size_t i = 0; i < kLongestLine; ++i) chinese += "字";
  EXPECT_TRUE(LongLines(chinese).empty());
  EXPECT_EQ(LongLines("// R\"(" + chinese), std::vector<size_t>{1});
  EXPECT_TRUE(LongLines("auto a = R\"(\n" + fits + "x\n)\";\n").empty()) << "data";
  EXPECT_EQ(LongLines("auto a = R\"(\n)\";\n// " + fits), std::vector<size_t>{3});
}

TEST(Style, FunctionsStayShort) {
  size_t bodies = 0;
  std::vector<SourceFile> files = FilesBelow({"proto"}, {".cc"});
  files.insert(files.end(), Sources().begin(), Sources().end());
  for (const SourceFile& file : files)
    for (const Body& body : BodiesOf(file.text)) {
      ++bodies;
      EXPECT_LE(body.lines, kLongestFunction) << file.path << ":" << body.line;
    }
  EXPECT_GT(bodies, 5000u);
}

TEST(Style, ALongFunctionIsSeen) {
  const std::string long_body = std::string(kLongestFunction, '\n');
  auto longest = [](const std::string& text) {
    size_t most = 0;
    for (const Body& body : BodiesOf(text)) most = std::max(most, body.lines);
    return most;
  };
  EXPECT_EQ(longest("int F() {" + long_body + "}"), kLongestFunction + 1);
  EXPECT_EQ(longest("namespace a {\nclass B {\n int F() const {" + long_body + "}\n};\n}"), kLongestFunction + 1);
  EXPECT_EQ(longest("int F() { if (a) {" + long_body + "} }"), kLongestFunction + 1);
  EXPECT_EQ(longest("B::B() : a_{1}, b_(2) {" + long_body + "}"), kLongestFunction + 1);
  EXPECT_EQ(longest("TEST(A, B) {" + long_body + "}"), kLongestFunction + 1);
  EXPECT_EQ(longest("int F() { auto g = [] {" + long_body + "}; }"), kLongestFunction + 1);
  EXPECT_EQ(longest("namespace a {" + long_body + "}"), 0u) << "of no function";
  EXPECT_EQ(longest("struct A {" + long_body + "};"), 0u) << "of no function";
  EXPECT_EQ(longest("const int kTable[] = {" + long_body + "};"), 0u) << "a table";
  EXPECT_EQ(longest("// {\nint F() { return u'{' + '\\'' + 1'0; }\nint G() {\n\n}"), 3u) << "no braces of code";
}

// All groups of commands are declared there.
constexpr char kCommandsHeader[] = "common/cli/core/shell.h";

// Headers that nobody includes. A source without a header of its own name must include one of its folder: what it
// defines is declared there. Sources of tests and main files are roots.
std::vector<std::string> LeftOver(const std::vector<SourceFile>& files) {
  std::set<std::string> paths, included;
  for (const SourceFile& file : files) {
    paths.insert(file.path);
    for (const std::string& target : IncludesOf(file))
      if (target != file.path.substr(0, file.path.rfind('.')) + ".h") included.insert(target);
  }
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    const std::string stem = file.path.substr(0, file.path.rfind('.'));
    const std::string folder = file.path.substr(0, file.path.rfind('/') + 1);
    bool used = stem.ends_with("main") || paths.contains(stem + ".h") || file.path.starts_with("tests/");
    if (file.path.ends_with(".h")) {
      used = included.contains(file.path);
    } else {
      for (const std::string& target : IncludesOf(file))
        used |= target.substr(0, target.rfind('/') + 1) == folder ||
                (folder == "common/cli/commands/" && target == kCommandsHeader);
    }
    if (!used) found.push_back(file.path);
  }
  return found;
}

TEST(Style, NoFileIsLeftOver) {
  for (const std::string& path : LeftOver(Sources())) ADD_FAILURE() << path << " is used by nobody";
}

TEST(Style, AFileThatIsLeftOverIsSeen) {
  auto file = [](const std::string& path, const std::string& include) {
    return SourceFile{path, "", {"#include \"" + include + "\""}};
  };
  const SourceFile header{"hub/a.h", "", {}}, source = file("hub/a.cc", "hub/a.h"),
                                              user = file("hub/main.cc", "hub/a.h");
  EXPECT_TRUE(LeftOver({header, source, user}).empty());
  EXPECT_EQ(LeftOver({header, source}), std::vector<std::string>{"hub/a.h"}) << "its own source does not count";
  EXPECT_TRUE(LeftOver({header, user, file("hub/a_more.cc", "hub/a.h")}).empty());
  EXPECT_EQ(LeftOver({header, user, file("hub/b.cc", "common/base/text.h")}), std::vector<std::string>{"hub/b.cc"});
}

}  // namespace
