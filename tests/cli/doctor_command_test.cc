// liaison doctor and dump before a daemon that the test plays.
#include <gmock/gmock.h>

#include "liaison/v1/doctor.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DoctorCommandTest : public CliTest {
 protected:
  void Start() {
    MakeStation();
    daemon_.Add("RecordService/GetStatus", StationStatus());
    daemon_.Add("DoctorService/Examine", examined_);
    daemon_.Add("DoctorService/Dump", dumped_);
    daemon_.Start(dir_);
  }
  void Find(v1::Health health, const std::string& text, const std::string& advice = "") {
    v1::Finding& finding = *examined_.add_findings();
    finding.set_check("clock");
    finding.set_label("时钟");
    finding.set_health(health);
    finding.set_text(text);
    finding.set_advice(advice);
    examined_.set_health(std::max(examined_.health(), health));
  }

  v1::ExamineResponse examined_;
  v1::DumpResponse dumped_;
  FakeDaemon daemon_;
};

TEST_F(DoctorCommandTest, IsDoneWhereAllIsWell) {
  Find(v1::HEALTH_GOOD, "准");
  Start();
  const Outcome outcome = Run({"doctor", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "正常  时钟：准\n总的来说：正常\n");
}

TEST_F(DoctorCommandTest, FindsWhatNeedsAttentionAlsoAsJson) {
  Find(v1::HEALTH_GOOD, "准");
  Find(v1::HEALTH_ATTENTION, "快了", "请校准\x1b[31m");
  examined_.add_not_checked("联网");
  Start();
  const Outcome outcome = Run({"doctor", "--data", dir_});
  EXPECT_EQ(outcome.code, kFound);
  EXPECT_THAT(outcome.out, HasSubstr("注意  时钟：快了\n        怎么办：请校准"));
  EXPECT_THAT(outcome.out, HasSubstr("没有看  联网\n总的来说：注意\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
  const Outcome json = Run({"doctor", "--data", dir_, "--json"});
  EXPECT_EQ(json.code, kFound);
  v1::ExamineResponse read;
  ASSERT_TRUE(FromJson(json.out, &read).ok()) << json.out;
  EXPECT_EQ(read.findings_size(), 2);
}

TEST_F(DoctorCommandTest, DumpAsksForOneThing) {
  v1::DumpedLink& link = *dumped_.mutable_chain()->add_links();
  dumped_.mutable_chain()->set_actor("HK-D057/0123456789abcdef");
  dumped_.mutable_chain()->set_trouble("第 2 条不在");
  link.set_seq(1);
  link.set_tag("89abcdef01234567");
  Start();
  EXPECT_EQ(Run({"dump", "--data", dir_}).code, kUsage);
  EXPECT_EQ(Run({"dump", "--data", dir_, "--feed", "all", "--chain", "x"}).code, kUsage);
  const Outcome outcome =
      Run({"dump", "--data", dir_, "--chain", "HK-D057/0123456789abcdef", "--from", "3", "--limit", "7"});
  EXPECT_EQ(outcome.code, kFound) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("89abcdef01234567"));
  EXPECT_THAT(outcome.out, HasSubstr("第 2 条不在"));
  const auto request = daemon_.Request<v1::DumpRequest>("DoctorService/Dump");
  EXPECT_EQ(request.chain(), "HK-D057/0123456789abcdef");
  EXPECT_EQ(request.from(), 3u);
  EXPECT_EQ(request.limit(), 7);
}

}  // namespace
}  // namespace liaison::cli
