// liaison rest: how the encrypted data of a folder opens.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <utility>

#include "common/base/minute.h"
#include "common/base/owner.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/daemon/locked.h"
#include "common/daemon/rest.h"
#include "common/http/client.h"
#include "common/record/json.h"
#include "liaison/v1/config.pb.h"

namespace liaison::cli {
namespace {

constexpr int kUnlockTimeoutMs = 60'000;

struct RestOptions {
  Common common;
  uint32_t slot = 0;
};

// A line of standard input: secrets are no arguments.
std::string Asked(const Shell& shell, const char* what) {
  shell.err() << what << "（从标准输入读一行）：" << std::endl;
  return shell.Given("-");
}

// Opens the folder, by itself or by what a person types.
absl::StatusOr<VaultPtr> VaultForChange(const Shell& shell, const std::string& dir) {
  RETURN_IF_ERROR(BecomeOwnerOf(dir));
  absl::StatusOr<VaultPtr> vault = OpenVault(dir);
  if (absl::IsNotFound(vault.status()))
    return absl::FailedPreconditionError(Cat("文件夹 ", dir, " 还没有加密，启动一次程序就会加密"));
  if (!absl::IsFailedPrecondition(vault.status())) return vault;
  return VaultDoor(dir).Try(Asked(shell, "现有的口令或恢复码"));
}

int RunRestStatus(const Shell& shell, const RestOptions& o) {
  absl::StatusOr<v1::RestConfig> rest = ReadRest(o.common.dir);
  if (absl::IsNotFound(rest.status())) {
    shell.out() << "数据没有加密；启动一次程序就会加密\n";
    return kDone;
  }
  if (!rest.ok()) return shell.Fail(rest.status());
  shell.out() << (rest->migrating() ? "正在加密：中断过，下次启动会接着做\n" : "数据已加密\n");
  Table table({{"编号", true}, {"打开方式"}, {"设置时间"}});
  for (const v1::RestSlot& slot : rest->slots())
    table.Add({Cat(slot.id()), SlotText(slot), MinuteText(slot.created_ms())});
  table.Print(&shell.out());
  if (!OpensByPerson(*rest))
    shell.out() << "没有口令，也没有恢复码：机器换了或文件密钥丢了就打不开。建议 liaison rest recovery-code\n";
  return kDone;
}

int RunAddPassphrase(const Shell& shell, const RestOptions& o) {
  absl::StatusOr<VaultPtr> vault = VaultForChange(shell, o.common.dir);
  if (!vault.ok()) return shell.Fail(vault.status());
  const std::string passphrase = Asked(shell, "新口令，至少10个字符"), again = Asked(shell, "再输一次新口令");
  if (passphrase != again) return shell.FailUsage("两次输入的口令不同，没有设置");
  absl::Status added = AddPassphrase(o.common.dir, **vault, passphrase, SystemRandom());
  if (!added.ok()) return shell.Fail(added);
  shell.out() << "已加上口令。其他打开方式还在；要开机后由人打开，再用 liaison rest remove-slot 去掉文件密钥和 TPM\n";
  return kDone;
}

int RunRecoveryCode(const Shell& shell, const RestOptions& o) {
  absl::StatusOr<VaultPtr> vault = VaultForChange(shell, o.common.dir);
  if (!vault.ok()) return shell.Fail(vault.status());
  absl::StatusOr<std::string> code = AddRecoveryCode(o.common.dir, **vault, SystemRandom());
  if (!code.ok()) return shell.Fail(code.status());
  shell.out() << "恢复码：" << *code << "\n只显示这一次。请抄在纸上，放在镇里，不要和这台电脑放在一起\n";
  return kDone;
}

int RunAddUnattended(const Shell& shell, const RestOptions& o, bool tpm) {
  absl::StatusOr<VaultPtr> vault = VaultForChange(shell, o.common.dir);
  if (!vault.ok()) return shell.Fail(vault.status());
  absl::Status added = tpm ? AddTpm(o.common.dir, **vault, SystemRandom())
                           : AddKeyFile(o.common.dir, **vault, SystemRandom());
  if (!added.ok()) return shell.Fail(added);
  shell.out() << (tpm ? "已加上本机 TPM。请再去掉文件密钥，否则它还能打开\n" : "已加上文件密钥 rest.key\n");
  return kDone;
}

int RunRemoveSlot(const Shell& shell, const RestOptions& o) {
  if (absl::Status owner = BecomeOwnerOf(o.common.dir); !owner.ok()) return shell.Fail(owner);
  absl::Status removed = RemoveSlot(o.common.dir, o.slot);
  if (!removed.ok()) return shell.Fail(removed);
  shell.out() << "已去掉\n";
  return RunRestStatus(shell, o);
}

int RunUnlock(const Shell& shell, const RestOptions& o) {
  v1::RestUnlockRequest request;
  request.set_secret(Asked(shell, "口令或恢复码"));
  const http::Client daemon = http::Client::InFolder(o.common.dir);
  absl::StatusOr<std::string> answer = daemon.Post(kUnlockPath, ToJson(request), kUnlockTimeoutMs);
  if (absl::IsNotFound(answer.status()) || absl::IsUnimplemented(answer.status()))
    return shell.Fail(absl::FailedPreconditionError("程序已经打开了数据，不用再打开"));
  if (!answer.ok()) return shell.Fail(answer.status());
  shell.out() << "已打开，程序正在启动\n";
  return kDone;
}

}  // namespace

void AddRestCommands(CLI::App* app, Shell* shell) {
  CLI::App* rest = app->add_subcommand("rest", "加密的数据怎样打开：文件密钥、本机 TPM、口令、恢复码");
  rest->require_subcommand(1);
  using RestRun = std::function<int(const Shell&, const RestOptions&)>;
  const auto add = [&](const char* name, const char* help, const RestRun& run) {
    auto o = std::make_shared<RestOptions>();
    CLI::App* command = rest->add_subcommand(name, help);
    command->add_option("--data", o->common.dir, "数据文件夹")->required();
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o);
  };
  add("status", "有哪些打开方式", RunRestStatus);
  add("add-passphrase", "加一个口令，从标准输入读两遍", RunAddPassphrase);
  add("recovery-code", "加一个恢复码，只显示一次，由镇里在电话里念", RunRecoveryCode);
  add("add-tpm", "用本机的 TPM 打开，磁盘拆走就打不开",
      [](const Shell& shell, const RestOptions& o) { return RunAddUnattended(shell, o, true); });
  add("add-key-file", "把文件密钥加回来，开机不用人打开",
      [](const Shell& shell, const RestOptions& o) { return RunAddUnattended(shell, o, false); });
  const auto [remove, o] = add("remove-slot", "去掉一种打开方式；最后一种不能去掉", RunRemoveSlot);
  remove->add_option("slot", o->slot, "编号，见 liaison rest status")->required();
  add("unlock", "打开正等着的程序，口令或恢复码从标准输入读一行", RunUnlock);
}

}  // namespace liaison::cli
