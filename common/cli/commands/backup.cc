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
  const std::string new_ones = Cat("，新写 ", response.attachments_new());
  shell.out() << "已备份并核对：" << response.ops() << " 条原文，" << response.aggregates() << " 份记录，"
              << response.bytes() << " 字节\n"
              << "  " << response.file() << "\n  " << response.keys_file() << "\n"
              << "照片和文件 " << response.attachments() << new_ones << "，镇中心还没有的 "
              << response.attachments_lacking() << "\n"
              << "密钥文件（.keys）请另外存放，只留近期的几份。\n";
  for (const std::string& problem : response.problems()) shell.out() << "请注意：" << problem << "\n";
  return response.problems().empty() ? kDone : kFound;
}

int ListBackups(const Shell& shell, const BackupOptions& o) {
  v1::ListBackupsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "BackupService/ListBackups", v1::ListBackupsRequest(), &response, &code)) return code;
  Table table({{"序号", true}, {"时间"}, {"编号"}, {"已核对"}, {"照片和文件", true}});
  for (const v1::BackupInfo& one : response.backups())
    table.Add(
        {Cat(one.ordinal()), MinuteText(one.wall_ms()), one.id(), one.verified() ? "是" : "", Cat(one.attachments())});
  table.Print(&shell.out());
  return kDone;
}

int ImportFolder(const Shell& shell, const BackupOptions& o) {
  v1::ImportFolderRequest request;
  request.set_folder(Absolute(o.path));
  v1::ImportFolderResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "BackupService/ImportFolder", request, &response, &code)) return code;
  shell.out() << "已接管：原文 " << response.ops() << " 条，其中新的 " << response.new_ops() << " 条，新的密钥 "
              << response.new_keys() << "\n";
  if (response.incomplete()) shell.out() << "那个数据库的末尾有缺失，接管的是还在的部分\n";
  if (response.damaged() > 0) shell.out() << "读不出来的原文：" << response.damaged() << "\n";
  if (response.unsigned_ops() > 0)
    shell.out() << "没有本镇设备签名、收存待定的原文（见 liaison refused）：" << response.unsigned_ops() << "\n";
  if (response.ignored_keys() > 0)
    shell.out() << "没有采用的选民信息钥匙（空的，或与现有的不同）：" << response.ignored_keys() << "\n";
  const bool found = response.incomplete() || response.damaged() > 0 || response.unsigned_ops() > 0;
  return found || response.ignored_keys() > 0 ? kFound : kDone;
}

}  // namespace

void AddBackupCommands(CLI::App* hub, Shell* shell) {
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const BackupOptions&)) {
    auto o = std::make_shared<BackupOptions>();
    CLI::App* command = AddCommand(hub, name, help, Kind::kReads, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [backup, b] = add("backup", "备份并核对，镇中心运行时也可以：备份文件夹 --data 数据文件夹", Backup);
  backup->add_option("folder", b->path, "放备份的文件夹")->required();
  add("backups", "做过的备份", ListBackups);
  auto [import, i] = add("import-folder", "接管一个停用的镇中心的数据文件夹（那边不能还在运行）", ImportFolder);
  import->add_option("folder", i->path, "停用的镇中心的数据文件夹")->required();
  AddHandOver(hub, shell, "liaison-hub", "verify-backup", "核对备份：备份文件，或备份文件夹（核对其中每一份）");
  AddHandOver(hub, shell, "liaison-hub", "restore",
              "把备份恢复成新的数据文件夹：备份文件或备份文件夹（取最新一份）[--keys 密钥文件] --data 新文件夹");
}

}  // namespace liaison::cli
