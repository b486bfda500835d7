#include "common/cli/core/shell.h"

#include <CLI/CLI.hpp>
#include <istream>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "common/api/dispatcher.h"
#include "common/base/bytes.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/cli/core/names.h"
#include "common/cli/core/table.h"
#include "common/record/ids.h"
#include "common/record/json.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {

int Shell::Fail(const absl::Status& status) const {
  err() << "出错：" << OneLine(StdView(status.message())) << std::endl;
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    default:
      return kFailed;
  }
}

int Shell::FailUsage(std::string_view why) const {
  err() << "用法不对：" << OneLine(why) << std::endl;
  return kUsage;
}

std::string Shell::Given(const std::string& value) const {
  std::string line;
  if (value != "-" || environment_.in == nullptr) return value;
  std::getline(*environment_.in, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string Shell::NewActionId() const { return Hex(environment_.random->Bytes(kActionIdBytes)); }

namespace {

// Texts may come from standard input and from files too: JSON would leave out the bytes that are not UTF-8.
absl::Status CheckTexts(const google::protobuf::Message& message) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const bool nested = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!nested && field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    for (int i = 0, size = field->is_repeated() ? reflection->FieldSize(message, field) : 1; i < size; ++i) {
      if (nested) {
        RETURN_IF_ERROR(CheckTexts(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                        : reflection->GetMessage(message, field)));
      } else {
        RETURN_IF_ERROR(CheckInput(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                        : reflection->GetString(message, field)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CallService(Link* link, const std::string& method, const google::protobuf::Message& request,
                         google::protobuf::Message* response, std::string* json) {
  RETURN_IF_ERROR(CheckTexts(request));
  std::unique_ptr<google::protobuf::Message> named(request.New());
  named->CopyFrom(request);
  RETURN_IF_ERROR(ResolveNames(link, named.get()));
  absl::StatusOr<std::string> called = link->Call(method, ToCompactJson(*named));
  if (absl::IsUnimplemented(called.status())) return link->WrongKind(called.status());
  ASSIGN_OR_RETURN(std::string answer, std::move(called));
  absl::Status status = FromJson(answer, response);
  if (json != nullptr) *json = std::move(answer);
  return status.ok() ? status : absl::InternalError(Cat("答复读不懂：", status.message()));
}

bool Ask(const Shell& shell, const Common& common, const std::string& method, const google::protobuf::Message& request,
         google::protobuf::Message* response, int* code) {
  Link link = shell.LinkTo(common);
  std::string json;
  absl::Status status = CallService(&link, method, request, response, &json);
  if (!status.ok()) {
    *code = shell.Fail(status);
    return false;
  }
  if (common.json) shell.out() << json << "\n";
  return !common.json;
}

absl::StatusOr<std::string> ResolveId(Link* link, const std::string& text) {
  RecordId id;
  if (ParseRecordId(text.substr(0, text.find('/')), &id)) return text;
  v1::FindRequest request;
  request.set_query(NumberText(text));
  v1::FindResponse response;
  RETURN_IF_ERROR(CallService(link, "RecordService/Find", request, &response));
  std::string found;
  for (const v1::FindHit& hit : response.hits()) {
    if (NumberText(hit.number()) != NumberText(text) || hit.id() == found) continue;
    if (!found.empty()) return absl::InvalidArgumentError(Cat("编号 ", text, " 有多条记录，请用记录的内部编号"));
    found = hit.id();
  }
  if (found.empty()) return absl::NotFoundError(Cat("没有编号为 ", text, " 的记录"));
  return found;
}

CLI::App* AddCommand(CLI::App* app, const std::string& name, const std::string& help, Kind kind, Common* common) {
  CLI::App* command = app->add_subcommand(name, help);
  command->add_option("--data", common->dir, "数据文件夹")->required();
  if (kind == Kind::kReads) {
    command->add_flag("--json", common->json, "按 JSON 输出服务的答复");
  } else {
    command->add_option("--user", common->user, "操作人");
  }
  return command;
}

}  // namespace liaison::cli
