// Files as tests make and spoil them.
#ifndef LIAISON_TESTS_ATTACHMENTS_FILES_H_
#define LIAISON_TESTS_ATTACHMENTS_FILES_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/attachments/file_store.h"
#include "common/base/bytes.h"
#include "common/base/ports.h"
#include "tests/testing/must.h"

namespace liaison {

// A JPEG by its first bytes, noise behind.
inline std::string Photo(size_t size, uint64_t seed = 1) {
  SeededRandom random(seed);
  std::string bytes = "\xff\xd8\xff\xe0" + random.Bytes(size);
  bytes.resize(size);
  return bytes;
}

inline std::string PathIn(const std::string& dir, std::string_view hash) {
  std::string name = Hex(hash);
  return dir + "/" + name.substr(0, 2) + "/" + name;
}

inline void FlipByte(const std::string& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  char byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
  ASSERT_TRUE(file.flush().good()) << path;
}

// All regular files below, by their path from there, with their sizes.
inline std::map<std::string, uint64_t> FilesBelow(const std::string& dir) {
  std::map<std::string, uint64_t> files;
  if (!std::filesystem::exists(dir)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir))
    if (entry.is_regular_file()) files[std::filesystem::relative(entry.path(), dir).string()] = entry.file_size();
  return files;
}

inline std::unique_ptr<FileStore> OpenFiles(FileStore::Options options) {
  return Must(FileStore::Open(std::move(options)));
}

}  // namespace liaison

#endif  // LIAISON_TESTS_ATTACHMENTS_FILES_H_
