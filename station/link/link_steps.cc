#include "station/link/link_steps.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "station/link/hub_channel.h"

namespace liaison {
namespace {

constexpr char kSettings[] = "请核对镇中心的地址（station run --hub 可以改）";

LinkStep Good(LinkStep::Kind kind, std::string text) { return {kind, true, std::move(text), ""}; }
LinkStep Bad(LinkStep::Kind kind, std::string text, std::string advice) {
  return {kind, false, std::move(text), std::move(advice)};
}

// What the thread that resolves and the one that waits for it share.
struct Resolving {
  absl::Mutex mutex;
  bool done ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<std::vector<std::string>> found ABSL_GUARDED_BY(mutex) = absl::UnknownError("");
};

// Nothing ends the system's resolver, so its thread is left to end by itself.
absl::StatusOr<std::vector<std::string>> ResolveWithin(const Resolve& resolve, const std::string& host, int ms) {
  auto state = std::make_shared<Resolving>();
  std::thread([state, resolve, host] {
    absl::StatusOr<std::vector<std::string>> found = resolve(host);
    absl::MutexLock lock(&state->mutex);
    state->found = std::move(found);
    state->done = true;
  }).detach();
  absl::MutexLock lock(&state->mutex);
  if (!state->mutex.AwaitWithTimeout(absl::Condition(&state->done), absl::Milliseconds(ms)))
    return absl::DeadlineExceededError("no answer");
  return state->found;
}

LinkStep NameStep(const LinkQuestion& question, const std::string& host, std::vector<std::string>* addresses) {
  absl::StatusOr<std::vector<std::string>> found = ResolveWithin(question.resolve, host, question.step_ms);
  if (absl::IsDeadlineExceeded(found.status()))
    return Bad(LinkStep::kName, Cat("查主机名 ", host, "：", question.step_ms / 1000, " 秒没有回答"),
               "请检查网络和路由器；或把镇中心地址改成数字，如 192.168.1.10:7061");
  if (!found.ok() || found->empty())
    return Bad(LinkStep::kName, Cat("找不到主机名 ", host),
               "请核对镇中心地址有没有写错，网络通不通；或把地址改成数字，如 192.168.1.10:7061");
  *addresses = *std::move(found);
  return Good(LinkStep::kName, host == addresses->front() ? Cat("地址是数字，不用查：", host)
                                                          : Cat("主机名 ", host, " 是 ", addresses->front()));
}

// 0, or the errno; ETIMEDOUT also when the time is over.
int ConnectTo(const std::string& host, int port, int ms) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return EINVAL;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  const FileHandle socket_file(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket_file.fd() < 0) return errno;
  if (connect(socket_file.fd(), found->ai_addr, found->ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd ready{socket_file.fd(), POLLOUT, 0};
  if (poll(&ready, 1, ms) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(socket_file.fd(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// The addresses in turn, within one time.
LinkStep ConnectStep(const LinkQuestion& question, const std::vector<std::string>& addresses, int port) {
  int error = 0;
  std::string tried;
  const int each_ms = question.step_ms / static_cast<int>(addresses.size());
  for (const std::string& host : addresses) {
    tried = Cat(host, " 端口 ", port);
    error = ConnectTo(host, port, each_ms);
    if (error == 0) return Good(LinkStep::kConnect, Cat("连上了 ", tried));
  }
  switch (error) {
    case ECONNREFUSED:
      return Bad(LinkStep::kConnect, Cat(tried, " 拒绝连接：机器在，这个端口上没有程序"),
                 Cat("镇中心的程序可能没有启动，或端口写错了；", kSettings));
    case ETIMEDOUT:
      return Bad(LinkStep::kConnect, Cat(tried, " 没有回答（超时）"),
                 Cat("镇中心的机器可能没有开，或中间的防火墙、路由器不放行这个端口；", kSettings));
    case ENETUNREACH:
    case EHOSTUNREACH:
      return Bad(LinkStep::kConnect, Cat(tried, " 到不了：本机没有联网，或与镇中心不在同一个网络里"),
                 "请检查网线、无线网和路由器");
    default:
      return Bad(LinkStep::kConnect, Cat("连不上 ", tried, "：", strerror(error)), kSettings);
  }
}

LinkStep TlsStep(const HubChannels::Greeting& greeting) {
  if (greeting.secured) return Good(LinkStep::kTls, "加密连接已建立，对方是本镇的镇中心");
  if (!greeting.complaint.empty())
    return Bad(LinkStep::kTls, greeting.complaint,
               "地址写错了就改地址；上网要先在网页上登录的，请先登录；镇中心重新建立过的，请凭新的邀请码办理入网");
  const std::string transport(greeting.status.message());
  if (IsForeignAnswer(transport))
    return Bad(LinkStep::kTls, "这个端口上应答的是别的程序，不是镇中心",
               Cat("上网要先在网页上登录的，请先登录；", kSettings));
  if (absl::IsDeadlineExceeded(greeting.status))
    return Bad(LinkStep::kTls, "连上以后对方没有按时应答（超时）",
               Cat("镇中心可能卡住了，请在镇中心运行 liaison doctor；也可能是别的程序占了端口，", kSettings));
  return Bad(LinkStep::kTls, "加密连接没有建立，对方断开了",
             Cat("可能是别的程序，或镇中心连接太多；", kSettings, "，并在镇中心运行 liaison doctor"));
}

LinkStep HelloStep(const HubChannels::Greeting& greeting) {
  const std::string words(greeting.status.message());
  switch (greeting.status.code()) {
    case absl::StatusCode::kOk:
      return Good(LinkStep::kHello, "镇中心认得这台设备");
    case absl::StatusCode::kPermissionDenied:
      return Bad(LinkStep::kHello, Cat("镇中心没有接受这台设备：", words),
                 "设备被吊销或没有登记：请与镇里联系，要继续用须凭新的邀请码办理入网；本机的记录都还在");
    case absl::StatusCode::kUnauthenticated:
      return Bad(LinkStep::kHello, Cat("证书没有被接受：", words), "请与镇里联系，凭新的邀请码重新办理入网");
    case absl::StatusCode::kDeadlineExceeded:
      return Bad(LinkStep::kHello, "镇中心没有按时回答（超时）", "镇中心可能很忙或卡住了，请在镇中心运行 liaison doctor");
    case absl::StatusCode::kUnimplemented:
      return Bad(LinkStep::kHello, "对方的程序没有这个服务", "镇中心的程序太旧，请先升级镇中心");
    case absl::StatusCode::kUnavailable:
      return Bad(LinkStep::kHello, "镇中心还没有答完，连接就断了", "请过一会儿再试；如果经常这样，请检查网络");
    default:
      return Bad(LinkStep::kHello, Cat("镇中心回答出错：", words), "请在镇中心运行 liaison doctor");
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ResolveBySystem(const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return absl::NotFoundError(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.push_back(text);
  }
  return addresses;
}

LinkReport ExamineLink(const LinkQuestion& question) {
  LinkReport report;
  std::string host;
  int port = 0;
  absl::StatusOr<std::string> plain = PlainAddress(question.address);
  if (!plain.ok() || !ParseAddress(*plain, &host, &port).ok()) {
    report.steps.push_back(
        Bad(LinkStep::kName, question.address.empty() ? "没有写镇中心的地址" : std::string(plain.status().message()),
            kSettings));
    return report;
  }
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  std::vector<std::string> addresses;
  report.steps.push_back(NameStep(question, host, &addresses));
  if (!report.steps.back().good) return report;
  report.steps.push_back(ConnectStep(question, addresses, port));
  if (!report.steps.back().good) return report;
  absl::StatusOr<std::unique_ptr<HubChannels>> channels =
      HubChannels::Open({question.dir, question.config, question.key, question.clock, question.random});
  if (!channels.ok()) {
    report.steps.push_back(
        Bad(LinkStep::kTls, std::string(channels.status().message()), "没有证书就连不了，见上面“证书”一项"));
    return report;
  }
  const HubChannels::Greeting greeting = (*channels)->Greet(*plain, question.step_ms);
  report.steps.push_back(TlsStep(greeting));
  if (!report.steps.back().good) return report;
  report.steps.push_back(HelloStep(greeting));
  report.hub_time_ms = greeting.hub_time_ms;
  report.asked_ms = question.clock->NowMs();
  report.hub_version = greeting.hub_version;
  return report;
}

}  // namespace liaison
