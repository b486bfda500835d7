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
    shell.out() << "新增 " << OneLine(change.record()) << " " << OneLine(change.name()) << "\n";
  }
  Table table({{"行", true},
               {"编号"},
               {"名称", false, kValuePlaces},
               {"栏目"},
               {"原来", false, kValuePlaces},
               {"改为", false, kValuePlaces}});
  for (const v1::TableChange& change : response.changes())
    if (!change.added())
      table.Add({Cat(change.row()), OneLine(change.record()), OneLine(change.name()), change.field(),
                 OneLine(change.old_value()), OneLine(change.new_value())});
  table.Print(&shell.out());
  for (const v1::DueChange& change : response.due_changes())
    shell.out() << "时限 " << OneLine(change.number()) << " " << OneLine(change.unit_name()) << " " << change.old_due()
                << " 改为 " << change.new_due() << "\n";
}

int ShowFaults(const Shell& shell, const RosterOptions& o, const v1::ImportTableResponse& response) {
  shell.out() << EnumLabel(response.kind()) << Cat("名册有 ", response.faults_size(), " 处错误，全部没有导入：", "\n");
  Table table({{"行", true}, {"列"}, {"错误", false, kReasonPlaces}});
  for (const v1::TableFault& fault : response.faults())
    table.Add({Cat(fault.row()), OneLine(fault.column()), OneLine(fault.reason())});
  table.Print(&shell.out());
  if (!o.mend.empty()) {
    const absl::Status status = WriteWhole(o.mend, response.mend_file());
    if (!status.ok()) return shell.Fail(status);
    shell.out() << "整张表连同错误已写入 " << o.mend << "，改好后导入这个文件\n";
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
    shell.out() << "没有用到的列：" << names << "\n";
  }
  for (const std::string& notice : response.notices()) shell.out() << OneLine(notice) << "\n";
  if (!response.faults().empty()) return ShowFaults(shell, o, response);
  ShowChanges(shell, response);
  shell.out() << (o.dry_run ? "试导入（没有保存）：" : "导入：") << EnumLabel(response.kind())
              << Cat(" ", response.rows(), " 行，新增 ", response.added(), "，改动 ", response.changed(), "，没有变化 ",
                     response.unchanged(), "\n");
  if (o.dry_run && !response.fingerprint().empty())
    shell.out() << "导入时可写 --expect " << response.fingerprint() << "，此后名册有变则不导入\n";
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
  shell.out() << "已导出 " << response.rows() << " 行到 " << o.file << "\n";
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
  Table table({{"代号"}, {"设定"}, {"现为"}, {"本镇已改"}, {"说明"}});
  for (const v1::PolicyView& view : response.policies())
    table.Add({view.key(), view.label(), OneLine(view.value()), view.changed() ? "是" : "", view.help()});
  table.Print(&shell.out());
  return kDone;
}

}  // namespace

void AddRosterCommands(CLI::App* app, Shell* shell) {
  CLI::App* roster = app->add_subcommand("roster", "名册：站点、代表、承办单位、节假日、类别，从表格导入、导出");
  roster->require_subcommand(1);
  const char* kinds = "站点、代表、承办单位、节假日、类别";
  auto i = std::make_shared<RosterOptions>();
  CLI::App* in = AddCommand(roster, "import", "导入一张表（csv 或 xlsx）；有一处错误就全部不导入，逐行说明",
                            Kind::kWrites, &i->common);
  in->add_option("file", i->file, "表格文件")->required();
  in->add_option("--kind", i->kind, Cat(kinds, "；不写则看表头"));
  in->add_flag("--dry-run", i->dry_run, "只检查并列出改动，不保存");
  in->add_option("--expect", i->expect, "试导入给出的核对码");
  in->add_option("--mend", i->mend, "有错误时把整张表连同错误写到这个文件");
  in->callback([=] { shell->code = RunImportRoster(*shell, *i); });
  auto e = std::make_shared<RosterOptions>();
  CLI::App* out = roster->add_subcommand("export", "导出一张表，改好后可以再导入");
  out->add_option("--data", e->common.dir, "数据文件夹")->required();
  out->add_option("kind", e->kind, kinds)->required();
  out->add_option("file", e->file, "写到哪个文件")->required();
  out->add_option("--format", e->format, "csv 或 xlsx，不写则看文件名");
  out->callback([=] { shell->code = RunExportRoster(*shell, *e); });
  auto p = std::make_shared<RosterOptions>();
  CLI::App* policy = AddCommand(app, "policy", "本镇的设定；写明代号和内容则修改", Kind::kWrites, &p->common);
  CLI::Option* key = policy->add_option("key", p->key, "代号");
  policy->add_option("value", p->value, "内容；不写则恢复默认");
  policy->callback([=] { shell->code = RunPolicy(*shell, *p, key->count() > 0); });
}

}  // namespace liaison::cli
