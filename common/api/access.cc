#include "common/api/access.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "liaison/v1/accounts.pb.h"
#include "liaison/v1/attachments.pb.h"
#include "liaison/v1/backups.pb.h"
#include "liaison/v1/bundles.pb.h"
#include "liaison/v1/congress_services.pb.h"
#include "liaison/v1/doctor.pb.h"
#include "liaison/v1/file_service.pb.h"
#include "liaison/v1/hub_service.pb.h"
#include "liaison/v1/login.pb.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"
#include "liaison/v1/sync.pb.h"

namespace liaison {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;
using Roles = google::protobuf::RepeatedField<int>;

template <typename Descriptor, typename Extension>
const v1::Access* AccessIn(const Descriptor& described, const Extension& extension) {
  const auto& options = described.options();
  return options.HasExtension(extension) ? &options.GetExtension(extension) : nullptr;
}

void AddMethods(const FileDescriptor& file, std::vector<AccessRow>* rows) {
  for (int s = 0; s < file.service_count(); ++s)
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const auto& method = *file.service(s)->method(m);
      rows->push_back({Cat("/", file.service(s)->full_name(), "/", method.name()), AccessIn(method, v1::access)});
    }
}

void AddValues(const EnumDescriptor& kind, std::vector<AccessRow>* rows) {
  for (int i = 0; i < kind.value_count(); ++i)
    if (kind.value(i)->number() != 0)
      rows->push_back({Cat(kind.name(), ".", kind.value(i)->name()), AccessIn(*kind.value(i), v1::value_access)});
}

std::vector<AccessRow> MakeTable() {
  std::vector<AccessRow> rows;
  for (const FileDescriptor* file :
       {v1::ListAccountsRequest::descriptor()->file(), v1::StatFilesRequest::descriptor()->file(),
        v1::BackupRequest::descriptor()->file(), v1::ExportBundleRequest::descriptor()->file(),
        v1::TakeStepRequest::descriptor()->file(), v1::PlanSessionsRequest::descriptor()->file(),
        v1::ExamineRequest::descriptor()->file(), v1::StoreFileRequest::descriptor()->file(),
        v1::ListStationsRequest::descriptor()->file(), v1::ImportTableRequest::descriptor()->file(),
        v1::GetLoginRequest::descriptor()->file(), v1::PrintFormRequest::descriptor()->file(),
        v1::GetRecordRequest::descriptor()->file(), v1::LogVisitRequest::descriptor()->file(),
        v1::RenewRequest::descriptor()->file()})
    AddMethods(*file, &rows);
  for (const EnumDescriptor* kind : {v1::StepKind_descriptor(), v1::Paper_descriptor(), v1::RosterKind_descriptor()})
    AddValues(*kind, &rows);
  const auto* approved = v1::Step::descriptor()->FindFieldByNumber(v1::Step::kApprovedByFieldNumber);
  rows.push_back({Cat("Step.", approved->name()), AccessIn(*approved, v1::field_access)});
  return rows;
}

const v1::Access* AccessOf(std::string_view name) {
  static const auto& by_name = *[] {
    auto* made = new std::map<std::string, const v1::Access*, std::less<>>;
    for (const AccessRow& row : AccessTable()) made->emplace(row.name, row.access);
    return made;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

bool Contains(const std::vector<std::string>& all, std::string_view one) {
  return !one.empty() && std::find(all.begin(), all.end(), one) != all.end();
}

bool NamesNothing(const CallFacts& facts) {
  return facts.station.empty() && facts.deputies.empty() && facts.units.empty() && facts.matter.empty();
}

// Whether the access lets this right call about that.
bool Lets(const v1::Access& access, const Who& who, const Right& right, const CallFacts& facts) {
  auto among = [&](const Roles& roles) { return std::find(roles.begin(), roles.end(), right.role) != roles.end(); };
  if (among(access.any()) || among(access.township()) || among(access.figures())) return true;
  if (among(access.on_paper()) && facts.paper_attached) return true;
  const bool nothing = NamesNothing(facts);
  if (among(access.seat()) && (nothing || Contains(facts.deputies, who.deputy))) return true;
  if (among(access.station()) && (nothing || Contains(right.stations, facts.station))) return true;
  if (among(access.unit()) && (nothing || Contains(facts.units, right.unit))) return true;
  return among(access.matter()) && !right.matter.empty() && facts.matter == right.matter;
}

// The rows that a call must pass beside its method's.
std::vector<std::string> MoreRows(const CallFacts& facts) {
  std::vector<std::string> names;
  if (facts.step != v1::STEP_UNSPECIFIED) names.push_back(Cat("StepKind.", v1::StepKind_Name(facts.step)));
  if (facts.paper != v1::PAPER_UNSPECIFIED) names.push_back(Cat("Paper.", v1::Paper_Name(facts.paper)));
  if (facts.table != v1::ROSTER_UNSPECIFIED) names.push_back(Cat("RosterKind.", v1::RosterKind_Name(facts.table)));
  if (facts.approved) names.push_back("Step.approved_by");
  return names;
}

absl::Status Denied() { return absl::PermissionDeniedError("没有这项权限；需要时请找系统管理员"); }

}  // namespace

const std::vector<AccessRow>& AccessTable() {
  static const std::vector<AccessRow>& table = *new std::vector<AccessRow>(MakeTable());
  return table;
}

std::string AccessText(const v1::Access& access) {
  static constexpr std::string_view kLetters = "?DOAKCHYXLW";  // in the order of the roles
  std::string text;
  auto add = [&](const std::string& word) { text += Cat(text.empty() ? "" : " ", word); };
  auto group = [&](const Roles& roles, std::string_view reach) {
    std::string letters;
    for (int role : roles) letters += kLetters.at(static_cast<size_t>(role));
    if (!letters.empty()) add(Cat(letters, ":", reach));
  };
  group(access.any(), "any");
  group(access.seat(), "seat");
  group(access.station(), "station");
  group(access.township(), "township");
  group(access.unit(), "unit");
  group(access.matter(), "matter");
  group(access.figures(), "figures");
  group(access.on_paper(), "on_paper");
  if (access.way() != v1::Access::PERSON) add(v1::Access::Way_Name(access.way()));
  if (access.open_locally()) add("open_locally");
  return text;
}

absl::Status MayCall(const Who& who, std::string_view path, const CallFacts& facts) {
  const v1::Access* access = AccessOf(path);
  if (access == nullptr) return absl::UnimplementedError(Cat("没有这个方法：", path));
  if (access->way() == v1::Access::LOCAL)
    return facts.local ? absl::OkStatus() : absl::PermissionDeniedError("只能在数据所在的机器上用命令办理");
  if (access->way() == v1::Access::OPEN) return absl::OkStatus();
  if (access->way() != v1::Access::PERSON) return absl::PermissionDeniedError("只供站点设备使用");
  if (facts.local && access->open_locally()) return absl::OkStatus();
  if (who.rights.empty()) return absl::UnauthenticatedError("请先登录");
  std::vector<const v1::Access*> rows = {access};
  for (const std::string& name : MoreRows(facts)) rows.push_back(AccessOf(name));
  // One right must pass them all: a deputy's seat and an officer's desk are not added up.
  for (const Right& right : who.rights) {
    auto lets = [&](const v1::Access* row) { return row != nullptr && Lets(*row, who, right, facts); };
    if (std::all_of(rows.begin(), rows.end(), lets)) return absl::OkStatus();
  }
  return Denied();
}

std::optional<v1::Access::Way> WayOf(std::string_view path) {
  const v1::Access* access = AccessOf(path);
  return access == nullptr ? std::nullopt : std::optional<v1::Access::Way>(access->way());
}

}  // namespace liaison
