// Commands that take the township's lists in from tables and write them out, and the settings without a command of
// their own.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>
#include <utility>

#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/intake/roster_columns.h"
#include "common/record/schema.h"
#include "liaison/v1/imports.pb.h"

namespace liaison::cli {
namespace {

constexpr int kValuePlaces = 36, kReasonPlaces = 72;

struct RosterOptions {
  Common common;
  std::string kind, file, format, mend, expect, key, value;
  bool dry_run = false;
};

// By its label, or as its file is called in English.
absl::StatusOr<v1::RosterKind> KindNamed(const std::string& text) {
  if (text.empty()) return v1::ROSTER_UNSPECIFIED;
  for (const RosterForm& form : RosterForms())
    if (form.file_name == text) return form.kind;
  return ByLabel<v1::RosterKind>("名册种类", text);
}

// New records in one line each; of known ones each field, old and new.
void ShowChanges(const Shell& shell, const v1::ImportTableResponse& response) {
  std::string last;
  for (const v1::TableChange& change : response.changes()) {
    if (!change.added() || change.record() == last) continue;
    last = change.record();
    shell.out() << shell.T("新增 ", "new ") << OneLine(change.record()) << " " << OneLine(change.name()) << "\n";
  }
  Table table({{shell.T("行", "row"), true},
               {shell.T("编号", "record")},
               {shell.T("名称", "name"), false, kValuePlaces},
               {shell.T("栏目", "field")},
               {shell.T("原来", "old"), false, kValuePlaces},
               {shell.T("改为", "new"), false, kValuePlaces}});
  for (const v1::TableChange& change : response.changes())
    if (!change.added())
      table.Add({Cat(change.row()), OneLine(change.record()), OneLine(change.name()), change.field(),
                 OneLine(change.old_value()), OneLine(change.new_value())});
  table.Print(&shell.out());
  for (const v1::DueChange& change : response.due_changes())
    shell.out() << shell.T("时限 ", "due ") << OneLine(change.number()) << " " << OneLine(change.unit_name()) << " "
                << change.old_due() << shell.T(" 改为 ", " becomes ") << change.new_due() << "\n";
}

int ShowFaults(const Shell& shell, const RosterOptions& o, const v1::ImportTableResponse& response) {
  shell.out() << EnumLabel(response.kind())
              << Cat(shell.T("名册有 ", ": "), response.faults_size(),
                     shell.T(" 处错误，全部没有导入：", " faults, nothing was taken:"), "\n");
  Table table(
      {{shell.T("行", "row"), true}, {shell.T("列", "column")}, {shell.T("错误", "fault"), false, kReasonPlaces}});
  for (const v1::TableFault& fault : response.faults())
    table.Add({Cat(fault.row()), OneLine(fault.column()), OneLine(fault.reason())});
  table.Print(&shell.out());
  if (!o.mend.empty()) {
    const absl::Status status = WriteWhole(o.mend, response.mend_file());
    if (!status.ok()) return shell.Fail(status);
    shell.out() << shell.T("整张表连同错误已写入 ", "the table and its faults are in ") << o.mend
                << shell.T("，改好后导入这个文件\n", "; mend them and import that file\n");
  }
  return kUsage;
}

int RunImportRoster(const Shell& shell, const RosterOptions& o) {
  absl::StatusOr<v1::RosterKind> kind = KindNamed(o.kind);
  if (!kind.ok()) return shell.Fail(kind.status());
  absl::Status writable = CheckOutput(o.mend, o.file);
  if (!writable.ok()) return shell.Fail(writable);
  absl::StatusOr<std::string> bytes = ReadWhole(o.file);
  if (!bytes.ok()) return shell.Fail(bytes.status());
  v1::ImportTableRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_kind(*kind);
  request.set_file_name(std::filesystem::path(o.file).filename().string());
  request.set_content(*std::move(bytes));
  request.set_dry_run(o.dry_run);
  request.set_expected(o.expect);
  request.set_user(o.common.user);
  Link link = shell.LinkTo(o.common);
  v1::ImportTableResponse response;
  const absl::Status status = CallService(&link, "ImportService/ImportTable", request, &response);
  if (!status.ok()) return shell.Fail(status);
  if (!response.ignored_columns().empty()) {
    std::string names;
    for (const std::string& name : response.ignored_columns()) names += Cat(names.empty() ? "" : "、", OneLine(name));
    shell.out() << shell.T("没有用到的列：", "columns passed over: ") << names << "\n";
  }
  for (const std::string& notice : response.notices()) shell.out() << OneLine(notice) << "\n";
  if (!response.faults().empty()) return ShowFaults(shell, o, response);
  ShowChanges(shell, response);
  shell.out() << (o.dry_run ? shell.T("试导入（没有保存）：", "dry run, nothing saved: ") : shell.T("导入：", "import: "))
              << EnumLabel(response.kind())
              << Cat(" ", response.rows(), shell.T(" 行，新增 ", " rows, new "), response.added(),
                     shell.T("，改动 ", ", changed "), response.changed(), shell.T("，没有变化 ", ", unchanged "),
                     response.unchanged(), "\n");
  if (o.dry_run && !response.fingerprint().empty())
    shell.out() << shell.T("导入时可写 --expect ", "to import just this: --expect ") << response.fingerprint()
                << shell.T("，此后名册有变则不导入\n", "\n");
  return kDone;
}

int RunExportRoster(const Shell& shell, const RosterOptions& o) {
  absl::StatusOr<v1::RosterKind> kind = KindNamed(o.kind);
  if (!kind.ok()) return shell.Fail(kind.status());
  std::string ending = std::filesystem::path(o.file).extension().string();
  if (!ending.empty()) ending.erase(0, 1);
  v1::ExportTableRequest request;
  request.set_kind(*kind);
  request.set_format(o.format.empty() ? ending : o.format);
  v1::ExportResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "ImportService/ExportTable", request, &response);
  if (status.ok()) status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << shell.T("已导出 ", "exported ") << response.rows() << shell.T(" 行到 ", " rows to ") << o.file << "\n";
  return kDone;
}

int RunPolicy(const Shell& shell, const RosterOptions& o, bool set) {
  int code = kDone;
  if (set) {
    v1::SetPolicyRequest request;
    request.set_action_id(shell.NewActionId());
    request.set_key(o.key);
    request.set_value(o.value);
    request.set_user(o.common.user);
    v1::SetPolicyResponse response;
    if (!Ask(shell, o.common, "ImportService/SetPolicy", request, &response, &code)) return code;
    shell.out() << response.policy().label() << " " << OneLine(response.policy().value()) << "\n";
    return kDone;
  }
  v1::ListPoliciesResponse response;
  if (!Ask(shell, o.common, "ImportService/ListPolicies", v1::ListPoliciesRequest(), &response, &code)) return code;
  Table table({{shell.T("代号", "key")},
               {shell.T("设定", "setting")},
               {shell.T("现为", "value")},
               {shell.T("本镇已改", "changed")},
               {shell.T("说明", "what it does")}});
  for (const v1::PolicyView& view : response.policies())
    table.Add(
        {view.key(), view.label(), OneLine(view.value()), view.changed() ? shell.T("是", "yes") : "", view.help()});
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddRosterCommands(CLI::App* app, Shell* shell) {
  CLI::App* roster = app->add_subcommand(
      "roster",
      shell->T("名册：站点、代表、承办单位、节假日、类别，从表格导入、导出", "the township's lists as tables"));
  roster->require_subcommand(1);
  const char* kinds =
      shell->T("站点、代表、承办单位、节假日、类别", "stations, deputies, departments, holidays, categories");
  auto i = std::make_shared<RosterOptions>();
  CLI::App* in = AddCommand(roster, "import",
                            shell->T("导入一张表（csv 或 xlsx）；有一处错误就全部不导入，逐行说明",
                                     "takes a table in, whole or not at all; names every wrong row"),
                            Kind::kWrites, &i->common, *shell);
  in->add_option("file", i->file, shell->T("表格文件", "the table"))->required();
  in->add_option("--kind", i->kind, Cat(kinds, shell->T("；不写则看表头", "; else as its columns say")));
  in->add_flag("--dry-run", i->dry_run, shell->T("只检查并列出改动，不保存", "only says what would change"));
  in->add_option("--expect", i->expect, shell->T("试导入给出的核对码", "what a dry run printed"));
  in->add_option("--mend", i->mend, shell->T("有错误时把整张表连同错误写到这个文件", "where the faults are written"));
  in->callback([=] { shell->code = RunImportRoster(*shell, *i); });
  auto e = std::make_shared<RosterOptions>();
  CLI::App* out = roster->add_subcommand("export", shell->T("导出一张表，改好后可以再导入", "writes a table out"));
  out->add_option("--data", e->common.dir, shell->T("数据文件夹", "the data folder"))->required();
  out->add_option("kind", e->kind, kinds)->required();
  out->add_option("file", e->file, shell->T("写到哪个文件", "the file to write"))->required();
  out->add_option("--format", e->format,
                  shell->T("csv 或 xlsx，不写则看文件名", "csv, xlsx; else as the file is called"));
  out->callback([=] { shell->code = RunExportRoster(*shell, *e); });
  auto p = std::make_shared<RosterOptions>();
  CLI::App* policy = AddCommand(app, "policy", shell->T("本镇的设定；写明代号和内容则修改", "the township's settings"),
                                Kind::kWrites, &p->common, *shell);
  CLI::Option* key = policy->add_option("key", p->key, shell->T("代号", "key"));
  policy->add_option("value", p->value, shell->T("内容；不写则恢复默认", "value; none: default"));
  policy->callback([=] { shell->code = RunPolicy(*shell, *p, key->count() > 0); });
}

}  // namespace liaison::cli
