#include "station/examination.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/doctor/key_checks.h"
#include "common/doctor/record_checks.h"
#include "station/link/link_steps.h"
#include "station/station_node.h"

namespace liaison {
namespace {

constexpr Check kConfig{"folder.config", "入网文件"}, kVersions{"versions", "程序版本"}, kLink{"link", "联网"};
constexpr Check kSteps[] = {{"link.name", "联网一：找主机名"},
                            {"link.connect", "联网二：连接"},
                            {"link.tls", "联网三：加密和证书"},
                            {"link.hello", "联网四：问候"}};

LinkReport CheckLink(const StationExamination& x, const v1::StationConfig& config, Findings* findings) {
  LinkQuestion question;
  question.dir = x.dir;
  question.address = x.node == nullptr ? config.hub_address() : x.node->hub_address();
  question.config = config;
  question.clock = x.clock;
  question.random = x.random;
  question.step_ms = x.step_ms;
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(x.dir));
  if (!key.ok()) {
    findings->NotChecked("联网：没有可用的钥匙，没有去连");
    return {};
  }
  question.key = *key;
  if (x.node != nullptr && x.node->uplink() != nullptr && x.node->channels() == nullptr) {
    findings->NotChecked("联网：本站与镇中心的连接不加密（--clear），没有一步步去试");
    return {};
  }
  const LinkReport report = ExamineLink(question);
  for (const LinkStep& step : report.steps) {
    if (step.good) {
      findings->Good(kSteps[step.kind], step.text);
    } else {
      findings->Problem(kSteps[step.kind], step.text, step.advice);
    }
  }
  return report;
}

void CheckUplink(StationNode* node, const v1::GetStatusResponse& status, Findings* findings) {
  if (node->uplink() == nullptr)
    return findings->NotChecked("正在进行的联网：站点的程序没有运行，或没有启用联网");
  if (status.link_up()) return findings->Good(kLink, "站点的程序与镇中心连着");
  findings->Attention(kLink, Cat("站点的程序没有连着镇中心：", status.link_error()),
                      "看上面联网各步；都正常的，运行 liaison retry 立即再试");
}

void CheckVersions(const std::string& own, const LinkReport& report, Findings* findings) {
  if (report.hub_time_ms == 0) {
    findings->Good(kVersions, Cat("本机 ", own));
    findings->NotChecked("镇中心的程序版本：没有问到");
  } else if (report.hub_version.empty()) {
    findings->Attention(kVersions, Cat("本机 ", own, "，镇中心的程序较旧，不报版本"), "请先升级镇中心，再升级站点");
  } else if (report.hub_version != own) {
    findings->Attention(kVersions, Cat("本机 ", own, "，镇中心 ", report.hub_version),
                        "两边能一起用；升级时先镇中心，后站点");
  } else {
    findings->Good(kVersions, Cat("两边都是 ", own));
  }
}

}  // namespace

v1::ExamineResponse Examine(const StationExamination& x) {
  Findings findings = x.folder;
  v1::StationConfig config;
  if (absl::Status read = ReadConfig(x.dir + "/station.json", &config); read.ok()) {
    findings.Good(kConfig, Cat("站点 ", config.station_id(), "，设备 ", config.node_id()));
  } else {
    findings.Problem(kConfig, Cat("读不出来：", StdView(read.message())), "请凭镇里给的邀请码重新办理入网（liaison enrol）");
  }
  Findings link;  // told last; the clock is judged by what it brings
  const LinkReport report = CheckLink(x, config, &link);
  const int64_t ahead = report.hub_time_ms - report.asked_ms;
  const int64_t now = report.hub_time_ms > 0 ? report.hub_time_ms : x.clock->NowMs();
  CheckDeviceKeys(x.dir, config, now, &findings);
  CheckOpen(x.opened, &findings);
  CheckMark(x.dir, x.node != nullptr, &findings);
  absl::StatusOr<v1::GetStatusResponse> status =
      x.node == nullptr ? x.opened : x.node->records()->GetStatus(v1::GetStatusRequest());
  const v1::ClockState clock = status.ok() ? status->clock() : v1::ClockState();
  CheckClock(clock, report.hub_time_ms > 0 ? &ahead : nullptr, &findings);
  if (status.ok()) {
    CheckPending(*x.node->store(), *status, x.clock->NowMs(), &findings);
    CheckRecords(*status, &findings);
  }
  findings.Append(link);
  if (status.ok()) CheckUplink(x.node, *status, &findings);
  CheckVersions(std::string(ProgramVersion()), report, &findings);
  return findings.Answer("station");
}

}  // namespace liaison
