// Commands that take a ledger in from a file, and write one out.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <system_error>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/shell.h"
#include "common/cli/core/table.h"
#include "common/daemon/metrics.h"
#include "liaison/v1/record_service.pb.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison::cli {
namespace {

constexpr size_t kMostSentBytes = 20 << 20;  // as base64 in JSON it must pass the daemon's limit of 32 MB

struct ImportOptions {
  Common common;
  std::string file, mend, undo;
  bool dry_run = false;
};

int RunUndo(const Shell& shell, const ImportOptions& o) {
  v1::UndoImportRequest request;
  request.set_action_id(shell.NewActionId());
  request.set_batch_id(o.undo);
  request.set_user(o.common.user);
  v1::UndoImportResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "StationService/UndoImport", request, &response);
  if (!status.ok()) return shell.Fail(status);
  shell.out() << "已撤销导入：作废 " << response.voided() << " 条，保留 " << response.kept() << " 条（已有人办理）\n";
  return kDone;
}

// What stood in the file and was not taken, with its place.
void ShowNotTaken(const Shell& shell, const v1::ImportLedgerResponse& response) {
  std::string names;
  for (const std::string& name : response.ignored_columns()) names += Cat(names.empty() ? "" : "、", OneLine(name));
  if (!names.empty()) shell.out() << "没有用到的列：" << names << "\n";
  for (const std::string& notice : response.notices()) shell.out() << OneLine(notice) << "\n";
}

int RunImportFile(const Shell& shell, const ImportOptions& o) {
  absl::Status writable = CheckOutput(o.mend, o.file);
  if (!writable.ok()) return shell.Fail(writable);
  absl::StatusOr<std::string> bytes = ReadWhole(o.file);
  if (!bytes.ok()) return shell.Fail(bytes.status());
  v1::ImportLedgerRequest request;
  request.set_file_name(std::filesystem::path(o.file).filename().string());
  request.set_content(*std::move(bytes));
  request.set_dry_run(o.dry_run);
  request.set_user(o.common.user);
  v1::ImportLedgerResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "StationService/ImportLedger", request, &response);
  if (!status.ok()) return shell.Fail(status);
  shell.out() << (o.dry_run ? "试导入（没有保存）：" : "导入：") << response.rows() << " 行，录入 "
              << response.accepted() << "，已有 " << response.known() << "，退回 " << response.refused() << "\n";
  ShowNotTaken(shell, response);
  const bool sheets = std::any_of(response.refusals().begin(), response.refusals().end(),
                                  [](const v1::RefusedRow& row) { return !row.sheet().empty(); });
  Table table({{"行", true}, {"序号"}, {"列"}, {"退回原因", false, 72}});
  for (const v1::RefusedRow& row : response.refusals())
    table.Add({Cat(sheets ? Cat(OneLine(row.sheet()), " ") : "", row.row()), OneLine(row.serial()),
               OneLine(row.column()), OneLine(row.reason())});
  table.Print(&shell.out());
  if (!o.mend.empty() && response.refused() > 0) {
    status = WriteWhole(o.mend, response.mend_file());
    if (!status.ok()) return shell.Fail(status);
    shell.out() << "退回的行已写入 " << o.mend << "，改好后再导入这个文件\n";
  }
  if (!o.dry_run && !response.batch_id().empty())
    shell.out() << "批次 " << response.batch_id() << "（撤销：import --undo 批次）\n";
  return kDone;
}

struct ExportOptions {
  Common common;
  std::string format, file, from, to, station;
};

int RunExportFile(const Shell& shell, const ExportOptions& o) {
  v1::ExportRequest request;
  request.set_format(o.format);
  request.set_from(o.from);
  request.set_to(o.to);
  request.set_station_id(o.station);
  v1::ExportResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "RecordService/Export", request, &response);
  if (status.ok()) status = WriteWhole(o.file, response.content());
  if (!status.ok()) return shell.Fail(status);
  shell.out() << "已导出 " << response.rows() << " 行到 " << o.file << "\n";
  return kDone;
}

bool HoldsData(const std::filesystem::path& dir) {
  std::error_code error;
  return std::filesystem::exists(dir / "station.json", error) || std::filesystem::exists(dir / "db" / "CURRENT", error);
}

// A data folder's own files are no place for what a command writes; others may stand beside them.
absl::Status SpareOwnFiles(const std::string& path) {
  static const auto* own =
      new std::set<std::string>{"db",            "files",     "bundles", "carried",         "station.json",
                                "endpoint.json", "authority", "key",     "certificate.der", "enrolment",
                                "log",           "socket",    kMetricsTokenFile};
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  if (path.empty() || error) return absl::OkStatus();
  for (std::filesystem::path below = whole; below.has_relative_path(); below = below.parent_path())
    if (own->contains(below.filename().string()) && HoldsData(below.parent_path()))
      return absl::InvalidArgumentError(Cat("要写的文件 ", path, " 是数据文件夹 ", below.parent_path().string(),
                                            " 自己的文件，会毁掉它：请换一个地方"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path, kMostSentBytes);
  if (absl::IsNotFound(bytes.status())) return absl::InvalidArgumentError(bytes.status().message());
  return bytes;
}

absl::Status WriteWhole(const std::string& path, const std::string& bytes) {
  RETURN_IF_ERROR(SpareOwnFiles(path));
  return WriteFileAtomically(path, bytes);
}

absl::Status CheckOutput(const std::string& path, const std::string& input) {
  RETURN_IF_ERROR(SpareOwnFiles(path));
  if (path.empty()) return absl::OkStatus();
  if (SameFile(path, input))
    return absl::InvalidArgumentError(Cat("要写的文件 ", path, " 就是读入的文件 ", input, "，会毁掉它：请换一个文件名"));
  absl::Status status = CheckWritable(path);
  return absl::IsNotFound(status) ? absl::InvalidArgumentError(status.message()) : status;
}

void AddFileCommands(CLI::App* app, Shell* shell) {
  auto i = std::make_shared<ImportOptions>();
  CLI::App* c = AddCommand(app, "import", "导入旧台账（csv 或 xlsx），退回的行逐条说明", Kind::kWrites, &i->common);
  auto* file = c->add_option("file", i->file, "台账文件");
  c->add_flag("--dry-run", i->dry_run, "只检查，不保存");
  c->add_option("--mend", i->mend, "把退回的行写到这个文件");
  c->add_option("--undo", i->undo, "撤销一次导入（批次）")->excludes(file);
  c->callback([=] {
    if (i->file.empty() == i->undo.empty()) {
      shell->code = shell->FailUsage("请写台账文件，或 --undo 批次");
    } else {
      shell->code = i->undo.empty() ? RunImportFile(*shell, *i) : RunUndo(*shell, *i);
    }
  });
  auto e = std::make_shared<ExportOptions>();
  c = app->add_subcommand("export", "导出台账");
  c->add_option("--data", e->common.dir, "数据文件夹")->required();
  c->add_option("--format", e->format, "csv 或 xlsx")->required()->check(CLI::IsMember({"csv", "xlsx"}));
  c->add_option("--out", e->file, "写到哪个文件")->required();
  c->add_option("--from", e->from, "从哪一天");
  c->add_option("--to", e->to, "到哪一天");
  c->add_option("--station", e->station, "只要一个站点的");
  c->callback([=] { shell->code = RunExportFile(*shell, *e); });
}

}  // namespace liaison::cli
