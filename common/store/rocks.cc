#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/at_rest.h"
#include "common/store/head_mark.h"
#include "common/store/kv.h"
#include "common/store/read_failure.h"
#include "common/store/rest_fs.h"
#include "common/store/rocks_env.h"

namespace liaison {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return rocksdb::Slice(s.data(), s.size()); }
std::string_view ToView(const rocksdb::Slice& s) { return std::string_view(s.data(), s.size()); }

bool IsFull(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.ToString().find("No space left") != std::string::npos ||
         status.ToString().find("quota exceeded") != std::string::npos;
}

// Reads the database as of a snapshot, or as it is now when there is none.
class RocksReader {
 public:
  RocksReader(rocksdb::DB* db, const rocksdb::Snapshot* snapshot, std::atomic<bool>* failed)
      : db_(db), snapshot_(snapshot), failed_(failed) {}

  std::optional<std::string> Get(std::string_view key) const {
    std::string value;
    rocksdb::Status status = db_->Get(Options(), ToSlice(key), &value);
    if (status.ok()) return value;
    if (!status.IsNotFound()) Failed(status);
    return std::nullopt;
  }

  void Scan(std::string_view from, std::string_view to, const KvReader::Visit& visit) const {
    rocksdb::ReadOptions options = Options();
    rocksdb::Slice bound = ToSlice(to);
    if (!to.empty()) options.iterate_upper_bound = &bound;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
    for (it->Seek(ToSlice(from)); it->Valid(); it->Next())
      if (!visit(ToView(it->key()), ToView(it->value()))) return;
    if (!it->status().ok()) Failed(it->status());
  }

  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(Options()));
    if (to.empty()) {
      it->SeekToLast();
    } else {
      it->SeekForPrev(ToSlice(to));
      if (it->Valid() && ToView(it->key()) == to) it->Prev();
    }
    if (!it->status().ok()) Failed(it->status());
    if (!it->Valid() || ToView(it->key()) < from) return std::nullopt;
    return std::pair(it->key().ToString(), it->value().ToString());
  }

 private:
  void Failed(const rocksdb::Status& status) const {
    *failed_ = true;
    NoteReadFailure(status.ToString());
  }
  rocksdb::ReadOptions Options() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return options;
  }

  rocksdb::DB* db_;
  const rocksdb::Snapshot* snapshot_;
  std::atomic<bool>* failed_;
};

class RocksSnapshot : public KvReader {
 public:
  RocksSnapshot(rocksdb::DB* db, std::atomic<bool>* failed)
      : db_(db), snapshot_(db->GetSnapshot()), reader_(db, snapshot_, failed) {}
  ~RocksSnapshot() override { db_->ReleaseSnapshot(snapshot_); }
  std::optional<std::string> Get(std::string_view key) const override { return reader_.Get(key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    reader_.Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return reader_.Last(from, to);
  }

 private:
  rocksdb::DB* db_;
  const rocksdb::Snapshot* snapshot_;
  RocksReader reader_;
};

class RocksKv : public Kv {
 public:
  RocksKv(std::unique_ptr<HeadMark> mark, std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db)
      : mark_(std::move(mark)), env_(std::move(env)), db_(std::move(db)), reader_(db_.get(), nullptr, &failed_) {}

  std::optional<std::string> Get(std::string_view key) const override { return reader_.Get(key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    reader_.Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return reader_.Last(from, to);
  }

  absl::Status Write(const KvChanges& changes, bool sync) override {
    absl::MutexLock lock(&write_mutex_);  // the mark must not name another thread's write that is not synced
    if (full_) return DiskFull();
    if (failed_) return absl::DataLossError("数据库读写出错，已停止写入；请重新启动程序");
    rocksdb::WriteBatch batch(0, 0, /*protection_bytes_per_key=*/8, 0);
    rocksdb::Status status;
    for (const auto& [key, value] : changes) {
      status = value ? batch.Put(ToSlice(key), ToSlice(*value)) : batch.Delete(ToSlice(key));
      if (!status.ok()) break;
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    if (status.ok()) status = db_->Write(options, &batch);
    if (status.ok()) {
      if (sync) mark_->Note(db_->GetLatestSequenceNumber());
      return absl::OkStatus();
    }
    failed_ = true;
    full_ = IsFull(status);
    if (full_) return DiskFull();
    return absl::DataLossError(Cat("写入数据库失败，已停止写入：", status.ToString()));
  }

  absl::Status Forget(std::string_view prefix) override {
    const std::string end = PrefixEnd(prefix);
    const rocksdb::Slice from = ToSlice(prefix), to = ToSlice(end);
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::Status status = db_->CompactRange(options, &from, end.empty() ? nullptr : &to);
    if (status.ok()) return absl::OkStatus();
    if (IsFull(status)) return DiskFull();
    return absl::DataLossError(Cat("数据库整理失败：", status.ToString()));
  }

  std::unique_ptr<KvReader> Snapshot() const override { return std::make_unique<RocksSnapshot>(db_.get(), &failed_); }

 private:
  static absl::Status DiskFull() {
    return absl::ResourceExhaustedError("磁盘已满，没有保存；请腾出空间，然后重新启动程序");
  }

  mutable std::atomic<bool> failed_ = false;
  absl::Mutex write_mutex_;
  bool full_ ABSL_GUARDED_BY(write_mutex_) = false;
  std::unique_ptr<HeadMark> mark_;     // its lock is given up last
  std::unique_ptr<rocksdb::Env> env_;  // of encrypted files; null: another's
  std::unique_ptr<rocksdb::DB> db_;
  RocksReader reader_;
};

// The database keeps no log. Its own one ends the process when a line of it finds no room, and what matters comes back
// as a status.
class NoLog : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
};

// A station must fit into an old PC: 22 MB at its peak. The hub may have ten times that.
rocksdb::Options Profile(const RocksOptions& profile) {
  const size_t scale = profile.hub ? 8 : 1;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.force_consistency_checks = true;
  options.write_dbid_to_manifest = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.db_write_buffer_size = scale * (4 << 20);
  options.write_buffer_size = scale * (1 << 20);
  options.max_write_buffer_number = 2;
  options.max_total_wal_size = scale * (8 << 20);
  options.target_file_size_base = scale * (2 << 20);
  options.max_bytes_for_level_base = scale * (8 << 20);
  options.max_open_files = profile.hub ? 512 : 64;
  options.max_background_jobs = 2;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<NoLog>();
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(profile.hub ? 64 << 20 : 4 << 20);
  // A station bounds them with the rest. At a hub of millions of records they would not fit beside the data, and every
  // question would read and check a filter anew (nine tenths of its time): there they stay with the open files.
  table.cache_index_and_filter_blocks = !profile.hub;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

absl::Status Refused(const rocksdb::Status& status, const std::string& dir) {
  if (status.IsIOError() && status.ToString().find("/LOCK: ") != std::string::npos)
    return absl::UnavailableError(Cat("数据文件夹正被另一个程序使用：", dir));
  if (IsFull(status))
    return absl::ResourceExhaustedError(Cat("磁盘已满，打不开数据文件夹 ", dir, "；请腾出空间后再启动"));
  if (status.IsCorruption()) return absl::DataLossError(Cat("数据已损坏：", status.ToString()));
  // Asked to open what is there, it found nothing that it could open.
  if (status.IsNotFound() || status.IsInvalidArgument() || status.IsPathNotFound())
    return absl::DataLossError(Cat("数据库的文件不见了：", status.ToString()));
  if (status.IsIOError()) return absl::DataLossError(Cat("磁盘读写出错，打不开数据文件夹 ", dir, "：", status.ToString()));
  return absl::UnknownError(Cat("打不开数据文件夹 ", dir, "：", status.ToString()));
}

// Whether the database still holds all that was acknowledged. Looks without changing a byte: what is behind the damage
// must not be thrown away by a recovery.
absl::Status CheckAgainstMark(const rocksdb::Options& options, const std::string& dir, const HeadMark& mark) {
  const std::string advice = Cat("请先把整个数据文件夹另存一份；确认接受缺失以后，删除文件 ", HeadMark::PathIn(dir),
                                 " 再启动，镇里已有的会自动取回");
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, dir, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  if (status.IsNotFound() || status.IsInvalidArgument() || status.IsPathNotFound())
    return absl::DataLossError(Cat("数据库的文件不见了：", status.ToString(), "。", advice));
  if (!status.ok()) return Refused(status, dir);
  std::string id;
  if (!db->GetDbIdentity(id).ok() || !mark.IsOf(id)) return absl::DataLossError(Cat("数据库被换成了另一个。", advice));
  if (db->GetLatestSequenceNumber() < *mark.found().sequence)
    return absl::DataLossError(Cat("数据库的末尾缺失：应到第 ", *mark.found().sequence, " 次写入，磁盘上只到第 ",
                                   db->GetLatestSequenceNumber(), " 次。", advice));
  return absl::OkStatus();
}

// Without the key every file of it would look damaged.
absl::Status CheckReadable(const std::string& dir, const RocksOptions& profile) {
  if (profile.vault != nullptr) return absl::OkStatus();
  absl::StatusOr<std::string> current = ReadFile(dir + "/CURRENT");
  if (!current.ok() || !LooksEncrypted(*current)) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("数据库 ", dir, " 是加密的，没有它的数据密钥（rest.json），打不开"));
}

}  // namespace

// A readable mark proves completeness, so recovery may drop a torn tail, whatever it looks like: nothing of it was
// acknowledged. Without one, only a tail that ends too early is dropped.
absl::StatusOr<std::unique_ptr<Kv>> OpenRocksOn(rocksdb::Env* env, const std::string& dir,
                                                const RocksOptions& profile) {
  RETURN_IF_ERROR(CheckReadable(dir, profile));
  ASSIGN_OR_RETURN(std::unique_ptr<HeadMark> mark, HeadMark::Open(dir));
  rocksdb::Options options = Profile(profile);
  if (env != nullptr) options.env = env;
  std::unique_ptr<rocksdb::Env> encrypted;
  if (profile.vault != nullptr) {
    encrypted = rocksdb::NewCompositeEnv(EncryptedFiles(options.env->GetFileSystem(), profile.vault));
    options.env = encrypted.get();
  }
  if (mark->found().written) options.create_if_missing = false;
  if (mark->found().sequence) {
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    RETURN_IF_ERROR(CheckAgainstMark(options, dir, *mark));
  }
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, dir, &opened);
  if (!status.ok()) return Refused(status, dir);
  std::unique_ptr<rocksdb::DB> db(opened);
  std::string id;
  status = db->GetDbIdentity(id);
  if (!status.ok()) return Refused(status, dir);
  RETURN_IF_ERROR(mark->Start(id, db->GetLatestSequenceNumber()));
  return std::make_unique<RocksKv>(std::move(mark), std::move(encrypted), std::move(db));
}

absl::StatusOr<std::unique_ptr<Kv>> OpenRocks(const std::string& dir, const RocksOptions& options) {
  return OpenRocksOn(nullptr, dir, options);
}

}  // namespace liaison
