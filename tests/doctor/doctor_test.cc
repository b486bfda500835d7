// What an examination finds: each fault is made, and found under its own name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/synchronization/notification.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "common/doctor/folder_checks.h"
#include "common/doctor/key_checks.h"
#include "common/doctor/record_checks.h"
#include "common/store/head_mark.h"
#include "hub/door/own_port.h"
#include "hub/examination.h"
#include "station/examination.h"
#include "station/link/link_steps.h"
#include "tests/testing/loopback.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"
#include "tests/trust/wire.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

constexpr int kShortMs = 300;  // of a step that must run out

absl::StatusOr<DiskRoom> Roomy(const std::string&) { return DiskRoom{1ull << 40, 1ull << 41, 1'000'000, 2'000'000}; }

// The findings of one check; more than one is not expected anywhere.
v1::Finding Found(const v1::ExamineResponse& response, const std::string& check) {
  v1::Finding found;
  int count = 0;
  for (const v1::Finding& finding : response.findings())
    if (finding.check() == check && ++count == 1) found = finding;
  EXPECT_GE(count, 1) << "nothing of " << check;
  return found;
}

void ExpectFound(const v1::ExamineResponse& response, const std::string& check, v1::Health health,
                 const std::string& part) {
  const v1::Finding finding = Found(response, check);
  EXPECT_EQ(finding.health(), health) << finding.ShortDebugString();
  EXPECT_THAT(finding.text(), HasSubstr(part));
  EXPECT_EQ(finding.advice().empty(), health == v1::HEALTH_GOOD) << finding.ShortDebugString();
  EXPECT_GE(response.health(), health);
}

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() : device_(town_.EnrolDevice("a", "D057")), dir_(town_.Dir("a")) {
    config_ = Config();
  }
  v1::StationConfig Config() {
    v1::StationConfig config;
    Must(ReadConfig(dir_ + "/station.json", &config));
    return config;
  }
  v1::ExamineResponse Keys(int64_t now_ms = kNow) {
    Findings findings;
    CheckDeviceKeys(dir_, config_, now_ms, &findings);
    return findings.Answer("station");
  }
  LinkQuestion Question(const std::string& address) {
    LinkQuestion question;
    question.dir = dir_;
    question.address = address;
    question.config = config_;
    question.key = device_.key;
    question.clock = &town_.clock;
    return question;
  }
  // The last step, which must be this one.
  LinkStep Last(const LinkQuestion& question, LinkStep::Kind kind) {
    const LinkReport report = ExamineLink(question);
    EXPECT_FALSE(report.steps.empty());
    const LinkStep last = report.steps.empty() ? LinkStep() : report.steps.back();
    EXPECT_EQ(last.kind, kind) << last.text;
    EXPECT_EQ(last.advice.empty(), last.good) << last.text;
    return last;
  }

  Town town_;
  Town::Device device_;
  const std::string dir_;
  v1::StationConfig config_;
};

// ---------------------------------------------------------------- the folder

v1::ExamineResponse FolderWith(const std::string& dir, const DiskRoom& room) {
  return CheckFolder(dir, [room](const std::string&) { return room; }).Answer("station");
}

TEST_F(DoctorTest, AFullDiskAndOneThatCanOnlyBeReadAreFound) {
  const DiskRoom roomy = Must(Roomy(""));
  ExpectFound(FolderWith(dir_, roomy), "disk.room", v1::HEALTH_GOOD, "MB");
  DiskRoom room = roomy;
  room.free_bytes = kFewBytes - 1;
  ExpectFound(FolderWith(dir_, room), "disk.room", v1::HEALTH_ATTENTION, "不多");
  room.free_bytes = kTooFewBytes - 1;
  ExpectFound(FolderWith(dir_, room), "disk.room", v1::HEALTH_PROBLEM, "快满了");
  room = roomy;
  room.free_files = kFewFiles - 1;
  ExpectFound(FolderWith(dir_, room), "disk.files", v1::HEALTH_ATTENTION, "不多");
  room.free_files = kTooFewFiles - 1;
  ExpectFound(FolderWith(dir_, room), "disk.files", v1::HEALTH_PROBLEM, "用完");
  room = roomy;
  room.read_only = true;
  ExpectFound(FolderWith(dir_, room), "disk.write", v1::HEALTH_PROBLEM, "只能读");
  ExpectFound(CheckFolder(town_.Dir("nosuch")).Answer("station"), "disk.room", v1::HEALTH_PROBLEM, "没有这个文件");
  EXPECT_GT(Must(RoomOnDisk(dir_)).bytes, 0u);
}

TEST_F(DoctorTest, FilesThatOthersMayReadAreNamed) {
  Must(KeepPrivate(dir_));
  ExpectFound(CheckFolder(dir_, Roomy).Answer("station"), "folder.modes", v1::HEALTH_GOOD, "属主");
  ASSERT_EQ(chmod(KeyPath(dir_).c_str(), 0640), 0);
  ExpectFound(CheckFolder(dir_, Roomy).Answer("station"), "folder.modes", v1::HEALTH_ATTENTION, KeyPath(dir_));
  ExpectFound(Keys(), "key.file", v1::HEALTH_PROBLEM, "别的用户");
}

TEST_F(DoctorTest, FilesOfAnotherUserAreNamed) {
  ExpectFound(CheckFolder(dir_, Roomy).Answer("station"), "folder.owner", v1::HEALTH_GOOD, "都属于");
  constexpr uid_t kNobodys = 64321;
  if (chown(KeyPath(dir_).c_str(), kNobodys, kNobodys) != 0) return;  // only root can make this fault
  ExpectFound(CheckFolder(dir_, Roomy).Answer("station"), "folder.owner", v1::HEALTH_PROBLEM, KeyPath(dir_));
}

TEST_F(DoctorTest, AMarkThatIsGoneOrDamagedIsFound) {
  auto mark = [&](bool open) {
    Findings findings;
    CheckMark(dir_, open, &findings);
    return findings.Answer("station");
  };
  ExpectFound(mark(true), "store.mark", v1::HEALTH_ATTENTION, "不见了");
  Must(Must(HeadMark::Open(DbPath(dir_)))->Start("database", 7));
  ExpectFound(mark(true), "store.mark", v1::HEALTH_GOOD, "第 7 次");
  EXPECT_EQ(mark(false).findings_size(), 0);
  ASSERT_EQ(mark(false).not_checked_size(), 1);
  std::ofstream(HeadMark::PathIn(DbPath(dir_))) << "damaged";
  ExpectFound(mark(true), "store.mark", v1::HEALTH_PROBLEM, "损坏");
}

// ---------------------------------------------------------------- keys

TEST_F(DoctorTest, AKeyThatIsNotTheCertificatesIsFound) {
  ExpectFound(Keys(), "key.file", v1::HEALTH_GOOD, "一对");
  ExpectFound(Keys(), "key.certificate", v1::HEALTH_GOOD, device_.config.node_id());
  ASSERT_EQ(unlink(KeyPath(dir_).c_str()), 0);
  ExpectFound(Keys(), "key.file", v1::HEALTH_PROBLEM, "没有钥匙文件");
  Must(SaveKeyPair(KeyPath(dir_), GenerateKeyPair(SystemRandom())));
  ExpectFound(Keys(), "key.file", v1::HEALTH_PROBLEM, "不是一对");
  std::ofstream(KeyPath(dir_)) << "damaged";
  ExpectFound(Keys(), "key.file", v1::HEALTH_PROBLEM, "损坏");
}

TEST_F(DoctorTest, ACertificateOfAnotherDeviceOrTownIsFound) {
  const Town::Device other = town_.EnrolDevice("b", "D058");
  Must(WriteCertificate(dir_, other.certificate.der));
  ExpectFound(Keys(), "key.certificate", v1::HEALTH_PROBLEM, other.config.node_id());
  const std::string strange = Must(IssueDevice(NewAuthority(kNow), device_.certificate.name, device_.key.public_key,
                                               kNow, kNow + kDayMs));
  Must(WriteCertificate(dir_, strange));
  ExpectFound(Keys(), "key.certificate", v1::HEALTH_PROBLEM, "不是本镇");
  ASSERT_EQ(unlink((dir_ + "/certificate.der").c_str()), 0);
  ExpectFound(Keys(), "key.certificate", v1::HEALTH_PROBLEM, "还没有证书");
}

TEST_F(DoctorTest, AnExpiredCertificateIsTold) {
  ExpectFound(Keys(), "key.dates", v1::HEALTH_GOOD, "自动更新");
  ExpectFound(Keys(kNow + (kCertificateDays - 30) * kDayMs), "key.dates", v1::HEALTH_ATTENTION, "该更新");
  ExpectFound(Keys(kNow + (kCertificateDays + 1) * kDayMs), "key.dates", v1::HEALTH_ATTENTION, "过期");
  ExpectFound(Keys(k2010), "key.dates", v1::HEALTH_ATTENTION, "时钟");
}

TEST_F(DoctorTest, KeysOfAHubAreFound) {
  const std::string hub = town_.Dir("hub");
  auto keys = [&](const std::string& known) {
    Findings findings;
    CheckHubKeys(hub, known, &findings);
    return findings.Answer("hub");
  };
  const std::string known = Must(LoadKeyPair(KeyPath(hub))).public_key;
  EXPECT_EQ(keys(known).health(), v1::HEALTH_GOOD) << keys(known).DebugString();
  ASSERT_EQ(unlink(KeyPath(hub).c_str()), 0);
  Must(SaveKeyPair(KeyPath(hub), GenerateKeyPair(SystemRandom())));
  ExpectFound(keys(known), "key.file", v1::HEALTH_PROBLEM, "不是镇中心启动时");
  Authority mixed = town_.authority();
  mixed.secret_key = NewAuthority(kNow).secret_key;
  ASSERT_EQ(unlink((hub + "/authority").c_str()), 0);
  ExpectFound(keys(known), "key.authority", v1::HEALTH_PROBLEM, "没有文件");
  std::ofstream(hub + "/authority") << "damaged";
  ASSERT_EQ(chmod((hub + "/authority").c_str(), 0600), 0);
  ExpectFound(keys(known), "key.authority", v1::HEALTH_PROBLEM, "不能用");
  ASSERT_EQ(unlink((hub + "/authority").c_str()), 0);
  Must(SaveAuthority(hub + "/authority", mixed));
  ExpectFound(keys(known), "key.authority", v1::HEALTH_PROBLEM, "authority");
}

// ---------------------------------------------------------------- clock, records, backups

TEST_F(DoctorTest, AClockInDoubtOrFarFromTheHubsIsFound) {
  auto clock = [](const v1::ClockState& state, const int64_t* hub_ahead) {
    Findings findings;
    CheckClock(state, hub_ahead, &findings);
    return findings.Answer("station");
  };
  v1::ClockState state;
  ExpectFound(clock(state, nullptr), "clock", v1::HEALTH_GOOD, "没有看出");
  int64_t ahead = 3'000;
  ExpectFound(clock(state, &ahead), "clock", v1::HEALTH_GOOD, "慢 3 秒");
  ahead = -kClockDiffersMs - 1'000;
  ExpectFound(clock(state, &ahead), "clock", v1::HEALTH_ATTENTION, "快 301 秒");
  state.set_told_ms(kNow);
  state.set_ahead_ms(-2 * kClockDiffersMs);
  ExpectFound(clock(state, nullptr), "clock", v1::HEALTH_ATTENTION, "慢 600 秒");
  SetClock wrong(k2010);  // a box without a battery, at a whole station
  std::unique_ptr<StationNode> node = town_.Open("a", &wrong);
  ExpectFound(clock(Must(node->records()->GetStatus({})).clock(), nullptr), "clock", v1::HEALTH_ATTENTION, "不可信");
}

TEST_F(DoctorTest, AnOldBackupIsFound) {
  auto backup = [](int64_t last) {
    Findings findings;
    CheckBackup(last, kNow, &findings);
    return findings.Answer("hub");
  };
  ExpectFound(backup(0), "backup", v1::HEALTH_ATTENTION, "从来没有");
  ExpectFound(backup(kNow - kHourMs), "backup", v1::HEALTH_GOOD, "小时前");
  ExpectFound(backup(kNow - kOldBackupMs - 1), "backup", v1::HEALTH_ATTENTION, "7天前");
  ExpectFound(backup(kNow - kVeryOldBackupMs - 1), "backup", v1::HEALTH_PROBLEM, "30天前");
}

TEST_F(DoctorTest, OpsThatLieLongWithoutAReceiptAreFound) {
  int port = 0;
  close(ListenOnLoopback(&port));
  std::unique_ptr<StationNode> node = town_.Open("a", nullptr, Cat("127.0.0.1:", port));
  auto pending = [&](int64_t now) {
    Findings findings;
    CheckPending(*node->store(), Must(node->records()->GetStatus({})), now, &findings);
    return findings.Answer("station");
  };
  ExpectFound(pending(kNow), "records.pending", v1::HEALTH_GOOD, "没有");
  Work(node.get(), "2026-11-20");
  ExpectFound(pending(kNow + kDayMs), "records.pending", v1::HEALTH_GOOD, "1 条");
  ExpectFound(pending(kNow + kLongPendingMs + kHourMs), "records.pending", v1::HEALTH_ATTENTION, "1 条");
}

TEST_F(DoctorTest, RefusedOpsAndDamagedFilesAreFound) {
  auto records = [](const v1::GetStatusResponse& status) {
    Findings findings;
    CheckRecords(status, &findings);
    return findings.Answer("hub");
  };
  v1::GetStatusResponse status;
  EXPECT_EQ(records(status).health(), v1::HEALTH_GOOD);
  status.set_refused(2);
  ExpectFound(records(status), "records.refused", v1::HEALTH_ATTENTION, "2 条");
  status.set_held(3);
  ExpectFound(records(status), "records.held", v1::HEALTH_ATTENTION, "3 条");
  status.set_conflicts(4);
  ExpectFound(records(status), "records.conflicts", v1::HEALTH_ATTENTION, "4 处");
  status.mutable_files()->set_damaged(1);
  ExpectFound(records(status), "records.files", v1::HEALTH_PROBLEM, "1 个");
}

// ---------------------------------------------------------------- the link

TEST_F(DoctorTest, AGoodLinkIsGoodInEveryStep) {
  const LinkReport report = ExamineLink(Question(town_.address()));
  ASSERT_EQ(report.steps.size(), 4u) << report.steps.back().text;
  for (const LinkStep& step : report.steps) EXPECT_TRUE(step.good) << step.text;
  EXPECT_EQ(report.hub_time_ms, kNow);
  EXPECT_EQ(report.hub_version, ProgramVersion());
}

TEST_F(DoctorTest, AHubThatIsNotThereIsRefusedAtTheConnection) {
  int port = 0;
  close(ListenOnLoopback(&port));
  const LinkStep last = Last(Question(Cat("127.0.0.1:", port)), LinkStep::kConnect);
  EXPECT_FALSE(last.good);
  EXPECT_THAT(last.text, HasSubstr("拒绝连接"));
  EXPECT_THAT(Last(Question(""), LinkStep::kName).text, HasSubstr("没有写"));
}

TEST_F(DoctorTest, AnUnknownNameAndAResolverThatHangsAreFoundAtTheName) {
  LinkQuestion question = Question("hub.example:7061");
  question.resolve = [](const std::string&) { return absl::NotFoundError("unknown"); };
  EXPECT_THAT(Last(question, LinkStep::kName).text, HasSubstr("找不到主机名 hub.example"));
  auto let_go = std::make_shared<absl::Notification>();
  question.resolve = [let_go](const std::string&) -> absl::StatusOr<std::vector<std::string>> {
    let_go->WaitForNotification();
    return std::vector<std::string>{"127.0.0.1"};
  };
  question.step_ms = kShortMs;
  EXPECT_THAT(Last(question, LinkStep::kName).text, HasSubstr("没有回答"));
  let_go->Notify();
}

TEST_F(DoctorTest, AnotherServiceOnThePortIsFoundAtTls) {
  PlainPage page("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const LinkStep last = Last(Question(Cat("127.0.0.1:", page.port())), LinkStep::kTls);
  EXPECT_FALSE(last.good);
  EXPECT_THAT(last.text, HasSubstr("别的程序"));
}

TEST_F(DoctorTest, APortThatSaysNothingEndsInTime) {
  int port = 0;
  const int listener = ListenOnLoopback(&port);
  LinkQuestion question = Question(Cat("127.0.0.1:", port));
  question.step_ms = kShortMs;
  EXPECT_THAT(Last(question, LinkStep::kTls).text, HasSubstr("超时"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(AskOwnPort(question.address, false, kShortMs)));
  close(listener);
  EXPECT_TRUE(absl::IsUnavailable(AskOwnPort(question.address, false, 5'000)));
}

TEST_F(DoctorTest, AHubOfAnotherTownIsFoundAtTls) {
  Town other;
  const LinkStep last = Last(Question(other.address()), LinkStep::kTls);
  EXPECT_FALSE(last.good);
  EXPECT_THAT(last.text, HasSubstr("不是本镇的镇中心"));
}

TEST_F(DoctorTest, ARevokedDeviceIsFoundAtTheHello) {
  v1::RevokeNodeRequest request;
  request.set_node_id(device_.config.node_id());
  request.set_reason("丢了");
  Must(town_.hub().registry()->RevokeNode(request).status());
  const LinkStep last = Last(Question(town_.address()), LinkStep::kHello);
  EXPECT_FALSE(last.good);
  EXPECT_THAT(last.text, HasSubstr("吊销"));
}

TEST_F(DoctorTest, AHelloLeavesTheSessionThatRunsAlone) {
  std::unique_ptr<StationNode> node = town_.Open("a");
  ASSERT_TRUE(AwaitSynced(node.get()));
  const uint64_t attempts = node->uplink()->state().attempts;
  EXPECT_EQ(ExamineLink(Question(town_.address())).steps.size(), 4u);
  Work(node.get(), "2026-11-20");
  EXPECT_TRUE(AwaitSynced(node.get()));
  EXPECT_EQ(node->uplink()->state().attempts, attempts);
}

// ---------------------------------------------------------------- whole nodes

TEST_F(DoctorTest, AStationIsExaminedWithAndWithoutItsStore) {
  std::unique_ptr<StationNode> node = town_.Open("a");
  ASSERT_TRUE(AwaitSynced(node.get()));
  StationExamination x{dir_, CheckFolder(dir_, Roomy), node.get(), absl::OkStatus(), &town_.clock};
  v1::ExamineResponse open = Examine(x);
  EXPECT_EQ(open.role(), "station");
  for (const char* check : {"folder.config", "key.file", "key.certificate", "store.open", "clock", "records.pending",
                            "link.name", "link.connect", "link.tls", "link.hello", "link", "versions"})
    EXPECT_EQ(Found(open, check).health(), v1::HEALTH_GOOD) << check << ": " << Found(open, check).text();
  x.node = nullptr;
  x.opened = absl::DataLossError("数据库的末尾缺失");
  v1::ExamineResponse closed = Examine(x);
  ExpectFound(closed, "store.open", v1::HEALTH_PROBLEM, "末尾缺失");
  ExpectFound(closed, "link.hello", v1::HEALTH_GOOD, "认得");
  EXPECT_EQ(closed.health(), v1::HEALTH_PROBLEM);
  EXPECT_GE(closed.not_checked_size(), 1);
}

TEST_F(DoctorTest, AHubIsExaminedWithAndWithoutItsStore) {
  HubExamination x{town_.Dir("hub"), CheckFolder(town_.Dir("hub"), Roomy), &town_.hub(), absl::OkStatus(),
                   &town_.clock};
  v1::ExamineResponse open = Examine(x);
  EXPECT_EQ(open.role(), "hub");
  ExpectFound(open, "port", v1::HEALTH_GOOD, town_.address());
  ExpectFound(open, "backup", v1::HEALTH_ATTENTION, "从来没有");
  ExpectFound(open, "key.authority", v1::HEALTH_GOOD, "完好");
  x.node = nullptr;
  x.opened = absl::UnavailableError("数据文件夹正被另一个程序使用");
  v1::ExamineResponse closed = Examine(x);
  ExpectFound(closed, "store.open", v1::HEALTH_PROBLEM, "另一个程序");
  ExpectFound(closed, "key.file", v1::HEALTH_GOOD, "完好");
}

}  // namespace
}  // namespace liaison
