// liaison hub backup, backups, import-folder; and restore and verify-backup, which the hub's program does without a
// hub.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>
#include <utility>

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "liaison/v1/backups.pb.h"

namespace liaison::cli {
namespace {

struct BackupOptions {
  Common common;
  std::string path;
};

// The service runs in another folder than the person.
std::string Absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal(); }

int Backup(const Shell& shell, const BackupOptions& o) {
  v1::BackupRequest request;
  request.set_folder(Absolute(o.path));
  v1::BackupResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "BackupService/Backup", request, &response, &code)) return code;
  const std::string new_ones = Cat(shell.T("，新写 ", ", new "), response.attachments_new());
  shell.out() << shell.T("已备份并核对：", "backed up and verified: ") << response.ops() << shell.T(" 条原文，", " ops, ")
              << response.aggregates() << shell.T(" 份记录，", " records, ") << response.bytes()
              << shell.T(" 字节\n", " bytes\n") << "  " << response.file() << "\n  " << response.keys_file() << "\n"
              << shell.T("照片和文件 ", "photos and files ") << response.attachments() << new_ones
              << shell.T("，镇中心还没有的 ", ", not at the hub ") << response.attachments_lacking() << "\n"
              << shell.T("密钥文件（.keys）请另外存放，只留近期的几份。\n",
                         "Keep the keys file (.keys) apart, and only the newest few.\n");
  for (const std::string& problem : response.problems())
    shell.out() << shell.T("请注意：", "note: ") << problem << "\n";
  return response.problems().empty() ? kDone : kFound;
}

int ListBackups(const Shell& shell, const BackupOptions& o) {
  v1::ListBackupsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "BackupService/ListBackups", v1::ListBackupsRequest(), &response, &code)) return code;
  Table table({{shell.T("序号", "number"), true},
               {shell.T("时间", "made")},
               {shell.T("编号", "id")},
               {shell.T("已核对", "verified")},
               {shell.T("照片和文件", "photos and files"), true}});
  for (const v1::BackupInfo& one : response.backups())
    table.Add({Cat(one.ordinal()),
               MinuteText(one.wall_ms()), one.id(), one.verified() ? shell.T("是", "yes") : "",
               Cat(one.attachments())});
  table.Print(&shell.out());
  return kDone;
}

int ImportFolder(const Shell& shell, const BackupOptions& o) {
  v1::ImportFolderRequest request;
  request.set_folder(Absolute(o.path));
  v1::ImportFolderResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "BackupService/ImportFolder", request, &response, &code)) return code;
  shell.out() << shell.T("已接管：原文 ", "taken over: ops ") << response.ops() << shell.T(" 条，其中新的 ", ", new ")
              << response.new_ops() << shell.T(" 条，新的密钥 ", ", new keys ") << response.new_keys() << "\n";
  if (response.incomplete())
    shell.out() << shell.T("那个数据库的末尾有缺失，接管的是还在的部分\n", "the end of its database is missing\n");
  if (response.damaged() > 0)
    shell.out() << shell.T("读不出来的原文：", "ops that cannot be read: ") << response.damaged() << "\n";
  if (response.unsigned_ops() > 0)
    shell.out() << shell.T("没有本镇设备签名、收存待定的原文（见 liaison refused）：",
                           "unsigned, kept (liaison refused): ")
                << response.unsigned_ops() << "\n";
  if (response.ignored_keys() > 0)
    shell.out() << shell.T("没有采用的选民信息钥匙（空的，或与现有的不同）：", "keys not taken: ")
                << response.ignored_keys() << "\n";
  const bool found = response.incomplete() || response.damaged() > 0 || response.unsigned_ops() > 0;
  return found || response.ignored_keys() > 0 ? kFound : kDone;
}

}  // namespace

void AddBackupCommands(CLI::App* hub, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const BackupOptions&)) {
    auto o = std::make_shared<BackupOptions>();
    CLI::App* command = AddCommand(hub, name, help, Kind::kReads, &o->common, *shell);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [backup, b] = add("backup",
                         shell->T("备份并核对，镇中心运行时也可以：备份文件夹 --data 数据文件夹",
                                  "backs up and verifies, also while the hub runs: FOLDER --data DIR"),
                         Backup);
  backup->add_option("folder", b->path, shell->T("放备份的文件夹", "the folder for the backup"))->required();
  add("backups", shell->T("做过的备份", "the backups that were made"), ListBackups);
  auto [import, i] = add("import-folder",
                         shell->T("接管一个停用的镇中心的数据文件夹（那边不能还在运行）",
                                  "takes over the data folder of a retired hub, which must not be running"),
                         ImportFolder);
  import->add_option("folder", i->path, shell->T("停用的镇中心的数据文件夹", "its data folder"))->required();
  AddHandOver(
      hub, shell, "liaison-hub", "verify-backup",
      shell->T("核对备份：备份文件，或备份文件夹（核对其中每一份）", "verifies backups: a FILE, or every one of a FOLDER"));
  AddHandOver(
      hub, shell, "liaison-hub", "restore",
      shell->T("把备份恢复成新的数据文件夹：备份文件或备份文件夹（取最新一份）[--keys 密钥文件] --data 新文件夹",
               "makes a new data folder of a backup: FILE, or the newest of a FOLDER, [--keys FILE] --data NEWDIR"));
}

}  // namespace liaison::cli
