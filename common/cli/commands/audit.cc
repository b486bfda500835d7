// liaison reveal, audit list: a visitor's personal data for a purpose, and who saw whose.
#include <CLI/CLI.hpp>
#include <ostream>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/audit.pb.h"

namespace liaison::cli {
namespace {

struct AuditOptions {
  Common common;
  std::string id, purpose, words, secret, from, to, account;
  int limit = 0;
};

int RunReveal(const Shell& shell, const AuditOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::RevealVisitorRequest request;
  absl::StatusOr<std::string> id = ResolveId(&link, o.id);
  if (!id.ok()) return shell.Fail(id.status());
  request.set_id(*id);
  absl::StatusOr<v1::RevealPurpose> purpose = ByLabel<v1::RevealPurpose>("用途", o.purpose);
  if (!purpose.ok()) return shell.Fail(purpose.status());
  request.set_purpose(*purpose);
  request.set_words(o.words);
  request.set_secret(shell.Given(o.secret));
  v1::RevealVisitorResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/RevealVisitor", request, &response, &code)) return code;
  const v1::VisitorFields& visitor = response.visitor();
  auto row = [&](const char* label, const std::string& text) {
    if (!text.empty()) shell.out() << label << "：" << OneLine(text) << "\n";
  };
  row("姓名", visitor.name());
  row("性别", visitor.gender());
  row("年龄段", visitor.age_band());
  row("电话", visitor.phone());
  row("村组", visitor.village_group());
  row("住址", visitor.address());
  shell.out() << "这次查看已记入审计记录。\n";
  return kDone;
}

int RunAuditList(const Shell& shell, const AuditOptions& o) {
  v1::ListAuditRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_account(o.account);
  request.set_limit(o.limit);
  v1::ListAuditResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "RecordService/ListAudit", request, &response, &code)) return code;
  Table table({{"时间"}, {"事项"}, {"谁", false, 16}, {"地点", false, 20}, {"用途", false, 30}, {"记录"}});
  for (const v1::AuditRow& row : response.rows()) {
    const v1::AuditEvent& event = row.event();
    table.Add({Cat(event.date(), " ", event.time()), EnumLabel(event.what()), OneLine(row.account_name()),
               OneLine(row.station_name()),
               Cat(EnumLabel(event.purpose()), event.words().empty() ? "" : Cat("：", OneLine(event.words()))),
               event.record_id()});
  }
  table.Print(&shell.out());
  shell.out() << "审计记录 " << response.total() << " 条";
  if (response.total() > response.rows_size()) shell.out() << "，只列出最近的 " << response.rows_size() << " 条";
  shell.out() << "\n";
  return kDone;
}

}  // namespace

void AddAuditCommands(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<AuditOptions>();
  CLI::App* reveal = AddCommand(app, "reveal", "查看一位反映人的姓名和电话，须写明用途，记入审计", Kind::kWrites, &o->common);
  reveal->add_option("id", o->id, "来访登记或反映人的编号")->required();
  reveal->add_option("--purpose", o->purpose, "用途：反馈回访、核实情况、联系办理、更正登记、打印登记表、其他")->required();
  reveal->add_option("--words", o->words, "用途说明，用途是“其他”时必填");
  reveal->add_option("--secret", o->secret, "登录人的口令；写 - 则从标准输入读一行");
  reveal->callback([=] { shell->code = RunReveal(*shell, *o); });

  CLI::App* audit = app->add_subcommand("audit", "审计记录");
  audit->require_subcommand(1);
  auto l = std::make_shared<AuditOptions>();
  CLI::App* list = AddCommand(audit, "list", "谁在什么时候看了哪份记录，为什么", Kind::kReads, &l->common);
  list->add_option("--from", l->from, "从哪天起");
  list->add_option("--to", l->to, "到哪天止");
  list->add_option("--account", l->account, "只看一个账号");
  list->add_option("--limit", l->limit, "最多列出多少条");
  list->callback([=] { shell->code = RunAuditList(*shell, *l); });
}

}  // namespace liaison::cli
