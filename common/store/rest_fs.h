// The database's files, encrypted (crypto/at_rest.h), for RocksDB.
//
// Each file is encrypted from its first byte, and none is read that is not: one in the clear is refused in words, so
// that nobody who had the disk can put one in. The one exception is a write-ahead log, which a power cut may leave with
// a beginning that was never synced: it is read as empty, and the mark (head_mark.h) says whether anything that was
// acknowledged is lacking. LOCK is empty and HEAD is not RocksDB's; both stay as they are.
#ifndef LIAISON_COMMON_STORE_REST_FS_H_
#define LIAISON_COMMON_STORE_REST_FS_H_

#include <rocksdb/file_system.h>

#include <memory>

#include "common/crypto/at_rest.h"

namespace liaison {

// Over `base`. What changes a file in other ways than a database with our settings does is kNotSupported.
std::shared_ptr<rocksdb::FileSystem> EncryptedFiles(std::shared_ptr<rocksdb::FileSystem> base,
                                                    std::shared_ptr<const Vault> vault);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_REST_FS_H_
