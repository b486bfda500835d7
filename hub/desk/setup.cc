#include "hub/desk/setup.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "common/base/fault.h"
#include "common/base/file.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/intake/roster_csv.h"
#include "common/record/view.h"
#include "common/rules/people/scope.h"
#include "common/rules/roster/roster.h"

namespace liaison {
namespace {

constexpr size_t kOpsPerAction = 500;
constexpr char kSetupMeta[] = "setup", kBegun[] = "begun";

absl::Status InFile(const std::filesystem::path& path, const absl::Status& status) {
  return InPlace(Cat(path.filename().string(), "："), status);
}

// The op that brings the stored record to `record`; no writes if it is there already.
NewOp Difference(const StoreReader& view, const google::protobuf::Message& record, const std::string& code) {
  NewOp op = MasterOp(view, record, code);
  const std::optional<Aggregate> known = view.Load(op.aggregate);
  const Child* root = known ? known->Find({}) : nullptr;
  if (root == nullptr) return op;
  std::erase_if(op.writes, [&](const Write& write) {
    auto field = root->fields.find({write.tag, write.element});
    return field != root->fields.end() && field->second.siblings().size() == 1 &&
           field->second.siblings()[0].value == write.value;
  });
  return op;
}

}  // namespace

absl::StatusOr<RosterCounts> LoadRoster(const std::string& folder, Store* store) {
  std::filesystem::path dir(folder);
  std::vector<std::pair<std::string, std::unique_ptr<google::protobuf::Message>>> records;
  RosterCounts counts;
  auto take = [&](const auto& list, auto code, int* count) {
    for (const auto& record : list) {
      std::unique_ptr<google::protobuf::Message> copy(record.New());
      copy->CopyFrom(record);
      records.emplace_back(code(record), std::move(copy));
      ++*count;
    }
  };
  ASSIGN_OR_RETURN(std::string station_bytes, ReadFile((dir / "stations.csv").string()));
  absl::StatusOr<std::vector<v1::Station>> stations = ParseStations(station_bytes);
  if (!stations.ok()) return InFile(dir / "stations.csv", stations.status());
  take(
      *stations, [](const v1::Station& s) { return s.station_id(); }, &counts.stations);
  ASSIGN_OR_RETURN(std::string deputy_bytes, ReadFile((dir / "deputies.csv").string()));
  absl::StatusOr<std::vector<v1::Deputy>> deputies = ParseDeputies(deputy_bytes, *stations);
  if (!deputies.ok()) return InFile(dir / "deputies.csv", deputies.status());
  take(
      *deputies, [](const v1::Deputy& d) { return d.deputy_id(); }, &counts.deputies);
  ASSIGN_OR_RETURN(std::string department_bytes, ReadFile((dir / "departments.csv").string()));
  absl::StatusOr<std::vector<v1::Department>> departments = ParseDepartments(department_bytes);
  if (!departments.ok()) return InFile(dir / "departments.csv", departments.status());
  take(
      *departments, [](const v1::Department& d) { return d.department_id(); }, &counts.departments);
  std::set<std::filesystem::path> holiday_files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(dir, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().starts_with("holidays-")) holiday_files.insert(it->path());
  if (error) return FileError(error.value(), "读文件夹", folder);
  for (const auto& path : holiday_files) {
    ASSIGN_OR_RETURN(std::string bytes, ReadFile(path.string()));
    absl::StatusOr<std::vector<v1::Policy>> holidays = ParseHolidays(bytes);
    if (!holidays.ok()) return InFile(path, holidays.status());
    take(
        *holidays, [](const v1::Policy& p) { return p.key(); }, &counts.holidays);
  }
  take(
      DefaultCategories(), [](const v1::Code& c) { return CodeId(c); }, &counts.categories);
  ProgressScope progress("读入名册", "项", static_cast<int64_t>(records.size()));
  for (size_t at = 0; at < records.size(); at += kOpsPerAction) {
    std::string action_id = store->options().random->Bytes(kActionIdBytes);
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      Action action;
      action.user = "名册";
      for (size_t i = at; i < std::min(records.size(), at + kOpsPerAction); ++i) {
        NewOp op = Difference(view, *records[i].second, records[i].first);
        if (!op.writes.empty()) action.ops.push_back(std::move(op));
      }
      return action.ops.empty() ? Action::Nothing() : std::move(action);
    };
    RETURN_IF_ERROR(store->Commit(action_id, Sha256("roster"), build).status());
    progress.Add(static_cast<int64_t>(std::min(records.size() - at, kOpsPerAction)));
  }
  RETURN_IF_ERROR(SettleScopes(store, *RosterCache(store).Get()));
  return counts;
}

absl::StatusOr<RosterCounts> SetUp(const std::string& folder, Store* store) {
  bool begun = store->GetMeta(kSetupMeta) == kBegun, stations = false;
  store->Read().ForEach(TypeOf<v1::Station>().type(), [&](const Aggregate&) { return !(stations = true); });
  if (stations && !begun)
    return absl::FailedPreconditionError(
        "这里的镇中心已建立过：名册没有改动。要改名册，请用 liaison roster import，或在网页上改");
  RETURN_IF_ERROR(store->PutMeta(kSetupMeta, kBegun));
  ASSIGN_OR_RETURN(RosterCounts counts, LoadRoster(folder, store));
  RETURN_IF_ERROR(store->PutMeta(kSetupMeta, "done"));
  return counts;
}

}  // namespace liaison
