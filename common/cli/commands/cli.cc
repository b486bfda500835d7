#include "common/cli/commands/cli.h"

#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "common/base/file.h"
#include "common/base/folding.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/cli/commands/bundle.h"
#include "common/cli/core/process.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"

namespace liaison::cli {
namespace {

// Numbers may be typed in any width.
void FoldNumbers(CLI::App* app) {
  for (CLI::Option* option : app->get_options([](CLI::Option*) { return true; })) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT") || type.starts_with("UINT") || type.starts_with("FLOAT"))
      option->transform([](std::string typed) { return RemoveSpaces(Fold(typed)); });
  }
  for (CLI::App* command : app->get_subcommands([](CLI::App*) { return true; })) FoldNumbers(command);
}

// Of one option, whose name the library's words begin with; empty: they are none of these.
std::string ComplaintOfOption(const std::string& what) {
  constexpr std::string_view kNoNumber = "Could not convert: ", kEqual = " = ", kNotIn = " not in {";
  if (what.starts_with(kNoNumber)) {
    const size_t equal = std::min(what.find(kEqual), what.size());
    const std::string name = what.substr(kNoNumber.size(), equal - kNoNumber.size());
    return Cat(name, " 应写一个数，不是“", what.substr(std::min(equal + kEqual.size(), what.size())), "”");
  }
  for (const auto& [verb, between, behind] :
       {std::tuple(" excludes ", " 与 ", " 不能同时写"), std::tuple(" requires ", " 要与 ", " 一起写")})
    if (const size_t at = what.find(verb); at != std::string::npos)
      return Cat(what.substr(0, at), between, what.substr(at + std::string_view(verb).size()), behind);
  const size_t colon = what.find(": ");
  if (colon == std::string::npos) return "";
  const std::string name = what.substr(0, colon), rest = what.substr(colon + 2);
  if (const size_t at = rest.find(kNotIn); at != std::string::npos)
    return Cat(name, " 不能是“", rest.substr(0, at), "”，应为其中之一：",
               rest.substr(at + kNotIn.size(), rest.find('}', at) - at - kNotIn.size()));
  if (rest.ends_with(" missing") || rest.find("required but received") != std::string::npos)
    return Cat(name, " 后面要写内容");
  return Cat(name, " 写得不对，见 --help");
}

// The library words its complaints in English; they are said in Chinese.
std::string Complaint(const CLI::ParseError& error) {
  std::string what = error.what();
  auto without = [&](std::string_view words) {
    size_t at = what.find(words);
    if (at != std::string::npos) what.erase(at, words.size());
    return what;
  };
  if (what == "A subcommand is required") return "请写明要做什么，见 liaison --help";
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError))
    return "缺少 " + without(" is required");
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
    return "不认识 " + what.substr(what.rfind(": ") + 2);
  const std::string said = ComplaintOfOption(what);
  return said.empty() ? Cat("命令写得不对，见 --help：", what) : said;
}

// Help in Chinese: the library's own words, and columns that count a character's places instead of its bytes.
class ChineseHelp : public CLI::Formatter {
 public:
  ChineseHelp() {
    const std::pair<const char*, const char*> words[] = {
        {"Usage", "用法"},       {"OPTIONS", "选项"},     {"SUBCOMMAND", "命令"},
        {"SUBCOMMANDS", "命令"}, {"Positionals", "参数"}, {"REQUIRED", "必填"},
        {"TEXT", "文字"},        {"INT", "数"},           {"Excludes", "不能同用"}};
    for (const auto& [english, chinese] : words) label(english, chinese);
  }
  std::string make_option(const CLI::Option* option, bool positional) const override {
    std::string left = Cat("  ", make_option_name(option, positional), make_option_opts(option));
    int room = static_cast<int>(get_column_width()) - DisplayWidth(left);
    return Cat(left, std::string(static_cast<size_t>(std::max(room, 1)), ' '), make_option_desc(option), "\n");
  }
};

void SpeakChinese(CLI::App* app) {
  if (app->get_help_ptr() != nullptr) app->get_help_ptr()->group("选项");
  for (CLI::App* command : app->get_subcommands([](CLI::App*) { return true; })) {
    command->group("命令");
    SpeakChinese(command);
  }
}

const char* Footer() {
  return "退出码：0 完成；1 失败；2 用法或输入不对；3 完成，但发现差异或冲突；4 连接不上程序\n"
         "“liaison 命令 --help” 说明一个命令。站点或镇中心的程序没有运行时，命令直接读写数据文件夹。";
}

// What was printed has to have arrived. A reader that has seen enough and went away (head) is told nothing more.
int Told(const Shell& shell, int code) {
  absl::Status told;
  if (&shell.out() == &std::cout) {
    told = FlushOutput();
  } else if (!shell.out().flush().good()) {
    told = absl::UnknownError("不能写标准输出");
  }
  if (told.ok()) return code;
  if (!absl::IsCancelled(told)) shell.Fail(told);
  return code == kDone ? kFailed : code;
}

}  // namespace

int Run(const std::vector<std::string>& args, const Environment& environment) {
  Shell shell(environment);
  CLI::App app{"人大代表联络站：命令行", "liaison"};
  app.formatter(std::make_shared<ChineseHelp>());
  app.option_defaults()->group("选项");
  app.set_help_flag("-h,--help", "显示这份说明");
  app.require_subcommand(1);
  app.footer(Footer());
  AddRunCommands(&app, &shell);
  AddEnrolCommand(&app, &shell);
  AddWriteCommands(&app, &shell);
  AddShowCommands(&app, &shell);
  AddConflictCommands(&app, &shell);
  AddFileCommands(&app, &shell);
  AddPrintCommands(&app, &shell);
  AddBundleCommands(&app, &shell);
  AddTownCommands(&app, &shell);
  AddStatisticsCommands(&app, &shell);
  AddCaseworkCommands(&app, &shell);
  AddReceptionCommands(&app, &shell);
  AddCongressCommands(&app, &shell);
  AddRosterCommands(&app, &shell);
  AddRefusedCommands(&app, &shell);
  AddAuditCommands(&app, &shell);
  AddDoctorCommands(&app, &shell);
  AddAccountCommands(&app, &shell);
  AddRestCommands(&app, &shell);
  SpeakChinese(&app);
  FoldNumbers(&app);
  if (absl::Status legible = CheckArguments(args); !legible.ok()) return shell.Fail(legible);
  std::vector<std::string> reversed(args.rbegin(), args.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, shell.out(), shell.err());
    return Told(shell, kDone);
  } catch (const CLI::ParseError& error) {
    return shell.FailUsage(Complaint(error));
  }
  return Told(shell, shell.code);
}

// The process list of this machine is everybody's to read; and there the value stood until now.
void HideSecrets(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (std::string_view option : {"--name", "--phone", "--code", "--secret"}) {
      const std::string_view arg = argv[i];
      char* value = arg == option && i + 1 < argc ? argv[i + 1] : nullptr;
      if (arg.starts_with(option) && arg.substr(option.size()).starts_with('=')) value = argv[i] + option.size() + 1;
      if (value != nullptr && std::string_view(value) != "-") std::fill(value, value + std::strlen(value), '*');
    }
  }
}

int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  umask(077);  // what is written for a person is this person's
  Environment environment;
  environment.bin_dir = OwnFolder();
  environment.out = &std::cout;
  environment.err = &std::cerr;
  environment.random = SystemRandom();
  environment.exec = ExecProcess;
  environment.in = &std::cin;
  environment.pause = [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  const std::vector<std::string> args(argv + 1, argv + argc);
  HideSecrets(argc, argv);
  return Run(args, environment);
}

}  // namespace liaison::cli
