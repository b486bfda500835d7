// Commands for what becomes of a matter: steps, the whole case, working lists, time limits.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <ostream>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/casework.pb.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {
namespace {

// ---------------------------------------------------------------- step

struct StepOptions {
  Common common;
  std::string step;
  std::vector<std::string> matters;
  std::map<std::string, std::vector<std::string>> values;  // by the field's name
  std::map<std::string, bool> flags;
};

std::string LabelOfField(const google::protobuf::FieldDescriptor* field) {
  return field->options().GetExtension(v1::f).label();
}

// "交办" or "assign".
absl::StatusOr<v1::StepKind> KindOf(std::string text) {
  std::string name = "STEP_" + text;
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (const auto* value = v1::StepKind_descriptor()->FindValueByName(name); value != nullptr && value->number() != 0)
    return static_cast<v1::StepKind>(value->number());
  return ByLabel<v1::StepKind>("步骤", text);
}

absl::StatusOr<v1::Step> StepOf(const StepOptions& o, Link* link) {
  v1::Step step;
  ASSIGN_OR_RETURN(v1::StepKind kind, KindOf(o.step));
  step.set_kind(kind);
  const auto* reflection = v1::Step::GetReflection();
  for (int i = 0; i < v1::Step::descriptor()->field_count(); ++i) {
    const auto* field = v1::Step::descriptor()->field(i);
    if (auto flag = o.flags.find(field->name()); flag != o.flags.end() && flag->second)
      reflection->SetBool(&step, field, true);
    auto given = o.values.find(field->name());
    if (given == o.values.end()) continue;
    for (const std::string& text : given->second) {
      if (field->is_repeated()) {
        reflection->AddString(&step, field, text);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_ENUM) {
        ASSIGN_OR_RETURN(int value, ValueByLabel(field->enum_type(), LabelOfField(field), text));
        reflection->SetEnumValue(&step, field, value);
      } else {
        reflection->SetString(&step, field, text);
      }
    }
  }
  if (!step.into().empty()) {
    ASSIGN_OR_RETURN(*step.mutable_into(), ResolveId(link, step.into()));
  }
  return step;
}

absl::StatusOr<v1::TakeStepResponse> Take(const Shell& shell, const StepOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::TakeStepRequest request;
  ASSIGN_OR_RETURN(*request.mutable_step(), StepOf(o, &link));
  for (const std::string& matter : o.matters) {
    v1::GetRecordRequest get;
    ASSIGN_OR_RETURN(*get.mutable_id(), ResolveId(&link, matter));
    v1::GetRecordResponse record;
    RETURN_IF_ERROR(CallService(&link, "RecordService/GetRecord", get, &record));
    v1::StepTarget& target = *request.add_targets();
    target.set_id(get.id());
    target.set_token(record.record().token());
  }
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  v1::TakeStepResponse response;
  RETURN_IF_ERROR(CallService(&link, "CaseworkService/TakeStep", request, &response));
  return response;
}

int RunStep(const Shell& shell, const StepOptions& o) {
  absl::StatusOr<v1::TakeStepResponse> taken = Take(shell, o);
  if (!taken.ok()) return shell.Fail(taken.status());
  for (const v1::MatterView& matter : taken->matters())
    shell.out() << OneLine(matter.matter().number()) << " " << EnumLabel(matter.state()) << "\n";
  for (const v1::MatterView& matter : taken->made())
    shell.out() << "已登记 " << OneLine(matter.matter().number()) << "\n";
  return kDone;
}

void AddStep(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<StepOptions>();
  CLI::App* c = AddCommand(app, "step", "办理一步：上报、受理、交办、签收、答复、评价、办结…，可一次办几件",
                           Kind::kWrites, &o->common);
  std::string kinds;
  for (int i = 1; i < v1::StepKind_descriptor()->value_count(); ++i)
    kinds += (i == 1 ? "" : "、") + LabelOf(v1::StepKind_descriptor()->value(i));
  c->add_option("step", o->step, Cat("步骤：", kinds))->required();
  c->add_option("matter", o->matters, "事项编号，可写几个")->required();
  for (int i = 0; i < v1::Step::descriptor()->field_count(); ++i) {
    const auto* field = v1::Step::descriptor()->field(i);
    if (field->name() == "kind") continue;
    std::string help = LabelOfField(field);
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL) {
      c->add_flag(OptionName(field), o->flags[field->name()], help);
      continue;
    }
    c->add_option_function<std::vector<std::string>>(
         OptionName(field), [o, name = field->name()](const std::vector<std::string>& v) { o->values[name] = v; }, help)
        ->expected(1, field->is_repeated() ? 50 : 1);
  }
  c->callback([=] { shell->code = RunStep(*shell, *o); });
}

// ---------------------------------------------------------------- case

struct CaseworkOptions {
  Common common;
  std::string id, list, station, unit, key, value, date;
  int limit = 0, offset = 0;
};

const char* LampText(v1::Lamp lamp) {
  switch (lamp) {
    case v1::LAMP_GREEN:
      return "在期限内";
    case v1::LAMP_YELLOW:
      return "临近期限";
    case v1::LAMP_RED:
      return "已逾期";
    default:
      return "";
  }
}

void PrintCase(const Shell& shell, const v1::CaseView& view) {
  const v1::Matter& matter = view.matter().matter();
  Table table({{"", false}, {"", false, 100}});
  auto row = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) table.Add({std::string(name), OneLine(text)});
  };
  row("编号", matter.number());
  row("类型", EnumLabel(matter.track()));
  row("标题", matter.title());
  row("内容", matter.content());
  row("站点", view.matter().station_name());
  row("类别", view.matter().category_name());
  row("状态", Cat(EnumLabel(view.matter().state()), matter.key_matter() ? " ★重点" : ""));
  if (!view.due_what().empty()) row("待办", Cat(view.due_what(), " ", view.due_date(), " ", LampText(view.lamp())));
  row("首次交办", view.first_assigned());
  if (view.has_follows()) row("去向", Cat(view.follows().matter().number(), " ", view.follows().matter().title()));
  if (view.has_comes_from())
    row("来自", Cat(view.comes_from().matter().number(), " ", view.comes_from().matter().title()));
  for (const v1::MatterView& one : view.merged())
    row("并入本案", Cat(one.matter().number(), " ", one.matter().title()));
  for (const v1::AssignmentView& a : view.assignments()) {
    std::string units = a.unit_name();
    for (const std::string& unit : a.co_unit_names()) units += Cat("、", unit, "（协办）");
    row("交办", Cat(a.assignment().number(), " ", a.assignment().assigned_date(), " ", units, " 时限 ", a.due_date(),
                    a.assignment().received_date().empty() ? "" : Cat(" 签收 ", a.assignment().received_date())));
  }
  for (const v1::ReturnRequest& r : view.returns())
    row("退办", Cat(r.date(), " ", r.reason(), " ", EnumLabel(r.decision())));
  for (const v1::Extension& e : view.extensions())
    row("延期", Cat(e.date(), " ", e.reason(), " ", EnumLabel(e.decision()), " ", e.new_due()));
  for (const v1::Progress& p : view.progress()) row("进展", Cat(p.date(), " ", p.text()));
  for (const v1::Escalation& e : view.escalations()) row("转上级", Cat(e.date(), " ", e.to(), " ", e.document_no()));
  for (const v1::Reply& r : view.replies())
    row("答复", Cat(r.date(), " ", EnumLabel(r.reply_class()), " ", r.text(),
                    r.promise().empty() ? "" : Cat(" 承诺：", r.promise(), " ", r.promise_date())));
  for (const v1::Evaluation& e : view.evaluations())
    row("评价", Cat(e.date(), " 第", std::max(1u, e.round()), "轮 ", EnumLabel(e.result()), " ", e.comment()));
  for (const v1::Feedback& f : view.feedback())
    row("反馈", Cat(f.date(), " ", f.unreachable().empty() ? f.method() : f.unreachable(), " ", f.text()));
  for (const v1::Supervision& s : view.supervisions()) row("督办", Cat(s.date(), " ", s.type(), " ", s.result()));
  for (const v1::Correction& c : view.corrections()) row("更正", Cat(c.date(), " ", c.text()));
  for (const v1::DueMove& m : view.due_moves())
    row("时限调整", Cat(m.date(), " ", m.old_due(), " 改为 ", m.new_due(), " ", m.reason()));
  for (const v1::TakenBack& t : view.taken_back())
    row("撤销", Cat(t.date(), " ", t.what(), " ", t.by(), " ", t.reason()));
  std::string steps;
  for (const v1::ConflictView& conflict : view.conflicts()) {
    for (const v1::ConflictValue& value : conflict.values())
      row(Cat(conflict.field_label(), "分歧"), Cat("“", value.text(), "”，", value.station_name(), " ",
                                                   value.device_name(), " ", value.user(), " 选用 ", value.side()));
    steps += Cat(steps.empty() ? "" : "、", "确定", conflict.field_label(), "（settle）");
  }
  for (const v1::StepChoice& step : view.steps())
    if (step.allowed()) steps += (steps.empty() ? "" : "、") + step.label();
  row("可办", steps);
  table.Print(&shell.out());
}

int ShowCase(const Shell& shell, const CaseworkOptions& o) {
  Link link = shell.LinkTo(o.common);
  absl::StatusOr<std::string> id = ResolveId(&link, o.id);
  if (!id.ok()) return shell.Fail(id.status());
  v1::GetCaseRequest request;
  request.set_id(*id);
  v1::GetCaseResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/GetCase", request, &response, &code)) return code;
  PrintCase(shell, response.case_());
  return kDone;
}

int ShowWork(const Shell& shell, const CaseworkOptions& o) {
  v1::ListWorkRequest request;
  if (!o.list.empty()) {
    absl::StatusOr<v1::WorkList> list = ByLabel<v1::WorkList>("清单", o.list);
    if (!list.ok()) return shell.Fail(list.status());
    request.set_list(*list);
  }
  request.set_any_track(true);
  request.set_station_id(o.station);
  request.set_unit(o.unit);
  request.set_limit(o.limit);
  request.set_offset(o.offset);
  v1::ListWorkResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/ListWork", request, &response, &code)) return code;
  if (o.list.empty()) {
    Table counts({{"清单"}, {"件数", true}});
    for (const v1::WorkCount& count : response.counts())
      if (count.count() > 0) counts.Add({count.label(), Cat(count.count())});
    counts.Print(&shell.out());
    std::string names;
    for (int i = 0; i < v1::WorkList_descriptor()->value_count(); ++i)
      names += (names.empty() ? "" : "、") + LabelOf(v1::WorkList_descriptor()->value(i));
    shell.out() << "清单有：" << names << "\n";
    return kDone;
  }
  Table table({{"编号"}, {"标题", false, kTextPlaces}, {"状态"}, {"待办"}, {"时限"}, {"剩余天数", true}, {"单位"}});
  for (const v1::WorkRow& row : response.rows())
    table.Add({row.matter().matter().number(), OneLine(row.matter().matter().title()), EnumLabel(row.matter().state()),
               row.due_what(), row.due_date(), row.due_date().empty() ? "" : Cat(row.days_left()), row.unit_name()});
  table.Print(&shell.out());
  shell.out() << "共 " << response.total() << " 件\n";
  if (const int next = o.offset + response.rows_size(); next < response.total())
    shell.out() << "下一页：--offset " << next << "\n";
  return kDone;
}

int RunDeadlines(const Shell& shell, const CaseworkOptions& o) {
  if (!o.key.empty()) {
    v1::SetDeadlineRequest request;
    request.set_action_id(shell.NewActionId());
    request.set_key(o.key);
    request.set_value(o.value);
    request.set_user(o.common.user);
    v1::SetDeadlineResponse response;
    int code = kDone;
    if (!Ask(shell, o.common, "CaseworkService/SetDeadline", request, &response, &code)) return code;
    shell.out() << response.rule().label() << " " << response.rule().value() << "\n";
    return kDone;
  }
  v1::ListDeadlinesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/ListDeadlines", v1::ListDeadlinesRequest(), &response, &code)) return code;
  Table table({{"代号"}, {"事项"}, {"期限"}, {"依据"}, {"本镇已改"}});
  for (const v1::DeadlineRule& rule : response.rules())
    table.Add({rule.key(), rule.label(), rule.value(), rule.source(), rule.changed() ? "是" : ""});
  table.Print(&shell.out());
  return kDone;
}

int ShowDuplicates(const Shell& shell, const CaseworkOptions& o) {
  Link link = shell.LinkTo(o.common);
  absl::StatusOr<std::string> id = ResolveId(&link, o.id);
  if (!id.ok()) return shell.Fail(id.status());
  v1::SuggestDuplicatesRequest request;
  request.set_id(*id);
  v1::SuggestDuplicatesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/SuggestDuplicates", request, &response, &code)) return code;
  Table table({{"编号"}, {"标题", false, kTextPlaces}, {"相似", true}, {"站点"}});
  for (const v1::DuplicateCandidate& one : response.candidates())
    table.Add({one.matter().matter().number(), OneLine(one.matter().matter().title()), Cat(one.likeness() / 10, "%"),
               one.matter().station_name()});
  table.Print(&shell.out());
  return kDone;
}

int ShowRemains(const Shell& shell, const CaseworkOptions& o) {
  v1::ListRemainsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/ListRemains", v1::ListRemainsRequest(), &response, &code)) return code;
  Table table({{"事项编号"}, {"站点"}, {"日志"}, {"序号", true}, {"字段"}});
  for (const v1::Remain& remain : response.remains()) {
    std::string fields;
    for (const std::string& field : remain.fields()) fields += Cat(fields.empty() ? "" : "、", field);
    for (const std::string& file : remain.files()) fields += Cat(fields.empty() ? "" : "、", "文件 ", file);
    table.Add({OneLine(remain.number()), remain.station_id(), remain.actor(), Cat(remain.seq()), fields});
  }
  table.Print(&shell.out());
  shell.out() << "共 " << response.remains_size() << " 条原文待清除\n";
  return kDone;
}

struct ProposeOptions {
  Common common;
  std::string title, text, category, lead, congress, date;
  std::vector<std::string> cosigners;
  bool bill = false;
};

int RunPropose(const Shell& shell, const ProposeOptions& o) {
  v1::RegisterProposalRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  v1::Matter& matter = *request.mutable_matter();
  matter.set_track(o.bill ? v1::TRACK_BILL : v1::TRACK_SUGGESTION);
  matter.set_title(o.title);
  matter.set_content(o.text);
  matter.set_category(o.category);
  matter.set_lead_deputy(o.lead);
  matter.set_congress(o.congress);
  matter.set_date(o.date);
  for (const std::string& deputy : o.cosigners) matter.add_cosigners(deputy);
  v1::RegisterProposalResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CaseworkService/RegisterProposal", request, &response, &code)) return code;
  shell.out() << "已登记 " << OneLine(response.matter().matter().number()) << "\n";
  return kDone;
}

void AddPropose(CLI::App* app, Shell* shell) {
  auto p = std::make_shared<ProposeOptions>();
  CLI::App* c = AddCommand(app, "propose", "登记代表建议或议案（镇中心）", Kind::kWrites, &p->common);
  c->add_option("--title", p->title, "标题");
  c->add_option("--text", p->text, "内容")->required();
  c->add_option("--category", p->category, "类别编号")->required();
  c->add_option("--lead", p->lead, "领衔代表的编号")->required();
  c->add_option("--cosigner", p->cosigners, "附议代表的编号，可写几个");
  c->add_option("--congress", p->congress, "会议届次，如 20-3、20-闭");
  c->add_option("--date", p->date, "日期，默认今天");
  c->add_flag("--bill", p->bill, "是议案");
  c->callback([=] { shell->code = RunPropose(*shell, *p); });
}

}  // namespace

void AddCaseworkCommands(CLI::App* app, Shell* shell) {
  AddStep(app, shell);
  AddPropose(app, shell);
  auto add = [&](const char* name, const char* help, Kind kind, int (*run)(const Shell&, const CaseworkOptions&)) {
    auto o = std::make_shared<CaseworkOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common);
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [one, c] = add("case", "一件事项的全过程", Kind::kReads, ShowCase);
  one->add_option("matter", c->id, "编号")->required();
  auto [work, w] = add("work", "办理清单：各有几件；写明清单则列出", Kind::kReads, ShowWork);
  std::string lists;
  for (int i = 0; i < v1::WorkList_descriptor()->value_count(); ++i)
    lists += (i == 0 ? "" : "、") + LabelOf(v1::WorkList_descriptor()->value(i));
  work->add_option("list", w->list, lists);
  work->add_option("--offset", w->offset, "从第几件以后看起");
  work->add_option("--station", w->station, "只看一个站点");
  work->add_option("--unit", w->unit, "只看一个承办单位");
  work->add_option("--limit", w->limit, "最多几件");
  auto [limits, d] = add("deadlines", "各项期限；写明代号和期限则修改（镇中心）", Kind::kWrites, RunDeadlines);
  limits->add_option("key", d->key, "代号");
  limits->add_option("value", d->value, "如 30日、20工作日、3个月；不写则恢复默认");
  auto [same, s] = add("duplicates", "可能说的是同一件事的事项", Kind::kReads, ShowDuplicates);
  add("remains", "检举控告的内容还留在哪些原文里，待清除", Kind::kReads, ShowRemains);
  same->add_option("matter", s->id, "编号")->required();
}

}  // namespace liaison::cli
