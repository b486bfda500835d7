// liaison bundle: what goes up and down on a stick. The daemon makes and takes the files in DIR/bundles (it alone reads
// the database); this program, which has the rights of the person with the stick, copies them between there and the
// stick. So files of any size pass with little memory, and the daemon opens no path that it is told.
#include "common/cli/commands/bundle.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ostream>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/file.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/table.h"
#include "common/codec/file_pack.h"
#include "common/daemon/bundle_spool.h"
#include "liaison/v1/bundles.pb.h"

namespace liaison::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostFilesMb = kMostPackBytes >> 20;

struct BundleOptions {
  Common common;
  std::string station, device, target;
  std::vector<std::string> sources;
  bool full = false, clear = false;
  int64_t files_mb = 512;
};

// Whether the name ends as a bundle names do, in whatever case an old file system wrote it. What a Mac leaves beside
// each file of a stick (._NAME) is none.
bool IsBundleName(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.starts_with(".") && absl::EndsWithIgnoreCase(name, kBundleSuffix);
}

// The bundles of a folder, by name.
absl::StatusOr<std::vector<std::string>> BundlesIn(const std::string& folder) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (std::error_code ignored; IsBundleName(it->path()) && it->is_regular_file(ignored))
      found.insert(it->path().string());
  if (error && error != std::errc::no_such_file_or_directory) return FileError(error.value(), "读文件夹", folder);
  return std::vector<std::string>(found.begin(), found.end());
}

// A folder that is not there does not become a file of that name.
absl::Status CheckTarget(const std::string& target) {
  std::error_code error;
  if (fs::is_directory(target, error)) return absl::OkStatus();
  if (!IsBundleName(target))
    return absl::InvalidArgumentError(
        Cat("没有文件夹 ", target, "，U 盘插好了吗？要写成文件，文件名请以 ", kBundleSuffix, " 结尾"));
  return CheckOutput(target);
}

// The pack of photos and files beside a bundle, in whatever case an old file system wrote its name; empty: none.
std::string FilesBeside(const std::string& bundle) {
  const std::string want = FilesNameOf(fs::path(bundle).filename().string());
  std::error_code error;
  for (fs::directory_iterator it(FolderOf(bundle), error), end; !error && it != end; it.increment(error))
    if (std::error_code ignored;
        absl::EqualsIgnoreCase(it->path().filename().string(), want) && it->is_regular_file(ignored))
      return it->path().string();
  return "";
}

// Free at the target, less what goes there anyway: the bundles of others.
int64_t RoomAt(const BundleOptions& o, const std::string& target) {
  std::error_code error;
  const std::string folder = fs::is_directory(target, error) ? target : FolderOf(target);
  uint64_t room = FreeBytes(folder).value_or(0);
  for (fs::directory_iterator it(CarriedFolder(o.common.dir), error), end; !error && it != end; it.increment(error))
    if (std::error_code ignored; it->is_regular_file(ignored))
      room -= std::min<uint64_t>(room, it->file_size(ignored));
  return static_cast<int64_t>(std::max<uint64_t>(room, 1));
}

// The copy needs room, and so does what is made of it.
absl::Status CheckRoom(const std::string& folder, uint64_t bytes) {
  ASSIGN_OR_RETURN(uint64_t room, FreeBytes(folder));
  if (room / 2 >= bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      Cat("磁盘已满：导入这个数据包要 ", 2 * bytes >> 10, " KB，", folder, " 所在的磁盘只剩 ", room >> 10, " KB"));
}

// ---------------------------------------------------------------- export

struct Written {
  std::string path;
  absl::Status files;  // what became of the pack beside it
  int carried = 0;     // bundles of others that went along
};

absl::StatusOr<Written> CopyOut(const BundleOptions& o, const v1::ExportBundleResponse& response) {
  ASSIGN_OR_RETURN(std::string spool_path, SpoolPath(o.common.dir, response.spool()));
  SpoolFile spool(spool_path);
  ASSIGN_OR_RETURN(std::string files_path, SpoolPathOrNone(o.common.dir, response.files_spool()));
  SpoolFile files_spool(files_path);
  Written written{o.target, absl::OkStatus(), 0};
  std::error_code error;
  bool folder = fs::is_directory(o.target, error);
  if (folder) written.path = (fs::path(o.target) / response.file_name()).string();
  RETURN_IF_ERROR(CopyFileAtomically(spool.path(), written.path));
  if (!files_path.empty()) written.files = CopyFileAtomically(files_path, FilesNameOf(written.path));
  fs::path beside = folder ? fs::path(o.target) : fs::path(o.target).parent_path();
  if (KindOf(o.common.dir) != FolderKind::kStation) return written;
  ASSIGN_OR_RETURN(std::vector<std::string> carried, BundlesIn(CarriedFolder(o.common.dir)));
  for (const std::string& path : carried) {
    const std::string to = (beside / fs::path(path).filename()).string();
    RETURN_IF_ERROR(CopyFileAtomically(path, to));
    if (const std::string files = FilesBeside(path); !files.empty())
      RETURN_IF_ERROR(CopyFileAtomically(files, FilesNameOf(to)));
    ++written.carried;
  }
  return written;
}

int RunExportBundle(const Shell& shell, const BundleOptions& o) {
  absl::Status target = CheckTarget(o.target);
  if (target.ok() && (o.files_mb < 0 || o.files_mb > kMostFilesMb))
    target = absl::InvalidArgumentError(Cat("--files-mb 应为 0 到 ", kMostFilesMb, " 之间的整数"));
  if (!target.ok()) return shell.Fail(target);
  v1::ExportBundleRequest request;
  request.set_station_id(o.station);
  request.set_device(o.device);
  request.set_full(o.full);
  request.set_files_bytes(o.files_mb << 20);
  request.set_room(RoomAt(o, o.target));
  v1::ExportBundleResponse response;
  Link link = shell.LinkTo(o.common);
  absl::Status status = CallService(&link, "BundleService/ExportBundle", request, &response);
  if (!status.ok()) return shell.Fail(status);
  absl::StatusOr<Written> written = CopyOut(o, response);
  if (!written.ok()) return shell.Fail(written.status());
  shell.out() << "已导出 " << OneLine(written->path) << "：";
  if (KindOf(o.common.dir) == FolderKind::kStation) {
    shell.out() << "交镇中心，记录 " << response.ops() << " 条";
  } else {
    shell.out() << "给站点 " << response.station_id() << "（设备 " << response.device() << "），内容 "
                << response.items() << " 条，回执 " << response.receipts() << " 份";
  }
  shell.out() << "，" << response.bytes() << " 字节\n";
  if (!written->files.ok())
    shell.out() << "注：照片和文件没有带上：" << OneLine(StdView(written->files.message())) << "\n";
  if (!response.files_spool().empty() && written->files.ok())
    shell.out() << "照片和文件 " << response.files() << " 个，" << response.files_bytes() << " 字节，在旁边的 "
                << OneLine(fs::path(FilesNameOf(written->path)).filename().string()) << "\n";
  for (const std::string& note : response.notes()) shell.out() << "注：" << OneLine(note) << "\n";
  if (written->carried > 0) shell.out() << "另有代转的数据包 " << written->carried << " 个，一并放在旁边\n";
  return kDone;
}

// ---------------------------------------------------------------- import

absl::StatusOr<v1::ImportBundleResponse> ImportOne(const Shell& shell, const BundleOptions& o,
                                                   const std::string& source) {
  ASSIGN_OR_RETURN(std::unique_ptr<BundleReader> whole, OpenWholeBundle(source));  // before a byte is copied
  const std::string files = FilesBeside(source);
  std::error_code error;
  const uint64_t files_bytes = files.empty() ? 0 : fs::file_size(files, error);
  const bool files_fit =
      files_bytes <= kMostPackBytes && CheckRoom(o.common.dir, whole->file_bytes() + files_bytes).ok();
  if (!files_fit) RETURN_IF_ERROR(CheckRoom(o.common.dir, whole->file_bytes()));
  v1::ImportBundleRequest request;
  request.set_spool(NewSpoolName(shell.environment().random));
  ASSIGN_OR_RETURN(std::string path, SpoolPath(o.common.dir, request.spool()));
  SpoolFile spool(path);
  RETURN_IF_ERROR(CopyFileAtomically(source, path));
  absl::Status copied = files_fit ? absl::OkStatus() : absl::ResourceExhaustedError("磁盘放不下照片文件包，或者它超过 1 GB");
  std::string files_path;
  if (!files.empty() && files_fit) {
    request.set_files_spool(NewSpoolName(shell.environment().random));
    ASSIGN_OR_RETURN(files_path, SpoolPath(o.common.dir, request.files_spool()));
    copied = CopyFileAtomically(files, files_path);
    if (!copied.ok()) request.clear_files_spool();  // the records come all the same
  }
  SpoolFile files_spool(files_path);
  v1::ImportBundleResponse response;
  Link link = shell.LinkTo(o.common);
  RETURN_IF_ERROR(CallService(&link, "BundleService/ImportBundle", request, &response));
  if (!copied.ok()) response.add_problems(Cat("照片和文件没有收：", StdView(copied.message())));
  return response;
}

void ShowProblems(const Shell& shell, const v1::ImportBundleResponse& response) {
  for (const std::string& problem : response.problems()) shell.out() << "  请注意：" << OneLine(problem) << "\n";
}

void ShowImport(const Shell& shell, const BundleOptions& o, const v1::ImportBundleResponse& response) {
  shell.out() << OneLine(response.file_name()) << "：";
  if (response.own()) {
    shell.out() << (KindOf(o.common.dir) == FolderKind::kStation ? "本站自己导出的，已跳过；请带到镇中心导入\n"
                                                                 : "镇中心自己导出的，已跳过；请带到站点 ");
    if (KindOf(o.common.dir) != FolderKind::kStation) shell.out() << response.station_id() << " 导入\n";
    return;
  }
  if (response.carried()) {
    shell.out() << "不是给本站的，已原样保存代转；下次导出时一并放到 U 盘\n";
    ShowProblems(shell, response);
    return;
  }
  if (KindOf(o.common.dir) == FolderKind::kStation) {
    shell.out() << "镇中心的内容 " << response.items() << " 条，新收 " << response.items_new() << " 条；回执 "
                << response.receipts() << " 份\n";
  } else {
    shell.out() << "站点 " << response.station_id() << " 的记录 " << response.ops() << " 条，新收 "
                << response.ops_new() << " 条";
    if (response.items_new() > 0) shell.out() << "；找回镇中心丢失的 " << response.items_new() << " 条";
    shell.out() << "\n";
  }
  if (response.files() > 0)
    shell.out() << "  照片和文件 " << response.files() << " 个，新收 " << response.files_new() << " 个\n";
  ShowProblems(shell, response);
}

int RunImportBundle(const Shell& shell, const BundleOptions& o) {
  int code = kDone;
  std::vector<std::string> sources;
  for (const std::string& source : o.sources) {
    std::error_code error;
    std::vector<std::string> inside{source};
    if (fs::is_directory(source, error)) {
      absl::StatusOr<std::vector<std::string>> found = BundlesIn(source);
      if (!found.ok()) {
        code = shell.Fail(found.status());
        continue;
      }
      inside = *std::move(found);
    }
    if (inside.empty())
      code = shell.Fail(absl::InvalidArgumentError(Cat("文件夹 ", source, " 里没有数据包（*", kBundleSuffix, "）")));
    sources.insert(sources.end(), inside.begin(), inside.end());
  }
  for (const std::string& source : sources) {
    absl::StatusOr<v1::ImportBundleResponse> response = ImportOne(shell, o, source);
    if (!response.ok()) {
      if (sources.size() > 1) shell.err() << OneLine(source) << "：";
      code = shell.Fail(response.status());
      continue;
    }
    ShowImport(shell, o, *response);
    if (!response->problems().empty() && code == kDone) code = kFound;
  }
  return code;
}

// ---------------------------------------------------------------- show, carried

int RunShow(const Shell& shell, const BundleOptions& o) {
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
    std::string station = Cat("站点 ", OneLine(header.station));
    std::string hub = "镇中心";
    bool up = header.direction == BundleDirection::kToHub;
    absl::Status whole = (*reader)->CheckBody();
    shell.out() << OneLine(source) << "\n"
                << "  从 " << (up ? station : hub) << " 到 " << (up ? hub : station) << "；密钥 "
                << Hex(header.seal.key_id) << " → " << Hex(header.recipient_key_id) << "\n"
                << "  制作时间 " << MinuteText(header.wall_ms) << "（按制作的机器）；编号 " << Hex(header.bundle_id)
                << "\n"
                << "  记录 " << ops << " 条（" << header.ranges.size() << " 段），下行 " << items << " 条（"
                << header.batches.size() << " 批），文件 " << (*reader)->file_bytes() << " 字节\n"
                << (whole.ok() ? "  文件完整；内容已加密，签名要由收件一方核验\n" : "");
    if (!whole.ok()) code = shell.Fail(whole);
    const std::string files = FilesBeside(source);
    if (files.empty()) continue;
    absl::StatusOr<std::unique_ptr<FilePackReader>> pack = FilePackReader::Open(files);
    whole = pack.ok() ? (*pack)->CheckWhole() : pack.status();
    shell.out() << "  旁边的照片和文件 " << OneLine(fs::path(files).filename().string())
                << (whole.ok() ? "：完整\n" : "\n");
    if (!whole.ok()) code = shell.Fail(whole);
  }
  return code;
}

int RunCarried(const Shell& shell, const BundleOptions& o) {
  if (KindOf(o.common.dir) != FolderKind::kStation)
    return shell.Fail(absl::InvalidArgumentError(Cat("文件夹 ", o.common.dir, " 里没有站点的数据")));
  absl::StatusOr<std::vector<std::string>> found = BundlesIn(CarriedFolder(o.common.dir));
  if (!found.ok()) return shell.Fail(found.status());
  const std::vector<std::string>& paths = *found;
  for (const std::string& path : paths) {
    if (const std::string files = o.clear ? FilesBeside(path) : ""; !files.empty() && unlink(files.c_str()) != 0)
      return shell.Fail(FileError(errno, "删除", files));
    if (o.clear && unlink(path.c_str()) != 0) return shell.Fail(FileError(errno, "删除", path));
    shell.out() << OneLine(fs::path(path).filename().string()) << "\n";
  }
  shell.out() << (o.clear ? "已清理代转的数据包 " : "代转的数据包 ") << paths.size() << " 个\n";
  return kDone;
}

}  // namespace

void AddBundleCommands(CLI::App* app, Shell* shell) {
  CLI::App* bundle = app->add_subcommand("bundle", "用 U 盘收送：导出、导入数据包（已加密、已签名）");
  bundle->require_subcommand(1);
  auto add = [&](const char* name, const char* help, int (*run)(const Shell&, const BundleOptions&), bool data) {
    auto o = std::make_shared<BundleOptions>();
    CLI::App* command = bundle->add_subcommand(name, help);
    if (data) command->add_option("--data", o->common.dir, "数据文件夹")->required();
    command->callback([=] { shell->code = run(*shell, *o); });
    return std::pair(command, o.get());
  };
  auto [out, e] =
      add("export", "导出：在站点，还没有送达的记录；在镇中心，给一个站点的内容和回执", RunExportBundle, true);
  out->add_option("target", e->target, "写到哪个文件或文件夹（U 盘）")->required();
  out->add_option("--station", e->station, "给哪个站点（镇中心）");
  out->add_option("--device", e->device, "给哪台设备；只有一台时不用写");
  out->add_option("--files-mb", e->files_mb, "照片和文件最多带多少 MB，默认 512；0 不带。放不下的下次再带");
  out->add_flag("--full", e->full, "从头全部导出");
  auto [in, i] =
      add("import", "导入；重复导入无妨。不是给本站的原样保存代转。有要留意的内容时退出码为 3", RunImportBundle, true);
  in->add_option("source", i->sources, "数据包，或有数据包的文件夹")->required();
  auto [show, s] = add("show", "看一个数据包是谁给谁的、有多少、是否完整", RunShow, false);
  show->add_option("source", s->sources, "数据包")->required();
  auto [carried, c] = add("carried", "本站代转的数据包", RunCarried, true);
  carried->add_flag("--clear", c->clear, "全部删除（已带到后）");
}

}  // namespace liaison::cli
