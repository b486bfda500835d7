// Documents name files that exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/house/sources.h"
#include "tests/testing/places.h"

using liaison::InSource;
using liaison::house::Documents;
using liaison::house::SourceFile;

namespace {

namespace fs = std::filesystem;

// Every path of a file or folder, and every end of one: "rules/matter/steps.h" names common/rules/matter/steps.h.
// Only names are kept, no contents.
const std::set<std::string>& Names() {
  static const std::set<std::string> names = [] {
    std::set<std::string> found;
    for (fs::recursive_directory_iterator it(InSource("/")), end; it != end; ++it) {
      const std::string name = it->path().filename().string();
      if (name == "node_modules" || name == ".git" || (it.depth() == 0 && name == "build")) {
        it.disable_recursion_pending();
        continue;
      }
      const std::string path = fs::relative(it->path(), InSource("/")).string();
      for (size_t at = 0; at != std::string::npos;) {
        found.insert(path.substr(at));
        at = path.find('/', at);
        if (at != std::string::npos) ++at;
      }
    }
    return found;
  }();
  return names;
}

// Files and folders that a line names in `backticks`: what begins with a folder of the root, or ends as a source does.
// Patterns with a *, absolute paths, and what a build makes (build/, dist) are none.
std::vector<std::string> NamedIn(const std::string& line) {
  static const std::regex in_backticks("`([A-Za-z0-9_./-]+)`"), below("(common|station|hub|tests|proto|docs|cmake)/.*"),
      source(".*[a-z]\\.(h|cc|proto|md|mjs|ts|vue|sh|cmake)");
  std::vector<std::string> found;
  for (std::sregex_iterator it(line.begin(), line.end(), in_backticks), end; it != end; ++it) {
    std::string name = (*it)[1];
    if (!std::regex_match(name, below) && !std::regex_match(name, source)) continue;
    while (name.starts_with("./") || name.starts_with("../")) name = name.substr(name.find('/') + 1);
    if (name.ends_with('/')) name.pop_back();
    if (!name.starts_with("build/") && !name.starts_with("/") && !name.ends_with("/dist")) found.push_back(name);
  }
  return found;
}

// Targets of links into this tree.
std::vector<std::string> LinksIn(const std::string& line) {
  static const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  std::vector<std::string> found;
  for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) found.push_back((*it)[1]);
  return found;
}

TEST(Documents, FilesThatTheyNameExist) {
  size_t seen = 0;
  for (const SourceFile& document : Documents()) {
    if (document.path == "CHANGELOG.md") continue;  // it also tells of what is gone
    for (size_t i = 0; i < document.lines.size(); ++i)
      for (const std::string& name : NamedIn(document.lines[i])) {
        ++seen;
        EXPECT_TRUE(Names().contains(name)) << document.path << ":" << i + 1 << " names " << name;
      }
  }
  EXPECT_GT(seen, 300u);
}

// Also in its picture, which has no backticks.
TEST(Documents, WhatTheDesignNamesExists) {
  static const std::regex path("\\b(?:common|station|hub|tests|proto)/[A-Za-z_/.-]*[A-Za-z]");
  size_t seen = 0;
  for (const SourceFile& document : Documents()) {
    if (document.path != "docs/design.md") continue;
    for (std::sregex_iterator it(document.text.begin(), document.text.end(), path), end; it != end; ++it, ++seen)
      EXPECT_TRUE(Names().contains(it->str())) << it->str();
  }
  EXPECT_GT(seen, 60u);
}

TEST(Documents, LinksLeadSomewhere) {
  size_t seen = 0;
  for (const SourceFile& document : Documents()) {
    const fs::path folder = (fs::path(InSource("/")) / document.path).parent_path();
    for (const std::string& line : document.lines)
      for (const std::string& target : LinksIn(line)) {
        ++seen;
        EXPECT_TRUE(fs::exists(folder / target)) << document.path << " links to " << target;
      }
  }
  EXPECT_GT(seen, 50u);
}

TEST(Documents, TheRulesSeeWhatTheyAreFor) {
  EXPECT_EQ(NamedIn("see `common/base/file.h`, `steps.cc`, `hub/door/`, `./run.sh`"),
            (std::vector<std::string>{"common/base/file.h", "steps.cc", "hub/door", "run.sh"}));
  EXPECT_TRUE(
      NamedIn(
          "`GetFigures`, `hub/*.cc`, `hub/web/dist`, `build/release/a.md`, `/usr/a.md`, `0.5.0`, common/base/gone.h")
          .empty());
  EXPECT_TRUE(Names().contains("common/base/file.h"));
  EXPECT_TRUE(Names().contains("base/file.h"));
  EXPECT_FALSE(Names().contains("ase/file.h"));
  EXPECT_FALSE(Names().contains("common/base/gone.h"));
  EXPECT_EQ(LinksIn("[a](../b.md#c), [d](e), [f](http://g/h)"), (std::vector<std::string>{"../b.md", "e"}));
}

}  // namespace
