// What people disagree about (分歧), and how a person settles it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {
namespace {

struct ConflictsOptions {
  Common common;
  std::string id, field, side, text, reason;
  int limit = 0, offset = 0;
  bool yes = false;  // the date is meant
};

std::string TimeText(const v1::ConflictValue& value) {
  return MinuteText(value.wall_time_ms()) + (value.clock_suspect() ? "?" : "");
}

void PrintConflict(const Shell& shell, const v1::ConflictView& conflict) {
  shell.out() << OneLine(Cat(conflict.number(), " ", conflict.record_label(), " ", conflict.field_label())) << "  "
              << conflict.record_id() << "\n";
  Table table({{""}, {"选用"}, {"内容", false, kTextPlaces}, {"站点"}, {"设备", false, 20}, {"操作人"}, {"时间"}});
  if (!conflict.ancestor().value().empty())
    table.Add({"原来", "", conflict.ancestor().text(), conflict.ancestor().station_id(),
               conflict.ancestor().device_name(), conflict.ancestor().user(), TimeText(conflict.ancestor())});
  for (const v1::ConflictValue& value : conflict.values())
    table.Add({value.displayed() ? "显示" : "", value.side(), OneLine(value.text()), value.station_id(),
               OneLine(value.device_name()), OneLine(value.user()), TimeText(value)});
  table.Print(&shell.out());
}

int ShowConflicts(const Shell& shell, const ConflictsOptions& o) {
  v1::ListConflictsRequest request;
  request.set_limit(o.limit);
  request.set_offset(o.offset);
  v1::ListConflictsResponse response;
  int code = kDone;
  bool show = Ask(shell, o.common, "RecordService/ListConflicts", request, &response, &code);
  if (code != kDone) return code;
  const int found = std::max(response.conflicts_size() + response.clashes_size(), response.total());
  if (!show) return found == 0 ? kDone : kFound;
  for (const v1::ConflictView& conflict : response.conflicts()) PrintConflict(shell, conflict);
  for (const v1::NumberClash& clash : response.clashes()) {
    shell.out() << clash.number() << " 有 " << clash.ids_size()
                << " 条不同的记录（有设备的数据被复制过），都已保留：\n";
    for (int i = 0; i < clash.ids_size(); ++i)
      shell.out() << "  " << clash.ids(i) << (i < clash.texts_size() ? OneLine(Cat("  ", clash.texts(i))) : "") << "\n";
  }
  shell.out() << "分歧 " << found << " 处\n";
  if (!response.conflicts().empty())
    shell.out() << "确定一处：liaison settle 编号 栏目 --side 选用（或 --text 新内容）\n";
  if (!response.clashes().empty())
    shell.out() << "确定哪一条保留原号：liaison settle 编号 编号 --side 保留；其余的在号后加“-2”等\n";
  return found == 0 ? kDone : kFound;
}

// The side that a person means: as the list names it, by its place in the list from 1, or by its text. A number that is
// the place of one and the text of another means neither.
absl::StatusOr<std::string> SideNamed(const v1::ConflictView& conflict, const std::string& text) {
  std::string choices;
  std::map<std::string, std::string> meant;  // value -> side
  int place = 0;
  if (!absl::SimpleAtoi(text, &place)) place = 0;
  for (int i = 0; i < conflict.values_size(); ++i) {
    const v1::ConflictValue& value = conflict.values(i);
    if (value.side() == text) return value.side();
    if (value.text() == text || place == i + 1) meant[value.value()] = value.side();
    choices += Cat(choices.empty() ? "" : "、", value.side(), "（", OneLine(value.text()), "）");
  }
  if (meant.size() == 1) return meant.begin()->second;
  return absl::InvalidArgumentError(
      Cat(meant.empty() ? "选用：没有“" : "选用：分不清是哪一个“", text, "”，可选：", choices));
}

// The conflicts of one record, its parts included; a number that others carry too is one.
absl::StatusOr<std::vector<v1::ConflictView>> ConflictsOn(Link* link, const std::string& id) {
  std::vector<v1::ConflictView> found;
  v1::ListConflictsRequest request;
  request.set_limit(1000);
  for (int32_t total = 1; request.offset() < total; request.set_offset(request.offset() + request.limit())) {
    v1::ListConflictsResponse response;
    RETURN_IF_ERROR(CallService(link, "RecordService/ListConflicts", request, &response));
    for (v1::ConflictView& one : *response.mutable_conflicts())
      if (one.record_id() == id || one.record_id().starts_with(id + "/")) found.push_back(std::move(one));
    for (const v1::NumberClash& clash : response.clashes()) {
      if (std::find(clash.ids().begin(), clash.ids().end(), id) == clash.ids().end()) continue;
      v1::ConflictView& one = found.emplace_back();
      one.set_record_id(id);
      one.set_number(clash.number());
      one.set_field("number");
      one.set_field_label("编号");
      one.add_values()->set_side("保留");
      one.mutable_values(0)->set_text(clash.number());
    }
    total = response.total();
  }
  return found;
}

absl::StatusOr<v1::ConflictView> ConflictNamed(Link* link, const ConflictsOptions& o) {
  ASSIGN_OR_RETURN(const std::string id, ResolveId(link, o.id));
  ASSIGN_OR_RETURN(std::vector<v1::ConflictView> conflicts, ConflictsOn(link, id));
  std::string labels;
  std::vector<v1::ConflictView> chosen;
  for (v1::ConflictView& one : conflicts) {
    labels += Cat(labels.empty() ? "" : "、", one.field_label());
    if (o.field.empty() || one.field_label() == o.field || one.field() == o.field) chosen.push_back(std::move(one));
  }
  if (labels.empty()) return absl::FailedPreconditionError("这条记录没有待确定的分歧");
  if (chosen.empty()) return absl::InvalidArgumentError(Cat("栏目：“", o.field, "”没有分歧，有分歧的是：", labels));
  if (chosen.size() > 1) return absl::InvalidArgumentError(Cat("栏目：有几处分歧，请写明是哪一栏：", labels));
  return chosen[0];
}

absl::StatusOr<v1::SettleResponse> Settle(const Shell& shell, const ConflictsOptions& o, v1::ConflictView* conflict) {
  Link link = shell.LinkTo(o.common);
  ASSIGN_OR_RETURN(*conflict, ConflictNamed(&link, o));
  v1::SettleRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_id(conflict->record_id());
  request.set_token(conflict->token());
  request.set_field(conflict->field());
  if (!o.side.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_side(), SideNamed(*conflict, o.side));
  }
  request.set_text(o.text);
  request.set_reason(o.reason);
  request.set_date_meant(o.yes);
  request.set_user(o.common.user);
  v1::SettleResponse response;
  RETURN_IF_ERROR(CallService(&link, "RecordService/Settle", request, &response));
  return response;
}

int RunSettle(const Shell& shell, const ConflictsOptions& o) {
  if (o.side.empty() == o.text.empty()) return shell.FailUsage("请用 --side 选用其中一个，或用 --text 写新的内容");
  v1::ConflictView conflict;
  absl::StatusOr<v1::SettleResponse> settled = Settle(shell, o, &conflict);
  if (!settled.ok()) return shell.Fail(settled.status());
  shell.out() << "已确定 " << OneLine(Cat(conflict.number(), " ", conflict.field_label())) << "\n";
  return kDone;
}

}  // namespace

void AddConflictCommands(CLI::App* app, Shell* shell) {
  auto l = std::make_shared<ConflictsOptions>();
  CLI::App* list = AddCommand(app, "conflicts", "分歧：几处改得不一样、作废后又有人改、重号，待人确定；有则退出码为 3",
                              Kind::kReads, &l->common);
  list->add_option("--limit", l->limit, "最多几处，默认 200");
  list->add_option("--offset", l->offset, "从第几处起");
  list->callback([=] { shell->code = ShowConflicts(*shell, *l); });

  auto o = std::make_shared<ConflictsOptions>();
  CLI::App* c = AddCommand(app, "settle", "确定一处分歧：选用其中一个，或写新的内容", Kind::kWrites, &o->common);
  c->add_option("id", o->id, "编号")->required();
  c->add_option("field", o->field, "栏目，如 标题、状态、作废、编号（重号时写记录号）；只有一处分歧时不写");
  c->add_option("--side", o->side, "选用哪一个：列表里“选用”一栏的写法、第几个，或它的内容，如 已受理、作废、保留");
  c->add_option("--text", o->text, "新的内容");
  c->add_option("--reason", o->reason, "说明，状态和作废用");
  c->add_flag("--yes", o->yes, "日期在一年以前，或晚于本机不可信的今天，确实无误");
  c->callback([=] { shell->code = RunSettle(*shell, *o); });
}

}  // namespace liaison::cli
