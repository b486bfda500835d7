// Photos and files in backups of the hub: kept beside the backups, read through, and brought back.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/api/dispatcher.h"
#include "common/attachments/file_store.h"
#include "common/cli/core/process.h"
#include "common/daemon/rest.h"
#include "common/record/json.h"
#include "hub/keep/kept_files.h"
#include "liaison/v1/backups.pb.h"
#include "tests/attachments/files.h"
#include "tests/bundle/stick.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BackupFiles : public StickTest {
 protected:
  // A hub that holds a photo of each of these sizes; their hashes.
  std::vector<std::string> TakePhotos(const std::vector<size_t>& sizes) {
    auto station = Enrol("D057", "HK-D057");
    const std::string matter = Visit(station.get(), "三组水渠垮了");
    std::vector<std::string> hashes;
    for (size_t size : sizes) {
      const std::string photo = Photo(size, size);
      hashes.push_back(Attach(station.get(), matter, photo, "渠.jpg"));
      EXPECT_TRUE(hub_->files()->Add(photo).ok());
    }
    EXPECT_TRUE(ToHub(Export(station.get(), "D057")).ok());
    return hashes;
  }
  absl::StatusOr<v1::BackupResponse> Backup(const std::string& folder) {
    clock_.Advance(60'000);
    v1::BackupRequest request;
    request.set_folder(folder);
    ASSIGN_OR_RETURN(const std::string json,
                     hub_->dispatcher().Call("/liaison.v1.BackupService/Backup", ToJson(request), Caller()));
    v1::BackupResponse response;
    RETURN_IF_ERROR(FromJson(json, &response));
    return response;
  }
  cli::ProcessResult Hub(std::vector<std::string> args) {
    args.insert(args.begin(), {"-c", "exec \"$0\" \"$@\" 2>&1", InBuild("/bin/liaison-hub")});
    return Must(cli::RunProcess("/bin/sh", args, ""));
  }
  std::string PackOf(const std::string& hash) const {
    for (const auto& entry : fs::recursive_directory_iterator(Dir("to/files")))
      if (entry.path().filename().string().starts_with(Hex(hash))) return entry.path().string();
    return "";
  }
  static uid_t OwnerOf(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info.st_uid;
  }
};

TEST_F(BackupFiles, ComeBackByteForByte) {
  const std::vector<std::string> hashes = TakePhotos({1000, 70'000, 200'000});
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  EXPECT_EQ(made.attachments(), 3);
  EXPECT_EQ(made.attachments_new(), 3);
  EXPECT_EQ(made.attachments_lacking(), 0);
  EXPECT_THAT(made.problems(), IsEmpty());
  for (const std::string& hash : hashes)  // no easier to read than the records there
    EXPECT_EQ(ReadBytes(PackOf(hash)).find(Must(hub_->files()->Read(hash)).substr(100, 32)), std::string::npos);
  v1::ListBackupsResponse listed;
  Must(FromJson(Must(hub_->dispatcher().Call("/liaison.v1.BackupService/ListBackups", "{}", Caller())), &listed));
  ASSERT_EQ(listed.backups_size(), 1);
  EXPECT_EQ(listed.backups(0).attachments(), 3);
  cli::ProcessResult verified = Hub({"verify-backup", Dir("to")});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("照片和文件 3 个，完好 3 个"));
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("again")});
  EXPECT_EQ(restored.exit_code, 0) << restored.out;
  EXPECT_THAT(restored.out, AllOf(HasSubstr("照片和文件 3 个"), Not(HasSubstr("注意"))));
  FileStore::Options files;
  files.dir = Dir("again/files");
  files.vault = Must(OpenVault(Dir("again")));
  const std::unique_ptr<FileStore> again = Must(FileStore::Open(std::move(files)));
  for (const std::string& hash : hashes) EXPECT_EQ(Must(again->Read(hash)), Must(hub_->files()->Read(hash)));
}

TEST_F(BackupFiles, AreWrittenOnceForAllBackupsOfAFolder) {
  const std::vector<std::string> hashes = TakePhotos({1000, 2000});
  Must(Backup(Dir("to")).status());
  const std::string pack = PackOf(hashes[0]), before = ReadBytes(pack);
  v1::BackupResponse second = Must(Backup(Dir("to")));
  EXPECT_EQ(second.attachments(), 2);
  EXPECT_EQ(second.attachments_new(), 0);
  EXPECT_EQ(ReadBytes(pack), before);
  FlipByte(pack, before.size() / 2);
  second = Must(Backup(Dir("to")));  // what is damaged is written again
  EXPECT_EQ(second.attachments_new(), 1);
  EXPECT_EQ(Hub({"verify-backup", Dir("to")}).exit_code, 0);
}

TEST_F(BackupFiles, DamageAndLossAreFoundAndTheRestIsRestored) {
  const std::vector<std::string> hashes = TakePhotos({1000, 2000, 3000});
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  FlipByte(PackOf(hashes[0]), 700);
  fs::remove(PackOf(hashes[1]));
  CheckedPacks checked;
  std::string id;
  ASSERT_TRUE(Unhex(made.backup().id(), &id));
  const KeptFiles kept = Must(CheckKeptFiles(made.file(), id, &checked));
  EXPECT_EQ(kept.damaged, 2u);
  cli::ProcessResult verified = Hub({"verify-backup", made.file()});
  EXPECT_EQ(verified.exit_code, 1) << verified.out;
  EXPECT_THAT(verified.out, AllOf(HasSubstr("2 个已损坏或不见了"), HasSubstr(Hex(hashes[0]))));
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("again")});
  EXPECT_EQ(restored.exit_code, 0) << restored.out;
  EXPECT_THAT(restored.out, AllOf(HasSubstr("照片和文件 1 个"), HasSubstr("注意：照片和文件有 2 个")));
  EXPECT_EQ(FilesBelow(Dir("again/files")).size(), 1u);
}

TEST_F(BackupFiles, AnOlderBackupRestoresAsBefore) {
  TakePhotos({1000});
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  fs::remove(fs::path(made.file()).replace_extension(".filelist"));  // an older program wrote none
  fs::remove_all(Dir("to/files"));
  EXPECT_EQ(Hub({"verify-backup", Dir("to")}).exit_code, 0);
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("again")});
  EXPECT_EQ(restored.exit_code, 0) << restored.out;
  EXPECT_THAT(restored.out, Not(HasSubstr("注意")));
  EXPECT_FALSE(fs::exists(Dir("again/files")));
}

TEST_F(BackupFiles, WithoutTheKeysFileTheyStayClosedAndThatIsSaid) {
  TakePhotos({1000});
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  fs::remove(made.keys_file());
  EXPECT_EQ(Hub({"verify-backup", Dir("to")}).exit_code, 0);  // every byte is as it was written
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("again")});
  EXPECT_EQ(restored.exit_code, 0) << restored.out;
  EXPECT_THAT(restored.out, HasSubstr("1 个没有恢复：没有密钥文件"));
}

TEST_F(BackupFiles, ADamagedListIsSaidAndTheRecordsAreRestored) {
  TakePhotos({1000});
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  const std::string list = fs::path(made.file()).replace_extension(".filelist");
  FlipByte(list, fs::file_size(list) / 2);
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("again")});
  EXPECT_EQ(restored.exit_code, 0) << restored.out;
  EXPECT_THAT(restored.out, HasSubstr("照片和文件都没有恢复：文件 "));
  EXPECT_FALSE(fs::exists(Dir("again/files")));
}

TEST_F(BackupFiles, WhatTheHubLacksIsCounted) {
  TakePhotos({1000});
  auto other = Enrol("B", "HK-D058");
  Attach(other.get(), Visit(other.get(), "路"), Photo(500), "路.jpg");
  ASSERT_TRUE(ToHub(Export(other.get(), "B")).ok());  // the records alone
  const v1::BackupResponse made = Must(Backup(Dir("to")));
  EXPECT_EQ(made.attachments(), 1);
  EXPECT_EQ(made.attachments_lacking(), 1);
}

TEST_F(BackupFiles, ABackupIntoTheHubsOwnFolderIsRefused) {
  fs::create_directory_symlink(Dir("hub"), Dir("link"));
  for (const char* folder : {"hub", "hub/db", "hub/backups", "hub/db/../files", "link/new/one"}) {
    absl::Status refused = Backup(Dir(folder)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << folder << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("自己的数据文件夹"));
  }
  EXPECT_FALSE(fs::exists(Dir("hub/backups")));
  for (const auto& [name, size] : FilesBelow(Dir("hub"))) EXPECT_FALSE(name.ends_with(".archive")) << name;
  EXPECT_TRUE(Backup(Dir("hub-backups")).ok());  // beside it
}

TEST_F(BackupFiles, WhatRootRestoresIsTheServices) {
  if (geteuid() != 0) return;  // nobody else can give files away
  constexpr uid_t kService = 12'345;
  const std::vector<std::string> hashes = TakePhotos({1000});
  Must(Backup(Dir("to")).status());
  fs::create_directory(Dir("service"));
  ASSERT_EQ(chown(Dir("service").c_str(), kService, kService), 0);
  cli::ProcessResult restored = Hub({"restore", Dir("to"), "--data", Dir("service/hub")});
  ASSERT_EQ(restored.exit_code, 0) << restored.out;
  for (const char* path : {"service/hub", "service/hub/key", "service/hub/db", "service/hub/db/CURRENT"})
    EXPECT_EQ(OwnerOf(Dir(path)), kService) << path;
  EXPECT_EQ(OwnerOf(PathIn(Dir("service/hub/files"), hashes[0])), kService);
  fs::create_directory(Dir("plain"));
  ASSERT_EQ(Hub({"restore", Dir("to"), "--data", Dir("plain/hub")}).exit_code, 0);
  EXPECT_EQ(OwnerOf(Dir("plain/hub")), 0u);  // nobody else is near
}

}  // namespace
}  // namespace liaison
