// kill -9 at random moments: what was acknowledged is whole and there, everything else is whole or absent.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "common/crypto/hash.h"
#include "common/store/keys.h"
#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::TempDir;

// Starts the child on `dir`, lets it acknowledge `lines` actions and run on a little, kills it, and returns
// all that it acknowledged, in whole lines.
std::string RunAndKill(const std::string& dir, size_t first, size_t lines, uint64_t spins) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  std::string number = std::to_string(first);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(CRASH_CHILD, CRASH_CHILD, dir.c_str(), number.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string output;
  char buffer[4096];
  ssize_t n;
  while (static_cast<size_t>(std::count(output.begin(), output.end(), '\n')) < lines &&
         (n = read(ends[0], buffer, sizeof(buffer))) > 0)
    output.append(buffer, static_cast<size_t>(n));
  // Some work of random length, so that the kill falls anywhere in the child's next write.
  for (std::string work(1000, 'x'); spins > 0; --spins) work = Sha256(work);
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  while ((n = read(ends[0], buffer, sizeof(buffer))) > 0) output.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  return output.substr(0, output.rfind('\n') + 1);
}

TEST(Crash, AcknowledgedActionsAreWholeAndNothingIsHalf) {
  TempDir dir;
  SeededRandom random(20261120);
  std::set<std::string> acknowledged;
  std::optional<sync::Tip> tip;
  size_t runs_with_unacknowledged = 0;
  constexpr int kKills = 30;
  for (int run = 0; run < kKills; ++run) {
    std::string output = RunAndKill(dir.path(), acknowledged.size(), 1 + random.U64() % 12, random.U64() % 8000);
    for (size_t at = 0; at < output.size(); at = output.find('\n', at) + 1) {
      std::string action;
      size_t space = output.find(' ', at);
      ASSERT_TRUE(Unhex(output.substr(space + 1, output.find('\n', at) - space - 1), &action)) << output;
      acknowledged.insert(action);
    }
    auto kv = OpenRocks(dir.path(), {});
    ASSERT_TRUE(kv.ok()) << "run " << run << ": " << kv.status();
    auto store = Store::Open(*std::move(kv), {.station = "HK-D057"});  // walks the newest log against its head
    ASSERT_TRUE(store.ok()) << "run " << run << ": " << store.status();
    Store::Check check = (*store)->Verify();  // walks all of them, folds everything afresh
    ASSERT_TRUE(check.ok()) << "run " << run << ": " << check.differences[0];
    std::map<std::string, size_t> ops;  // by action
    StoreReader reader = (*store)->Read();
    reader.kv().ScanPrefix(key::kOp, [&](std::string_view, std::string_view value) {
      absl::StatusOr<Op> op = DecodeOp(value);
      EXPECT_TRUE(op.ok());
      if (op.ok()) ++ops[op->action_id];
      return true;
    });
    size_t known = 0;
    reader.kv().ScanPrefix(key::kAction, [&](std::string_view key, std::string_view) {
      ++known;
      EXPECT_EQ(ops[std::string(key.substr(2))], 3u) << "run " << run << ": an action that is not whole";
      return true;
    });
    EXPECT_EQ(ops.size(), known) << "run " << run << ": ops without their action";
    for (const std::string& action : acknowledged) {
      ASSERT_TRUE(reader.kv().Get(key::Action(action)).has_value())
          << "run " << run << ": acknowledged action " << Hex(action) << " is gone";
      EXPECT_TRUE(reader.Load(RecordId::Random(24, action, 0)).has_value());
      EXPECT_TRUE(reader.Load(RecordId::Random(16, action, 1)).has_value());
    }
    EXPECT_EQ((*store)->pending_ops(), 3 * known);
    if (tip) {
      EXPECT_TRUE((*store)->HoldsAt(*tip));
    }
    tip = (*store)->tip();
    runs_with_unacknowledged += known > acknowledged.size() ? 1 : 0;
    // From here on those that were durable but not yet acknowledged must stay as well.
    reader.kv().ScanPrefix(key::kAction, [&](std::string_view key, std::string_view) {
      acknowledged.insert(std::string(key.substr(2)));
      return true;
    });
  }
  EXPECT_GE(acknowledged.size(), static_cast<size_t>(kKills));
  std::printf("%d kills, %zu actions, %zu kills between durable and acknowledged\n", kKills, acknowledged.size(),
              runs_with_unacknowledged);
}

}  // namespace
}  // namespace liaison
