// Where bundles lie in a data folder, and what both daemons do with them first.
//
//   DIR/bundles/   files on their way between the daemon and the command line; nothing stays here
//   DIR/carried/   bundles of others, at a station: kept as they came, put on every stick that is made here
//
// Both hold bundles and packs as they travel, whose bodies are sealed to their recipient's key (codec/bundle_file.h):
// they are not encrypted once more.
//
// The daemon opens files of these two folders only. The command line, which runs as the person who holds the stick,
// copies between the stick and DIR/bundles.
#ifndef LIAISON_COMMON_DAEMON_BUNDLE_SPOOL_H_
#define LIAISON_COMMON_DAEMON_BUNDLE_SPOOL_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/codec/bundle_file.h"

namespace liaison {

inline constexpr size_t kBundlePartBytes = 128 << 10;     // of a range or batch in a bundle; one larger op goes alone
inline constexpr uint64_t kMaxCarriedBytes = 1ull << 30;  // of all bundles carried for others
inline constexpr char kBundleSuffix[] = ".bundle";
inline constexpr char kFilesSuffix[] = ".files";  // of the pack of photos and files beside a bundle

std::string SpoolFolder(const std::string& dir);
std::string CarriedFolder(const std::string& dir);

// A path in the spool folder, which is made if it is not there. kInvalidArgument: not a plain file name.
absl::StatusOr<std::string> SpoolPath(const std::string& dir, std::string_view name);
absl::StatusOr<std::string> SpoolPathOrNone(const std::string& dir, std::string_view name);  // empty for an empty name
std::string NewSpoolName(Random* random);

// "HK-D057-to-hub-20261120-0900-0123456789abcdef.bundle": where from or to, when by the maker's clock, and the first
// half of the bundle's id, so that two bundles never take each other's place on a stick.
std::string BundleFileName(const BundleHeader& header);

// The name of the pack beside a bundle of this name.
std::string FilesNameOf(std::string_view bundle_name);

// Opens a bundle that is whole: length and body hash come out. Errors as BundleReader::Open() and CheckBody().
absl::StatusOr<std::unique_ptr<BundleReader>> OpenWholeBundle(const std::string& path);

// Moves a bundle from the spool to the folder of carried ones, durably. kResourceExhausted: they are too many.
absl::Status CarryBundle(const std::string& dir, const std::string& spool_path, const BundleHeader& header);
// The same for the pack beside it. kInvalidArgument: it is no pack, or of another bundle.
absl::Status CarryFiles(const std::string& dir, const std::string& spool_path, const BundleHeader& header);

// Removes its file at the end of its life, unless it has been moved.
class SpoolFile {
 public:
  explicit SpoolFile(std::string path) : path_(std::move(path)) {}
  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  const std::string& path() const { return path_; }
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

// How people call a feed: "all" is 公共名册, "point:HK-D057" 站点 HK-D057 的记录.
std::string FeedLabel(std::string_view interest);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_BUNDLE_SPOOL_H_
