// Small files with secrets, for the sources of this folder only: the key file and the authority file.
#ifndef LIAISON_COMMON_CRYPTO_SECRET_FILE_H_
#define LIAISON_COMMON_CRYPTO_SECRET_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison::crypto_internal {

// As WriteNewFile() in base/file.h: durable, mode 0600, never in the place of another. `kind` stands in front of
// messages.
absl::Status WriteNewSecret(std::string_view kind, const std::string& path, std::string_view bytes);

// At most `limit` + 1 bytes, so that a longer file is noticed. Codes as LoadKeyPair(), but for the content. The caller
// wipes what it gets.
absl::StatusOr<std::string> ReadSecret(std::string_view kind, const std::string& path, size_t limit);

}  // namespace liaison::crypto_internal

#endif  // LIAISON_COMMON_CRYPTO_SECRET_FILE_H_
