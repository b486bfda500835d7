// Backups of the first version stay readable. Only reading is frozen: another zstd may pack the same rows otherwise.
#include "common/store/archive.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "tests/golden/golden.h"
#include "tests/golden/samples.h"

namespace liaison {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

void CheckFile(const std::string& name, const ArchiveHeader& header, ArchiveEntry::Kind kind, const Entries& entries) {
  std::string folder = (std::filesystem::temp_directory_path() / "liaison-golden-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::string path = folder + "/" + name;
  if (std::getenv("LIAISON_REWRITE_GOLDEN") != nullptr) {
    auto writer = ArchiveWriter::Create(path, header);
    ASSERT_TRUE(writer.ok());
    for (const auto& [key, value] : entries) ASSERT_TRUE((*writer)->Add(kind, key, value).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    golden::Check(name, golden::BytesText("a file of a backup", bytes));
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << golden::BytesOf(golden::ReadText(name));
  absl::StatusOr<std::unique_ptr<ArchiveReader>> reader = ArchiveReader::Open(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->header(), header);
  Entries read;
  for (;;) {
    absl::StatusOr<ArchiveEntry> entry = (*reader)->Next();
    ASSERT_TRUE(entry.ok()) << entry.status();
    if (entry->kind == ArchiveEntry::Kind::kEnd) break;
    EXPECT_EQ(entry->kind, kind);
    read.emplace_back(entry->name, entry->bytes);
  }
  EXPECT_EQ(read, entries);
  std::filesystem::remove_all(folder);
}

TEST(GoldenArchive, BothFilesCanBeRead) {
  ArchiveHeader header{
      ArchivePart::kRecords, sample::Bytes(16, 0x10), sample::Bytes(16, 0x20), "HUB", 1'795'136'400'000, 3};
  CheckFile("archive-records", header, ArchiveEntry::Kind::kRow,
            {{sample::Bytes(5, 0x01), "value"}, {sample::Bytes(6, 0x02), ""}, {"long", std::string(3000, 'x')}});
  header.part = ArchivePart::kSecrets;
  CheckFile("archive-keys", header, ArchiveEntry::Kind::kFile,
            {{"authority", "bytes"}, {"key", sample::Bytes(40, 0x80)}});
}

}  // namespace
}  // namespace liaison
