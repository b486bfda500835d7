// The data key of a folder: its slots, who opens them, and an old folder that is encrypted under kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "common/attachments/file_store.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/daemon/daemon.h"
#include "common/daemon/encrypt_folder.h"
#include "common/daemon/rest.h"
#include "common/daemon/tpm.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing_store::TempDir;

constexpr char kWord[] = "水渠垮了没人修";
constexpr char kPassphrase[] = "长一点的口令也记得住";
constexpr PasswordCost kQuick{8, 1};

std::string BytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

class RestFolder : public testing::Test {
 protected:
  const std::string& dir() const { return folder_.path(); }
  std::string In(const std::string& name) const { return Cat(dir(), "/", name); }
  std::vector<v1::RestSlot> Slots() {
    const v1::RestConfig config = Must(ReadRest(dir()));
    return {config.slots().begin(), config.slots().end()};
  }
  void Write(const VaultPtr& vault, const std::string& key) {
    std::unique_ptr<Kv> kv = Must(OpenDatabase(dir(), RocksOptions{false, vault}));
    Must(kv->Write({{key, kWord}}, true));
  }
  bool Reads(const VaultPtr& vault, const std::string& key) {
    std::unique_ptr<Kv> kv = Must(OpenDatabase(dir(), RocksOptions{false, vault}));
    return kv->Get(key) == kWord;
  }
  // A folder that only a person can open.
  std::string Lock() {
    const VaultPtr vault = Must(PrepareVault(dir()));
    Must(AddPassphrase(dir(), *vault, kPassphrase, SystemRandom(), kQuick));
    const std::string code = Must(AddRecoveryCode(dir(), *vault, SystemRandom()));
    Must(RemoveSlot(dir(), Slots().front().id()));
    return code;
  }

  TempDir folder_;
};

TEST_F(RestFolder, ANewOneIsEncryptedFromItsFirstFileAndOpensByItself) {
  Write(nullptr, "a");
  EXPECT_TRUE(Reads(nullptr, "a"));
  const std::vector<v1::RestSlot> slots = Slots();
  ASSERT_EQ(slots.size(), 1u);
  EXPECT_EQ(slots[0].kind(), "file");
  EXPECT_FALSE(Must(ReadRest(dir())).migrating());
  EXPECT_TRUE(LooksEncrypted(BytesOf(In("db/CURRENT"))));
  for (const char* name : {kRestFile, kRestKeyFile}) {
    struct stat info {};
    ASSERT_EQ(stat(In(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u) << name;
  }
}

TEST_F(RestFolder, EachSlotOpensTheSameKey) {
  const VaultPtr vault = Must(PrepareVault(dir()));
  Must(AddPassphrase(dir(), *vault, kPassphrase, SystemRandom(), kQuick));
  const std::string code = Must(AddRecoveryCode(dir(), *vault, SystemRandom()));
  Write(vault, "a");
  int64_t now_ms = 0;
  VaultDoor door(dir(), [&] { return now_ms; });
  const std::string spaced = Cat(" ", code.substr(0, 10), " ", code.substr(10));
  for (const std::string& typed : {std::string(kPassphrase), code, spaced}) {
    absl::StatusOr<VaultPtr> opened = door.Try(typed);
    ASSERT_TRUE(opened.ok()) << typed << opened.status();
    EXPECT_EQ((*opened)->data_key(), vault->data_key());
    EXPECT_TRUE(Reads(*opened, "a"));
  }
  EXPECT_EQ(code.size(), 34u) << "28 digits in fours";
}

TEST_F(RestFolder, ASlotThatIsRemovedOpensNothingAndTheDataStay) {
  Write(nullptr, "a");
  const std::string code = Lock();
  EXPECT_FALSE(fs::exists(In(kRestKeyFile)));
  const absl::Status locked = OpenVault(dir()).status();
  EXPECT_EQ(locked.code(), absl::StatusCode::kFailedPrecondition) << locked;
  EXPECT_THAT(std::string(locked.message()), HasSubstr("口令或恢复码"));
  EXPECT_EQ(PrepareVault(dir()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Reads(Must(VaultDoor(dir()).Try(code)), "a"));
  for (const v1::RestSlot& slot : Slots())
    if (slot.kind() == kRecoverySlot) Must(RemoveSlot(dir(), slot.id()));
  EXPECT_EQ(VaultDoor(dir()).Try(code).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(RemoveSlot(dir(), Slots().front().id()).code(), absl::StatusCode::kFailedPrecondition) << "the last one";
  EXPECT_EQ(RemoveSlot(dir(), 99).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(VaultDoor(dir()).Try(kPassphrase).ok());
}

TEST_F(RestFolder, WrongOnesWaitAlsoAfterARestart) {
  Lock();
  int64_t now_ms = 0;
  const auto clock = [&] { return now_ms; };
  {
    VaultDoor door(dir(), clock);
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(door.Try("wrong").status().code(), absl::StatusCode::kUnauthenticated) << i;
    const absl::Status waits = door.Try(kPassphrase).status();
    EXPECT_EQ(waits.code(), absl::StatusCode::kFailedPrecondition) << waits;
    EXPECT_THAT(std::string(waits.message()), HasSubstr("1分钟"));
  }
  VaultDoor again(dir(), clock);
  EXPECT_EQ(again.WaitMs(), 60'000);
  EXPECT_EQ(again.Try(kPassphrase).status().code(), absl::StatusCode::kFailedPrecondition);
  now_ms += 60'000;
  EXPECT_EQ(again.Try("wrong").status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(again.WaitMs(), 120'000) << "doubled";
  now_ms += 120'000;
  EXPECT_TRUE(again.Try(kPassphrase).ok());
  EXPECT_EQ(again.WaitMs(), 0);
  EXPECT_EQ(VaultDoor(dir(), clock).WaitMs(), 0);
}

TEST_F(RestFolder, AShortPassphraseIsRefusedByName) {
  const VaultPtr vault = Must(PrepareVault(dir()));
  const absl::Status refused = AddPassphrase(dir(), *vault, "太短了", SystemRandom(), kQuick);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("口令：至少10个字符"));
  EXPECT_EQ(AddPassphrase(dir(), *Vault::New(), kPassphrase, SystemRandom(), kQuick).code(),
            absl::StatusCode::kFailedPrecondition)
      << "another folder's key";
}

TEST_F(RestFolder, WithoutRestJsonNoNewKeyIsMadeOverEncryptedFiles) {
  Write(nullptr, "a");
  fs::rename(In(kRestFile), In("away"));
  const absl::Status refused = PrepareVault(dir()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("不见了"));
  EXPECT_FALSE(fs::exists(In(kRestFile)));
  fs::rename(In("away"), In(kRestFile));
  EXPECT_TRUE(Reads(nullptr, "a"));
}

TEST_F(RestFolder, OfAnUnknownAlgorithmItIsRefused) {
  Write(nullptr, "a");
  v1::RestConfig config = Must(ReadRest(dir()));
  config.set_algorithm(2);
  Must(WriteConfig(In(kRestFile), config));
  EXPECT_EQ(PrepareVault(dir()).status().code(), absl::StatusCode::kInvalidArgument);
}

// A program of this name on PATH that keeps nothing.
class RestTpm : public RestFolder {
 protected:
  void Creds(const std::string& script) {
    const std::string path = programs_.path() + "/systemd-creds";
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ASSERT_EQ(chmod(path.c_str(), 0700), 0);
    ASSERT_EQ(setenv("PATH", Cat(programs_.path(), ":", path_).c_str(), 1), 0);
  }
  void TearDown() override { setenv("PATH", path_.c_str(), 1); }
  const std::string path_ = getenv("PATH");
  TempDir programs_;
};

TEST_F(RestTpm, OpensThroughSystemdCreds) {
  Creds("case $1 in encrypt) exec base64 -w 0 ;; decrypt) exec base64 -d ;; esac; exit 1");
  Write(nullptr, "a");
  Must(AddTpm(dir(), *Must(OpenVault(dir())), SystemRandom()));
  Must(RemoveSlot(dir(), 1));
  EXPECT_TRUE(Reads(nullptr, "a"));
  Creds("exit 1");  // the disk in another machine
  const absl::Status elsewhere = OpenVault(dir()).status();
  EXPECT_EQ(elsewhere.code(), absl::StatusCode::kDataLoss) << elsewhere;
  EXPECT_THAT(std::string(elsewhere.message()), HasSubstr("TPM"));
}

TEST_F(RestTpm, WithoutOneNoSlotIsMade) {
  const VaultPtr vault = Must(PrepareVault(dir()));
  for (const char* script : {"exit 1", "cat > /dev/null; echo something else"}) {
    Creds(script);
    EXPECT_EQ(AddTpm(dir(), *vault, SystemRandom()).code(), absl::StatusCode::kUnimplemented) << script;
  }
  EXPECT_EQ(Slots().size(), 1u);
}

// ---------------------------------------------------------------- a folder in the clear

class OldRestFolder : public RestFolder {
 protected:
  static constexpr int kPhotos = 120;
  // As a program up to 0.4.0 left it.
  OldRestFolder() {
    SeededRandom random(3);
    std::unique_ptr<FileStore> files = Files(nullptr);
    for (int i = 0; i < kPhotos; ++i) photos_.push_back(Must(files->Add(Cat("\xff\xd8\xff\xe0", kWord, i))));
    for (int table = 0; table < 5; ++table) {
      std::unique_ptr<Kv> kv = Must(OpenRocks(DbPath(dir()), {}));
      KvChanges changes;
      for (int i = 0; i < 200; ++i) changes[Cat("row", table, "-", i)] = Cat(kWord, Hex(random.Bytes(200)));
      Must(kv->Write(changes, true));
      rows_.insert(changes.begin(), changes.end());
    }
    std::ofstream(In("db/LOG")) << kWord;
  }
  std::unique_ptr<FileStore> Files(VaultPtr vault) {
    FileStore::Options options;
    options.dir = In("files");
    options.reserve_bytes = 0;
    options.vault = std::move(vault);
    return Must(FileStore::Open(std::move(options)));
  }
  std::vector<fs::path> DataFiles() {
    std::vector<fs::path> files;
    for (const char* below : {"db", "files"})
      for (const auto& entry : fs::recursive_directory_iterator(In(below)))
        if (entry.is_regular_file() && entry.path().filename() != "HEAD" && entry.path().filename() != "LOCK")
          files.push_back(entry.path());
    return files;
  }
  int InTheClear() {
    int count = 0;
    for (const fs::path& path : DataFiles()) {
      const std::string bytes = BytesOf(path);
      count += !bytes.empty() && !LooksEncrypted(bytes) ? 1 : 0;
    }
    return count;
  }
  bool HasWord() {
    for (const fs::path& path : DataFiles())
      if (BytesOf(path).find(kWord) != std::string::npos) return true;
    return false;
  }
  void ExpectAllThere() {
    const VaultPtr vault = Must(PrepareVault(dir()));
    std::unique_ptr<Kv> kv = Must(OpenDatabase(dir(), RocksOptions{false, vault}));
    KvChanges found;
    kv->Scan("", "", [&](std::string_view key, std::string_view value) {
      found[std::string(key)] = std::string(value);
      return true;
    });
    EXPECT_TRUE(found == rows_);
    std::unique_ptr<FileStore> files = Files(vault);
    for (const std::string& hash : photos_) EXPECT_TRUE(files->Read(hash).ok());
    EXPECT_TRUE(files->Damaged().empty());
  }

  std::vector<std::string> photos_;
  KvChanges rows_;
};

TEST_F(OldRestFolder, IsEncryptedWhole) {
  EXPECT_TRUE(HasWord());
  const auto before = fs::last_write_time(DataFiles().back());
  const fs::path last = DataFiles().back();
  ExpectAllThere();
  EXPECT_FALSE(HasWord());
  EXPECT_EQ(InTheClear(), 0);
  EXPECT_FALSE(fs::exists(In("db/LOG")));
  EXPECT_FALSE(Must(ReadRest(dir())).migrating());
  EXPECT_EQ(fs::last_write_time(last), before) << "photos keep their time";
}

TEST_F(OldRestFolder, KilledAtAnyMomentItGoesOnAndLosesNothing) {
  SeededRandom random(20261201);
  int killed = 0, halfway = 0;
  for (bool over = false; !over;) {
    const pid_t pid = fork();
    if (pid == 0) _exit(PrepareVault(dir()).ok() ? 0 : 1);
    // Work of random length, so that the kill falls anywhere.
    std::string work(1000, 'x');
    for (uint64_t spins = random.U64() % (2000 + 500 * static_cast<uint64_t>(killed)); spins > 0; --spins)
      work = Sha256(work);
    kill(pid, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    over = WIFEXITED(status);
    if (over) EXPECT_EQ(WEXITSTATUS(status), 0);
    killed += over ? 0 : 1;
    const int clear = InTheClear();
    halfway += !over && 0 < clear && clear < static_cast<int>(DataFiles().size()) ? 1 : 0;
    ASSERT_LT(killed, 5000) << "it never ends";
  }
  ExpectAllThere();
  EXPECT_FALSE(HasWord());
  EXPECT_EQ(InTheClear(), 0);
  EXPECT_GT(halfway, 0) << "no kill came in between";
  RecordProperty("kills", killed);
}

TEST_F(OldRestFolder, AnotherProgramThatHasItIsNotDisturbed) {
  std::unique_ptr<Kv> kv = Must(OpenRocks(DbPath(dir()), {}));
  EXPECT_EQ(PrepareVault(dir()).status().code(), absl::StatusCode::kUnavailable);
  for (const fs::path& file : DataFiles()) EXPECT_FALSE(LooksEncrypted(BytesOf(file))) << file;
  EXPECT_FALSE(fs::exists(In(kRestFile)));
}

TEST_F(OldRestFolder, AFileOfTwoNamesIsSomebodysCopyAndIsNotWrittenOver) {
  const fs::path photo = DataFiles().back();
  const std::string bytes = BytesOf(photo);
  fs::create_hard_link(photo, folder_.path() + "/copy");
  Must(PrepareVault(dir()));
  EXPECT_TRUE(LooksEncrypted(BytesOf(photo)));
  EXPECT_EQ(BytesOf(folder_.path() + "/copy"), bytes);
}

// What appears in the clear where all is encrypted is not taken: nobody with the disk alone can put a photo in.
TEST_F(OldRestFolder, APhotoInTheClearIsSetAside) {
  const VaultPtr vault = Must(PrepareVault(dir()));
  const std::string bytes = Cat("\xff\xd8\xff\xe0", kWord, 0), name = Hex(photos_[0]);
  ASSERT_EQ(photos_[0], Sha256(bytes));
  std::ofstream(In(Cat("files/", name.substr(0, 2), "/", name)), std::ios::binary | std::ios::trunc) << bytes;
  std::unique_ptr<FileStore> files = Files(vault);
  EXPECT_EQ(files->Read(photos_[0]).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(files->Has(photos_[0]));
  EXPECT_TRUE(files->Damaged().contains(photos_[0]));
  EXPECT_EQ(Must(files->Add(bytes)), photos_[0]);  // it comes again
  EXPECT_EQ(Must(files->Read(photos_[0])), bytes);
}

}  // namespace
}  // namespace liaison
