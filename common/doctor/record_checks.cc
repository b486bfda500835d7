#include "common/doctor/record_checks.h"

#include <cstdlib>

#include "common/base/minute.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"

namespace liaison {
namespace {

constexpr Check kOpen{"store.open", "数据库"}, kClock{"clock", "时钟"};
constexpr Check kPending{"records.pending", "待传"}, kReceipt{"records.receipt", "回执"};
constexpr Check kRefused{"records.refused", "没有采用的记录"}, kHeld{"records.held", "等待前项"};
constexpr Check kDisagreements{"records.conflicts", "分歧"}, kFiles{"records.files", "照片和文件"};
constexpr Check kBackup{"backup", "备份"};

std::string AgoText(int64_t ms) {
  if (ms < 0) return "将来（时钟变过）";
  if (ms < 3'600'000) return Cat(ms / 60'000, "分钟前");
  return ms < 2 * 86'400'000LL ? Cat(ms / 3'600'000, "小时前") : Cat(ms / 86'400'000, "天前");
}

// When the oldest own op without a receipt was written, by the clock then; 0: none, or it cannot be read.
int64_t OldestPendingMs(const Store& store) {
  int64_t oldest = 0;
  const std::vector<Store::OwnLog> logs = store.OwnLogs();
  for (const Store::OwnLog& log : logs) {
    if (log.acked_seq >= log.last_seq) continue;
    absl::StatusOr<sync::Range> range = store.ReadRange(log.actor, log.acked_seq + 1, 1);
    if (!range.ok() || range->ops.empty()) continue;
    absl::StatusOr<Op> op = DecodeOp(range->ops.front());
    if (op.ok() && (oldest == 0 || op->wall_ms < oldest)) oldest = op->wall_ms;
  }
  return oldest;
}

}  // namespace

void CheckOpen(const absl::Status& opened, Findings* findings) {
  if (opened.ok()) return findings->Good(kOpen, "打开了，能读能写");
  std::string advice = "请先把整个数据文件夹另存一份，再按上面的话处理";
  if (absl::IsUnavailable(opened)) advice = "请停止另一个程序，或稍后再试";
  if (absl::IsResourceExhausted(opened)) advice = "请腾出磁盘空间，再启动程序；已保存的不会丢";
  if (absl::IsNotFound(opened) || absl::IsPermissionDenied(opened)) advice = "请核对 --data 和文件夹的属主";
  findings->Problem(kOpen, Cat("打不开：", StdView(opened.message())), advice);
  findings->NotChecked("数据库里的一切（待传、回执、分歧、没有采用的记录、照片、时钟与记录的先后）：数据库没有打开");
}

void CheckClock(const v1::ClockState& clock, const int64_t* hub_ahead_ms, Findings* findings) {
  if (!clock.trouble().empty())
    return findings->Attention(kClock, Cat(clock.trouble(), "，不可信"),
                               clock.given().empty() ? "请校准本机时钟，或用 liaison clock --today 写明今天是哪一天"
                                                     : "今天已由人写明，用到程序停下为止；请校准本机时钟");
  const int64_t ahead = hub_ahead_ms != nullptr ? -*hub_ahead_ms : clock.ahead_ms();
  if (hub_ahead_ms == nullptr && clock.told_ms() == 0) return findings->Good(kClock, "没有看出不对");
  const std::string when = hub_ahead_ms != nullptr ? "现在" : Cat("在 ", MinuteText(clock.told_ms()), " ");
  const std::string differs = Cat("比镇中心", ahead < 0 ? "慢 " : "快 ", std::abs(ahead) / 1000, " 秒");
  if (std::abs(ahead) > kClockDiffersMs)
    return findings->Attention(kClock, Cat("本机时钟", when, differs), "请校准本机时钟（NTP 或手工）");
  findings->Good(kClock, Cat(when, differs));
}

void CheckPending(const Store& store, const v1::GetStatusResponse& status, int64_t now_ms, Findings* findings) {
  const int64_t oldest = OldestPendingMs(store);
  if (status.pending_ops() == 0) {
    findings->Good(kPending, "没有，全部有回执");
  } else if (const std::string text = Cat(status.pending_ops(), " 条，最早的写在 ", MinuteText(oldest));
             oldest > 0 && now_ms - oldest > kLongPendingMs) {
    findings->Attention(kPending, text, "看下面“联网”各项；长期没有网的，请用U盘递送（liaison bundle export）");
  } else {
    findings->Good(kPending, text);
  }
  if (status.last_receipt_ms() > 0) {
    findings->Good(kReceipt, Cat("最近一次在 ", AgoText(now_ms - status.last_receipt_ms()), "（",
                                 MinuteText(status.last_receipt_ms()), "）"));
  } else {
    findings->NotChecked("最近回执的时间：程序启动以来没有收到过，以前的没有记下");
  }
}

void CheckRecords(const v1::GetStatusResponse& status, Findings* findings) {
  if (status.refused() > 0) {
    findings->Attention(kRefused, Cat("有 ", status.refused(), " 条收下了没有采用"),
                        status.role() == "hub" ? "请看 liaison refused，确认后 liaison accept"
                                               : "请看 liaison status 里的原因，与镇里联系");
  } else {
    findings->Good(kRefused, "没有");
  }
  if (status.held() > 0) {
    findings->Attention(kHeld, Cat("有 ", status.held(), " 条在等前一条"), "前一条到了会自动并入；一直不到的，请联系写它的站点");
  } else {
    findings->Good(kHeld, "没有");
  }
  if (status.conflicts() > 0) {
    findings->Attention(kDisagreements, Cat("有 ", status.conflicts(), " 处"), "请看 liaison conflicts，由人决定");
  } else {
    findings->Good(kDisagreements, "没有");
  }
  if (status.files().damaged() > 0) {
    findings->Problem(kFiles, Cat("有 ", status.files().damaged(), " 个被磁盘改坏了"),
                      "会从对方自动取回；再坏的话，磁盘快不行了，请更换");
  } else if (!status.files().trouble().empty()) {
    findings->Attention(kFiles, status.files().trouble(), "会自动再试；一直这样的，看“联网”各项");
  } else {
    findings->Good(kFiles, Cat("待传 ", status.files().to_send(), " 个，待取 ", status.files().to_fetch(), " 个"));
  }
}

void CheckBackup(int64_t last_ms, int64_t now_ms, Findings* findings) {
  constexpr char kMake[] = "请运行 liaison hub backup 文件夹 --data 数据文件夹，并定时去做";
  if (last_ms == 0) return findings->Attention(kBackup, "从来没有做过", kMake);
  const std::string text = Cat("最近一次在 ", AgoText(now_ms - last_ms), "（", MinuteText(last_ms), "）");
  if (now_ms - last_ms > kVeryOldBackupMs) return findings->Problem(kBackup, text, kMake);
  if (now_ms - last_ms > kOldBackupMs) return findings->Attention(kBackup, text, kMake);
  findings->Good(kBackup, text);
}

}  // namespace liaison
