#include "tests/office/programs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "common/base/text.h"
#include "common/sheets/xml.h"
#include "common/sheets/zip.h"
#include "tests/testing/places.h"

namespace liaison::office {
namespace {

namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string output;  // of both streams
};

// Ends by itself: `timeout` kills the program, and the children that it left.
Result Run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"timeout", "-k", "5", "180"});
  Result result;
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return result;
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(pipe_ends[1], 1);
    dup2(pipe_ends[1], 2);
    close(pipe_ends[0]);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  char buffer[4096];
  for (ssize_t n; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) result.output.append(buffer, n);
  close(pipe_ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

Result Need(const std::vector<std::string>& arguments, std::string_view packages) {
  Result result = Run(arguments);
  EXPECT_NE(result.code, 127) << packages << " must be installed for this test: apt-get install " << packages;
  EXPECT_EQ(result.code, 0) << arguments[0] << ": " << result.output;
  return result;
}

std::string Pdf(const std::string& path) { return fs::path(path).replace_extension(".pdf").string(); }

void ExpectWellFormed(const std::string& name, const std::string& xml) {
  const absl::Status status = WalkXml(xml, [](const XmlEvent&) { return absl::OkStatus(); });
  ASSERT_TRUE(status.ok()) << name << ": " << status;
}

}  // namespace

std::string FreshFolder(const std::string& name) {
  const fs::path folder = fs::path(InBuild("")) / "prints" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void OfficeToPdf(const std::vector<std::string>& paths) {
  // A profile of its own: an office program that runs elsewhere must not take the files over.
  const std::string folder = fs::path(paths.at(0)).parent_path().string();
  std::vector<std::string> arguments = {
      "env",        Cat("FONTCONFIG_FILE=", InSource("/tests/office/fonts.conf")),
      "soffice",    Cat("-env:UserInstallation=file://", folder, "/profile"),
      "--headless", "--convert-to",
      "pdf",        "--outdir",
      folder};
  arguments.insert(arguments.end(), paths.begin(), paths.end());
  Result result = Need(arguments, "libreoffice-writer-nogui libreoffice-calc-nogui");
  fs::remove_all(fs::path(folder) / "profile");
  for (const std::string& path : paths) EXPECT_TRUE(fs::exists(Pdf(path))) << path << ": " << result.output;
}

void BrowserToPdf(const std::string& path) {
  const std::string profile = Cat(path, ".profile");
  Result result = Need({"chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--no-first-run", "--disable-background-networking", Cat("--user-data-dir=", profile),
                        "--no-pdf-header-footer", Cat("--print-to-pdf=", Pdf(path)), Cat("file://", path)},
                       "chromium");
  fs::remove_all(profile);
  EXPECT_TRUE(fs::exists(Pdf(path))) << path << ": " << result.output;
}

std::string PdfText(const std::string& path) {
  return Need({"pdftotext", "-layout", "-enc", "UTF-8", Pdf(path), "-"}, "poppler-utils").output;
}

int PdfPages(const std::string& path) {
  const std::string info = Need({"pdfinfo", Pdf(path)}, "poppler-utils").output;
  std::smatch match;
  return std::regex_search(info, match, std::regex("Pages:\\s+([0-9]+)")) ? std::stoi(match[1]) : -1;
}

std::string PdfPaper(const std::string& path) {
  const std::string info = Need({"pdfinfo", Pdf(path)}, "poppler-utils").output;
  std::smatch match;
  if (!std::regex_search(info, match, std::regex("Page size:\\s+([0-9.]+) x ([0-9.]+)"))) return info;
  const double width = std::stod(match[1]), height = std::stod(match[2]);
  auto near = [](double a, double b) { return a > b - 1.5 && a < b + 1.5; };
  if (near(width, 595.3) && near(height, 841.9)) return "A4";
  if (near(width, 841.9) && near(height, 595.3)) return "A4 landscape";
  return match[0];
}

Entries Unzip(std::string_view bytes) {
  Entries entries;
  absl::StatusOr<ZipReader> zip = ZipReader::Open(bytes, 64 << 20);
  EXPECT_TRUE(zip.ok()) << zip.status();
  if (!zip.ok()) return entries;
  for (const std::string& name : zip->Names()) {
    absl::StatusOr<std::string> content = zip->Read(name);
    EXPECT_TRUE(content.ok()) << name << ": " << content.status();
    if (!content.ok()) continue;
    if (name.ends_with(".xml") || name.ends_with(".rels")) ExpectWellFormed(name, *content);
    entries[name] = *std::move(content);
  }
  return entries;
}

}  // namespace liaison::office
