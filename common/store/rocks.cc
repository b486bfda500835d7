#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>

#include "common/base/text.h"
#include "common/store/kv.h"

namespace liaison {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return rocksdb::Slice(s.data(), s.size()); }
std::string_view ToView(const rocksdb::Slice& s) { return std::string_view(s.data(), s.size()); }

// Reads the database as of a snapshot, or as it is now when there is none.
class RocksReader {
 public:
  RocksReader(rocksdb::DB* db, const rocksdb::Snapshot* snapshot, std::atomic<bool>* failed)
      : db_(db), snapshot_(snapshot), failed_(failed) {}

  std::optional<std::string> Get(std::string_view key) const {
    std::string value;
    rocksdb::Status status = db_->Get(Options(), ToSlice(key), &value);
    if (status.ok()) return value;
    if (!status.IsNotFound()) *failed_ = true;
    return std::nullopt;
  }

  void Scan(std::string_view from, std::string_view to, const KvReader::Visit& visit) const {
    rocksdb::ReadOptions options = Options();
    rocksdb::Slice bound = ToSlice(to);
    if (!to.empty()) options.iterate_upper_bound = &bound;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
    for (it->Seek(ToSlice(from)); it->Valid(); it->Next())
      if (!visit(ToView(it->key()), ToView(it->value()))) return;
    if (!it->status().ok()) *failed_ = true;
  }

  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(Options()));
    if (to.empty()) {
      it->SeekToLast();
    } else {
      it->SeekForPrev(ToSlice(to));
      if (it->Valid() && ToView(it->key()) == to) it->Prev();
    }
    if (!it->status().ok()) *failed_ = true;
    if (!it->Valid() || ToView(it->key()) < from) return std::nullopt;
    return std::pair(it->key().ToString(), it->value().ToString());
  }

 private:
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
  explicit RocksKv(rocksdb::DB* db) : db_(db), reader_(db, nullptr, &failed_) {}

  std::optional<std::string> Get(std::string_view key) const override { return reader_.Get(key); }
  void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    reader_.Scan(from, to, visit);
  }
  std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
    return reader_.Last(from, to);
  }

  absl::Status Write(const KvChanges& changes, bool sync) override {
    if (failed_) return absl::DataLossError("数据库读写出错,已停止写入;请重新启动程序");
    rocksdb::WriteBatch batch(0, 0, /*protection_bytes_per_key=*/8, 0);
    rocksdb::Status status;
    for (const auto& [key, value] : changes) {
      status = value ? batch.Put(ToSlice(key), ToSlice(*value)) : batch.Delete(ToSlice(key));
      if (!status.ok()) break;
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    if (status.ok()) status = db_->Write(options, &batch);
    if (status.ok()) return absl::OkStatus();
    failed_ = true;
    return absl::DataLossError(Cat("写入数据库失败,已停止写入:", status.ToString()));
  }

  std::unique_ptr<KvReader> Snapshot() const override { return std::make_unique<RocksSnapshot>(db_.get(), &failed_); }

 private:
  mutable std::atomic<bool> failed_ = false;
  std::unique_ptr<rocksdb::DB> db_;
  RocksReader reader_;
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
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1 << 20;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(scale * (4 << 20));
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kv>> OpenRocks(const std::string& dir, const RocksOptions& options) {
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(Profile(options), dir, &db);
  if (status.ok()) return std::make_unique<RocksKv>(db);
  if (status.IsIOError() && status.ToString().find("/LOCK: ") != std::string::npos)
    return absl::UnavailableError(Cat("数据文件夹正被另一个程序使用:", dir));
  if (status.IsCorruption()) return absl::DataLossError(Cat("数据已损坏:", status.ToString()));
  return absl::UnavailableError(Cat("打不开数据文件夹 ", dir, ":", status.ToString()));
}

}  // namespace liaison
