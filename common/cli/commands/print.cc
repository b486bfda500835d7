// Commands that write forms to be printed, and the county's export.
#include <CLI/CLI.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/names.h"
#include "common/cli/core/shell.h"
#include "common/record/schema.h"
#include "liaison/v1/print.pb.h"

namespace liaison::cli {
namespace {

struct PrintOptions {
  Common common;
  std::string form, file, from, to, station, format;
  std::vector<std::string> ids;
};

// A form by its name, by the beginning of it, or by its number.
absl::StatusOr<v1::Paper> PaperNamed(const std::string& text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number) && number > 0 && v1::Paper_IsValid(number)) return static_cast<v1::Paper>(number);
  return ByLabel<v1::Paper>("表单", text);
}

absl::StatusOr<std::string> IdOf(Link* link, v1::Paper paper, const std::string& text) {
  switch (paper) {
    case v1::PAPER_DEPUTY:
      return DeputyNamed(link, text);
    case v1::PAPER_TEN_HAVES:
      return StationNamed(link, text);
    case v1::PAPER_SESSION:
    case v1::PAPER_NOTICE: {
      absl::StatusOr<std::string> id = ResolveId(link, text);
      if (id.ok()) return id;
      ASSIGN_OR_RETURN(v1::SessionView session, SessionNamed(link, text));
      return session.id();
    }
    default:
      return ResolveId(link, text);
  }
}

int RunPrint(const Shell& shell, const PrintOptions& o) {
  absl::StatusOr<v1::Paper> paper = PaperNamed(o.form);
  if (!paper.ok()) return shell.Fail(paper.status());
  if (*paper != v1::PAPER_LEDGER && o.ids.empty()) return shell.FailUsage("请写要打印哪一条记录");
  if (*paper == v1::PAPER_LEDGER && !o.ids.empty())
    return shell.FailUsage("台账不按编号打印，请去掉编号，用 --from、--to、--station 写明范围");
  Link link = shell.LinkTo(o.common);
  v1::PrintFormRequest request;
  request.set_paper(*paper);
  for (const std::string& text : o.ids) {
    absl::StatusOr<std::string> id = IdOf(&link, *paper, text);
    if (!id.ok()) return shell.Fail(id.status());
    if (o.ids.size() == 1) request.set_id(*id);
    if (o.ids.size() > 1) request.add_ids(*id);
  }
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  v1::PrintFormResponse response;
  absl::Status status = CallService(&link, "PrintService/PrintForm", request, &response);
  if (status.ok()) status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << EnumLabel(*paper) << " 已写入 " << o.file << "，用浏览器打开后打印\n";
  return kDone;
}

int RunCounty(const Shell& shell, const PrintOptions& o) {
  v1::ExportCountyRequest request;
  request.set_format(o.format);
  request.set_from(o.from);
  request.set_to(o.to);
  v1::ExportCountyResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "PrintService/ExportCounty", request, &response);
  if (status.ok()) status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << "已导出 " << response.matters() << " 条到 " << o.file;
  if (response.suppressed() > 0) shell.out() << "，人数太少而不单列的站点 " << response.suppressed();
  shell.out() << "\n";
  return kDone;
}

void AddPeriod(CLI::App* command, PrintOptions* o) {
  command->add_option("--from", o->from, "从哪一天");
  command->add_option("--to", o->to, "到哪一天");
}

}  // namespace

void AddPrintCommands(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<PrintOptions>();
  CLI::App* c = app->add_subcommand("print", "打印表单");
  c->add_option("--data", o->common.dir, "数据文件夹")->required();
  std::string forms;
  for (int number = 1; v1::Paper_IsValid(number); ++number)
    forms += Cat(number == 1 ? "" : "、", number, " ", EnumLabel(static_cast<v1::Paper>(number)));
  c->add_option("form", o->form, Cat("表单：", forms))->required();
  c->add_option("id", o->ids, "记录的编号，可写几个，打印在一个文件里；代表、站点写编号或名称，台账不写");
  c->add_option("-o,--out", o->file, "写到哪个文件")->required();
  c->add_option("--station", o->station, "台账只要一个站点的");
  AddPeriod(c, o.get());
  c->callback([=] { shell->code = RunPrint(*shell, *o); });

  o = std::make_shared<PrintOptions>();
  c = app->add_subcommand("county-export", "导出报区人大的数据（不含个人信息）");
  c->add_option("--data", o->common.dir, "数据文件夹")->required();
  c->add_option("--format", o->format, "csv 或 xlsx")->required()->check(CLI::IsMember({"csv", "xlsx"}));
  c->add_option("-o,--out", o->file, "写到哪个文件")->required();
  AddPeriod(c, o.get());
  c->callback([=] { shell->code = RunCounty(*shell, *o); });
}

}  // namespace liaison::cli
