// liaison bundle: what goes up and down on a stick. The daemon makes and takes the files in DIR/bundles (it alone reads
// the database); this program, which has the rights of the person with the stick, copies them between there and the
// stick. So files of any size pass with little memory, and the daemon opens no path that it is told.
#include "common/cli/bundle.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>

#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/table.h"
#include "common/service/bundle_spool.h"
#include "liaison/v1/bundles.pb.h"

namespace liaison::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  Common common;
  std::string station, device, target;
  std::vector<std::string> sources;
  bool full = false, clear = false;
};

std::string TimeText(int64_t ms) {
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixMillis(ms), absl::FixedTimeZone(8 * 3600));
}

// The bundles of a folder, by name.
std::vector<std::string> BundlesIn(const std::string& folder) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == kBundleSuffix && it->is_regular_file(error)) found.insert(it->path().string());
  return {found.begin(), found.end()};
}

// ---------------------------------------------------------------- export

struct Written {
  std::string path;
  int carried = 0;  // bundles of others that went along
};

absl::StatusOr<Written> CopyOut(const Options& o, const v1::ExportBundleResponse& response) {
  ASSIGN_OR_RETURN(std::string spool_path, SpoolPath(o.common.dir, response.spool()));
  SpoolFile spool(spool_path);
  Written written{o.target, 0};
  std::error_code error;
  bool folder = fs::is_directory(o.target, error);
  if (folder) written.path = (fs::path(o.target) / response.file_name()).string();
  RETURN_IF_ERROR(CopyFileAtomically(spool.path(), written.path));
  fs::path beside = folder ? fs::path(o.target) : fs::path(o.target).parent_path();
  if (KindOf(o.common.dir) != FolderKind::kStation) return written;
  for (const std::string& path : BundlesIn(CarriedFolder(o.common.dir))) {
    RETURN_IF_ERROR(CopyFileAtomically(path, (beside / fs::path(path).filename()).string()));
    ++written.carried;
  }
  return written;
}

int RunExport(const Shell& shell, const Options& o) {
  v1::ExportBundleRequest request;
  request.set_station_id(o.station);
  request.set_device(o.device);
  request.set_full(o.full);
  v1::ExportBundleResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "BundleService/ExportBundle", request, &response);
  if (!status.ok()) return shell.Fail(status);
  absl::StatusOr<Written> written = CopyOut(o, response);
  if (!written.ok()) return shell.Fail(written.status());
  shell.out() << shell.T("已导出 ", "exported to ") << written->path << shell.T(":", ": ");
  if (KindOf(o.common.dir) == FolderKind::kStation) {
    shell.out() << shell.T("交镇中心,记录 ", "for the hub, ") << response.ops() << shell.T(" 条", " ops");
  } else {
    shell.out() << shell.T("给站点 ", "for station ") << response.station_id() << shell.T("(设备 ", " (device ")
                << response.device() << shell.T("),内容 ", "), ") << response.items()
                << shell.T(" 条,回执 ", " items, ") << response.receipts() << shell.T(" 份", " receipts");
  }
  shell.out() << shell.T(",", ", ") << response.bytes() << shell.T(" 字节\n", " bytes\n");
  for (const std::string& note : response.notes()) shell.out() << shell.T("注:", "note: ") << OneLine(note) << "\n";
  if (written->carried > 0)
    shell.out() << shell.T("另有代转的数据包 ", "also bundles carried for others: ") << written->carried
                << shell.T(" 个,一并放在旁边\n", "\n");
  return kDone;
}

// ---------------------------------------------------------------- import

absl::StatusOr<v1::ImportBundleResponse> ImportOne(const Shell& shell, const Options& o, const std::string& source) {
  ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> whole, BundleReader::Open(source));  // before 1 GB is copied
  v1::ImportBundleRequest request;
  request.set_spool(NewSpoolName(shell.environment().random));
  ASSIGN_OR_RETURN(std::string path, SpoolPath(o.common.dir, request.spool()));
  SpoolFile spool(path);
  RETURN_IF_ERROR(CopyFileAtomically(source, path));
  v1::ImportBundleResponse response;
  Link link = shell.LinkTo(o.common);
  RETURN_IF_ERROR(CallService(&link, "BundleService/ImportBundle", request, &response));
  return response;
}

void ShowImport(const Shell& shell, const Options& o, const v1::ImportBundleResponse& response) {
  shell.out() << response.file_name() << shell.T(":", ": ");
  if (response.carried()) {
    shell.out() << shell.T("不是给本站的,已原样保存代转;下次导出时一并放到 U 盘\n",
                           "not for this station; kept as it is, and put on the next stick\n");
    return;
  }
  if (KindOf(o.common.dir) == FolderKind::kStation) {
    shell.out() << shell.T("镇中心的内容 ", "of the hub ") << response.items() << shell.T(" 条,新收 ", " items, new ")
                << response.items_new() << shell.T(" 条;回执 ", "; receipts ") << response.receipts()
                << shell.T(" 份\n", "\n");
  } else {
    shell.out() << shell.T("站点 ", "station ") << response.station_id() << shell.T(" 的记录 ", ": ") << response.ops()
                << shell.T(" 条,新收 ", " ops, new ") << response.ops_new() << shell.T(" 条", "");
    if (response.items_new() > 0)
      shell.out() << shell.T(";找回镇中心丢失的 ", "; taken back of what the hub had lost: ") << response.items_new()
                  << shell.T(" 条", "");
    shell.out() << "\n";
  }
  for (const std::string& problem : response.problems())
    shell.out() << shell.T("  请注意:", "  note: ") << OneLine(problem) << "\n";
}

int RunImport(const Shell& shell, const Options& o) {
  int code = kDone;
  std::vector<std::string> sources;
  for (const std::string& source : o.sources) {
    std::error_code error;
    std::vector<std::string> inside{source};
    if (fs::is_directory(source, error)) inside = BundlesIn(source);
    if (inside.empty())
      code = shell.Fail(absl::InvalidArgumentError(Cat("文件夹 ", source, " 里没有数据包(*", kBundleSuffix, ")")));
    sources.insert(sources.end(), inside.begin(), inside.end());
  }
  for (const std::string& source : sources) {
    absl::StatusOr<v1::ImportBundleResponse> response = ImportOne(shell, o, source);
    if (!response.ok()) {
      if (sources.size() > 1) shell.err() << source << shell.T(":", ": ");
      code = shell.Fail(response.status());
      continue;
    }
    ShowImport(shell, o, *response);
    if (!response->problems().empty() && code == kDone) code = kFound;
  }
  return code;
}

// ---------------------------------------------------------------- show, carried

int RunShow(const Shell& shell, const Options& o) {
  int code = kDone;
  for (const std::string& source : o.sources) {
    absl::StatusOr<std::unique_ptr<BundleReader>> reader = BundleReader::Open(source);
    if (!reader.ok()) {
      code = shell.Fail(reader.status());
      continue;
    }
    const BundleHeader& header = (*reader)->header();
    uint64_t ops = 0, items = 0;
    for (const BundleHeader::Range& range : header.ranges) ops += range.last - range.first + 1;
    for (const BundleHeader::Batch& batch : header.batches) items += batch.last - batch.first;
    std::string station = Cat(shell.T("站点 ", "station "), OneLine(header.station));
    std::string hub = shell.T("镇中心", "the hub");
    bool up = header.direction == BundleDirection::kToHub;
    absl::Status whole = (*reader)->CheckBody();
    shell.out() << source << "\n"
                << shell.T("  从 ", "  from ") << (up ? station : hub) << shell.T(" 到 ", " to ")
                << (up ? hub : station) << shell.T(";密钥 ", "; keys ") << Hex(header.seal.key_id) << " → "
                << Hex(header.recipient_key_id) << "\n"
                << shell.T("  制作时间 ", "  made ") << TimeText(header.wall_ms)
                << shell.T("(按制作的机器);编号 ", " (by its maker's clock); id ") << Hex(header.bundle_id) << "\n"
                << shell.T("  记录 ", "  ops ") << ops << shell.T(" 条(", " (") << header.ranges.size()
                << shell.T(" 段),下行 ", " ranges), items ") << items << shell.T(" 条(", " (") << header.batches.size()
                << shell.T(" 批),文件 ", " batches), file ") << (*reader)->file_bytes()
                << shell.T(" 字节\n", " bytes\n")
                << (whole.ok() ? shell.T("  文件完整;内容已加密,签名要由收件一方核验\n",
                                         "  whole; sealed, and its signature is for the recipient to check\n")
                               : "");
    if (!whole.ok()) code = shell.Fail(whole);
  }
  return code;
}

int RunCarried(const Shell& shell, const Options& o) {
  if (KindOf(o.common.dir) != FolderKind::kStation)
    return shell.Fail(absl::InvalidArgumentError(Cat("文件夹 ", o.common.dir, " 里没有站点的数据")));
  std::vector<std::string> paths = BundlesIn(CarriedFolder(o.common.dir));
  for (const std::string& path : paths) {
    if (o.clear && unlink(path.c_str()) != 0) return shell.Fail(absl::UnavailableError(Cat("不能删除 ", path)));
    shell.out() << fs::path(path).filename().string() << "\n";
  }
  shell.out() << shell.T(o.clear ? "已清理代转的数据包 " : "代转的数据包 ", o.clear ? "cleared: " : "carried: ")
              << paths.size() << shell.T(" 个\n", "\n");
  return kDone;
}

}  // namespace

void AddBundleCommands(CLI::App* app, Shell* shell) {
  CLI::App* bundle = app->add_subcommand(
      "bundle", shell->T("用 U 盘收送:导出、导入数据包(已加密、已签名)", "by USB stick: sealed and signed bundles"));
  bundle->require_subcommand(1);
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const Options&), bool data) {
    auto o = std::make_shared<Options>();
    CLI::App* command = bundle->add_subcommand(name, help);
    if (data) command->add_option("--data", o->common.dir, shell->T("数据文件夹", "the data folder"))->required();
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [out, e] = add("export",
                      shell->T("导出:在站点,还没有送达的记录;在镇中心,给一个站点的内容和回执",
                               "at a station: what has no receipt yet; at the hub: what a station lacks, and receipts"),
                      RunExport, true);
  out->add_option("target", e->target, shell->T("写到哪个文件或文件夹(U 盘)", "file or folder (the stick)"))
      ->required();
  out->add_option("--station", e->station, shell->T("给哪个站点(镇中心)", "for which station (hub)"));
  out->add_option("--device", e->device,
                  shell->T("给哪台设备;只有一台时不用写", "for which device, if there are several"));
  out->add_flag("--full", e->full, shell->T("从头全部导出", "everything from the start"));
  auto [in, i] = add("import",
                     shell->T("导入;重复导入无妨。不是给本站的原样保存代转。有要留意的内容时退出码为 3",
                              "take in; again does no harm. What is for others is carried. Exit code 3: with notes"),
                     RunImport, true);
  in->add_option("source", i->sources, shell->T("数据包,或有数据包的文件夹", "bundles, or a folder of them"))
      ->required();
  auto [show, s] =
      add("show", shell->T("看一个数据包是谁给谁的、有多少、是否完整", "from whom, to whom, how many, whole?"), RunShow,
          false);
  show->add_option("source", s->sources, shell->T("数据包", "bundles"))->required();
  auto [carried, c] =
      add("carried", shell->T("本站代转的数据包", "bundles that this station carries for others"), RunCarried, true);
  carried->add_flag("--clear", c->clear, shell->T("全部删除(已带到后)", "delete them (when they have arrived)"));
}

}  // namespace liaison::cli
