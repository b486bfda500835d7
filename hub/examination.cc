#include "hub/examination.h"

#include <optional>

#include "common/base/text.h"
#include "common/doctor/key_checks.h"
#include "common/doctor/record_checks.h"
#include "hub/door/own_port.h"
#include "hub/hub_node.h"

namespace liaison {
namespace {

constexpr Check kPort{"port", "站点连接的端口"}, kVersions{"versions", "程序版本"};

void CheckPort(const HubExamination& x, const v1::GetStatusResponse& status, Findings* findings) {
  const HubNode::SyncPort at = x.node->sync_address();
  if (at.address.empty())
    return findings->NotChecked("站点连接的端口：镇中心的程序没有运行（liaison hub run）");
  if (!status.port().trouble().empty())
    return findings->Problem(kPort, status.port().trouble(), "站点现在连不进来；请按上面的话处理，不行就重新启动镇中心");
  const absl::Status answer = AskOwnPort(at.address, at.clear, x.port_ms);
  if (!answer.ok())
    return findings->Problem(kPort,
                             Cat(at.address, absl::IsDeadlineExceeded(answer) ? " 没有按时应答" : " 连上就断，或没有人接"),
                             "请重新启动镇中心；仍然这样的，看有没有别的程序占了端口");
  findings->Good(kPort, Cat(at.address, " 应答正常，现有连接 ", status.port().sockets(), " 个"));
}

}  // namespace

v1::ExamineResponse Examine(const HubExamination& x) {
  Findings findings = x.folder;
  std::string known_key;
  if (x.node != nullptr) known_key = x.node->store()->GetMeta(kHubKeyMeta).value_or("");
  CheckHubKeys(x.dir, known_key, &findings);
  CheckOpen(x.opened, &findings);
  CheckMark(x.dir, x.node != nullptr, &findings);
  absl::StatusOr<v1::GetStatusResponse> status =
      x.node == nullptr ? x.opened : x.node->records()->GetStatus(v1::GetStatusRequest());
  CheckClock(status.ok() ? status->clock() : v1::ClockState(), nullptr, &findings);
  if (status.ok()) {
    CheckRecords(*status, &findings);
    CheckBackup(x.node->last_backup_ms(), x.clock->NowMs(), &findings);
    CheckPort(x, *status, &findings);
  } else {
    findings.NotChecked("备份和站点连接的端口：数据库没有打开");
  }
  findings.Good(kVersions, Cat("本机 ", std::string(ProgramVersion())));
  findings.NotChecked("各站点的程序版本：请在站点运行 liaison doctor");
  return findings.Answer("hub");
}

}  // namespace liaison
