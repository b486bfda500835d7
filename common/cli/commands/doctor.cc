// liaison doctor, dump: looking for a fault.
#include <CLI/CLI.hpp>
#include <ostream>

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison::cli {
namespace {

struct DoctorOptions {
  Common common;
};

const char* HealthText(v1::Health health) {
  switch (health) {
    case v1::HEALTH_GOOD:
      return "正常";
    case v1::HEALTH_ATTENTION:
      return "注意";
    default:
      return "有问题";
  }
}

int RunDoctor(const Shell& shell, const DoctorOptions& o) {
  v1::ExamineResponse response;
  Link link = shell.LinkTo(o.common);
  std::string json;
  absl::Status status = CallService(&link, "DoctorService/Examine", v1::ExamineRequest(), &response, &json);
  if (!status.ok()) return shell.Fail(status);
  const int code = response.health() == v1::HEALTH_GOOD ? kDone : kFound;
  if (o.common.json) {
    shell.out() << json << "\n";
    return code;
  }
  for (const v1::Finding& finding : response.findings()) {
    shell.out() << HealthText(finding.health()) << "  " << OneLine(finding.label()) << "：" << OneLine(finding.text())
                << "\n";
    if (finding.advice().empty()) continue;
    shell.out() << "        怎么办：" << OneLine(finding.advice()) << "\n";
  }
  for (const std::string& what : response.not_checked()) shell.out() << "没有看  " << OneLine(what) << "\n";
  shell.out() << "总的来说：" << HealthText(response.health()) << "\n";
  return code;
}

struct DumpOptions {
  Common common;
  std::string op, record, feed, chain;
  uint64_t from = 0;
  int limit = 0;
};

void Line(const Shell& shell, const char* label, const std::string& text) {
  if (!text.empty()) shell.out() << "  " << label << " " << OneLine(text) << "\n";
}

template <typename Texts>
void Lines(const Shell& shell, const char* label, const Texts& texts) {
  for (const std::string& text : texts) Line(shell, label, text);
}

std::string FieldText(const v1::DumpedWrite& field) {
  const std::string name = field.field().empty() ? Cat("tag ", field.tag()) : field.field();
  return Cat(field.child().empty() ? "" : field.child() + " ", name, field.label().empty() ? "" : " " + field.label(),
             field.element().empty() ? "" : Cat("[", field.element(), "]"));
}

void PrintOp(const Shell& shell, const v1::DumpedOp& op) {
  shell.out() << OneLine(op.name().empty() ? "（读不懂）" : op.name()) << "\n";
  Line(shell, "hash", op.hash());
  Line(shell, "place", Cat(op.place(), op.branch() ? "，旁支" : "", op.reason().empty() ? "" : "：", op.reason()));
  Line(shell, "unreadable", op.unreadable());
  Line(shell, "record", Cat(op.aggregate(), " ", op.record_label()));
  Line(shell, "form", Cat("kind ", op.kind(), " schema ", op.schema_version(), " bytes ", op.bytes()));
  Line(shell, "n", Cat(op.n(), op.previous().empty() ? "" : " after ", op.previous()));
  Line(shell, "parent", op.parent());
  Line(shell, "action", Cat(op.action_id(), " ", op.index() + 1, "/", op.count()));
  const std::string wall = MinuteText(op.wall_time_ms());
  Line(shell, "time", Cat("logical ", op.logical_time(), " clock ", wall, "（", op.clock(), "）"));
  Line(shell, "user", op.user());
  Lines(shell, "context", op.context());
  Lines(shell, "grants", op.grants());
  for (const v1::DumpedWrite& write : op.writes()) Line(shell, "write", Cat(FieldText(write), " = ", write.value()));
  if (op.more_writes() > 0) Line(shell, "write", Cat("… ", op.more_writes()));
  Lines(shell, "blob", op.blobs());
}

void PrintRecord(const Shell& shell, const v1::DumpedRecord& record) {
  shell.out() << OneLine(Cat(record.id(), " ", record.label())) << "\n";
  Line(shell, "state", record.state_hash());
  if (record.upgrade_needed()) Line(shell, "upgrade", "有这个版本不认识的操作");
  Lines(shell, "vector", record.vector());
  Lines(shell, "visible", record.visible());
  Lines(shell, "op", record.ops());
  if (record.more_ops() > 0) Line(shell, "op", Cat("… ", record.more_ops()));
  Lines(shell, "held", record.held());
  if (record.refused() > 0) Line(shell, "refused", Cat(record.refused()));
  Lines(shell, "void", record.voids());
  Lines(shell, "feed", record.feeds());
  for (const v1::DumpedField& field : record.fields()) {
    Line(shell, "field", FieldText(field.field()));
    for (const v1::DumpedSibling& sibling : field.siblings())
      shell.out() << "    " << sibling.group() << ") " << OneLine(sibling.value()) << "  " << sibling.dot() << "\n";
    for (const std::string& dot : field.covered()) shell.out() << "    covered " << dot << "\n";
  }
  if (record.more_fields() > 0) Line(shell, "field", Cat("… ", record.more_fields()));
}

void PrintFeed(const Shell& shell, const v1::DumpedFeed& feed) {
  shell.out() << OneLine(Cat(feed.interest(), " ", feed.label())) << "\n";
  Line(shell, "head", Cat(feed.position(), " ", feed.prefix()));
  Line(shell, "epoch", feed.epoch());
  Table table({{"#", true}, {"kind"}, {"record"}, {"op"}, {"prefix"}});
  for (const v1::DumpedItem& item : feed.items()) {
    const std::string what = item.kind() == "enter" ? Cat("enter ", item.count()) : item.kind();
    table.Add({Cat(item.position()), what, item.aggregate(), item.op().empty() ? item.key_id() : item.op(),
               item.prefix()});
  }
  table.Print(&shell.out());
  if (feed.next() > 0) shell.out() << "下一页：--from " << feed.next() << "\n";
}

void PrintChain(const Shell& shell, const v1::DumpedChain& chain) {
  shell.out() << OneLine(chain.actor()) << "\n";
  Line(shell, "parent", chain.parent());
  Line(shell, "head", chain.last() == 0 ? "" : Cat(chain.last(), " ", chain.head()));
  if (chain.own()) Line(shell, "own", Cat("acked ", chain.acked(), " archived ", chain.archived()));
  Line(shell, "trouble", chain.trouble());
  Table table({{"#", true}, {"tag"}, {"record"}, {"prefix"}, {""}});
  for (const v1::DumpedLink& link : chain.links())
    table.Add({Cat(link.seq()), link.tag(), link.aggregate(), link.prefix(),
               Cat(link.branch() ? "旁支 " : "", link.place())});
  table.Print(&shell.out());
  if (chain.next() > 0) shell.out() << "下一页：--from " << chain.next() << "\n";
}

int RunDump(const Shell& shell, const DumpOptions& o) {
  const int named = !o.op.empty() + !o.record.empty() + !o.feed.empty() + !o.chain.empty();
  if (named != 1) return shell.FailUsage("请在 --op、--record、--feed、--chain 里写一样");
  v1::DumpRequest request;
  request.set_op(o.op);
  request.set_record(o.record);
  if (!o.record.empty()) {
    Link link = shell.LinkTo(o.common);
    absl::StatusOr<std::string> id = ResolveId(&link, o.record);
    if (!id.ok()) return shell.Fail(id.status());
    request.set_record(*id);
  }
  request.set_feed(o.feed);
  request.set_chain(o.chain);
  request.set_from(o.from);
  request.set_limit(o.limit);
  v1::DumpResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "DoctorService/Dump", request, &response, &code)) return code;
  for (const v1::DumpedOp& op : response.ops()) PrintOp(shell, op);
  if (response.has_record()) PrintRecord(shell, response.record());
  if (response.has_feed()) PrintFeed(shell, response.feed());
  if (response.has_chain()) PrintChain(shell, response.chain());
  return response.chain().trouble().empty() ? kDone : kFound;
}

}  // namespace

void AddDoctorCommands(CLI::App* app, Shell* shell) {
  auto d = std::make_shared<DoctorOptions>();
  CLI::App* doctor = AddCommand(app, "doctor", "检查磁盘、钥匙、时钟、记录、联网和备份，一项一句，并说怎么办",
                                Kind::kReads, &d->common);
  doctor->callback([=] { shell->code = RunDoctor(*shell, *d); });
  auto o = std::make_shared<DumpOptions>();
  CLI::App* dump = AddCommand(app, "dump", "列出存的到底是什么，供查错；个人信息和文字不列", Kind::kReads, &o->common);
  dump->add_option("--op", o->op, "一条操作的名字");
  dump->add_option("--record", o->record, "一条记录的编号");
  dump->add_option("--feed", o->feed, "一路下行，如 all、point:HK-D057");
  dump->add_option("--chain", o->chain, "一个写入者的全部操作");
  dump->add_option("--from", o->from, "从第几条起（--feed、--chain）");
  dump->add_option("--limit", o->limit, "最多几条，默认 50，至多 500");
  dump->callback([=] { shell->code = RunDump(*shell, *o); });
}

}  // namespace liaison::cli
