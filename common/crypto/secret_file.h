// Small files with secrets, for the sources of this folder only: the key file and the authority file.
#ifndef LIAISON_COMMON_CRYPTO_SECRET_FILE_H_
#define LIAISON_COMMON_CRYPTO_SECRET_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison::crypto_internal {

// Writes a temporary file in the same folder (".XXXXXX" behind the name, O_EXCL, mode 0600), syncs it, renames it
// without replacing, and syncs the folder. Codes as SaveKeyPair() in sign.h; `kind` stands in front of messages.
absl::Status WriteNewSecret(std::string_view kind, const std::string& path, std::string_view bytes);

// At most `limit` + 1 bytes, so that a longer file is noticed. Codes as LoadKeyPair(), but for the content. The caller
// wipes what it gets.
absl::StatusOr<std::string> ReadSecret(std::string_view kind, const std::string& path, size_t limit);

}  // namespace liaison::crypto_internal

#endif  // LIAISON_COMMON_CRYPTO_SECRET_FILE_H_
