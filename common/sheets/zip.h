// ZIP archives in memory, through libzip; the only place with it. The reader takes single entries of an archive from
// anywhere, for .xlsx: stored and deflated ones, without encryption. Sizes are checked before anything is unpacked and
// the checksum afterwards: damaged bytes never become cells. Errors of the reader are kInvalidArgument with a Chinese
// message.
#ifndef LIAISON_COMMON_SHEETS_ZIP_H_
#define LIAISON_COMMON_SHEETS_ZIP_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

struct zip;

namespace liaison {

class ZipReader {
 public:
  // `bytes` must outlive the reader. `budget` bounds the bytes of all entries read together, however often.
  static absl::StatusOr<ZipReader> Open(std::string_view bytes, size_t budget);

  // Names are compared without case, as names of parts are (ECMA-376 part 2, 6.2.2.3); \ counts as /. Of several
  // entries with one name the first of the directory counts.
  bool Has(std::string_view name) const;

  std::vector<std::string> Names() const;  // in lower case, with /

  // The unpacked entry; kNotFound if there is none. Not thread-safe: it uses up the budget.
  absl::StatusOr<std::string> Read(std::string_view name);

 private:
  using Archive = std::unique_ptr<zip, void (*)(zip*)>;

  ZipReader(Archive archive, size_t budget) : archive_(std::move(archive)), budget_(budget) {}

  Archive archive_;
  size_t budget_;
  std::map<std::string, uint64_t, std::less<>> entries_;  // name -> place in the directory
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SHEETS_ZIP_H_
