#include "hub/keep/backups.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "common/api/methods.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/encrypt_folder.h"
#include "common/daemon/metrics.h"
#include "common/daemon/rest.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/roster/roster.h"
#include "common/store/head_mark.h"
#include "common/store/kept.h"
#include "hub/door/hub_port.h"
#include "hub/facts/facts.h"
#include "hub/keep/kept_files.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr char kRecordsEnding[] = ".archive", kKeysEnding[] = ".keys";

// The register of the database that is being checked, which has no rows of its own: whose signatures count in it.
class DevicesSeen : public Projection {
 public:
  std::string_view name() const override { return "devices"; }
  char prefix() const override { return '~'; }
  void OnChange(const Aggregate*, const Aggregate& after, KvWriter&) override {
    if (after.id().type != TypeOf<v1::Node>().type()) return;
    auto node = Show<v1::Node>(after);
    roster.nodes[node.node_id()] = node;
  }
  Roster roster;
};

// As hub_node.cc opens it, for checking.
struct CheckingOptions {
  CheckingOptions() {
    options.station = kHubStation;
    options.projections = {&tables, &facts, &counters, &devices};
    options.check_range = [this](const sync::Range& range) { return CheckRangeSeal(devices.roster, range); };
  }
  CheckingOptions(const CheckingOptions&) = delete;
  DevicesSeen devices;
  TablesProjection tables;
  FactsProjection facts;
  CountersProjection counters;
  StoreOptions options;
};

void Describe(const ArchiveHeader& header, bool verified, v1::BackupInfo* info) {
  info->set_id(Hex(header.id));
  info->set_wall_ms(header.wall_ms);
  info->set_ordinal(static_cast<int64_t>(header.ordinal));
  info->set_verified(verified);
}

absl::Status NeedPath(const std::string& path, const char* what) {
  if (!path.empty() && fs::path(path).is_absolute()) return absl::OkStatus();
  return absl::InvalidArgumentError(Cat(what, "：应为完整路径"));
}

// varint: how many photos and files a backup names.
std::string FilesMeta(const std::string& archive_id) { return "backup-files-" + Hex(archive_id); }

// What is inside would go into the next backup, or among the database's own files.
absl::Status NotInside(const std::string& folder, const std::string& dir) {
  std::error_code error;
  for (fs::path at = fs::weakly_canonical(folder, error); !error; at = at.parent_path()) {
    if (fs::equivalent(at, dir, error))
      return absl::InvalidArgumentError(
          Cat("备份文件夹 ", folder, " 在镇中心自己的数据文件夹 ", dir, " 里：磁盘坏了两份一起丢。请换一个地方"));
    error.clear();
    if (at == at.parent_path()) break;
  }
  return absl::OkStatus();
}

std::string Counts(const VerifiedArchive& read) {
  if (read.header.part == ArchivePart::kSecrets) return Cat(read.rows, " 个密钥，", read.files, " 个文件");
  return Cat(read.check.ops, " 条原文，", read.check.aggregates, " 份记录");
}

struct Arguments {
  std::string path, keys, dir;
};

int Finish(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "出错：" << status.message() << std::endl;
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// The file itself, or what stands in the folder with one of these endings, by name: a backup's name begins with its
// time.
absl::StatusOr<std::vector<std::string>> FilesAt(const std::string& path, std::initializer_list<const char*> endings) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    for (const char* ending : endings)
      if (it->path().extension() == ending) files.push_back(it->path());
  if (error) return FileError(error.value(), "读文件夹", path);
  if (files.empty()) return absl::NotFoundError(Cat("文件夹 ", path, " 里没有备份文件"));
  std::sort(files.begin(), files.end());
  return files;
}

int Restore(const Arguments& arguments) {
  CheckingOptions checking;
  absl::StatusOr<std::vector<std::string>> files = FilesAt(arguments.path, {kRecordsEnding});
  if (!files.ok()) return Finish(files.status());
  const std::string& records = files->back();
  std::string keys = arguments.keys, beside = fs::path(records).replace_extension(kKeysEnding);
  if (std::error_code error; keys.empty() && fs::exists(beside, error)) keys = beside;
  KeptFiles kept;
  absl::StatusOr<VerifiedArchive> restored = UnderProgressLine([&] {
    return RestoreArchive(records, keys, arguments.dir, checking.options,
                          [&](const ArchiveHeader& header, const std::string& making) {
                            kept = BringFilesBack(records, header.id, making);
                          },
                          [](const std::string& making) { return PrepareVault(making); });
  });
  if (!restored.ok()) return Finish(restored.status());
  {
    const std::unique_ptr<ProgramLog> log = OpenLog(arguments.dir, "db", {.name = "hub"}, "恢复");
    LogInfo(Cat("已从备份恢复：", records, "，", Counts(*restored)));
  }
  std::cout
      << Cat("已恢复到 ", arguments.dir, "：", Counts(*restored), "\n  备份文件 ", records, "\n  密钥文件 ",
             keys.empty() ? "（没有）" : keys, "\n  照片和文件 ", kept.fresh, " 个",
             "\n备份以后的内容，站点连上来会自动补齐。原来的镇中心不要再启动；如果它的数据文件夹还在，用 liaison hub "
             "import-folder 接管")
      << std::endl;
  for (const std::string& problem : kept.problems) std::cout << "注意：" << problem << std::endl;
  if (absl::Status key = CheckKeyIsThere(arguments.dir); !key.ok()) std::cout << "注意：" << key.message() << std::endl;
  return 0;
}

int VerifyFiles(const Arguments& arguments) {
  CheckingOptions checking;
  absl::StatusOr<std::vector<std::string>> files = FilesAt(arguments.path, {kRecordsEnding, kKeysEnding});
  if (!files.ok()) return Finish(files.status());
  int code = 0;
  CheckedPacks checked;
  for (const std::string& file : *files) {
    auto read = UnderProgressLine([&] { return VerifyArchive(file, checking.options); });
    if (!read.ok()) code = Finish(read.status());
    if (!read.ok()) continue;
    std::cout << Cat("完好：", file, "：", Counts(*read), "，", read->file_bytes, " 字节") << std::endl;
    if (read->header.part != ArchivePart::kRecords) continue;
    absl::StatusOr<KeptFiles> kept = CheckKeptFiles(file, read->header.id, &checked);
    if (!kept.ok()) code = Finish(kept.status());
    if (!kept.ok() || kept->files + kept->lacking == 0) continue;
    std::cout << Cat("  照片和文件 ", kept->files, " 个，完好 ", kept->files - kept->damaged, " 个；备份时镇中心还没有的 ",
                     kept->lacking, " 个")
              << std::endl;
    for (const std::string& problem : kept->problems) code = Finish(absl::DataLossError(problem));
  }
  return code;
}

}  // namespace

absl::StatusOr<SecretFiles> SecretFilesOf(const std::string& dir) {
  SecretFiles files;
  std::error_code error;
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (it->is_directory(error) || name.starts_with(".") || name.ends_with(".new") || name == "endpoint.json" ||
        name == "socket" || name == kMetricsTokenFile || name.starts_with(kRestFilePrefix))
      continue;
    ASSIGN_OR_RETURN(files[name], ReadFile(it->path()));
  }
  if (error) return FileError(error.value(), "读文件夹", dir);
  return files;
}

absl::Status CheckKeyIsThere(const std::string& dir) {
  std::error_code error;
  if (!fs::exists(DbPath(dir), error) || fs::exists(KeyPath(dir), error) || error) return absl::OkStatus();
  return absl::FailedPreconditionError(
      Cat("文件夹 ", dir,
          " 里有数据，但没有镇中心的密钥（key）：镇中心不能签名，不能启动。请用 --keys "
          "带上密钥文件重新恢复，或把原来的 key 文件放回去"));
}

BackupService::BackupService(Options options)
    : options_(std::move(options)), store_(options_.store), dir_(options_.dir) {
  for (const Store::ArchiveMark& mark : store_->ArchiveMarks())
    if (mark.verified) last_backup_ms_ = mark.wall_ms;  // by ordinal: the last is the newest
}

absl::StatusOr<v1::BackupResponse> BackupService::Backup(const v1::BackupRequest& request) {
  RETURN_IF_ERROR(NeedPath(request.folder(), "备份文件夹"));
  RETURN_IF_ERROR(NotInside(request.folder(), dir_));
  absl::MutexLock lock(&busy_);
  ASSIGN_OR_RETURN(SecretFiles secrets, SecretFilesOf(dir_));
  ASSIGN_OR_RETURN(MadeArchive made, MakeArchive(store_, request.folder(), secrets));
  last_backup_ms_ = made.verified.header.wall_ms;
  v1::BackupResponse response;
  Describe(made.verified.header, true, response.mutable_backup());
  response.set_file(made.records_path);
  response.set_keys_file(made.keys_path);
  response.set_bytes(static_cast<int64_t>(made.verified.file_bytes));
  response.set_ops(static_cast<int64_t>(made.verified.check.ops));
  response.set_aggregates(static_cast<int64_t>(made.verified.check.aggregates));
  LogInfo(Cat("已备份并核对：", made.records_path, "，", Counts(made.verified)));
  // The records are safe by now, whatever becomes of the files.
  absl::StatusOr<KeptFiles> kept = KeepFiles(options_.files, *options_.book, options_.key, store_->options().random,
                                             made.verified.header.id, made.records_path);
  if (!kept.ok()) {
    response.add_problems(Cat("照片和文件没有备份：", StdView(kept.status().message())));
    return response;
  }
  response.set_attachments(static_cast<int64_t>(kept->files));
  response.set_attachments_new(static_cast<int64_t>(kept->fresh));
  response.set_attachments_lacking(static_cast<int64_t>(kept->lacking));
  for (const std::string& problem : kept->problems) response.add_problems(problem);
  if (kept->files == 0) return response;
  response.mutable_backup()->set_attachments(response.attachments());
  std::string count;
  ByteWriter(&count).Varint(kept->files);
  if (absl::Status noted = store_->PutMeta(FilesMeta(made.verified.header.id), count); !noted.ok())
    response.add_problems(Cat("照片和文件已备份，但个数没有记下：", StdView(noted.message())));
  return response;
}

absl::StatusOr<v1::VerifyBackupResponse> BackupService::VerifyBackup(const v1::VerifyBackupRequest& request) const {
  RETURN_IF_ERROR(NeedPath(request.file(), "备份文件"));
  ASSIGN_OR_RETURN(VerifiedArchive read, VerifyArchive(request.file(), store_->options()));
  v1::VerifyBackupResponse response;
  Describe(read.header, true, response.mutable_backup());
  response.set_keys(read.header.part == ArchivePart::kSecrets);
  response.set_contained(store_->ContainsArchive(read.header.id));
  response.set_bytes(static_cast<int64_t>(read.file_bytes));
  response.set_rows(static_cast<int64_t>(read.rows));
  response.set_files(static_cast<int64_t>(read.files));
  response.set_ops(static_cast<int64_t>(read.check.ops));
  response.set_aggregates(static_cast<int64_t>(read.check.aggregates));
  if (response.keys()) return response;
  CheckedPacks checked;
  ASSIGN_OR_RETURN(KeptFiles kept, CheckKeptFiles(request.file(), read.header.id, &checked));
  response.set_attachments(static_cast<int64_t>(kept.files));
  response.set_attachments_damaged(static_cast<int64_t>(kept.damaged));
  for (const std::string& problem : kept.problems) response.add_problems(problem);
  return response;
}

absl::StatusOr<v1::ListBackupsResponse> BackupService::ListBackups(const v1::ListBackupsRequest&) const {
  v1::ListBackupsResponse response;
  for (const Store::ArchiveMark& mark : store_->ArchiveMarks()) {
    ArchiveHeader header;
    header.id = mark.id;
    header.wall_ms = mark.wall_ms;
    header.ordinal = mark.ordinal;
    v1::BackupInfo* info = response.add_backups();
    Describe(header, mark.verified, info);
    const std::string count = store_->GetMeta(FilesMeta(mark.id)).value_or("");
    info->set_attachments(static_cast<int64_t>(ByteReader(count).Varint()));
  }
  return response;
}

namespace {

// What the copy of a folder's database opens with: that folder's vault, or a new one if the folder is in the clear.
absl::StatusOr<VaultPtr> VaultOfCopy(const std::string& folder, const std::string& copy) {
  absl::StatusOr<VaultPtr> vault = OpenVault(folder);
  if (absl::IsNotFound(vault.status())) vault = Vault::New();
  RETURN_IF_ERROR(vault.status());
  RETURN_IF_ERROR(EncryptDatabase(copy, **vault));  // what its hub had in the clear
  return vault;
}

int64_t UnsignedOps(const Store& store) {
  int64_t count = 0;
  ForEachKept(*store.Snapshot(), [&](const KeptOp& kept) {
    count += kept.mark.reason == kUnsignedReason ? 1 : 0;
    return true;
  });
  return count;
}

}  // namespace

absl::StatusOr<v1::ImportFolderResponse> BackupService::ImportFolder(const v1::ImportFolderRequest& request) {
  RETURN_IF_ERROR(NeedPath(request.folder(), "文件夹"));
  absl::MutexLock lock(&busy_);
  const std::string from = DbPath(request.folder()), copy = dir_ + "/import.scratch";
  std::error_code error;
  if (!fs::exists(from + "/CURRENT", error))
    return absl::NotFoundError(Cat("文件夹 ", request.folder(), " 里没有镇中心的数据"));
  if (fs::equivalent(from, DbPath(dir_), error)) return absl::InvalidArgumentError("这就是本镇中心自己的文件夹");
  // Held while it is copied, so that its hub cannot start in between.
  int held = open(HeadMark::PathIn(from).c_str(), O_RDONLY | O_CLOEXEC);
  absl::Cleanup let_go = [held] { close(held); };
  if (held >= 0 && flock(held, LOCK_SH | LOCK_NB) != 0)
    return absl::FailedPreconditionError(Cat("文件夹 ", request.folder(), " 的镇中心还在运行，请先停下它"));
  fs::remove_all(copy, error);
  absl::Cleanup remove = [&] { fs::remove_all(copy, error); };
  fs::copy(from, copy, fs::copy_options::recursive, error);
  if (error) return FileError(error.value(), "复制文件夹", from);
  RETURN_IF_ERROR(KeepPrivate(copy));  // of a folder that can only be read
  ASSIGN_OR_RETURN(const VaultPtr vault, VaultOfCopy(request.folder(), copy));
  v1::ImportFolderResponse response;
  absl::StatusOr<std::unique_ptr<Kv>> other = OpenRocks(copy, RocksOptions{true, vault});
  if (absl::IsDataLoss(other.status())) {  // its end is missing: what is there is taken all the same
    response.set_incomplete(true);
    fs::remove(HeadMark::PathIn(copy), error);
    other = OpenRocks(copy, RocksOptions{true, vault});
  }
  RETURN_IF_ERROR(other.status());
  const int64_t unsigned_before = UnsignedOps(*store_);
  ASSIGN_OR_RETURN(Store::Imported done, store_->Import(**other));
  response.set_ops(static_cast<int64_t>(done.ops));
  response.set_new_ops(static_cast<int64_t>(done.new_ops));
  response.set_new_keys(static_cast<int64_t>(done.new_keys));
  response.set_damaged(static_cast<int64_t>(done.damaged));
  response.set_unsigned_ops(UnsignedOps(*store_) - unsigned_before);
  response.set_ignored_keys(static_cast<int64_t>(done.ignored_keys));
  LogInfo(Cat("已接管文件夹 ", request.folder(), "：操作 ", done.ops, " 条，新的 ", done.new_ops, " 条，损坏 ", done.damaged,
              " 条"));
  return response;
}

void BackupService::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "BackupService", this);
  methods.Bind("Backup", &BackupService::Backup);
  methods.Bind("VerifyBackup", &BackupService::VerifyBackup);
  methods.Bind("ListBackups", &BackupService::ListBackups);
  methods.Bind("ImportFolder", &BackupService::ImportFolder);
}

void AddBackupCommands(CLI::App* app, int* code) {
  auto o = std::make_shared<Arguments>();
  CLI::App* restore = app->add_subcommand("restore", "把备份恢复成一个新的数据文件夹");
  restore->add_option("backup", o->path, "备份文件（.archive），或备份文件夹：取最新的一份")->required();
  restore->add_option("--keys", o->keys, "密钥文件（.keys）；默认用备份文件旁边同名的。没有它，镇中心不能签名");
  restore->add_option("--data", o->dir, "新的数据文件夹，应不存在或是空的")->required();
  restore->callback([o, code] { *code = Restore(*o); });
  CLI::App* verify = app->add_subcommand("verify-backup", "核对备份，什么都不改");
  verify->add_option("backup", o->path, "备份文件（.archive 或 .keys），或备份文件夹：核对其中每一份")->required();
  verify->callback([o, code] { *code = VerifyFiles(*o); });
}

}  // namespace liaison
