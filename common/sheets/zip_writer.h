// Writes a ZIP archive in memory (PKWARE APPNOTE 6.3: deflated, no ZIP64, no encryption), for office documents. Every
// entry carries the same date, so that equal content is equal bytes.
#ifndef LIAISON_COMMON_SHEETS_ZIP_WRITER_H_
#define LIAISON_COMMON_SHEETS_ZIP_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace liaison::office {

class ZipWriter {
 public:
  // REQUIRES: `name` is ASCII and new; all entries together stay below 4 GB, and there are at most 65,535.
  void Add(std::string_view name, std::string_view content);

  // The archive. Nothing may be added afterwards.
  std::string Finish();

 private:
  struct Entry {
    std::string name;
    uint32_t crc, packed_size, size, offset;
  };

  std::string out_;
  std::vector<Entry> entries_;
};

}  // namespace liaison::office

#endif  // LIAISON_COMMON_SHEETS_ZIP_WRITER_H_
