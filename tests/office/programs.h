// The programs that read what the office folder writes. A program that is not installed is a failed test, which says
// what to install. What was converted stays in build/PRESET/prints, to be looked at.
#ifndef LIAISON_TESTS_OFFICE_PROGRAMS_H_
#define LIAISON_TESTS_OFFICE_PROGRAMS_H_

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace liaison::office {

// An empty folder of that name below build/PRESET/prints.
std::string FreshFolder(const std::string& name);
void WriteFile(const std::string& path, std::string_view bytes);
std::string ReadFile(const std::string& path);

// LibreOffice's PDFs of `paths`, beside them. Fails the test when one is missing.
void OfficeToPdf(const std::vector<std::string>& paths);
// Chromium's PDF of an HTML file, beside it.
void BrowserToPdf(const std::string& path);

std::string PdfText(const std::string& path);
int PdfPages(const std::string& path);
// "A4", or the size in points.
std::string PdfPaper(const std::string& path);

// Names of entries are compared as names of parts are, without case.
struct NoCase {
  bool operator()(const std::string& a, const std::string& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
      return std::tolower(x) < std::tolower(y);
    });
  }
};
using Entries = std::map<std::string, std::string, NoCase>;

// Every entry by name; fails the test when the archive or an .xml or .rels in it is damaged.
Entries Unzip(std::string_view bytes);

}  // namespace liaison::office

#endif  // LIAISON_TESTS_OFFICE_PROGRAMS_H_
