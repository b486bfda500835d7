// Reads single entries of a ZIP archive that lies in memory (PKWARE APPNOTE 6.3, stored and deflated, without ZIP64 and
// encryption), for .xlsx. Sizes are checked before anything is unpacked and the checksum afterwards: damaged bytes
// never become cells. Errors are kInvalidArgument with a Chinese message.
#ifndef LIAISON_COMMON_SHEETS_ZIP_H_
#define LIAISON_COMMON_SHEETS_ZIP_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

class ZipReader {
 public:
  // `bytes` must outlive the reader. `budget` bounds the bytes of all entries read together, however often.
  static absl::StatusOr<ZipReader> Open(std::string_view bytes, size_t budget);

  // Names are compared without case, as names of parts are (ECMA-376 part 2, 6.2.2.3); \ counts as /.
  bool Has(std::string_view name) const;

  std::vector<std::string> Names() const;  // in lower case, with /

  // The unpacked entry; kNotFound if there is none. Not thread-safe: it uses up the budget.
  absl::StatusOr<std::string> Read(std::string_view name);

 private:
  struct Entry {
    uint16_t flags = 0;
    uint16_t method = 0;
    uint32_t crc = 0;
    size_t packed_size = 0;
    size_t size = 0;
    size_t offset = 0;  // of the local header
  };

  ZipReader(std::string_view bytes, size_t budget) : bytes_(bytes), budget_(budget) {}

  std::string_view bytes_;
  size_t budget_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_ZIP_H_
