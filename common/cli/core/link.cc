#include "common/cli/core/link.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/daemon/daemon.h"
#include "common/http/connect.h"
#include "common/record/json.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison::cli {
namespace {

constexpr char kStatusPath[] = "/liaison.v1.RecordService/GetStatus";
constexpr int kLookTimeoutMs = 3'000;
constexpr int kCallTimeoutMs = 600'000;                  // an import of years of records is one call
constexpr absl::Duration kMostWait = absl::Seconds(60);  // until who has the database open answers or ends
constexpr absl::Duration kPause = absl::Milliseconds(50);

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// The process that has the folder's database open, 0 if none: RocksDB keeps a lock of fcntl(2) on this file while it is
// open, so it goes with the process however that ends. REQUIRES: it is not this process, which would lose its lock.
struct Holder {
  bool there = false;
  int pid = 0;  // 0 also when it lives in another namespace
};
Holder HolderOf(const std::string& dir) {
  int fd = open((DbPath(dir) + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  bool there = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close(fd);
  return {there, there ? lock.l_pid : 0};
}

bool IsDaemonOf(const std::string& dir, const std::string& status_json) {
  v1::GetStatusResponse status;
  if (!FromJson(status_json, &status).ok()) return false;
  if (KindOf(dir) != FolderKind::kStation) return status.role() == "hub";
  v1::StationConfig config;
  return status.role() == "station" && ReadConfig(dir + "/station.json", &config).ok() &&
         status.station_id() == config.station_id() && status.node_id() == config.node_id();
}

// What the daemon is at while it answers another call; nothing when it does not say.
std::vector<RunningWork> WorkOf(const http::Client& client) {
  std::vector<RunningWork> all;
  v1::GetStatusResponse status;
  absl::StatusOr<std::string> json = client.Post(kStatusPath, "{}", kLookTimeoutMs);
  if (!json.ok() || !FromJson(*json, &status).ok()) return all;
  for (const v1::RunningWork& work : status.work())
    all.push_back({work.what(), work.unit(), work.done(), work.total(), work.started_ms()});
  return all;
}

}  // namespace

FolderKind KindOf(const std::string& dir) {
  if (Exists(dir + "/station.json")) return FolderKind::kStation;
  return Exists(DbPath(dir)) ? FolderKind::kHub : FolderKind::kNone;
}

Link::Link(std::string dir, std::string bin_dir, std::string user)
    : dir_(std::move(dir)), bin_dir_(std::move(bin_dir)), user_(std::move(user)) {}

Link Link::At(std::string host, int port, std::string user) {
  Link link;
  link.looked_ = true;
  link.endpoint_.set_host(host);
  link.endpoint_.set_port(port);
  link.client_ = std::make_unique<http::Client>(std::move(host), port, std::move(user));
  return link;
}

void Link::Look() {
  if (looked_) return;
  looked_ = true;
  for (const absl::Time start = absl::Now();; absl::SleepFor(kPause)) {
    v1::Endpoint endpoint;
    bool named = ReadConfig(dir_ + "/endpoint.json", &endpoint).ok();
    bool here = named && endpoint.pid() == getpid();
    Holder holder = here ? Holder{true, 0} : HolderOf(dir_);
    if (!holder.there) return;
    if (named) {
      // A daemon of before 0.5 has no socket; for another account there is none.
      on_socket_ = http::Client::AnswersInFolder(dir_);
      auto client = std::make_unique<http::Client>(on_socket_
                                                       ? http::Client::InFolder(dir_, user_)
                                                       : http::Client(endpoint.host(), endpoint.port(), user_));
      bool known = endpoint.pid() == holder.pid;  // however slow it is
      if (!known) {
        absl::StatusOr<std::string> status = client->Post(kStatusPath, "{}", kLookTimeoutMs);
        known = status.ok() && IsDaemonOf(dir_, *status);
      }
      if (known) {
        endpoint_ = endpoint;
        client_ = std::move(client);
        return;
      }
    }
    if (here) return;
    if (absl::Now() - start > kMostWait) {
      trouble_ = absl::UnavailableError(
          Cat("文件夹 ", dir_, " 正由另一个程序（进程 ", holder.pid, "）使用，它没有应答，请稍后再试"));
      return;
    }
  }
}

const v1::Endpoint* Link::running() {
  Look();
  return client_ == nullptr ? nullptr : &endpoint_;
}

absl::StatusOr<std::string> Link::Call(const std::string& method, const std::string& json) {
  const std::string path = "/liaison.v1." + method;
  Look();
  if (client_ != nullptr) {
    ProgressLine line([this] { return WorkOf(*client_); });
    absl::StatusOr<std::string> answer = client_->Post(path, json, kCallTimeoutMs);
    if (!on_socket_ && absl::IsUnauthenticated(answer.status())) return NeedsFolder();
    return answer;
  }
  RETURN_IF_ERROR(trouble_);
  return CallBinary(path, json);
}

absl::Status Link::NeedsFolder() const {
  if (dir_.empty())
    return absl::FailedPreconditionError("对方的程序要登录：请在它的数据文件夹所在的机器上，用 --data 指明文件夹运行");
  return absl::FailedPreconditionError(
      Cat("命令要经过文件夹 ", dir_, " 里的 socket，没有连上：请用文件夹所有者的账号，在这个文件夹所在的机器上运行"));
}

absl::Status Link::WrongKind(const absl::Status& status) const {
  const FolderKind kind = dir_.empty() ? FolderKind::kNone : KindOf(dir_);
  if (kind == FolderKind::kNone) return status;
  const bool station = kind == FolderKind::kStation;
  return absl::FailedPreconditionError(Cat("这是", station ? "镇中心" : "站点", "的命令，文件夹 ", dir_, " 是",
                                           station ? "站点" : "镇中心", "的数据：什么都没有改，请核对 --data"));
}

absl::StatusOr<std::string> Link::CallBinary(const std::string& path, const std::string& json) {
  FolderKind kind = KindOf(dir_);
  if (kind == FolderKind::kNone) return absl::InvalidArgumentError(Cat("文件夹 ", dir_, " 里没有站点或镇中心的数据"));
  std::string binary = bin_dir_ + (kind == FolderKind::kStation ? "/liaison-station" : "/liaison-hub");
  std::vector<std::string> args{"call", "--data", dir_};
  if (!user_.empty()) args.insert(args.end(), {"--user", user_});
  args.push_back(path);
  ASSIGN_OR_RETURN(ProcessResult result, RunProcess(binary, args, json));
  while (result.out.ends_with('\n')) result.out.pop_back();
  if (result.exit_code == 0) return result.out;
  if (result.out.empty())  // it has said why on standard error, which is ours
    return absl::InternalError(Cat("程序 ", binary, " 没有做完就退出了（退出码 ", result.exit_code, "）"));
  return http::ErrorOfBody(500, result.out);
}

}  // namespace liaison::cli
