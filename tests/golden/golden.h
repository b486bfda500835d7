// Golden files: what a format looks like on disk and on the wire, kept for ever. A test makes the text anew and
// compares it with the file; with LIAISON_REWRITE_GOLDEN set in the environment it writes the file instead. Writing is
// for new files: a change of an old one is a change of a frozen format, and needs a new version byte.
#ifndef LIAISON_TESTS_GOLDEN_GOLDEN_H_
#define LIAISON_TESTS_GOLDEN_GOLDEN_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "tests/testing/places.h"

namespace liaison::golden {

inline std::string Path(const std::string& name) { return InSource("/tests/golden/data/") + name + ".hex"; }

inline std::string ReadText(const std::string& name) {
  std::ifstream in(Path(name), std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// "# note", then lines of 32 bytes: offset, hex, and the printable bytes beside it.
inline std::string BytesText(std::string_view note, std::string_view bytes) {
  std::string text;
  std::istringstream lines{std::string(note)};
  for (std::string line; std::getline(lines, line);) text += "# " + line + "\n";
  for (size_t at = 0; at < bytes.size(); at += 32) {
    std::string_view part = bytes.substr(at, 32);
    char offset[32];
    std::snprintf(offset, sizeof(offset), "%04zx: ", at);
    std::string hex = Hex(part), plain;
    for (char c : part) plain += c > 0x20 && c < 0x7f ? c : '.';
    text += offset + hex + std::string(64 - hex.size() + 2, ' ') + plain + "\n";
  }
  return text;
}

inline std::string BytesOf(std::string_view text) {
  std::string bytes, line, part;
  std::istringstream in{std::string(text)};
  while (std::getline(in, line))
    if (line.size() > 6 && line[0] != '#' && Unhex(line.substr(6, line.find(' ', 6) - 6), &part)) bytes += part;
  return bytes;
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Compares with the file, line by line; fails with the lines that differ.
inline void Check(const std::string& name, const std::string& text) {
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(Path(name), std::ios::binary) << text;
    return;
  }
  std::vector<std::string> want = Lines(ReadText(name)), got = Lines(text);
  ASSERT_FALSE(want.empty()) << Path(name) << " is missing; run once with LIAISON_REWRITE_GOLDEN=1";
  for (size_t i = 0, shown = 0; i < std::max(want.size(), got.size()) && shown < 20; ++i) {
    std::string was = i < want.size() ? want[i] : "(nothing)", is = i < got.size() ? got[i] : "(nothing)";
    if (was == is) continue;
    ++shown;
    ADD_FAILURE() << name << ".hex line " << i + 1 << "\n  file: " << was << "\n  now:  " << is;
  }
}

}  // namespace liaison::golden

#endif  // LIAISON_TESTS_GOLDEN_GOLDEN_H_
