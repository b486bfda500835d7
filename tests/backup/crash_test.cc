// kill -9 in the middle of a backup or of a restore: what has its final name is whole.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "common/crypto/hash.h"
#include "common/store/archive.h"
#include "tests/store/fixture.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using testing_store::Node;
using testing_store::TempDir;

// Starts the child, waits for its `lines`-th line, lets it run on a little, kills it.
void RunAndKill(std::vector<std::string> arguments, int lines, uint64_t spins) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  std::string program = CRASH_CHILD;
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execv(CRASH_CHILD, argv.data());
    _exit(127);
  }
  close(ends[1]);
  char one;
  while (lines > 0 && read(ends[0], &one, 1) == 1) --lines;
  for (std::string work(1000, 'x'); spins > 0; --spins) work = Sha256(work);
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  close(ends[0]);
}

StoreOptions Options() {
  StoreOptions options;
  options.station = "HUB";
  return options;
}

void FillDatabase(const std::string& db) {
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(db, {});
  ASSERT_TRUE(kv.ok()) << kv.status();
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), Options());
  ASSERT_TRUE(store.ok()) << store.status();
  for (int i = 0; i < 50; ++i) {
    std::string action = SystemRandom()->Bytes(kActionIdBytes);
    auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
      return Action{
          "li", {{RecordId::Random(24, action, 0), {}, {{{}, 34, "", Hex(SystemRandom()->Bytes(200))}}}}, {}, ""};
    };
    ASSERT_TRUE((*store)->Commit(action, "hash", build).ok());
  }
}

TEST(BackupCrash, FilesWithTheirFinalNameAreWhole) {
  TempDir dir;
  const std::string db = dir.path() + "/db", to = dir.path() + "/to";
  FillDatabase(db);
  SeededRandom random(3);
  size_t whole = 0, parts = 0;
  for (int run = 0; run < 12; ++run) {
    RunAndKill({"make", db, to}, 1 + static_cast<int>(random.U64() % 2), random.U64() % 1'500'000);
    std::set<std::string> ids;
    for (const auto& entry : fs::directory_iterator(to)) {
      std::string name = entry.path().filename();
      if (name.ends_with(".archive") || name.ends_with(".keys")) {
        absl::StatusOr<VerifiedArchive> read = VerifyArchive(entry.path(), Options());
        ASSERT_TRUE(read.ok()) << read.status();
        ++whole;
        if (name.ends_with(".archive")) ids.insert(read->header.id);
      } else {
        EXPECT_NE(name.find(".part"), std::string::npos) << name;
        ++parts;
      }
    }
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(db, {});
    ASSERT_TRUE(kv.ok()) << kv.status();
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), Options());
    ASSERT_TRUE(store.ok()) << store.status();
    for (const Store::ArchiveMark& mark : (*store)->ArchiveMarks())
      EXPECT_TRUE(!mark.verified || ids.contains(mark.id)) << "a verified archive without its file";
    for (const std::string& id : ids) EXPECT_TRUE((*store)->ContainsArchive(id));
  }
  EXPECT_GT(parts, 0u) << "no kill fell into a backup";
  std::printf("12 kills, %zu whole files read, %zu partial ones left\n", whole, parts);
}

TEST(RestoreCrash, AFolderIsWholeOrAbsent) {
  TempDir dir;
  FillDatabase(dir.path() + "/db");
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(dir.path() + "/db", {});
  ASSERT_TRUE(kv.ok());
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(*std::move(kv), Options());
  ASSERT_TRUE(store.ok());
  absl::StatusOr<MadeArchive> made = MakeArchive(store->get(), dir.path() + "/to", {{"key", "secret"}});
  ASSERT_TRUE(made.ok()) << made.status();
  SeededRandom random(4);
  int whole = 0, cut = 0;
  for (int run = 0; run < 12; ++run) {
    std::string out = dir.path() + "/run" + std::to_string(run) + "-";
    RunAndKill({"restore", made->records_path, made->keys_path, out}, 1 + static_cast<int>(random.U64() % 2),
               random.U64() % 40000);
    for (int i = 0; i < 50; ++i) {
      std::string folder = out + std::to_string(i);
      if (fs::exists(folder + ".restoring")) ++cut;
      if (!fs::exists(folder)) {
        // What was cut short is in nobody's way.
        ASSERT_TRUE(RestoreArchive(made->records_path, made->keys_path, folder, Options()).ok());
        EXPECT_FALSE(fs::exists(folder + ".restoring"));
        break;
      }
      ++whole;
      EXPECT_TRUE(fs::exists(folder + "/key"));
      absl::StatusOr<std::unique_ptr<Kv>> restored = OpenRocks(folder + "/db", {});
      ASSERT_TRUE(restored.ok()) << restored.status();
      absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(*std::move(restored), Options());
      ASSERT_TRUE(opened.ok()) << opened.status();
      EXPECT_EQ((*opened)->Verify().ops, 50u);
      EXPECT_NE((*opened)->epoch(), (*store)->epoch());
    }
  }
  EXPECT_GT(cut, 0) << "no kill fell into a restore";
  std::printf("12 kills, %d whole folders, %d cut short\n", whole, cut);
}

}  // namespace
}  // namespace liaison
