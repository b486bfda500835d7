// The files that the rules of the house are held against, read once.
#ifndef LIAISON_TESTS_HOUSE_SOURCES_H_
#define LIAISON_TESTS_HOUSE_SOURCES_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/places.h"

namespace liaison::house {

struct SourceFile {
  std::string path;  // from the root
  std::string text;
  std::vector<std::string> lines;
};

inline SourceFile ReadSource(const std::filesystem::path& path) {
  SourceFile file;
  file.path = std::filesystem::relative(path, InSource("")).string();
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  file.text = text.str();
  for (std::string line; std::getline(text, line);) file.lines.push_back(line);
  return file;
}

// The files below the folders `tops` whose names end so, in the order of their paths.
inline std::vector<SourceFile> FilesBelow(std::initializer_list<const char*> tops,
                                          std::initializer_list<std::string_view> extensions) {
  std::vector<SourceFile> found;
  for (const char* top : tops) {
    for (std::filesystem::recursive_directory_iterator it(std::filesystem::path(InSource("")) / top), end; it != end;
         ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      const std::string extension = it->path().extension().string();
      if (it->is_regular_file() && std::find(extensions.begin(), extensions.end(), extension) != extensions.end())
        found.push_back(ReadSource(it->path()));
    }
  }
  std::sort(found.begin(), found.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return found;
}

// All C++, tests included.
inline const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> files = FilesBelow({"common", "station", "hub", "tests"}, {".h", ".cc"});
  return files;
}

// What people read: the documents of the root, of docs/, and of the folders.
inline const std::vector<SourceFile>& Documents() {
  static const std::vector<SourceFile> files = [] {
    std::vector<SourceFile> found = FilesBelow({"common", "station", "hub", "tests", "proto", "docs"}, {".md"});
    for (const char* path : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"})
      found.push_back(ReadSource(std::filesystem::path(InSource("")) / path));
    return found;
  }();
  return files;
}

inline std::vector<std::string> IncludesOf(const SourceFile& file) {
  static const std::regex include("\\s*#include\\s+[\"<]([^\">]+)[\">].*");
  std::vector<std::string> found;
  std::smatch match;
  for (const std::string& line : file.lines)
    if (std::regex_match(line, match, include)) found.push_back(match[1]);
  return found;
}

}  // namespace liaison::house

#endif  // LIAISON_TESTS_HOUSE_SOURCES_H_
