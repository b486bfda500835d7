// Commands that hand over to a daemon's binary beside this one, arguments as they are.
#include <CLI/CLI.hpp>
#include <cstring>
#include <ostream>

#include "common/base/text.h"
#include "common/cli/core/shell.h"

namespace liaison::cli {
void AddHandOver(CLI::App* parent, Shell* shell, const std::string& binary, const std::string& verb, const char* help) {
  CLI::App* command = parent->add_subcommand(verb, help);
  command->prefix_command();
  command->set_help_flag();  // --help is the binary's
  command->callback([=] {
    std::vector<std::string> args = command->remaining();
    args.insert(args.begin(), verb);
    std::string path = shell->environment().bin_dir + "/" + binary;
    int error = shell->environment().exec(path, args);
    shell->code = shell->Fail(absl::UnavailableError(Cat("不能启动 ", path, "：", strerror(error))));
  });
}

void AddRunCommands(CLI::App* app, Shell* shell) {
  CLI::App* station = app->add_subcommand("station", "站点程序");
  station->require_subcommand(1);
  AddHandOver(station, shell, "liaison-station", "run",
              "启动站点：--data DIR [--http 网页地址] [--hub 镇中心地址] [--retry-max 秒] [--lan-port 端口] "
              "[--log-level 级别] [--clear]，地址写主机和端口，如 192.168.1.10:7061");
  CLI::App* hub = app->add_subcommand("hub", "镇中心程序");
  hub->require_subcommand(1);
  AddHandOver(hub, shell, "liaison-hub", "init", "建立镇中心的数据：--data DIR --roster 名册文件夹 [--demo 文件]");
  AddHandOver(hub, shell, "liaison-hub", "run",
              "启动镇中心：--data DIR [--http 网页地址] [--sync 同步地址] [--lan-port 端口] "
              "[--log-level 级别] [--clear]，地址写主机和端口，如 192.168.1.10:7061");
  AddVerifyCommand(hub, shell);
  AddDeviceCommands(hub, shell);
  AddAdminCommands(hub, shell);
  AddBackupCommands(hub, shell);
}

}  // namespace liaison::cli
