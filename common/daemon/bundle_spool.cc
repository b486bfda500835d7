#include "common/daemon/bundle_spool.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/file_pack.h"
#include "common/record/feeds.h"

namespace liaison {
namespace {

constexpr size_t kLongestName = 120;

bool IsPlain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }

uint64_t BytesIn(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    uintmax_t size = it->file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

}  // namespace

std::string SpoolFolder(const std::string& dir) { return dir + "/bundles"; }
std::string CarriedFolder(const std::string& dir) { return dir + "/carried"; }

absl::StatusOr<std::string> SpoolPath(const std::string& dir, std::string_view name) {
  bool plain = !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), IsPlain);
  if (!plain) return absl::InvalidArgumentError("数据包的文件名不对");
  RETURN_IF_ERROR(MakeFolder(SpoolFolder(dir)));
  return Cat(SpoolFolder(dir), "/", name);
}

absl::StatusOr<std::string> SpoolPathOrNone(const std::string& dir, std::string_view name) {
  return name.empty() ? absl::StatusOr<std::string>("") : SpoolPath(dir, name);
}

std::string NewSpoolName(Random* random) { return "part-" + Hex(random->Bytes(8)); }

std::string BundleFileName(const BundleHeader& header) {
  std::string station = header.station.substr(0, 40);
  std::replace_if(
      station.begin(), station.end(), [](char c) { return !IsPlain(c); }, '_');
  std::string time =
      absl::FormatTime("%Y%m%d-%H%M", absl::FromUnixMillis(header.wall_ms), absl::FixedTimeZone(8 * 3600));
  std::string route = header.direction == BundleDirection::kToHub ? Cat(station, "-to-hub") : Cat("hub-to-", station);
  return Cat(route, "-", time, "-", Hex(header.bundle_id.substr(0, 8)), kBundleSuffix);
}

std::string FilesNameOf(std::string_view bundle_name) {
  return Cat(bundle_name.substr(0, bundle_name.rfind('.')), kFilesSuffix);
}

absl::StatusOr<std::unique_ptr<BundleReader>> OpenWholeBundle(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> reader, BundleReader::Open(path));
  RETURN_IF_ERROR(reader->CheckBody());
  return reader;
}

namespace {

absl::Status CarryAs(const std::string& dir, const std::string& spool_path, const std::string& name) {
  std::string folder = CarriedFolder(dir);
  RETURN_IF_ERROR(MakeFolder(folder));
  std::string path = Cat(folder, "/", name);
  std::error_code error;
  if (std::filesystem::exists(path, error)) return CopyFileAtomically(spool_path, path);
  uint64_t size = std::filesystem::file_size(spool_path, error);
  if (error || BytesIn(folder) + size > kMaxCarriedBytes)
    return absl::ResourceExhaustedError(
        "代转的数据包已超过 1 GB，不再收；请先把它们带到镇中心，再用 liaison bundle carried --clear 清理");
  return CopyFileAtomically(spool_path, path);
}

}  // namespace

absl::Status CarryBundle(const std::string& dir, const std::string& spool_path, const BundleHeader& header) {
  return CarryAs(dir, spool_path, BundleFileName(header));
}

absl::Status CarryFiles(const std::string& dir, const std::string& spool_path, const BundleHeader& header) {
  ASSIGN_OR_RETURN(std::unique_ptr<FilePackReader> pack, FilePackReader::Open(spool_path));
  if (pack->start().name != header.bundle_id || pack->start().recipient_key_id != header.recipient_key_id)
    return absl::InvalidArgumentError("照片文件包不是这个数据包的");
  return CarryAs(dir, spool_path, FilesNameOf(BundleFileName(header)));
}

SpoolFile::~SpoolFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

std::string FeedLabel(std::string_view interest) {
  if (interest == kFeedOfAll) return "公共名册";
  if (auto point = PointOfFeed(interest)) return Cat("站点 ", *point, " 的记录");
  if (auto station = StationOfFeed(interest)) return Cat("站点 ", *station, " 的专发内容");
  return Cat("“", interest, "”");
}

}  // namespace liaison
