// The photos and files of backups: beside the backups, in a folder that all of them share, so that each is written
// once.
//
//   FOLDER/files/ab/HASH-KEYID.files   one file, sealed to the hub's own key, which is in the keys file of each backup
//   FOLDER/NAME.filelist               which of them the backup NAME.archive names (codec/file_pack.h)
//
// Nothing is removed here. A pack is read through before it is named by a list, also one that lay there already; one
// that is damaged is written again.
#ifndef LIAISON_HUB_KEEP_KEPT_FILES_H_
#define LIAISON_HUB_KEEP_KEPT_FILES_H_

#include <map>
#include <string>
#include <vector>

#include "common/attachments/file_book.h"
#include "common/attachments/file_store.h"
#include "common/codec/file_pack.h"

namespace liaison {

struct KeptFiles {
  size_t files = 0;    // in the list
  size_t fresh = 0;    // of them written, or brought back, now
  size_t damaged = 0;  // of them damaged or missing
  size_t lacking = 0;  // named by records, and not at the hub when the backup was made
  std::vector<std::string> problems;  // Chinese
};

// Keeps what records name, for the backup `records_path` with this id. A full disk ends the copying: what lies there by
// then is in the list, and the rest is in `problems`. Errors: not even the list could be written.
absl::StatusOr<KeptFiles> KeepFiles(FileStore* files, const FileBook& book, const KeyPair& key, Random* random,
                                    const std::string& archive_id, const std::string& records_path);

// Packs that were read through, so that those which several backups name are read once.
using CheckedPacks = std::map<std::string, bool>;

// Reads every byte of what the backup names; needs no key. A backup without a list has no files. Errors: the list is
// damaged, or of another backup.
absl::StatusOr<KeptFiles> CheckKeptFiles(const std::string& records_path, const std::string& archive_id,
                                         CheckedPacks* checked);

// Brings what the backup names into DIR/files of a folder that is being restored, with the key in it. Without the key
// nothing comes, and that is said; what is damaged, missing or has no room is said too.
KeptFiles BringFilesBack(const std::string& records_path, const std::string& archive_id, const std::string& dir);

}  // namespace liaison

#endif  // LIAISON_HUB_KEEP_KEPT_FILES_H_
