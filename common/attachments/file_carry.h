// Files that travel by stick, at both ends: which of them go into a pack (codec/file_pack.h), and which are taken out.
#ifndef LIAISON_COMMON_ATTACHMENTS_FILE_CARRY_H_
#define LIAISON_COMMON_ATTACHMENTS_FILE_CARRY_H_

#include <optional>
#include <string>
#include <vector>

#include "common/attachments/file_book.h"
#include "common/attachments/file_store.h"
#include "common/codec/file_pack.h"
#include "liaison/v1/bundles.pb.h"

namespace liaison {

// What a pack may take of the disks: at most `wanted`, what a stick with `room` (0: not known) has left behind a bundle
// of so many bytes, and what this disk has above its reserve.
uint64_t FilesBudget(uint64_t wanted, uint64_t room, uint64_t bundle_bytes, const FileStore& files);

struct PackedCounts {
  size_t files = 0;
  uint64_t bytes = 0;  // of the pack
  size_t left = 0;     // that did not fit
  uint64_t left_bytes = 0;
};

// Writes a pack of these files, in this order as far as `budget` bytes go; one that does not fit is passed over, and a
// smaller one behind it may go. What the disk has changed is set aside and does not go. `order`: with all but files and
// bytes. kResourceExhausted: not even the names fit. Errors as WriteFilePack().
absl::StatusOr<PackedCounts> PackFiles(FileStore* files, const std::vector<std::string>& hashes, uint64_t budget,
                                       FilePackOrder order, const std::string& path);

struct TakenFiles {
  size_t files = 0, fresh = 0;         // in the pack; of them taken now, on the disk
  std::vector<std::string> here;       // of the pack's files, those that are here afterwards
  std::vector<std::string> held;       // what its maker says that it has
  bool complete = false;               // `held` is all of it
  std::vector<std::string> problems;   // Chinese
};

// Takes the files that a live record here names, each held against its hash and durable before it is counted. What is
// damaged, cut off or not named is passed over and said; a full disk ends the taking and is said. Errors: the pack is
// not `maker_key`'s, not for `name`, not sealed to `keys`, or its directory is damaged; then nothing was taken.
absl::StatusOr<TakenFiles> TakeFiles(FileStore* files, const FileBook& book, const std::string& path,
                                     std::string_view name, std::string_view maker_key, const KeyPair& keys);

// Both as the services of bundles do them: records go and come whatever happens to the files, so what is wrong is said
// in the response. Whether there is a pack at `path`; and what was taken, if it could be opened.
bool PackBeside(FileStore* files, const std::vector<std::string>& hashes, const v1::ExportBundleRequest& request,
                FilePackOrder order, const std::string& path, v1::ExportBundleResponse* response);
std::optional<TakenFiles> TakeBeside(FileStore* files, const FileBook& book, const std::string& path,
                                     std::string_view name, std::string_view maker_key, const KeyPair& keys,
                                     v1::ImportBundleResponse* response);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_FILE_CARRY_H_
