// Backups of a hub's database, and how one comes back.
//
// An archive is two files of one snapshot (common/codec/backup_file.h): "….archive" has all rows but those of table K,
// "….keys" has table K (keys of visitors' sealed values) and the secret files of the data folder. They are parted
// because a destroyed key must not live on in old backups: the keys file is kept apart, and for a short time. Both have
// mode 0600.
//
// Crash order of a backup: mark of the archive (durable), snapshot, which contains the mark; temporary files; both read
// back and the records verified; renamed, keys first; folder synced; "verified" noted. So a file with its final name is
// whole, and a receipt of level archived names only what is in a verified one. What a crash leaves has a name that ends
// in ".part" and is overwritten by the next backup into that folder.
#ifndef LIAISON_COMMON_STORE_ARCHIVE_H_
#define LIAISON_COMMON_STORE_ARCHIVE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/codec/backup_file.h"
#include "common/store/store.h"

namespace liaison {

using SecretFiles = std::map<std::string, std::string>;  // name -> bytes

inline constexpr char kLineageMeta[] = "lineage";  // own fact: (epoch:string archive-id:string)*, oldest first
std::string EncodeLineage(const std::vector<sync::EpochMark>& lineage);
std::vector<sync::EpochMark> DecodeLineage(std::string_view bytes);

struct VerifiedArchive {
  ArchiveHeader header;
  uint64_t file_bytes = 0;
  uint64_t rows = 0, files = 0;
  Store::Check check;  // of the records; empty for a keys file
};

struct MadeArchive {
  VerifiedArchive verified;
  std::string records_path, keys_path;
};

// Writes both files into `folder` (made if it is not there), verifies them and notes it. Runs beside writers and
// sessions; one at a time in a folder. An error leaves no file with a final name.
absl::StatusOr<MadeArchive> MakeArchive(Store* store, const std::string& folder, const SecretFiles& secrets);

// Reads all of a file of either part and compares its hash; loads records into a scratch database beside the file,
// encrypted under a key that nobody keeps, opens it, folds everything afresh, and deletes it. kDataLoss (Chinese): what
// is damaged, and where. `options`: as those of the store that it is of; only station and projections are used.
absl::StatusOr<VerifiedArchive> VerifyArchive(const std::string& path, const StoreOptions& options);

// Makes the data folder `dir` with the database in DIR/db, and with the secret files if `keys` is not empty: under
// another name, verified, then renamed, so that `dir` is there whole or not at all. The database gets a new random
// epoch and remembers the old one with the archive. kFailedPrecondition: `dir` is not empty. kInvalidArgument: the
// files are not of one archive. `more`: puts into the folder what else belongs there, before it has its name.
// `vault_of`: makes the vault of that folder, whose database is then encrypted; null: in the clear. Where root
// restores, the folder goes to the owner of the empty folder that stood there, of the folder around it, or of the
// records file: the first that is not root.
using VaultOfFolder = std::function<absl::StatusOr<std::shared_ptr<const Vault>>(const std::string& making)>;
using PutMore = std::function<void(const ArchiveHeader& header, const std::string& making)>;
absl::StatusOr<VerifiedArchive> RestoreArchive(const std::string& records, const std::string& keys,
                                               const std::string& dir, const StoreOptions& options,
                                               const PutMore& more = nullptr,
                                               const VaultOfFolder& vault_of = nullptr);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_ARCHIVE_H_
