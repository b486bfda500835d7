// The few file operations that the file store is made of, with their errors in words. For this folder only.
#ifndef LIAISON_COMMON_ATTACHMENTS_DISK_H_
#define LIAISON_COMMON_ATTACHMENTS_DISK_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {
class Vault;
}

namespace liaison::disk {

// Errors as in base/file.h, but that kUnknown stands for kDataLoss: the file store says kDataLoss of files whose
// content is not what their name says. With a vault the files are encrypted (crypto/at_rest.h), offsets and sizes are
// of the content, and Read says kDataLoss of one that does not open: damaged, or in the clear. Null: in the clear.

// Fewer at the end.
absl::StatusOr<std::string> Read(const Vault* vault, const std::string& path, uint64_t offset, size_t length);
absl::StatusOr<uint64_t> Size(const Vault* vault, const std::string& path);
// Made if need be; not synced. What does not open is begun anew: nobody could read it.
absl::Status Write(const Vault* vault, const std::string& path, uint64_t offset, std::string_view bytes);
absl::Status Sync(const std::string& path);
absl::Status Rename(const std::string& from, const std::string& to);  // not synced
void Remove(const std::string& path);                                 // best effort

}  // namespace liaison::disk

#endif  // LIAISON_COMMON_ATTACHMENTS_DISK_H_
