// The real programs on a machine that gives them too little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");

// A line of the shell in `dir`; both outputs.
cli::ProcessResult Shell(const TempDir& dir, const std::string& line) {
  return Must(cli::RunProcess("/bin/sh", {"-c", Cat("cd ", dir.path(), " && exec 2>&1 && ", line)}, ""));
}

TEST(Limits, WithoutThreadsTheProgramsEndInWordsAndLoseNothing) {
  TempDir dir;
  const std::string liaison = kBinaries + "liaison";
  cli::ProcessResult made =
      Shell(dir, Cat(liaison, " hub init --data hub --roster ", InSource("/hub/fixture"), " && ", liaison,
                     " enrol --station HK-D057 --data st --hub-data hub"));
  ASSERT_EQ(made.exit_code, 0) << made.out;
  const std::string status = " call --data ", method = " /liaison.v1.RecordService/GetStatus";
  for (const std::string& program :
       {Cat(kBinaries, "liaison-hub run --data hub --http 127.0.0.1:0 --sync 127.0.0.1:0"),
        Cat(kBinaries, "liaison-station run --data st --http 127.0.0.1:0"),
        Cat(kBinaries, "liaison-hub", status, "hub", method), Cat(kBinaries, "liaison-station", status, "st", method),
        Cat(liaison, " status --data st")}) {
    // A thread's stack is as large as this limit, in KB: larger than all addresses of a process, so that there can be
    // none.
    cli::ProcessResult ended = Shell(dir, Cat("ulimit -c 0 && ulimit -s 137438953472 && exec ", program));
    EXPECT_EQ(ended.exit_code, 1) << program;
    EXPECT_THAT(ended.out, HasSubstr("出错：内存或线程不够，程序已退出。")) << program;
    EXPECT_THAT(ended.out, Not(HasSubstr("terminate"))) << program;
    EXPECT_THAT(ended.out, Not(HasSubstr("HTTP"))) << program;
  }
  for (const char* folder : {"hub", "st"}) {
    cli::ProcessResult whole = Shell(dir, Cat(liaison, " verify --data ", folder));
    EXPECT_EQ(whole.exit_code, 0) << whole.out;
  }
}

}  // namespace
}  // namespace liaison
