#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>

#include "missing_pages.h"
#include "small_pages.h"
#include "switched_off_pages.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

std::map<std::string, http::Page> ByPath(std::span<const http::Page> pages) {
  std::map<std::string, http::Page> out;
  for (const http::Page& page : pages) out[std::string(page.path)] = page;
  return out;
}

TEST(EmbedTest, EveryFileOfTheFolderIsThereByteForByte) {
  const std::filesystem::path root = InSource("/tests/http/pages");
  const auto pages = ByPath(SmallPages());
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string path = "/" + std::filesystem::relative(entry.path(), root).generic_string();
    ASSERT_TRUE(pages.contains(path)) << path;
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(pages.at(path).bytes, bytes.str()) << path;
  }
  EXPECT_EQ(files, 5u);
  EXPECT_EQ(pages.size(), files);
}

TEST(EmbedTest, MimeGoesByExtensionAndOnlyHashedNamesAreImmutable) {
  const auto pages = ByPath(SmallPages());
  EXPECT_EQ(pages.at("/index.html").mime, "text/html; charset=utf-8");
  EXPECT_EQ(pages.at("/assets/app-1a2b3c.js").mime, "text/javascript; charset=utf-8");
  EXPECT_EQ(pages.at("/site.webmanifest").mime, "application/manifest+json");
  EXPECT_EQ(pages.at("/icon.ico").mime, "image/x-icon");
  EXPECT_TRUE(pages.at("/assets/app-1a2b3c.js").immutable);
  EXPECT_FALSE(pages.at("/index.html").immutable);
}

TEST(EmbedTest, WithoutPagesThereIsOneThatSaysSo) {
  for (auto pages : {MissingPages(), SwitchedOffPages()}) {
    ASSERT_EQ(pages.size(), 1u);
    EXPECT_EQ(pages[0].path, "/index.html");
    EXPECT_EQ(pages[0].mime, "text/html; charset=utf-8");
    EXPECT_NE(pages[0].bytes.find("页面没有生成"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace liaison
