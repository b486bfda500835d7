// A data folder in the clear, as programs up to 0.4.0 left it, becomes an encrypted one, file by file.
#ifndef LIAISON_COMMON_DAEMON_ENCRYPT_FOLDER_H_
#define LIAISON_COMMON_DAEMON_ENCRYPT_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/at_rest.h"

namespace liaison {

// Encrypts what is in the clear in DIR/db and DIR/files. An encrypted copy of one file is written beside it and takes
// its name; then the bytes of the old one are overwritten, unless it has other names. So it may be interrupted at any
// point and goes on when it is called again, and it needs the room of the largest file and a page a file. What the
// database and the file store see of a file stays the same. Old logs of the database are removed.
//
// kUnavailable (Chinese): another program has the folder. kResourceExhausted: the disk has no room for the next file.
// Else errors of files as in base/file.h. What is there stays readable whatever happens.
absl::Status EncryptFolder(const std::string& dir, const Vault& vault);
// The same of a database alone.
absl::Status EncryptDatabase(const std::string& db, const Vault& vault);

// Whether any file of the database begins as an encrypted one. False if there is no database.
absl::StatusOr<bool> HoldsEncrypted(const std::string& db);

// Writes over a file, unless it has other names, and removes it. On flash, and on file systems that write elsewhere,
// the old bytes may stay.
absl::Status RemoveOverwritten(const std::string& path);

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_ENCRYPT_FOLDER_H_
