// Commands that write: one visit, a change of a matter, a file, an undoing, the end of a session.
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/labels.h"
#include "common/cli/core/names.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/record/json.h"
#include "common/record/schema.h"
#include "liaison/v1/file_service.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

using google::protobuf::FieldDescriptor;

constexpr std::string_view kUnsaid = "未定";

// ---------------------------------------------------------------- fields that have an option by the schema

using Given = std::map<std::string, std::string>;  // what was typed, by the field's name; empty: nothing

std::vector<const FieldInfo*> OptionFields() {
  std::vector<const FieldInfo*> fields = FieldsIn(TypeOf<v1::Matter>(), v1::FORM_FIRST);
  for (const FieldInfo* field : FieldsIn(TypeOf<v1::Matter>(), v1::FORM_MORE)) fields.push_back(field);
  return fields;
}

// What a required enum of a new matter is unless it is said; null: not of such a field.
const google::protobuf::EnumValueDescriptor* PresetOf(const FieldInfo& field) {
  const auto* type = field.descriptor->enum_type();
  return type == nullptr || !field.rules.required() ? nullptr : type->value(LabelOf(type->value(0)) == kUnsaid ? 1 : 0);
}

// "性质：意见（默认）、建议"; of a matter that is changed there are no presets.
std::string HelpOf(const FieldInfo& field, bool fresh) {
  std::string help = field.rules.label(), choices;
  if (field.descriptor->type() == FieldDescriptor::TYPE_BOOL) choices = "是、否";
  const auto* type = field.descriptor->enum_type();
  for (int i = 0; type != nullptr && i < type->value_count(); ++i) {
    if (LabelOf(type->value(i)) == kUnsaid) continue;
    choices += Cat(choices.empty() ? "" : "、", LabelOf(type->value(i)));
    if (fresh && type->value(i) == PresetOf(field)) choices += "（默认）";
  }
  return choices.empty() ? help : Cat(help, "：", choices);
}

void AddFieldOptions(CLI::App* c, bool fresh, Given* given) {
  for (const FieldInfo* field : OptionFields())
    c->add_option(OptionName(field->descriptor), (*given)[field->descriptor->name()], HelpOf(*field, fresh));
}

// What was typed as ChangeRecord takes it.
absl::Status ReadFields(const Given& given, google::protobuf::Struct* fields) {
  for (const FieldInfo* field : OptionFields()) {
    const auto typed = given.find(field->descriptor->name());
    if (typed == given.end() || typed->second.empty()) continue;
    google::protobuf::Value& value = (*fields->mutable_fields())[typed->first];
    if (const auto* type = field->descriptor->enum_type()) {
      ASSIGN_OR_RETURN(const int number, ValueByLabel(type, field->rules.label(), typed->second));
      value.set_string_value(type->FindValueByNumber(number)->name());
    } else if (field->descriptor->type() == FieldDescriptor::TYPE_BOOL) {
      if (typed->second != "是" && typed->second != "否")
        return absl::InvalidArgumentError(Cat(field->rules.label(), "：应为“是”或“否”，现为“", typed->second, "”"));
      value.set_bool_value(typed->second == "是");
    } else {
      value.set_string_value(typed->second);
    }
  }
  return absl::OkStatus();
}

// ---------------------------------------------------------------- a visit

struct LogOptions {
  Common common;
  Given fields;
  std::string station, date, words, name, phone, group, category, disposition, answer, guided_to, guide_reason;
  std::string form, urgency;
  std::vector<std::string> deputies, more;
  int headcount = 1;
  bool solved = false, confidential = false, yes = false;
};

// Nothing that was said may be passed over: who is not in the session receives nobody there.
absl::Status FitsSession(Link* link, const LogOptions& o, const v1::ReceptionSession& session) {
  if (!o.form.empty()) {
    ASSIGN_OR_RETURN(const v1::Form form, ByLabel<v1::Form>("接待形式", o.form));
    if (form != session.form())
      return absl::InvalidArgumentError(Cat("接待形式：今天的接待（", session.number(), "）是", EnumLabel(session.form()),
                                            "，不能随登记改动"));
  }
  ASSIGN_OR_RETURN(const v1::Disposition disposition, ByLabel<v1::Disposition>("处理方式", o.disposition));
  for (size_t i = disposition == v1::DISPOSITION_ANSWERED ? 1 : 0; i < o.deputies.size(); ++i) {  // the first answered
    const std::string& name = o.deputies[i];
    ASSIGN_OR_RETURN(const std::string id, DeputyNamed(link, name));
    const bool there = std::any_of(session.deputies().begin(), session.deputies().end(),
                                   [&](const v1::SessionDeputy& one) { return one.deputy_id() == id; });
    if (!there)
      return absl::InvalidArgumentError(Cat("接待代表：今天的接待（", session.number(), "）里没有“", name,
                                            "”。请核对 --deputy，或先用 liaison sign-in 签到"));
  }
  return absl::OkStatus();
}

// The session to log into: the newest open or planned one of that day and station, or a new one. `session` also says
// what was left to the daemon to choose.
absl::Status FindSession(Link* link, const Shell& shell, const LogOptions& o, v1::SessionView* session) {
  v1::GetStatusResponse status;
  RETURN_IF_ERROR(CallService(link, "RecordService/GetStatus", v1::GetStatusRequest(), &status));
  const bool must_say = !status.clock().trouble().empty() && status.clock().given().empty();
  if (o.date.empty() && must_say)
    return absl::FailedPreconditionError(
        Cat("接待日期：", status.clock().trouble(),
            "，不可信。请用 --date 写明接待日期，或先写明今天是哪一天（liaison clock --today）"));
  std::string date = o.date.empty() ? status.today() : o.date;
  std::string station = o.station.empty() ? status.station_id() : o.station;
  v1::ListSessionsRequest list;
  list.set_from(date);
  list.set_to(date);
  list.set_station_id(station);
  v1::ListSessionsResponse sessions;
  RETURN_IF_ERROR(CallService(link, "StationService/ListSessions", list, &sessions));
  for (const v1::SessionView& one : sessions.sessions()) {
    const bool open = one.state() == v1::SESSION_OPEN || one.state() == v1::SESSION_PLANNED;
    if (one.voided() || !open || one.session().historical()) continue;
    *session = one;
    return FitsSession(link, o, one.session());
  }
  if (o.deputies.empty()) return absl::InvalidArgumentError("接待代表：还没有开始接待，请用 --deputy 写明接待代表的编号");
  v1::OpenSessionRequest open;
  open.set_action_id(shell.NewActionId());
  open.set_user(o.common.user);
  open.set_date_meant(o.yes);
  open.mutable_session()->set_station_id(station);
  open.mutable_session()->set_date(date);
  open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  if (!o.form.empty()) {
    ASSIGN_OR_RETURN(const v1::Form form, ByLabel<v1::Form>("接待形式", o.form));
    open.mutable_session()->set_form(form);
  }
  open.mutable_session()->set_recorder(o.common.user);
  for (const std::string& deputy : o.deputies) open.mutable_session()->add_deputies()->set_deputy_id(deputy);
  v1::OpenSessionResponse opened;
  RETURN_IF_ERROR(CallService(link, "StationService/OpenSession", open, &opened));
  *session = opened.session();
  return absl::OkStatus();
}

absl::StatusOr<v1::Matter> MatterOf(const LogOptions& o) {
  v1::Matter matter;
  google::protobuf::Struct fields;
  for (const FieldInfo* field : OptionFields())
    if (const auto* preset = PresetOf(*field))
      (*fields.mutable_fields())[field->descriptor->name()].set_string_value(preset->name());
  RETURN_IF_ERROR(ReadFields(o.fields, &fields));
  RETURN_IF_ERROR(FromJson(ToCompactJson(fields), &matter));
  matter.set_content(o.words);
  matter.set_category(o.category);
  ASSIGN_OR_RETURN(v1::Disposition disposition, ByLabel<v1::Disposition>("处理方式", o.disposition));
  matter.set_disposition(disposition);
  matter.set_answer(o.answer);
  matter.set_answer_solved(o.solved);
  matter.set_guided_to(o.guided_to);
  matter.set_guide_reason(o.guide_reason);
  if (!o.urgency.empty()) {
    ASSIGN_OR_RETURN(const v1::Urgency urgency, ByLabel<v1::Urgency>("紧急程度", o.urgency));
    matter.set_urgency(urgency);
  }
  matter.set_confidential(o.confidential);
  return matter;
}

// "02 上报镇 学校门口没有减速带": what else the same visitor brought.
absl::StatusOr<v1::Matter> FurtherMatter(const LogOptions& o, const std::string& text) {
  const size_t first = text.find(' '), second = first == text.npos ? text.npos : text.find(' ', first + 1);
  if (second == text.npos)
    return absl::InvalidArgumentError(Cat("另一件事项：“", text, "”应写成“类别 处理方式 内容”，中间空一格"));
  LogOptions one = o;
  one.category = text.substr(0, first);
  one.disposition = text.substr(first + 1, second - first - 1);
  one.words = text.substr(second + 1);
  one.answer.clear();
  one.solved = false;
  return MatterOf(one);
}

absl::StatusOr<v1::LogVisitResponse> Log(const Shell& shell, const LogOptions& o) {
  std::vector<v1::Matter> matters(1);
  ASSIGN_OR_RETURN(matters[0], MatterOf(o));
  for (const std::string& text : o.more) {
    ASSIGN_OR_RETURN(matters.emplace_back(), FurtherMatter(o, text));
  }
  Link link = shell.LinkTo(o.common);
  v1::SessionView session;
  RETURN_IF_ERROR(FindSession(&link, shell, o, &session));
  if (matters[0].disposition() == v1::DISPOSITION_ANSWERED) {
    if (!o.deputies.empty()) {
      matters[0].set_answered_by(o.deputies[0]);
    } else if (session.session().deputies_size() == 1) {
      matters[0].set_answered_by(session.session().deputies(0).deputy_id());
    }
  }
  v1::LogVisitRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_session_id(session.id());
  request.set_user(o.common.user);
  request.set_date_meant(o.yes);
  request.mutable_entry()->set_headcount(o.headcount);
  request.mutable_entry()->set_original_words(o.words);
  request.mutable_entry()->set_village_group(o.group);
  const std::string name = shell.Given(o.name), phone = shell.Given(o.phone);
  request.mutable_visitor()->set_name(name);
  request.mutable_visitor()->set_phone(phone);
  if (!name.empty() || !phone.empty()) request.mutable_visitor()->set_village_group(o.group);
  request.mutable_entry()->set_confidential(o.confidential);
  for (v1::Matter& one : matters) *request.add_matters() = std::move(one);
  v1::LogVisitResponse response;
  RETURN_IF_ERROR(CallService(&link, "StationService/LogVisit", request, &response));
  return response;
}

int RunLog(const Shell& shell, const LogOptions& o) {
  absl::StatusOr<v1::LogVisitResponse> logged = Log(shell, o);
  if (!logged.ok()) return shell.Fail(logged.status());
  shell.out() << "已保存 " << OneLine(logged->visit().entry().number());
  for (const v1::MatterView& matter : logged->visit().matters())
    shell.out() << "，事项 " << OneLine(matter.matter().number());
  shell.out() << "\n";
  return kDone;
}

struct VoidOptions {
  Common common;
  std::string id, reason;
  bool take_back = false;
};

int RunVoid(const Shell& shell, const VoidOptions& o) {
  Link link = shell.LinkTo(o.common);
  absl::StatusOr<std::string> id = ResolveId(&link, o.id);
  if (!id.ok()) return shell.Fail(id.status());
  v1::GetRecordRequest get;
  get.set_id(*id);
  v1::GetRecordResponse record;
  absl::Status status = CallService(&link, "RecordService/GetRecord", get, &record);
  if (!status.ok()) return shell.Fail(status);
  v1::VoidRecordRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_id(*id);
  request.set_token(record.record().token());
  request.set_reason(o.reason);
  request.set_take_back(o.take_back);
  request.set_user(o.common.user);
  v1::VoidRecordResponse response;
  status = CallService(&link, "RecordService/VoidRecord", request, &response);
  if (!status.ok()) return shell.Fail(status);
  shell.out() << (response.record().voided() ? "已作废 " : "有效 ") << OneLine(o.id)
              << (response.record().flagged() ? "（有人同时改过，待确认）" : "") << "\n";
  return kDone;
}

struct CloseOptions {
  Common common;
  std::string session, end;
  int unregistered = 0;
};

// The only session in progress, or the one that was named by id or number.
absl::StatusOr<v1::SessionView> SessionToClose(Link* link, const CloseOptions& o) {
  v1::ListSessionsRequest request;
  request.set_limit(1000);
  v1::ListSessionsResponse response;
  RETURN_IF_ERROR(CallService(link, "StationService/ListSessions", request, &response));
  std::vector<v1::SessionView> found;
  std::string numbers;
  for (const v1::SessionView& one : response.sessions()) {
    bool chosen = o.session.empty() ? one.state() == v1::SESSION_OPEN && !one.voided()
                                    : one.id() == o.session || one.session().number() == o.session;
    if (!chosen) continue;
    found.push_back(one);
    numbers += (numbers.empty() ? "" : "、") + one.session().number();
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) return absl::NotFoundError(o.session.empty() ? "没有进行中的接待" : "没有这一场接待");
  return absl::InvalidArgumentError(Cat("进行中的接待有 ", found.size(), " 场，请用 --session 写明：", numbers));
}

int RunClose(const Shell& shell, const CloseOptions& o) {
  Link link = shell.LinkTo(o.common);
  absl::StatusOr<v1::SessionView> session = SessionToClose(&link, o);
  if (!session.ok()) return shell.Fail(session.status());
  v1::CloseSessionRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_session_id(session->id());
  request.set_token(session->token());
  request.set_end(o.end);
  request.set_unregistered_count(o.unregistered);
  request.set_user(o.common.user);
  v1::CloseSessionResponse response;
  absl::Status status = CallService(&link, "StationService/CloseSession", request, &response);
  if (!status.ok()) return shell.Fail(status);
  const v1::SessionView& closed = response.session();
  shell.out() << "已结束 " << OneLine(closed.session().number()) << "：" << closed.visits() << " 批 "
              << closed.headcount() << " 人次，事项 " << closed.matters() << " 件\n";
  return kDone;
}

void AddLog(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<LogOptions>();
  CLI::App* c = AddCommand(app, "log", "登记一批来访；当天没有进行中的接待则先开一场", Kind::kWrites, &o->common);
  c->add_option("--words", o->words, "反映内容（原话）")->required();
  c->add_option("--category", o->category, "类别编号，如 01")->required();
  c->add_option("--disposition", o->disposition, "当场答复、村级办理、上报镇、引导")->required();
  AddFieldOptions(c, /*fresh=*/true, &o->fields);
  c->add_option("--deputy", o->deputies, "接待代表的编号，可写几个；当场答复的写在第一个");
  c->add_option("--answer", o->answer, "当场答复的内容");
  c->add_flag("--solved", o->solved, "当场已解决");
  c->add_option("--guided-to", o->guided_to, "引导去向");
  c->add_option("--guide-reason", o->guide_reason, "引导原因");
  c->add_option("--headcount", o->headcount, "人数，默认 1");
  c->add_option("--name", o->name, "反映人姓名；写 - 从标准输入读一行");
  c->add_option("--phone", o->phone, "电话；写 - 从标准输入读一行");
  c->add_option("--group", o->group, "村组");
  c->add_option("--date", o->date, "接待日期，默认今天");
  c->add_option("--form", o->form, "新开的一场的接待形式：坐班接待日（默认）、主题接待、流动接待、走访…");
  c->add_option("--urgency", o->urgency, "紧急程度：一般（默认）、急、重大");
  c->add_flag("--confidential", o->confidential, "反映人要求保密");
  c->add_option("--more", o->more, "同一批来访的另一件事项：“类别 处理方式 内容”，可写几件");
  c->add_flag("--yes", o->yes, "接待日期在一年以前，或晚于本机不可信的今天，确实无误");
  c->add_option("--station", o->station, "替哪个站点登记，默认本站");
  c->callback([=] { shell->code = RunLog(*shell, *o); });
}

struct EditOptions {
  Common common;
  Given fields;
  std::string id, title, category, subcategory, urgency;
};

absl::Status Edit(const Shell& shell, const EditOptions& o) {
  Link link = shell.LinkTo(o.common);
  v1::GetRecordRequest get;
  ASSIGN_OR_RETURN(*get.mutable_id(), ResolveId(&link, o.id));
  v1::GetRecordResponse record;
  RETURN_IF_ERROR(CallService(&link, "RecordService/GetRecord", get, &record));
  if (record.record().type() != v1::Matter::descriptor()->name())
    return absl::InvalidArgumentError(Cat("编号：“", o.id, "”不是一件事项"));
  google::protobuf::Struct fields;
  RETURN_IF_ERROR(ReadFields(o.fields, &fields));
  if (!o.title.empty()) (*fields.mutable_fields())["title"].set_string_value(o.title);
  if (!o.category.empty()) (*fields.mutable_fields())["category"].set_string_value(o.category);
  if (!o.subcategory.empty()) (*fields.mutable_fields())["subcategory"].set_string_value(o.subcategory);
  if (!o.urgency.empty()) {
    ASSIGN_OR_RETURN(const v1::Urgency urgency, ByLabel<v1::Urgency>("紧急程度", o.urgency));
    (*fields.mutable_fields())["urgency"].set_string_value(v1::Urgency_Name(urgency));
  }
  v1::ChangeRecordRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_id(get.id());
  request.set_token(record.record().token());
  request.set_fields(ToCompactJson(fields));
  request.set_user(o.common.user);
  v1::ChangeRecordResponse response;
  return CallService(&link, "RecordService/ChangeRecord", request, &response);
}

void AddEdit(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<EditOptions>();
  CLI::App* c = AddCommand(app, "edit", "修改一件事项的标题、类别、性质等", Kind::kWrites, &o->common);
  c->add_option("id", o->id, "事项编号")->required();
  c->add_option("--title", o->title, "标题");
  c->add_option("--category", o->category, "类别编号，如 01");
  c->add_option("--subcategory", o->subcategory, "二级类别编号");
  c->add_option("--urgency", o->urgency, "紧急程度：一般、急、重大");
  AddFieldOptions(c, /*fresh=*/false, &o->fields);
  c->callback([=] {
    const bool given =
        std::any_of(o->fields.begin(), o->fields.end(), [](const auto& one) { return !one.second.empty(); });
    if (!given && o->title.empty() && o->category.empty() && o->subcategory.empty() && o->urgency.empty()) {
      shell->code = shell->FailUsage("请写明要改什么，如 --title 新标题");
      return;
    }
    const absl::Status changed = Edit(*shell, *o);
    shell->code = changed.ok() ? kDone : shell->Fail(changed);
    if (changed.ok()) shell->out() << "已修改 " << OneLine(o->id) << "\n";
  });
}

struct AttachOptions {
  Common common;
  std::string id, file, name;
};

absl::StatusOr<v1::AttachFileResponse> Attach(const Shell& shell, const AttachOptions& o) {
  ASSIGN_OR_RETURN(std::string bytes, ReadWhole(o.file));
  Link link = shell.LinkTo(o.common);
  v1::AttachFileRequest request;
  ASSIGN_OR_RETURN(*request.mutable_id(), ResolveId(&link, o.id));
  v1::StoreFileRequest store;
  store.set_content(std::move(bytes));
  v1::StoreFileResponse stored;
  RETURN_IF_ERROR(CallService(&link, "FileService/StoreFile", store, &stored));
  request.set_action_id(shell.NewActionId());
  request.set_hash(stored.hash());
  request.set_name(o.name.empty() ? o.file.substr(o.file.rfind('/') + 1) : o.name);
  request.set_user(o.common.user);
  v1::AttachFileResponse response;
  RETURN_IF_ERROR(CallService(&link, "FileService/AttachFile", request, &response));
  return response;
}

void AddAttach(CLI::App* app, Shell* shell) {
  auto o = std::make_shared<AttachOptions>();
  CLI::App* c = AddCommand(app, "attach", "给事项、接待登记或接待场次附照片、扫描件", Kind::kWrites, &o->common);
  c->add_option("id", o->id, "编号")->required();
  c->add_option("file", o->file, "照片（JPEG、PNG、WebP）或 PDF，最大 8 MB")->required();
  c->add_option("--name", o->name, "名称，默认文件名");
  c->callback([=] {
    absl::StatusOr<v1::AttachFileResponse> attached = Attach(*shell, *o);
    shell->code = attached.ok() ? kDone : shell->Fail(attached.status());
    if (attached.ok()) shell->out() << "已附 " << OneLine(attached->file().name()) << "\n";
  });
}

}  // namespace

void AddWriteCommands(CLI::App* app, Shell* shell) {
  AddLog(app, shell);
  AddEdit(app, shell);
  AddAttach(app, shell);
  auto v = std::make_shared<VoidOptions>();
  CLI::App* c = AddCommand(app, "void", "作废一条记录，可恢复", Kind::kWrites, &v->common);
  c->add_option("id", v->id, "编号")->required();
  c->add_option("--reason", v->reason, "作废原因");
  c->add_flag("--take-back", v->take_back, "恢复已作废的");
  c->callback([=] {
    if (v->reason.empty() && !v->take_back) {
      shell->code = shell->FailUsage("请用 --reason 写明作废原因");
    } else {
      shell->code = RunVoid(*shell, *v);
    }
  });
  auto s = std::make_shared<CloseOptions>();
  c = AddCommand(app, "close-session", "结束接待", Kind::kWrites, &s->common);
  c->add_option("--session", s->session, "场次编号；只有一场进行中时不必写");
  c->add_option("--end", s->end, "结束时间，如 11:30");
  c->add_option("--unregistered", s->unregistered, "未登记人数");
  c->callback([=] { shell->code = RunClose(*shell, *s); });
}

}  // namespace liaison::cli
