// Commands for the congress's own work. What adds a record takes its options from the record's message.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/names.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/schema.h"
#include "liaison/v1/congress_services.pb.h"

namespace liaison::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// ---------------------------------------------------------------- adding

struct AddOptions {
  Common common;
  std::string parent;
  std::map<std::string, std::vector<std::string>> values;  // by the field's name
  std::map<std::string, bool> flags;
};

struct AddForm {
  const char* field;   // of AddCongressRecordRequest
  const char* parent;  // what it belongs to, in Chinese; null: nothing
  std::vector<std::string> only;  // fields that may be given; empty: all
};

const FieldDescriptor* FieldOfForm(const AddForm& form) {
  return v1::AddCongressRecordRequest::descriptor()->FindFieldByName(form.field);
}

bool NamesDeputies(const FieldDescriptor* field) {
  constexpr std::string_view kFields[] = {"deputies", "supervisors", "lead_deputy", "cosigners"};
  return std::find(std::begin(kFields), std::end(kFields), field->name()) != std::end(kFields);
}

// A vote has no labels of its own: its fields are those of the project.
std::string LabelOfCongress(const FieldDescriptor* field) {
  const std::string label = field->options().GetExtension(v1::f).label();
  if (!label.empty()) return label;
  const FieldInfo* same = TypeOf<v1::LivelihoodProject>().FindByName(field->name());
  return same == nullptr ? field->name() : same->rules.label();
}

absl::Status SetValue(const FieldDescriptor* field, const std::string& text, Message* record) {
  const auto* reflection = record->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      ASSIGN_OR_RETURN(int value, ValueByLabel(field->enum_type(), LabelOfCongress(field), text));
      reflection->SetEnumValue(record, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int number = 0;
      if (!absl::SimpleAtoi(text, &number))
        return absl::InvalidArgumentError(Cat(LabelOfCongress(field), "：“", text, "”不是数"));
      reflection->SetInt32(record, field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {  // a set of messages: its first field says which
      Message* element = reflection->AddMessage(record, field);
      element->GetReflection()->SetString(element, element->GetDescriptor()->field(0), text);
      return absl::OkStatus();
    }
    default:
      if (field->is_repeated()) {
        reflection->AddString(record, field, text);
      } else {
        reflection->SetString(record, field, text);
      }
      return absl::OkStatus();
  }
}

absl::Status Fill(Link* link, const AddOptions& o, Message* record) {
  const auto* descriptor = record->GetDescriptor();
  for (const auto& [name, texts] : o.values) {
    const FieldDescriptor* field = descriptor->FindFieldByName(name);
    for (std::string text : texts) {
      if (NamesDeputies(field)) {
        ASSIGN_OR_RETURN(text, DeputyNamed(link, text));
      }
      RETURN_IF_ERROR(SetValue(field, text, record));
    }
  }
  for (const auto& [name, given] : o.flags)
    if (given) record->GetReflection()->SetBool(record, descriptor->FindFieldByName(name), true);
  return absl::OkStatus();
}

int RunAdd(const Shell& shell, const AddForm& form, const AddOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::AddCongressRecordRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_user(o.common.user);
  request.set_parent(o.parent);
  absl::Status status = Fill(&link, o, request.GetReflection()->MutableMessage(&request, FieldOfForm(form)));
  v1::AddCongressRecordResponse response;
  if (status.ok()) status = CallService(&link, "CongressService/AddCongressRecord", request, &response);
  if (!status.ok()) return shell.Fail(status);
  shell.out() << "已登记 " << response.record().label() << " " << response.record().id() << "\n";
  return kDone;
}

void AddAdder(CLI::App* app, Shell* shell, const std::string& name, const char* help, const AddForm& form) {
  auto o = std::make_shared<AddOptions>();
  CLI::App* command = AddCommand(app, name, help, Kind::kWrites, &o->common);
  if (form.parent != nullptr) command->add_option("of", o->parent, form.parent)->required();
  const auto* record = FieldOfForm(form)->message_type();
  for (int i = 0; i < record->field_count(); ++i) {
    const FieldDescriptor* field = record->field(i);
    if (!form.only.empty() && std::find(form.only.begin(), form.only.end(), field->name()) == form.only.end()) continue;
    std::string label = LabelOfCongress(field);
    if (NamesDeputies(field)) label += "（编号或姓名）";
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      command->add_flag(OptionName(field), o->flags[field->name()], label);
      continue;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      label += "：";
      for (int v = 1; v < field->enum_type()->value_count(); ++v)
        label += (v == 1 ? "" : "、") + LabelOf(field->enum_type()->value(v));
    }
    command
        ->add_option_function<std::vector<std::string>>(
            OptionName(field),
            [o, field_name = field->name()](const std::vector<std::string>& v) { o->values[field_name] = v; }, label)
        ->expected(1, field->is_repeated() ? 100 : 1);
  }
  command->callback([=] { shell->code = RunAdd(*shell, form, *o); });
}

// ---------------------------------------------------------------- showing

struct CongressOptions {
  Common common;
  std::string from, to, type, deputy, station, area, date, key, value, kind;
  int year = 0;
  bool all = false;
};

std::string TenthsText(int tenths) { return Cat(tenths / 10, ".", tenths % 10); }

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : "、") + one;
  return OneLine(text);
}

int ShowActivities(const Shell& shell, const CongressOptions& o) {
  v1::ListActivitiesRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  request.set_with_matters(true);
  if (!o.type.empty()) {
    absl::StatusOr<v1::ActivityType> type = ByLabel<v1::ActivityType>("活动类型", o.type);
    if (!type.ok()) return shell.Fail(type.status());
    request.set_type(*type);
  }
  request.set_deputy_id(o.deputy);
  v1::ListActivitiesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListActivities", request, &response, &code)) return code;
  Table table({{"编号"}, {"日期"}, {"类型"}, {"名称", false, kTextPlaces}, {"代表", false, kTextPlaces}, {"形成建议"}});
  for (const v1::ActivityView& view : response.activities())
    table.Add({view.id(), view.activity().date(), EnumLabel(view.activity().type()), OneLine(view.activity().title()),
               Joined(view.deputy_names()), Joined(view.matters())});
  table.Print(&shell.out());
  for (const v1::ActivityView& view : response.activities())
    for (const v1::BallotView& one : view.ballots())
      shell.out() << OneLine(view.activity().title()) << "：" << OneLine(one.subject_name()) << " 满意率 "
                  << (one.satisfied_permille() < 0 ? "—" : TenthsText(one.satisfied_permille()) + "%") << "\n";
  shell.out() << "共 " << response.activities_size()
              << Cat(" 次，代表 ", response.attendances(), " 人次，发现问题 ", response.problems_found(),
                     " 个，提出意见 ", response.suggestions_made(), " 条，采纳 ", response.suggestions_adopted(),
                     " 条\n");
  return kDone;
}

int ShowDeputy(const Shell& shell, const CongressOptions& o) {
  v1::GetDeputyFileRequest request;
  request.set_deputy_id(o.deputy);
  request.set_from(o.from);
  request.set_to(o.to);
  v1::GetDeputyFileResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/GetDeputyFile", request, &response, &code)) return code;
  shell.out() << OneLine(response.name()) << " " << response.from() << " — " << response.to() << " 履职积分 "
              << TenthsText(response.points_tenths()) << "\n";
  for (const v1::FileSection& section : response.sections()) {
    shell.out() << section.title() << (section.summary().empty() ? "" : Cat("（", section.summary(), "）")) << "\n";
    for (const v1::FileEntry& entry : section.entries())
      shell.out() << "  " << (entry.date().empty() ? "" : entry.date() + " ") << OneLine(entry.text()) << "\n";
  }
  return kDone;
}

int ShowObligations(const Shell& shell, const CongressOptions& o) {
  v1::ListObligationsRequest request;
  request.set_date(o.date);
  request.set_station_id(o.station);
  request.set_area_id(o.area);
  request.set_missing_only(!o.all);
  v1::ListObligationsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListObligations", request, &response, &code)) return code;
  Table table({{"片区"}, {"站点"}, {"代表"}, {"本月走基层", true}, {"本季联系选民", true}, {"最近一次"}});
  for (const v1::ObligationRow& row : response.rows())
    table.Add({row.area_id(), row.station_name(), row.name(), Cat(row.visits_in_month()),
               Cat(row.contacts_in_quarter()), row.last_contact()});
  table.Print(&shell.out());
  shell.out() << Cat(response.month(), " 未走基层 ", response.without_visit(), " 名，", response.quarter(),
                     "未联系选民 ", response.without_contact(), " 名，共 ", response.deputies(), " 名\n");
  return kDone;
}

int ShowTenHaves(const Shell& shell, const CongressOptions& o) {
  v1::ListTenHavesRequest request;
  request.set_station_id(o.station);
  request.set_area_id(o.area);
  v1::ListTenHavesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListTenHaves", request, &response, &code)) return code;
  const bool one = response.stations_size() == 1;
  Table table({{"站点"}, {"达标", true}, {"未达标"}});
  for (const v1::TenHaveStation& station : response.stations()) {
    std::string lacking;
    for (const v1::TenHaveRow& row : station.rows())
      if (!row.ok()) lacking += (lacking.empty() ? "" : "、") + row.label();
    table.Add({station.name(), Cat(station.fulfilled()), lacking});
    for (const v1::TenHaveRow& row : station.rows())
      if (one && row.ok()) table.Add({"", "", Cat("✓ ", row.label(), " ", row.evidence())});
  }
  table.Print(&shell.out());
  return kDone;
}

int ShowProjects(const Shell& shell, const CongressOptions& o) {
  v1::ListProjectsRequest request;
  request.set_year(o.year);
  v1::ListProjectsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListProjects", request, &response, &code)) return code;
  Table table({{"编号"},
               {"年度", true},
               {"项目", false, kTextPlaces},
               {"状态"},
               {"票决"},
               {"期限"},
               {"监督小组", false, kTextPlaces},
               {"检查", true},
               {"满意"},
               {"相关事项"}});
  for (const v1::ProjectView& view : response.projects()) {
    const v1::LivelihoodProject& project = view.project();
    table.Add({view.id(), Cat(project.year()), OneLine(project.name()), EnumLabel(project.status()),
               project.votes_total() == 0 ? "" : Cat(project.votes_for(), "/", project.votes_total()),
               Cat(project.due_date(), view.overdue() ? "（已逾期）" : ""), Joined(view.supervisor_names()),
               Cat(view.visits_size()), view.rated() == 0 ? "" : Cat(view.satisfied(), "/", view.rated()),
               Joined(view.matters())});
  }
  table.Print(&shell.out());
  return kDone;
}

int ShowContacts(const Shell& shell, const CongressOptions& o) {
  v1::ListContactsRequest request;
  request.set_station_id(o.station);
  request.set_ended_too(o.all);
  if (!o.deputy.empty()) {
    Link link = shell.LinkTo(o.common);
    absl::StatusOr<std::string> deputy = DeputyNamed(&link, o.deputy);
    if (!deputy.ok()) return shell.Fail(deputy.status());
    request.set_who(*deputy);
  }
  v1::ListContactsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListContacts", request, &response, &code)) return code;
  Table table({{"编号"}, {"类别"}, {"联系人"}, {"联系对象", false, kTextPlaces}, {"自"}, {"至"}});
  for (const v1::ContactView& view : response.contacts())
    table.Add({view.id(), EnumLabel(view.contact().kind()), OneLine(view.from_name()), OneLine(view.to_name()),
               view.contact().valid_from(), view.contact().valid_to()});
  table.Print(&shell.out());
  return kDone;
}

int ShowCirculars(const Shell& shell, const CongressOptions& o) {
  v1::ListPostedNoticesRequest request;
  request.set_withdrawn_too(o.all);
  v1::ListPostedNoticesResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListPostedNotices", request, &response, &code)) return code;
  for (const v1::PostedNotice& one : response.notices())
    shell.out() << one.notice().date() << " " << OneLine(one.notice().title())
                << (one.notice().withdrawn() ? "（已撤下）" : "") << "\n  " << OneLine(one.notice().text()) << "\n";
  return kDone;
}

int ShowPoints(const Shell& shell, const CongressOptions& o) {
  v1::ListPointsRequest request;
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  v1::ListPointsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListPoints", request, &response, &code)) return code;
  Table table({{"代表"}, {"积分", true}, {"构成"}});
  std::map<std::string, std::string> labels;
  for (const v1::PointWeight& weight : response.weights()) labels[weight.key()] = weight.label();
  for (const v1::PointRow& row : response.rows()) {
    std::string parts;
    for (const v1::PointPart& part : row.parts())
      parts += Cat(parts.empty() ? "" : "，", labels[part.key()], "×", part.count());
    table.Add({row.name(), TenthsText(row.tenths()), parts});
  }
  table.Print(&shell.out());
  return kDone;
}

int RunWeights(const Shell& shell, const CongressOptions& o) {
  int code = kDone;
  if (!o.key.empty()) {
    v1::SetSettingRequest request;
    request.set_action_id(shell.NewActionId());
    request.set_user(o.common.user);
    request.set_key(o.key);
    request.set_value(o.value);
    v1::SetSettingResponse response;
    if (!Ask(shell, o.common, "CongressService/SetSetting", request, &response, &code)) return code;
  }
  v1::ListPointsResponse response;
  if (!Ask(shell, o.common, "CongressService/ListPoints", v1::ListPointsRequest(), &response, &code)) return code;
  Table table({{"代号"}, {"事项"}, {"分值", true}, {"本镇已改"}});
  for (const v1::PointWeight& weight : response.weights())
    table.Add({weight.key(), weight.label(), TenthsText(weight.tenths()), weight.changed() ? "是" : ""});
  table.Print(&shell.out());
  return kDone;
}

int ShowAppraisals(const Shell& shell, const CongressOptions& o) {
  v1::ListAppraisalsRequest request;
  request.set_year(o.year);
  request.set_kind(o.kind);
  v1::ListAppraisalsResponse response;
  int code = kDone;
  if (!Ask(shell, o.common, "CongressService/ListAppraisals", request, &response, &code)) return code;
  Table table({{"年度", true}, {"类别"}, {"对象"}, {"等次"}, {"得分", true}});
  for (const v1::AppraisalView& view : response.appraisals())
    table.Add({Cat(view.appraisal().year()), view.appraisal().kind(), OneLine(view.subject_name()),
               view.appraisal().grade(), view.appraisal().points() == 0 ? "" : TenthsText(view.appraisal().points())});
  table.Print(&shell.out());
  return kDone;
}

// ---------------------------------------------------------------- the commands

struct Adder {
  Shell* shell;

  CLI::App* Group(CLI::App* app, const char* name, const char* help) const {
    CLI::App* group = app->add_subcommand(name, help);
    group->require_subcommand(1);
    return group;
  }
  std::pair<CLI::App*, CongressOptions*> Add(CLI::App* app, const char* name, const char* help, Kind kind,
                                     int (*run)(const Shell&, const CongressOptions&)) const {
    auto o = std::make_shared<CongressOptions>();
    CLI::App* command = AddCommand(app, name, help, kind, &o->common);
    command->callback([shell = shell, run, o] { shell->code = run(*shell, *o); });
    return {command, o.get()};
  }
  void AddPeriod(CLI::App* command, CongressOptions* o) const {
    command->add_option("--from", o->from, "起日，默认今年第一天");
    command->add_option("--to", o->to, "止日，默认今天");
  }
  void AddStation(CLI::App* command, CongressOptions* o) const {
    command->add_option("--station", o->station, "只看一个站点");
  }
};

void AddActivityCommands(CLI::App* app, const Adder& a) {
  Shell* shell = a.shell;
  CLI::App* activity = a.Group(app, "activity", "履职活动：视察、调研、执法检查、培训、述职、测评…");
  AddAdder(activity, shell, "add", "登记一次活动", {"activity", nullptr, {}});
  auto [list, l] = a.Add(activity, "list", "一段时间的活动", Kind::kReads, ShowActivities);
  a.AddPeriod(list, l);
  a.AddStation(list, l);
  list->add_option("--type", l->type, "只看一类");
  list->add_option("--deputy", l->deputy, "只看一位代表");
  AddAdder(activity, shell, "ballot", "登记测评票数（只记合计）", {"ballot", "活动编号", {}});
  AddAdder(activity, shell, "finding", "活动中发现的问题形成代表建议或议案",
           {"finding",
            "活动编号",
            {"track", "title", "content", "category", "lead_deputy", "cosigners", "congress", "date", "project"}});
}

void AddProjectCommands(CLI::App* app, const Adder& a) {
  Shell* shell = a.shell;
  CLI::App* project = a.Group(app, "project", "民生实事项目：票决、监督小组、检查评价");
  AddAdder(project, shell, "add", "登记一个项目", {"project", nullptr, {}});
  AddAdder(project, shell, "vote", "登记票决结果", {"vote", "项目编号", {}});
  AddAdder(project, shell, "visit", "登记一次监督检查", {"project_visit", "项目编号", {}});
  auto [list, l] = a.Add(project, "list", "全部项目", Kind::kReads, ShowProjects);
  list->add_option("--year", l->year, "只看一年");
  CLI::App* contact = a.Group(app, "contact", "双联系安排");
  AddAdder(contact, shell, "add", "登记一条", {"contact", nullptr, {}});
  auto [contacts, c] = a.Add(contact, "list", "有效的联系安排", Kind::kReads, ShowContacts);
  a.AddStation(contacts, c);
  contacts->add_option("--deputy", c->deputy, "只看一位代表");
  contacts->add_flag("--all", c->all, "连同已到期的");
  CLI::App* circular = a.Group(app, "circular", "发给各站点的通知资料");
  AddAdder(circular, shell, "add", "发一份", {"notice", nullptr, {}});
  auto [circulars, n] = a.Add(circular, "list", "现有通知", Kind::kReads, ShowCirculars);
  circulars->add_flag("--all", n->all, "连同已撤下的");
}

void AddDeputyCommands(CLI::App* app, const Adder& a) {
  Shell* shell = a.shell;
  auto [file, f] = a.Add(app, "deputy", "代表履职档案（八项）", Kind::kReads, ShowDeputy);
  file->add_option("deputy", f->deputy, "代表的编号或姓名")->required();
  a.AddPeriod(file, f);
  auto [board, b] = a.Add(app, "obligations", "本月未走基层、本季未联系选民的代表", Kind::kReads, ShowObligations);
  board->add_option("--date", b->date, "这一天所在的月和季，默认今天");
  a.AddStation(board, b);
  board->add_option("--area", b->area, "只看一个片区");
  board->add_flag("--all", b->all, "连同已完成的");
  auto [points, p] = a.Add(app, "points", "代表履职积分", Kind::kReads, ShowPoints);
  a.AddPeriod(points, p);
  a.AddStation(points, p);
  auto [weights, w] = a.Add(app, "point-weights", "积分标准；写明代号和分值则修改", Kind::kWrites, RunWeights);
  weights->add_option("key", w->key, "代号");
  weights->add_option("value", w->value, "分值，如 2、0.5；不写则恢复默认");
  CLI::App* appraisal = a.Group(app, "appraisal", "考核结果");
  AddAdder(appraisal, shell, "add", "登记一条", {"appraisal", nullptr, {}});
  auto [list, l] = a.Add(appraisal, "list", "考核结果", Kind::kReads, ShowAppraisals);
  list->add_option("--year", l->year, "只看一年");
  list->add_option("--kind", l->kind, "代表、站点或部门");
}

}  // namespace

void AddCongressCommands(CLI::App* app, Shell* shell) {
  const Adder a{shell};
  AddActivityCommands(app, a);
  AddDeputyCommands(app, a);
  AddProjectCommands(app, a);
  CLI::App* haves = a.Group(app, "ten-haves", "站点“十有”");
  auto [list, l] = a.Add(haves, "list", "各站点达标情况", Kind::kReads, ShowTenHaves);
  a.AddStation(list, l);
  list->add_option("--area", l->area, "只看一个片区");
  AddAdder(haves, shell, "set", "登记一项（由数据证明的四项除外）", {"ten_have", nullptr, {}});
}

}  // namespace liaison::cli
