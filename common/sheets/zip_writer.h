// Writes a ZIP archive in memory, for office documents: deflated, through libzip. Every entry carries the same date, so
// that equal content is equal bytes.
#ifndef LIAISON_COMMON_SHEETS_ZIP_WRITER_H_
#define LIAISON_COMMON_SHEETS_ZIP_WRITER_H_

#include <deque>
#include <memory>
#include <string>
#include <string_view>

struct zip;
struct zip_source;

namespace liaison::office {

// Ends the process if there is no memory, as everything does that makes a string.
class ZipWriter {
 public:
  ZipWriter();
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // REQUIRES: `name` is ASCII and new.
  void Add(std::string_view name, std::string_view content);

  // The archive. REQUIRES: something was added; nothing may be afterwards.
  std::string Finish();

 private:
  zip_source* out_;                   // the archive as it is written
  zip* archive_;                      // until Finish()
  std::deque<std::string> contents_;  // read when the archive is closed
};

}  // namespace liaison::office

#endif  // LIAISON_COMMON_SHEETS_ZIP_WRITER_H_
