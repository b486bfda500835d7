// For tests: the database over another file system than the machine's, so that power cuts and full disks can be played.
#ifndef LIAISON_COMMON_STORE_ROCKS_ENV_H_
#define LIAISON_COMMON_STORE_ROCKS_ENV_H_

#include "common/store/kv.h"

namespace rocksdb {
class Env;
}

namespace liaison {

// OpenRocks with RocksDB's files in `env`, which must outlive the database. The mark beside them (head_mark.h) is
// always the machine's own file.
absl::StatusOr<std::unique_ptr<Kv>> OpenRocksOn(rocksdb::Env* env, const std::string& dir, const RocksOptions& options);

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_ROCKS_ENV_H_
