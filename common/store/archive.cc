#include "common/store/archive.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "common/base/owner.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/at_rest.h"
#include "common/store/keys.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr char kPart[] = "liaison-backup.part";
constexpr char kKeysPart[] = "liaison-backup.keys.part";
constexpr size_t kLoadBatchBytes = 4 << 20;

bool IsSecret(std::string_view key) { return key.starts_with(key::kKey); }
bool IsPlainName(std::string_view name) {
  return !name.empty() && name[0] != '.' && name.find('/') == name.npos && name.find('\0') == name.npos;
}

absl::Status WriteRows(const KvReader& snapshot, ArchivePart part, ArchiveWriter* writer) {
  ReadWatch reads;
  ProgressScope progress("写备份文件", "行");
  absl::Status status;
  auto add = [&](std::string_view key, std::string_view value) {
    if (part == ArchivePart::kRecords && IsSecret(key)) return true;
    status = writer->Add(ArchiveEntry::Kind::kRow, key, value);
    progress.Add();
    return status.ok();
  };
  if (part == ArchivePart::kRecords) {
    snapshot.Scan("", "", add);
  } else {
    snapshot.ScanPrefix(key::kKey, add);
  }
  return reads.status().ok() ? status : reads.status();
}

absl::StatusOr<std::unique_ptr<ArchiveWriter>> WritePart(const KvReader& snapshot, const ArchiveHeader& header,
                                                         const std::string& path, const SecretFiles& secrets) {
  ASSIGN_OR_RETURN(std::unique_ptr<ArchiveWriter> writer, ArchiveWriter::Create(path, header));
  RETURN_IF_ERROR(WriteRows(snapshot, header.part, writer.get()));
  if (header.part == ArchivePart::kSecrets)
    for (const auto& [name, bytes] : secrets) RETURN_IF_ERROR(writer->Add(ArchiveEntry::Kind::kFile, name, bytes));
  RETURN_IF_ERROR(writer->Finish());
  return writer;
}

// Rows go into `kv`, files into `secrets`; either may be null, then they are only counted.
absl::Status Load(ArchiveReader* reader, Kv* kv, SecretFiles* secrets, VerifiedArchive* read) {
  KvChanges changes;
  size_t bytes = 0;
  bool records = reader->header().part == ArchivePart::kRecords;
  ProgressScope progress("读备份文件", "行");
  for (;;) {
    ASSIGN_OR_RETURN(ArchiveEntry entry, reader->Next());
    if (entry.kind == ArchiveEntry::Kind::kEnd) break;
    bool row = entry.kind == ArchiveEntry::Kind::kRow;
    if (row ? IsSecret(entry.name) == records : (records || !IsPlainName(entry.name)))
      return absl::DataLossError("备份文件里有不属于它的内容");
    row ? ++read->rows : ++read->files;
    progress.Add();
    if (!row) {
      if (secrets != nullptr) (*secrets)[entry.name] = std::move(entry.bytes);
      continue;
    }
    bytes += entry.name.size() + entry.bytes.size();
    if (kv != nullptr) changes[std::move(entry.name)] = std::move(entry.bytes);
    if (kv == nullptr || bytes < kLoadBatchBytes) continue;
    RETURN_IF_ERROR(kv->Write(changes, true));
    changes.clear();
    bytes = 0;
  }
  return kv == nullptr || changes.empty() ? absl::OkStatus() : kv->Write(changes, true);
}

StoreOptions ForChecking(const StoreOptions& options) {
  StoreOptions checking;
  checking.station = options.station;
  checking.clock = options.clock;
  checking.random = options.random;
  checking.projections = options.projections;
  checking.check_range = options.check_range;
  return checking;
}

// Opens what was loaded as a store and folds it afresh. Takes the database over; it is closed at the end.
absl::Status CheckLoaded(std::unique_ptr<Kv> kv, const ArchiveHeader& header, const StoreOptions& options,
                         Store::Check* check) {
  std::optional<std::string> format = kv->Get(key::Meta("format"));
  if (!format || kv->Get(key::Meta("station")) != header.station || !kv->Get(key::Archive(header.id)))
    return absl::DataLossError("备份里没有完整的数据库（缺少格式、站点或备份标记）");
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(std::move(kv), ForChecking(options)));
  ReadWatch reads;
  *check = store->Verify();
  RETURN_IF_ERROR(reads.status());
  if (!check->ok())
    return absl::DataLossError(
        Cat("备份里的数据与重新计算的结果不符，有 ", check->differences.size(), " 处：", check->differences.front()));
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : FileError(errno, "改名为", to);
}

std::string BaseName(const Store::ArchiveMark& mark) {
  std::string day =
      absl::FormatTime("%Y%m%d-%H%M%S", absl::FromUnixMillis(mark.wall_ms), absl::FixedTimeZone(8 * 3600));
  return Cat("liaison-", day, "-", Hex(mark.id.substr(0, 4)));
}

// DIR without slashes at its end, so that DIR.restoring stands beside it.
std::string Trimmed(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  return dir;
}

}  // namespace

absl::StatusOr<MadeArchive> MakeArchive(Store* store, const std::string& folder, const SecretFiles& secrets) {
  RETURN_IF_ERROR(MakeFolder(folder));
  ASSIGN_OR_RETURN(Store::ArchiveMark mark, store->MarkArchive());
  std::unique_ptr<KvReader> snapshot = store->Snapshot();
  ArchiveHeader header{ArchivePart::kRecords,    mark.id,      mark.epoch,
                       store->options().station, mark.wall_ms, mark.ordinal};
  const std::string part = Cat(folder, "/", kPart), keys_part = Cat(folder, "/", kKeysPart);
  MadeArchive made;
  made.records_path = Cat(folder, "/", BaseName(mark), ".archive");
  made.keys_path = Cat(folder, "/", BaseName(mark), ".keys");
  // The writers live to the end: they hold the temporary files against another backup.
  ASSIGN_OR_RETURN(auto records, WritePart(*snapshot, header, part, secrets));
  absl::Cleanup remove = [&] {
    unlink(part.c_str());
    unlink(keys_part.c_str());
    unlink(made.keys_path.c_str());
  };
  header.part = ArchivePart::kSecrets;
  ASSIGN_OR_RETURN(auto keys, WritePart(*snapshot, header, keys_part, secrets));
  RETURN_IF_ERROR(VerifyArchive(keys_part, store->options()).status());
  ASSIGN_OR_RETURN(made.verified, VerifyArchive(part, store->options()));
  RETURN_IF_ERROR(Rename(keys_part, made.keys_path));
  RETURN_IF_ERROR(Rename(part, made.records_path));
  std::move(remove).Cancel();
  RETURN_IF_ERROR(SyncFolder(folder));
  RETURN_IF_ERROR(store->NoteVerified(mark, *snapshot));
  return made;
}

absl::StatusOr<VerifiedArchive> VerifyArchive(const std::string& path, const StoreOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<ArchiveReader> reader, ArchiveReader::Open(path));
  VerifiedArchive verified;
  verified.header = reader->header();
  verified.file_bytes = reader->file_bytes();
  if (verified.header.part == ArchivePart::kSecrets) {
    RETURN_IF_ERROR(Load(reader.get(), nullptr, nullptr, &verified));
    return verified;
  }
  const std::string scratch = path + ".scratch";
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
  absl::Cleanup remove = [&] { fs::remove_all(scratch, ignored); };
  RETURN_IF_ERROR(MakeFolder(scratch));
  ASSIGN_OR_RETURN(std::unique_ptr<Kv> kv, OpenRocks(scratch, RocksOptions{true, Vault::New()}));
  RETURN_IF_ERROR(Load(reader.get(), kv.get(), nullptr, &verified));
  RETURN_IF_ERROR(CheckLoaded(std::move(kv), verified.header, options, &verified.check));
  return verified;
}

absl::StatusOr<VerifiedArchive> RestoreArchive(const std::string& records, const std::string& keys,
                                               const std::string& given_dir, const StoreOptions& options,
                                               const PutMore& more, const VaultOfFolder& vault_of) {
  const std::string dir = Trimmed(given_dir), making = dir + ".restoring";
  std::error_code error;
  if (fs::exists(dir, error) && (!fs::is_directory(dir, error) || !fs::is_empty(dir, error)))
    return absl::FailedPreconditionError(
        Cat("文件夹 ", dir, " 不是空的，没有恢复。请恢复到一个新的文件夹，或先把它改名移开（不要删除）"));
  ASSIGN_OR_RETURN(std::unique_ptr<ArchiveReader> reader, ArchiveReader::Open(records));
  VerifiedArchive restored;
  restored.header = reader->header();
  restored.file_bytes = reader->file_bytes();
  if (restored.header.part != ArchivePart::kRecords)
    return absl::InvalidArgumentError(Cat("文件 ", records, " 是密钥文件，请写备份文件（.archive）"));
  std::unique_ptr<ArchiveReader> key_reader;
  if (!keys.empty()) {
    ASSIGN_OR_RETURN(key_reader, ArchiveReader::Open(keys));
    if (key_reader->header().part != ArchivePart::kSecrets || key_reader->header().id != restored.header.id)
      return absl::InvalidArgumentError(Cat("文件 ", keys, " 不是这份备份的密钥文件"));
  }
  fs::remove_all(making, error);  // of a restore that was interrupted
  absl::Cleanup remove = [&] { fs::remove_all(making, error); };
  RETURN_IF_ERROR(MakeFolder(making + "/db"));
  SecretFiles secrets;
  std::shared_ptr<const Vault> vault;
  if (vault_of) {
    ASSIGN_OR_RETURN(vault, vault_of(making));
  }
  {
    ASSIGN_OR_RETURN(std::unique_ptr<Kv> kv, OpenRocks(making + "/db", RocksOptions{true, vault}));
    RETURN_IF_ERROR(Load(reader.get(), kv.get(), nullptr, &restored));
    if (key_reader != nullptr) RETURN_IF_ERROR(Load(key_reader.get(), kv.get(), &secrets, &restored));
    const std::string lineage_key = key::Meta(Cat("x-", kLineageMeta));
    std::vector<sync::EpochMark> lineage = DecodeLineage(kv->Get(lineage_key).value_or(""));
    lineage.push_back({restored.header.epoch, restored.header.id});
    KvChanges changes;
    changes[lineage_key] = EncodeLineage(lineage);
    changes[key::Meta("epoch")] = options.random->Bytes(key::kEpochBytes);
    RETURN_IF_ERROR(kv->Write(changes, true));
    RETURN_IF_ERROR(CheckLoaded(std::move(kv), restored.header, options, &restored.check));
  }
  for (const auto& [name, bytes] : secrets) RETURN_IF_ERROR(WriteNewFile(Cat(making, "/", name), bytes));
  if (more) more(restored.header, making);
  GiveTreeToOwnerOf({dir, FolderOf(dir), records}, making);
  RETURN_IF_ERROR(SyncFolder(making + "/db"));
  RETURN_IF_ERROR(SyncFolder(making));
  RETURN_IF_ERROR(Rename(making, dir));  // takes the place of an empty folder too
  std::move(remove).Cancel();
  RETURN_IF_ERROR(SyncFolder(FolderOf(dir)));
  return restored;
}

}  // namespace liaison
