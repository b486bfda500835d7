#include "common/daemon/locked.h"

#include <signal.h>

#include <iostream>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/log.h"
#include "common/base/markup.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/service_manager.h"
#include "common/http/server.h"
#include "common/record/json.h"
#include "liaison/v1/config.pb.h"

namespace liaison {
namespace {

constexpr char kWaitingText[] = "数据锁着，等人输入口令或恢复码";
constexpr size_t kMostUnlockBytes = 8 << 10;
constexpr long kLookEveryNs = 100'000'000;  // whether somebody has opened it

constexpr char kLockedScript[] = R"(const form = document.querySelector('form')
const said = document.querySelector('#said')
async function tryAgain() {
  try {
    if ((await fetch('/healthz')).ok) return location.reload()
  } catch {}
  setTimeout(tryAgain, 1000)
}
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  said.textContent = '正在核对'
  try {
    const answer = await fetch('/unlock', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ secret: form.secret.value }),
    })
    if (answer.ok) {
      said.textContent = '已打开，程序正在启动'
      return tryAgain()
    }
    said.textContent = (await answer.json()).message
  } catch {
    said.textContent = '程序没有应答，请再试'
  }
})
)";

std::string LockedHtml(const std::string& whom) {
  return Cat(R"(<!doctype html>
<html lang="zh">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>数据锁着</title></head>
<body>
<h1>数据锁着</h1>
<p>这台电脑里的登记资料是加密的，重新开机以后要由人打开。</p>
<p>在打开以前，不能登记，也不能查看；请先用空白登记表记在纸上，打开以后补录。</p>
<p>请打电话给)",
             office::Escape(whom), R"(，请对方念恢复码；或者输入口令。</p>
<form>
<p><label>口令或恢复码 <input name="secret" type="password" autocomplete="off" size="40" autofocus required></label>
<button>打开</button></p>
</form>
<p id="said" role="status"></p>
<script src="/locked.js"></script>
</body>
</html>
)");
}

// What a person has opened, from the server's threads to the one that waits.
class Opened {
 public:
  void Put(VaultPtr vault) {
    absl::MutexLock lock(&mutex_);
    vault_ = std::move(vault);
  }
  VaultPtr Get() {
    absl::MutexLock lock(&mutex_);
    return vault_;
  }

 private:
  absl::Mutex mutex_;
  VaultPtr vault_ ABSL_GUARDED_BY(mutex_);
};

// Null: a signal came.
VaultPtr AwaitOpened(Opened* opened) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  const timespec pause{0, kLookEveryNs};
  while (sigtimedwait(&stop, nullptr, &pause) < 0)
    if (VaultPtr vault = opened->Get()) return vault;
  return nullptr;
}

absl::StatusOr<VaultPtr> WaitForPerson(const LockedFace& face) {
  std::string host;
  int port = 0;
  RETURN_IF_ERROR(ParseAddress(face.address, &host, &port));
  VaultDoor door(face.dir);
  Opened opened;
  const std::string html = LockedHtml(face.whom);
  const http::Page pages[] = {{"/index.html", "text/html; charset=utf-8", html},
                              {"/locked.js", "text/javascript; charset=utf-8", kLockedScript}};
  http::ServerOptions options;
  options.body_bytes_max = kMostUnlockBytes;
  http::Server server(options);
  server.Handle(kUnlockPath, [&](const http::Call& call) -> absl::StatusOr<std::string> {
    v1::RestUnlockRequest request;
    RETURN_IF_ERROR(FromJson(call.body, &request));
    absl::StatusOr<VaultPtr> vault = door.Try(request.secret());
    if (!vault.ok()) LogWarning(Cat("打开数据没有成功：", StdView(vault.status().message())));
    RETURN_IF_ERROR(vault.status());
    opened.Put(*std::move(vault));
    return "{}";
  });
  server.Get("/healthz", [](const http::Call&) -> absl::StatusOr<http::File> {
    return absl::UnavailableError(kWaitingText);
  });
  server.Pages(pages);
  if (absl::Status local = server.ListenLocal(face.dir); !local.ok()) LogWarning(StdView(local.message()));
  RETURN_IF_ERROR(server.Listen(host, port));
  const std::string where = Cat(kWaitingText, "：http://", host, ":", server.port(), "/");
  std::cout << where << std::endl;
  LogInfo(where);
  ServiceManager().Say(kWaitingText);
  VaultPtr vault = AwaitOpened(&opened);
  server.Stop();
  if (vault == nullptr) return absl::CancelledError("还没有打开就停止了");
  LogInfo("数据已由人打开");
  return vault;
}

}  // namespace

absl::StatusOr<VaultPtr> VaultOrWait(const LockedFace& face) {
  absl::StatusOr<VaultPtr> vault = OpenVault(face.dir);
  if (absl::IsNotFound(vault.status())) return VaultPtr();
  if (!absl::IsFailedPrecondition(vault.status())) return vault;
  LogInfo(StdView(vault.status().message()));
  return WaitForPerson(face);
}

}  // namespace liaison
