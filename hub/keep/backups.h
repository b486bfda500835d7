// Backups as services of the running hub, and what needs no hub: restoring.
#ifndef LIAISON_HUB_KEEP_BACKUPS_H_
#define LIAISON_HUB_KEEP_BACKUPS_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/api/dispatcher.h"
#include "common/attachments/file_book.h"
#include "common/crypto/sign.h"
#include "common/store/archive.h"
#include "liaison/v1/backups.pb.h"

namespace CLI {
class App;
}

namespace liaison {

class BackupService {
 public:
  struct Options {
    std::string dir;  // the hub's data folder, whose secret files go into the keys file
    KeyPair key;
    Store* store = nullptr;  // these outlive this
    FileStore* files = nullptr;
    const FileBook* book = nullptr;
  };
  explicit BackupService(Options options);

  // Records, keys, and the photos and files that records name. kInvalidArgument: the folder lies in the hub's own.
  absl::StatusOr<v1::BackupResponse> Backup(const v1::BackupRequest& request);
  absl::StatusOr<v1::VerifyBackupResponse> VerifyBackup(const v1::VerifyBackupRequest& request) const;
  absl::StatusOr<v1::ListBackupsResponse> ListBackups(const v1::ListBackupsRequest& request) const;
  // Takes over the database of another hub's folder. It is copied and the copy is read, so that nothing in that folder
  // changes. May be repeated. kFailedPrecondition: its hub is running, or it is not a hub's.
  absl::StatusOr<v1::ImportFolderResponse> ImportFolder(const v1::ImportFolderRequest& request);

  // When the newest verified backup was made, by this hub's clock; 0: never.
  int64_t last_backup_ms() const { return last_backup_ms_; }

  void Register(Dispatcher* dispatcher);

 private:
  const Options options_;
  Store* const store_;
  const std::string dir_;
  absl::Mutex busy_;  // one backup or import at a time
  std::atomic<int64_t> last_backup_ms_ = 0;
};

// The files of a data folder that the database does not hold: keys and configuration.
absl::StatusOr<SecretFiles> SecretFilesOf(const std::string& dir);

// An error (Chinese) when the folder came from a backup without its keys file: a new key must not be made for it.
absl::Status CheckKeyIsThere(const std::string& dir);

// `liaison-hub restore BACKUP [--keys FILE] --data NEWDIR` and `liaison-hub verify-backup BACKUP`, without a hub.
// BACKUP is a file, or a folder: its newest one to restore, all to verify. Their callbacks set *code.
void AddBackupCommands(CLI::App* app, int* code);

}  // namespace liaison

#endif  // LIAISON_HUB_KEEP_BACKUPS_H_
